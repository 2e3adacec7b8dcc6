// A service worker for hosts that send no headers: it adds the two that a page needs to share memory between
// threads. It looks at documents and workers only, keeps nothing, and leaves everything else to the browser.

const HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};
const WANTED = ['document', 'iframe', 'worker'];

self.addEventListener('install', () => self.skipWaiting());

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const own = new URL(request.url).origin === self.location.origin;
  if (own && WANTED.includes(request.destination)) event.respondWith(isolated(request));
});

async function isolated(request) {
  const response = await fetch(request);
  // A redirection has nothing to add to; the browser follows it and asks again.
  if (response.status === 0 || response.redirected) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(HEADERS)) headers.set(name, value);
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}

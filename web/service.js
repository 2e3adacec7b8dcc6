// The site's service worker. It keeps the page in the browser, so that it opens without a network; and where a host
// sends no headers, it adds the two that a page needs to share memory between threads.
//
// A version of the site is its list of files with their hashes. It is taken as a whole or not at all: what the page
// needs is fetched and compared before this worker takes over, and what comes later (an engine, another model's map)
// is compared with the same list. A new version waits until no page of the old one is open. The weights of the models
// are kept by the engine, under their own hashes.
//
// `cargo xtask build` writes the version and its files into the next two lines. As it stands here, nothing is kept.
const VERSION = '';
const FILES = {}; // path: [SHA-256, bytes, group]

const CACHE = `emotion-atlas-page ${self.registration.scope} `;
const HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};
const WANTED = ['document', 'iframe', 'worker'];

self.addEventListener('install', (event) => {
  event.waitUntil(keep('page'));
  // Without files there is no version that another could be mixed with.
  if (!VERSION) self.skipWaiting();
});

self.addEventListener('activate', (event) => event.waitUntil(forgetOthers()));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const path = within(request);
  if (path === null) return;
  if (Object.hasOwn(FILES, path)) event.respondWith(serve(path, request));
  else if (WANTED.includes(request.destination)) event.respondWith(isolated(request));
});

// From the page: `{ keep: [groups] }` once an engine runs, and `{ takeOver: true }` when the visitor wants the new version.
self.addEventListener('message', (event) => {
  const { keep: groups, takeOver: wanted } = event.data ?? {};
  if (groups) event.waitUntil(keep(...groups).then(() => event.source?.postMessage({ kept: groups })));
  if (wanted) event.waitUntil(takeOver(event.source));
});

// The path of a request below the site's folder, or null for what is none of ours.
function within(request) {
  const { scope } = self.registration;
  const url = new URL(request.url);
  const address = url.origin + url.pathname;
  if (request.method !== 'GET' || !address.startsWith(scope) || request.headers.has('range')) return null;
  // The page has views behind `?`; anything else that has a query is not a file of this list.
  if (url.search && request.mode !== 'navigate') return null;
  return address.slice(scope.length) || 'index.html';
}

const open = () => caches.open(CACHE + VERSION);
const address = (path) => new URL(path, self.registration.scope).href;

async function serve(path, request) {
  const cache = await open();
  const found = await cache.match(address(path));
  if (found) return found;
  try {
    return await bring(path, cache);
  } catch (error) {
    // The host has another version already. A page of it may come; a part of it, for a page of this one, must not.
    if (error instanceof Altered) self.registration.update().catch(() => {});
    if (error instanceof Altered && request.mode === 'navigate') return isolated(request);
    return Response.error();
  }
}

class Altered extends Error {}

// Fetches a file, compares it with the list, and keeps it.
async function bring(path, cache) {
  const [sha256, bytes] = FILES[path];
  const response = await fetch(address(path), { cache: 'no-cache' });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  const body = await response.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', body));
  if (Array.from(digest, (b) => b.toString(16).padStart(2, '0')).join('') !== sha256) throw new Altered(path);
  const headers = { ...HEADERS, 'Content-Length': bytes };
  const type = response.headers.get('Content-Type');
  if (type) headers['Content-Type'] = type;
  const whole = new Response(body, { headers });
  // A full disk costs the next visit some time, and this one nothing.
  await cache.put(address(path), whole.clone()).catch(() => {});
  return whole;
}

// Keeps all files of some groups; fails if one of them cannot be had as listed.
async function keep(...groups) {
  const cache = await open();
  const wanted = Object.keys(FILES).filter((path) => groups.includes(FILES[path][2]));
  for (const path of wanted) {
    if (!(await cache.match(address(path)))) await bring(path, cache);
  }
}

async function forgetOthers() {
  const names = (await caches.keys()).filter((name) => name.startsWith(CACHE) && name !== CACHE + VERSION);
  await Promise.all(names.map((name) => caches.delete(name)));
}

// Only where one page is open: the others would be left with an engine of another version.
async function takeOver(asking) {
  const all = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const others = all.filter(({ url, id }) => url.startsWith(self.registration.scope) && id !== asking?.id).length;
  if (others > 0) asking?.postMessage({ others });
  else await self.skipWaiting();
}

async function isolated(request) {
  const response = await fetch(request);
  // A redirection has nothing to add to; the browser follows it and asks again.
  if (response.status === 0 || response.redirected) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(HEADERS)) headers.set(name, value);
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}

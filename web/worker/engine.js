// Runs the engine's WebAssembly module, in a worker that start.js starts.
//
// The first message says which build to load and what is known of the GPU; all that follow are bytes of
// atlas-protocol. To start.js go bytes for the page, and objects for itself:
//   { ready }   the module runs; in the build with threads, `ready` is what a helper needs to join
//   { failed }  it could not be loaded, and why
//   { words }   what to tell the page should the module die
//   { dead }    it died
//   { moving }  the other build is to take all jobs over: send no more but a last 'close'
//   { move }    the answer to that, with all messages that were not dealt with

import { adapter } from './adapter.js';

let module = null;
let moved = null; // what is handed over to the other build

async function load({ folder, alone, noGpu }) {
  const loaded = await import(`${folder}atlas_worker.js`);
  await loaded.default();
  const shell = {
    post: (bytes) => moved || self.postMessage(bytes, [bytes.buffer]),
    remember: (words) => moved || self.postMessage({ words }),
    look: async (software) => (noGpu ? { why: noGpu } : adapter(software)),
    handOver: (gpu, failed, messages) => {
      if (alone) return false;
      moved = { gpu, failed, messages };
      self.postMessage({ moving: true });
      return true;
    },
  };
  loaded.start(shell, new URL('../models/', import.meta.url).href);
  module = loaded;
  const [wasm, memory] = loaded.parts?.() ?? [];
  self.postMessage({ ready: { module: wasm, memory } });
}

// A module that trapped is of no use any more. Any other error goes on to whoever watches this worker.
function died(error) {
  const trap = error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
  if (trap && module) self.postMessage({ dead: error.message });
  return trap && module;
}

function fail(error) {
  // Thrown outside of any promise, it reaches start.js with its text.
  setTimeout(() => {
    throw error;
  });
}

self.addEventListener('error', (event) => {
  if (died(event.error)) event.preventDefault();
});
self.addEventListener('unhandledrejection', (event) => {
  event.preventDefault();
  if (!died(event.reason)) fail(event.reason);
});

self.onmessage = ({ data }) => {
  if (data === 'close') self.postMessage({ move: moved });
  else if (moved) moved.messages.push(data);
  else if (module) module.receive(data);
  else load(data).catch((error) => self.postMessage({ failed: `${error?.message ?? error}` }));
};

// The engine's worker: loads the WebAssembly module and hands messages over.
//
// Started by the page as a module worker. Messages in both directions are bytes of atlas-protocol. A
// module that traps (out of memory, or a bug) is replaced by a fresh one with the next message; the
// page hears what happened and only has to load its model again.

// The smallest module that needs SIMD: one function that makes a vector.
const SIMD = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15,
  253, 98, 11,
]);

let engine = null; // promise of the running module
let generation = 0;
let lastWords = []; // what to tell the page should the module die

async function launch() {
  const mine = ++generation;
  if (typeof WebAssembly !== 'object') {
    throw new Error('this browser cannot run WebAssembly');
  }
  if (!WebAssembly.validate(SIMD)) {
    throw new Error('this browser is too old: its WebAssembly has no SIMD');
  }
  // Another query is another module with a memory of its own.
  const module = await import(mine === 1 ? './atlas_worker.js' : `./atlas_worker.js?again=${mine}`);
  await module.default();
  const alive = () => mine === generation && engine !== null;
  module.start(
    (bytes) => alive() && self.postMessage(bytes, [bytes.buffer]),
    (words) => alive() && (lastWords = words),
    new URL('../models/', import.meta.url).href,
  );
  return module;
}

// The module trapped. After a panic the page knows why already; without one an allocation failed, and
// the words for that lie ready.
function bury(error) {
  if (engine === null || !(error instanceof WebAssembly.RuntimeError || error instanceof RangeError)) {
    return false;
  }
  engine = null;
  const words = lastWords;
  lastWords = [];
  for (const bytes of words) self.postMessage(bytes, [bytes.buffer]);
  return true;
}

self.addEventListener('error', (event) => {
  if (bury(event.error)) event.preventDefault();
});
self.addEventListener('unhandledrejection', (event) => {
  if (bury(event.reason)) event.preventDefault();
});

// Messages keep their order while the module loads.
let line = Promise.resolve();
self.onmessage = ({ data }) => {
  line = line.then(async () => {
    let module;
    try {
      engine ??= launch();
      module = await engine;
    } catch (error) {
      engine = null;
      // Thrown outside of any promise, it reaches the page's `onerror` with its text.
      setTimeout(() => {
        throw new Error(`The engine could not start: ${error?.message ?? error}`);
      });
      return;
    }
    try {
      module.receive(data);
    } catch (error) {
      if (!bury(error)) {
        setTimeout(() => {
          throw error;
        });
      }
    }
  });
};

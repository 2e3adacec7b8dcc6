// The engine, as the page sees it: a worker that takes requests and gives events, bytes of atlas-protocol.
//
// The work is done by others behind it: engine.js runs the WebAssembly module, and where memory can be shared,
// helpers lend it their threads. This one only passes messages on. So it is never busy, and hears at once
// when one of them dies. They are then replaced by fresh ones with the next message; the page hears what
// happened and only has to load its model again.
//
// There are two builds of the module: `one` knows the GPU and one thread of the CPU, `threads` knows many
// threads and no GPU. Shared memory needs a page that is cross-origin isolated.

import { adapter } from './adapter.js';
import { threads as built } from './builds.js';

const MOST_THREADS = 8;
const FOLDERS = { one: './', threads: './threads/' };

// The smallest module that needs SIMD: one function that makes a vector.
const SIMD = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15,
  253, 98, 11,
]);

const cores = navigator.hardwareConcurrency || 1;
let threads =
  built && self.crossOriginIsolated && typeof SharedArrayBuffer === 'function' && cores > 1;
let build = null; // the one to use; not yet chosen
let noGpu = null; // what is wrong with the GPU, once it has failed
let crew = null; // the workers
let waiting = []; // messages for an engine that is not ready
let lastWords = []; // what to tell the page should the engine die

function worker(file, name) {
  return new Worker(new URL(file, import.meta.url), { type: 'module', name });
}

function hire() {
  const mine = { engine: worker('./engine.js', 'engine'), helpers: [], ready: false };
  crew = mine;
  const { engine } = mine;
  engine.onmessage = ({ data }) => crew === mine && hear(data);
  engine.onerror = (event) => {
    event.preventDefault();
    if (crew === mine) crashed(plain(event));
  };
  engine.postMessage({ folder: FOLDERS[build], alone: build === 'one' && !threads, noGpu });
}

// What an error says, without the browser's words before it; a file that does not arrive says nothing.
function plain({ message }) {
  return (message ?? '').replace(/^Uncaught (Error: )?/, '');
}

function dismiss() {
  for (const each of [crew.engine, ...crew.helpers]) each.terminate();
  crew = null;
}

function hear(data) {
  if (data instanceof Uint8Array) self.postMessage(data, [data.buffer]);
  else if (data.words) lastWords = data.words;
  else if (data.ready) ready(data.ready);
  else if (data.failed) crashed(data.failed);
  else if (data.moving) stop();
  else if (data.move) move(data.move);
  else if ('dead' in data) bury();
}

function ready(parts) {
  crew.ready = true;
  if (build === 'threads') {
    for (let i = 1; i < Math.min(cores, MOST_THREADS); i++) help(crew, parts);
  }
  pass();
}

// One thread more. If it cannot be had, the engine does without; if it dies, it leaves work undone that the
// engine would wait for.
function help(mine, parts) {
  const helper = worker('./helper.js', 'helper');
  let up = false;
  helper.onmessage = () => (up = true);
  helper.onerror = (event) => {
    event.preventDefault();
    if (up && crew === mine) crashed(`a thread died: ${plain(event)}`);
  };
  helper.postMessage(parts);
  mine.helpers.push(helper);
}

// The engine died by itself. After a panic the page knows why already; without one an allocation failed, and
// the words for that lie ready.
function bury() {
  dismiss();
  for (const bytes of lastWords.splice(0)) self.postMessage(bytes, [bytes.buffer]);
}

// Something died that says nothing to the page, or it could not start.
function crashed(reason) {
  const started = crew.ready;
  dismiss();
  if (!started && build === 'threads') {
    // A memory that can be shared is asked for in one piece, and not everybody has one.
    [threads, build] = [false, 'one'];
    return hire();
  }
  fail(started ? reason : `The engine could not start: ${reason}`);
}

// Thrown outside of any promise, it reaches the page's `onerror` with its text.
function fail(words) {
  [waiting, lastWords] = [[], []];
  setTimeout(() => {
    throw new Error(words);
  });
}

// The engine asks for the other build. What it has not dealt with comes back with `move`.
function stop() {
  crew.ready = false;
  crew.engine.postMessage('close');
}

function move({ gpu, failed, messages }) {
  dismiss();
  noGpu = failed ?? noGpu;
  build = gpu ? 'one' : 'threads';
  waiting.unshift(...messages);
  hire();
}

// Messages keep their order while the engine loads.
function pass() {
  if (crew?.ready) for (const bytes of waiting.splice(0)) crew.engine.postMessage(bytes, [bytes.buffer]);
}

async function choose() {
  if (typeof WebAssembly !== 'object') throw new Error('this browser cannot run WebAssembly');
  if (!WebAssembly.validate(SIMD)) {
    throw new Error('this browser is too old: its WebAssembly has no SIMD');
  }
  // A guess, for nobody has said yet whether the GPU is wanted; the engine asks to move if it is wrong.
  build = threads && !(await adapter(false)).name ? 'threads' : 'one';
}

let chosen = null;
self.onmessage = async ({ data }) => {
  waiting.push(data);
  try {
    await (chosen ??= choose());
  } catch (error) {
    chosen = null;
    return fail(`The engine could not start: ${error.message}`);
  }
  if (crew === null) hire();
  else pass();
};

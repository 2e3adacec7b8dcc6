// A thread for the engine: waits in WebAssembly for work and never comes back.

import { initSync, serve_thread } from './threads/atlas_worker.js';

self.onmessage = ({ data }) => {
  initSync(data);
  self.postMessage('up');
  serve_thread();
};

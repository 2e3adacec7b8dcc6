// `bench.load(file, threads)` and `bench.run(prompt, tokens)`, for the driver in tests/browser/src/bin/side_by_side.rs.
import { Wllama } from '../wllama/esm/index.js';

let wllama = null;

async function load(name, threads) {
  wllama = new Wllama({ default: '../wllama/esm/wasm/wllama.wasm' }, { suppressNativeLog: true });
  const file = await (await fetch(`../gguf/${name}`)).blob();
  // No GPU here; one conversation at a time, as ours has.
  await wllama.loadModel([file], { n_ctx: 512, n_threads: threads, n_gpu_layers: 0, n_parallel: 1 });
  return {
    threads: wllama.getNumThreads(),
    llama: Wllama.getLibllamaVersion(),
    bos: wllama.mustAddBosToken(),
  };
}

async function run(prompt, tokens) {
  const start = performance.now();
  const answer = await wllama.createCompletion({
    prompt,
    max_tokens: tokens,
    temperature: 0,
    top_k: 1,
    ignore_eos: true,
    cache_prompt: false,
  });
  const seconds = (performance.now() - start) / 1000;
  return { seconds, usage: answer.usage, timings: answer.timings };
}

window.bench = { load, run };

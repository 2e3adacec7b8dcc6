"""llama.cpp: prompt and decode, tokens per second. Prints one line of JSON.

Usage: llama.py <model.gguf> <prompt.txt> <tokens to write> <runs> <threads>[,<threads>...]
"""

import json
import resource
import statistics
import sys
import time
from pathlib import Path

import llama_cpp as ll


def main(gguf, prompt, decode, runs, threads):
    llama = ll.Llama(gguf, n_ctx=512, n_batch=512, n_ubatch=512, verbose=False)
    ctx = llama.ctx
    text = Path(prompt).read_bytes()
    ids = llama.tokenize(text, add_bos=False)
    greedy = ll.llama_sampler_init_greedy()

    def feed(tokens):
        held = (ll.llama_token * len(tokens))(*tokens)
        batch = ll.llama_batch_get_one(held, len(tokens))
        assert ll.llama_decode(ctx, batch) == 0
        return ll.llama_sampler_sample(greedy, ctx, -1)

    def once():
        ll.llama_memory_clear(ll.llama_get_memory(ctx), True)
        start = time.perf_counter()
        token = feed(ids)
        prompted = time.perf_counter()
        for _ in range(decode):
            token = feed([token])
        return prompted - start, time.perf_counter() - prompted

    rows = []
    for count in threads:
        ll.llama_set_n_threads(ctx, count, count)
        once()
        times = [once() for _ in range(runs)]
        rows.append({
            "threads": count,
            "prompt": len(ids) / statistics.median(t[0] for t in times),
            "decode": decode / statistics.median(t[1] for t in times),
        })
    sys.stdout.write(json.dumps({
        "prompt_tokens": len(ids),
        "generation": rows,
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "versions": {"llama-cpp-python": ll.__version__},
        "features": ll.llama_print_system_info().decode(),
    }) + "\n")


if __name__ == "__main__":
    gguf, prompt, decode, runs, threads = sys.argv[1:]
    main(gguf, prompt, int(decode), int(runs), [int(t) for t in threads.split(",")])

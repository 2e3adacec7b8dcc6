"""PyTorch and transformers in f32, tokens per second. Prints one line of JSON.

Usage: pytorch.py generate <model.gguf> <tokenizer.json> <prompt.txt> <tokens to write> <runs> <threads>[,...]
       pytorch.py extract <model.gguf> <tokenizer.json> <stories.jsonl> <stories> <batch> <first token> <runs> <threads>[,...]
"""

import json
import os
import resource
import statistics
import sys
import time
from pathlib import Path

os.environ["TQDM_DISABLE"] = "1"
import torch
import transformers
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM
from transformers.utils import logging

logging.set_verbosity_error()


def load(gguf):
    folder, file = os.path.split(gguf)
    model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=file, dtype=torch.float32)
    return model.eval()


def generate(model, ids, decode):
    """Seconds for the prompt, and for the tokens after it, most likely first."""
    start = time.perf_counter()
    out = model(ids, use_cache=True, logits_to_keep=1)
    token = out.logits[:, -1:].argmax(-1)
    prompted = time.perf_counter()
    for _ in range(decode):
        out = model(token, past_key_values=out.past_key_values, use_cache=True)
        token = out.logits[:, -1:].argmax(-1)
    return prompted - start, time.perf_counter() - prompted


class Extractor:
    """Mean residual of every story at every layer, and mean norm, by forward hooks."""

    def __init__(self, model, first_token):
        self.model, self.first_token = model.model, first_token
        self.weights, self.found = None, []
        for module in [self.model.embed_tokens, *self.model.layers]:
            module.register_forward_hook(self.hook)

    def hook(self, _module, _inputs, output):
        residual = output[0] if isinstance(output, tuple) else output
        in_mean, in_norm = self.weights
        self.found.append((in_mean @ residual, in_norm @ residual.norm(dim=2, keepdim=True)))

    def run(self, stories):
        """Stories of one batch, padded at their end, which causal attention never sees."""
        longest = max(len(s) for s in stories)
        ids = torch.zeros(len(stories), longest, dtype=torch.long)
        weights = torch.zeros(2, len(stories), 1, longest)
        for i, story in enumerate(stories):
            ids[i, : len(story)] = torch.tensor(story)
            for kind, first in enumerate([self.first_token, 1]):
                first = min(first, len(story) - 1)
                weights[kind, i, 0, first : len(story)] = 1 / (len(story) - first)
        self.weights, self.found = weights, []
        self.model(ids, use_cache=False)
        return self.found


def generation(model, tokenizer, prompt, decode, runs, threads):
    ids = torch.tensor([tokenizer.encode(Path(prompt).read_text(), add_special_tokens=False).ids])
    rows = []
    for count in threads:
        torch.set_num_threads(count)
        generate(model, ids, 4)
        times = [generate(model, ids, decode) for _ in range(runs)]
        rows.append({
            "threads": count,
            "prompt": ids.shape[1] / statistics.median(t[0] for t in times),
            "decode": decode / statistics.median(t[1] for t in times),
        })
    return {"prompt_tokens": ids.shape[1], "generation": rows}


def extraction(model, tokenizer, corpus, stories, batch, first_token, runs, threads):
    lines = Path(corpus).read_text().splitlines()[:stories]
    texts = [tokenizer.encode(json.loads(l)["text"], add_special_tokens=False).ids for l in lines]
    texts.sort(key=len)
    tokens = sum(len(t) for t in texts)
    extractor = Extractor(model, first_token)
    rows = []
    for count in threads:
        torch.set_num_threads(count)
        extractor.run(texts[:1])
        times = []
        for _ in range(runs):
            start = time.perf_counter()
            for at in range(0, len(texts), batch):
                extractor.run(texts[at : at + batch])
            times.append(time.perf_counter() - start)
        rows.append({"threads": count, "stories": len(texts), "tokens": tokens,
                     "tokens_per_second": tokens / statistics.median(times)})
    return {"extraction": rows}


def main(what, gguf, tokenizer, source, *numbers):
    *numbers, threads = numbers
    numbers, threads = [int(n) for n in numbers], [int(t) for t in threads.split(",")]
    model, tokenizer = load(gguf), Tokenizer.from_file(tokenizer)
    with torch.inference_mode():
        work = {"generate": generation, "extract": extraction}[what]
        found = work(model, tokenizer, source, *numbers, threads)
    found["peak_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    found["versions"] = {"torch": torch.__version__, "transformers": transformers.__version__}
    found["features"] = torch.backends.cpu.get_cpu_capability()
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])

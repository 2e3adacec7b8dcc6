"""Writes fixtures/<model>.safetensors and .json: what PyTorch computes in f32.

Usage: make_parity.py [model ...]; the names and shapes are described in README.md.
"""

import json
import os
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM
from transformers.utils import logging

from make_tiny import read_q

HERE = Path(__file__).resolve().parent
MODELS = Path(os.environ.get("ATLAS_MODELS", "/work/shared/models"))
TINY = HERE / "tiny"
SMOLLM = MODELS / "smollm2-135m-instruct"
STRENGTH = 0.3  # of the mean residual norm at the edited layer, first token left out
GREEDY = 12

STORY = (
    "Once upon a time there was a little girl who lived near the sea. One day she found "
    "a small boat, and she felt so happy that she ran home to tell her mother all about it."
)
SHORT_CHAT = "<|im_start|>user\nI am late.<|im_end|>\n<|im_start|>assistant\n"
CHAT = "<|im_start|>user\nMy boss is waiting and I am late.<|im_end|>\n<|im_start|>assistant\n"
# model: edited layer, {prompt: (text, tokens kept)}
PLAN = {
    "tiny-gqa": (2, {"short": (STORY, 7), "long": (CHAT + STORY, 33)}),
    "tiny-untied": (1, {"short": (STORY, 7), "long": (CHAT + STORY, 33)}),
    "tiny-q": (2, {"short": ("In 2026 it was", 7), "long": (CHAT + STORY, 33)}),
    "atlas-lite": (4, {"short": (STORY, 7), "long": (STORY, 33)}),
    "smollm2-135m-instruct": (18, {"short": (STORY, 5), "long": (SHORT_CHAT, 12)}),
}
ROPE = {"tiny-gqa": 1e5, "tiny-untied": 5e4, "tiny-q": 1e5, "atlas-lite": 1e4,
        "smollm2-135m-instruct": 1e5}


def load(name):
    """The model in f32 and its tokenizer."""
    eager = {"dtype": torch.float32, "attn_implementation": "eager"}
    if name == "tiny-q":
        cfg, tensors = read_q()
        model = LlamaForCausalLM(LlamaConfig(**cfg, attn_implementation="eager"))
        missing, unexpected = model.load_state_dict(tensors, strict=False)
        assert missing == ["lm_head.weight"] and not unexpected, (missing, unexpected)
        model.tie_weights()
        # transformers' own reading of the same file must give the same weights.
        other = AutoModelForCausalLM.from_pretrained(TINY / name, gguf_file="tiny-q.gguf", **eager)
        for key, value in other.state_dict().items():
            assert torch.equal(value, model.state_dict()[key]), key
        return model.eval(), Tokenizer.from_file(str(TINY / name / "tokenizer.json"))
    if name.startswith("smollm2"):
        file = "SmolLM2-135M-Instruct.Q4_1.gguf"
        model = AutoModelForCausalLM.from_pretrained(SMOLLM, gguf_file=file, **eager)
        return model.eval(), Tokenizer.from_file(str(SMOLLM / "tokenizer.json"))
    at = TINY / name if name.startswith("tiny") else MODELS / name
    model = AutoModelForCausalLM.from_pretrained(at, **eager)
    return model.eval(), Tokenizer.from_file(str(at / "tokenizer.json"))


def check_rope(name, model):
    """transformers has moved the rope base about in its configs: see that it took ours."""
    size = model.config.head_dim
    wanted = ROPE[name] ** (-torch.arange(0, size, 2).float() / size)
    torch.testing.assert_close(model.model.rotary_emb.inv_freq, wanted)


class Stream:
    """Records every layer's residual and adds `edit` to the one of layer `layer`.

    Layer 0 is the embedding, layer n the output of the n-th block before the final norm. The
    recorded state of the edited layer includes the edit.
    """

    def __init__(self, model, layer=None, edit=None):
        self.states = {}
        parts = [model.model.embed_tokens, *model.model.layers]
        self.handles = [
            part.register_forward_hook(self.hook(at, edit if at == layer else None))
            for at, part in enumerate(parts)
        ]

    def hook(self, at, edit):
        def on_output(_module, _inputs, output):
            assert torch.is_tensor(output)
            if edit is not None:
                output = output + edit
            self.states[at] = output[0].detach().clone()
            return output

        return on_output

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for handle in self.handles:
            handle.remove()

    def residuals(self):
        return torch.stack([self.states[at] for at in sorted(self.states)])


def forward(model, tokens, layer=None, edit=None):
    """logits [n, vocab] and residuals [layers + 1, n, width]."""
    with Stream(model, layer, edit) as stream:
        logits = model(tokens[None], use_cache=False).logits[0]
    return logits, stream.residuals()


def greedy(model, tokens, layer=None, edit=None):
    """Twelve arg-max tokens from a cached generation (no stop token), the least lead of the
    winner over the second, and the largest difference of any logit to the uncached pass."""
    cache, feed, made, rows = None, tokens[None], [], []
    with Stream(model, layer, edit):
        for _ in range(GREEDY):
            out = model(feed, past_key_values=cache, use_cache=True)
            cache = out.past_key_values
            rows.append(out.logits[0, -1])
            made.append(int(rows[-1].argmax()))
            feed = torch.tensor([[made[-1]]])
    best = torch.stack(rows).topk(2).values
    whole = torch.cat([tokens, torch.tensor(made[:-1])])
    uncached = forward(model, whole, layer, edit)[0][len(tokens) - 1:]
    gap = float((uncached - torch.stack(rows)).abs().max())
    assert gap < 2e-3 and uncached.argmax(-1).tolist() == made, gap
    return torch.tensor(made), float((best[:, 0] - best[:, 1]).min()), gap


def some_ids(logits, count=256):
    """`count` token ids, ascending: every position's five likeliest, the rest evenly spread."""
    chosen = set(logits.topk(5).indices.flatten().tolist())
    for step in np.linspace(0, logits.shape[1] - 1, 4 * count).astype(int)[::3]:
        if len(chosen) < count:
            chosen.add(int(step))
    rest = iter(range(logits.shape[1]))
    while len(chosen) < count:
        chosen.add(next(rest))
    return torch.tensor(sorted(chosen))


def fixture(name):
    layer, prompts = PLAN[name]
    model, tokenizer = load(name)
    check_rope(name, model)
    tensors = {}
    about = {"model": name, "layers": model.config.num_hidden_layers,
             "width": model.config.hidden_size, "vocab": model.config.vocab_size,
             "edit_layer": layer, "edit_strength": STRENGTH, "prompts": {}}
    for prompt in ("long", "short"):
        text, count = prompts[prompt]
        tokens = tokenizer.encode(text, add_special_tokens=False).ids[:count]
        text = tokenizer.decode(tokens, skip_special_tokens=False)
        assert len(tokens) == count, len(tokens)
        assert tokenizer.encode(text, add_special_tokens=False).ids == tokens, text
        tokens = torch.tensor(tokens)
        logits, residuals = forward(model, tokens)
        if "edit" not in tensors:
            edit = torch.from_numpy(np.random.RandomState(7).standard_normal(residuals.shape[2]))
            norm = residuals[layer, 1:].norm(dim=-1).mean()
            tensors["edit"] = (edit / edit.norm() * norm * STRENGTH).float()
            about["edit_layer_mean_norm"] = float(norm)
        edit = tensors["edit"]
        steered, moved = forward(model, tokens, layer, edit)
        assert torch.equal(moved[:layer], residuals[:layer])
        tensors |= {f"{prompt}.tokens": tokens,
                    f"{prompt}.residuals": residuals, f"{prompt}.residuals_steered": moved}
        if name.startswith("tiny"):
            tensors |= {f"{prompt}.logits": logits, f"{prompt}.logits_steered": steered}
        else:
            ids = some_ids(logits)
            tensors |= {
                f"{prompt}.logit_ids": ids,
                f"{prompt}.logits": logits[:, ids], f"{prompt}.logits_steered": steered[:, ids],
                f"{prompt}.logits_last": logits[-1], f"{prompt}.logits_last_steered": steered[-1],
            }
        plain, plain_lead, plain_gap = greedy(model, tokens)
        pushed, pushed_lead, pushed_gap = greedy(model, tokens, layer, edit)
        tensors |= {f"{prompt}.greedy": plain, f"{prompt}.greedy_steered": pushed}
        about["prompts"][prompt] = {
            "text": text, "tokens": count,
            "greedy_text": tokenizer.decode(plain.tolist(), skip_special_tokens=False),
            "greedy_steered_text": tokenizer.decode(pushed.tolist(), skip_special_tokens=False),
            "greedy_lead": plain_lead, "greedy_steered_lead": pushed_lead,
            "cached_gap": max(plain_gap, pushed_gap),
            "logits_std": float(logits.std()),
            "mean_norm": " ".join(f"{x:.4g}" for x in residuals[:, 1:].norm(dim=-1).mean(-1)),
        }
    tensors = {k: v.detach().contiguous() for k, v in tensors.items()}
    assert all(v.isfinite().all() for v in tensors.values())
    about["tensors"] = {k: f"{v.dtype} {list(v.shape)}".removeprefix("torch.")
                        for k, v in sorted(tensors.items())}
    to = HERE / "fixtures" / name
    save_file(tensors, f"{to}.safetensors")
    text = json.dumps(about, indent=1, ensure_ascii=False)
    Path(f"{to}.json").write_text(text + "\n")
    sys.stdout.write(f"{text}\n{Path(f'{to}.safetensors').stat().st_size} bytes\n")


if __name__ == "__main__":
    logging.disable_progress_bar()
    torch.set_num_threads(2)
    torch.manual_seed(0)
    with torch.no_grad():
        for model_name in sys.argv[1:] or PLAN:
            fixture(model_name)

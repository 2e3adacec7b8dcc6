"""Recomputes SmolLM2's long prompt in f64 without transformers and compares with the fixture.

Straight from the GGUF's rows as stored: rotary in llama.cpp's interleaved form, nothing
un-permuted. So it checks transformers' reading of the file, and says how exact f32 is.
"""

import os
import sys
from pathlib import Path

import gguf
import numpy as np
import torch
from safetensors.torch import load_file

HERE = Path(__file__).resolve().parent
MODELS = Path(os.environ.get("ATLAS_MODELS", "/work/shared/models"))
GGUF = MODELS / "smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf"
LAYERS, WIDTH, HEADS, KV, SIZE = 30, 576, 9, 3, 64

tensors = {t.name: t for t in gguf.GGUFReader(GGUF).tensors}
fixture = load_file(HERE / "fixtures/smollm2-135m-instruct.safetensors")


def weight(name):
    tensor = tensors[name + ".weight"]
    return torch.from_numpy(
        np.array(gguf.quants.dequantize(tensor.data, tensor.tensor_type), np.float64))


def norm(x, name):
    return x * (x.pow(2).mean(-1, keepdim=True) + 1e-5).rsqrt() * weight(name)


def rotary(x):
    angle = torch.arange(len(x))[:, None] * 1e5 ** (-torch.arange(0, SIZE, 2).double() / SIZE)
    cos, sin = angle.cos()[:, None], angle.sin()[:, None]
    a, b = x.view(len(x), -1, SIZE // 2, 2).unbind(-1)
    return torch.stack([a * cos - b * sin, a * sin + b * cos], -1).flatten(-2)


def block(x, at):
    n, group = len(x), HEADS // KV
    h = norm(x, at + "attn_norm")
    q = rotary(h @ weight(at + "attn_q").T)
    k = rotary(h @ weight(at + "attn_k").T).repeat_interleave(group, 1)
    v = (h @ weight(at + "attn_v").T).view(n, KV, SIZE).repeat_interleave(group, 1)
    future = torch.full((n, n), -torch.inf).double().triu(1)
    mix = (torch.einsum("qhd,khd->hqk", q, k) / SIZE**0.5 + future).softmax(-1)
    x = x + torch.einsum("hqk,khd->qhd", mix, v).reshape(n, WIDTH) @ weight(at + "attn_output").T
    h = norm(x, at + "ffn_norm")
    gate = torch.nn.functional.silu(h @ weight(at + "ffn_gate").T)
    return x + (gate * (h @ weight(at + "ffn_up").T)) @ weight(at + "ffn_down").T


def relative(mine, theirs):
    theirs = theirs.double()
    return float(((mine - theirs).norm(dim=-1) / theirs.norm(dim=-1)).max())


if __name__ == "__main__":
    torch.set_num_threads(2)
    embedding = weight("token_embd")
    x = embedding[fixture["long.tokens"]]
    worst = relative(x, fixture["long.residuals"][0])
    for layer in range(LAYERS):
        x = block(x, f"blk.{layer}.")
        worst = max(worst, relative(x, fixture["long.residuals"][layer + 1]))
    logits = norm(x, "output_norm") @ embedding.T
    off = relative(logits[-1], fixture["long.logits_last"])
    sys.stdout.write(f"worst relative difference: residuals {worst:.1e}, last logits {off:.1e}\n")
    assert worst < 1e-5 and off < 1e-5

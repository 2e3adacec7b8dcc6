"""Writes three random tiny Llama checkpoints into tiny/: the same bytes on every run.

Weights come from numpy's RandomState, whose stream is frozen. They are large enough that
attention is peaked and logits spread (standard deviation about 1), and the norms' weights
differ from one, so that a forgotten factor shows.
"""

import json
import os
import sys
from pathlib import Path

import gguf
import numpy as np
import torch
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

HERE = Path(__file__).resolve().parent
MODELS = Path(os.environ.get("ATLAS_MODELS", "/work/shared/models"))
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
VOCAB = 384
CHAT_TEMPLATE = (
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content']"
    " + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


def tokenizer(split_digits):
    """Byte-level BPE: 3 special tokens, 256 bytes, the first 125 merges of atlas-lite."""
    source = json.loads((MODELS / "atlas-lite/tokenizer.json").read_text())
    pieces = SPECIAL + sorted(pre_tokenizers.ByteLevel.alphabet())
    merges = []
    for merge in source["model"]["merges"]:
        left, right = merge.split(" ") if isinstance(merge, str) else merge
        if len(pieces) < VOCAB and left + right not in pieces:
            pieces.append(left + right)
            merges.append((left, right))
    assert len(pieces) == VOCAB
    made = Tokenizer(models.BPE({p: i for i, p in enumerate(pieces)}, merges))
    steps = [pre_tokenizers.Digits(individual_digits=True)] if split_digits else []
    steps.append(pre_tokenizers.ByteLevel(add_prefix_space=False))
    made.pre_tokenizer = pre_tokenizers.Sequence(steps) if split_digits else steps[0]
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens([AddedToken(s, special=True, normalized=False) for s in SPECIAL])
    return made, pieces, [f"{a} {b}" for a, b in merges]


def weights(config, seed):
    """Every tensor of the model by its Hugging Face name, f32."""
    random = np.random.RandomState(seed)
    width, inner = config["hidden_size"], config["intermediate_size"]
    q = config["num_attention_heads"] * config["head_dim"]
    kv = config["num_key_value_heads"] * config["head_dim"]

    def matrix(rows, columns, gain=1.0):
        return (random.standard_normal((rows, columns)) * gain / np.sqrt(columns)).astype(np.float32)

    def norm():
        return (1.0 + 0.2 * random.standard_normal(width)).astype(np.float32)

    # A head of gain 2 makes logits of deviation 2; a tied one is the embedding itself.
    tensors = {"model.embed_tokens.weight": matrix(VOCAB, width, 2.0)}
    for layer in range(config["num_hidden_layers"]):
        at = f"model.layers.{layer}."
        tensors |= {
            at + "input_layernorm.weight": norm(),
            at + "self_attn.q_proj.weight": matrix(q, width, 1.5),
            at + "self_attn.k_proj.weight": matrix(kv, width, 1.5),
            at + "self_attn.v_proj.weight": matrix(kv, width),
            at + "self_attn.o_proj.weight": matrix(width, q),
            at + "post_attention_layernorm.weight": norm(),
            at + "mlp.gate_proj.weight": matrix(inner, width, 1.5),
            at + "mlp.up_proj.weight": matrix(inner, width),
            at + "mlp.down_proj.weight": matrix(width, inner),
        }
    tensors["model.norm.weight"] = norm()
    if not config["tie_word_embeddings"]:
        tensors["lm_head.weight"] = matrix(VOCAB, width, 2.0)
    return tensors


def config(**changes):
    base = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": VOCAB,
        "num_hidden_layers": 3,
        "num_attention_heads": 4,
        "max_position_embeddings": 256,
        "hidden_act": "silu",
        "attention_bias": False,
        "mlp_bias": False,
        "bos_token_id": 0,
        "eos_token_id": 2,
    }
    return base | changes


def write_json(path, value):
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def folder(name):
    made = HERE / "tiny" / name
    made.mkdir(parents=True, exist_ok=True)
    return made


def tiny_gqa():
    """Grouped-query attention, tied head, one f32 file; the older `rope_theta` in its config."""
    to = folder("tiny-gqa")
    cfg = config(hidden_size=32, intermediate_size=64, num_key_value_heads=2, head_dim=8,
                 rope_theta=100000.0, rms_norm_eps=1e-5, tie_word_embeddings=True,
                 torch_dtype="float32")
    tensors = {k: torch.from_numpy(v) for k, v in weights(cfg, 1).items()}
    save_file(tensors, to / "model.safetensors", {"format": "pt"})
    write_json(to / "config.json", cfg)
    tokenizer(False)[0].save(str(to / "tokenizer.json"))
    write_json(to / "tokenizer_config.json",
               {"chat_template": CHAT_TEMPLATE, "eos_token": "<|im_end|>",
                "tokenizer_class": "PreTrainedTokenizerFast"})


def tiny_untied():
    """Untied head, heads wider than width / heads, bf16 in two shards, `rope_parameters`."""
    to = folder("tiny-untied")
    cfg = config(hidden_size=48, intermediate_size=96, num_key_value_heads=4, head_dim=16,
                 rope_parameters={"rope_theta": 50000.0, "rope_type": "default"},
                 rms_norm_eps=1e-6, tie_word_embeddings=False, dtype="bfloat16")
    tensors = {k: torch.from_numpy(v).bfloat16() for k, v in weights(cfg, 2).items()}
    names = list(tensors)
    # Cut within block 1, so that a reader which takes a block from one shard fails.
    cut = names.index("model.layers.1.self_attn.o_proj.weight")
    index = {"metadata": {"total_size": sum(t.nbytes for t in tensors.values())}, "weight_map": {}}
    for number, part in enumerate((names[:cut], names[cut:]), 1):
        file = f"model-{number:05}-of-00002.safetensors"
        save_file({n: tensors[n] for n in part}, to / file, {"format": "pt"})
        index["weight_map"] |= {n: file for n in part}
    write_json(to / "model.safetensors.index.json", index)
    write_json(to / "config.json", cfg)
    tokenizer(False)[0].save(str(to / "tokenizer.json"))


# GGUF name, Hugging Face name within a block.
BLOCK = [
    ("attn_q", "self_attn.q_proj"), ("attn_k", "self_attn.k_proj"),
    ("attn_v", "self_attn.v_proj"), ("attn_output", "self_attn.o_proj"),
    ("ffn_gate", "mlp.gate_proj"), ("ffn_up", "mlp.up_proj"), ("ffn_down", "mlp.down_proj"),
]
KINDS = ["Q4_1", "Q8_0", "Q4_0", "F16", "F32"]


def permute(rows, heads):
    """llama.cpp's row order of q and k: the two halves of a head interleaved."""
    return np.ascontiguousarray(
        rows.reshape(heads, 2, rows.shape[0] // heads // 2, -1).swapaxes(1, 2).reshape(rows.shape))


def unpermute(rows, heads):
    return np.ascontiguousarray(
        rows.reshape(heads, rows.shape[0] // heads // 2, 2, -1).swapaxes(1, 2).reshape(rows.shape))


def q_config():
    return config(hidden_size=64, intermediate_size=128, num_key_value_heads=2, head_dim=16,
                  rope_theta=100000.0, rms_norm_eps=1e-5, tie_word_embeddings=True)


def tiny_q():
    """One GGUF with every tensor kind the engine reads, spread over its blocks; tied head."""
    to = folder("tiny-q")
    cfg = q_config()
    made, pieces, merges = tokenizer(True)
    made.save(str(to / "tokenizer.json"))
    file = gguf.GGUFWriter(to / "tiny-q.gguf", "llama")
    file.add_name("tiny-q")
    file.add_block_count(cfg["num_hidden_layers"])
    file.add_context_length(cfg["max_position_embeddings"])
    file.add_embedding_length(cfg["hidden_size"])
    file.add_feed_forward_length(cfg["intermediate_size"])
    file.add_head_count(cfg["num_attention_heads"])
    file.add_head_count_kv(cfg["num_key_value_heads"])
    file.add_rope_freq_base(cfg["rope_theta"])
    file.add_rope_dimension_count(cfg["head_dim"])
    file.add_layer_norm_rms_eps(cfg["rms_norm_eps"])
    file.add_vocab_size(VOCAB)
    file.add_tokenizer_model("gpt2")
    file.add_tokenizer_pre("smollm")
    file.add_token_list(pieces)
    file.add_token_types([gguf.TokenType.CONTROL if p in SPECIAL else gguf.TokenType.NORMAL
                          for p in pieces])
    file.add_token_merges(merges)
    file.add_bos_token_id(0)
    file.add_eos_token_id(2)
    file.add_add_bos_token(False)
    file.add_chat_template(CHAT_TEMPLATE)

    def add(name, values, kind):
        kind = gguf.GGMLQuantizationType[kind]
        file.add_tensor(name, gguf.quants.quantize(values, kind), raw_dtype=kind)

    tensors = weights(cfg, 3)
    add("token_embd.weight", tensors["model.embed_tokens.weight"], "Q8_0")
    for layer in range(cfg["num_hidden_layers"]):
        of, at = f"model.layers.{layer}.", f"blk.{layer}."
        add(at + "attn_norm.weight", tensors[of + "input_layernorm.weight"], "F32")
        add(at + "ffn_norm.weight", tensors[of + "post_attention_layernorm.weight"], "F32")
        for number, (name, hf) in enumerate(BLOCK):
            values = tensors[of + hf + ".weight"]
            if name in ("attn_q", "attn_k"):
                heads = "num_attention_heads" if name == "attn_q" else "num_key_value_heads"
                values = permute(values, cfg[heads])
            add(f"{at}{name}.weight", values, KINDS[(number + 2 * layer) % len(KINDS)])
    add("output_norm.weight", tensors["model.norm.weight"], "F32")
    file.write_header_to_file()
    file.write_kv_data_to_file()
    file.write_tensors_to_file()
    file.close()


def read_q():
    """tiny-q's tensors, dequantised by gguf-py, by their Hugging Face names."""
    cfg = q_config()
    names = {"token_embd.weight": "model.embed_tokens.weight",
             "output_norm.weight": "model.norm.weight"}
    for layer in range(cfg["num_hidden_layers"]):
        of, at = f"model.layers.{layer}.", f"blk.{layer}."
        names[at + "attn_norm.weight"] = of + "input_layernorm.weight"
        names[at + "ffn_norm.weight"] = of + "post_attention_layernorm.weight"
        names |= {f"{at}{a}.weight": f"{of}{b}.weight" for a, b in BLOCK}
    tensors = {}
    for tensor in gguf.GGUFReader(HERE / "tiny/tiny-q/tiny-q.gguf").tensors:
        values = gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        if ".attn_q." in tensor.name:
            values = unpermute(values, cfg["num_attention_heads"])
        elif ".attn_k." in tensor.name:
            values = unpermute(values, cfg["num_key_value_heads"])
        tensors[names[tensor.name]] = torch.from_numpy(np.array(values))
    return cfg, tensors


if __name__ == "__main__":
    tiny_gqa()
    tiny_untied()
    tiny_q()
    for file in sorted((HERE / "tiny").rglob("*.*")):
        sys.stdout.write(f"{file.stat().st_size:8} {file.relative_to(HERE)}\n")

//! From a stream of bytes to a model on a device.

use super::gguf::GgufMetadata;
use super::stream::{Item, RawTensor, Stream, WeightFormat};
use crate::config::LlamaConfig;
use crate::error::LoadError;
use crate::model::{Attention, Block, Linear, Llama, RmsNorm, SwiGlu};
use burn::tensor::{Device, Tensor, TensorData};
use std::collections::HashMap;

/// Builds a [`Llama`] from pushed bytes.
///
/// ```no_run
/// # use atlas_lm::{Loader, WeightFormat, device};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut loader = Loader::new(WeightFormat::Gguf, None, device::cpu());
/// for piece in ["000.bin", "001.bin"] {
///     loader.push(&std::fs::read(piece)?)?;
/// }
/// let loaded = loader.finish()?;
/// # Ok(()) }
/// ```
pub struct Loader {
    format: WeightFormat,
    stream: Stream,
    config: Option<LlamaConfig>,
    gguf: Option<GgufMetadata>,
    tensors: HashMap<String, Weight>,
    device: Device,
}

/// A model and what its file said of its tokenizer.
pub struct Loaded {
    /// The model.
    pub model: Llama,
    /// GGUF metadata, where the weights came as GGUF.
    pub gguf: Option<GgufMetadata>,
}

enum Weight {
    Vector(Tensor<1>),
    Matrix(Tensor<2>),
}

impl Loader {
    /// A loader for one format. Safetensors need their `config.json`, GGUF carries its own.
    #[must_use]
    pub fn new(format: WeightFormat, config: Option<LlamaConfig>, device: Device) -> Self {
        Self {
            format,
            stream: Stream::new(format),
            config,
            gguf: None,
            tensors: HashMap::new(),
            device,
        }
    }

    /// Takes the next bytes, in pieces of any size.
    ///
    /// # Errors
    /// When the file is not what it should be.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), LoadError> {
        let Self {
            stream,
            config,
            gguf,
            tensors,
            device,
            ..
        } = self;
        stream.push(bytes, &mut |item| {
            match item {
                Item::Header { gguf: meta, names } => {
                    if let Some(meta) = meta {
                        let mut found = LlamaConfig::from_gguf(&meta)?;
                        found.tied = !names.iter().any(|n| n == "output.weight");
                        *config = Some(found);
                        *gguf = Some(meta);
                    }
                }
                Item::Tensor(raw) => {
                    let config = config.as_ref().ok_or_else(no_config)?;
                    if let Some((name, weight)) = place(raw, config, gguf.is_some(), device)? {
                        tensors.insert(name, weight);
                    }
                }
            }
            Ok(())
        })
    }

    /// The current file is over and another follows (sharded safetensors).
    ///
    /// # Errors
    /// When the file ended early.
    pub fn next_file(&mut self) -> Result<(), LoadError> {
        std::mem::replace(&mut self.stream, Stream::new(self.format)).finish()
    }

    /// The last file is over.
    ///
    /// # Errors
    /// When it ended early, or a tensor is missing or misshapen.
    pub fn finish(mut self) -> Result<Loaded, LoadError> {
        self.stream.finish()?;
        let config = self.config.ok_or_else(no_config)?;
        let mut take = Taker(&mut self.tensors);
        let width = config.width;
        let (q, kv) = (
            config.heads * config.head_width,
            config.kv_heads * config.head_width,
        );
        let embedding = take.matrix("embedding", [config.vocabulary, width])?;
        let unembedding = if config.tied {
            Linear::new(embedding.clone())
        } else {
            take.linear("unembedding", [config.vocabulary, width])?
        };
        let norm = |take: &mut Taker, name: &str| {
            Ok::<_, LoadError>(RmsNorm::new(take.vector(name, width)?, config.norm_epsilon))
        };
        let mut blocks = Vec::with_capacity(config.blocks);
        for i in 0..config.blocks {
            let name = |part: &str| format!("{i}.{part}");
            blocks.push(Block {
                attention_norm: norm(&mut take, &name("attention_norm"))?,
                attention: Attention {
                    query: take.linear(&name("query"), [q, width])?,
                    key: take.linear(&name("key"), [kv, width])?,
                    value: take.linear(&name("value"), [kv, width])?,
                    output: take.linear(&name("output"), [width, q])?,
                    heads: config.heads,
                    kv_heads: config.kv_heads,
                    head_width: config.head_width,
                },
                mlp_norm: norm(&mut take, &name("mlp_norm"))?,
                mlp: SwiGlu {
                    gate: take.linear(&name("gate"), [config.hidden, width])?,
                    up: take.linear(&name("up"), [config.hidden, width])?,
                    down: take.linear(&name("down"), [width, config.hidden])?,
                },
            });
        }
        let final_norm = norm(&mut take, "final_norm")?;
        let model = Llama {
            config,
            embedding,
            blocks,
            final_norm,
            unembedding,
            device: self.device,
        };
        Ok(Loaded {
            model,
            gguf: self.gguf,
        })
    }
}

fn no_config() -> LoadError {
    LoadError::Config("safetensors need a config.json beside them".into())
}

/// Widens a tensor and puts it on the device under this loader's own name; `None` if it is no weight.
fn place(
    raw: RawTensor,
    config: &LlamaConfig,
    gguf: bool,
    device: &Device,
) -> Result<Option<(String, Weight)>, LoadError> {
    let Some(name) = own_name(&raw.name) else {
        return Ok(None);
    };
    let mut wide = raw.dtype.widen(&raw.bytes);
    drop(raw.bytes);
    let part = name.rsplit('.').next().unwrap_or(&name);
    if gguf && matches!(part, "query" | "key") && raw.shape.len() == 2 {
        wide = unpermute(&wide, raw.shape[1], config.head_width);
    }
    let weight = match raw.shape[..] {
        [n] => Weight::Vector(Tensor::from_data(TensorData::new(wide, [n]), device)),
        [rows, cols] => Weight::Matrix(Tensor::from_data(
            TensorData::new(wide, [rows, cols]),
            device,
        )),
        _ => {
            return Err(LoadError::Shape {
                tensor: raw.name,
                found: raw.shape,
                expected: vec![],
            });
        }
    };
    Ok(Some((name, weight)))
}

/// GGUF stores the rows of a head interleaved (0, d/2, 1, d/2 + 1, ...) for llama.cpp's rotary form;
/// this puts them back in halves.
fn unpermute(rows: &[f32], width: usize, head_width: usize) -> Vec<f32> {
    let half = head_width / 2;
    let mut out = Vec::with_capacity(rows.len());
    for head in rows.chunks(head_width * width) {
        for row in 0..head_width {
            let stored = 2 * (row % half) + row / half;
            out.extend_from_slice(&head[stored * width..(stored + 1) * width]);
        }
    }
    out
}

/// One name per weight, from either naming scheme.
fn own_name(name: &str) -> Option<String> {
    let fixed = match name {
        "token_embd.weight" | "model.embed_tokens.weight" => Some("embedding"),
        "output.weight" | "lm_head.weight" => Some("unembedding"),
        "output_norm.weight" | "model.norm.weight" => Some("final_norm"),
        _ => None,
    };
    if let Some(fixed) = fixed {
        return Some(fixed.into());
    }
    let rest = name
        .strip_prefix("blk.")
        .or_else(|| name.strip_prefix("model.layers."))?;
    let (block, part) = rest.split_once('.')?;
    let part = match part {
        "attn_norm.weight" | "input_layernorm.weight" => "attention_norm",
        "attn_q.weight" | "self_attn.q_proj.weight" => "query",
        "attn_k.weight" | "self_attn.k_proj.weight" => "key",
        "attn_v.weight" | "self_attn.v_proj.weight" => "value",
        "attn_output.weight" | "self_attn.o_proj.weight" => "output",
        "ffn_norm.weight" | "post_attention_layernorm.weight" => "mlp_norm",
        "ffn_gate.weight" | "mlp.gate_proj.weight" => "gate",
        "ffn_up.weight" | "mlp.up_proj.weight" => "up",
        "ffn_down.weight" | "mlp.down_proj.weight" => "down",
        _ => return None,
    };
    Some(format!("{block}.{part}"))
}

struct Taker<'a>(&'a mut HashMap<String, Weight>);

impl Taker<'_> {
    fn vector(&mut self, name: &str, n: usize) -> Result<Tensor<1>, LoadError> {
        match self.0.remove(name) {
            Some(Weight::Vector(v)) if v.dims() == [n] => Ok(v),
            Some(other) => Err(misshapen(name, &other, vec![n])),
            None => Err(LoadError::Missing(name.into())),
        }
    }

    fn matrix(&mut self, name: &str, shape: [usize; 2]) -> Result<Tensor<2>, LoadError> {
        match self.0.remove(name) {
            Some(Weight::Matrix(m)) if m.dims() == shape => Ok(m),
            Some(other) => Err(misshapen(name, &other, shape.to_vec())),
            None => Err(LoadError::Missing(name.into())),
        }
    }

    fn linear(&mut self, name: &str, shape: [usize; 2]) -> Result<Linear, LoadError> {
        self.matrix(name, shape).map(Linear::new)
    }
}

fn misshapen(name: &str, weight: &Weight, expected: Vec<usize>) -> LoadError {
    let found = match weight {
        Weight::Vector(v) => v.dims().to_vec(),
        Weight::Matrix(m) => m.dims().to_vec(),
    };
    LoadError::Shape {
        tensor: name.into(),
        found,
        expected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unpermute_undoes_interleaving() {
        // One head of width 4 over inputs of width 1: rows 0 1 2 3 are stored as 0 2 1 3.
        assert_eq!(unpermute(&[0.0, 2.0, 1.0, 3.0], 1, 4), [0.0, 1.0, 2.0, 3.0]);
    }

    #[test]
    fn both_naming_schemes_meet() {
        for (gguf, hf) in [
            (
                "blk.3.attn_q.weight",
                "model.layers.3.self_attn.q_proj.weight",
            ),
            ("output.weight", "lm_head.weight"),
            (
                "blk.0.ffn_norm.weight",
                "model.layers.0.post_attention_layernorm.weight",
            ),
        ] {
            assert!(own_name(gguf).is_some());
            assert_eq!(own_name(gguf), own_name(hf));
        }
        assert_eq!(own_name("rope_freqs.weight"), None);
    }
}

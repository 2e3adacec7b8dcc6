//! From a stream of bytes to a model on a device.

use super::dequantise::TensorType;
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
    /// Parts of a matrix that wait for the others, as stored: queries for keys and values, gate for up.
    parts: HashMap<String, Stored>,
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
    Matrix(Linear),
}

/// A matrix as stored in its file.
struct Stored {
    dtype: TensorType,
    shape: [usize; 2],
    bytes: Vec<u8>,
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
            parts: HashMap::new(),
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
            parts,
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
                    let Some(name) = own_name(&raw.name) else {
                        return Ok(());
                    };
                    if let &[n] = &raw.shape[..] {
                        let wide = TensorData::new(raw.dtype.widen(&raw.bytes), [n]);
                        let vector = Weight::Vector(Tensor::from_data(wide, &*device));
                        tensors.insert(name, vector);
                        return Ok(());
                    }
                    let stored = rows(raw, &name, config, gguf.is_some())?;
                    parts.insert(name.clone(), stored);
                    if let Some((whole, stored)) = join(&name, parts)? {
                        let Stored {
                            dtype,
                            shape,
                            bytes,
                        } = stored;
                        let matrix = Linear::from_stored(&whole, dtype, shape, &bytes, device)?;
                        tensors.insert(whole, Weight::Matrix(matrix));
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
        if let Some(name) = self.parts.keys().min() {
            // Its companions never came.
            let (block, part) = name.rsplit_once('.').unwrap_or(("", name));
            let missing = JOINED
                .iter()
                .filter(|(_, names)| names.contains(&part))
                .flat_map(|(_, names)| *names)
                .map(|n| format!("{block}.{n}"))
                .find(|n| !self.parts.contains_key(n));
            return Err(LoadError::Missing(missing.unwrap_or_else(|| name.clone())));
        }
        let mut take = Taker(&mut self.tensors);
        let width = config.width;
        let (q, kv) = (
            config.heads * config.head_width,
            config.kv_heads * config.head_width,
        );
        let embedding = take.linear("embedding", [config.vocabulary, width])?;
        let unembedding = if config.tied {
            None
        } else {
            Some(take.linear("unembedding", [config.vocabulary, width])?)
        };
        let norm = |take: &mut Taker, name: &str| {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "f32 is what is computed in"
            )]
            let epsilon = config.norm_epsilon as f32;
            let gain = take.vector(name, width)?;
            Ok::<_, LoadError>(RmsNorm { gain, epsilon })
        };
        let mut blocks = Vec::with_capacity(config.blocks);
        for i in 0..config.blocks {
            let name = |part: &str| format!("{i}.{part}");
            blocks.push(Block {
                attention_norm: norm(&mut take, &name("attention_norm"))?,
                attention: Attention {
                    qkv: take.linear(&name("qkv"), [q + 2 * kv, width])?,
                    output: take.linear(&name("output"), [width, q])?,
                },
                mlp_norm: norm(&mut take, &name("mlp_norm"))?,
                mlp: SwiGlu {
                    gate_up: take.linear(&name("gate_up"), [2 * config.hidden, width])?,
                    down: take.linear(&name("down"), [width, config.hidden])?,
                },
            });
        }
        let final_norm = norm(&mut take, "final_norm")?;
        let rotary =
            atlas_kernels::rotary_table(config.rope_base, config.head_width, config.context);
        let rotary = TensorData::new(rotary, [config.context, config.head_width]);
        let model = Llama {
            rotary: Tensor::from_data(rotary, &self.device),
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

/// A matrix as stored, its rows in the order of the rotary form in halves.
fn rows(raw: RawTensor, name: &str, config: &LlamaConfig, gguf: bool) -> Result<Stored, LoadError> {
    let &[out, input] = &raw.shape[..] else {
        return Err(LoadError::Shape {
            tensor: raw.name,
            found: raw.shape,
            expected: vec![],
        });
    };
    let part = name.rsplit('.').next().unwrap_or(name);
    let bytes = match (
        gguf && matches!(part, "query" | "key"),
        raw.dtype.bytes(input),
    ) {
        (true, Some(row)) => unpermute(&raw.bytes, row, config.head_width),
        _ => raw.bytes,
    };
    Ok(Stored {
        dtype: raw.dtype,
        shape: [out, input],
        bytes,
    })
}

/// GGUF stores the rows of a head interleaved (0, d/2, 1, d/2 + 1, ...) for llama.cpp's rotary form;
/// this puts them back in halves.
fn unpermute(stored: &[u8], row_bytes: usize, head_width: usize) -> Vec<u8> {
    let half = head_width / 2;
    let mut out = Vec::with_capacity(stored.len());
    for head in stored.chunks_exact(head_width * row_bytes) {
        for row in 0..head_width {
            let from = 2 * (row % half) + row / half;
            out.extend_from_slice(&head[from * row_bytes..(from + 1) * row_bytes]);
        }
    }
    out
}

/// Matrices that multiply the same input are one matrix, row below row.
const JOINED: [(&str, &[&str]); 2] = [
    ("qkv", &["query", "key", "value"]),
    ("gate_up", &["gate", "up"]),
];

/// Takes the whole that `name` completes out of `parts`: itself, or the joined matrix once all its parts are there.
fn join(
    name: &str,
    parts: &mut HashMap<String, Stored>,
) -> Result<Option<(String, Stored)>, LoadError> {
    let (block, part) = name.rsplit_once('.').unwrap_or(("", name));
    let Some((whole, names)) = JOINED.iter().find(|(_, names)| names.contains(&part)) else {
        return Ok(parts.remove(name).map(|stored| (name.into(), stored)));
    };
    let names: Vec<String> = names.iter().map(|n| format!("{block}.{n}")).collect();
    if !names.iter().all(|n| parts.contains_key(n)) {
        return Ok(None);
    }
    let mut stored: Vec<Stored> = names.iter().filter_map(|n| parts.remove(n)).collect();
    // One matrix has one format. Files that mix them in one place are rare: those parts are widened.
    if stored.iter().any(|s| s.dtype != stored[0].dtype) {
        for s in &mut stored {
            let wide = s.dtype.widen(&s.bytes);
            s.bytes = wide.iter().flat_map(|x| x.to_le_bytes()).collect();
            s.dtype = TensorType::F32;
        }
    }
    let (dtype, input) = (stored[0].dtype, stored[0].shape[1]);
    if let Some(other) = stored.iter().find(|s| s.shape[1] != input) {
        return Err(LoadError::Shape {
            tensor: name.into(),
            found: other.shape.to_vec(),
            expected: vec![other.shape[0], input],
        });
    }
    let out = stored.iter().map(|s| s.shape[0]).sum();
    let bytes = stored.into_iter().flat_map(|s| s.bytes).collect();
    let shape = [out, input];
    Ok(Some((
        format!("{block}.{whole}"),
        Stored {
            dtype,
            shape,
            bytes,
        },
    )))
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

    fn linear(&mut self, name: &str, shape: [usize; 2]) -> Result<Linear, LoadError> {
        match self.0.remove(name) {
            Some(Weight::Matrix(m)) if m.shape() == shape => Ok(m),
            Some(other) => Err(misshapen(name, &other, shape.to_vec())),
            None => Err(LoadError::Missing(name.into())),
        }
    }
}

fn misshapen(name: &str, weight: &Weight, expected: Vec<usize>) -> LoadError {
    let found = match weight {
        Weight::Vector(v) => v.dims().to_vec(),
        Weight::Matrix(m) => m.shape().to_vec(),
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
        assert_eq!(unpermute(&[0, 2, 1, 3], 1, 4), [0, 1, 2, 3]);
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

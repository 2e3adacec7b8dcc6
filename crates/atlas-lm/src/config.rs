//! The shape of a Llama-style decoder, from `config.json` or GGUF metadata.

use crate::error::LoadError;
use crate::load::GgufMetadata;
use serde::Deserialize;

/// Sizes of a Llama-style decoder.
#[derive(Clone, Debug, PartialEq)]
pub struct LlamaConfig {
    /// Number of blocks; the residual stream has one more layer, the embedding.
    pub blocks: usize,
    /// Width of the residual stream.
    pub width: usize,
    /// Query heads.
    pub heads: usize,
    /// Key/value heads; `heads` is a multiple of it.
    pub kv_heads: usize,
    /// Width of one head.
    pub head_width: usize,
    /// Width inside SwiGLU.
    pub hidden: usize,
    /// Size of the vocabulary.
    pub vocabulary: usize,
    /// Longest context.
    pub context: usize,
    /// Base of the rotary frequencies.
    pub rope_base: f64,
    /// Epsilon of the RMS norms.
    pub norm_epsilon: f64,
    /// Whether the unembedding is the embedding.
    pub tied: bool,
    /// Tokens that end a text.
    pub stop_tokens: Vec<u32>,
}

#[derive(Deserialize)]
struct HfConfig {
    model_type: String,
    num_hidden_layers: usize,
    hidden_size: usize,
    num_attention_heads: usize,
    num_key_value_heads: Option<usize>,
    head_dim: Option<usize>,
    intermediate_size: usize,
    vocab_size: usize,
    max_position_embeddings: usize,
    rope_theta: Option<f64>,
    rope_parameters: Option<RopeParameters>,
    rope_scaling: Option<serde_json::Value>,
    rms_norm_eps: Option<f64>,
    tie_word_embeddings: Option<bool>,
    attention_bias: Option<bool>,
    mlp_bias: Option<bool>,
    hidden_act: Option<String>,
    eos_token_id: Option<StopTokens>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum StopTokens {
    One(u32),
    Many(Vec<u32>),
}

#[derive(Deserialize)]
struct RopeParameters {
    rope_theta: Option<f64>,
    rope_type: Option<String>,
}

impl LlamaConfig {
    /// Layers of the residual stream: the embedding and each block's output.
    #[must_use]
    pub fn layers(&self) -> usize {
        self.blocks + 1
    }

    /// Reads a Hugging Face `config.json`.
    ///
    /// # Errors
    /// When it is not valid, or describes something other than a plain Llama.
    pub fn from_hugging_face(json: &str) -> Result<Self, LoadError> {
        let hf: HfConfig =
            serde_json::from_str(json).map_err(|e| LoadError::Config(e.to_string()))?;
        let refuse = |what: String| Err(LoadError::Config(what));
        if hf.model_type != "llama" {
            return refuse(format!(
                "model_type is `{}`; only `llama` can be run",
                hf.model_type
            ));
        }
        if hf.attention_bias == Some(true) || hf.mlp_bias == Some(true) {
            return refuse("biases in attention or MLP are not supported".into());
        }
        if hf.hidden_act.as_deref().is_some_and(|a| a != "silu") {
            return refuse("only the SiLU activation is supported".into());
        }
        let rope_type = hf
            .rope_parameters
            .as_ref()
            .and_then(|r| r.rope_type.clone());
        if hf.rope_scaling.is_some() || rope_type.is_some_and(|t| t != "default") {
            return refuse("scaled rotary embeddings are not supported".into());
        }
        let theta = hf.rope_parameters.and_then(|r| r.rope_theta);
        Self {
            blocks: hf.num_hidden_layers,
            width: hf.hidden_size,
            heads: hf.num_attention_heads,
            kv_heads: hf.num_key_value_heads.unwrap_or(hf.num_attention_heads),
            head_width: hf
                .head_dim
                .unwrap_or(hf.hidden_size / hf.num_attention_heads.max(1)),
            hidden: hf.intermediate_size,
            vocabulary: hf.vocab_size,
            context: hf.max_position_embeddings,
            rope_base: theta.or(hf.rope_theta).unwrap_or(10_000.0),
            norm_epsilon: hf.rms_norm_eps.unwrap_or(1e-6),
            tied: hf.tie_word_embeddings.unwrap_or(false),
            stop_tokens: match hf.eos_token_id {
                Some(StopTokens::One(id)) => vec![id],
                Some(StopTokens::Many(ids)) => ids,
                None => vec![],
            },
        }
        .checked()
    }

    /// Reads the metadata of a GGUF file of architecture `llama`.
    ///
    /// # Errors
    /// When a value is missing or the architecture is another.
    pub fn from_gguf(meta: &GgufMetadata) -> Result<Self, LoadError> {
        let arch = meta.text("general.architecture")?;
        if arch != "llama" {
            return Err(LoadError::Config(format!(
                "architecture is `{arch}`; only `llama` can be run"
            )));
        }
        let heads = meta.count("llama.attention.head_count")?;
        let width = meta.count("llama.embedding_length")?;
        if meta.get("llama.rope.scaling.type").is_some() {
            return Err(LoadError::Config(
                "scaled rotary embeddings are not supported".into(),
            ));
        }
        Self {
            blocks: meta.count("llama.block_count")?,
            width,
            heads,
            kv_heads: meta.count("llama.attention.head_count_kv").unwrap_or(heads),
            head_width: meta
                .count("llama.attention.key_length")
                .unwrap_or(width / heads.max(1)),
            hidden: meta.count("llama.feed_forward_length")?,
            vocabulary: meta.texts("tokenizer.ggml.tokens")?.len(),
            context: meta.count("llama.context_length")?,
            rope_base: meta.number("llama.rope.freq_base").unwrap_or(10_000.0),
            norm_epsilon: meta.number("llama.attention.layer_norm_rms_epsilon")?,
            // Whether there is an `output.weight` is only known from the tensor list.
            tied: true,
            stop_tokens: ["tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id"]
                .iter()
                .filter_map(|key| u32::try_from(meta.count(key).ok()?).ok())
                .collect(),
        }
        .checked()
    }

    fn checked(self) -> Result<Self, LoadError> {
        let counts = [
            self.blocks,
            self.width,
            self.heads,
            self.kv_heads,
            self.head_width,
            self.hidden,
            self.vocabulary,
            self.context,
        ];
        if counts.contains(&0) {
            return Err(LoadError::Config("a size is zero".into()));
        }
        if !self.heads.is_multiple_of(self.kv_heads) || !self.head_width.is_multiple_of(2) {
            return Err(LoadError::Config(format!(
                "{} heads cannot share {} key/value heads of width {}",
                self.heads, self.kv_heads, self.head_width
            )));
        }
        Ok(self)
    }
}

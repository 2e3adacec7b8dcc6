//! The whole decoder.

use super::block::Block;
use super::cache::KvCache;
use super::linear::Linear;
use super::norm::RmsNorm;
use super::pass::{Edits, Pass};
use crate::config::LlamaConfig;
use crate::error::RunError;
use crate::ops;
use burn::tensor::{Device, Int, Tensor, TensorData};

/// A Llama-style decoder on a device.
#[derive(Clone, Debug)]
pub struct Llama {
    pub(crate) config: LlamaConfig,
    pub(crate) embedding: Linear,
    pub(crate) blocks: Vec<Block>,
    pub(crate) final_norm: RmsNorm,
    /// `None` where the embedding serves as its own inverse.
    pub(crate) unembedding: Option<Linear>,
    /// `[context, head_width]`: cosines, then sines, of each position.
    pub(crate) rotary: Tensor<2>,
    pub(crate) device: Device,
}

impl Llama {
    /// Its sizes.
    #[must_use]
    pub fn config(&self) -> &LlamaConfig {
        &self.config
    }

    /// Where it runs.
    #[must_use]
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// An empty cache for it.
    #[must_use]
    pub fn cache(&self) -> KvCache {
        let config = &self.config;
        let heads = [config.heads, config.kv_heads, config.head_width];
        KvCache::new(self.blocks.len(), config.context, heads, &self.device)
    }

    /// Starts a pass over `texts` (rows of one length), which continue what `cache` holds.
    ///
    /// # Errors
    /// When there are no tokens, too many, or unknown ones, or an edit does not fit.
    pub fn begin<'a>(
        &'a self,
        texts: &[&[u32]],
        cache: &'a mut KvCache,
        edits: &'a Edits,
    ) -> Result<Pass<'a>, RunError> {
        let tokens = texts.first().map_or(0, |row| row.len());
        if tokens == 0 || texts.iter().any(|row| row.len() != tokens) {
            return Err(RunError::Empty);
        }
        let context = self.config.context;
        if cache.len() + tokens > context {
            let tokens = cache.len() + tokens;
            return Err(RunError::TooLong { tokens, context });
        }
        let vocabulary = self.config.vocabulary;
        if let Some(&token) = texts
            .iter()
            .copied()
            .flatten()
            .find(|&&t| t as usize >= vocabulary)
        {
            return Err(RunError::UnknownToken { token, vocabulary });
        }
        if !cache.is_empty() && cache.batch() != texts.len() {
            return Err(RunError::Batch {
                held: cache.batch(),
                given: texts.len(),
            });
        }
        edits.check(self.config.layers(), self.config.width, texts.len())?;
        let ids: Vec<i32> = texts
            .iter()
            .copied()
            .flatten()
            .map(|&t| t.cast_signed())
            .collect();
        let ids =
            Tensor::<1, Int>::from_data(TensorData::new(ids, [texts.len() * tokens]), &self.device);
        let embedded = self.embedding.rows(ids);
        Ok(Pass::new(
            self,
            embedded,
            [texts.len(), tokens],
            cache,
            edits,
        ))
    }

    /// Runs one text to its logits: `[tokens, vocabulary]`.
    ///
    /// # Errors
    /// As [`Self::begin`].
    pub fn logits(
        &self,
        text: &[u32],
        cache: &mut KvCache,
        edits: &Edits,
    ) -> Result<Tensor<2>, RunError> {
        let mut pass = self.begin(&[text], cache, edits)?;
        while pass.step() {}
        let all = 0..text.len();
        Ok(pass.logits(all).squeeze_dim::<2>(0))
    }

    /// The logit lens: final norm and unembedding on any residual, `[n, width]` to `[n, vocabulary]`.
    #[must_use]
    pub fn unembed(&self, residual: Tensor<2>) -> Tensor<2> {
        let head = self.unembedding.as_ref().unwrap_or(&self.embedding);
        head.after(&self.final_norm, residual)
    }

    /// The `k` largest numbers of each row of `[n, width]`, largest first: place and value. Only they cross from the
    /// device to the host.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn largest(rows: Tensor<2>, k: usize) -> Result<Vec<Vec<(u32, f32)>>, RunError> {
        let k = k.min(rows.dims()[1]);
        let (values, places) = ops::largest(rows, k);
        crate::device::read_pairs(places, values, k).await
    }

    /// Bytes of weights that are read for a token. Of an embedding that is not the head as well, that is one row.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let block = |b: &Block| {
            b.attention.qkv.bytes()
                + b.attention.output.bytes()
                + b.mlp.gate_up.bytes()
                + b.mlp.down.bytes()
        };
        let [rows, _] = self.embedding.shape();
        let ends = match &self.unembedding {
            None => self.embedding.bytes(),
            Some(head) => head.bytes() + self.embedding.bytes() / rows,
        };
        ends + self.blocks.iter().map(block).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device;

    /// No block, 48 words of width 32 in f32: 6,144 bytes a table.
    fn two_ends(own_head: bool) -> Llama {
        let on = device::cpu();
        let config = r#"{"model_type": "llama", "hidden_size": 32, "intermediate_size": 64,
            "num_hidden_layers": 1, "num_attention_heads": 2, "vocab_size": 48, "rms_norm_eps": 1e-5,
            "max_position_embeddings": 16}"#;
        let table = || Linear::from_rows(&[0.5; 48 * 32], [48, 32], &on);
        Llama {
            config: LlamaConfig::from_hugging_face(config).unwrap(),
            embedding: table(),
            blocks: vec![],
            final_norm: RmsNorm {
                gain: Tensor::ones([32], &on),
                epsilon: 1e-5,
            },
            unembedding: own_head.then(table),
            rotary: Tensor::zeros([16, 16], &on),
            device: on,
        }
    }

    #[test]
    fn a_token_reads_the_head_and_its_own_row() {
        assert_eq!(
            two_ends(false).bytes(),
            6_144,
            "one table, read as the head"
        );
        assert_eq!(two_ends(true).bytes(), 6_144 + 32 * 4);
    }
}

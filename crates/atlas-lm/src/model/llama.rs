//! The whole decoder.

use super::block::Block;
use super::cache::KvCache;
use super::linear::Linear;
use super::norm::RmsNorm;
use super::pass::{Edits, Pass};
use crate::config::LlamaConfig;
use crate::error::RunError;
use burn::tensor::{Device, Int, Tensor, TensorData};

/// A Llama-style decoder on a device.
#[derive(Clone, Debug)]
pub struct Llama {
    pub(crate) config: LlamaConfig,
    pub(crate) embedding: Tensor<2>,
    pub(crate) blocks: Vec<Block>,
    pub(crate) final_norm: RmsNorm,
    pub(crate) unembedding: Linear,
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
        KvCache::new(self.blocks.len())
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
        edits.check(self.config.layers(), self.config.width, texts.len())?;
        let ids: Vec<i32> = texts
            .iter()
            .copied()
            .flatten()
            .map(|&t| t.cast_signed())
            .collect();
        let ids =
            Tensor::<1, Int>::from_data(TensorData::new(ids, [texts.len() * tokens]), &self.device);
        let embedded =
            self.embedding
                .clone()
                .select(0, ids)
                .reshape([texts.len(), tokens, self.config.width]);
        Ok(Pass::new(self, embedded, cache, edits))
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

    /// The logit lens: final norm and unembedding on any residual `[batch, tokens, width]`.
    #[must_use]
    pub fn unembed(&self, residual: Tensor<3>) -> Tensor<3> {
        self.unembedding.forward(self.final_norm.forward(residual))
    }
}

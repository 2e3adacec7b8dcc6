//! One block: attention and MLP, each added to the residual stream.

use super::attention::Attention;
use super::cache::KvCache;
use super::norm::RmsNorm;
use super::swiglu::SwiGlu;
use burn::tensor::Tensor;

/// One block of the decoder.
#[derive(Clone, Debug)]
pub struct Block {
    /// Norm before attention.
    pub attention_norm: RmsNorm,
    /// Attention.
    pub attention: Attention,
    /// Norm before the MLP.
    pub mlp_norm: RmsNorm,
    /// MLP.
    pub mlp: SwiGlu,
}

impl Block {
    /// Residual stream in, residual stream out: `[batch * tokens, width]`.
    #[must_use]
    pub fn forward(
        &self,
        residual: Tensor<2>,
        rotary: &Tensor<2>,
        cache: &mut KvCache,
        index: usize,
    ) -> Tensor<2> {
        let residual = self
            .attention
            .forward(&self.attention_norm, residual, rotary, cache, index);
        self.mlp.forward(&self.mlp_norm, residual)
    }
}

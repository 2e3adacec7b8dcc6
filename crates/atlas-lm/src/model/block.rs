//! One block: attention and MLP, each added to the residual stream.

use super::attention::Attention;
use super::cache::KvCache;
use super::norm::RmsNorm;
use super::rotary::Rotary;
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
    /// Residual stream in, residual stream out: `[batch, tokens, width]`.
    #[must_use]
    pub fn forward(
        &self,
        residual: Tensor<3>,
        rotary: &Rotary,
        mask: Option<&Tensor<3>>,
        cache: &mut KvCache,
        index: usize,
    ) -> Tensor<3> {
        let x = self.attention_norm.forward(residual.clone());
        let residual = residual + self.attention.forward(x, rotary, mask, cache, index);
        let x = self.mlp_norm.forward(residual.clone());
        residual + self.mlp.forward(x)
    }
}

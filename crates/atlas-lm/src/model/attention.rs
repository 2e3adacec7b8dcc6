//! Causal attention with grouped queries.

use super::cache::KvCache;
use super::linear::Linear;
use super::norm::RmsNorm;
use crate::ops;
use burn::tensor::Tensor;

/// Attention of one block.
#[derive(Clone, Debug)]
pub struct Attention {
    /// `[(heads + 2 * kv_heads) * head_width, width]`: queries, keys, values.
    pub qkv: Linear,
    /// `[width, heads * head_width]`.
    pub output: Linear,
}

impl Attention {
    /// Residual stream in and out, `[batch * tokens, width]`: what the normed stream attends to is added to it;
    /// the cache gains this pass's keys and values.
    #[must_use]
    pub fn forward(
        &self,
        norm: &RmsNorm,
        residual: Tensor<2>,
        rotary: &Tensor<2>,
        cache: &mut KvCache,
        block: usize,
    ) -> Tensor<2> {
        let qkv = self.qkv.after(norm, residual.clone());
        let (keys, values) = cache.take(block);
        let (mixed, keys, values) = ops::attend(qkv, rotary, keys, values, cache.shape());
        cache.put(block, keys, values);
        self.output.add_to(residual, mixed)
    }
}

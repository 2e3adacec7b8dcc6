//! Causal attention with grouped queries.

use super::cache::KvCache;
use super::linear::Linear;
use super::rotary::Rotary;
use burn::tensor::activation::softmax;
use burn::tensor::{Device, Tensor, TensorData};

/// Attention of one block.
#[derive(Clone, Debug)]
pub struct Attention {
    /// `[heads * head_width, width]`.
    pub query: Linear,
    /// `[kv_heads * head_width, width]`.
    pub key: Linear,
    /// `[kv_heads * head_width, width]`.
    pub value: Linear,
    /// `[width, heads * head_width]`.
    pub output: Linear,
    /// Query heads.
    pub heads: usize,
    /// Key/value heads.
    pub kv_heads: usize,
    /// Width of one head.
    pub head_width: usize,
}

impl Attention {
    /// `[batch, tokens, width]` in and out; adds this pass's keys and values to the cache.
    #[must_use]
    pub fn forward(
        &self,
        x: Tensor<3>,
        rotary: &Rotary,
        mask: Option<&Tensor<3>>,
        cache: &mut KvCache,
        block: usize,
    ) -> Tensor<3> {
        let [batch, tokens, _] = x.dims();
        let (heads, kv_heads, d) = (self.heads, self.kv_heads, self.head_width);
        let split = |y: Tensor<3>, heads| y.reshape([batch, tokens, heads, d]).swap_dims(1, 2);
        let query = rotary.turn(split(self.query.forward(x.clone()), heads));
        let key = rotary.turn(split(self.key.forward(x.clone()), kv_heads));
        let value = split(self.value.forward(x), kv_heads);
        let (keys, values) = cache.extend(block, key, value);
        let seen = keys.dims()[2];

        // The queries of a group stand one below the other, so that each key head is read once.
        let rows = heads / kv_heads * tokens;
        let query = query.reshape([batch * kv_heads, rows, d]);
        let keys = keys.reshape([batch * kv_heads, seen, d]);
        let values = values.reshape([batch * kv_heads, seen, d]);
        #[expect(clippy::cast_precision_loss, reason = "a head is narrow")]
        let scale = 1.0 / (d as f64).sqrt();
        let mut scores = query.matmul(keys.transpose()) * scale;
        if let Some(mask) = mask {
            scores = scores + mask.clone();
        }
        let mixed = softmax(scores, 2).matmul(values);
        let joined = mixed
            .reshape([batch, heads, tokens, d])
            .swap_dims(1, 2)
            .reshape([batch, tokens, heads * d]);
        self.output.forward(joined)
    }
}

/// What is added to the scores so that no token sees a later one: `[1, group * tokens, past + tokens]`.
/// `None` for a single token, which may see everything.
#[must_use]
pub fn causal_mask(group: usize, tokens: usize, past: usize, device: &Device) -> Option<Tensor<3>> {
    if tokens == 1 {
        return None;
    }
    let seen = past + tokens;
    let mut mask = Vec::with_capacity(group * tokens * seen);
    for _ in 0..group {
        for token in 0..tokens {
            // Far below any score, yet finite: no row is empty, so no NaN can arise.
            mask.extend((0..seen).map(|at| if at <= past + token { 0.0f32 } else { -1e9 }));
        }
    }
    let data = TensorData::new(mask, [1, group * tokens, seen]);
    Some(Tensor::from_data(data, device))
}

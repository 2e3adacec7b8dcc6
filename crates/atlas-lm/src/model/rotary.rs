//! Rotary position embedding, in halves: dimension `i` turns with dimension `i + d/2`.

use burn::tensor::{Device, Tensor, TensorData};

/// Cosines and sines of the positions of one pass, `[1, 1, tokens, head_width / 2]`.
#[derive(Clone, Debug)]
pub struct Rotary {
    cos: Tensor<4>,
    sin: Tensor<4>,
}

impl Rotary {
    /// Angles `position * base^(-2i/d)` for `tokens` positions from `start`.
    #[must_use]
    pub fn new(base: f64, head_width: usize, start: usize, tokens: usize, device: &Device) -> Self {
        let half = head_width / 2;
        let mut cos = Vec::with_capacity(tokens * half);
        let mut sin = Vec::with_capacity(tokens * half);
        for position in start..start + tokens {
            for i in 0..half {
                #[expect(clippy::cast_precision_loss, reason = "positions are far below 2^24")]
                let angle = position as f64 / base.powf(2.0 * i as f64 / head_width as f64);
                #[expect(clippy::cast_possible_truncation, reason = "f32 is what is wanted")]
                {
                    cos.push(angle.cos() as f32);
                    sin.push(angle.sin() as f32);
                }
            }
        }
        let tensor = |v| Tensor::from_data(TensorData::new(v, [1, 1, tokens, half]), device);
        Self {
            cos: tensor(cos),
            sin: tensor(sin),
        }
    }

    /// Turns `[batch, heads, tokens, head_width]`.
    #[must_use]
    pub fn turn(&self, x: Tensor<4>) -> Tensor<4> {
        let half = x.dims()[3] / 2;
        let low = x.clone().narrow(3, 0, half);
        let high = x.narrow(3, half, half);
        let turned_low = low.clone() * self.cos.clone() - high.clone() * self.sin.clone();
        let turned_high = high * self.cos.clone() + low * self.sin.clone();
        Tensor::cat(vec![turned_low, turned_high], 3)
    }
}

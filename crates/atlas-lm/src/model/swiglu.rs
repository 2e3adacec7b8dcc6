//! The gated MLP.

use super::linear::Linear;
use burn::tensor::Tensor;
use burn::tensor::activation::silu;

/// `down(silu(gate(x)) * up(x))`.
#[derive(Clone, Debug)]
pub struct SwiGlu {
    /// `[hidden, width]`.
    pub gate: Linear,
    /// `[hidden, width]`.
    pub up: Linear,
    /// `[width, hidden]`.
    pub down: Linear,
}

impl SwiGlu {
    /// `[batch, tokens, width]` in and out.
    #[must_use]
    pub fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let gate = silu(self.gate.forward(x.clone()));
        self.down.forward(gate * self.up.forward(x))
    }
}

//! The gated MLP.

use super::linear::Linear;
use super::norm::RmsNorm;
use burn::tensor::Tensor;

/// `down(silu(gate(x)) * up(x))`.
#[derive(Clone, Debug)]
pub struct SwiGlu {
    /// `[2 * hidden, width]`: gate, then up.
    pub gate_up: Linear,
    /// `[width, hidden]`.
    pub down: Linear,
}

impl SwiGlu {
    /// Residual stream in and out, `[n, width]`: the MLP of the normed stream is added to it.
    #[must_use]
    pub fn forward(&self, norm: &RmsNorm, residual: Tensor<2>) -> Tensor<2> {
        let hidden = self.gate_up.gated_after(norm, residual.clone());
        self.down.add_to(residual, hidden)
    }
}

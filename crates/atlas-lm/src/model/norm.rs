//! Root mean square norm.

use burn::tensor::Tensor;

/// `x / rms(x) * gain`, over the last dimension.
#[derive(Clone, Debug)]
pub struct RmsNorm {
    gain: Tensor<1>,
    epsilon: f64,
}

impl RmsNorm {
    /// From a gain `[width]`.
    #[must_use]
    pub fn new(gain: Tensor<1>, epsilon: f64) -> Self {
        Self { gain, epsilon }
    }

    /// Same shape in and out: `[batch, tokens, width]`.
    #[must_use]
    pub fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let mean_square = x.clone().square().mean_dim(2);
        let rms = (mean_square + self.epsilon).sqrt();
        x / rms * self.gain.clone().unsqueeze::<3>()
    }
}

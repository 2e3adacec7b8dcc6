//! Root mean square norm.

use burn::tensor::Tensor;

/// `x / rms(x) * gain`, over the last dimension; computed by the matrix that follows it.
#[derive(Clone, Debug)]
pub struct RmsNorm {
    /// `[width]`.
    pub gain: Tensor<1>,
    /// Added to the mean square.
    pub epsilon: f32,
}

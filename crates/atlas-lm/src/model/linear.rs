//! The one type behind every weight matrix, so that its storage can change in one place.

use burn::tensor::Tensor;

/// `y = x Wᵗ` with `W` stored as `[out, in]`.
#[derive(Clone, Debug)]
pub struct Linear {
    weight: Tensor<2>,
}

impl Linear {
    /// From a weight `[out, in]`.
    #[must_use]
    pub fn new(weight: Tensor<2>) -> Self {
        Self { weight }
    }

    /// `[batch, tokens, in]` to `[batch, tokens, out]`.
    #[must_use]
    pub fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let [batch, tokens, width] = x.dims();
        let [out, _] = self.weight.dims();
        // Flat rows: one matrix product whatever the batch.
        let y = x
            .reshape([batch * tokens, width])
            .matmul(self.weight.clone().transpose());
        y.reshape([batch, tokens, out])
    }
}

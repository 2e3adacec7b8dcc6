//! The one type behind every weight matrix: packed as stored, multiplied as it is.

use super::norm::RmsNorm;
use crate::error::LoadError;
use crate::load::TensorType;
use crate::ops::Packed;
use atlas_kernels::{Format, Matrix};
use burn::tensor::{Device, Int, Tensor};

/// `y = x Wᵗ` with `W` `[out, in]` in the format of its file; no widened copy exists.
#[derive(Clone, Debug)]
pub struct Linear {
    packed: Packed,
}

impl Linear {
    /// From numbers as stored in a file, row-major `[out, in]`.
    ///
    /// # Errors
    /// When the rows do not fill whole blocks of a quantised format.
    pub fn from_stored(
        tensor: &str,
        dtype: TensorType,
        [out, input]: [usize; 2],
        stored: &[u8],
        device: &Device,
    ) -> Result<Self, LoadError> {
        let misshapen = || LoadError::Shape {
            tensor: tensor.into(),
            found: vec![out, input],
            expected: vec![],
        };
        let row = dtype.bytes(input).ok_or_else(misshapen)?;
        if out == 0 || input == 0 || stored.len() != out * row {
            return Err(misshapen());
        }
        let matrix = Matrix {
            format: dtype.format(),
            rows: out,
            cols: input,
        };
        let words = atlas_kernels::pack(matrix, stored);
        let packed = Packed::new(matrix, words, device);
        Ok(Self { packed })
    }

    /// From rows `[out, in]`, kept in full precision.
    #[must_use]
    pub fn from_rows(rows: &[f32], [out, input]: [usize; 2], device: &Device) -> Self {
        let stored: Vec<u8> = rows.iter().flat_map(|x| x.to_le_bytes()).collect();
        let matrix = Matrix {
            format: Format::F32,
            rows: out,
            cols: input,
        };
        let words = atlas_kernels::pack(matrix, &stored);
        let packed = Packed::new(matrix, words, device);
        Self { packed }
    }

    /// Rows and columns: `[out, in]`.
    #[must_use]
    pub fn shape(&self) -> [usize; 2] {
        let matrix = self.packed.matrix();
        [matrix.rows, matrix.cols]
    }

    /// Bytes that it takes on its device.
    #[must_use]
    pub fn bytes(&self) -> usize {
        4 * self.packed.matrix().words()
    }

    /// `[n, in]` to `[n, out]`.
    #[must_use]
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.packed.linear(x)
    }

    /// [`Self::forward`] of the normed `x`, in one step.
    #[must_use]
    pub fn after(&self, norm: &RmsNorm, x: Tensor<2>) -> Tensor<2> {
        self.packed.norm_linear(x, &norm.gain, norm.epsilon)
    }

    /// `residual + forward(x)`, in place where nobody else holds the residual.
    #[must_use]
    pub fn add_to(&self, residual: Tensor<2>, x: Tensor<2>) -> Tensor<2> {
        self.packed.linear_add(residual, x)
    }

    /// `silu(g) * u`, where `g` and `u` are the two halves of [`Self::after`].
    #[must_use]
    pub fn gated_after(&self, norm: &RmsNorm, x: Tensor<2>) -> Tensor<2> {
        self.packed.norm_gated(x, &norm.gain, norm.epsilon)
    }

    /// The rows of some ids, `[n, in]`: the matrix as an embedding.
    pub(super) fn rows(&self, ids: Tensor<1, Int>) -> Tensor<2> {
        self.packed.embed(ids)
    }
}

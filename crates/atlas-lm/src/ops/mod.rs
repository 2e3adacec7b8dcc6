//! The operations of a decoder, each one call per block: a burn backend extension.
//!
//! Between two calls nothing is left to burn but the residual stream itself, so that a block costs five calls on the
//! CPU and six dispatches on a GPU. The CPU's arithmetic is `atlas-kernels`, the GPU's are CubeCL kernels; both read
//! the same packed weights ([`Matrix`]), which are the numbers of the file in another order.
//!
//! Shapes: `n` rows are `batch * tokens`, row-major. Weights are 32-bit words, whatever their format.

#[cfg(feature = "gpu")]
mod cube;
mod flex;

#[cfg(feature = "gpu")]
pub use cube::dispatches;

/// Sizes of one call of attention.
pub use atlas_kernels::Attention as AttentionShape;

use atlas_kernels::Matrix;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Backend, Dispatch, backend_extension};
use burn::tensor::{Device, Int, Tensor};

/// What a decoder asks of a backend.
#[backend_extension(Flex, Cube: cfg(feature = "gpu"))]
pub trait DecoderOps: Backend {
    /// Rows `ids` `[n]` of a table: `[n, cols]`.
    fn decoder_embed(
        table: IntTensor<Self>,
        matrix: Matrix,
        ids: IntTensor<Self>,
    ) -> FloatTensor<Self>;

    /// `x Wᵗ`: `[n, cols]` to `[n, rows]`.
    fn decoder_linear(
        x: FloatTensor<Self>,
        weight: IntTensor<Self>,
        matrix: Matrix,
    ) -> FloatTensor<Self>;

    /// `norm(x) Wᵗ` with `norm(x) = x / sqrt(mean(x²) + epsilon) * gain`: `[n, cols]` to `[n, rows]`.
    fn decoder_norm_linear(
        x: FloatTensor<Self>,
        gain: &FloatTensor<Self>,
        epsilon: f32,
        weight: IntTensor<Self>,
        matrix: Matrix,
    ) -> FloatTensor<Self>;

    /// `residual + x Wᵗ`: `[n, rows]`, `[n, cols]` to `[n, rows]`.
    fn decoder_linear_add(
        residual: FloatTensor<Self>,
        x: FloatTensor<Self>,
        weight: IntTensor<Self>,
        matrix: Matrix,
    ) -> FloatTensor<Self>;

    /// `silu(g) * u` with `(g, u) = norm(x) Wᵗ`, the rows of all `g` before those of all `u`:
    /// `[n, cols]` to `[n, rows / 2]`.
    fn decoder_norm_gated(
        x: FloatTensor<Self>,
        gain: &FloatTensor<Self>,
        epsilon: f32,
        weight: IntTensor<Self>,
        matrix: Matrix,
    ) -> FloatTensor<Self>;

    /// Causal attention with grouped queries over a cache: turns queries and keys by their positions, writes the
    /// keys and values of this pass into the cache, and mixes. `qkv`: `[n, (heads + 2 kv_heads) * head_width]`;
    /// `rotary`: `[context, head_width]`, each position's cosines, then its sines; `keys`, `values`:
    /// `[batch, kv_heads, capacity, head_width]`. Gives `[n, heads * head_width]` and the cache back.
    fn decoder_attend(
        qkv: FloatTensor<Self>,
        rotary: &FloatTensor<Self>,
        keys: FloatTensor<Self>,
        values: FloatTensor<Self>,
        shape: AttentionShape,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);

    /// The `k` largest of each row `[n, width]`, in any order: values `[n, k]` and places `[n, k]`.
    fn decoder_largest(x: FloatTensor<Self>, k: usize) -> (FloatTensor<Self>, IntTensor<Self>);
}

/// Packed weights on a device.
#[derive(Clone, Debug)]
pub struct Packed {
    words: Tensor<1, Int>,
    matrix: Matrix,
}

impl Packed {
    /// Puts packed words on a device as they are.
    pub fn new(matrix: Matrix, words: Vec<u32>, device: &Device) -> Self {
        use burn::tensor::{DType, TensorData};
        let count = words.len();
        let words = Tensor::from_data(TensorData::new(words, [count]), (device, DType::U32));
        Self { words, matrix }
    }

    /// Its sizes and format.
    pub fn matrix(&self) -> Matrix {
        self.matrix
    }

    /// See [`DecoderOps::decoder_embed`].
    pub fn embed(&self, ids: Tensor<1, Int>) -> Tensor<2> {
        Tensor::from_dispatch(Dispatch::decoder_embed(
            self.words.clone().into_dispatch(),
            self.matrix,
            ids.into_dispatch(),
        ))
    }

    /// See [`DecoderOps::decoder_linear`].
    pub fn linear(&self, x: Tensor<2>) -> Tensor<2> {
        Tensor::from_dispatch(Dispatch::decoder_linear(
            x.into_dispatch(),
            self.words.clone().into_dispatch(),
            self.matrix,
        ))
    }

    /// See [`DecoderOps::decoder_norm_linear`].
    pub fn norm_linear(&self, x: Tensor<2>, gain: &Tensor<1>, epsilon: f32) -> Tensor<2> {
        Tensor::from_dispatch(Dispatch::decoder_norm_linear(
            x.into_dispatch(),
            &gain.clone().into_dispatch(),
            epsilon,
            self.words.clone().into_dispatch(),
            self.matrix,
        ))
    }

    /// See [`DecoderOps::decoder_linear_add`].
    pub fn linear_add(&self, residual: Tensor<2>, x: Tensor<2>) -> Tensor<2> {
        Tensor::from_dispatch(Dispatch::decoder_linear_add(
            residual.into_dispatch(),
            x.into_dispatch(),
            self.words.clone().into_dispatch(),
            self.matrix,
        ))
    }

    /// See [`DecoderOps::decoder_norm_gated`].
    pub fn norm_gated(&self, x: Tensor<2>, gain: &Tensor<1>, epsilon: f32) -> Tensor<2> {
        Tensor::from_dispatch(Dispatch::decoder_norm_gated(
            x.into_dispatch(),
            &gain.clone().into_dispatch(),
            epsilon,
            self.words.clone().into_dispatch(),
            self.matrix,
        ))
    }
}

/// See [`DecoderOps::decoder_attend`].
pub fn attend(
    qkv: Tensor<2>,
    rotary: &Tensor<2>,
    keys: Tensor<4>,
    values: Tensor<4>,
    shape: AttentionShape,
) -> (Tensor<2>, Tensor<4>, Tensor<4>) {
    let (mixed, keys, values) = Dispatch::decoder_attend(
        qkv.into_dispatch(),
        &rotary.clone().into_dispatch(),
        keys.into_dispatch(),
        values.into_dispatch(),
        shape,
    );
    (
        Tensor::from_dispatch(mixed),
        Tensor::from_dispatch(keys),
        Tensor::from_dispatch(values),
    )
}

/// See [`DecoderOps::decoder_largest`].
pub fn largest(x: Tensor<2>, k: usize) -> (Tensor<2>, Tensor<2, Int>) {
    let (values, places) = Dispatch::decoder_largest(x.into_dispatch(), k);
    (Tensor::from_dispatch(values), Tensor::from_dispatch(places))
}

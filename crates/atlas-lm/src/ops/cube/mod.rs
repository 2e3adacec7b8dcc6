//! GPUs: CubeCL kernels over burn's tensors, one dispatch for each operation (attention: two).
//!
//! They assume what WebGPU promises and no more: 256 threads and 16 KB of memory per workgroup, 8 buffers per
//! kernel, no subgroups. Arithmetic is f32; weights are widened as they are read.

mod attention;
mod embed;
mod largest;
mod launch;
mod linear;
mod weights;

pub use launch::dispatches;

use super::{AttentionShape, DecoderOps};
use atlas_kernels::Matrix;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn_cubecl::CubeBackend;
use linear::Norm;

impl DecoderOps for CubeBackend {
    fn decoder_embed(
        table: IntTensor<Self>,
        matrix: Matrix,
        ids: IntTensor<Self>,
    ) -> FloatTensor<Self> {
        embed::embed(table, matrix, ids)
    }

    fn decoder_linear(
        x: FloatTensor<Self>,
        weight: IntTensor<Self>,
        matrix: Matrix,
    ) -> FloatTensor<Self> {
        linear::linear(x, None, weight, matrix)
    }

    fn decoder_norm_linear(
        x: FloatTensor<Self>,
        gain: &FloatTensor<Self>,
        epsilon: f32,
        weight: IntTensor<Self>,
        matrix: Matrix,
    ) -> FloatTensor<Self> {
        linear::linear(x, Some(Norm { gain, epsilon }), weight, matrix)
    }

    fn decoder_linear_add(
        residual: FloatTensor<Self>,
        x: FloatTensor<Self>,
        weight: IntTensor<Self>,
        matrix: Matrix,
    ) -> FloatTensor<Self> {
        linear::linear_add(residual, x, weight, matrix)
    }

    fn decoder_norm_gated(
        x: FloatTensor<Self>,
        gain: &FloatTensor<Self>,
        epsilon: f32,
        weight: IntTensor<Self>,
        matrix: Matrix,
    ) -> FloatTensor<Self> {
        linear::gated(x, Norm { gain, epsilon }, weight, matrix)
    }

    fn decoder_attend(
        qkv: FloatTensor<Self>,
        rotary: &FloatTensor<Self>,
        keys: FloatTensor<Self>,
        values: FloatTensor<Self>,
        shape: AttentionShape,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        attention::attend(qkv, rotary, keys, values, shape)
    }

    fn decoder_largest(x: FloatTensor<Self>, k: usize) -> (FloatTensor<Self>, IntTensor<Self>) {
        largest::largest(x, k)
    }
}

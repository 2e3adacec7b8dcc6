//! The CPU: burn's flex tensors lend their memory to `atlas-kernels`.

use super::{AttentionShape, DecoderOps};
use atlas_kernels::{Matrix, Norm, Pool, Shared};
use burn::backend::Flex;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::tensor::{DType, TensorData};
use std::sync::Arc;

type FlexTensor = FloatTensor<Flex>;

/// A contiguous tensor whose storage a job may hold.
struct Storage(FlexTensor);

impl AsRef<[f32]> for Storage {
    fn as_ref(&self) -> &[f32] {
        floats(&self.0)
    }
}

impl AsRef<[u32]> for Storage {
    fn as_ref(&self) -> &[u32] {
        words(&self.0)
    }
}

/// Weights and caches are made contiguous once, by whoever made them.
fn floats(tensor: &FlexTensor) -> &[f32] {
    tensor.as_slice().unwrap_or_default()
}

fn words(tensor: &FlexTensor) -> &[u32] {
    tensor.as_slice().unwrap_or_default()
}

fn contiguous(tensor: FlexTensor) -> FlexTensor {
    if tensor.as_slice::<f32>().is_some() {
        tensor
    } else {
        tensor.to_contiguous()
    }
}

fn shared_words(tensor: FlexTensor) -> Shared<u32> {
    Arc::new(Storage(tensor))
}

fn shared_floats(tensor: FlexTensor) -> Shared<f32> {
    Arc::new(Storage(tensor))
}

fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape))
}

fn rows(values: Vec<f32>, width: usize) -> FlexTensor {
    let n = values.len() / width.max(1);
    tensor(values, [n, width])
}

impl DecoderOps for Flex {
    fn decoder_embed(
        table: IntTensor<Self>,
        matrix: Matrix,
        ids: IntTensor<Self>,
    ) -> FloatTensor<Self> {
        let ids: Vec<i32> = match ids.dtype() {
            DType::I32 => ids.as_slice::<i32>().map(<[i32]>::to_vec),
            _ => ids.as_slice::<i64>().map(|ids| {
                ids.iter()
                    .map(|&id| i32::try_from(id).unwrap_or(0))
                    .collect()
            }),
        }
        .unwrap_or_default();
        rows(
            atlas_kernels::embed(matrix, words(&table), &ids),
            matrix.cols,
        )
    }

    fn decoder_linear(
        x: FloatTensor<Self>,
        weight: IntTensor<Self>,
        matrix: Matrix,
    ) -> FloatTensor<Self> {
        let x = contiguous(x);
        let y = atlas_kernels::linear(Pool::global(), matrix, shared_words(weight), floats(&x));
        rows(y, matrix.rows)
    }

    fn decoder_norm_linear(
        x: FloatTensor<Self>,
        gain: &FloatTensor<Self>,
        epsilon: f32,
        weight: IntTensor<Self>,
        matrix: Matrix,
    ) -> FloatTensor<Self> {
        let x = contiguous(x);
        let norm = Norm {
            gain: floats(gain),
            epsilon,
        };
        let weight = shared_words(weight);
        let y = atlas_kernels::norm_linear(Pool::global(), norm, matrix, weight, floats(&x));
        rows(y, matrix.rows)
    }

    fn decoder_linear_add(
        residual: FloatTensor<Self>,
        x: FloatTensor<Self>,
        weight: IntTensor<Self>,
        matrix: Matrix,
    ) -> FloatTensor<Self> {
        let (x, residual) = (contiguous(x), contiguous(residual));
        let (pool, weight) = (Pool::global(), shared_words(weight));
        let y = atlas_kernels::linear_add(pool, matrix, weight, floats(&x), floats(&residual));
        rows(y, matrix.rows)
    }

    fn decoder_norm_gated(
        x: FloatTensor<Self>,
        gain: &FloatTensor<Self>,
        epsilon: f32,
        weight: IntTensor<Self>,
        matrix: Matrix,
    ) -> FloatTensor<Self> {
        let x = contiguous(x);
        let norm = Norm {
            gain: floats(gain),
            epsilon,
        };
        let weight = shared_words(weight);
        let y = atlas_kernels::norm_gated(Pool::global(), norm, matrix, weight, floats(&x));
        rows(y, matrix.rows / 2)
    }

    fn decoder_attend(
        qkv: FloatTensor<Self>,
        rotary: &FloatTensor<Self>,
        mut keys: FloatTensor<Self>,
        mut values: FloatTensor<Self>,
        shape: AttentionShape,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let qkv = contiguous(qkv);
        atlas_kernels::extend_cache(
            shape,
            floats(&qkv),
            floats(rotary),
            keys.storage_mut(),
            values.storage_mut(),
        );
        let mixed = atlas_kernels::attend(
            Pool::global(),
            shape,
            shared_floats(qkv),
            shared_floats(rotary.clone()),
            shared_floats(keys.clone()),
            shared_floats(values.clone()),
        );
        let mixed = rows(mixed, shape.heads * shape.head_width);
        (mixed, keys, values)
    }

    fn decoder_largest(x: FloatTensor<Self>, k: usize) -> (FloatTensor<Self>, IntTensor<Self>) {
        let width = x.layout().shape()[1];
        let x = contiguous(x);
        let (mut values, mut places) = (Vec::new(), Vec::new());
        for row in floats(&x).chunks(width.max(1)) {
            let mut order: Vec<i32> = (0i32..).take(row.len()).collect();
            let at = |i: &i32| row[usize::try_from(*i).unwrap_or(0)];
            if k < order.len() {
                // Ties go to the smaller place, so that the choice never depends on the algorithm.
                order.select_nth_unstable_by(k, |a, b| at(b).total_cmp(&at(a)).then(a.cmp(b)));
                order.truncate(k);
            }
            values.extend(order.iter().map(at));
            places.extend(order);
        }
        let n = values.len() / k.max(1);
        let places = FlexTensor::from_data(TensorData::new(places, [n, k]));
        (tensor(values, [n, k]), places)
    }
}

//! What every launch of a kernel needs.

use burn::backend::ops::{FloatTensorOps, IntTensorOps};
use burn::tensor::{DType, FloatDType, IntDType, Shape};
use burn_cubecl::CubeBackend;
use burn_cubecl::cubecl::prelude::*;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::tensor::CubeTensor;
use std::sync::atomic::{AtomicU64, Ordering};

/// Most workgroups along an axis that WebGPU promises.
const AXIS: usize = 65_535;

/// Kernels of this module launched so far.
static DISPATCHES: AtomicU64 = AtomicU64::new(0);

/// Kernels that the decoder's operations have launched since the program began.
pub fn dispatches() -> u64 {
    DISPATCHES.load(Ordering::Relaxed)
}

/// Workgroups of a launch, which is counted.
///
/// # Panics
/// When there are more than WebGPU takes.
pub(super) fn cubes(x: usize, y: usize, z: usize) -> CubeCount {
    DISPATCHES.fetch_add(1, Ordering::Relaxed);
    CubeCount::Static(count(x), count(y), count(z))
}

fn count(workgroups: usize) -> u32 {
    assert!(workgroups <= AXIS, "{workgroups} workgroups along an axis");
    u32::try_from(workgroups).unwrap_or(u32::MAX)
}

/// A size as a kernel takes it.
pub(super) fn size(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Numbers as the kernels read them.
pub(super) fn floats(tensor: CubeTensor) -> CubeTensor {
    let tensor = match tensor.dtype {
        DType::F32 => tensor,
        _ => CubeBackend::float_cast(tensor, FloatDType::F32),
    };
    into_contiguous(tensor)
}

/// Whole numbers as the kernels read them.
pub(super) fn integers(tensor: CubeTensor) -> CubeTensor {
    let tensor = match tensor.dtype {
        DType::I32 => tensor,
        _ => CubeBackend::int_cast(tensor, IntDType::I32),
    };
    into_contiguous(tensor)
}

/// Room for results beside a tensor.
pub(super) fn room(beside: &CubeTensor, shape: impl Into<Shape>, dtype: DType) -> CubeTensor {
    let (client, device) = (beside.client.clone(), beside.device.clone());
    empty_device_contiguous_dtype(client, device, shape.into(), dtype)
}

//! Where a model runs.

use crate::error::RunError;
use burn::tensor::{Device, Int, Tensor};

/// The CPU, in pure Rust.
#[must_use]
pub fn cpu() -> Device {
    Device::flex()
}

/// The GPU through WebGPU (Vulkan, Metal, DX12 natively).
///
/// # Errors
/// When there is none or it refuses. In a browser, look for an adapter first: what the
/// runtime does without one is to panic.
#[cfg(feature = "gpu")]
pub async fn gpu() -> Result<Device, RunError> {
    Device::wgpu_options()
        .init_async()
        .await
        .map_err(|e| RunError::Device(e.to_string()))
}

/// Kernels that the decoder has launched on GPUs since the program began.
#[cfg(feature = "gpu")]
#[must_use]
pub fn dispatches() -> u64 {
    crate::ops::dispatches()
}

/// Brings numbers back to the host, row-major.
///
/// # Errors
/// When the device failed.
pub async fn read<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, RunError> {
    let data = tensor
        .into_data_async()
        .await
        .map_err(|e| RunError::Device(format!("{e:?}")))?;
    data.try_into_vec::<f32>()
        .map_err(|e| RunError::Device(format!("{e:?}")))
}

/// Brings rows of `k` places and values back, largest value first.
pub(crate) async fn read_pairs(
    places: Tensor<2, Int>,
    values: Tensor<2>,
    k: usize,
) -> Result<Vec<Vec<(u32, f32)>>, RunError> {
    let failed = |e: String| RunError::Device(e);
    let places = places
        .into_data_async()
        .await
        .map_err(|e| failed(format!("{e:?}")))?;
    let places: Vec<u32> = places.iter::<u32>().collect();
    let values = read(values).await?;
    let rows = places.chunks(k.max(1)).zip(values.chunks(k.max(1)));
    Ok(rows
        .map(|(places, values)| {
            let mut row: Vec<_> = places.iter().copied().zip(values.iter().copied()).collect();
            row.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            row
        })
        .collect())
}

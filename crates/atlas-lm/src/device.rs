//! Where a model runs.

use crate::error::RunError;
use burn::tensor::{Device, Tensor};

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

//! Where a model runs.

use crate::error::RunError;
use burn::tensor::{Device, Int, Tensor, Transaction};
#[cfg(feature = "gpu")]
use burn_cubecl::cubecl::dry_run::DryRun;
use std::fmt::Debug;

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

/// As long as it lives, GPUs compile what they are asked for and run nothing of it: what is then computed is no
/// number at all. It counts for the whole program, so no other thread may be at work on a GPU.
#[cfg(feature = "gpu")]
#[must_use = "it is over when this is dropped"]
#[derive(Debug)]
pub struct Rehearsal {
    _dry_run: DryRun,
}

/// Without GPUs there is nothing to rehearse.
#[cfg(not(feature = "gpu"))]
#[must_use = "it is over when this is dropped"]
#[derive(Debug)]
pub struct Rehearsal;

/// Begins a [`Rehearsal`]. Hold it across no `await`: others would rehearse with you.
pub fn rehearse() -> Rehearsal {
    Rehearsal {
        #[cfg(feature = "gpu")]
        _dry_run: DryRun::new(),
    }
}

/// Waits until a device has done, and compiled, all that it was asked for.
///
/// # Errors
/// When the device failed.
pub async fn ready(device: &Device) -> Result<(), RunError> {
    read(Tensor::<1>::ones([1], device) * 2.0).await.map(drop)
}

/// Brings numbers back to the host, row-major.
///
/// # Errors
/// When the device failed.
pub async fn read<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, RunError> {
    let data = tensor.into_data_async().await.map_err(failed)?;
    data.try_into_vec().map_err(failed)
}

/// Brings several tensors back at once: the host waits for the device a single time.
///
/// # Errors
/// When the device failed.
pub async fn read_all<const D: usize>(tensors: Vec<Tensor<D>>) -> Result<Vec<Vec<f32>>, RunError> {
    let all = Transaction::default();
    let all = tensors.into_iter().fold(all, Transaction::register);
    let found = all.execute_async().await.map_err(failed)?;
    found
        .into_iter()
        .map(|data| data.try_into_vec().map_err(failed))
        .collect()
}

/// What burn says of a device, in its own words.
fn failed(error: impl Debug) -> RunError {
    RunError::Device(format!("{error:?}"))
}

/// Brings rows of `k` places and values back, largest value first.
pub(crate) async fn read_pairs(
    places: Tensor<2, Int>,
    values: Tensor<2>,
    k: usize,
) -> Result<Vec<Vec<(u32, f32)>>, RunError> {
    // Together: each reading back of a GPU's memory is a wait of its own.
    let both = Transaction::default().register(places).register(values);
    let both = both.execute_async().await.map_err(failed)?;
    let [places, values] = both.as_slice() else {
        return Err(RunError::Device("a tensor did not come back".into()));
    };
    let places: Vec<u32> = places.iter::<u32>().collect();
    let values: Vec<f32> = values.iter::<f32>().collect();
    let rows = places.chunks(k.max(1)).zip(values.chunks(k.max(1)));
    Ok(rows
        .map(|(places, values)| {
            let mut row: Vec<_> = places.iter().copied().zip(values.iter().copied()).collect();
            row.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            row
        })
        .collect())
}

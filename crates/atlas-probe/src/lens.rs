//! The logit lens on a direction.

use atlas_lm::{Llama, RunError, Tensor, device};

/// Logits that a direction `[width]` raises or lowers through final norm and unembedding: `[vocabulary]`
/// (paper, logit lens table). The norm makes the direction's length irrelevant.
///
/// # Errors
/// When the device fails.
pub async fn logit_lens(model: &Llama, direction: &[f32]) -> Result<Vec<f32>, RunError> {
    let width = direction.len();
    let row = Tensor::<1>::from_floats(direction, model.device()).reshape([1, width]);
    device::read(model.unembed(row)).await
}

//! Vectors as they lie in a model's folder.

use crate::files;
use anyhow::{Context, Result};
use atlas_affect::card::VectorsCard;
use atlas_probe::Vectors;
use std::path::Path;

/// The tensors' file.
pub const VECTORS: &str = "vectors.safetensors";
/// The card's file.
pub const CARD: &str = "vectors.json";

/// Card and tensors.
pub fn vectors(folder: &Path) -> Result<(VectorsCard, Vectors)> {
    let read = |name: &str| {
        let path = folder.join(name);
        std::fs::read(&path)
            .with_context(|| format!("{}: run `atlas extract` first", path.display()))
    };
    let card: VectorsCard = serde_json::from_slice(&read(CARD)?)
        .context("vectors.json is of another version: run `atlas extract` again")?;
    Ok((card, Vectors::from_bytes(&read(VECTORS)?)?))
}

/// What tells these vectors from others.
pub fn sha256(folder: &Path) -> Result<String> {
    files::sha256(&[folder.join(VECTORS)])
}

//! `examples.json`: real outputs stored by `atlas example`, shown before a model is there.

use crate::{Reading, Sampling, Setting};
use atlas_units::Strength;
use serde::{Deserialize, Serialize};

/// Stored outputs of one model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Examples {
    /// A text that was read.
    pub reading: Reading,
    /// Pairs of texts that were generated; the first is shown first.
    pub runs: Vec<StoredRun>,
}

/// A plain and a steered text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredRun {
    /// The prompt.
    pub prompt: String,
    /// How it was given.
    pub setting: Setting,
    /// Emotions by name, and how hard each was pushed.
    pub pushes: Vec<(String, Strength)>,
    /// How tokens were drawn.
    pub sampling: Sampling,
    /// The plain text.
    pub plain: String,
    /// The steered text.
    pub steered: String,
}

//! `evaluation.json`: how far a model's vectors can be trusted, as the terminal, its card and the page tell it.

use std::collections::BTreeMap;

use atlas_units::Layer;
use serde::{Deserialize, Serialize};

use crate::Neighbours;
use crate::method::{KeptTopics, MethodOptions};
use crate::retrieval::Retrieval;
use crate::steering::Summary;
use crate::trust::{Interval, Null};

/// What `atlas evaluate` found, with what it needs to be found again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The model's name.
    pub model: String,
    /// SHA-256 of its weights, hexadecimal.
    pub model_sha256: String,
    /// Program and version.
    pub made_by: String,
    /// Vectors that the map shows.
    pub map: MethodOptions,
    /// Directions to steer along.
    pub steering: MethodOptions,
    /// Directions to read with.
    pub reading: MethodOptions,
    /// Topics that chose nothing and made no vector that retrieval is told of.
    pub kept_out: KeptTopics,
    /// How quiet reading is on passages without feeling, at the layer where it was chosen.
    pub false_positives: Option<FalsePositives>,
    /// Figures of the chosen layer only.
    pub once: Once,
    /// What steering does, where `atlas steering` measured it with these vectors.
    #[serde(default)]
    pub steered: Option<Summary>,
    /// One entry per layer looked at, in ascending order.
    pub layers: Vec<Figures>,
}

/// Figures of one layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// The layer, 0 = embedding.
    pub layer: Layer,
    /// Share of variance of the first three components of the map's vectors.
    pub share: [f32; 3],
    /// Pearson r (its size) of the first component with valence.
    pub valence: Interval,
    /// The same with the names of emotions dealt out anew.
    pub valence_null: Null,
    /// Pearson r (its size) of the second component with arousal.
    pub arousal: Interval,
    /// The same with the names of emotions dealt out anew.
    pub arousal_null: Null,
    /// Adjusted Rand index of k-means with the paper's ten clusters, beside its null.
    pub clusters: Null,
    /// Stories on kept-out topics that find their emotion, each minus the mean of its topic and writer, by corpus.
    pub among: BTreeMap<String, Retrieval>,
    /// The same, each story read alone.
    pub alone: BTreeMap<String, Retrieval>,
    /// Area under the curve of an emotion's own stories on kept-out topics against the others, read alone, by corpus.
    pub auc: BTreeMap<String, Area>,
}

/// Area under the curve, over emotions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Area {
    /// Mean.
    pub mean: f32,
    /// Of the emotion that is told worst.
    pub min: f32,
}

/// Figures of the map's vectors at the layer where the map was chosen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Once {
    /// The layer.
    pub layer: Layer,
    /// Nearest emotions of the twelve shown first.
    pub neighbours: Vec<Neighbours>,
    /// What the directions to steer along raise and lower through the unembedding, at the layer they were chosen at.
    pub lens: Vec<Lens>,
    /// Agreement of cosines (Spearman) between vectors from one corpus each, by pair.
    pub between_corpora: BTreeMap<String, Null>,
    /// Agreement of cosines (Spearman) with another model's vectors, by its name.
    pub between_models: BTreeMap<String, Null>,
    /// Directions to read with, made of one corpus's stories (outer name), tried on another's, on kept-out topics of
    /// both, each story minus the mean of its topic and writer.
    pub across: BTreeMap<String, BTreeMap<String, Retrieval>>,
    /// Area under the curve of each emotion (in the order of the emotions) at the layer chosen for reading: its own
    /// stories against the others, read alone, averaged over corpora.
    pub areas: Vec<f32>,
}

/// The logit lens of one emotion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lens {
    /// The emotion.
    pub emotion: String,
    /// Tokens raised most.
    pub up: Vec<String>,
    /// Tokens lowered most.
    pub down: Vec<String>,
}

/// Readings of passages without feeling.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FalsePositives {
    /// The layer.
    pub layer: Layer,
    /// Tokens read.
    pub tokens: usize,
    /// Share of tokens above 1 (the 99th percentile of all text), mean over emotions.
    pub mean: f32,
    /// The same of the emotion seen most.
    pub most: f32,
}

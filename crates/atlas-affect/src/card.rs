//! `vectors.json`: everything about a model's emotion vectors that can be drawn or told without the model.

use atlas_units::Layer;
use serde::{Deserialize, Serialize};

/// The card of one set of emotion vectors; the tensors themselves are in `vectors.safetensors`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VectorsCard {
    /// Version of this file's layout; readers refuse another.
    pub format: u32,
    /// Folder name of the model.
    pub model: String,
    /// SHA-256 of the weights the vectors were extracted with (all pieces joined), hexadecimal.
    pub model_sha256: String,
    /// Layer the map and the reading start at.
    pub layer: Layer,
    /// Where and how hard to steer.
    pub steering: Steering,
    /// The emotions, in the order of every other list and of the tensors.
    pub emotions: Vec<EmotionEntry>,
    /// One entry per layer, the embedding first.
    pub geometry: Vec<LayerGeometry>,
    /// How the vectors were made.
    pub method: Method,
    /// The files they were made from.
    pub corpus: Vec<CorpusFile>,
}

impl VectorsCard {
    /// The layout this code reads and writes.
    pub const FORMAT: u32 = 1;

    /// Position of an emotion by name.
    #[must_use]
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.emotions.iter().position(|e| e.name == name)
    }
}

/// One emotion word.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EmotionEntry {
    /// The word, as in the paper.
    pub name: String,
    /// Its k-means cluster in the paper.
    pub cluster: String,
    /// Rated valence, 1 (unpleasant) to 9 (pleasant).
    pub valence: f32,
    /// Rated arousal, 1 (quiet) to 9 (excited).
    pub arousal: f32,
}

/// Where the emotions lie at one layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerGeometry {
    /// Position on the first three principal components, in units of `unit`; one row per emotion.
    /// Signs are chosen so that the first correlates positively with valence, the second with arousal.
    pub coords: Vec<[f32; 3]>,
    /// Length of one map unit in the residual stream: root mean square distance from the origin on PC1 and PC2.
    pub unit: f32,
    /// Share of variance of each component, 0 to 1.
    pub share: [f32; 3],
    /// Pearson r of each component with rated valence.
    pub r_valence: [f32; 3],
    /// Pearson r of each component with rated arousal.
    pub r_arousal: [f32; 3],
    /// The eight nearest emotions by cosine, nearest first; one row per emotion.
    pub near: Vec<Vec<u16>>,
}

/// Where and how hard the page steers with these vectors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Steering {
    /// Layers that receive the push; each receives `strength x scale x mean residual norm x unit vector`.
    pub layers: Vec<Layer>,
    /// Share of the strength that each of the layers receives.
    pub scale: f32,
    /// Total strength (fraction of the mean residual norm) up to which text stayed fluent.
    pub safe: f32,
    /// Strength at the end of a slider.
    pub limit: f32,
    /// Strength that presets use.
    pub preset: f32,
    /// In words: what `safe` rests on.
    pub basis: String,
}

/// Parameters of the extraction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Method {
    /// First token of a story that enters its mean.
    pub first_token: usize,
    /// Number of nuisance components (of the within-emotion differences) projected out.
    pub nuisance: usize,
    /// Share of within-emotion variance they hold at the chosen layer, 0 to 1.
    pub nuisance_share: f32,
    /// What stories were centred by before averaging, e.g. `topic and writer`.
    pub centred_by: String,
    /// How many stories.
    pub stories: usize,
    /// How many tokens entered the means.
    pub tokens: usize,
    /// Program and version that wrote the file.
    pub made_by: String,
}

/// A corpus file and its hash.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CorpusFile {
    /// File name.
    pub file: String,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

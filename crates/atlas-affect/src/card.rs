//! `vectors.json`: everything about a model's emotion vectors that can be drawn or told without the model.

use crate::method::MethodOptions;
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
    pub const FORMAT: u32 = 2;

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
    /// Strengths, from the lowest (pushing away) to the highest, between which text stayed fluent, one pair per emotion;
    /// empty where they were not measured one by one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<[f32; 2]>,
}

impl Steering {
    /// Lowest and highest strength at which an emotion alone leaves text fluent.
    #[must_use]
    pub fn safe_range(&self, emotion: usize) -> [f32; 2] {
        let measured = self.ranges.get(emotion).copied();
        measured.unwrap_or([-self.safe, self.safe])
    }

    /// How much of what text bears some pushes take up together: above 1 it may break. Each counts by its share of its
    /// own safe range.
    #[must_use]
    pub fn load(&self, pushes: impl IntoIterator<Item = (usize, f32)>) -> f32 {
        // No range is so narrow that nothing can be pushed: the smallest step of a slider is one percent.
        const LEAST: f32 = 0.01;
        let each = pushes.into_iter().map(|(emotion, strength)| {
            let [low, high] = self.safe_range(emotion);
            let end = if strength < 0.0 { -low } else { high };
            strength.abs() / end.max(LEAST)
        });
        each.sum()
    }
}

/// How the vectors were made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Method {
    /// Vectors that the map shows; the same at every layer but for the layer.
    pub map: MethodOptions,
    /// Directions to steer along.
    pub steering: MethodOptions,
    /// Directions to read with.
    pub reading: MethodOptions,
    /// How many components of the differences within emotions were projected out of the map's vectors at the chosen
    /// layer.
    pub nuisance: usize,
    /// Share of the variance within emotions that they held, 0 to 1.
    pub nuisance_share: f32,
    /// How many stories made the map's vectors.
    pub stories: usize,
    /// How many tokens entered the means of all stories.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emotion_without_a_range_of_its_own_has_the_common_one() {
        let steering = Steering {
            layers: vec![],
            scale: 1.0,
            safe: 0.2,
            limit: 0.5,
            preset: 0.2,
            basis: String::new(),
            ranges: vec![[-0.1, 0.4]],
        };
        assert_eq!(steering.safe_range(0), [-0.1, 0.4]);
        assert_eq!(steering.safe_range(1), [-0.2, 0.2]);
        assert!((steering.load([(0, 0.2)]) - 0.5).abs() < 1e-6);
        assert!((steering.load([(0, -0.1), (1, 0.1)]) - 1.5).abs() < 1e-6);
        assert_eq!(steering.load([]), 0.0);
        // Cards of models that were not measured say nothing about single emotions.
        let json = serde_json::to_string(&Steering {
            ranges: vec![],
            ..steering
        })
        .expect("finite");
        assert!(!json.contains("ranges"));
        assert!(
            serde_json::from_str::<Steering>(&json)
                .expect("a card")
                .ranges
                .is_empty()
        );
    }
}

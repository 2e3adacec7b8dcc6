//! How good are the vectors of one layer? Every figure that is told about them, in one value.
//!
//! ```
//! use atlas_affect::{evaluate, evaluate::Plan, StoryMeans, card::EmotionEntry};
//! # let emotions: Vec<EmotionEntry> = ["calm", "sad", "angry"].iter().zip([(8.0, 2.0), (2.0, 3.0), (2.0, 8.0)])
//! #     .map(|(n, (valence, arousal))| EmotionEntry { name: n.to_string(), cluster: "Hostile Anger".into(), valence, arousal })
//! #     .collect();
//! // Three emotions on two topics; the first axis is valence.
//! let rows = vec![2.0, 0.1, -1.0, 0.9, -1.2, -1.0, 2.1, 0.0, -0.9, 1.0, -1.1, -1.1];
//! let stories = StoryMeans::new(vec![0, 1, 2, 0, 1, 2], vec![1, 1, 1, 2, 2, 2], &[0; 6], 2, rows)?;
//! let found = evaluate(&stories, &emotions, &Plan { layer: 18, nuisance: 0, ..Plan::default() })?;
//! assert!(found.r_valence[0] > 0.9);
//! assert_eq!(found.retrieval.unwrap().top1, 1.0);
//! # Ok::<(), atlas_affect::AffectError>(())
//! ```

use atlas_units::Layer;
use serde::{Deserialize, Serialize};

use crate::card::EmotionEntry;
use crate::cluster::{adjusted_rand_index, k_means};
use crate::matrix::unit_rows;
use crate::retrieval::{Retrieval, held_out_topics};
use crate::words::{CLUSTERS, SHOWCASE, cluster_numbers};
use crate::{AffectError, EmotionVectors, Geometry, StoryMeans, geometry};

/// What to compute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Number of the layer the stories' means were taken at; only written down.
    pub layer: u16,
    /// Nuisance components projected out.
    pub nuisance: usize,
    /// Whether to hold out topics: takes as long as all the rest once for every topic.
    pub retrieval: bool,
    /// Seed of the clustering.
    pub seed: u64,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            layer: 0,
            nuisance: 50,
            retrieval: true,
            seed: 1,
        }
    }
}

/// Figures of the emotion vectors at one layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// The layer, 0 = embedding.
    pub layer: Layer,
    /// Stories that made the vectors.
    pub stories: usize,
    /// Emotions.
    pub emotions: usize,
    /// Nuisance components projected out.
    pub nuisance: usize,
    /// Share of the variance within emotions that they held, 0 to 1.
    pub nuisance_share: f32,
    /// Share of the variance between emotions on each of the first three components, 0 to 1.
    pub share: [f32; 3],
    /// Pearson r of each component with rated valence.
    pub r_valence: [f32; 3],
    /// Pearson r of each component with rated arousal.
    pub r_arousal: [f32; 3],
    /// The component that follows valence most.
    pub best_valence: Best,
    /// The component that follows arousal most.
    pub best_arousal: Best,
    /// Nearest neighbours of the showcase emotions that are among the emotions.
    pub neighbours: Vec<Neighbours>,
    /// k-means clusters against the paper's.
    pub clusters: Agreement,
    /// Emotions of stories on topics that made no vector, if that was computed.
    pub retrieval: Option<Retrieval>,
}

/// The component of the first three with the largest correlation, whatever its sign.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// Component, 1 = the first.
    pub component: u8,
    /// Its Pearson r, with sign.
    pub r: f32,
}

impl Best {
    fn of(r: [f32; 3]) -> Self {
        let mut best = Self {
            component: 1,
            r: r[0],
        };
        for (component, r) in [(2, r[1]), (3, r[2])] {
            if r.abs() > best.r.abs() {
                best = Self { component, r };
            }
        }
        best
    }
}

/// The emotions nearest to one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Neighbours {
    /// The emotion.
    pub emotion: String,
    /// Its neighbours, nearest first.
    pub near: Vec<Near>,
}

/// A neighbour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Near {
    /// Its name.
    pub emotion: String,
    /// Cosine of the two vectors, -1 to 1.
    pub cosine: f32,
}

/// k-means on vectors of length 1, compared with the paper's clusters.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    /// Number of clusters, as many as the paper's.
    pub k: usize,
    /// Seed of the starts.
    pub seed: u64,
    /// Adjusted Rand index: 1 = the same groups, 0 = as by chance.
    pub adjusted_rand_index: f32,
}

/// Makes the vectors of one layer and measures them.
///
/// # Errors
/// As [`EmotionVectors::build`] and, with [`Plan::retrieval`], [`held_out_topics`].
pub fn evaluate(
    stories: &StoryMeans,
    emotions: &[EmotionEntry],
    plan: &Plan,
) -> Result<Evaluation, AffectError> {
    let vectors = EmotionVectors::build(stories, emotions.len(), plan.nuisance)?;
    let found = geometry(&vectors, emotions)?;
    let retrieval = match plan.retrieval {
        true => Some(held_out_topics(stories, emotions.len(), plan.nuisance)?),
        false => None,
    };
    Ok(Evaluation {
        layer: Layer::new(plan.layer),
        stories: stories.len(),
        emotions: emotions.len(),
        nuisance: plan.nuisance,
        nuisance_share: vectors.nuisance_share,
        share: found.layer.share,
        r_valence: found.layer.r_valence,
        r_arousal: found.layer.r_arousal,
        best_valence: Best::of(found.layer.r_valence),
        best_arousal: Best::of(found.layer.r_arousal),
        neighbours: neighbours(&found, emotions),
        clusters: agreement(&vectors, emotions, plan.seed),
        retrieval,
    })
}

fn neighbours(found: &Geometry, emotions: &[EmotionEntry]) -> Vec<Neighbours> {
    let shown = SHOWCASE
        .iter()
        .filter_map(|name| emotions.iter().position(|e| e.name == *name));
    shown
        .map(|own| {
            let near = found.layer.near[own].iter().map(|&other| Near {
                emotion: emotions[usize::from(other)].name.clone(),
                cosine: found.cosine[own * emotions.len() + usize::from(other)],
            });
            Neighbours {
                emotion: emotions[own].name.clone(),
                near: near.collect(),
            }
        })
        .collect()
}

fn agreement(vectors: &EmotionVectors, emotions: &[EmotionEntry], seed: u64) -> Agreement {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "cosines need no more digits"
    )]
    let unit: Vec<f32> = unit_rows(&vectors.rows, vectors.width)
        .into_iter()
        .map(|v| v as f32)
        .collect();
    let found = k_means(&unit, vectors.width, CLUSTERS.len(), seed);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a figure to read needs no more digits"
    )]
    let adjusted_rand_index = adjusted_rand_index(&found, &cluster_numbers(emotions)) as f32;
    Agreement {
        k: CLUSTERS.len(),
        seed,
        adjusted_rand_index,
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_pcg::Pcg64Mcg;

    use super::*;
    use crate::words;

    /// 171 emotions on six topics in a model that keeps valence, arousal and clusters, and whose stories
    /// differ most by something else.
    fn model(width: usize, seed: u64) -> StoryMeans {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let emotions = words::emotions();
        let numbers = words::cluster_numbers(emotions);
        let (mut emotion, mut topic, mut rows) = (Vec::new(), Vec::new(), Vec::new());
        for t in 0..6 {
            for (e, entry) in emotions.iter().enumerate() {
                emotion.push(e as u16);
                topic.push(t);
                let style: f32 = rng.random::<f32>() * 60.0 - 30.0;
                for at in 0..width {
                    rows.push(
                        match at {
                            0 => entry.valence * 2.0 - 10.0,
                            1 => entry.arousal * 2.0 - 10.0,
                            2 => style,
                            3..=12 if numbers[e] == at - 3 => 6.0,
                            _ => 0.0,
                        } + rng.random::<f32>()
                            + t as f32,
                    );
                }
            }
        }
        StoryMeans::new(emotion, topic.clone(), &vec![0; topic.len()], width, rows).expect("sound")
    }

    #[test]
    fn a_model_that_keeps_valence_arousal_and_clusters_is_seen_to() {
        let stories = model(20, 1);
        let plan = Plan {
            layer: 3,
            nuisance: 1,
            ..Plan::default()
        };
        let found = evaluate(&stories, words::emotions(), &plan).expect("sound");
        assert!(
            found.r_valence[0] > 0.9 && found.best_valence.component == 1,
            "{found:?}"
        );
        assert!(found.best_arousal.r.abs() > 0.7, "{found:?}");
        assert!(found.nuisance_share > 0.9);
        assert!(
            found.clusters.adjusted_rand_index > 0.6,
            "{:?}",
            found.clusters
        );
        assert_eq!(found.neighbours.len(), 12);
        let afraid = found
            .neighbours
            .iter()
            .find(|n| n.emotion == "afraid")
            .expect("shown");
        assert!(
            afraid.near.iter().filter(|n| is_fear(&n.emotion)).count() >= 6,
            "{afraid:?}"
        );
        let retrieval = found.retrieval.expect("asked for");
        assert!(retrieval.top5 > 5.0 * retrieval.chance.top5);

        // Without taking the style away, it leads.
        let raw = evaluate(
            &stories,
            words::emotions(),
            &Plan {
                nuisance: 0,
                retrieval: false,
                ..plan
            },
        );
        let raw = raw.expect("sound");
        assert!(raw.r_valence[0].abs() < 0.5 && raw.retrieval.is_none());
    }

    fn is_fear(name: &str) -> bool {
        words::emotions()[words::index_of(name).expect("known")].cluster == "Fear and Overwhelm"
    }

    #[test]
    fn an_evaluation_survives_json() {
        let found = evaluate(
            &model(14, 2),
            words::emotions(),
            &Plan {
                nuisance: 1,
                ..Plan::default()
            },
        )
        .expect("sound");
        let json = serde_json::to_string(&found).expect("finite numbers");
        assert_eq!(
            serde_json::from_str::<Evaluation>(&json).expect("same"),
            found
        );
    }

    #[test]
    fn the_best_component_is_the_strongest_of_either_sign() {
        assert_eq!(
            Best::of([0.2, -0.7, 0.6]),
            Best {
                component: 2,
                r: -0.7
            }
        );
    }
}

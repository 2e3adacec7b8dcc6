//! Which emotions lie nearest to one.

use serde::{Deserialize, Serialize};

use crate::Geometry;
use crate::card::EmotionEntry;
use crate::words::SHOWCASE;

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

/// The nearest emotions of those that are shown first, as far as they are among the emotions.
#[must_use]
pub fn neighbours(found: &Geometry, emotions: &[EmotionEntry]) -> Vec<Neighbours> {
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

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_pcg::Pcg64Mcg;

    use super::*;
    use crate::cluster::{adjusted_rand_index, groups};
    use crate::trust::rating_fit;
    use crate::{EmotionVectors, StoryMeans, geometry, words};

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
    fn a_model_that_keeps_valence_and_clusters_is_seen_to() {
        let emotions = words::emotions();
        let stories = model(20, 1);
        let vectors = EmotionVectors::build(&stories, emotions.len(), 1).expect("sound");
        assert!(vectors.nuisance_share > 0.9);
        let [valence, ..] = rating_fit(&vectors, emotions).expect("sound");
        assert!(valence > 0.9);
        let paper = words::cluster_numbers(emotions);
        assert!(adjusted_rand_index(&groups(&vectors, 1), &paper) > 0.6);
        let found = neighbours(&geometry(&vectors, emotions).expect("sound"), emotions);
        assert_eq!(found.len(), 12);
        let afraid = found.iter().find(|n| n.emotion == "afraid");
        let near = &afraid.expect("shown").near;
        assert!(near.iter().filter(|n| is_fear(&n.emotion)).count() >= 6);

        // Without taking the style away, it takes one of the two axes.
        let raw = EmotionVectors::build(&stories, emotions.len(), 0).expect("sound");
        let [valence, arousal, ..] = rating_fit(&raw, emotions).expect("sound");
        assert!(valence.min(arousal) < 0.5);
    }

    fn is_fear(name: &str) -> bool {
        words::emotions()[words::index_of(name).expect("known")].cluster == "Fear and Overwhelm"
    }
}

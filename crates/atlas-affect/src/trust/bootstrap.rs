//! By how much would a figure change had other stories been told? Percentile intervals (Efron 1979).
//!
//! Stories are drawn again with replacement, vectors are averaged anew, the figure is taken anew. What does not
//! change with the draw is what was projected out or whitened: the interval is that of the means, given these.
//! A draw holds about 63 % of the stories and so is noisier than all of them; figures that noise lowers, such as
//! correlations with ratings, tend to lie in the upper part of their interval.
//!
//! ```
//! use atlas_affect::method::{Layered, Material, MethodOptions, Neutral, make};
//! use atlas_affect::trust::{Resample, Telling, bootstrap};
//! use atlas_units::Layer;
//! // Two emotions, four topics, one axis: the vectors are about 1 and -1.
//! let told = Layered {
//!     emotion: vec![0, 1, 0, 1, 0, 1, 0, 1], topic: vec![0, 0, 1, 1, 2, 2, 3, 3], writer: vec![0; 8],
//!     layers: vec![Layer::new(1)], width: 1,
//!     rows: vec![1.2, -1.0, 0.8, -1.1, 1.0, -0.9, 0.9, -1.1],
//! };
//! let material = Material {
//!     first_token: 20,
//!     corpora: [("told".to_owned(), told)].into(),
//!     neutral: Neutral { layers: vec![], width: 1, rows: vec![] },
//! };
//! let options = MethodOptions { within: 0.0, ..MethodOptions::plain("told", 1) };
//! let made = make(&material, &options, 2)?;
//! let telling = Telling::of(&material, &made)?;
//! let length = bootstrap(&telling, Resample::Stories, 200, 0.95, 1, |v| vec![f64::from(v.row(0)[0])])?;
//! assert!(length[0].low < length[0].estimate && length[0].estimate < length[0].high);
//! # Ok::<(), atlas_affect::AffectError>(())
//! ```

use std::collections::BTreeMap;

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;
use serde::{Deserialize, Serialize};

use crate::matrix::add_scaled;
use crate::method::{Centring, Made, Material};
use crate::stats::percentile;
use crate::{AffectError, EmotionVectors};

/// Draws that are tried until every emotion is told.
const TRIES: usize = 100;

/// What is drawn again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resample {
    /// Stories, within each emotion and corpus: every emotion keeps its number of stories. The usual choice, since
    /// what the stories of a topic share is centred away before.
    Stories,
    /// Whole topics within each corpus, with all their stories: the wider interval where stories of a topic share
    /// more than centring takes away; rough with fewer than ten topics.
    Topics,
}

/// A figure with its percentile interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The figure, of all stories.
    pub estimate: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Share of draws between the ends, e.g. 0.95.
    pub level: f64,
    /// Draws.
    pub draws: usize,
    /// What was drawn.
    pub of: Resample,
    /// Seed.
    pub seed: u64,
}

/// The stories that made vectors, in the vectors' coordinates: averages of them are vectors.
#[derive(Clone, Debug)]
pub struct Telling {
    width: usize,
    emotions: usize,
    /// `T x`, `[story, width]`.
    rows: Vec<f64>,
    emotion: Vec<usize>,
    /// Corpus and topic.
    place: Vec<(usize, u32)>,
    weight: Vec<f64>,
    nuisance_share: f32,
}

impl Telling {
    /// Puts the stories of `made`'s mix into its coordinates. The material has to be the one it was made from.
    ///
    /// # Errors
    /// [`AffectError::UnknownCorpus`], [`AffectError::UnknownLayer`], [`AffectError::UnknownEmotion`];
    /// [`AffectError::Shape`] if the material has another number of stories than made the vectors.
    pub fn of(material: &Material, made: &Made) -> Result<Self, AffectError> {
        let emotions = made.vectors.len();
        let mut out = Self {
            width: made.vectors.width,
            emotions,
            rows: Vec::new(),
            emotion: Vec::new(),
            place: Vec::new(),
            weight: Vec::new(),
            nuisance_share: made.removed.within_share,
        };
        for (number, (name, _)) in made.options.mix.0.iter().enumerate() {
            let weight = made.options.mix.weight(name);
            if weight <= 0.0 {
                continue;
            }
            let corpus = material.corpora.get(name);
            let corpus = corpus.ok_or_else(|| AffectError::UnknownCorpus(name.clone()))?;
            let stories = corpus.at(made.options.layer)?;
            let strange = stories
                .emotion
                .iter()
                .copied()
                .find(|&e| usize::from(e) >= emotions);
            if let Some(emotion) = strange {
                return Err(AffectError::UnknownEmotion { emotion, emotions });
            }
            if stories.width != out.width {
                let (expected, found) = (out.width, stories.width);
                return Err(AffectError::Shape {
                    what: "width",
                    expected,
                    found,
                });
            }
            let centred = match made.options.centring {
                Centring::None => stories.rows.iter().map(|&v| f64::from(v)).collect(),
                Centring::Topic => stories.centred_by(&stories.topic),
                Centring::TopicAndWriter => stories.centred(),
            };
            out.rows.extend(made.mapped(&centred));
            out.emotion
                .extend(stories.emotion.iter().map(|&e| usize::from(e)));
            out.place.extend(stories.topic.iter().map(|&t| (number, t)));
            out.weight
                .extend(vec![weight / stories.len() as f64; stories.len()]);
        }
        let (expected, found) = (made.stories, out.emotion.len());
        if expected != found {
            return Err(AffectError::Shape {
                what: "stories",
                expected,
                found,
            });
        }
        Ok(out)
    }

    /// The vectors of all stories: those that were made.
    #[must_use]
    pub fn vectors(&self) -> EmotionVectors {
        self.counted(&vec![1; self.emotion.len()]).0
    }

    /// The vectors of stories that count as often as said, and whether every emotion is told.
    fn counted(&self, counts: &[u32]) -> (EmotionVectors, bool) {
        let width = self.width;
        let mut means = vec![0.0; self.emotions * width];
        let mut weights = vec![0.0; self.emotions];
        for (story, &count) in counts.iter().enumerate().filter(|(_, c)| **c > 0) {
            let weight = f64::from(count) * self.weight[story];
            let e = self.emotion[story];
            weights[e] += weight;
            add_scaled(
                &mut means[e * width..][..width],
                weight,
                &self.rows[story * width..][..width],
            );
        }
        let mut middle = vec![0.0; width];
        for (mean, weight) in means.chunks_exact_mut(width).zip(&weights) {
            mean.iter_mut()
                .for_each(|v| *v /= weight.max(f64::MIN_POSITIVE));
            add_scaled(&mut middle, 1.0 / self.emotions as f64, mean);
        }
        means
            .chunks_exact_mut(width)
            .for_each(|m| add_scaled(m, -1.0, &middle));
        let vectors = EmotionVectors {
            width,
            rows: means.into_iter().map(|v| v as f32).collect(),
            nuisance_share: self.nuisance_share,
        };
        (vectors, weights.iter().all(|&w| w > 0.0))
    }

    /// Stories that are drawn from among each other (one after the other, each a list of stories that come together).
    fn strata(&self, of: Resample) -> Vec<Vec<Vec<usize>>> {
        let mut strata = BTreeMap::<(usize, usize), BTreeMap<usize, Vec<usize>>>::new();
        for (story, (&(corpus, topic), &emotion)) in
            self.place.iter().zip(&self.emotion).enumerate()
        {
            let (stratum, unit) = match of {
                Resample::Stories => ((corpus, emotion), story),
                Resample::Topics => ((corpus, 0), topic as usize),
            };
            strata
                .entry(stratum)
                .or_default()
                .entry(unit)
                .or_default()
                .push(story);
        }
        strata
            .into_values()
            .map(|units| units.into_values().collect())
            .collect()
    }
}

/// Percentile intervals of any figures of the vectors: one for each value that `figures` returns.
///
/// # Errors
/// [`AffectError::Options`] without draws, with a level that is not between 0 and 1, if `figures` does not always
/// return as many values, or if draws of topics keep leaving an emotion without a story.
pub fn bootstrap(
    telling: &Telling,
    of: Resample,
    draws: usize,
    level: f64,
    seed: u64,
    mut figures: impl FnMut(&EmotionVectors) -> Vec<f64>,
) -> Result<Vec<Interval>, AffectError> {
    if draws == 0 || !(level > 0.0 && level < 1.0) {
        return Err(AffectError::Options(
            "a bootstrap needs draws and a level between 0 and 1".into(),
        ));
    }
    let strata = telling.strata(of);
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let estimates = figures(&telling.vectors());
    let mut seen = vec![Vec::with_capacity(draws); estimates.len()];
    for _ in 0..draws {
        let vectors = (0..TRIES).find_map(|_| {
            let mut counts = vec![0; telling.emotion.len()];
            for units in &strata {
                for _ in units {
                    units[rng.random_range(0..units.len())]
                        .iter()
                        .for_each(|&s| counts[s] += 1);
                }
            }
            let (vectors, all_told) = telling.counted(&counts);
            all_told.then_some(vectors)
        });
        let vectors = vectors.ok_or_else(|| {
            AffectError::Options("draws of topics leave an emotion untold".into())
        })?;
        let values = figures(&vectors);
        if values.len() != seen.len() {
            return Err(AffectError::Options(
                "the number of figures changes between draws".into(),
            ));
        }
        seen.iter_mut().zip(values).for_each(|(s, v)| s.push(v));
    }
    let tail = (1.0 - level) / 2.0;
    let intervals = estimates.into_iter().zip(&mut seen);
    Ok(intervals
        .map(|(estimate, seen)| Interval {
            estimate,
            low: percentile(seen, tail),
            high: percentile(seen, 1.0 - tail),
            level,
            draws,
            of,
            seed,
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::method::samples::material;
    use crate::method::{MethodOptions, Mix, Space, make};

    fn told(topics: u32, seed: u64, options: &MethodOptions) -> (Telling, Made) {
        let all = material(6, topics, 8, 2.0, seed);
        let made = make(&all, options, 6).expect("sound");
        (Telling::of(&all, &made).expect("fits"), made)
    }

    fn plain() -> MethodOptions {
        MethodOptions {
            within: 0.0,
            ..MethodOptions::plain("told", 2)
        }
    }

    #[test]
    fn all_stories_give_the_vectors_that_were_made() {
        let mixed = Mix::of([("told", 1.0), ("inner", 0.3)]);
        for options in [
            plain(),
            MethodOptions {
                centring: Centring::None,
                within: 0.3,
                neutral: 0.2,
                ..plain()
            },
            MethodOptions {
                mix: mixed,
                space: Space::Whitened { shrinkage: 0.2 },
                within: 0.2,
                ..plain()
            },
        ] {
            let (telling, made) = told(7, 1, &options);
            let again = telling.vectors();
            let pairs = again.rows.iter().zip(&made.vectors.rows);
            assert!(
                pairs.into_iter().all(|(a, b)| (a - b).abs() < 1e-4),
                "{options}"
            );
        }
    }

    #[test]
    fn intervals_are_as_wide_as_the_standard_error_says() {
        // Uniform noise in [-1, 1] has sd 0.577; a component of a mean of 30, centred over 6 emotions both by topic and
        // over means, has sd 0.577 / sqrt(30) * sqrt(5/6) = 0.0962: 95 % within 1.96 of these either side.
        let (telling, _) = told(30, 2, &plain());
        let figures =
            |v: &EmotionVectors| (0..8).map(|at| f64::from(v.row(0)[at])).collect::<Vec<_>>();
        let intervals =
            bootstrap(&telling, Resample::Stories, 1000, 0.95, 3, figures).expect("sound");
        let width = intervals.iter().map(|i| i.high - i.low).sum::<f64>() / 8.0;
        assert!(
            (width / (2.0 * 1.96 * 0.0962) - 1.0).abs() < 0.15,
            "{width}"
        );
        assert!(
            intervals
                .iter()
                .all(|i| i.low < i.estimate && i.estimate < i.high)
        );
        let again = bootstrap(&telling, Resample::Stories, 1000, 0.95, 3, figures).expect("sound");
        assert_eq!(intervals, again);
        let narrower =
            bootstrap(&telling, Resample::Stories, 1000, 0.5, 3, figures).expect("sound");
        assert!(
            narrower
                .iter()
                .zip(&intervals)
                .all(|(n, i)| n.low > i.low && n.high < i.high)
        );
    }

    #[test]
    fn topics_are_drawn_whole() {
        // What a topic adds to emotion 0 alone is not centred away: all stories of a topic come or stay together.
        let (telling, _) = told(10, 4, &plain());
        let strata = telling.strata(Resample::Topics);
        assert_eq!(
            (strata.len(), strata[0].len(), strata[0][0].len()),
            (1, 10, 6)
        );
        let strata = telling.strata(Resample::Stories);
        assert_eq!(
            (strata.len(), strata[0].len(), strata[0][0].len()),
            (6, 10, 1)
        );
        let figures = |v: &EmotionVectors| vec![f64::from(v.row(0)[0])];
        let of = bootstrap(&telling, Resample::Topics, 300, 0.9, 5, figures).expect("sound");
        assert!(of[0].low < of[0].high);
    }

    #[test]
    fn what_cannot_be_drawn_is_refused() {
        let (telling, made) = told(4, 6, &plain());
        let none = |_: &EmotionVectors| vec![];
        assert!(bootstrap(&telling, Resample::Stories, 0, 0.9, 1, none).is_err());
        assert!(bootstrap(&telling, Resample::Stories, 9, 1.0, 1, none).is_err());
        let mut calls = 0;
        let odd = |_: &EmotionVectors| {
            calls += 1;
            vec![0.0; calls]
        };
        assert!(bootstrap(&telling, Resample::Stories, 9, 0.9, 1, odd).is_err());
        let other = material(6, 5, 8, 2.0, 7);
        assert!(matches!(
            Telling::of(&other, &made),
            Err(AffectError::Shape { .. })
        ));
    }
}

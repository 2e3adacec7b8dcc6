//! From material and options to vectors.
//!
//! With `x` a centred story, `w` its weight (its corpus's weight, shared evenly among that corpus's stories) and
//! `m_e` the weighted mean over emotion `e`:
//! - neutral passages, minus their mean, give components `N`; `P = I - N'N` takes them away;
//! - differences within emotions give `S = P (sum of w (x - m_e)(x - m_e)') P = U diag(l) U'`, `[width, width]`;
//! - each direction of `U` gets a factor `f`: 0 for the strongest ones that hold the share to be projected out,
//!   and for the others 1 (`Mean`) or `((1 - s) l + s v)^(-1/2)` (`Whitened`, `v` the mean of the `l` left);
//! - `T = U diag(f) U' P` is symmetric, and the vectors are `T (m_e - mean over emotions)`.
//!
//! A text is compared with them by the cosine of `T x`. Since `T` is symmetric, `x . T v_e` is the same product
//! taken in the residual stream: `T v_e` is the *filter* to read with. What the model itself writes there is the
//! difference of means, the *pattern*, with the components projected out and nothing whitened: it is what steering
//! adds (Haufe et al., "On the interpretation of weight vectors of linear models", NeuroImage 2014).

mod basis;
mod components;
mod prepared;

pub(crate) use basis::Basis;
pub(crate) use components::Components;
pub(crate) use prepared::Prepared;

use self::basis::Factors;
use crate::matrix::{normalise, product, scatter};
use crate::method::{Material, MethodOptions};
use crate::{AffectError, EmotionVectors, StoryMeans};

/// Emotion vectors, and what is needed to compare texts with them.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    /// How they were made.
    pub options: MethodOptions,
    /// The vectors, in the coordinates in which cosines are taken: geometry, neighbours, clusters.
    pub vectors: EmotionVectors,
    /// Directions to project a residual on (equal to `vectors` with [`Space::Mean`](crate::method::Space::Mean)).
    pub filters: EmotionVectors,
    /// Directions to steer along: never whitened (equal to `vectors` with [`Space::Mean`](crate::method::Space::Mean)).
    pub patterns: EmotionVectors,
    /// What was projected out.
    pub removed: Removed,
    /// Mean over emotions of their stories' mean residuals, not centred, `[width]`: what a text that stands alone
    /// is compared after taking away.
    pub centre: Vec<f32>,
    /// Stories that made them.
    pub stories: usize,
    /// `T`, `[width, width]`.
    map: Vec<f64>,
}

/// Components that were projected out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Removed {
    /// How many of the differences within emotions.
    pub within: usize,
    /// Share of the variance within emotions that they held, 0 to 1.
    pub within_share: f32,
    /// How many of the neutral passages.
    pub neutral: usize,
    /// Share of the variance among neutral passages that they held, 0 to 1.
    pub neutral_share: f32,
}

/// Makes the vectors of `emotions` emotions.
///
/// # Errors
/// As [`MethodOptions::check`]; [`AffectError::Options`] if the means begin at another token than the options say;
/// [`AffectError::UnknownCorpus`], [`AffectError::UnknownLayer`], [`AffectError::UnknownEmotion`];
/// [`AffectError::NoStory`] for an emotion that no story of the mix tells; [`AffectError::Empty`] if neutral
/// components are asked for without passages; as [`StoryMeans::check`].
pub fn make(
    material: &Material,
    options: &MethodOptions,
    emotions: usize,
) -> Result<Made, AffectError> {
    agree(material, options)?;
    let prepared = Prepared::of(material, options.layer, options.centring)?;
    let neutral = Components::of_neutral(material, options)?;
    let basis = Basis::fit(&prepared, &neutral, options, emotions, |_, _| true)?;
    if let Some(emotion) = basis.told.iter().position(|t| !t) {
        return Err(AffectError::NoStory(emotion));
    }
    let Factors {
        each,
        removed,
        share,
    } = basis.factors(options);
    let seen: Vec<f64> = each.iter().map(|&f| f64::from(f > 0.0)).collect();
    let twice: Vec<f64> = each.iter().map(|f| f * f).collect();
    let vectors = |factors: &[f64]| basis.vectors(factors, share);
    let width = prepared.width;
    let mut scaled = basis.directions.clone();
    for (row, f) in scaled.chunks_exact_mut(width).zip(&each) {
        row.iter_mut().for_each(|v| *v *= f.sqrt());
    }
    Ok(Made {
        options: options.clone(),
        vectors: vectors(&each),
        filters: vectors(&twice),
        patterns: vectors(&seen),
        removed: Removed {
            within: removed,
            within_share: share,
            neutral: neutral.rows.len() / width,
            neutral_share: neutral.share,
        },
        centre: basis.centre.iter().map(|&v| v as f32).collect(),
        stories: basis.stories,
        map: scatter(&scaled, width),
    })
}

impl Made {
    /// Rows of the residual stream, `[text, width]`, centred as the caller sees fit, times `T`.
    pub(crate) fn mapped(&self, rows: &[f64]) -> Vec<f64> {
        product(rows, &self.map, self.vectors.width)
    }

    /// Cosine of each text's mean residual, minus [`Self::centre`], with every vector: `[text, emotion]`.
    ///
    /// # Errors
    /// [`AffectError::Shape`] unless `rows` is `[text, width]`.
    pub fn cosines_alone(&self, rows: &[f32]) -> Result<Vec<f32>, AffectError> {
        let width = self.vectors.width;
        if !rows.len().is_multiple_of(width) {
            let expected = rows.len().next_multiple_of(width);
            return Err(AffectError::Shape {
                what: "rows",
                expected,
                found: rows.len(),
            });
        }
        let centre = self.centre.iter().cycle();
        let rows = rows
            .iter()
            .zip(centre)
            .map(|(&v, &c)| f64::from(v) - f64::from(c));
        Ok(self.cosines(&rows.collect::<Vec<f64>>()))
    }

    /// Cosine of each story, minus the mean of its group, with every vector: `[story, emotion]`.
    ///
    /// # Errors
    /// As [`StoryMeans::check`]; [`AffectError::Shape`] if the widths differ.
    pub fn cosines_among(&self, stories: &StoryMeans) -> Result<Vec<f32>, AffectError> {
        stories.check()?;
        let (expected, found) = (self.vectors.width, stories.width);
        if expected != found {
            return Err(AffectError::Shape {
                what: "width",
                expected,
                found,
            });
        }
        Ok(self.cosines(&stories.centred()))
    }

    fn cosines(&self, rows: &[f64]) -> Vec<f32> {
        let width = self.vectors.width;
        let mut mapped = self.mapped(rows);
        mapped.chunks_exact_mut(width).for_each(normalise);
        let unit = crate::matrix::unit_rows(&self.vectors.rows, width);
        let cosines = product(&mapped, &unit, width);
        cosines
            .into_iter()
            .map(|c| c.clamp(-1.0, 1.0) as f32)
            .collect()
    }
}

/// Whether the means are those that the options speak of.
pub(crate) fn agree(material: &Material, options: &MethodOptions) -> Result<(), AffectError> {
    options.check()?;
    if material.first_token != options.first_token {
        return Err(AffectError::Options(format!(
            "first_token: {} asked for, but the means begin at token {}",
            options.first_token, material.first_token
        )));
    }
    let named = options.mix.0.keys().chain(options.nuisance_from().0.keys());
    match named
        .into_iter()
        .find(|n| !material.corpora.contains_key(*n))
    {
        Some(name) => Err(AffectError::UnknownCorpus(name.clone())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::dot;
    use crate::method::{Centring, Layered, Mix, Neutral, Space};
    use crate::stories::samples;
    use atlas_units::Layer;
    use std::collections::BTreeMap;

    fn layered(stories: &StoryMeans) -> Layered {
        Layered {
            emotion: stories.emotion.clone(),
            topic: stories.topic.clone(),
            writer: vec![0; stories.len()],
            layers: vec![Layer::new(2)],
            width: stories.width,
            rows: stories.rows.clone(),
        }
    }

    fn material(parts: &[(&str, &StoryMeans)], neutral: Vec<f32>) -> Material {
        let width = parts[0].1.width;
        Material {
            first_token: 20,
            corpora: parts
                .iter()
                .map(|(n, s)| ((*n).to_owned(), layered(s)))
                .collect::<BTreeMap<_, _>>(),
            neutral: Neutral {
                layers: vec![Layer::new(2)],
                width,
                rows: neutral,
            },
        }
    }

    fn plain() -> MethodOptions {
        MethodOptions {
            within: 0.0,
            ..MethodOptions::plain("told", 2)
        }
    }

    fn near(a: &EmotionVectors, b: &EmotionVectors, by: f32) -> bool {
        a.rows.iter().zip(&b.rows).all(|(a, b)| (a - b).abs() < by)
    }

    #[test]
    fn plain_options_give_what_the_first_way_gave() {
        let stories = samples::random(7, 5, 10, 1);
        let material = material(&[("told", &stories)], vec![]);
        for count in [0, 1, 4] {
            let old = EmotionVectors::build(&stories, 7, count).expect("sound");
            let options = MethodOptions {
                within: old.nuisance_share,
                ..plain()
            };
            let new = make(&material, &options, 7).expect("sound");
            assert_eq!(new.removed.within, count);
            assert!((new.removed.within_share - old.nuisance_share).abs() < 1e-6);
            assert!(near(&new.vectors, &old, 1e-6));
            assert_eq!(new.vectors.rows, new.filters.rows);
            assert_eq!(new.vectors.rows, new.patterns.rows);
        }
    }

    #[test]
    fn whitening_makes_every_direction_within_emotions_vary_alike() {
        // Axis 0 varies ten times as much as the others within emotions.
        let mut stories = samples::telling(6, 60, 6, 1.0, 2);
        stories.rows.iter_mut().step_by(6).for_each(|v| *v *= 10.0);
        let material = material(&[("told", &stories)], vec![]);
        let options = MethodOptions {
            space: Space::Whitened { shrinkage: 1e-6 },
            ..plain()
        };
        let made = make(&material, &options, 6).expect("sound");
        let mapped = made.mapped(&stories.centred());
        let mut within = mapped.clone();
        for e in 0..6 {
            let own: Vec<usize> = (0..stories.len())
                .filter(|&s| usize::from(stories.emotion[s]) == e)
                .collect();
            for axis in 0..6 {
                let mean = own.iter().map(|s| mapped[s * 6 + axis]).sum::<f64>() / own.len() as f64;
                own.iter().for_each(|s| within[s * 6 + axis] -= mean);
            }
        }
        let covariance = scatter(&within, 6);
        let n = stories.len() as f64;
        for (at, c) in covariance.iter().enumerate() {
            let expected = f64::from(at % 7 == 0);
            assert!((c / n - expected).abs() < 1e-3, "{at}: {}", c / n);
        }
        // Fully shrunk, whitening is a change of length.
        let options = MethodOptions {
            space: Space::Whitened { shrinkage: 1.0 },
            ..plain()
        };
        let shrunk = make(&material, &options, 6).expect("sound");
        let mean = make(&material, &plain(), 6).expect("sound");
        let ratio = shrunk.vectors.rows[0] / mean.vectors.rows[0];
        let scaled: Vec<f32> = mean.vectors.rows.iter().map(|v| v * ratio).collect();
        assert!(
            shrunk
                .vectors
                .rows
                .iter()
                .zip(&scaled)
                .all(|(a, b)| (a - b).abs() < 1e-4)
        );
    }

    #[test]
    fn filters_read_in_the_residual_stream_what_cosines_do_in_the_new_coordinates() {
        let stories = samples::random(5, 9, 8, 3);
        let neutral = samples::random(5, 4, 8, 4).rows;
        let options = MethodOptions {
            space: Space::Whitened { shrinkage: 0.3 },
            within: 0.2,
            neutral: 0.3,
            ..plain()
        };
        let made = make(&material(&[("told", &stories)], neutral), &options, 5).expect("sound");
        assert!(made.removed.within >= 1 && made.removed.neutral >= 1);
        let rows = stories.centred();
        let mapped = made.mapped(&rows);
        for (x, tx) in rows.chunks_exact(8).zip(mapped.chunks_exact(8)).take(9) {
            for e in 0..5 {
                let of =
                    |v: &EmotionVectors| v.row(e).iter().map(|&v| f64::from(v)).collect::<Vec<_>>();
                let (read, compared) = (dot(x, &of(&made.filters)), dot(tx, &of(&made.vectors)));
                assert!((read - compared).abs() < 1e-4 * (1.0 + compared.abs()));
            }
        }
        // Nothing of a pattern is left along what was projected out.
        let twice = made
            .patterns
            .rows
            .iter()
            .map(|&v| f64::from(v))
            .collect::<Vec<_>>();
        let unwhitened = make(
            &material(&[("told", &stories)], samples::random(5, 4, 8, 4).rows),
            &MethodOptions {
                space: Space::Mean,
                ..options
            },
            5,
        )
        .expect("sound");
        let again = unwhitened.mapped(&twice);
        assert!(again.iter().zip(&twice).all(|(a, b)| (a - b).abs() < 1e-5));
        assert!(near(&unwhitened.vectors, &made.patterns, 1e-6));
    }

    #[test]
    fn what_neutral_passages_vary_in_is_gone() {
        let stories = samples::random(5, 9, 8, 5);
        // Passages vary by axis 6 and nothing else.
        let mut neutral = vec![0.5; 8 * 10];
        (0..10).for_each(|p| neutral[p * 8 + 6] = p as f32);
        let options = MethodOptions {
            neutral: 0.5,
            ..plain()
        };
        let made = make(&material(&[("told", &stories)], neutral), &options, 5).expect("sound");
        assert_eq!((made.removed.neutral, made.removed.neutral_share), (1, 1.0));
        assert!((0..5).all(|e| made.vectors.row(e)[6].abs() < 1e-6));
        assert!((0..5).any(|e| made.vectors.row(e)[5].abs() > 0.05));
        let none = make(&material(&[("told", &stories)], vec![]), &options, 5);
        assert_eq!(none, Err(AffectError::Empty("neutral passages")));
    }

    #[test]
    fn a_mix_weighs_corpora_not_stories() {
        // Three times as many stories in one; with equal weights the vectors are the mean of both corpora's.
        let (a, b) = (samples::random(5, 9, 6, 6), samples::random(5, 3, 6, 7));
        let both = material(&[("told", &a), ("inner", &b)], vec![]);
        let of = |mix: &[(&str, f32)]| {
            let options = MethodOptions {
                mix: Mix::of(mix.iter().copied()),
                ..plain()
            };
            make(&both, &options, 5).expect("sound").vectors
        };
        let (told, inner, mixed) = (
            of(&[("told", 1.0)]),
            of(&[("inner", 1.0)]),
            of(&[("told", 3.0), ("inner", 1.0)]),
        );
        for (at, v) in mixed.rows.iter().enumerate() {
            assert!((v - (0.75 * told.rows[at] + 0.25 * inner.rows[at])).abs() < 1e-5);
        }
        assert!(near(&told, &of(&[("told", 1.0), ("inner", 0.0)]), 1e-9));
    }

    #[test]
    fn nuisance_can_come_from_another_corpus() {
        let told = samples::random(5, 9, 6, 8);
        let mut inner = samples::random(5, 9, 6, 9);
        inner
            .rows
            .iter_mut()
            .skip(4)
            .step_by(6)
            .for_each(|v| *v *= 30.0);
        let both = material(&[("told", &told), ("inner", &inner)], vec![]);
        let options = MethodOptions {
            within: 0.5,
            nuisance_mix: Some(Mix::of([("inner", 1.0)])),
            ..plain()
        };
        let made = make(&both, &options, 5).expect("sound");
        assert_eq!(made.removed.within, 1);
        assert!((0..5).all(|e| made.vectors.row(e)[4].abs() < 0.02));
    }

    #[test]
    fn centring_takes_away_what_it_says() {
        // Stories of a topic share an offset, of which told topics have more where emotion 0 is told more often.
        let all = samples::telling(4, 6, 5, 3.0, 10);
        let mut stories = all.subset(|s| all.emotion[s] == 0 || all.topic[s] < 5);
        for s in 0..stories.len() {
            if stories.topic[s] == 5 {
                stories.rows[s * 5 + 4] += 600.0;
            }
        }
        let material = material(&[("told", &stories)], vec![]);
        let of = |centring| {
            make(
                &material,
                &MethodOptions {
                    centring,
                    ..plain()
                },
                4,
            )
            .expect("sound")
            .vectors
        };
        assert!(of(Centring::None).row(0)[4] > 50.0);
        assert!(of(Centring::Topic).row(0)[4].abs() < 1.0);
        assert!(near(
            &of(Centring::Topic),
            &of(Centring::TopicAndWriter),
            1e-9
        ));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let stories = samples::random(5, 4, 6, 11);
        let material = material(&[("told", &stories)], vec![]);
        let of = |options: MethodOptions, emotions| {
            make(&material, &options, emotions).map(|m| m.stories)
        };
        assert_eq!(of(plain(), 5), Ok(20));
        assert_eq!(of(plain(), 6), Err(AffectError::NoStory(5)));
        assert_eq!(
            of(plain(), 4),
            Err(AffectError::UnknownEmotion {
                emotion: 4,
                emotions: 4
            })
        );
        assert_eq!(
            of(MethodOptions::plain("tole", 2), 5),
            Err(AffectError::UnknownCorpus("tole".into()))
        );
        assert_eq!(
            of(MethodOptions::plain("told", 3), 5),
            Err(AffectError::UnknownLayer(3))
        );
        assert!(matches!(
            of(
                MethodOptions {
                    first_token: 5,
                    ..plain()
                },
                5
            ),
            Err(AffectError::Options(_))
        ));
    }

    #[test]
    fn cosines_lie_between_one_and_minus_one_and_find_the_own_emotion() {
        let stories = samples::telling(5, 9, 8, 6.0, 12);
        let made = make(&material(&[("told", &stories)], vec![]), &plain(), 5).expect("sound");
        for cosines in [
            made.cosines_among(&stories).expect("fits"),
            made.cosines_alone(&stories.rows).expect("fits"),
        ] {
            for (row, &own) in cosines.chunks_exact(5).zip(&stories.emotion) {
                let best = (0..5).max_by(|&a, &b| row[a].total_cmp(&row[b]));
                assert_eq!(best, Some(usize::from(own)));
                assert!(row.iter().all(|c| c.abs() <= 1.0));
            }
        }
        assert!(made.cosines_alone(&[0.0; 7]).is_err());
    }
}

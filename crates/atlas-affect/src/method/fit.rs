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

use crate::matrix::{add_scaled, dot, gram, norm, normalise, product, scatter};
use crate::method::{Centring, Material, MethodOptions, Mix, Space};
use crate::{AffectError, EmotionVectors, StoryMeans, eigen};
use atlas_units::Layer;

/// Emotion vectors, and what is needed to compare texts with them.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    /// How they were made.
    pub options: MethodOptions,
    /// The vectors, in the coordinates in which cosines are taken: geometry, neighbours, clusters.
    pub vectors: EmotionVectors,
    /// Directions to project a residual on (equal to `vectors` with [`Space::Mean`]).
    pub filters: EmotionVectors,
    /// Directions to steer along: never whitened (equal to `vectors` with [`Space::Mean`]).
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

/// All corpora at one layer, centred.
pub(crate) struct Prepared {
    pub(crate) width: usize,
    pub(crate) corpora: Vec<Told>,
}

/// One corpus at one layer.
pub(crate) struct Told {
    pub(crate) name: String,
    pub(crate) stories: StoryMeans,
    /// `[story, width]`, centred as the options say.
    pub(crate) centred: Vec<f64>,
}

impl Prepared {
    pub(crate) fn of(
        material: &Material,
        layer: Layer,
        centring: Centring,
    ) -> Result<Self, AffectError> {
        let mut corpora = Vec::new();
        for (name, layered) in &material.corpora {
            let stories = layered.at(layer)?;
            let centred = match centring {
                // Vectors do not depend on where the origin lies: they are differences.
                Centring::None => stories.rows.iter().map(|&v| f64::from(v)).collect(),
                Centring::Topic => stories.centred_by(&stories.topic),
                Centring::TopicAndWriter => stories.centred(),
            };
            corpora.push(Told {
                name: name.clone(),
                stories,
                centred,
            });
        }
        let width = corpora.first().map_or(0, |c| c.stories.width);
        match corpora.iter().find(|c| c.stories.width != width) {
            Some(odd) => Err(AffectError::Shape {
                what: "width of a corpus",
                expected: width,
                found: odd.stories.width,
            }),
            None => Ok(Self { width, corpora }),
        }
    }

    /// Stories that count, with their weight: those on topics that `keep` says yes to, in corpora of the mix.
    fn weighted(&self, mix: &Mix, keep: &impl Fn(usize, u32) -> bool) -> Vec<(usize, usize, f64)> {
        let mut all = Vec::new();
        for (c, corpus) in self.corpora.iter().enumerate() {
            let weight = mix.weight(&corpus.name);
            let topics = corpus.stories.topic.iter().enumerate();
            let kept: Vec<usize> = topics
                .filter(|(_, t)| keep(c, **t))
                .map(|(s, _)| s)
                .collect();
            if weight > 0.0 {
                let each = weight / kept.len() as f64;
                all.extend(kept.into_iter().map(|s| (c, s, each)));
            }
        }
        all
    }

    fn row(&self, corpus: usize, story: usize) -> &[f64] {
        &self.corpora[corpus].centred[story * self.width..][..self.width]
    }

    fn emotion(&self, corpus: usize, story: usize) -> usize {
        usize::from(self.corpora[corpus].stories.emotion[story])
    }

    /// Weighted mean per emotion, `[emotion, width]`, and the weight of each.
    fn means(&self, stories: &[(usize, usize, f64)], emotions: usize) -> (Vec<f64>, Vec<f64>) {
        let mut means = vec![0.0; emotions * self.width];
        let mut weights = vec![0.0; emotions];
        for &(c, s, weight) in stories {
            let e = self.emotion(c, s);
            weights[e] += weight;
            add_scaled(
                &mut means[e * self.width..][..self.width],
                weight,
                self.row(c, s),
            );
        }
        for (mean, &weight) in means.chunks_exact_mut(self.width).zip(&weights) {
            if weight > 0.0 {
                mean.iter_mut().for_each(|v| *v /= weight);
            }
        }
        (means, weights)
    }
}

/// Orthonormal components, `[component, width]`.
pub(crate) struct Components {
    rows: Vec<f64>,
    share: f32,
    width: usize,
}

impl Components {
    /// The strongest components of neutral passages that hold the share asked for.
    pub(crate) fn of_neutral(
        material: &Material,
        options: &MethodOptions,
    ) -> Result<Self, AffectError> {
        let width = material.neutral.width;
        let mut found = Self {
            rows: Vec::new(),
            share: 0.0,
            width,
        };
        if options.neutral <= 0.0 {
            return Ok(found);
        }
        let passages = material.neutral.at(options.layer)?;
        let mut rows: Vec<f64> = passages.iter().map(|&v| f64::from(v)).collect();
        let n = material.neutral.len();
        if n < 2 {
            return Err(AffectError::Empty("neutral passages"));
        }
        let mut mean = vec![0.0; width];
        rows.chunks_exact(width)
            .for_each(|r| add_scaled(&mut mean, 1.0 / n as f64, r));
        rows.chunks_exact_mut(width)
            .for_each(|r| add_scaled(r, -1.0, &mean));
        let eigen = eigen::symmetric(gram(&rows, width), n);
        let (count, share) = holding(&eigen.values, f64::from(options.neutral));
        found.share = share;
        for weights in eigen.vectors.chunks_exact(n).take(count) {
            let mut axis = vec![0.0; width];
            for (w, row) in weights.iter().zip(rows.chunks_exact(width)) {
                add_scaled(&mut axis, *w, row);
            }
            normalise(&mut axis);
            found.rows.extend(axis);
        }
        Ok(found)
    }

    fn project_out(&self, row: &mut [f64]) {
        for component in self.rows.chunks_exact(self.width.max(1)) {
            add_scaled(row, -dot(row, component), component);
        }
    }
}

/// The fewest first values that hold at least `share` of the sum, and the share they do hold.
fn holding(values: &[f64], share: f64) -> (usize, f32) {
    let total: f64 = values.iter().map(|v| v.max(0.0)).sum();
    let (mut count, mut held) = (0, 0.0);
    // A hair below, so that a share written as f32 is reached by components that hold exactly it.
    while count < values.len() && total > 0.0 && held < (share - 1e-7) * total {
        held += values[count].max(0.0);
        count += 1;
    }
    (
        count,
        if total > 0.0 {
            (held / total) as f32
        } else {
            0.0
        },
    )
}

/// Stories of some topics, seen along the directions in which stories of one emotion vary independently.
///
/// Serves all options that differ only in `within` and `space`.
pub(crate) struct Basis {
    width: usize,
    /// `P U`, strongest first, `[direction, width]`.
    directions: Vec<f64>,
    /// `l`, descending.
    values: Vec<f64>,
    /// `m_e` minus the mean over emotions along the directions, `[emotion, direction]`.
    along: Vec<f64>,
    /// As [`Made::centre`].
    pub(crate) centre: Vec<f64>,
    /// Which emotions some story tells.
    pub(crate) told: Vec<bool>,
    neutral: usize,
    stories: usize,
}

/// What a direction is multiplied by.
pub(crate) struct Factors {
    pub(crate) each: Vec<f64>,
    removed: usize,
    share: f32,
}

impl Basis {
    /// From the stories on topics that `keep`, asked for corpus number and topic, says yes to.
    pub(crate) fn fit(
        prepared: &Prepared,
        neutral: &Components,
        options: &MethodOptions,
        emotions: usize,
        keep: impl Fn(usize, u32) -> bool,
    ) -> Result<Self, AffectError> {
        let width = prepared.width;
        if !neutral.rows.is_empty() && neutral.width != width {
            return Err(AffectError::Shape {
                what: "width of neutral passages",
                expected: width,
                found: neutral.width,
            });
        }
        let strange = |c: &Told| {
            c.stories
                .emotion
                .iter()
                .copied()
                .find(|&e| usize::from(e) >= emotions)
        };
        if let Some(emotion) = prepared.corpora.iter().find_map(strange) {
            return Err(AffectError::UnknownEmotion { emotion, emotions });
        }
        let stories = prepared.weighted(&options.mix, &keep);
        if stories.is_empty() {
            return Err(AffectError::Empty("stories to make vectors from"));
        }
        let (mut means, weights) = prepared.means(&stories, emotions);
        let told: Vec<bool> = weights.iter().map(|&w| w > 0.0).collect();

        let mut within = Vec::new();
        let mut differences = |stories: &[(usize, usize, f64)], means: &[f64]| {
            within.reserve(stories.len() * width);
            for &(c, s, weight) in stories {
                let mean = &means[prepared.emotion(c, s) * width..][..width];
                let size = weight.sqrt();
                within.extend(
                    prepared
                        .row(c, s)
                        .iter()
                        .zip(mean)
                        .map(|(x, m)| size * (x - m)),
                );
            }
        };
        match &options.nuisance_mix {
            None => differences(&stories, &means),
            Some(mix) => {
                let others = prepared.weighted(mix, &keep);
                if others.is_empty() {
                    return Err(AffectError::Empty("stories to find the nuisance in"));
                }
                differences(&others, &prepared.means(&others, emotions).0);
            }
        }
        let mut covariance = scatter(&within, width);
        drop(within);
        if !neutral.rows.is_empty() {
            // Symmetric: rows, then columns.
            for _ in 0..2 {
                covariance
                    .chunks_exact_mut(width)
                    .for_each(|r| neutral.project_out(r));
                covariance = eigen::transpose(&covariance, width);
            }
        }
        let eigen = eigen::symmetric(covariance, width);
        let mut directions = eigen.vectors;
        directions
            .chunks_exact_mut(width)
            .for_each(|r| neutral.project_out(r));

        let some = told.iter().filter(|t| **t).count() as f64;
        let mut middle = vec![0.0; width];
        means
            .chunks_exact(width)
            .for_each(|m| add_scaled(&mut middle, 1.0 / some, m));
        for (mean, _) in means
            .chunks_exact_mut(width)
            .zip(&told)
            .filter(|(_, t)| **t)
        {
            add_scaled(mean, -1.0, &middle);
        }
        let mut centre = vec![0.0; width];
        for &(c, s, weight) in &stories {
            let share = weight / weights[prepared.emotion(c, s)] / some;
            let row = prepared.corpora[c].stories.row(s);
            centre
                .iter_mut()
                .zip(row)
                .for_each(|(m, &v)| *m += share * f64::from(v));
        }
        Ok(Self {
            width,
            along: product(&means, &directions, width),
            directions,
            values: eigen.values.into_iter().map(|v| v.max(0.0)).collect(),
            centre,
            told,
            neutral: neutral.rows.len() / width,
            stories: stories.len(),
        })
    }

    /// Rows of the residual stream along the directions, `[row, direction]`.
    pub(crate) fn along(&self, rows: &[f64]) -> Vec<f64> {
        product(rows, &self.directions, self.width)
    }

    /// What the options make of each direction.
    pub(crate) fn factors(&self, options: &MethodOptions) -> Factors {
        let (removed, share) = holding(&self.values, f64::from(options.within));
        let left = &self.values[removed..];
        let directions = left.len().saturating_sub(self.neutral).max(1);
        let mean = left.iter().sum::<f64>() / directions as f64;
        let mut each = vec![0.0; removed];
        each.extend(left.iter().map(|&value| match options.space {
            Space::Whitened { shrinkage } if mean > 0.0 => {
                let s = f64::from(shrinkage);
                ((1.0 - s) * value + s * mean).powf(-0.5)
            }
            _ => 1.0,
        }));
        Factors {
            each,
            removed,
            share,
        }
    }

    /// The emotion vectors, each direction times its factor, back in the residual stream.
    pub(crate) fn vectors(&self, factors: &[f64], share: f32) -> EmotionVectors {
        let mut scaled = self.along.clone();
        for row in scaled.chunks_exact_mut(self.width) {
            row.iter_mut().zip(factors).for_each(|(v, f)| *v *= f);
        }
        let rows = product(
            &scaled,
            &eigen::transpose(&self.directions, self.width),
            self.width,
        );
        EmotionVectors {
            width: self.width,
            rows: rows.into_iter().map(|v| v as f32).collect(),
            nuisance_share: share,
        }
    }

    /// Rows whose inner products with [`Self::along`] rank emotions as the cosine of `T x` does: `f^2 m_e / |f m_e|`.
    pub(crate) fn rulers(&self, factors: &[f64]) -> Vec<f64> {
        let mut rows = self.along.clone();
        for row in rows.chunks_exact_mut(self.width) {
            row.iter_mut().zip(factors).for_each(|(v, f)| *v *= f);
            let length = norm(row);
            let length = if length > 0.0 { length } else { 1.0 };
            row.iter_mut()
                .zip(factors)
                .for_each(|(v, f)| *v *= f / length);
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::method::{Layered, Neutral};
    use crate::stories::samples;
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

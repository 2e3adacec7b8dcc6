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
use crate::retrieval::{Retrieval, Tally};
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

    /// How often stories, each minus the mean of its group, find their own emotion. Whether the vectors have seen their
    /// topics is for the caller to know; figures about kept-out topics come from
    /// [`KeptOut`](crate::method::KeptOut).
    ///
    /// # Errors
    /// As [`Self::cosines_among`]; [`AffectError::UnknownEmotion`] if a story's emotion has no vector.
    pub fn found_among(&self, stories: &StoryMeans) -> Result<Retrieval, AffectError> {
        let emotions = self.vectors.len();
        let strange = |e: &&u16| usize::from(**e) >= emotions;
        if let Some(&emotion) = stories.emotion.iter().find(strange) {
            return Err(AffectError::UnknownEmotion { emotion, emotions });
        }
        let cosines = self.cosines_among(stories)?;
        let mut tally = Tally::default();
        for (row, &own) in cosines.chunks_exact(emotions).zip(&stories.emotion) {
            let row: Vec<f64> = row.iter().map(|&c| f64::from(c)).collect();
            tally.add_story(&row, usize::from(own), |_| true);
        }
        tally.finish()
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
mod tests;

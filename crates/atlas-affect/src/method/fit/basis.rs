//! Directions in which stories of one emotion vary, and the emotion vectors along them.

use super::components::{Components, holding};
use super::prepared::{Prepared, Told};
use crate::matrix::{add_scaled, norm, product, scatter};
use crate::method::{MethodOptions, Space};
use crate::{AffectError, EmotionVectors, eigen};

/// Stories of some topics, seen along the directions in which stories of one emotion vary independently.
///
/// Serves all options that differ only in `within` and `space`.
pub(crate) struct Basis {
    pub(super) width: usize,
    /// `P U`, strongest first, `[direction, width]`.
    pub(super) directions: Vec<f64>,
    /// `l`, descending.
    values: Vec<f64>,
    /// `m_e` minus the mean over emotions along the directions, `[emotion, direction]`.
    along: Vec<f64>,
    /// As [`Made::centre`](super::Made::centre).
    pub(crate) centre: Vec<f64>,
    /// Which emotions some story tells.
    pub(crate) told: Vec<bool>,
    pub(super) neutral: usize,
    pub(super) stories: usize,
}

/// What a direction is multiplied by.
pub(crate) struct Factors {
    pub(crate) each: Vec<f64>,
    pub(super) removed: usize,
    pub(super) share: f32,
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

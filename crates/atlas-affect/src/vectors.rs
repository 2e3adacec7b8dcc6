//! From stories to emotion vectors.

use crate::matrix::{add_scaled, dot, scatter};
use crate::{AffectError, StoryMeans, eigen};

/// One direction per emotion at one layer, not normalised; their mean is zero.
#[derive(Clone, Debug, PartialEq)]
pub struct EmotionVectors {
    /// Width of the residual stream.
    pub width: usize,
    /// The vectors, `[emotion, width]`.
    pub rows: Vec<f32>,
    /// Share of the variance within emotions that the removed components held, 0 to 1.
    pub nuisance_share: f32,
}

impl EmotionVectors {
    /// Builds the vectors of `emotions` emotions from stories at one layer, without the `nuisance`
    /// strongest components of what differs among stories of one emotion.
    ///
    /// Each story is centred by its group, stories are averaged per emotion, the mean over emotions is
    /// taken away, and so are the nuisance components. They matter most for small models, where
    /// length, person and style would otherwise make the first axes of the map.
    ///
    /// # Errors
    /// As [`StoryMeans::check`] and [`Nuisance::of`]; [`AffectError::UnknownEmotion`];
    /// [`AffectError::NoStory`] for an emotion that no story tells.
    pub fn build(
        stories: &StoryMeans,
        emotions: usize,
        nuisance: usize,
    ) -> Result<Self, AffectError> {
        let parts = Parts::of(stories, emotions)?;
        parts.all_told()?;
        let nuisance = parts.nuisance(nuisance)?;
        Ok(parts.vectors(&nuisance))
    }

    /// As [`Self::build`], with nuisance components that were found elsewhere: in more stories, say.
    ///
    /// # Errors
    /// As [`Self::build`]; [`AffectError::Shape`] if the components are of another width.
    pub fn build_without(
        stories: &StoryMeans,
        emotions: usize,
        nuisance: &Nuisance,
    ) -> Result<Self, AffectError> {
        if nuisance.width != stories.width {
            return Err(AffectError::Shape {
                what: "nuisance",
                expected: stories.width,
                found: nuisance.width,
            });
        }
        let parts = Parts::of(stories, emotions)?;
        parts.all_told()?;
        Ok(parts.vectors(nuisance))
    }

    /// Number of emotions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len() / self.width
    }

    /// Whether there is no vector.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Vector of one emotion, `[width]`.
    #[must_use]
    pub fn row(&self, emotion: usize) -> &[f32] {
        &self.rows[emotion * self.width..][..self.width]
    }
}

/// The principal components of what differs among stories of one emotion.
#[derive(Clone, Debug, PartialEq)]
pub struct Nuisance {
    /// Width of the residual stream.
    pub width: usize,
    /// Orthonormal components, strongest first, `[component, width]`.
    pub components: Vec<f64>,
    /// Share of the variance within emotions that they hold, 0 to 1.
    pub share: f32,
}

impl Nuisance {
    /// Finds the `count` strongest components in stories at one layer.
    ///
    /// # Errors
    /// As [`StoryMeans::check`]; [`AffectError::TooManyComponents`] if `count` exceeds the width.
    pub fn of(stories: &StoryMeans, count: usize) -> Result<Self, AffectError> {
        let emotions = stories
            .emotion
            .iter()
            .max()
            .map_or(0, |&e| usize::from(e) + 1);
        Parts::of(stories, emotions)?.nuisance(count)
    }

    /// Removes the components from a row.
    pub fn project_out(&self, row: &mut [f64]) {
        for component in self.components.chunks_exact(self.width) {
            add_scaled(row, -dot(row, component), component);
        }
    }
}

/// Centred stories and their mean per emotion.
pub(crate) struct Parts<'a> {
    stories: &'a StoryMeans,
    /// `[story, width]`.
    centred: Vec<f64>,
    /// `[emotion, width]`; zero where no story tells the emotion.
    means: Vec<f64>,
    /// Stories per emotion.
    counts: Vec<usize>,
}

impl<'a> Parts<'a> {
    pub(crate) fn of(stories: &'a StoryMeans, emotions: usize) -> Result<Self, AffectError> {
        stories.check()?;
        let width = stories.width;
        let centred = stories.centred();
        let mut means = vec![0.0; emotions * width];
        let mut counts = vec![0; emotions];
        for (&emotion, row) in stories.emotion.iter().zip(centred.chunks_exact(width)) {
            let at = usize::from(emotion);
            if at >= emotions {
                return Err(AffectError::UnknownEmotion { emotion, emotions });
            }
            counts[at] += 1;
            add_scaled(&mut means[at * width..][..width], 1.0, row);
        }
        for (mean, &count) in means.chunks_exact_mut(width).zip(&counts) {
            mean.iter_mut().for_each(|v| *v /= count.max(1) as f64);
        }
        Ok(Self {
            stories,
            centred,
            means,
            counts,
        })
    }

    /// Whether some story tells this emotion.
    pub(crate) fn told(&self, emotion: usize) -> bool {
        self.counts[emotion] > 0
    }

    fn all_told(&self) -> Result<(), AffectError> {
        match self.counts.iter().position(|&c| c == 0) {
            Some(emotion) => Err(AffectError::NoStory(emotion)),
            None => Ok(()),
        }
    }

    pub(crate) fn nuisance(&self, count: usize) -> Result<Nuisance, AffectError> {
        let width = self.stories.width;
        if count > width {
            return Err(AffectError::TooManyComponents {
                asked: count,
                most: width,
            });
        }
        if count == 0 {
            return Ok(Nuisance {
                width,
                components: Vec::new(),
                share: 0.0,
            });
        }
        let mut within = self.centred.clone();
        for (&emotion, row) in self
            .stories
            .emotion
            .iter()
            .zip(within.chunks_exact_mut(width))
        {
            add_scaled(
                row,
                -1.0,
                &self.means[usize::from(emotion) * width..][..width],
            );
        }
        let scatter = scatter(&within, width);
        let total: f64 = scatter.iter().step_by(width + 1).sum();
        let found = eigen::symmetric(scatter, width);
        let held: f64 = found.values[..count].iter().sum();
        let mut components = found.vectors;
        components.truncate(count * width);
        let share = if total > 0.0 {
            (held / total).clamp(0.0, 1.0)
        } else {
            0.0
        };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a share needs no more digits"
        )]
        Ok(Nuisance {
            width,
            components,
            share: share as f32,
        })
    }

    /// Means of the emotions told, minus their mean, without the nuisance; zero for the others.
    pub(crate) fn vectors(&self, nuisance: &Nuisance) -> EmotionVectors {
        let width = self.stories.width;
        let told = self.counts.iter().filter(|&&c| c > 0).count();
        let mut centre = vec![0.0; width];
        for mean in self.means.chunks_exact(width) {
            add_scaled(&mut centre, 1.0 / told as f64, mean);
        }
        let mut rows = Vec::with_capacity(self.means.len());
        for (emotion, mean) in self.means.chunks_exact(width).enumerate() {
            let mut row = mean.to_vec();
            if self.told(emotion) {
                add_scaled(&mut row, -1.0, &centre);
                nuisance.project_out(&mut row);
            }
            #[expect(
                clippy::cast_possible_truncation,
                reason = "stored in single precision"
            )]
            rows.extend(row.iter().map(|&v| v as f32));
        }
        EmotionVectors {
            width,
            rows,
            nuisance_share: nuisance.share,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stories::samples;

    #[test]
    fn vectors_sum_to_zero_and_are_free_of_the_nuisance() {
        let stories = samples::random(5, 4, 12, 1);
        let nuisance = Nuisance::of(&stories, 3).expect("sound");
        let vectors = EmotionVectors::build(&stories, 5, 3).expect("sound");
        for at in 0..12 {
            let sum: f32 = (0..5).map(|e| vectors.row(e)[at]).sum();
            assert!(sum.abs() < 1e-5);
        }
        for emotion in 0..5 {
            let row: Vec<f64> = vectors.row(emotion).iter().map(|&v| f64::from(v)).collect();
            for component in nuisance.components.chunks_exact(12) {
                assert!(dot(&row, component).abs() < 1e-6);
            }
        }
        let same = EmotionVectors::build_without(&stories, 5, &nuisance).expect("sound");
        assert_eq!(same, vectors);
    }

    #[test]
    fn what_a_topic_or_a_writer_adds_changes_nothing() {
        let plain = samples::random(5, 4, 12, 2);
        let mut shifted = plain.clone();
        for (at, v) in shifted.rows.iter_mut().enumerate() {
            let group = plain.group[at / 12] as f32;
            *v += group * 3.0 * ((at % 12) as f32 - 4.0);
        }
        let a = EmotionVectors::build(&plain, 5, 2).expect("sound");
        let b = EmotionVectors::build(&shifted, 5, 2).expect("sound");
        assert!(
            a.rows
                .iter()
                .zip(&b.rows)
                .all(|(a, b)| (a - b).abs() < 1e-4)
        );
    }

    #[test]
    fn a_strong_direction_within_emotions_is_the_first_to_go() {
        // Every second story has a large step along axis 3, whatever its emotion and topic.
        let mut stories = samples::random(6, 6, 8, 3);
        for story in 0..stories.len() {
            let sign = if (stories.emotion[story] + stories.group[story] as u16).is_multiple_of(2) {
                1.0
            } else {
                -1.0
            };
            stories.rows[story * 8 + 3] += 50.0 * sign;
        }
        let nuisance = Nuisance::of(&stories, 1).expect("sound");
        assert!(nuisance.components[3].abs() > 0.999);
        assert!(nuisance.share > 0.99 && nuisance.share <= 1.0);
    }

    #[test]
    fn more_components_hold_more_and_all_hold_everything() {
        let stories = samples::random(5, 4, 6, 4);
        let shares: Vec<f32> = (0..=6)
            .map(|k| Nuisance::of(&stories, k).expect("sound").share)
            .collect();
        assert!(shares.is_sorted() && shares[0] == 0.0 && (shares[6] - 1.0).abs() < 1e-6);
        let nothing = EmotionVectors::build(&stories, 5, 6).expect("sound");
        assert!(nothing.rows.iter().all(|v| v.abs() < 1e-6));
        assert_eq!(
            Nuisance::of(&stories, 7),
            Err(AffectError::TooManyComponents { asked: 7, most: 6 })
        );
    }

    #[test]
    fn an_emotion_without_a_story_is_named() {
        let stories = samples::random(5, 4, 6, 5);
        assert_eq!(
            EmotionVectors::build(&stories, 6, 0),
            Err(AffectError::NoStory(5))
        );
        let beyond = AffectError::UnknownEmotion {
            emotion: 3,
            emotions: 3,
        };
        assert_eq!(EmotionVectors::build(&stories, 3, 0), Err(beyond));
    }
}

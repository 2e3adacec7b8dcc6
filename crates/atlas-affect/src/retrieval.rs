//! Do the vectors find the emotion of a story they have not seen?
//!
//! Each story, minus the mean of its group, is compared with all vectors by cosine; the rank of its own
//! emotion counts. Vectors are always made without the topic of the stories they are tried on. Stories that
//! share authors and phrases with those that made the vectors are an easy test: say so next to the figure.
//!
//! ```
//! use atlas_affect::{StoryMeans, retrieval};
//! let (emotion, topic) = (vec![0, 1, 0, 1, 0, 1], vec![1, 1, 2, 2, 3, 3]);
//! let rows = vec![1.0, 0.2, -1.0, 0.1, 1.3, 0.0, -0.9, 0.3, 0.8, -0.1, -1.2, 0.0];
//! let stories = StoryMeans::new(emotion, topic, &[0; 6], 2, rows)?;
//! let found = retrieval::held_out_topics(&stories, 2, 0)?;
//! assert_eq!((found.stories, found.top1), (6, 1.0));
//! # Ok::<(), atlas_affect::AffectError>(())
//! ```

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::matrix::{product, unit_rows};
use crate::vectors::Parts;
use crate::{AffectError, EmotionVectors, StoryMeans};

/// How well stories find their own emotion among all, next to what chance would do.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Retrieval {
    /// Stories tried.
    pub stories: usize,
    /// Emotions to choose from, on average.
    pub candidates: f32,
    /// Share of stories whose own emotion comes first, 0 to 1.
    pub top1: f32,
    /// Share of stories whose own emotion is among the first five, 0 to 1.
    pub top5: f32,
    /// Mean rank of the own emotion, from 1.
    pub mean_rank: f32,
    /// What chance would do.
    pub chance: Chance,
}

/// Expected figures of vectors that know nothing.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chance {
    /// Share first.
    pub top1: f32,
    /// Share among the first five.
    pub top5: f32,
    /// Mean rank.
    pub mean_rank: f32,
}

/// Makes vectors without one topic, tries the stories of that topic on them, and so on for every topic.
///
/// Within a fold, an emotion that no other topic tells is no candidate, and its stories are not tried.
///
/// # Errors
/// As [`EmotionVectors::build`] but for emotions without stories; [`AffectError::Empty`] with fewer than two topics.
pub fn held_out_topics(
    stories: &StoryMeans,
    emotions: usize,
    nuisance: usize,
) -> Result<Retrieval, AffectError> {
    stories.check()?;
    let topics: BTreeSet<u32> = stories.topic.iter().copied().collect();
    if topics.len() < 2 {
        return Err(AffectError::Empty(
            "topics to make vectors from while another is held out",
        ));
    }
    let mut tally = Tally::default();
    for topic in topics {
        let seen = stories.subset(|s| stories.topic[s] != topic);
        let parts = Parts::of(&seen, emotions)?;
        let vectors = parts.vectors(&parts.nuisance(nuisance)?);
        let held_out = stories.subset(|s| stories.topic[s] == topic);
        tally.add(&vectors, &held_out, |e| parts.told(e));
    }
    tally.finish()
}

/// Tries stories on vectors that were made without them.
///
/// # Errors
/// As [`StoryMeans::check`]; [`AffectError::Shape`] if stories and vectors differ in width;
/// [`AffectError::UnknownEmotion`] if a story's emotion has no vector.
pub fn find(vectors: &EmotionVectors, stories: &StoryMeans) -> Result<Retrieval, AffectError> {
    stories.check()?;
    if stories.width != vectors.width {
        return Err(AffectError::Shape {
            what: "width",
            expected: vectors.width,
            found: stories.width,
        });
    }
    let emotions = vectors.len();
    if let Some(&emotion) = stories
        .emotion
        .iter()
        .find(|&&e| usize::from(e) >= emotions)
    {
        return Err(AffectError::UnknownEmotion { emotion, emotions });
    }
    let mut tally = Tally::default();
    tally.add(vectors, stories, |_| true);
    tally.finish()
}

/// Sums over the stories tried so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    stories: usize,
    first: usize,
    among_five: usize,
    ranks: f64,
    candidates: usize,
    chance_first: f64,
    chance_five: f64,
}

impl Tally {
    fn add(
        &mut self,
        vectors: &EmotionVectors,
        stories: &StoryMeans,
        told: impl Fn(usize) -> bool,
    ) {
        let width = vectors.width;
        let unit = unit_rows(&vectors.rows, width);
        let scores = product(&stories.centred(), &unit, width);
        for (row, &emotion) in scores.chunks_exact(vectors.len()).zip(&stories.emotion) {
            self.add_story(row, usize::from(emotion), &told);
        }
    }

    /// One story, by its score for every emotion: any measure that ranks a story's emotions as the cosine does.
    /// Not tried if its own emotion has no vector.
    pub(crate) fn add_story(&mut self, scores: &[f64], own: usize, told: impl Fn(usize) -> bool) {
        if !told(own) {
            return;
        }
        let (mut above, mut level, mut candidates) = (0, 0, 1);
        for (other, &score) in scores.iter().enumerate() {
            if other != own && told(other) {
                candidates += 1;
                above += usize::from(score > scores[own]);
                level += usize::from(score == scores[own]);
            }
        }
        // Emotions at the same score share a rank, or vectors of zero would come first everywhere.
        let rank = 1.0 + above as f64 + level as f64 / 2.0;
        self.stories += 1;
        self.first += usize::from(rank <= 1.0);
        self.among_five += usize::from(rank <= 5.0);
        self.ranks += rank;
        self.candidates += candidates;
        self.chance_first += 1.0 / candidates as f64;
        self.chance_five += (5.0 / candidates as f64).min(1.0);
    }

    /// Takes in what another has counted.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.stories += other.stories;
        self.first += other.first;
        self.among_five += other.among_five;
        self.ranks += other.ranks;
        self.candidates += other.candidates;
        self.chance_first += other.chance_first;
        self.chance_five += other.chance_five;
    }

    pub(crate) fn finish(self) -> Result<Retrieval, AffectError> {
        if self.stories == 0 {
            return Err(AffectError::Empty("stories whose emotion has a vector"));
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "figures to read need no more digits"
        )]
        let share = |sum: f64| (sum / self.stories as f64) as f32;
        let candidates = share(self.candidates as f64);
        Ok(Retrieval {
            stories: self.stories,
            candidates,
            top1: share(self.first as f64),
            top5: share(self.among_five as f64),
            mean_rank: share(self.ranks),
            chance: Chance {
                top1: share(self.chance_first),
                top5: share(self.chance_five),
                mean_rank: (candidates + 1.0) / 2.0,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stories::samples;

    #[test]
    fn emotions_that_are_told_are_found() {
        let found = held_out_topics(&samples::telling(12, 5, 16, 5.0, 1), 12, 2).expect("sound");
        assert_eq!((found.stories, found.candidates), (60, 12.0));
        assert!(found.top1 > 0.95 && found.mean_rank < 1.1);
        assert_eq!(
            (found.chance.top1, found.chance.mean_rank),
            (1.0 / 12.0, 6.5)
        );
    }

    #[test]
    fn noise_is_found_about_as_often_as_by_chance() {
        // Would be far better if a story helped to make the vector that it is tried on.
        let found = held_out_topics(&samples::random(20, 30, 24, 2), 20, 0).expect("sound");
        assert!((found.top1 - found.chance.top1).abs() < 0.03, "{found:?}");
        assert!(
            (found.mean_rank - found.chance.mean_rank).abs() < 0.8,
            "{found:?}"
        );
    }

    #[test]
    fn vectors_of_zero_do_no_better_than_chance() {
        let stories = samples::random(9, 2, 4, 3);
        let nothing = EmotionVectors {
            width: 4,
            rows: vec![0.0; 36],
            nuisance_share: 1.0,
        };
        let found = find(&nothing, &stories).expect("sound");
        assert_eq!((found.top1, found.mean_rank), (0.0, 5.0));
    }

    #[test]
    fn an_emotion_told_on_one_topic_only_is_left_out_when_that_is_held_out() {
        let all = samples::telling(6, 4, 10, 5.0, 4);
        let some = all.subset(|s| all.emotion[s] != 2 || all.topic[s] == 0);
        let found = held_out_topics(&some, 6, 0).expect("sound");
        // Topic 0 has six stories with five candidates, of which one is not tried; the others have five with six.
        assert_eq!(found.stories, 5 + 3 * 5);
        assert_eq!(found.candidates, (5.0 * 5.0 + 15.0 * 6.0) / 20.0);
    }

    #[test]
    fn one_topic_cannot_be_held_out() {
        assert!(matches!(
            held_out_topics(&samples::random(4, 1, 4, 5), 4, 0),
            Err(AffectError::Empty(_))
        ));
    }

    #[test]
    fn stories_of_another_model_are_refused() {
        let vectors = EmotionVectors {
            width: 3,
            rows: vec![0.0; 9],
            nuisance_share: 0.0,
        };
        assert!(matches!(
            find(&vectors, &samples::random(3, 2, 4, 6)),
            Err(AffectError::Shape { .. })
        ));
        assert!(matches!(
            find(&vectors, &samples::random(4, 2, 3, 6)),
            Err(AffectError::UnknownEmotion { .. })
        ));
    }
}

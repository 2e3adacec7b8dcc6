//! Stories as a layer of a model sees them: one mean residual each.

use std::collections::HashMap;

use crate::AffectError;

/// Mean residuals of stories at one layer, with what each story is about.
///
/// The lists run in parallel; `rows` is `[story, width]`, row-major. Which tokens enter the means is
/// the caller's choice.
#[derive(Clone, Debug, PartialEq)]
pub struct StoryMeans {
    /// Emotion of each story, as a position in the list of emotions.
    pub emotion: Vec<u16>,
    /// Topic of each story; whole topics are held out when retrieval is measured.
    pub topic: Vec<u32>,
    /// What each story is centred by: equal for stories of one topic by one writer.
    pub group: Vec<u32>,
    /// Width of the residual stream.
    pub width: usize,
    /// The means, `[story, width]`.
    pub rows: Vec<f32>,
}

impl StoryMeans {
    /// Puts stories together, grouping them by topic and writer.
    ///
    /// # Errors
    /// As [`Self::check`].
    pub fn new(
        emotion: Vec<u16>,
        topic: Vec<u32>,
        writer: &[u32],
        width: usize,
        rows: Vec<f32>,
    ) -> Result<Self, AffectError> {
        if writer.len() != topic.len() {
            return Err(AffectError::Shape {
                what: "writer",
                expected: topic.len(),
                found: writer.len(),
            });
        }
        let group = groups(&topic, writer);
        let stories = Self {
            emotion,
            topic,
            group,
            width,
            rows,
        };
        stories.check()?;
        Ok(stories)
    }

    /// Number of stories.
    #[must_use]
    pub fn len(&self) -> usize {
        self.emotion.len()
    }

    /// Whether there is no story.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.emotion.is_empty()
    }

    /// Mean residual of one story, `[width]`.
    #[must_use]
    pub fn row(&self, story: usize) -> &[f32] {
        &self.rows[story * self.width..][..self.width]
    }

    /// Whether the lists belong together and every number is finite.
    ///
    /// # Errors
    /// [`AffectError::Empty`], [`AffectError::Shape`] or [`AffectError::NotFinite`].
    pub fn check(&self) -> Result<(), AffectError> {
        let stories = self.len();
        if stories == 0 || self.width == 0 {
            return Err(AffectError::Empty("stories"));
        }
        let lengths = [
            ("topic", stories, self.topic.len()),
            ("group", stories, self.group.len()),
            ("rows", stories * self.width, self.rows.len()),
        ];
        for (what, expected, found) in lengths {
            if expected != found {
                return Err(AffectError::Shape {
                    what,
                    expected,
                    found,
                });
            }
        }
        match self.rows.iter().position(|v| !v.is_finite()) {
            Some(at) => Err(AffectError::NotFinite {
                story: at / self.width,
            }),
            None => Ok(()),
        }
    }

    /// The stories that `keep` says yes to, by position.
    #[must_use]
    pub fn subset(&self, keep: impl Fn(usize) -> bool) -> Self {
        let kept: Vec<usize> = (0..self.len()).filter(|&s| keep(s)).collect();
        Self {
            emotion: kept.iter().map(|&s| self.emotion[s]).collect(),
            topic: kept.iter().map(|&s| self.topic[s]).collect(),
            group: kept.iter().map(|&s| self.group[s]).collect(),
            width: self.width,
            rows: kept.iter().flat_map(|&s| self.row(s)).copied().collect(),
        }
    }

    /// Every story minus the mean of its group, `[story, width]`.
    pub(crate) fn centred(&self) -> Vec<f64> {
        self.centred_by(&self.group)
    }

    /// Every story minus the mean of those with the same mark, `[story, width]`.
    pub(crate) fn centred_by(&self, marks: &[u32]) -> Vec<f64> {
        let mut place = HashMap::new();
        let mut counts: Vec<f64> = Vec::new();
        let mut sums: Vec<f64> = Vec::new();
        let of_story: Vec<usize> = (marks.iter())
            .map(|&g| {
                let next = place.len();
                *place.entry(g).or_insert(next)
            })
            .collect();
        counts.resize(place.len(), 0.0);
        sums.resize(place.len() * self.width, 0.0);
        for (story, &at) in of_story.iter().enumerate() {
            counts[at] += 1.0;
            let sum = &mut sums[at * self.width..][..self.width];
            sum.iter_mut()
                .zip(self.row(story))
                .for_each(|(s, &v)| *s += f64::from(v));
        }
        let mut centred = Vec::with_capacity(self.rows.len());
        for (story, &at) in of_story.iter().enumerate() {
            let sum = &sums[at * self.width..][..self.width];
            centred.extend(
                self.row(story)
                    .iter()
                    .zip(sum)
                    .map(|(&v, s)| f64::from(v) - s / counts[at]),
            );
        }
        centred
    }
}

/// Numbers pairs of topic and writer in order of appearance.
fn groups(topic: &[u32], writer: &[u32]) -> Vec<u32> {
    let mut seen = HashMap::new();
    let pairs = topic.iter().zip(writer);
    pairs
        .map(|pair| {
            #[expect(clippy::cast_possible_truncation, reason = "no corpus has 2^32 groups")]
            let next = seen.len() as u32;
            *seen.entry(pair).or_insert(next)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_groups() -> StoryMeans {
        StoryMeans::new(
            vec![0, 1, 0, 1],
            vec![5, 5, 6, 6],
            &[1, 1, 1, 1],
            1,
            vec![1.0, 3.0, 10.0, 20.0],
        )
        .expect("sound")
    }

    #[test]
    fn stories_are_centred_within_their_own_group() {
        assert_eq!(two_groups().centred(), [-1.0, 1.0, -5.0, 5.0]);
    }

    #[test]
    fn a_group_is_a_topic_by_a_writer() {
        assert_eq!(groups(&[1, 1, 2, 2, 1], &[1, 2, 1, 1, 1]), [0, 1, 2, 2, 0]);
    }

    #[test]
    fn lists_that_do_not_belong_together_are_refused() {
        let mut short = two_groups();
        short.topic.pop();
        assert!(matches!(
            short.check(),
            Err(AffectError::Shape {
                what: "topic",
                expected: 4,
                found: 3
            })
        ));
        let mut odd = two_groups();
        odd.rows[2] = f32::NAN;
        assert_eq!(odd.check(), Err(AffectError::NotFinite { story: 2 }));
        assert_eq!(
            odd.subset(|_| false).check(),
            Err(AffectError::Empty("stories"))
        );
    }

    #[test]
    fn a_subset_keeps_what_belongs_to_each_story() {
        let odd = two_groups().subset(|s| s % 2 == 1);
        assert_eq!(
            (odd.emotion, odd.topic, odd.rows),
            (vec![1, 1], vec![5, 6], vec![3.0, 20.0])
        );
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use rand::{Rng, SeedableRng};
    use rand_pcg::Pcg64Mcg;

    use super::StoryMeans;

    /// One story for each emotion on each topic; every number between -1 and 1.
    pub(crate) fn random(emotions: u16, topics: u32, width: usize, seed: u64) -> StoryMeans {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let emotion: Vec<u16> = (0..topics).flat_map(|_| 0..emotions).collect();
        let topic: Vec<u32> = (0..topics)
            .flat_map(|t| (0..emotions).map(move |_| t))
            .collect();
        let rows = (0..emotion.len() * width)
            .map(|_| rng.random::<f32>() * 2.0 - 1.0)
            .collect();
        let writer = vec![0; topic.len()];
        StoryMeans::new(emotion, topic, &writer, width, rows).expect("sound")
    }

    /// As [`random`], with `strength` along an axis of its own for each emotion.
    pub(crate) fn telling(
        emotions: u16,
        topics: u32,
        width: usize,
        strength: f32,
        seed: u64,
    ) -> StoryMeans {
        let mut stories = random(emotions, topics, width, seed);
        for story in 0..stories.len() {
            stories.rows[story * width + usize::from(stories.emotion[story])] += strength;
        }
        stories
    }
}

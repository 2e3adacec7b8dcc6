//! Which options are taken: for reading by retrieval, for steering by what steering does; then by stability; by nothing
//! else.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::method::Scores;

/// The rule for the directions to read with, for those who see its result.
pub const READING_RULE: &str = "Retrieval first: share of stories on held-out selection topics whose own emotion is among \
the first five, averaged over topics, then over corpora. Options whose mean lies below the best by no more than one \
standard error of the difference (paired by topic) count as equally good. Of these the one with the highest split-half \
stability is taken; at a tie, the first in the grid. Ratings of valence and arousal take no part.";

/// The rule for the directions to steer along.
pub const STEERING_RULE: &str = "What steering does first: share of short texts, each written while one emotion is pushed, in \
which that emotion is among the first five that the unsteered model, with the directions chosen to read with, reads out of \
them; averaged over emotions. Options whose mean lies below the best by no more than one standard error of the difference \
(paired by emotion) count as equally good. Of these the one with the highest split-half stability is taken; at a tie, the \
first in the grid. Only differences of means are tried, since whitening changes no direction to steer along. Ratings of \
valence and arousal take no part.";

/// What the map shows, for those who see it: declared, not chosen.
pub const MAP_RULE: &str = "Declared, not chosen: the paper's recipe with the paper's constants. Stories of the kind nearest to its own \
(told, feelings on the surface), the components that hold half of the variance projected out (of the differences within emotions, \
since neutral passages hold little of what tells these stories apart), at two thirds of the depth. For comparison, the best by places \
of all that were tried: a story on a held-out selection topic is drawn on the map, and the share of the other emotions that lie farther \
from it than its own is taken (chance 50 %), averaged over topics, then over corpora.";

/// What the rule took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Position of the options taken.
    pub taken: usize,
    /// Position of those with the best retrieval.
    pub best: usize,
    /// Positions of all that count as equally good, the best among them, ascending.
    pub alike: Vec<usize>,
}

/// Applies [`READING_RULE`]; `None` of nothing.
///
/// The rule of one standard error is Breiman's (Hastie, Tibshirani, Friedman, The Elements of Statistical
/// Learning, 7.10), here with differences paired by topic, since topics differ in difficulty more than options do.
#[must_use]
pub fn select_reading(scores: &[Scores]) -> Option<Choice> {
    let values: Vec<_> = scores.iter().map(|s| Some(s.topic_values())).collect();
    choose(scores, &values)
}

/// Applies [`STEERING_RULE`] to those of which steering was measured; `None` if none was.
#[must_use]
pub fn select_steering(scores: &[Scores]) -> Option<Choice> {
    let values: Vec<_> = scores.iter().map(Scores::emotion_values).collect();
    choose(scores, &values)
}

/// The best by places, as [`MAP_RULE`] says, of those of which places were taken; `None` if none were.
///
/// Stability breaks no tie here: it is larger the less is projected out, whatever that is (see [`measure`](super::measure())).
#[must_use]
pub fn best_map(scores: &[Scores]) -> Option<Choice> {
    let values: Vec<_> = scores.iter().map(Scores::places).collect();
    let choice = choose(scores, &values)?;
    Some(Choice {
        taken: choice.best,
        ..choice
    })
}

/// What a mean is taken over: groups that count alike, and members.
type Values<'a> = BTreeMap<(&'a str, u32), f64>;

fn choose(scores: &[Scores], values: &[Option<Values>]) -> Option<Choice> {
    let of = |at: usize| values[at].as_ref();
    let mean = |at: usize| of(at).map_or(f64::NEG_INFINITY, |v| summary(v).0);
    let best = (0..scores.len())
        .rev()
        .filter(|&at| of(at).is_some())
        .max_by(|&a, &b| mean(a).total_cmp(&mean(b)))?;
    let reference = of(best)?;
    let alike: Vec<usize> = (0..scores.len())
        .filter(|&at| {
            let Some(values) = of(at) else { return false };
            let mut behind = values.clone();
            for (key, value) in &mut behind {
                *value = reference.get(key).copied().unwrap_or(0.0) - *value;
            }
            let (mean, error) = summary(&behind);
            at == best || (behind.len() == reference.len() && mean <= error)
        })
        .collect();
    let taken = alike
        .iter()
        .rev()
        .copied()
        .max_by(|&a, &b| scores[a].stability.total_cmp(&scores[b].stability))?;
    Some(Choice { taken, best, alike })
}

impl Scores {
    fn topic_values(&self) -> Values<'_> {
        let each = self.by_topic.iter();
        each.map(|t| ((t.corpus.as_str(), t.topic), f64::from(t.top5)))
            .collect()
    }

    fn places(&self) -> Option<Values<'_>> {
        let each = self.by_topic.iter();
        each.map(|t| Some(((t.corpus.as_str(), t.topic), f64::from(t.nearness?))))
            .collect()
    }

    fn emotion_values(&self) -> Option<Values<'_>> {
        Some(by_emotion(&self.steering.as_ref()?.read_back))
    }
}

fn by_emotion(values: &[f32]) -> Values<'_> {
    let each = (0..).zip(values);
    each.map(|(e, v)| (("", e), f64::from(*v))).collect()
}

/// Mean over corpora of their mean over topics, and its standard error: the corpora's own, `s / sqrt(topics)`, taken
/// together as those of independent means are.
fn summary(values: &Values) -> (f64, f64) {
    let mut corpora = BTreeMap::<&str, Vec<f64>>::new();
    for ((corpus, _), value) in values {
        corpora.entry(corpus).or_default().push(*value);
    }
    let (mut mean, mut variance) = (0.0, 0.0);
    for of in corpora.values() {
        let n = of.len() as f64;
        let own = of.iter().sum::<f64>() / n;
        mean += own;
        if of.len() > 1 {
            variance += of.iter().map(|v| (v - own).powi(2)).sum::<f64>() / (n - 1.0) / n;
        }
    }
    let k = corpora.len().max(1) as f64;
    (mean / k, variance.sqrt() / k)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::method::{MethodOptions, Steered, TopicScore};

    fn scores(top5: &[(&str, &[f32])], stability: f32, read_back: &[f32]) -> Scores {
        let by_topic = top5.iter().flat_map(|(corpus, of)| {
            (0..).zip(*of).map(|(topic, &top5)| TopicScore {
                corpus: (*corpus).to_owned(),
                topic,
                top5,
                nearness: Some(top5),
            })
        });
        Scores {
            options: MethodOptions::plain("told", 1),
            retrieval: BTreeMap::new(),
            by_topic: by_topic.collect(),
            top5: 0.0,
            stability,
            steering: (!read_back.is_empty()).then(|| Steered {
                read_back: read_back.to_vec(),
            }),
            nearness: None,
        }
    }

    #[test]
    fn of_equally_good_ones_the_most_stable_is_taken() {
        let all = [
            // Best; the next is behind by 0.005 with a standard error of 0.0075; the third by 0.1 everywhere.
            scores(&[("told", &[0.80, 0.60, 0.70, 0.50])], 0.3, &[]),
            scores(&[("told", &[0.81, 0.57, 0.70, 0.50])], 0.5, &[]),
            scores(&[("told", &[0.70, 0.50, 0.60, 0.40])], 0.9, &[]),
        ];
        let choice = select_reading(&all).expect("some");
        assert_eq!(
            choice,
            Choice {
                taken: 1,
                best: 0,
                alike: vec![0, 1]
            }
        );
    }

    #[test]
    fn pairing_by_topic_sees_a_small_but_steady_lead() {
        // Topics differ by much more than the options do.
        let all = [
            scores(&[("told", &[0.10, 0.50, 0.90])], 0.9, &[]),
            scores(&[("told", &[0.12, 0.52, 0.93])], 0.1, &[]),
        ];
        assert_eq!(select_reading(&all).expect("some").taken, 1);
    }

    #[test]
    fn the_best_map_has_the_best_places_and_needs_them() {
        let all = [
            scores(&[("told", &[0.80, 0.60, 0.70, 0.50])], 0.3, &[]),
            scores(&[("told", &[0.81, 0.57, 0.70, 0.50])], 0.5, &[]),
        ];
        assert_eq!(best_map(&all).expect("some").taken, 0);
        let mut unplaced = all;
        for topic in unplaced.iter_mut().flat_map(|s| &mut s.by_topic) {
            topic.nearness = None;
        }
        assert_eq!(best_map(&unplaced), None);
    }

    #[test]
    fn every_corpus_counts_alike() {
        let all = [
            scores(&[("told", &[0.5; 10]), ("inner", &[0.9])], 0.1, &[]),
            scores(&[("told", &[0.6; 10]), ("inner", &[0.5])], 0.9, &[]),
        ];
        assert_eq!(select_reading(&all).expect("some").best, 0);
    }

    #[test]
    fn steering_chooses_among_those_steered_and_ties_go_to_the_first() {
        let same: &[(&str, &[f32])] = &[("told", &[0.5, 0.6])];
        let all = [
            scores(same, 0.9, &[]),
            scores(same, 0.2, &[0.2, 0.95, 0.4]),
            scores(same, 0.3, &[0.8, 0.9, 0.4]),
            scores(same, 0.4, &[0.4, 0.5, 0.0]),
        ];
        let choice = select_steering(&all).expect("some");
        // The second is behind by 0.18 with a standard error of 0.21.
        assert_eq!((choice.best, choice.taken), (2, 2));
        assert_eq!(choice.alike, [1, 2]);
        assert_eq!(select_steering(&all[..1]), None);
        assert_eq!(select_reading(&[]), None);
        let tied = [scores(same, 0.5, &[]), scores(same, 0.5, &[])];
        assert_eq!(select_reading(&tied).expect("some").taken, 0);
    }
}

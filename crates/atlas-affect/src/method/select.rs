//! Which options are taken: by retrieval, then by stability and steering; by nothing else.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::method::Scores;

/// The rule, for those who read its result.
pub const RULE: &str = "Retrieval first: share of stories on held-out selection topics whose own emotion is among the \
first five, averaged over topics, then over corpora. Options whose mean lies below the best by no more than one \
standard error of the difference (paired by topic) count as equally good. Of these the one with the highest mean of \
split-half stability and, where it was measured for all of them, steering is taken; at a tie, the first in the grid. \
Ratings of valence and arousal take no part.";

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

/// Applies [`RULE`]; `None` of nothing.
///
/// The rule of one standard error is Breiman's (Hastie, Tibshirani, Friedman, The Elements of Statistical
/// Learning, 7.10), here with differences paired by topic, since topics differ in difficulty more than options do.
#[must_use]
pub fn select(scores: &[Scores]) -> Option<Choice> {
    let means: Vec<f64> = scores
        .iter()
        .map(|s| summary(&s.topic_values()).0)
        .collect();
    let best = (0..scores.len())
        .rev()
        .max_by(|&a, &b| means[a].total_cmp(&means[b]))?;
    let reference = scores[best].topic_values();
    let alike: Vec<usize> = (0..scores.len())
        .filter(|&at| {
            let mut behind = scores[at].topic_values();
            for (key, value) in &mut behind {
                *value = reference.get(key).copied().unwrap_or(0.0) - *value;
            }
            let (mean, error) = summary(&behind);
            at == best || (behind.len() == reference.len() && mean <= error)
        })
        .collect();
    let steered = alike.iter().all(|&at| scores[at].steering.is_some());
    let second = |at: usize| {
        let s = &scores[at];
        match s.steering.filter(|_| steered) {
            Some(steering) => (s.stability + steering) / 2.0,
            None => s.stability,
        }
    };
    let taken = alike
        .iter()
        .rev()
        .copied()
        .max_by(|&a, &b| second(a).total_cmp(&second(b)))?;
    Some(Choice { taken, best, alike })
}

impl Scores {
    fn topic_values(&self) -> BTreeMap<(&str, u32), f64> {
        let each = self.by_topic.iter();
        each.map(|t| ((t.corpus.as_str(), t.topic), f64::from(t.top5)))
            .collect()
    }
}

/// Mean over corpora of their mean over topics, and its standard error: the corpora's own, `s / sqrt(topics)`, taken
/// together as those of independent means are.
fn summary(values: &BTreeMap<(&str, u32), f64>) -> (f64, f64) {
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
    use crate::method::{MethodOptions, TopicScore};

    fn scores(top5: &[(&str, &[f32])], stability: f32, steering: Option<f32>) -> Scores {
        let by_topic = top5.iter().flat_map(|(corpus, of)| {
            (0..).zip(*of).map(|(topic, &top5)| TopicScore {
                corpus: (*corpus).to_owned(),
                topic,
                top5,
            })
        });
        Scores {
            options: MethodOptions::plain("told", 1),
            retrieval: BTreeMap::new(),
            by_topic: by_topic.collect(),
            top5: 0.0,
            stability,
            steering,
        }
    }

    #[test]
    fn of_equally_good_ones_the_most_stable_is_taken() {
        let all = [
            // Best; the next is behind by 0.005 with a standard error of 0.0075; the third by 0.1 everywhere.
            scores(&[("told", &[0.80, 0.60, 0.70, 0.50])], 0.3, None),
            scores(&[("told", &[0.81, 0.57, 0.70, 0.50])], 0.5, None),
            scores(&[("told", &[0.70, 0.50, 0.60, 0.40])], 0.9, None),
        ];
        let choice = select(&all).expect("some");
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
            scores(&[("told", &[0.10, 0.50, 0.90])], 0.9, None),
            scores(&[("told", &[0.12, 0.52, 0.93])], 0.1, None),
        ];
        assert_eq!(select(&all).expect("some").taken, 1);
    }

    #[test]
    fn every_corpus_counts_alike() {
        let all = [
            scores(&[("told", &[0.5; 10]), ("inner", &[0.9])], 0.1, None),
            scores(&[("told", &[0.6; 10]), ("inner", &[0.5])], 0.9, None),
        ];
        assert_eq!(select(&all).expect("some").best, 0);
    }

    #[test]
    fn steering_counts_where_all_have_it_and_ties_go_to_the_first() {
        let same: &[(&str, &[f32])] = &[("told", &[0.5, 0.6])];
        let of = |a: (f32, Option<f32>), b: (f32, Option<f32>)| {
            select(&[scores(same, a.0, a.1), scores(same, b.0, b.1)])
                .expect("some")
                .taken
        };
        assert_eq!(of((0.5, Some(0.9)), (0.6, Some(0.2))), 0);
        assert_eq!(of((0.5, Some(0.9)), (0.6, None)), 1);
        assert_eq!(of((0.5, None), (0.5, None)), 0);
        assert_eq!(select(&[]), None);
    }
}

//! Is it still fluent?

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;
use serde::{Deserialize, Serialize};

/// Up to which strength text counts as fluent.
pub const SAFE_RULE: &str = "An emotion's safe range ends where the first of four averages over the texts written at a strength \
leaves what is usual: perplexity under the unsteered model, share of repeated sequences of four words, share of distinct words, \
share of words that are in none of the corpora. Usual is what groups of as many texts reach in 99 of 100 draws, drawn either \
from the corpora's stories, cut to the same place and length, or from the model's own unsteered texts, whichever is wider. The \
averages are made to never improve with strength (isotonic regression, which starts from all unsteered texts, within the limit) and are drawn \
straight between the strengths measured. Ends are whole percents, rounded down, and never lie beyond the strongest push measured.";

/// Draws that a limit rests on.
const DRAWS: usize = 2000;
/// Share of them within it.
const WITHIN: f64 = 0.99;

/// How fluent some text is, or several on average.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Coherence {
    /// Mean negative log-probability of a token under the unsteered model, nats: the logarithm of the perplexity.
    pub surprise: f32,
    /// Share of sequences of four words that came before in the same text, 0 to 1.
    pub repeated: f32,
    /// Different words per word, 0 to 1.
    pub distinct: f32,
    /// Share of words that are none, 0 to 1.
    pub strange: f32,
}

impl Coherence {
    /// `e` to the surprise.
    #[must_use]
    pub fn perplexity(&self) -> f32 {
        self.surprise.exp()
    }

    /// The mean of several; `None` of none.
    #[must_use]
    pub fn mean<'a>(all: impl IntoIterator<Item = &'a Self>) -> Option<Self> {
        let (mut sum, mut count) = ([0.0; 4], 0.0);
        for each in all {
            sum.iter_mut()
                .zip(each.badness())
                .for_each(|(s, x)| *s += x);
            count += 1.0;
        }
        (count > 0.0).then(|| Self::from_badness(sum.map(|s| s / count)))
    }

    /// Whether it does not leave the limits.
    #[must_use]
    pub fn within(&self, limits: &Self) -> bool {
        self.badness()
            .iter()
            .zip(limits.badness())
            .all(|(x, limit)| *x <= limit)
    }

    /// Each measure so that more is worse.
    fn badness(&self) -> [f32; 4] {
        [
            self.surprise,
            self.repeated,
            1.0 - self.distinct,
            self.strange,
        ]
    }

    fn from_badness([surprise, repeated, same, strange]: [f32; 4]) -> Self {
        Self {
            surprise,
            repeated,
            distinct: 1.0 - same,
            strange,
        }
    }
}

/// What averages over `group` texts still reach, by [`SAFE_RULE`]: the wider of the references.
#[must_use]
pub fn limits(references: &[&[Coherence]], group: usize, seed: u64) -> Coherence {
    let mut worst = [0.0_f32; 4];
    for texts in references.iter().filter(|texts| !texts.is_empty()) {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let mut drawn: [Vec<f32>; 4] = Default::default();
        for _ in 0..DRAWS {
            let some = (0..group.max(1)).map(|_| &texts[rng.random_range(0..texts.len())]);
            let mean = Coherence::mean(some).map_or([0.0; 4], |c| c.badness());
            drawn.iter_mut().zip(mean).for_each(|(d, x)| d.push(x));
        }
        for (worst, drawn) in worst.iter_mut().zip(&mut drawn) {
            *worst = worst.max(crate::stats::quantile(drawn, WITHIN).unwrap_or(0.0));
        }
    }
    Coherence::from_badness(worst)
}

/// The strength up to which a curve stays within limits, by [`SAFE_RULE`]: `curve` goes from strength 0 up.
#[must_use]
pub fn safe_strength(curve: &[(f32, Coherence)], limits: &Coherence) -> f32 {
    let last = curve.last().map_or(0.0, |(strength, _)| *strength);
    let ends = limits.badness().into_iter().enumerate().map(|(m, limit)| {
        let mut values: Vec<f32> = curve.iter().map(|(_, c)| c.badness()[m]).collect();
        // What is rare without steering has a limit of 0, and an average of many texts above it.
        if let Some(start) = values.first_mut() {
            *start = start.min(limit);
        }
        let values = never_falling(&values);
        let Some(out) = values.iter().position(|v| *v > limit) else {
            return last;
        };
        if out == 0 {
            return 0.0;
        }
        let [(from, _), (to, _)] = [curve[out - 1], curve[out]];
        let [low, high] = [values[out - 1], values[out]];
        from + (to - from) * (limit - low) / (high - low)
    });
    let end = ends.fold(last, f32::min);
    // A hair more, or 0.3 would become 29 %.
    (end * 100.0 + 1e-3).floor() / 100.0
}

/// The nearest list that never falls (pool adjacent violators).
fn never_falling(values: &[f32]) -> Vec<f32> {
    let mut pools: Vec<(f32, usize)> = vec![];
    for &value in values {
        pools.push((value, 1));
        while let [.., (a, n), (b, m)] = pools[..] {
            if a <= b {
                break;
            }
            #[expect(clippy::cast_precision_loss, reason = "a handful of strengths")]
            let mean = (a * n as f32 + b * m as f32) / (n + m) as f32;
            pools.truncate(pools.len() - 2);
            pools.push((mean, n + m));
        }
    }
    pools
        .into_iter()
        .flat_map(|(mean, n)| std::iter::repeat_n(mean, n))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(surprise: f32) -> Coherence {
        Coherence {
            surprise,
            repeated: 0.0,
            distinct: 0.9,
            strange: 0.0,
        }
    }

    #[test]
    fn what_falls_is_pooled_with_what_came_before() {
        assert_eq!(never_falling(&[1.0, 3.0, 2.0, 4.0]), [1.0, 2.5, 2.5, 4.0]);
        assert_eq!(never_falling(&[3.0, 2.0, 1.0]), [2.0; 3]);
        assert_eq!(never_falling(&[]), [0.0; 0]);
    }

    #[test]
    fn the_range_ends_where_the_first_measure_leaves_its_limit() {
        let limits = Coherence {
            surprise: 3.0,
            repeated: 0.1,
            distinct: 0.6,
            strange: 0.1,
        };
        let curve = [(0.0, of(2.0)), (0.1, of(2.0)), (0.3, of(4.0))];
        assert_eq!(safe_strength(&curve, &limits), 0.2);
        assert_eq!(safe_strength(&curve[..2], &limits), 0.1, "never beyond");
        let mut broken = curve;
        // From 0.9: the limit is half way.
        (broken[1].1.distinct, broken[2].1.distinct) = (0.3, 0.3);
        assert_eq!(safe_strength(&broken, &limits), 0.05);
        broken[0].1.strange = 0.5;
        broken[1].1.strange = 0.5;
        broken[2].1.strange = 0.5;
        assert_eq!(safe_strength(&broken, &limits), 0.0);
        // One outlier that later strengths do not bear out is averaged away.
        let outlier = [
            (0.0, of(2.0)),
            (0.1, of(3.5)),
            (0.2, of(2.0)),
            (0.3, of(2.5)),
        ];
        assert_eq!(safe_strength(&outlier, &limits), 0.3);
    }

    #[test]
    fn limits_are_wide_for_one_text_and_narrow_for_many() {
        let texts: Vec<Coherence> = (0_u8..100).map(|i| of(f32::from(i) / 50.0)).collect();
        let [one, many] = [1, 25].map(|group| limits(&[&texts], group, 1).surprise);
        assert!(one > 1.9 && (1.15..1.4).contains(&many), "{one} {many}");
        let wide = [of(5.0)];
        assert_eq!(limits(&[&texts, &wide, &[]], 25, 1).surprise, 5.0);
        assert!(of(1.0).within(&of(1.0)) && !of(1.1).within(&of(1.0)));
    }

    #[test]
    fn of_no_texts_there_is_no_mean() {
        assert_eq!(Coherence::mean([]), None);
        let mean = Coherence::mean(&[of(1.0), of(2.0)]).expect("two");
        assert!((mean.surprise - 1.5).abs() < 1e-6 && (mean.distinct - 0.9).abs() < 1e-6);
        assert!((mean.perplexity() - 1.5_f32.exp()).abs() < 1e-4);
    }
}

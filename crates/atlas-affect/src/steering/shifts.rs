//! What pushing each of some emotions changes in each of them.

use serde::{Deserialize, Serialize};

/// Changes while emotions are pushed, one row each, in each of them, one column each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shifts {
    /// The changes, `[pushed][seen]`.
    pub rows: Vec<Vec<f32>>,
    /// Share of rows whose own change is the largest in the direction of the push, 0 to 1; chance gives one by the
    /// number of emotions.
    pub first: f32,
    /// Share of the other emotions that change less than the pushed one, mean over rows, 0 to 1; chance gives 0.5.
    pub above: f32,
    /// Mean change of the pushed emotions, in the direction of the push.
    pub own: f32,
    /// Mean change of the others.
    pub others: f32,
    /// What random vectors of the same length do to the same emotions.
    pub random: Random,
}

/// Changes while random vectors are pushed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Random {
    /// How many vectors.
    pub vectors: usize,
    /// Mean change.
    pub mean: f32,
    /// Standard deviation over vectors and emotions.
    pub sd: f32,
}

impl Shifts {
    /// From the changes under pushes of one sign (`up`: towards the emotions), and under random vectors,
    /// `[vector][seen]`.
    #[must_use]
    pub fn new(rows: Vec<Vec<f32>>, up: bool, random: &[Vec<f32>]) -> Self {
        let each = above(&rows, up);
        let count = each.len().max(1) as f32;
        let sign = if up { 1.0 } else { -1.0 };
        let (mut own, mut others, mut beside) = (0.0, 0.0, 0.0_f32);
        for (at, row) in rows.iter().enumerate() {
            for (seen, x) in row.iter().enumerate() {
                if seen == at {
                    own += sign * x;
                } else {
                    others += sign * x;
                    beside += 1.0;
                }
            }
        }
        let drawn: Vec<f32> = random.iter().flatten().copied().collect();
        let draws = drawn.len().max(1) as f32;
        let mean = drawn.iter().sum::<f32>() / draws;
        let variance = drawn.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / draws;
        Self {
            first: each.iter().filter(|share| **share >= 1.0).count() as f32 / count,
            above: each.iter().sum::<f32>() / count,
            own: own / count,
            others: others / beside.max(1.0),
            random: Random {
                vectors: random.len(),
                mean,
                sd: variance.sqrt(),
            },
            rows,
        }
    }
}

/// Per row, the share of the others that change less than the own one in the direction of the push; half of those
/// that change as much.
pub(super) fn above(rows: &[Vec<f32>], up: bool) -> Vec<f32> {
    let each = rows.iter().enumerate().map(|(at, row)| {
        let Some(&own) = row.get(at) else {
            return 0.0;
        };
        let others = row.iter().enumerate().filter(|(seen, _)| *seen != at);
        let (mut less, mut count) = (0.0, 0.0_f32);
        for (_, &x) in others {
            count += 1.0;
            if x == own {
                less += 0.5;
            } else if (x < own) == up {
                less += 1.0;
            }
        }
        less / count.max(1.0)
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pushed_emotion_is_compared_with_the_others() {
        let rows = vec![
            vec![0.3, 0.1, 0.2], // above both
            vec![0.5, 0.2, 0.1], // above one
            vec![0.4, 0.3, 0.3], // level with one, below one
        ];
        let random = vec![vec![1.0, -1.0, 1.0], vec![-1.0, 1.0, -1.0]];
        let shifts = Shifts::new(rows.clone(), true, &random);
        assert!((shifts.first - 1.0 / 3.0).abs() < 1e-6);
        assert!((shifts.above - (1.0 + 0.5 + 0.25) / 3.0).abs() < 1e-6);
        assert!((shifts.own - 0.8 / 3.0).abs() < 1e-6);
        assert!((shifts.others - 1.6 / 6.0).abs() < 1e-6);
        assert_eq!((shifts.random.vectors, shifts.random.mean), (2, 0.0));
        assert!((shifts.random.sd - 1.0).abs() < 1e-6);
        // Pushing away, what falls most is first.
        let away = Shifts::new(vec![vec![-0.3, 0.1], vec![0.2, 0.4]], false, &[]);
        assert!((away.first - 0.5).abs() < 1e-6);
        assert!((away.own + 0.05).abs() < 1e-6);
    }
}

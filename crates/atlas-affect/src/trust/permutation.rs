//! What would chance give? Labels are dealt out again at random, and the figure is taken again.
//!
//! `p = (1 + draws at least as extreme) / (1 + draws)`: never 0 (Phipson and Smyth 2010).

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64Mcg;
use serde::{Deserialize, Serialize};

use crate::cluster::adjusted_rand_index;
use crate::stats::{pearson, percentile};

/// Which draws are at least as extreme as what was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tail {
    /// Those as large: for figures that are good when large.
    Greater,
    /// Those as far from 0, on either side: for figures whose sign is arbitrary, as a component's correlation.
    Either,
}

/// A figure beside what chance gives.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Null {
    /// The figure found.
    pub observed: f64,
    /// Mean of the draws.
    pub mean: f64,
    /// Their standard deviation.
    pub sd: f64,
    /// What 95 % of the draws stay below (in size, with [`Tail::Either`]).
    pub limit95: f64,
    /// Share of draws at least as extreme, the observed one among them.
    pub p: f64,
    /// Draws.
    pub draws: usize,
    /// Which count.
    pub tail: Tail,
    /// Seed.
    pub seed: u64,
}

/// The figure of `n` things, and of the same things with their labels permuted `draws` times: `figure` gets the
/// position each label is taken from.
pub fn permutation_null(
    n: usize,
    draws: usize,
    tail: Tail,
    seed: u64,
    mut figure: impl FnMut(&[usize]) -> f64,
) -> Null {
    let mut order: Vec<usize> = (0..n).collect();
    let observed = figure(&order);
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let size = |v: f64| if tail == Tail::Either { v.abs() } else { v };
    let drawn: Vec<f64> = (0..draws)
        .map(|_| {
            order.shuffle(&mut rng);
            figure(&order)
        })
        .collect();
    let count = draws.max(1) as f64;
    let mean = drawn.iter().sum::<f64>() / count;
    let sd = (drawn.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / count).sqrt();
    // Equal up to rounding is equal: a permuted sum adds up in another order.
    let enough = size(observed) - 1e-12 * (1.0 + observed.abs());
    let extreme = drawn.iter().filter(|v| size(**v) >= enough).count();
    let mut sizes: Vec<f64> = drawn.into_iter().map(size).collect();
    Null {
        observed,
        mean,
        sd,
        limit95: percentile(&mut sizes, 0.95),
        p: (1 + extreme) as f64 / (1 + draws) as f64,
        draws,
        tail,
        seed,
    }
}

/// Pearson's r of the emotions' places on a component with their ratings, the emotions' names dealt out anew:
/// two-sided, since a component has no sign of its own.
///
/// The component is one that variance chose. Should the one of three that fits best be told of, its null needs the
/// best of three in every draw: [`permutation_null`] with that figure.
#[must_use]
pub fn rating_null(scores: &[f64], ratings: &[f64], draws: usize, seed: u64) -> Null {
    let mut dealt = vec![0.0; ratings.len()];
    permutation_null(ratings.len(), draws, Tail::Either, seed, |order| {
        dealt
            .iter_mut()
            .zip(order)
            .for_each(|(d, &o)| *d = ratings[o]);
        pearson(scores, &dealt)
    })
}

/// Adjusted Rand index of two groupings, group sizes kept and members dealt out anew.
#[must_use]
pub fn rand_null(found: &[usize], expected: &[usize], draws: usize, seed: u64) -> Null {
    let mut dealt = vec![0; expected.len()];
    permutation_null(expected.len(), draws, Tail::Greater, seed, |order| {
        dealt
            .iter_mut()
            .zip(order)
            .for_each(|(d, &o)| *d = expected[o]);
        adjusted_rand_index(found, &dealt)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_three_things_the_exact_null_is_known() {
        // x = y = 1, 2, 3: of six orders one gives r = 1, one -1, two 0.5, two -0.5.
        let null = rating_null(&[1.0, 2.0, 3.0], &[1.0, 2.0, 3.0], 6000, 1);
        assert_eq!(null.observed, 1.0);
        assert!((null.p - 2.0 / 6.0).abs() < 0.02, "{null:?}");
        assert!(
            null.mean.abs() < 0.03 && (null.sd - 0.5_f64.sqrt()).abs() < 0.02,
            "{null:?}"
        );
        let greater = permutation_null(3, 6000, Tail::Greater, 1, |o| {
            pearson(&[1.0, 2.0, 3.0], &[o[0] as f64, o[1] as f64, o[2] as f64])
        });
        assert!((greater.p - 1.0 / 6.0).abs() < 0.02, "{greater:?}");
    }

    #[test]
    fn of_many_things_the_spread_is_one_over_root_n() {
        let x: Vec<f64> = (0..171).map(|i| f64::from(i * i % 101)).collect();
        let y: Vec<f64> = (0..171).map(|i| f64::from(i * 37 % 89)).collect();
        let null = rating_null(&x, &y, 4000, 2);
        assert!((null.sd - 1.0 / 170.0_f64.sqrt()).abs() < 0.004, "{null:?}");
        // |r| below 1.96 sd in 95 % of draws.
        assert!(
            (null.limit95 - 1.96 / 170.0_f64.sqrt()).abs() < 0.01,
            "{null:?}"
        );
        let same = rating_null(&x, &x, 999, 2);
        assert_eq!(same.p, 1.0 / 1000.0);
        assert_eq!(same, rating_null(&x, &x, 999, 2));
    }

    #[test]
    fn groupings_dealt_out_anew_agree_by_chance_only() {
        let groups: Vec<usize> = (0..60).map(|i| i % 5).collect();
        let same = rand_null(&groups, &groups, 499, 3);
        assert_eq!((same.observed, same.p), (1.0, 1.0 / 500.0));
        assert!(same.mean.abs() < 0.01 && same.limit95 < 0.1, "{same:?}");
        let other: Vec<usize> = (0..60).map(|i| i / 12).collect();
        assert!(rand_null(&groups, &other, 499, 3).p > 0.05);
    }

    #[test]
    fn without_draws_nothing_is_claimed() {
        assert_eq!(rating_null(&[1.0, 2.0], &[1.0, 2.0], 0, 1).p, 1.0);
    }
}

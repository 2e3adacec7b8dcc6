//! Who meets whom, and ratings from the outcomes.

use crate::figures::mean;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// Each activity against `rivals` others, no pair twice.
pub(super) fn pairs(n: usize, rivals: usize, seed: u32) -> Vec<[usize; 2]> {
    let mut rng = Pcg64Mcg::seed_from_u64(u64::from(seed));
    let mut order: Vec<usize> = (0..n).collect();
    order.shuffle(&mut rng);
    let mut pairs = vec![];
    // A circle of shuffled places: neighbours at distance 1, 2, ... meet, so that everybody has as many rivals.
    for distance in 1..=rivals.div_ceil(2).min((n - 1) / 2) {
        for at in 0..n {
            let [a, b] = [order[at], order[(at + distance) % n]];
            // Who is named first is a matter of chance.
            pairs.push(if rng.random() { [a, b] } else { [b, a] });
        }
    }
    pairs
}

/// Elo ratings (mean 0) that fit log-odds of the first over the second best: Bradley-Terry with soft outcomes.
pub(super) fn elo(n: usize, pairs: &[([usize; 2], f64)]) -> Vec<f64> {
    const STEPS: usize = 400;
    let chance = |x: f64| 1.0 / (1.0 + (-x).exp());
    let mut strength = vec![0.0; n];
    for _ in 0..STEPS {
        let mut step = vec![0.0; n];
        for &([a, b], odds) in pairs {
            let off = chance(odds) - chance(strength[a] - strength[b]);
            step[a] += off;
            step[b] -= off;
        }
        strength
            .iter_mut()
            .zip(&step)
            .for_each(|(s, d)| *s += 0.5 * d);
    }
    let middle = mean(&strength);
    strength
        .iter()
        .map(|s| 400.0 / std::f64::consts::LN_10 * (s - middle))
        .collect()
}

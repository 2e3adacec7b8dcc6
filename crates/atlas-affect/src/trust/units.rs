//! Figures of a few units (situations, activities): intervals, and tests that need no assumption but that units were
//! drawn alike.
//!
//! ```
//! use atlas_affect::trust::{holm, sign_flip, sign_test, span};
//! let shifts = [0.3, 0.1, 0.4, 0.2, 0.5, -0.1, 0.3, 0.2];
//! let mean = span(shifts.len(), 500, 0.95, 1, |drawn| {
//!     drawn.iter().map(|&i| shifts[i]).sum::<f64>() / drawn.len() as f64
//! });
//! assert!(mean.low > 0.0 && mean.low < mean.estimate && mean.estimate < mean.high);
//! assert!(sign_flip(&shifts, 999, 1).p < 0.05);
//! assert!((sign_test(7, 8) - 9.0 / 256.0).abs() < 1e-12); // 7 or 8 heads of 8
//! assert_eq!(holm(&[0.04, 0.01]), [0.04, 0.02]);
//! ```

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::stats::percentile;
use crate::trust::{Null, Tail};

/// A figure and its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// The figure of all units.
    pub estimate: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Percentile bootstrap over `n` units: `figure` gets the units drawn, all of them in order for the estimate.
pub fn span(
    n: usize,
    draws: usize,
    level: f64,
    seed: u64,
    mut figure: impl FnMut(&[usize]) -> f64,
) -> Span {
    let mut drawn: Vec<usize> = (0..n).collect();
    let estimate = figure(&drawn);
    if n == 0 || draws == 0 {
        return Span {
            estimate,
            low: estimate,
            high: estimate,
        };
    }
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let mut seen: Vec<f64> = (0..draws)
        .map(|_| {
            drawn
                .iter_mut()
                .for_each(|unit| *unit = rng.random_range(0..n));
            figure(&drawn)
        })
        .collect();
    let tail = (1.0 - level) / 2.0;
    Span {
        estimate,
        low: percentile(&mut seen, tail),
        high: percentile(&mut seen, 1.0 - tail),
    }
}

/// Is a mean of paired differences other than 0? Each difference is turned round at random, two-sided
/// (Fisher's randomisation test).
#[must_use]
pub fn sign_flip(differences: &[f64], draws: usize, seed: u64) -> Null {
    let n = differences.len().max(1) as f64;
    let observed = differences.iter().sum::<f64>() / n;
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let mut flip = |d: &f64| if rng.random::<bool>() { *d } else { -d };
    let drawn: Vec<f64> = (0..draws)
        .map(|_| differences.iter().map(&mut flip).sum::<f64>() / n)
        .collect();
    Null::of(observed, drawn, Tail::Either, seed)
}

/// Chance of at least `agree` heads in `of` throws of a fair coin.
#[must_use]
pub fn sign_test(agree: usize, of: usize) -> f64 {
    // Each term from the one before, so that no factorial grows large.
    let mut term = 0.5_f64.powi(i32::try_from(of).unwrap_or(i32::MAX));
    let mut tail = 0.0;
    for heads in 0..=of {
        if heads >= agree {
            tail += term;
        }
        term *= (of - heads) as f64 / (heads + 1) as f64;
    }
    tail.min(1.0)
}

/// p-values corrected for their number (Holm 1979), in their own order.
#[must_use]
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let mut corrected = vec![1.0; p.len()];
    let mut least: f64 = 0.0;
    for (rank, &at) in order.iter().enumerate() {
        least = least.max((p.len() - rank) as f64 * p[at]).min(1.0);
        corrected[at] = least;
    }
    corrected
}

/// What lies between the 2.5th and the 97.5th percentile of the values: low and high; `None` of nothing.
#[must_use]
pub fn middle95(values: &[f64]) -> Option<(f64, f64)> {
    let mut values = values.to_vec();
    if values.is_empty() {
        return None;
    }
    Some((
        percentile(&mut values, 0.025),
        percentile(&mut values, 0.975),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(n: usize, seed: u64) -> Vec<f64> {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        (0..n).map(|_| rng.random::<f64>() - 0.5).collect()
    }

    #[test]
    fn an_effect_is_found_and_noise_is_not() {
        let noise = noise(24, 1);
        let shifted: Vec<f64> = noise.iter().map(|x| x + 0.4).collect();
        assert!(sign_flip(&shifted, 999, 2).p <= 0.002);
        assert!(sign_flip(&noise, 999, 2).p > 0.05);
        let mean = |of: &[f64], drawn: &[usize]| {
            drawn.iter().map(|&i| of[i]).sum::<f64>() / drawn.len() as f64
        };
        let found = span(24, 500, 0.95, 3, |d| mean(&shifted, d));
        assert!(found.low > 0.0);
        let none = span(24, 500, 0.95, 3, |d| mean(&noise, d));
        assert!(none.low < 0.0 && none.high > 0.0, "{none:?}");
        assert_eq!(none, span(24, 500, 0.95, 3, |d| mean(&noise, d)));
    }

    #[test]
    fn of_noise_the_test_finds_as_much_as_it_says() {
        let found = (0..200).filter(|&seed| sign_flip(&noise(12, seed), 199, seed).p <= 0.05);
        let share = found.count() as f64 / 200.0;
        assert!((0.01..0.10).contains(&share), "{share}");
    }

    #[test]
    fn coins_and_corrections_are_the_textbooks() {
        assert!((sign_test(0, 12) - 1.0).abs() < 1e-12);
        assert!((sign_test(12, 12) - 1.0 / 4096.0).abs() < 1e-12);
        assert!((sign_test(10, 12) - 79.0 / 4096.0).abs() < 1e-12);
        assert_eq!(holm(&[0.01, 0.04, 0.03, 0.9]), [0.04, 0.09, 0.09, 0.9]);
        assert_eq!(holm(&[]), [0.0; 0]);
        let many: Vec<f64> = (0..=1000).map(f64::from).collect();
        assert_eq!(middle95(&many), Some((25.0, 975.0)));
        assert_eq!(middle95(&[]), None);
    }
}

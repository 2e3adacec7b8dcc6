//! Grouping emotions by their vectors, and comparing two groupings.
//!
//! ```
//! use atlas_affect::cluster::{adjusted_rand_index, k_means};
//! let points = [0.0, 0.1, 9.0, 9.2, 0.2, 9.1];
//! let found = k_means(&points, 1, 2, 1);
//! let expected = [0, 0, 1, 1, 0, 1];
//! assert_eq!(adjusted_rand_index(&found, &expected), 1.0); // the same groups, whatever their numbers
//! ```

use std::collections::HashMap;

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::matrix::add_scaled;

/// Starts tried; the one with the least sum of squares wins.
const STARTS: u32 = 16;
/// Passes after which a start that has not settled is taken as it is.
const PASSES: u32 = 100;

/// Groups rows, `[row, width]`, into `k` clusters of small squared distance to their mean (k-means++ starts).
///
/// The same seed gives the same clusters. With fewer distinct rows than `k`, some clusters stay empty.
///
/// # Panics
/// If `width` is 0 or `rows` is not a whole number of rows.
#[must_use]
pub fn k_means(rows: &[f32], width: usize, k: usize, seed: u64) -> Vec<usize> {
    assert!(
        width > 0 && rows.len().is_multiple_of(width),
        "rows of width {width}"
    );
    let rows: Vec<f64> = rows.iter().map(|&v| f64::from(v)).collect();
    if rows.is_empty() || k == 0 {
        return vec![0; rows.len() / width];
    }
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let starts = (0..STARTS).map(|_| settle(&rows, width, plus_plus(&rows, width, k, &mut rng)));
    let best = starts.min_by(|a, b| a.1.total_cmp(&b.1));
    best.map(|(clusters, _)| clusters).unwrap_or_default()
}

/// First means: each next one a row drawn in proportion to its squared distance from those before.
fn plus_plus(rows: &[f64], width: usize, k: usize, rng: &mut Pcg64Mcg) -> Vec<f64> {
    let n = rows.len() / width;
    let mut means = rows[rng.random_range(0..n) * width..][..width].to_vec();
    let mut distances: Vec<f64> = rows
        .chunks_exact(width)
        .map(|row| squared(row, &means))
        .collect();
    while means.len() < k * width {
        let mut left = rng.random::<f64>() * distances.iter().sum::<f64>();
        let drawn = distances.iter().position(|d| {
            left -= d;
            left < 0.0
        });
        // Every row coincides with a mean: another copy does no harm.
        let drawn = &rows[drawn.unwrap_or(0) * width..][..width];
        for (d, row) in distances.iter_mut().zip(rows.chunks_exact(width)) {
            *d = d.min(squared(row, drawn));
        }
        means.extend_from_slice(drawn);
    }
    means
}

/// Lloyd's passes until no row changes its cluster; with the sum of squared distances.
fn settle(rows: &[f64], width: usize, mut means: Vec<f64>) -> (Vec<usize>, f64) {
    let k = means.len() / width;
    let mut clusters = vec![usize::MAX; rows.len() / width];
    let mut sum = 0.0;
    for _ in 0..PASSES {
        let mut changed = false;
        sum = 0.0;
        for (cluster, row) in clusters.iter_mut().zip(rows.chunks_exact(width)) {
            let all = means
                .chunks_exact(width)
                .map(|mean| squared(row, mean))
                .enumerate();
            let (nearest, distance) = all.min_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or_default();
            changed |= *cluster != nearest;
            *cluster = nearest;
            sum += distance;
        }
        if !changed {
            break;
        }
        for at in 0..k {
            let members = clusters.iter().filter(|&&c| c == at).count();
            // An empty cluster keeps its mean.
            if members > 0 {
                let mean = &mut means[at * width..][..width];
                mean.fill(0.0);
                for (row, _) in rows
                    .chunks_exact(width)
                    .zip(&clusters)
                    .filter(|(_, c)| **c == at)
                {
                    add_scaled(mean, 1.0 / members as f64, row);
                }
            }
        }
    }
    (clusters, sum)
}

fn squared(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// Agreement of two groupings of the same things: 1 = the same groups, about 0 = as by chance, below 0 = less.
///
/// Two groupings that can only agree (all in one group, or each alone, in both) give 1.
#[must_use]
pub fn adjusted_rand_index(a: &[usize], b: &[usize]) -> f64 {
    debug_assert_eq!(a.len(), b.len());
    let pairs = |counts: &HashMap<_, u64>| {
        counts
            .values()
            .map(|&n| (n * (n - 1) / 2) as f64)
            .sum::<f64>()
    };
    let together = pairs(&counts(a.iter().zip(b)));
    let (in_a, in_b) = (
        pairs(&counts(a.iter().map(|g| (g, g)))),
        pairs(&counts(b.iter().map(|g| (g, g)))),
    );
    let all = (a.len() * a.len().saturating_sub(1) / 2) as f64;
    let expected = if all > 0.0 { in_a * in_b / all } else { 0.0 };
    let most = (in_a + in_b) / 2.0;
    if most == expected {
        1.0
    } else {
        (together - expected) / (most - expected)
    }
}

fn counts<'a>(
    groups: impl Iterator<Item = (&'a usize, &'a usize)>,
) -> HashMap<(&'a usize, &'a usize), u64> {
    let mut counts = HashMap::new();
    groups.for_each(|g| *counts.entry(g).or_insert(0) += 1);
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `k` clouds of `each` points in the plane, far apart.
    fn clouds(k: usize, each: usize, seed: u64) -> (Vec<f32>, Vec<usize>) {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let cloud: Vec<usize> = (0..k * each).map(|i| i % k).collect();
        let points = cloud.iter().flat_map(|&c| {
            let (x, y) = ((c % 3) as f32 * 10.0, (c / 3) as f32 * 10.0);
            [x + rng.random::<f32>(), y + rng.random::<f32>()]
        });
        (points.collect(), cloud)
    }

    #[test]
    fn clouds_far_apart_are_found_from_any_seed() {
        for seed in 0..20 {
            let (points, cloud) = clouds(7, 12, seed);
            let found = k_means(&points, 2, 7, seed);
            assert_eq!(adjusted_rand_index(&found, &cloud), 1.0, "seed {seed}");
            assert_eq!(found, k_means(&points, 2, 7, seed));
        }
    }

    #[test]
    fn fewer_points_than_clusters_are_no_trouble() {
        assert_eq!(k_means(&[], 3, 4, 0), [0; 0]);
        let found = k_means(&[1.0, 1.0, 5.0], 1, 4, 0);
        assert!(found[0] == found[1] && found[0] != found[2]);
    }

    #[test]
    fn agreement_by_hand() {
        // Pairs together: 2 in the first, 3 in the second, 1 in both; expected 6 / 6 = 1... so chance level.
        assert_eq!(adjusted_rand_index(&[0, 0, 1, 1], &[0, 0, 0, 1]), 0.0);
        // 4, 4 and 2 of 15: (2 - 16/15) / (4 - 16/15).
        let (a, b) = ([0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 1, 2]);
        let r = adjusted_rand_index(&a, &b);
        assert!((r - (2.0 - 16.0 / 15.0) / (4.0 - 16.0 / 15.0)).abs() < 1e-12);
        assert_eq!(adjusted_rand_index(&b, &a), r);
        assert_eq!(adjusted_rand_index(&a, &a.map(|g| 9 - g)), 1.0);
        assert_eq!(adjusted_rand_index(&[0, 0], &[4, 4]), 1.0);
    }

    #[test]
    fn groupings_by_chance_agree_about_nought() {
        let mut rng = Pcg64Mcg::seed_from_u64(3);
        let mut draw = || -> Vec<usize> { (0..171).map(|_| rng.random_range(0..10)).collect() };
        let mean = (0..50)
            .map(|_| adjusted_rand_index(&draw(), &draw()))
            .sum::<f64>()
            / 50.0;
        assert!(mean.abs() < 0.01);
    }
}

//! Correlation, ranks and quantiles.
//!
//! ```
//! use atlas_affect::stats;
//! let r = stats::pearson(&[1.0, 2.0, 3.0], &[5.0, 7.0, 9.0]);
//! assert!((r - 1.0).abs() < 1e-12);
//! let mut sizes = [4.0, 1.0, 3.0, 2.0];
//! assert_eq!(stats::quantile(&mut sizes, 0.5), Some(2.5));
//! ```

/// Pearson's correlation of two lists of the same length, -1 to 1; 0 when either does not vary.
#[must_use]
pub fn pearson(x: &[f64], y: &[f64]) -> f64 {
    debug_assert_eq!(x.len(), y.len());
    let n = x.len() as f64;
    let (mean_x, mean_y) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (x, y) in x.iter().zip(y) {
        let (dx, dy) = (x - mean_x, y - mean_y);
        xx += dx * dx;
        yy += dy * dy;
        xy += dx * dy;
    }
    let size = (xx * yy).sqrt();
    if size > 0.0 {
        (xy / size).clamp(-1.0, 1.0)
    } else {
        0.0
    }
}

/// Ranks from 1 for the smallest; equal values share their mean rank. The correlation of ranks is Spearman's.
#[must_use]
pub fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0.0;
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        for &at in tied {
            ranks[at] = before + (tied.len() as f64 + 1.0) / 2.0;
        }
        before += tied.len() as f64;
    }
    ranks
}

/// The value below which a share `q` (0 to 1) of the values lie, interpolated linearly between neighbours;
/// `None` of nothing. Reorders the values: it selects instead of sorting, as there can be millions.
pub fn quantile(values: &mut [f32], q: f64) -> Option<f32> {
    let last = values.len().checked_sub(1)?;
    let place = q.clamp(0.0, 1.0) * last as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the last position"
    )]
    let below = place.floor() as usize;
    let (_, &mut low, above) = values.select_nth_unstable_by(below, f32::total_cmp);
    let high = above.iter().copied().min_by(f32::total_cmp).unwrap_or(low);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a fraction between two single-precision values"
    )]
    Some(low + (high - low) * (place - below as f64) as f32)
}

/// As [`quantile`], in double precision; 0 of nothing.
pub(crate) fn percentile(values: &mut [f64], q: f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let place = q.clamp(0.0, 1.0) * values.len().saturating_sub(1) as f64;
    let below = place.floor() as usize;
    let Some(&low) = values.get(below) else {
        return 0.0;
    };
    let high = values.get(below + 1).copied().unwrap_or(low);
    low + (high - low) * (place - below as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn correlation_ignores_scale_and_place_but_not_direction() {
        let (x, y) = ([1.0, 2.0, 4.0, 3.0], [2.0, 1.0, 5.0, 4.0]);
        let r = pearson(&x, &y);
        assert!((r - 0.8485281).abs() < 1e-6); // 6 / sqrt(5 * 10)
        assert!((pearson(&x.map(|v| 30.0 - 7.0 * v), &y) + r).abs() < 1e-12);
        assert_eq!(pearson(&x, &[3.0; 4]), 0.0);
        assert_eq!(pearson(&[], &[]), 0.0);
    }

    #[test]
    fn equal_values_share_a_rank() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 0.0, 3.0]), [4.0, 2.0, 4.0, 1.0, 4.0]);
        assert_eq!(ranks(&[]), [0.0; 0]);
    }

    #[test]
    fn quantiles_lie_between_neighbours() {
        let mut values: Vec<f32> = (0..=100).rev().map(|v| v as f32).collect();
        assert_eq!(quantile(&mut values, 0.99), Some(99.0));
        assert_eq!(quantile(&mut values, 0.005), Some(0.5));
        assert_eq!(quantile(&mut values, 0.0), Some(0.0));
        assert_eq!(quantile(&mut values, 1.0), Some(100.0));
        assert_eq!(quantile(&mut [7.0], 0.3), Some(7.0));
        assert_eq!(quantile(&mut [], 0.5), None);
        assert_eq!(percentile(&mut [3.0, 1.0, 2.0, 5.0], 0.5), 2.5);
        assert_eq!(
            (percentile(&mut [], 0.5), percentile(&mut [7.0], 1.0)),
            (0.0, 7.0)
        );
    }
}

//! Laying one map over another: the turn, reflection, scale and shift that bring their points closest.
//!
//! Procrustes analysis in the plane, where it has a closed form (Gower, 1975).
//!
//! ```
//! use atlas_affect::procrustes::fit;
//! let map = [[0.0, 0.0], [2.0, 0.0], [0.0, 1.0]];
//! let turned = map.map(|[x, y]| [3.0 - 2.0 * y, 2.0 * x]); // a quarter turn, twice the size, moved
//! let back = fit(&turned, &map).unwrap();
//! let [x, y] = back.apply(turned[1]);
//! assert!((x - 2.0).abs() < 1e-6 && y.abs() < 1e-6);
//! assert!(back.left < 1e-9);
//! ```

/// Turn, scale and shift of the plane, with a reflection where that fits better.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Similarity {
    matrix: [[f64; 2]; 2],
    from: [f64; 2],
    to: [f64; 2],
    /// Share of the target's variance that is left unexplained, 0 (the maps are alike) to 1.
    pub left: f64,
}

impl Similarity {
    /// The same turn at the target's own size. A fit that is poor is also small, which on a map would look as if the
    /// points lay closer together than they do.
    #[must_use]
    pub fn in_full_size(mut self) -> Self {
        let share = (1.0 - self.left).sqrt();
        if share > 0.0 {
            self.matrix.iter_mut().flatten().for_each(|v| *v /= share);
        }
        self
    }

    /// Where a point comes to lie.
    #[must_use]
    pub fn apply(&self, at: [f32; 2]) -> [f32; 2] {
        let [x, y] = [
            f64::from(at[0]) - self.from[0],
            f64::from(at[1]) - self.from[1],
        ];
        let along = |row: [f64; 2], to: f64| single(row[0] * x + row[1] * y + to);
        [
            along(self.matrix[0], self.to[0]),
            along(self.matrix[1], self.to[1]),
        ]
    }
}

/// The similarity that brings `from` closest to `to`, point by point (least squares).
///
/// `None` if the lists differ in length, a value is not finite, or all points of one of them coincide.
#[must_use]
pub fn fit(from: &[[f32; 2]], to: &[[f32; 2]]) -> Option<Similarity> {
    if from.len() != to.len() || from.is_empty() {
        return None;
    }
    let (mean_from, mean_to) = (mean(from), mean(to));
    // Points as complex numbers: z from, w to. Sums of conj(z) w (turn) and z w (turn after a reflection).
    let (mut turn, mut mirror, mut zz, mut ww) = ([0.0; 2], [0.0; 2], 0.0, 0.0);
    for (z, w) in from.iter().zip(to) {
        let [a, b] = [
            f64::from(z[0]) - mean_from[0],
            f64::from(z[1]) - mean_from[1],
        ];
        let [c, d] = [f64::from(w[0]) - mean_to[0], f64::from(w[1]) - mean_to[1]];
        turn = [turn[0] + a * c + b * d, turn[1] + a * d - b * c];
        mirror = [mirror[0] + a * c - b * d, mirror[1] + a * d + b * c];
        zz += a * a + b * b;
        ww += c * c + d * d;
    }
    if !(zz.is_finite() && ww.is_finite() && zz > 0.0 && ww > 0.0) {
        return None;
    }
    let size = |s: [f64; 2]| s[0] * s[0] + s[1] * s[1];
    let mirrored = size(mirror) > size(turn);
    let best = if mirrored { mirror } else { turn };
    let [c, s] = best.map(|v| v / zz);
    let matrix = if mirrored {
        [[c, s], [s, -c]]
    } else {
        [[c, -s], [s, c]]
    };
    Some(Similarity {
        matrix,
        from: mean_from,
        to: mean_to,
        left: (1.0 - size(best) / (zz * ww)).max(0.0),
    })
}

fn mean(points: &[[f32; 2]]) -> [f64; 2] {
    let n = points.len() as f64;
    [0, 1].map(|axis: usize| points.iter().map(|p| f64::from(p[axis])).sum::<f64>() / n)
}

#[expect(clippy::cast_possible_truncation, reason = "drawn in single precision")]
fn single(value: f64) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: [[f32; 2]; 4] = [[1.0, 2.0], [-3.0, 0.5], [0.25, -1.0], [4.0, 4.0]];

    #[test]
    fn turned_mirrored_scaled_and_moved_points_are_brought_back() {
        for mirror in [1.0, -1.0] {
            for angle in [0.0_f32, 0.7, 3.0] {
                let (s, c) = angle.sin_cos();
                let other = SHAPE.map(|[x, y]| {
                    let y = mirror * y;
                    [5.0 + 0.3 * (c * x - s * y), -2.0 + 0.3 * (s * x + c * y)]
                });
                let found = fit(&other, &SHAPE).unwrap();
                assert!(found.left < 1e-9);
                for (from, to) in other.iter().zip(SHAPE) {
                    let [x, y] = found.apply(*from);
                    assert!((x - to[0]).abs() < 1e-4 && (y - to[1]).abs() < 1e-4);
                }
            }
        }
    }

    #[test]
    fn unlike_maps_leave_much_and_senseless_ones_have_no_fit() {
        let unlike = [[0.0, 0.0], [0.1, 0.0], [0.0, 0.1], [-9.0, 7.0]];
        let found = fit(&unlike, &SHAPE).unwrap();
        assert!(found.left > 0.3);
        let full = found.in_full_size();
        let spread = |points: &[[f32; 2]]| -> f32 {
            let [x, y] = mean(points);
            let far = |p: &[f32; 2]| (p[0] - single(x)).powi(2) + (p[1] - single(y)).powi(2);
            points.iter().map(far).sum()
        };
        let laid = unlike.map(|p| full.apply(p));
        assert!((spread(&laid) / spread(&SHAPE) - 1.0).abs() < 1e-4);
        assert_eq!(fit(&SHAPE[..3], &SHAPE), None);
        assert_eq!(fit(&[[1.0, 1.0]; 4], &SHAPE), None);
        assert_eq!(fit(&[[f32::NAN, 1.0]; 4], &SHAPE), None);
        assert_eq!(fit(&[], &[]), None);
    }
}

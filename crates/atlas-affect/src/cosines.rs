//! How alike the emotions' directions are, kept small; and what follows from that alone: sums and groups.
//!
//! ```
//! use atlas_affect::cosines::Cosines;
//! // Three directions in the plane: east, north, west.
//! let all = Cosines::new(&[1.0, 0.0, -1.0, 0.0, 1.0, 0.0, -1.0, 0.0, 1.0], 3).unwrap();
//! let sum = all.along(&[(0, 1.0), (1, 1.0)]).unwrap(); // north-east
//! assert!((sum[0] - 0.7071).abs() < 1e-3 && (sum[2] + 0.7071).abs() < 1e-3);
//! assert_eq!(all.along(&[(0, 1.0), (2, 1.0)]), None); // nothing is left
//! ```

use serde::{Deserialize, Serialize};

/// Steps in 1.
const STEPS: f32 = 1000.0;
/// A sum shorter than this, of unit vectors, is made of rounding.
const SHORTEST: f32 = 0.03;

/// Cosines of every pair, in thousandths.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<i16>", into = "Vec<i16>")]
pub struct Cosines {
    count: usize,
    /// Above the diagonal, row by row.
    upper: Vec<i16>,
}

impl Cosines {
    /// From a square matrix, `[count, count]`; `None` if it is none.
    #[must_use]
    pub fn new(square: &[f32], count: usize) -> Option<Self> {
        #[expect(clippy::cast_possible_truncation, reason = "between -1000 and 1000")]
        let short = |c: &f32| (c.clamp(-1.0, 1.0) * STEPS).round() as i16;
        (square.len() == count * count).then(|| Self {
            count,
            upper: (0..count)
                .flat_map(|i| square[i * count + i + 1..(i + 1) * count].iter().map(short))
                .collect(),
        })
    }

    /// How many directions there are.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    /// Cosine of a pair; 0 beyond the list.
    #[must_use]
    pub fn of(&self, a: usize, b: usize) -> f32 {
        let (a, b) = (a.min(b), a.max(b));
        if b >= self.count {
            return 0.0;
        }
        if a == b {
            return 1.0;
        }
        let row = a * (2 * self.count - a - 1) / 2;
        f32::from(self.upper[row + b - a - 1]) / STEPS
    }

    /// Cosine of every direction with a weighted sum of some, all taken at length one.
    ///
    /// `None` if a term is beyond the list, or next to nothing is left of the sum.
    #[must_use]
    pub fn along(&self, terms: &[(usize, f32)]) -> Option<Vec<f32>> {
        if terms.iter().any(|t| t.0 >= self.count) {
            return None;
        }
        let with = |e: usize| terms.iter().map(|(t, w)| w * self.of(e, *t)).sum::<f32>();
        let squared: f32 = terms.iter().map(|(t, w)| w * with(*t)).sum();
        let length = squared.max(0.0).sqrt();
        (length >= SHORTEST).then(|| {
            (0..self.count)
                .map(|e| (with(e) / length).clamp(-1.0, 1.0))
                .collect()
        })
    }

    /// The members of a group, the one nearest to the group's mean direction first.
    #[must_use]
    pub fn central(&self, members: &[usize]) -> Vec<usize> {
        let near = |e: usize| members.iter().map(|m| self.of(e, *m)).sum::<f32>();
        let mut order = members.to_vec();
        order.sort_by(|a, b| near(*b).total_cmp(&near(*a)).then(a.cmp(b)));
        order
    }

    /// Mean cosine within a group, and its least alike pair; `None` with fewer than two.
    #[must_use]
    pub fn spread(&self, members: &[usize]) -> Option<Spread> {
        let pairs = members.iter().enumerate();
        let pairs: Vec<(usize, usize)> = pairs
            .flat_map(|(i, a)| members[i + 1..].iter().map(move |b| (*a, *b)))
            .collect();
        let least = pairs
            .iter()
            .copied()
            .min_by(|x, y| self.of(x.0, x.1).total_cmp(&self.of(y.0, y.1)))?;
        let sum: f32 = pairs.iter().map(|(a, b)| self.of(*a, *b)).sum();
        Some(Spread {
            mean: sum / pairs.len() as f32,
            least,
        })
    }
}

/// How far a group is spread out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Mean cosine of its pairs.
    pub mean: f32,
    /// The pair with the smallest cosine.
    pub least: (usize, usize),
}

impl TryFrom<Vec<i16>> for Cosines {
    type Error = String;

    fn try_from(upper: Vec<i16>) -> Result<Self, String> {
        // n (n - 1) / 2 of them.
        let count = (1..).find(|n| n * (n - 1) / 2 >= upper.len()).unwrap_or(1);
        if count * (count - 1) / 2 != upper.len() {
            return Err(format!("{} cosines are not half a square", upper.len()));
        }
        Ok(Self { count, upper })
    }
}

impl From<Cosines> for Vec<i16> {
    fn from(cosines: Cosines) -> Self {
        cosines.upper
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Unit vectors of a plane at these angles, in degrees.
    fn fan(angles: &[f32]) -> Cosines {
        let cos = |a: &f32, b: &f32| (a - b).to_radians().cos();
        let square: Vec<f32> = angles
            .iter()
            .flat_map(|a| angles.iter().map(move |b| cos(a, b)))
            .collect();
        Cosines::new(&square, angles.len()).unwrap()
    }

    #[test]
    fn every_pair_is_kept_to_a_thousandth() {
        let angles = [0.0, 30.0, 100.0, 170.0, 250.0];
        let all = fan(&angles);
        for (a, x) in angles.iter().enumerate() {
            for (b, y) in angles.iter().enumerate() {
                assert!((all.of(a, b) - (x - y).to_radians().cos()).abs() <= 5.1e-4);
            }
        }
        assert_eq!(all.of(0, 5), 0.0);
        let text = serde_json::to_string(&all).unwrap();
        assert_eq!(serde_json::from_str::<Cosines>(&text).unwrap(), all);
        assert!(serde_json::from_str::<Cosines>("[1,2]").is_err());
    }

    #[test]
    fn sums_point_where_geometry_says() {
        // East minus north points to the south-east, 315 degrees.
        let all = fan(&[0.0, 90.0, 315.0, 135.0]);
        let sum = all.along(&[(0, 1.0), (1, -1.0)]).unwrap();
        assert!((sum[2] - 1.0).abs() < 2e-3 && (sum[3] + 1.0).abs() < 2e-3);
        assert_eq!(all.along(&[(2, 1.0), (3, 1.0)]), None);
        assert_eq!(all.along(&[(9, 1.0)]), None);
        assert_eq!(all.along(&[]), None);
    }

    #[test]
    fn groups_have_a_middle_and_a_spread() {
        let all = fan(&[0.0, 10.0, 20.0, 90.0]);
        assert_eq!(all.central(&[0, 1, 2])[0], 1);
        let spread = all.spread(&[0, 1, 3]).unwrap();
        assert_eq!(spread.least, (0, 3));
        assert!(spread.mean < 0.5);
        assert_eq!(all.spread(&[2]), None);
    }
}

//! Do two models, or two corpora, put the emotions into the same neighbourhoods? Representational similarity analysis.
//!
//! The cosines of all pairs of emotions in one place are correlated with those in the other (Kriegeskorte, Mur and
//! Bandettini 2008). The null permutes the emotions of one matrix, rows and columns together (Mantel 1967): pairs
//! of one emotion are not independent, so that the usual test of a correlation would find too much.

use serde::{Deserialize, Serialize};

use crate::AffectError;
use crate::stats::{pearson, ranks};
use crate::trust::{Null, Tail, permutation_null};

/// How the two lists of cosines are correlated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Correlation {
    /// By value.
    Pearson,
    /// By rank: whatever each model's scale of cosines is.
    Spearman,
}

/// What lies above the diagonal of a square matrix, `[n, n]`, row by row: `n (n - 1) / 2` values.
///
/// # Errors
/// [`AffectError::Shape`] if the matrix is not square.
pub fn upper_triangle(matrix: &[f32], n: usize) -> Result<Vec<f64>, AffectError> {
    if matrix.len() != n * n {
        return Err(AffectError::Shape {
            what: "cosines",
            expected: n * n,
            found: matrix.len(),
        });
    }
    let above = (0..n).flat_map(|i| (i + 1..n).map(move |j| i * n + j));
    Ok(above.map(|at| f64::from(matrix[at])).collect())
}

/// Agreement of two matrices of cosines, `[n, n]` each, as [`geometry::cosines`](crate::geometry::cosines) gives them.
///
/// # Errors
/// [`AffectError::Shape`] if they are not both `[n, n]`.
pub fn rsa(a: &[f32], b: &[f32], n: usize, by: Correlation) -> Result<f64, AffectError> {
    let (a, b) = (upper_triangle(a, n)?, upper_triangle(b, n)?);
    Ok(match by {
        Correlation::Pearson => pearson(&a, &b),
        Correlation::Spearman => pearson(&ranks(&a), &ranks(&b)),
    })
}

/// As [`rsa`], beside what permuted emotions give.
///
/// # Errors
/// As [`rsa`].
pub fn rsa_null(
    a: &[f32],
    b: &[f32],
    n: usize,
    by: Correlation,
    draws: usize,
    seed: u64,
) -> Result<Null, AffectError> {
    let (mut a, mut b) = (upper_triangle(a, n)?, upper_triangle(b, n)?);
    if by == Correlation::Spearman {
        (a, b) = (ranks(&a), ranks(&b));
    }
    // Back into a square, so that rows and columns can be permuted: ranks need be found only once.
    let mut square = vec![0.0; n * n];
    let mut values = b.iter();
    for i in 0..n {
        for j in i + 1..n {
            let value = values.next().copied().unwrap_or(0.0);
            (square[i * n + j], square[j * n + i]) = (value, value);
        }
    }
    let mut dealt = b.clone();
    Ok(permutation_null(n, draws, Tail::Greater, seed, |order| {
        let pairs = (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j)));
        dealt
            .iter_mut()
            .zip(pairs)
            .for_each(|(d, (i, j))| *d = square[order[i] * n + order[j]]);
        pearson(&a, &dealt)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EmotionVectors;
    use crate::geometry::cosines;
    use crate::stories::samples;

    fn vectors(seed: u64) -> EmotionVectors {
        let rows = samples::random(30, 1, 12, seed).rows;
        EmotionVectors {
            width: 12,
            rows,
            nuisance_share: 0.0,
        }
    }

    #[test]
    fn by_hand() {
        // Above the diagonal: 0.1, 0.2, 0.3 and 1, 2, 9.
        let a = [1.0, 0.1, 0.2, 0.1, 1.0, 0.3, 0.2, 0.3, 1.0];
        let b = [0.0, 1.0, 2.0, 1.0, 0.0, 9.0, 2.0, 9.0, 0.0];
        assert_eq!(upper_triangle(&b, 3).expect("square"), [1.0, 2.0, 9.0]);
        assert!((rsa(&a, &b, 3, Correlation::Spearman).expect("square") - 1.0).abs() < 1e-12);
        // 0.1 * 8 / sqrt(0.02 * 38).
        let r = rsa(&a, &b, 3, Correlation::Pearson).expect("square");
        assert!((r - 0.8 / 0.76_f64.sqrt()).abs() < 1e-6, "{r}");
        assert!(rsa(&a, &b[..8], 3, Correlation::Pearson).is_err());
    }

    #[test]
    fn a_turned_and_stretched_copy_agrees_and_another_does_not() {
        let (one, other) = (vectors(1), vectors(2));
        let mut turned = one.clone();
        for row in turned.rows.chunks_exact_mut(12) {
            row.reverse();
            row.iter_mut().for_each(|v| *v *= -3.0);
        }
        for by in [Correlation::Pearson, Correlation::Spearman] {
            let same = rsa_null(&cosines(&one), &cosines(&turned), 30, by, 199, 3).expect("square");
            assert!(
                (same.observed - 1.0).abs() < 1e-6 && same.p == 1.0 / 200.0,
                "{same:?}"
            );
            let null = rsa_null(&cosines(&one), &cosines(&other), 30, by, 199, 3).expect("square");
            assert!(null.p > 0.01 && null.mean.abs() < 0.02, "{null:?}");
            let plain = rsa(&cosines(&one), &cosines(&other), 30, by).expect("square");
            assert!((plain - null.observed).abs() < 1e-12);
        }
    }
}

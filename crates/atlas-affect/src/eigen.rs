//! Eigenvalues and eigenvectors of a symmetric matrix, in f64.
//!
//! Householder reflections make the matrix tridiagonal; implicitly shifted QR steps (Wilkinson's shift)
//! make that diagonal (Golub and Van Loan, Matrix Computations, 8.3). It is written out here, since the
//! page links this crate and a linear algebra library would be most of it. 576 x 576 takes about a quarter of a second.

use crate::matrix::{add_scaled, dot, norm};

/// Eigenpairs, largest eigenvalue first.
pub(crate) struct Eigen {
    /// Eigenvalues, descending.
    pub values: Vec<f64>,
    /// Unit eigenvectors in the same order, one a row: `[n, n]`.
    pub vectors: Vec<f64>,
}

/// Decomposes a symmetric matrix, `[n, n]`.
pub(crate) fn symmetric(mut matrix: Vec<f64>, n: usize) -> Eigen {
    // Squares of very small or large entries would leave the range of f64: work at size 1.
    let size = matrix.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
    let size = if size > 0.0 { size } else { 1.0 };
    matrix.iter_mut().for_each(|v| *v /= size);
    let Tridiagonal {
        mut diagonal,
        mut beside,
        mut basis,
    } = tridiagonal(matrix, n);
    diagonalise(&mut diagonal, &mut beside, &mut basis, n);
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| diagonal[b].total_cmp(&diagonal[a]));
    Eigen {
        values: order.iter().map(|&i| diagonal[i] * size).collect(),
        vectors: order
            .iter()
            .flat_map(|&i| &basis[i * n..][..n])
            .copied()
            .collect(),
    }
}

struct Tridiagonal {
    diagonal: Vec<f64>,
    /// Entry `i` lies beside diagonal entries `i` and `i + 1`.
    beside: Vec<f64>,
    /// Rows are the directions in which the matrix is tridiagonal.
    basis: Vec<f64>,
}

fn tridiagonal(mut a: Vec<f64>, n: usize) -> Tridiagonal {
    let mut beside = vec![0.0; n.saturating_sub(1)];
    let mut weights = vec![0.0; n];
    let mut w = vec![0.0; n];
    for k in 0..n.saturating_sub(1) {
        let (above, below) = a.split_at_mut((k + 1) * n);
        // Mirror what is beside the diagonal onto its first entry. `v` stays in row k, for the basis.
        let v = &mut above[k * n + k + 1..];
        let length = norm(v);
        let image = if v[0] > 0.0 { -length } else { length };
        beside[k] = image;
        v[0] -= image;
        let squared = dot(v, v);
        if squared == 0.0 {
            continue;
        }
        let weight = 2.0 / squared;
        weights[k] = weight;
        let w = &mut w[k + 1..];
        for (wi, row) in w.iter_mut().zip(below.chunks_exact(n)) {
            *wi = weight * dot(&row[k + 1..], v);
        }
        let half = weight / 2.0 * dot(w, v);
        add_scaled(w, -half, v);
        for (i, row) in below.chunks_exact_mut(n).enumerate() {
            let (vi, wi) = (v[i], w[i]);
            for ((x, vj), wj) in row[k + 1..].iter_mut().zip(&*v).zip(&*w) {
                *x -= vi * wj + wi * vj;
            }
        }
    }
    let diagonal = (0..n).map(|i| a[i * n + i]).collect();
    let mut q = identity(n);
    for k in (0..n.saturating_sub(1))
        .rev()
        .filter(|&k| weights[k] != 0.0)
    {
        let v = &a[k * n + k + 1..(k + 1) * n];
        let s = &mut w[k + 1..];
        s.fill(0.0);
        let rows = &mut q[(k + 1) * n..];
        for (row, vi) in rows.chunks_exact(n).zip(v) {
            add_scaled(s, *vi, &row[k + 1..]);
        }
        for (row, vi) in rows.chunks_exact_mut(n).zip(v) {
            add_scaled(&mut row[k + 1..], -weights[k] * vi, s);
        }
    }
    Tridiagonal {
        diagonal,
        beside,
        basis: transpose(&q, n),
    }
}

fn diagonalise(d: &mut [f64], e: &mut [f64], basis: &mut [f64], n: usize) {
    // Beside values that are themselves rounding errors, a millionth of the largest entry counts.
    let negligible =
        |e: f64, a: f64, b: f64| e.abs() <= f64::EPSILON * (a.abs() + b.abs()).max(1e-6);
    let mut end = n.saturating_sub(1);
    let mut rotations = Vec::with_capacity(WAITING + n);
    // About two steps an eigenvalue are usual. The bound keeps a NaN from looping for ever.
    for _ in 0..60 * n {
        while end > 0 && negligible(e[end - 1], d[end - 1], d[end]) {
            end -= 1;
        }
        if end == 0 {
            break;
        }
        let mut start = end - 1;
        while start > 0 && !negligible(e[start - 1], d[start - 1], d[start]) {
            start -= 1;
        }
        shifted_step(d, e, &mut rotations, start, end);
        if rotations.len() >= WAITING {
            rotate(basis, n, &rotations);
            rotations.clear();
        }
    }
    rotate(basis, n, &rotations);
}

/// Rotations that are collected before the basis is walked over.
const WAITING: usize = 8192;
/// Columns of the basis that are rotated together: with all rows they stay in the second cache.
const STRIP: usize = 16;

/// Turns row `at` and the next by the angle of cosine `c` and sine `s`.
struct Rotation {
    at: usize,
    c: f64,
    s: f64,
}

/// Applies rotations, one after the other, to all columns: to a strip of them at a time, since one rotation alone
/// would have to fetch and store its rows from far away.
fn rotate(basis: &mut [f64], n: usize, rotations: &[Rotation]) {
    let mut strip = vec![[0.0; STRIP]; n];
    for left in (0..n).step_by(STRIP) {
        let columns = STRIP.min(n - left);
        for (short, row) in strip.iter_mut().zip(basis.chunks_exact(n)) {
            short[..columns].copy_from_slice(&row[left..left + columns]);
        }
        for &Rotation { at, c, s } in rotations {
            let (upper, lower) = strip.split_at_mut(at + 1);
            for (u, l) in upper[at].iter_mut().zip(&mut lower[0]) {
                (*u, *l) = (c * *u + s * *l, c * *l - s * *u);
            }
        }
        for (short, row) in strip.iter().zip(basis.chunks_exact_mut(n)) {
            row[left..left + columns].copy_from_slice(&short[..columns]);
        }
    }
}

/// One QR step on the block from `start` to `end`, both included.
fn shifted_step(
    d: &mut [f64],
    e: &mut [f64],
    rotations: &mut Vec<Rotation>,
    start: usize,
    end: usize,
) {
    let last = e[end - 1];
    let half = (d[end - 1] - d[end]) / 2.0;
    let shift = d[end] - last * (last / (half + half.hypot(last).copysign(half)));
    // (x, z): what the next rotation turns into (r, 0). After the first, z is the bulge being chased out.
    let (mut x, mut z) = (d[start] - shift, e[start]);
    for k in start..end {
        let r = x.hypot(z);
        let (c, s) = if r == 0.0 { (1.0, 0.0) } else { (x / r, z / r) };
        if k > start {
            e[k - 1] = r;
        }
        let (a, b, between) = (d[k], d[k + 1], e[k]);
        let cross = 2.0 * c * s * between;
        d[k] = c * c * a + cross + s * s * b;
        d[k + 1] = s * s * a - cross + c * c * b;
        e[k] = c * s * (b - a) + (c * c - s * s) * between;
        if k + 1 < end {
            z = s * e[k + 1];
            e[k + 1] *= c;
            x = e[k];
        }
        rotations.push(Rotation { at: k, c, s });
    }
}

fn identity(n: usize) -> Vec<f64> {
    let mut q = vec![0.0; n * n];
    q.iter_mut().step_by(n + 1).for_each(|v| *v = 1.0);
    q
}

/// Rows as columns, `[n, n]`.
pub(crate) fn transpose(a: &[f64], n: usize) -> Vec<f64> {
    (0..n * n).map(|at| a[at % n * n + at / n]).collect()
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_pcg::Pcg64Mcg;

    use super::*;
    use crate::matrix::{gram, scatter};

    /// Every pair satisfies `A v = value v`; the vectors are orthonormal; values descend.
    fn check(matrix: &[f64], n: usize) -> Eigen {
        let eigen = symmetric(matrix.to_vec(), n);
        let size = norm(matrix).max(1.0);
        for (value, v) in eigen.values.iter().zip(eigen.vectors.chunks_exact(n)) {
            for (row, vi) in matrix.chunks_exact(n).zip(v) {
                assert!((dot(row, v) - value * vi).abs() < 1e-12 * size * n as f64);
            }
        }
        for (at, product) in gram(&eigen.vectors, n).iter().enumerate() {
            let expected = f64::from(at % (n + 1) == 0);
            assert!((product - expected).abs() < 1e-12 * n as f64);
        }
        assert!(eigen.values.is_sorted_by(|a, b| a >= b));
        eigen
    }

    #[test]
    fn random_matrices_are_decomposed() {
        let mut rng = Pcg64Mcg::seed_from_u64(1);
        // The last needs more rotations than are collected before they are applied.
        for n in [1, 2, 3, 5, 8, 40, 90, 150] {
            let rows: Vec<f64> = (0..(n + 3) * n)
                .map(|_| rng.random::<f64>() - 0.5)
                .collect();
            check(&scatter(&rows, n), n);
        }
    }

    #[test]
    fn awkward_matrices_are_decomposed() {
        // Nothing at all, already diagonal, one direction only, and all eigenvalues equal.
        check(&vec![0.0; 49], 7);
        let eigen = check(&[2.0, 0.0, 0.0, 0.0, -5.0, 0.0, 0.0, 0.0, 9.0], 3);
        assert_eq!(eigen.values, [9.0, 2.0, -5.0]);
        check(&vec![1.0; 400], 20);
        check(&identity(20), 20);
        // Values over 24 orders of magnitude, and far from 1.
        let steep: Vec<f64> = (0..12)
            .flat_map(|i| (0..12).map(move |j| 10.0_f64.powi(-i - j)))
            .collect();
        check(&steep, 12);
        let tiny: Vec<f64> = [2.0, 1.0, 1.0, 2.0].map(|v| v * 1e-200).to_vec();
        let eigen = symmetric(tiny, 2);
        assert!((eigen.values[0] / 3e-200 - 1.0).abs() < 1e-12);
    }

    #[test]
    fn fewer_rows_than_columns_leave_zero_eigenvalues() {
        let mut rng = Pcg64Mcg::seed_from_u64(2);
        let rows: Vec<f64> = (0..4 * 30).map(|_| rng.random::<f64>() - 0.5).collect();
        let eigen = check(&scatter(&rows, 30), 30);
        assert!(eigen.values[3] > 1e-3 && eigen.values[4].abs() < 1e-12);
    }

    #[test]
    fn not_a_number_ends_too() {
        assert_eq!(symmetric(vec![f64::NAN; 9], 3).values.len(), 3);
    }
}

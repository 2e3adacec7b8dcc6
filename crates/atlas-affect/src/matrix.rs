//! The few dense operations needed here, on row-major slices.

/// Inner product.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    // Four sums at once: a single one waits for itself at every step.
    let mut sums = [0.0; 4];
    let (a4, a_rest) = a.as_chunks::<4>();
    let (b4, b_rest) = b.as_chunks::<4>();
    for (x, y) in a4.iter().zip(b4) {
        for lane in 0..4 {
            sums[lane] += x[lane] * y[lane];
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(x, y)| x * y).sum();
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

/// `y += a x`.
pub(crate) fn add_scaled(y: &mut [f64], a: f64, x: &[f64]) {
    y.iter_mut().zip(x).for_each(|(y, x)| *y += a * x);
}

/// Euclidean length.
pub(crate) fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

/// Scales to length 1; a zero row stays as it is.
pub(crate) fn normalise(a: &mut [f64]) {
    let length = norm(a);
    if length > 0.0 {
        a.iter_mut().for_each(|v| *v /= length);
    }
}

/// Rows as f64, each of length 1.
pub(crate) fn unit_rows(rows: &[f32], width: usize) -> Vec<f64> {
    let mut unit: Vec<f64> = rows.iter().map(|&v| f64::from(v)).collect();
    unit.chunks_exact_mut(width).for_each(normalise);
    unit
}

/// Rows and columns of a tile: what fits into the registers of any CPU at hand.
const TILE: usize = 4;
/// Rows that [`scatter`] takes at a time, so that their panels stay in the second cache.
const BLOCK: usize = 256;

/// Sums over `k` of `a[k][i] b[k][j]` for two panels, `[k, TILE]`: every entry in the order of `k`.
fn tile(a: &[f64], b: &[f64]) -> [[f64; TILE]; TILE] {
    let mut sums = [[0.0; TILE]; TILE];
    for (x, y) in a.as_chunks::<TILE>().0.iter().zip(b.as_chunks::<TILE>().0) {
        for i in 0..TILE {
            for j in 0..TILE {
                sums[i][j] += x[i] * y[j];
            }
        }
    }
    sums
}

/// Rows in panels of [`TILE`], `[panel, width, TILE]`; the last is filled up with zeros.
fn panels(rows: &[f64], width: usize) -> Vec<f64> {
    let count = (rows.len() / width).div_ceil(TILE);
    let mut packed = vec![0.0; count * width * TILE];
    for (r, row) in rows.chunks_exact(width).enumerate() {
        let panel = &mut packed[r / TILE * width * TILE..][..width * TILE];
        for (slot, v) in panel.iter_mut().skip(r % TILE).step_by(TILE).zip(row) {
            *slot = *v;
        }
    }
    packed
}

/// Inner products of every row of `a`, `[n, width]`, with every row of `b`, `[m, width]`: `[n, m]`.
pub(crate) fn product(a: &[f64], b: &[f64], width: usize) -> Vec<f64> {
    let (n, m) = (a.len() / width, b.len() / width);
    let right = panels(b, width);
    let mut out = vec![0.0; n * m];
    for (top, rows) in a.chunks(TILE * width).enumerate() {
        let left = panels(rows, width);
        for (side, panel) in right.chunks_exact(width * TILE).enumerate() {
            for (i, sums) in tile(&left, panel).iter().enumerate() {
                let (row, from) = (top * TILE + i, side * TILE);
                if row < n {
                    let to = (from + TILE).min(m);
                    out[row * m + from..row * m + to].copy_from_slice(&sums[..to - from]);
                }
            }
        }
    }
    out
}

/// Sum of outer products of the rows with themselves: `[width, width]`, symmetric.
pub(crate) fn scatter(rows: &[f64], width: usize) -> Vec<f64> {
    let mut sum = vec![0.0; width * width];
    let side = width.div_ceil(TILE);
    for block in rows.chunks(BLOCK * width) {
        let deep = block.len() / width;
        // Panels of columns: [panel, row, TILE].
        let mut packed = vec![0.0; side * deep * TILE];
        for (r, row) in block.chunks_exact(width).enumerate() {
            for (p, columns) in row.chunks(TILE).enumerate() {
                packed[(p * deep + r) * TILE..][..columns.len()].copy_from_slice(columns);
            }
        }
        let panel = |p: usize| &packed[p * deep * TILE..][..deep * TILE];
        for up in 0..side {
            for across in up..side {
                for (i, sums) in tile(panel(up), panel(across)).iter().enumerate() {
                    let (row, from) = (up * TILE + i, across * TILE);
                    if row < width {
                        let target = &mut sum[row * width..(row + 1) * width][from..];
                        target.iter_mut().zip(sums).for_each(|(t, s)| *t += s);
                    }
                }
            }
        }
    }
    for i in 0..width {
        for j in 0..i {
            sum[i * width + j] = sum[j * width + i];
        }
    }
    sum
}

/// Inner products of every row with every row: `[row, row]`, symmetric.
pub(crate) fn gram(rows: &[f64], width: usize) -> Vec<f64> {
    product(rows, rows, width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scatter_equals_the_plain_double_sum() {
        // Two blocks and some over; a panel that is not full.
        let (n, width) = (2 * BLOCK + 3, 6);
        let rows: Vec<f64> = (0..n * width)
            .map(|i| ((i * i * 7 + 3) % 23) as f64 - 11.0)
            .collect();
        let fast = scatter(&rows, width);
        for i in 0..width {
            for j in 0..width {
                let plain: f64 = (0..n)
                    .map(|r| rows[r * width + i] * rows[r * width + j])
                    .sum();
                assert!((fast[i * width + j] - plain).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn gram_holds_all_inner_products() {
        assert_eq!(
            gram(&[1.0, 2.0, 3.0, 0.0, 1.0, -1.0], 3),
            [14.0, -1.0, -1.0, 2.0]
        );
    }

    #[test]
    fn products_of_any_shape_equal_the_plain_sums() {
        for (n, m, width) in [(1, 1, 1), (5, 3, 7), (4, 8, 2), (9, 6, 1)] {
            let some = |count: usize, by: usize| -> Vec<f64> {
                (0..count)
                    .map(|i| ((i * by + 3) % 17) as f64 - 8.0)
                    .collect()
            };
            let (a, b) = (some(n * width, 5), some(m * width, 7));
            let out = product(&a, &b, width);
            for (at, found) in out.iter().enumerate() {
                let (i, j) = (at / m, at % m);
                let plain = dot(&a[i * width..][..width], &b[j * width..][..width]);
                assert_eq!(*found, plain);
            }
            assert_eq!(out.len(), n * m);
        }
    }

    #[test]
    fn a_zero_row_survives_normalising() {
        let unit = unit_rows(&[3.0, 4.0, 0.0, 0.0], 2);
        assert!((unit[0] - 0.6).abs() < 1e-12 && unit[2..] == [0.0, 0.0]);
    }
}

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

/// Sum of outer products of the rows with themselves: `[width, width]`, symmetric.
pub(crate) fn scatter(rows: &[f64], width: usize) -> Vec<f64> {
    const BLOCK: usize = 8;
    let mut sum = vec![0.0; width * width];
    // Eight rows a pass, so that the sum, too large for the nearest cache, is walked over less often.
    let (blocks, rest) = rows.split_at(rows.len() / (BLOCK * width) * (BLOCK * width));
    for block in blocks.chunks_exact(BLOCK * width) {
        let row: [&[f64]; BLOCK] = std::array::from_fn(|r| &block[r * width..][..width]);
        for i in 0..width {
            let tails = row.map(|r| &r[i..]);
            let factor = row.map(|r| r[i]);
            let target = &mut sum[i * width + i..(i + 1) * width];
            let tails = tails.map(|t| &t[..target.len()]);
            for (j, t) in target.iter_mut().enumerate() {
                let mut add = 0.0;
                for r in 0..BLOCK {
                    add += factor[r] * tails[r][j];
                }
                *t += add;
            }
        }
    }
    for row in rest.chunks_exact(width) {
        for i in 0..width {
            add_scaled(&mut sum[i * width + i..(i + 1) * width], row[i], &row[i..]);
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
    let n = rows.len() / width;
    let row = |i: usize| &rows[i * width..][..width];
    let mut products = vec![0.0; n * n];
    for i in 0..n {
        for j in i..n {
            let product = dot(row(i), row(j));
            products[i * n + j] = product;
            products[j * n + i] = product;
        }
    }
    products
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scatter_equals_the_plain_double_sum() {
        // 19 rows: two blocks of eight and three over.
        let (n, width) = (19, 5);
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
    fn a_zero_row_survives_normalising() {
        let unit = unit_rows(&[3.0, 4.0, 0.0, 0.0], 2);
        assert!((unit[0] - 0.6).abs() < 1e-12 && unit[2..] == [0.0, 0.0]);
    }
}

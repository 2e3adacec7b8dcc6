//! Linear layers, with what a decoder does before and after them.

use crate::activations::{Activations, FEW};
use crate::cells::Cells;
use crate::math::silu;
use crate::matrix::{Matrix, PANEL};
use crate::norm::Norm;
use crate::pool::Pool;
use crate::product::{MOST_PANELS, Product, Sums};
use crate::simd::{Isa, Kernel, LANES, Simd};
use std::ops::Range;
use std::sync::Arc;

/// Memory that several threads read: a tensor's storage, or simply `Arc::new(vec)`.
pub type Shared<T> = Arc<dyn AsRef<[T]> + Send + Sync>;

/// Multiplications that are worth handing to another thread.
const WORTH: usize = 1 << 14;

/// `x Wᵗ`: every row of `x` times the matrix.
///
/// # Panics
/// If `words` or `x` do not fit the matrix.
#[must_use]
pub fn linear(pool: &Pool, matrix: Matrix, words: Shared<u32>, x: &[f32]) -> Vec<f32> {
    let isa = Isa::best();
    multiply(
        isa,
        pool,
        matrix,
        words,
        Activations::new(isa, matrix, None, x),
        false,
    )
}

/// `norm(x) Wᵗ`.
///
/// # Panics
/// If `words`, `x` or the norm's gains do not fit the matrix.
#[must_use]
pub fn norm_linear(
    pool: &Pool,
    norm: Norm<'_>,
    matrix: Matrix,
    words: Shared<u32>,
    x: &[f32],
) -> Vec<f32> {
    let isa = Isa::best();
    multiply(
        isa,
        pool,
        matrix,
        words,
        Activations::new(isa, matrix, Some(norm), x),
        false,
    )
}

/// `residual + x Wᵗ`.
///
/// # Panics
/// If `words`, `x` or `residual` do not fit the matrix.
#[must_use]
pub fn linear_add(
    pool: &Pool,
    matrix: Matrix,
    words: Shared<u32>,
    x: &[f32],
    residual: &[f32],
) -> Vec<f32> {
    let mut out = linear(pool, matrix, words, x);
    assert_eq!(out.len(), residual.len(), "residual of {matrix:?}");
    for (out, residual) in out.iter_mut().zip(residual) {
        *out += residual;
    }
    out
}

/// `silu(gate) * up`, where the first half of the matrix' rows makes `gate` from `norm(x)` and the second `up`.
///
/// # Panics
/// If `words`, `x` or the norm's gains do not fit the matrix, or its rows are odd in number.
#[must_use]
pub fn norm_gated(
    pool: &Pool,
    norm: Norm<'_>,
    matrix: Matrix,
    words: Shared<u32>,
    x: &[f32],
) -> Vec<f32> {
    assert!(matrix.rows.is_multiple_of(2), "{matrix:?} has no halves");
    let isa = Isa::best();
    let whole = matrix.rows.is_multiple_of(2 * PANEL);
    let x = Activations::new(isa, matrix, Some(norm), x);
    let made = multiply(isa, pool, matrix, words, x, whole);
    if whole {
        made
    } else {
        gate(isa, matrix, &made)
    }
}

/// Gates rows of `[gate, up]` whose halves do not fill whole panels.
fn gate(isa: Isa, matrix: Matrix, both: &[f32]) -> Vec<f32> {
    let width = matrix.rows / 2;
    let mut out = vec![0.0; both.len() / 2];
    for (both, out) in both
        .chunks_exact(matrix.rows.max(1))
        .zip(out.chunks_exact_mut(width.max(1)))
    {
        let (gates, ups) = both.split_at(width);
        for ((gates, ups), out) in gates
            .chunks(PANEL)
            .zip(ups.chunks(PANEL))
            .zip(out.chunks_mut(PANEL))
        {
            let [mut gate, mut up] = [[[0.0; PANEL]; 1]; 2];
            gate[0][..gates.len()].copy_from_slice(gates);
            up[0][..ups.len()].copy_from_slice(ups);
            isa.run(Gate(&gate, &mut up));
            out.copy_from_slice(&up[0][..out.len()]);
        }
    }
    out
}

/// Shares out the panels of a product.
pub(crate) fn multiply(
    isa: Isa,
    pool: &Pool,
    matrix: Matrix,
    words: Shared<u32>,
    x: Activations,
    gated: bool,
) -> Vec<f32> {
    assert_eq!(
        (*words).as_ref().len(),
        matrix.words(),
        "words of {matrix:?}"
    );
    assert!(
        !gated || matrix.rows.is_multiple_of(2 * PANEL),
        "half of {matrix:?} is no whole panels"
    );
    let (units, width) = if gated {
        (matrix.panels() / 2, matrix.rows / 2)
    } else {
        (matrix.panels(), matrix.rows)
    };
    let n = x.rows;
    let out = Cells::new(n * width);
    if n == 0 || matrix.rows == 0 {
        return out.into_floats();
    }
    let per_unit = PANEL * matrix.cols * n;
    let each = if pool.threads() == 1 || units * per_unit < 2 * WORTH {
        units
    } else {
        // Some eight chunks per thread even out what else the machine does; whole batches make the best of each.
        let fair = units / (8 * pool.threads());
        fair.max(WORTH / per_unit)
            .max(1)
            .next_multiple_of(batch(n, gated))
    };
    let layer = Layer {
        isa,
        matrix,
        words,
        x,
        gated,
        width,
        out: out.clone(),
    };
    let job = move |chunk: usize| layer.units(chunk * each..units.min((chunk + 1) * each));
    pool.run(units.div_ceil(each), Arc::new(job));
    out.into_floats()
}

/// Panels, or pairs of panels, that are multiplied in one go.
const fn batch(n: usize, gated: bool) -> usize {
    match (n <= FEW, gated) {
        (true, false) => MOST_PANELS,
        (true, true) => MOST_PANELS / 2,
        (false, _) => 1,
    }
}

struct Layer {
    isa: Isa,
    matrix: Matrix,
    words: Shared<u32>,
    x: Activations,
    gated: bool,
    /// Floats per row of the result.
    width: usize,
    out: Cells,
}

impl Layer {
    /// Computes some panels of the result; if gated, from two of the matrix each.
    fn units(&self, units: Range<usize>) {
        let n = self.x.rows;
        let words = (*self.words).as_ref();
        let size = self.matrix.panel_words();
        let panel = |i: usize| &words[i * size..(i + 1) * size];
        let most = batch(n, self.gated);
        let mut sums = vec![[0.0; PANEL]; most * n * if self.gated { 2 } else { 1 }];
        for first in units.clone().step_by(most) {
            let batch = first..units.end.min(first + most);
            let mut panels: [&[u32]; MOST_PANELS] = [&[]; MOST_PANELS];
            let mut count = 0;
            let second = if self.gated {
                self.matrix.panels() / 2
            } else {
                0
            };
            for from in [0, second].into_iter().take(if self.gated { 2 } else { 1 }) {
                for i in batch.clone() {
                    panels[count] = panel(from + i);
                    count += 1;
                }
            }
            let sums = &mut sums[..count * n];
            self.isa.run_on_panels(Product {
                format: self.matrix.format,
                panels: &panels[..count],
                x: &self.x,
                out: sums,
            });
            let (gates, sums) = sums.split_at_mut(if self.gated { batch.len() * n } else { 0 });
            if self.gated {
                self.isa.run(Gate(gates, sums));
            }
            for (i, sums) in batch.zip(sums.chunks_exact(n)) {
                let count = PANEL.min(self.width - i * PANEL);
                for (row, sums) in sums.iter().enumerate() {
                    self.out.store(row * self.width + i * PANEL, &sums[..count]);
                }
            }
        }
    }
}

/// Multiplies the second by `silu` of the first.
struct Gate<'a>(&'a [Sums], &'a mut [Sums]);

impl Kernel for Gate<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let (gates, ups) = (self.0.as_flattened(), self.1.as_flattened_mut());
        let eights = ups.as_chunks_mut::<LANES>().0;
        for (gate, up) in gates.as_chunks::<LANES>().0.iter().zip(eights) {
            *up = s.to_floats(s.mul(silu(s, s.load_f(gate)), s.load_f(up)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Format;
    use crate::pack::pack;
    use crate::testing::{FORMATS, Rng, bits, plain_linear, stored, widen};

    /// Activations of very different sizes, with blocks of zeros and of next to nothing.
    fn activations(rng: &mut Rng, n: usize, cols: usize) -> Vec<f32> {
        let mut x = rng.floats(n * cols);
        for (i, x) in x.chunks_mut(32).enumerate() {
            let size = [1.0, 0.0, 1e-35, 100.0, 1e-3][(i + n) % 5];
            x.iter_mut().for_each(|x| *x *= size);
        }
        x
    }

    fn shared(words: Vec<u32>) -> Shared<u32> {
        Arc::new(words)
    }

    #[test]
    fn every_format_rounds_as_the_plain_loop_does() {
        let mut rng = Rng::new(11);
        let pools: Vec<_> = (1..=4).map(Pool::new).collect();
        for format in FORMATS {
            for rows in [1, 15, 17, 48, 112] {
                // 20 blocks, and 600 columns, are more than is unpacked at once.
                let cols = if format.is_quantised() {
                    [32, 96, 640]
                } else {
                    [1, 37, 600]
                };
                for cols in cols {
                    let matrix = Matrix { format, rows, cols };
                    let bytes = stored(&mut rng, matrix);
                    let words = shared(pack(matrix, &bytes));
                    // Tiles of every size.
                    for n in (1..=13).chain([33]) {
                        let x = activations(&mut rng, n, cols);
                        let want = bits(&plain_linear(matrix, &bytes, &x));
                        for isa in Isa::all() {
                            let pool = &pools[(n + rows) % 4];
                            let x = Activations::new(isa, matrix, None, &x);
                            let y = multiply(isa, pool, matrix, words.clone(), x, false);
                            assert!(bits(&y) == want, "{isa:?} {matrix:?} n = {n}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn threads_do_not_change_a_bit_and_give_the_weights_back() {
        let mut rng = Rng::new(12);
        for format in [Format::F16, Format::Q4_1, Format::Q8_0] {
            let matrix = Matrix {
                format,
                rows: 1000,
                cols: 256,
            };
            let bytes = stored(&mut rng, matrix);
            let words = Arc::new(pack(matrix, &bytes));
            for n in [1, 2, 20] {
                let x = rng.floats(n * 256);
                let want = bits(&plain_linear(matrix, &bytes, &x));
                for threads in 1..=4 {
                    let y = linear(&Pool::new(threads), matrix, words.clone(), &x);
                    assert!(bits(&y) == want, "{format:?} n = {n}, {threads} threads");
                    assert_eq!(Arc::strong_count(&words), 1);
                }
            }
        }
    }

    #[test]
    fn quantised_products_are_close_to_exact_ones() {
        let mut rng = Rng::new(13);
        for format in [Format::Q8_0, Format::Q4_0, Format::Q4_1] {
            for n in [1, 4, 9] {
                let matrix = Matrix {
                    format,
                    rows: 32,
                    cols: 576,
                };
                let bytes = stored(&mut rng, matrix);
                let x = rng.floats(n * 576);
                let y = linear(Pool::global(), matrix, shared(pack(matrix, &bytes)), &x);
                let wide = widen(matrix, &bytes);
                for (i, y) in y.iter().enumerate() {
                    let (x, w) = (&x[i / 32 * 576..], &wide[i % 32 * 576..][..576]);
                    let products = || w.iter().zip(x).map(|(w, x)| f64::from(*w) * f64::from(*x));
                    let (exact, size) = (
                        products().sum::<f64>(),
                        products().map(|p| p * p).sum::<f64>().sqrt(),
                    );
                    assert!(
                        (f64::from(*y) - exact).abs() <= 1e-4 * size,
                        "{format:?}: {y}, not {exact}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_comes_before_and_after_is_the_formula() {
        let mut rng = Rng::new(14);
        let pool = &Pool::new(2);
        let (gain, epsilon) = (rng.floats(64), 1e-5);
        let norm = Norm {
            gain: &gain,
            epsilon,
        };
        for format in FORMATS {
            // The last two have halves that fill no whole panels.
            for (n, hidden) in [(1, 16), (1, 704), (2, 80), (9, 96), (1, 8), (3, 21)] {
                let matrix = Matrix {
                    format,
                    rows: 2 * hidden,
                    cols: 64,
                };
                let words = shared(pack(matrix, &stored(&mut rng, matrix)));
                let x = rng.floats(n * 64);
                // A norm is a product with a gain of ones for the matrix: take it from a unit matrix of floats.
                let unit = Matrix {
                    format: Format::F32,
                    rows: 64,
                    cols: 64,
                };
                let ones: Vec<u8> = (0..64 * 64u32)
                    .flat_map(|i| f32::from(u8::from(i % 65 == 0)).to_le_bytes())
                    .collect();
                let normed = norm_linear(pool, norm, unit, shared(pack(unit, &ones)), &x);
                let y = linear(pool, matrix, words.clone(), &normed);
                assert_eq!(norm_linear(pool, norm, matrix, words.clone(), &x), y);

                let residual = rng.floats(y.len());
                let sum: Vec<_> = residual.iter().zip(&y).map(|(r, y)| r + y).collect();
                assert_eq!(
                    linear_add(pool, matrix, words.clone(), &normed, &residual),
                    sum
                );

                let gated = norm_gated(pool, norm, matrix, words, &x);
                assert_eq!(gated.len(), n * hidden);
                for (i, g) in gated.iter().enumerate() {
                    let at = i / hidden * 2 * hidden + i % hidden;
                    let (gate, up) = (f64::from(y[at]), f64::from(y[at + hidden]));
                    let exact = gate / (1.0 + (-gate).exp()) * up;
                    assert!(
                        (f64::from(*g) - exact).abs() <= 1e-6 * exact.abs().max(1e-3),
                        "{g}, not {exact}"
                    );
                }
            }
        }
    }

    #[test]
    fn no_rows_give_no_rows() {
        let matrix = Matrix {
            format: Format::F32,
            rows: 3,
            cols: 2,
        };
        assert!(linear(Pool::global(), matrix, shared(vec![0; 32]), &[]).is_empty());
    }
}

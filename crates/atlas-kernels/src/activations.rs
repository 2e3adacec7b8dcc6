//! The left side of a product: rows of activations, in the order in which a tile reads them.
//!
//! A tile is a few rows whose sums the registers hold at once. Its rows are interleaved word by word, so that the
//! product reads one stream from start to end. Against quantised weights the words are pairs of i16 and each block of
//! 32 columns ends with the rows' scales and sums; against float weights they are floats.

use crate::math::ROUND;
use crate::matrix::{BLOCK, Format, Matrix};
use crate::norm::Norm;
use crate::simd::{Isa, Kernel, LANES, Simd};

/// Words of a row's block of quantised activations: 16 pairs, scale, sum.
pub(crate) const BLOCK_WORDS: usize = BLOCK / 2 + 2;

/// Up to so many rows are multiplied with weights straight from memory, in one tile.
/// With more it pays to unpack the weights first.
pub(crate) const FEW: usize = 3;

/// Blocks whose largest number is below this count as zeros: 32767 over it has to be finite.
const TINY: f32 = 1e-30;

/// Rows, tile after tile.
#[derive(Debug)]
pub(crate) struct Activations {
    /// Number of rows.
    pub(crate) rows: usize,
    /// Words of one row.
    pub(crate) stride: usize,
    /// Rows of every tile but the last.
    tile: usize,
    words: Vec<u32>,
}

impl Activations {
    /// Orders the rows of `x` for a product with `matrix`, normalised first if `norm` says so.
    pub(crate) fn new(isa: Isa, matrix: Matrix, norm: Option<Norm<'_>>, x: &[f32]) -> Self {
        assert!(
            x.len().is_multiple_of(matrix.cols),
            "no whole rows for {matrix:?}"
        );
        if let Some(norm) = norm {
            assert_eq!(norm.gain.len(), matrix.cols, "gains for {matrix:?}");
        }
        let tile = isa.tile();
        isa.run(Order {
            matrix,
            norm,
            x,
            tile,
        })
    }

    /// First row of every tile, and its words.
    pub(crate) fn tiles(&self) -> impl Iterator<Item = (usize, &[u32])> {
        (0..self.rows)
            .step_by(self.tile)
            .zip(self.words.chunks(self.tile * self.stride))
    }

    /// The words of all rows, if they are one tile.
    pub(crate) fn only_tile(&self) -> Option<&[u32]> {
        (self.rows <= FEW).then_some(&self.words)
    }
}

struct Order<'a> {
    matrix: Matrix,
    norm: Option<Norm<'a>>,
    x: &'a [f32],
    /// Rows of a tile, unless there are few.
    tile: usize,
}

impl Kernel for Order<'_> {
    type Output = Activations;

    #[inline(always)]
    fn run<S: Simd>(self, s: S) -> Activations {
        let cols = self.matrix.cols;
        let quantised = self.matrix.is_quantised();
        let rows = self.x.len() / cols;
        let stride = if quantised {
            cols / BLOCK * BLOCK_WORDS
        } else {
            // A word of a panel holds one column or two; behind an odd last one stands a zero.
            let per_word = if self.matrix.format == Format::F32 {
                1
            } else {
                2
            };
            cols.next_multiple_of(per_word)
        };
        let tile = if rows <= FEW { FEW } else { self.tile };
        let mut words = vec![0; rows * stride];
        let mut normed = vec![0.0; if self.norm.is_some() { cols } else { 0 }];
        for (rows, words) in self
            .x
            .chunks(tile * cols)
            .zip(words.chunks_mut(tile * stride))
        {
            let width = rows.len() / cols;
            for (r, row) in rows.chunks_exact(cols).enumerate() {
                let row = match self.norm {
                    Some(norm) => {
                        norm.apply(s, row, &mut normed);
                        &normed
                    }
                    None => row,
                };
                if quantised {
                    quantise(s, row, width, &mut words[r..]);
                } else {
                    for (k, x) in row.iter().enumerate() {
                        words[k * width + r] = x.to_bits();
                    }
                }
            }
        }
        Activations {
            rows,
            stride,
            tile,
            words,
        }
    }
}

/// Quantises one row of a tile of `width` rows: block by block to i16, as large as they can be.
#[cfg_attr(target_family = "wasm", inline(never))]
#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn quantise<S: Simd>(s: S, row: &[f32], width: usize, out: &mut [u32]) {
    let blocks = row.as_chunks::<BLOCK>().0;
    for (block, out) in blocks.iter().zip(out.chunks_mut(BLOCK_WORDS * width)) {
        let eights = block.as_chunks::<LANES>().0;
        let mut largest = s.zero_f();
        for x in eights {
            largest = s.max(s.abs(s.load_f(x)), largest);
        }
        let mut top = 0.0f32;
        for x in s.to_floats(largest) {
            top = if x > top { x } else { top };
        }
        let (scale, inverse) = if top < TINY {
            (0.0, 0.0)
        } else {
            (top / 32767.0, 32767.0 / top)
        };
        let (by, round, one) = (s.splat_f(inverse), s.splat_f(ROUND), s.splat(1));
        let mut sum = s.zero();
        let mut quants = [s.zero(); 4];
        for (x, q) in eights.iter().zip(&mut quants) {
            let shifted = s.add(s.mul(s.load_f(x), by), round);
            *q = s.sub_i(s.bits(shifted), s.bits(round));
            // The low half of a lane is the number, the high half its sign.
            sum = s.dot(sum, *q, one);
        }
        let [a, b, c, d] = quants;
        let low = s.to_words(s.narrow(a, b));
        let high = s.to_words(s.narrow(c, d));
        for j in 0..LANES {
            out[j * width] = low[j];
            out[(LANES + j) * width] = high[j];
        }
        let sum = s
            .to_words(sum)
            .into_iter()
            .fold(0, u32::wrapping_add)
            .cast_signed();
        out[16 * width] = scale.to_bits();
        out[17 * width] = (sum as f32 * scale).to_bits();
    }
}

//! Products with quantised weights, in integers.
//!
//! Within a block of 32 columns everything is exact: raw weights times 16-bit activations, in 32 bits. A block's sum is
//! then scaled and added up as a float.

use super::{Product, Sums, high_f16, low_f16, with_rows};
use crate::activations::{Activations, BLOCK_WORDS};
use crate::matrix::{Format, PANEL};
use crate::simd::{LANES, Simd};

/// Pairs of columns in a block.
const PAIRS: usize = 16;

/// Blocks that are unpacked at once: 18 kB, which a first-level cache holds beside the activations.
const STRIP: usize = 16;

/// What differs between the formats.
pub(super) trait Quantised {
    const FORMAT: Format;
    /// Pairs in a word.
    const PER_WORD: usize;
    /// Whether a block adds something for every activation, whatever the weight.
    const MIN: bool;
    const GROUPS: usize = PAIRS / Self::PER_WORD;
    const BLOCK_WORDS: usize = Self::FORMAT.block_words();

    /// The first [`PER_WORD`](Self::PER_WORD) are the pairs of a word.
    fn pairs<S: Simd>(s: S, v: S::I) -> [S::I; 4];

    /// Scale and minimum of half a panel.
    #[inline(always)]
    fn scales<S: Simd>(s: S, scales: &[[u32; LANES]], half: usize) -> (S::F, S::F) {
        if Self::FORMAT.block_words() == 5 * PANEL {
            let v = s.load(&scales[half]);
            return (low_f16(s, v), high_f16(s, v));
        }
        let v = s.load(&scales[0]);
        let scale = if half == 0 {
            low_f16(s, v)
        } else {
            high_f16(s, v)
        };
        let min = if Self::MIN {
            s.mul(scale, s.splat_f(-8.0))
        } else {
            s.zero_f()
        };
        (scale, min)
    }
}

pub(super) struct Q4_0;
pub(super) struct Q4_1;
pub(super) struct Q8_0;

/// Nibbles 0 and 4, 1 and 5, 2 and 6, 3 and 7.
#[inline(always)]
fn nibbles<S: Simd>(s: S, v: S::I) -> [S::I; 4] {
    let mask = s.splat(0x000f_000f);
    [
        s.and(v, mask),
        s.and(s.shr16::<4>(v), mask),
        s.and(s.shr16::<8>(v), mask),
        s.shr16::<12>(v),
    ]
}

impl Quantised for Q4_0 {
    const FORMAT: Format = Format::Q4_0;
    const PER_WORD: usize = 4;
    const MIN: bool = true;
    #[inline(always)]
    fn pairs<S: Simd>(s: S, v: S::I) -> [S::I; 4] {
        nibbles(s, v)
    }
}

impl Quantised for Q4_1 {
    const FORMAT: Format = Format::Q4_1;
    const PER_WORD: usize = 4;
    const MIN: bool = true;
    #[inline(always)]
    fn pairs<S: Simd>(s: S, v: S::I) -> [S::I; 4] {
        nibbles(s, v)
    }
}

impl Quantised for Q8_0 {
    const FORMAT: Format = Format::Q8_0;
    const PER_WORD: usize = 2;
    const MIN: bool = false;
    #[inline(always)]
    fn pairs<S: Simd>(s: S, v: S::I) -> [S::I; 4] {
        let low = s.sra16::<8>(s.shl16::<8>(v));
        let high = s.sra16::<8>(v);
        [low, high, low, high]
    }
}

#[inline(always)]
pub(super) fn product<S: Simd, Q: Quantised>(s: S, work: Product<'_>) {
    let n = work.x.rows;
    for (panel, out) in work.panels.iter().zip(work.out.chunks_exact_mut(n)) {
        if let Some(x) = work.x.only_tile() {
            with_rows!(n, [1 2 3], few::<S, Q>(s, panel, x, out));
        } else {
            many::<S, Q>(s, panel, work.x, out);
        }
    }
}

/// Scales a block's sum and adds it up.
#[inline(always)]
fn add_block<S: Simd, Q: Quantised>(
    s: S,
    acc: S::F,
    sum: S::I,
    (d, m): (S::F, S::F),
    dx: S::F,
    sx: S::F,
) -> S::F {
    let product = s.mul(s.convert(sum), s.mul(d, dx));
    if Q::MIN {
        s.add(acc, s.add(product, s.mul(m, sx)))
    } else {
        s.add(acc, product)
    }
}

/// One panel, straight from memory, times `T` rows.
#[cfg_attr(target_family = "wasm", inline(never))]
#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn few<S: Simd, Q: Quantised, const T: usize>(s: S, panel: &[u32], x: &[u32], out: &mut [Sums]) {
    let mut acc = [[s.zero_f(); 2]; T];
    let x = x.as_chunks::<T>().0;
    for (block, x) in panel
        .chunks_exact(Q::BLOCK_WORDS)
        .zip(x.chunks_exact(BLOCK_WORDS))
    {
        let block = block.as_chunks::<LANES>().0;
        let mut sums = [[s.zero(); 2]; T];
        for (w, x) in block
            .chunks_exact(8 / Q::PER_WORD)
            .zip(x.as_chunks::<4>().0)
        {
            // Four pairs of columns: one or two words of each row.
            let x = x.as_flattened().as_chunks::<4>().0;
            let mut splats = [[s.zero(); 4]; T];
            for t in 0..T {
                splats[t] = s.splats(&x[t]);
            }
            for i in 0..4 / Q::PER_WORD {
                for half in 0..2 {
                    let w = Q::pairs(s, s.load(&w[2 * i + half]));
                    for j in 0..Q::PER_WORD {
                        for t in 0..T {
                            let at = (i * Q::PER_WORD + j) * T + t;
                            sums[t][half] = s.dot(sums[t][half], w[j], splats[at / 4][at % 4]);
                        }
                    }
                }
            }
        }
        let scales = &block[2 * Q::GROUPS..];
        for half in 0..2 {
            let scales = Q::scales(s, scales, half);
            for t in 0..T {
                let dx = s.splat_f(f32::from_bits(x[PAIRS][t]));
                let sx = s.splat_f(f32::from_bits(x[PAIRS + 1][t]));
                acc[t][half] = add_block::<S, Q>(s, acc[t][half], sums[t][half], scales, dx, sx);
            }
        }
    }
    for (out, acc) in out.iter_mut().zip(acc) {
        *out = [s.to_floats(acc[0]), s.to_floats(acc[1])];
    }
}

/// A block of a panel, unpacked.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Unpacked {
    pairs: [[[u32; LANES]; 2]; PAIRS],
    scales: Sums,
    mins: Sums,
}

/// One panel times many rows: a strip of blocks is unpacked, and used for all rows.
#[inline(always)]
fn many<S: Simd, Q: Quantised>(s: S, panel: &[u32], x: &Activations, out: &mut [Sums]) {
    let mut strip = [Unpacked {
        pairs: [[[0; LANES]; 2]; PAIRS],
        scales: [[0.0; LANES]; 2],
        mins: [[0.0; LANES]; 2],
    }; STRIP];
    out.fill([[0.0; LANES]; 2]);
    for (i, blocks) in panel.chunks(STRIP * Q::BLOCK_WORDS).enumerate() {
        let blocks = blocks.chunks_exact(Q::BLOCK_WORDS);
        let strip = &mut strip[..blocks.len()];
        for (block, unpacked) in blocks.zip(&mut *strip) {
            unpack::<S, Q>(s, block, unpacked);
        }
        for (row, interleaved) in x.tiles() {
            let rows = interleaved.len() / x.stride;
            let x =
                &interleaved[i * STRIP * BLOCK_WORDS * rows..][..strip.len() * BLOCK_WORDS * rows];
            let out = &mut out[row..row + rows];
            with_rows!(rows, [1 2 3 4 5 6], tile::<S, Q>(s, strip, x, out));
        }
    }
}

#[cfg_attr(target_family = "wasm", inline(never))]
#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn unpack<S: Simd, Q: Quantised>(s: S, block: &[u32], out: &mut Unpacked) {
    let block = block.as_chunks::<LANES>().0;
    for half in 0..2 {
        for group in 0..Q::GROUPS {
            let pairs = Q::pairs(s, s.load(&block[2 * group + half]));
            for i in 0..Q::PER_WORD {
                out.pairs[group * Q::PER_WORD + i][half] = s.to_words(pairs[i]);
            }
        }
        let (scale, min) = Q::scales(s, &block[2 * Q::GROUPS..], half);
        out.scales[half] = s.to_floats(scale);
        out.mins[half] = s.to_floats(min);
    }
}

#[inline(always)]
fn tile<S: Simd, Q: Quantised, const T: usize>(
    s: S,
    strip: &[Unpacked],
    x: &[u32],
    out: &mut [Sums],
) {
    let Some(out) = out.first_chunk_mut::<T>() else {
        return;
    };
    if S::HALVES == 2 {
        halves::<S, Q, T, 2>(s, strip, x, out, 0);
    } else {
        halves::<S, Q, T, 1>(s, strip, x, out, 0);
        halves::<S, Q, T, 1>(s, strip, x, out, 1);
    }
}

/// `H` halves of the panel, from half `from` on, times `T` rows.
#[cfg_attr(target_family = "wasm", inline(never))]
#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn halves<S: Simd, Q: Quantised, const T: usize, const H: usize>(
    s: S,
    strip: &[Unpacked],
    x: &[u32],
    out: &mut [Sums; T],
    from: usize,
) {
    let x = x.as_chunks::<T>().0.as_chunks::<BLOCK_WORDS>().0;
    for (block, x) in strip.iter().zip(x) {
        let mut sums = [[s.zero(); H]; T];
        for (pair, x) in block.pairs.iter().zip(x) {
            let x = s.splats(x);
            for h in 0..H {
                let w = s.load(&pair[from + h]);
                for t in 0..T {
                    sums[t][h] = s.dot(sums[t][h], w, x[t]);
                }
            }
        }
        for h in 0..H {
            let scales = (
                s.load_f(&block.scales[from + h]),
                s.load_f(&block.mins[from + h]),
            );
            for t in 0..T {
                let dx = s.splat_f(f32::from_bits(x[PAIRS][t]));
                let sx = s.splat_f(f32::from_bits(x[PAIRS + 1][t]));
                let acc = &mut out[t][from + h];
                *acc = s.to_floats(add_block::<S, Q>(
                    s,
                    s.load_f(acc),
                    sums[t][h],
                    scales,
                    dx,
                    sx,
                ));
            }
        }
    }
}

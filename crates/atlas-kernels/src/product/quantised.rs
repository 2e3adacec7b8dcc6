//! Products with quantised weights, in integers.
//!
//! Within a block of 32 columns everything is exact: raw weights times 16-bit activations, in 32 bits. A block's sum is
//! then scaled and added up as a float.

use super::{Product, Sums, high_f16, low_f16, part, part_mut, with_rows};
use crate::activations::{Activations, BLOCK_WORDS};
use crate::matrix::{Format, PANEL};
use crate::simd::{LANES, Lanes};

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
    fn pairs<S: Lanes<L>, const L: usize>(s: S, v: S::I) -> [S::I; 4];

    /// Scales and minima of vector `v` of a panel.
    #[inline(always)]
    fn scales<S: Lanes<L>, const L: usize>(
        s: S,
        scales: &[[u32; LANES]],
        v: usize,
    ) -> (S::F, S::F) {
        if Self::FORMAT.block_words() == 5 * PANEL {
            let both = s.load(&scales.as_flattened().as_chunks::<L>().0[v]);
            return (low_f16(s, both), high_f16(s, both));
        }
        let scale = high_f16(s, s.spread(&scales[0], v));
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
fn nibbles<S: Lanes<L>, const L: usize>(s: S, v: S::I) -> [S::I; 4] {
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
    fn pairs<S: Lanes<L>, const L: usize>(s: S, v: S::I) -> [S::I; 4] {
        nibbles(s, v)
    }
}

impl Quantised for Q4_1 {
    const FORMAT: Format = Format::Q4_1;
    const PER_WORD: usize = 4;
    const MIN: bool = true;
    #[inline(always)]
    fn pairs<S: Lanes<L>, const L: usize>(s: S, v: S::I) -> [S::I; 4] {
        nibbles(s, v)
    }
}

impl Quantised for Q8_0 {
    const FORMAT: Format = Format::Q8_0;
    const PER_WORD: usize = 2;
    const MIN: bool = false;
    #[inline(always)]
    fn pairs<S: Lanes<L>, const L: usize>(s: S, v: S::I) -> [S::I; 4] {
        let low = s.sra16::<8>(s.shl16::<8>(v));
        let high = s.sra16::<8>(v);
        [low, high, low, high]
    }
}

#[inline(always)]
pub(super) fn product<S: Lanes<L>, Q: Quantised, const L: usize, const V: usize>(
    s: S,
    work: Product<'_>,
) {
    let n = work.x.rows;
    for (panel, out) in work.panels.iter().zip(work.out.chunks_exact_mut(n)) {
        if let Some(x) = work.x.only_tile() {
            with_rows!(n, [1 2 3], few::<S, Q, L, V>(s, panel, x, out));
        } else {
            many::<S, Q, L, V>(s, panel, work.x, out);
        }
    }
}

/// Scales a block's sum and adds it up.
#[inline(always)]
fn add_block<S: Lanes<L>, Q: Quantised, const L: usize>(
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
fn few<S: Lanes<L>, Q: Quantised, const T: usize, const L: usize, const V: usize>(
    s: S,
    panel: &[u32],
    x: &[u32],
    out: &mut [Sums],
) {
    let mut acc = [[s.zero_f(); V]; T];
    let x = x.as_chunks::<T>().0;
    for (block, x) in panel
        .chunks_exact(Q::BLOCK_WORDS)
        .zip(x.chunks_exact(BLOCK_WORDS))
    {
        let (quants, scales) = block.split_at(Q::GROUPS * PANEL);
        let mut sums = [[s.zero(); V]; T];
        for (w, x) in quants
            .as_chunks::<PANEL>()
            .0
            .chunks_exact(4 / Q::PER_WORD)
            .zip(x.as_chunks::<4>().0)
        {
            // Four pairs of columns: one or two words of each row.
            let x = x.as_flattened().as_chunks::<4>().0;
            let mut splats = [[s.zero(); 4]; T];
            for t in 0..T {
                splats[t] = s.splats(&x[t]);
            }
            for i in 0..4 / Q::PER_WORD {
                for v in 0..V {
                    let w = Q::pairs(s, s.load(part(&w[i], v)));
                    for j in 0..Q::PER_WORD {
                        for t in 0..T {
                            let at = (i * Q::PER_WORD + j) * T + t;
                            sums[t][v] = s.dot(sums[t][v], w[j], splats[at / 4][at % 4]);
                        }
                    }
                }
            }
        }
        let scales = scales.as_chunks::<LANES>().0;
        for v in 0..V {
            let scales = Q::scales(s, scales, v);
            for t in 0..T {
                let dx = s.splat_f(f32::from_bits(x[PAIRS][t]));
                let sx = s.splat_f(f32::from_bits(x[PAIRS + 1][t]));
                acc[t][v] = add_block::<S, Q, L>(s, acc[t][v], sums[t][v], scales, dx, sx);
            }
        }
    }
    for (out, acc) in out.iter_mut().zip(acc) {
        for v in 0..V {
            *part_mut(out, v) = s.to_floats(acc[v]);
        }
    }
}

/// A block of a panel, unpacked.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Unpacked {
    pairs: [[u32; PANEL]; PAIRS],
    scales: Sums,
    mins: Sums,
}

/// One panel times many rows: a strip of blocks is unpacked, and used for all rows.
#[inline(always)]
fn many<S: Lanes<L>, Q: Quantised, const L: usize, const V: usize>(
    s: S,
    panel: &[u32],
    x: &Activations,
    out: &mut [Sums],
) {
    let mut strip = [Unpacked {
        pairs: [[0; PANEL]; PAIRS],
        scales: [0.0; PANEL],
        mins: [0.0; PANEL],
    }; STRIP];
    out.fill([0.0; PANEL]);
    for (i, blocks) in panel.chunks(STRIP * Q::BLOCK_WORDS).enumerate() {
        let blocks = blocks.chunks_exact(Q::BLOCK_WORDS);
        let strip = &mut strip[..blocks.len()];
        for (block, unpacked) in blocks.zip(&mut *strip) {
            unpack::<S, Q, L, V>(s, block, unpacked);
        }
        for (row, interleaved) in x.tiles() {
            let rows = interleaved.len() / x.stride;
            let x =
                &interleaved[i * STRIP * BLOCK_WORDS * rows..][..strip.len() * BLOCK_WORDS * rows];
            let out = &mut out[row..row + rows];
            with_rows!(rows, [1 2 3 4 5 6 7 8 9 10 11 12], tile::<S, Q, L, V>(s, strip, x, out));
        }
    }
}

#[cfg_attr(target_family = "wasm", inline(never))]
#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn unpack<S: Lanes<L>, Q: Quantised, const L: usize, const V: usize>(
    s: S,
    block: &[u32],
    out: &mut Unpacked,
) {
    let (quants, scales) = block.split_at(Q::GROUPS * PANEL);
    let (quants, scales) = (quants.as_chunks::<PANEL>().0, scales.as_chunks::<LANES>().0);
    for v in 0..V {
        for group in 0..Q::GROUPS {
            let pairs = Q::pairs(s, s.load(part(&quants[group], v)));
            for i in 0..Q::PER_WORD {
                *part_mut(&mut out.pairs[group * Q::PER_WORD + i], v) = s.to_words(pairs[i]);
            }
        }
        let (scale, min) = Q::scales(s, scales, v);
        *part_mut(&mut out.scales, v) = s.to_floats(scale);
        *part_mut(&mut out.mins, v) = s.to_floats(min);
    }
}

#[inline(always)]
fn tile<S: Lanes<L>, Q: Quantised, const T: usize, const L: usize, const V: usize>(
    s: S,
    strip: &[Unpacked],
    x: &[u32],
    out: &mut [Sums],
) {
    let Some(out) = out.first_chunk_mut::<T>() else {
        return;
    };
    if S::WHOLE {
        vectors::<S, Q, T, L, V>(s, strip, x, out, 0);
    } else {
        for v in 0..V {
            vectors::<S, Q, T, L, 1>(s, strip, x, out, v);
        }
    }
}

/// `V` vectors of the panel, from vector `from` on, times `T` rows.
#[cfg_attr(target_family = "wasm", inline(never))]
#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn vectors<S: Lanes<L>, Q: Quantised, const T: usize, const L: usize, const V: usize>(
    s: S,
    strip: &[Unpacked],
    x: &[u32],
    out: &mut [Sums; T],
    from: usize,
) {
    let x = x.as_chunks::<T>().0.as_chunks::<BLOCK_WORDS>().0;
    for (block, x) in strip.iter().zip(x) {
        let mut sums = [[s.zero(); V]; T];
        for (pair, x) in block.pairs.iter().zip(x) {
            let x = s.splats(x);
            for v in 0..V {
                let w = s.load(part(pair, from + v));
                for t in 0..T {
                    sums[t][v] = s.dot(sums[t][v], w, x[t]);
                }
            }
        }
        for v in 0..V {
            let scales = (
                s.load_f(part(&block.scales, from + v)),
                s.load_f(part(&block.mins, from + v)),
            );
            for t in 0..T {
                let dx = s.splat_f(f32::from_bits(x[PAIRS][t]));
                let sx = s.splat_f(f32::from_bits(x[PAIRS + 1][t]));
                let acc = part_mut(&mut out[t], from + v);
                *acc = s.to_floats(add_block::<S, Q, L>(
                    s,
                    s.load_f(acc),
                    sums[t][v],
                    scales,
                    dx,
                    sx,
                ));
            }
        }
    }
}

//! Products with float weights: widened, multiplied, added, column after column.

use super::{Product, Sums, high_f16, low_f16, part, part_mut, with_rows};
use crate::activations::{Activations, FEW};
use crate::matrix::PANEL;
use crate::simd::Lanes;

/// Columns that are widened at once: 16 kB.
const STRIP: usize = 256;

/// What differs between the formats.
pub(super) trait Float {
    /// Columns in a word.
    const PER_WORD: usize;
    /// The first [`PER_WORD`](Self::PER_WORD) are the columns of a word.
    fn widen<S: Lanes<L>, const L: usize>(s: S, v: S::I) -> [S::F; 2];
}

pub(super) struct F32;
pub(super) struct F16;
pub(super) struct Bf16;

impl Float for F32 {
    const PER_WORD: usize = 1;
    #[inline(always)]
    fn widen<S: Lanes<L>, const L: usize>(s: S, v: S::I) -> [S::F; 2] {
        [s.of_bits(v); 2]
    }
}

impl Float for F16 {
    const PER_WORD: usize = 2;
    #[inline(always)]
    fn widen<S: Lanes<L>, const L: usize>(s: S, v: S::I) -> [S::F; 2] {
        [low_f16(s, v), high_f16(s, v)]
    }
}

impl Float for Bf16 {
    const PER_WORD: usize = 2;
    #[inline(always)]
    fn widen<S: Lanes<L>, const L: usize>(s: S, v: S::I) -> [S::F; 2] {
        let high = s.and(v, s.splat(0xffff_0000));
        [s.of_bits(s.shl::<16>(v)), s.of_bits(high)]
    }
}

#[inline(always)]
pub(super) fn product<S: Lanes<L>, W: Float, const L: usize, const V: usize>(
    s: S,
    work: Product<'_>,
) {
    let n = work.x.rows;
    let Some(x) = work.x.only_tile() else {
        for (panel, out) in work.panels.iter().zip(work.out.chunks_exact_mut(n)) {
            many::<S, W, L, V>(s, panel, work.x, out);
        }
        return;
    };
    let (mut panels, mut out) = (work.panels, work.out);
    // A sum is a chain of additions, each waiting for the last: several panels keep the adders busy.
    if n == 1 && S::WHOLE {
        while let Some((four, rest)) = panels.split_first_chunk::<4>() {
            few::<S, W, 1, 4, L, V>(s, four, x, out);
            (panels, out) = (rest, &mut out[4..]);
        }
    }
    if n == 1 {
        while let Some((two, rest)) = panels.split_first_chunk::<2>() {
            few::<S, W, 1, 2, L, V>(s, two, x, out);
            (panels, out) = (rest, &mut out[2..]);
        }
    }
    for (panel, out) in panels.iter().zip(out.chunks_exact_mut(n)) {
        with_rows!(n, [1 2 3], one::<S, W, L, V>(s, panel, x, out));
    }
}

#[inline(always)]
fn one<S: Lanes<L>, W: Float, const T: usize, const L: usize, const V: usize>(
    s: S,
    panel: &[u32],
    x: &[u32],
    out: &mut [Sums],
) {
    few::<S, W, T, 1, L, V>(s, &[panel], x, out);
}

/// `P` panels, straight from memory, times `T` rows.
#[cfg_attr(target_family = "wasm", inline(never))]
#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn few<S: Lanes<L>, W: Float, const T: usize, const P: usize, const L: usize, const V: usize>(
    s: S,
    panels: &[&[u32]; P],
    x: &[u32],
    out: &mut [Sums],
) {
    const { assert!(T <= FEW) };
    let mut acc = [[[s.zero_f(); V]; T]; P];
    let columns = x.as_chunks::<T>().0.chunks_exact(W::PER_WORD);
    let mut words = [&panels[0].as_chunks::<PANEL>().0[..columns.len()]; P];
    for p in 0..P {
        words[p] = &panels[p].as_chunks::<PANEL>().0[..columns.len()];
    }
    for (j, x) in columns.enumerate() {
        for p in 0..P {
            for v in 0..V {
                let w = W::widen(s, s.load(part(&words[p][j], v)));
                for i in 0..W::PER_WORD {
                    for t in 0..T {
                        let x = s.splat_f(f32::from_bits(x[i][t]));
                        acc[p][t][v] = s.add(acc[p][t][v], s.mul(w[i], x));
                    }
                }
            }
        }
    }
    for (out, acc) in out.chunks_exact_mut(T).zip(acc) {
        for (out, acc) in out.iter_mut().zip(acc) {
            for v in 0..V {
                *part_mut(out, v) = s.to_floats(acc[v]);
            }
        }
    }
}

/// A strip of a panel's columns, widened.
#[repr(align(64))]
struct Strip([Sums; STRIP]);

/// One panel times many rows: a strip of columns is widened, and used for all rows.
#[inline(always)]
fn many<S: Lanes<L>, W: Float, const L: usize, const V: usize>(
    s: S,
    panel: &[u32],
    x: &Activations,
    out: &mut [Sums],
) {
    let mut strip = Strip([[0.0; PANEL]; STRIP]);
    out.fill([0.0; PANEL]);
    for (i, words) in panel.chunks(STRIP / W::PER_WORD * PANEL).enumerate() {
        let words = words.as_chunks::<PANEL>().0;
        let strip = &mut strip.0[..words.len() * W::PER_WORD];
        for (word, columns) in words.iter().zip(strip.chunks_exact_mut(W::PER_WORD)) {
            for v in 0..V {
                let w = W::widen(s, s.load(part(word, v)));
                for i in 0..W::PER_WORD {
                    *part_mut(&mut columns[i], v) = s.to_floats(w[i]);
                }
            }
        }
        for (row, interleaved) in x.tiles() {
            let rows = interleaved.len() / x.stride;
            let x = &interleaved[i * STRIP * rows..];
            let out = &mut out[row..row + rows];
            with_rows!(rows, [1 2 3 4 5 6 7 8 9 10 11 12], tile::<S, W, L, V>(s, strip, x, out));
        }
    }
}

#[inline(always)]
fn tile<S: Lanes<L>, W: Float, const T: usize, const L: usize, const V: usize>(
    s: S,
    strip: &[Sums],
    x: &[u32],
    out: &mut [Sums],
) {
    let Some(out) = out.first_chunk_mut::<T>() else {
        return;
    };
    let x = x.as_chunks::<T>().0;
    if S::WHOLE {
        vectors::<S, T, L, V>(s, strip, x, out, 0);
    } else {
        for v in 0..V {
            vectors::<S, T, L, 1>(s, strip, x, out, v);
        }
    }
}

/// `V` vectors of the panel, from vector `from` on, times `T` rows.
#[cfg_attr(target_family = "wasm", inline(never))]
#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn vectors<S: Lanes<L>, const T: usize, const L: usize, const V: usize>(
    s: S,
    strip: &[Sums],
    x: &[[u32; T]],
    out: &mut [Sums; T],
    from: usize,
) {
    let mut acc = [[s.zero_f(); V]; T];
    for t in 0..T {
        for v in 0..V {
            acc[t][v] = s.load_f(part(&out[t], from + v));
        }
    }
    for (column, x) in strip.iter().zip(x) {
        let x = s.splats(x);
        for v in 0..V {
            let w = s.load_f(part(column, from + v));
            for t in 0..T {
                acc[t][v] = s.add(acc[t][v], s.mul(w, s.of_bits(x[t])));
            }
        }
    }
    for t in 0..T {
        for v in 0..V {
            *part_mut(&mut out[t], from + v) = s.to_floats(acc[t][v]);
        }
    }
}

//! Panels of weights times rows of activations.
//!
//! Lane = row of weights, so no sum ever crosses lanes, and a row's sum has one order whatever the vectors' width: the
//! 16 rows of a panel are `V` vectors of `L` lanes.

mod float;
mod quantised;

use crate::activations::Activations;
use crate::matrix::{Format, PANEL};
use crate::simd::{Lanes, PanelKernel};

/// The results of one panel for one row of activations.
pub(crate) type Sums = [f32; PANEL];

/// Most panels of one [`Product`].
pub(crate) const MOST_PANELS: usize = 4;

/// Some panels times all rows: `out` is `[panel][row]`.
pub(crate) struct Product<'a> {
    pub(crate) format: Format,
    pub(crate) panels: &'a [&'a [u32]],
    pub(crate) x: &'a Activations,
    pub(crate) out: &'a mut [Sums],
}

impl PanelKernel for Product<'_> {
    #[inline(always)]
    fn run<S: Lanes<L>, const L: usize, const V: usize>(self, s: S) {
        const { assert!(L * V == PANEL) };
        match self.format {
            Format::F32 => float::product::<S, float::F32, L, V>(s, self),
            Format::F16 => float::product::<S, float::F16, L, V>(s, self),
            Format::Bf16 => float::product::<S, float::Bf16, L, V>(s, self),
            Format::Q8_0 => quantised::product::<S, quantised::Q8_0, L, V>(s, self),
            Format::Q4_0 => quantised::product::<S, quantised::Q4_0, L, V>(s, self),
            Format::Q4_1 => quantised::product::<S, quantised::Q4_1, L, V>(s, self),
        }
    }
}

/// Vector `v` of a panel's 16 numbers.
#[inline(always)]
fn part<T, const L: usize>(panel: &[T; PANEL], v: usize) -> &[T; L] {
    &panel.as_chunks::<L>().0[v]
}

#[inline(always)]
fn part_mut<T, const L: usize>(panel: &mut [T; PANEL], v: usize) -> &mut [T; L] {
    &mut panel.as_chunks_mut::<L>().0[v]
}

/// The f16 in the low half of each lane, widened; normal and subnormal numbers exactly.
#[inline(always)]
fn low_f16<S: Lanes<L>, const L: usize>(s: S, v: S::I) -> S::F {
    high_f16(s, s.shl::<16>(v))
}

/// The f16 in the high half of each lane.
#[inline(always)]
fn high_f16<S: Lanes<L>, const L: usize>(s: S, v: S::I) -> S::F {
    // Sign, exponent and mantissa move to their places, the copies of the sign in between are erased;
    // 2^112 is the difference of the exponents' biases.
    let moved = s.and(s.sra::<3>(v), s.splat(0x8fff_e000));
    s.mul(
        s.of_bits(moved),
        s.splat_f(f32::from_bits((127 + 112) << 23)),
    )
}

/// Calls a function with the number of rows as a constant.
macro_rules! with_rows {
    ($rows:expr, [$($n:literal)*], $f:ident::<$s:ty, $w:ty, $l:ident, $v:ident> $args:tt) => {
        match $rows {
            // Wider tiles than the registers hold are never built.
            $($n if $n <= <$s as Lanes<$l>>::TILE => $f::<$s, $w, $n, $l, $v> $args,)*
            _ => unreachable!("a tile has at most twelve rows"),
        }
    };
}
use with_rows;

//! Panels of weights times rows of activations.
//!
//! Lane = row of weights, so no sum ever crosses lanes, and a row's sum has one order whatever the vectors' width.

mod float;
mod quantised;

use crate::activations::Activations;
use crate::matrix::{Format, PANEL};
use crate::simd::{Kernel, LANES, Simd};

/// The results of one panel for one row of activations, in halves.
pub(crate) type Sums = [[f32; LANES]; PANEL / LANES];

/// Most panels of one [`Product`].
pub(crate) const MOST_PANELS: usize = 4;

/// Some panels times all rows: `out` is `[panel][row]`.
pub(crate) struct Product<'a> {
    pub(crate) format: Format,
    pub(crate) panels: &'a [&'a [u32]],
    pub(crate) x: &'a Activations,
    pub(crate) out: &'a mut [Sums],
}

impl Kernel for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        match self.format {
            Format::F32 => float::product::<S, float::F32>(s, self),
            Format::F16 => float::product::<S, float::F16>(s, self),
            Format::Bf16 => float::product::<S, float::Bf16>(s, self),
            Format::Q8_0 => quantised::product::<S, quantised::Q8_0>(s, self),
            Format::Q4_0 => quantised::product::<S, quantised::Q4_0>(s, self),
            Format::Q4_1 => quantised::product::<S, quantised::Q4_1>(s, self),
        }
    }
}

/// The f16 in the low half of each lane, widened; normal and subnormal numbers exactly.
#[inline(always)]
fn low_f16<S: Simd>(s: S, v: S::I) -> S::F {
    high_f16(s, s.shl::<16>(v))
}

/// The f16 in the high half of each lane.
#[inline(always)]
fn high_f16<S: Simd>(s: S, v: S::I) -> S::F {
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
    ($rows:expr, [$($n:literal)*], $f:ident::<$s:ty, $w:ty> $args:tt) => {
        match $rows {
            // Wider tiles than the registers hold are never built.
            $($n if $n <= <$s>::TILE => $f::<$s, $w, $n> $args,)*
            _ => unreachable!("a tile has at most six rows"),
        }
    };
}
use with_rows;

//! WebAssembly's vectors of 128 bits, two at a time.

use super::{LANES, Lanes, Simd};
use bytemuck::cast;
use core::arch::wasm32::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Simd128;

type V = [v128; 2];

/// A method that does the same to both vectors.
macro_rules! method {
    ($name:ident $(<$n:ident>)? ($($arg:ident),*) = $body:expr) => {
        #[inline(always)]
        fn $name $(<const $n: i32>)? (self, $($arg: V),*) -> V {
            [{ $(let $arg = $arg[0];)* $body }, { $(let $arg = $arg[1];)* $body }]
        }
    };
}

impl Lanes<LANES> for Simd128 {
    type I = V;
    type F = V;
    const WHOLE: bool = false;
    const TILE: usize = 4;

    #[inline(always)]
    fn load(self, words: &[u32; LANES]) -> V {
        cast(*words)
    }
    #[inline(always)]
    fn to_words(self, a: V) -> [u32; LANES] {
        cast(a)
    }
    #[inline(always)]
    fn spread(self, numbers: &[u32; LANES], v: usize) -> V {
        let numbers = self.load(numbers);
        if v == 0 {
            self.shl::<16>(numbers)
        } else {
            numbers
        }
    }
    #[inline(always)]
    fn load_f(self, floats: &[f32; LANES]) -> V {
        cast(*floats)
    }
    #[inline(always)]
    fn to_floats(self, a: V) -> [f32; LANES] {
        cast(a)
    }
    #[inline(always)]
    fn of_bits(self, a: V) -> V {
        a
    }
    #[inline(always)]
    fn splat(self, word: u32) -> V {
        [u32x4_splat(word); 2]
    }
    /// Four at a time by one load: browsers do all loads of a stretch of code first, and would run out of registers.
    #[inline(always)]
    fn splats<const N: usize>(self, words: &[u32; N]) -> [V; N] {
        let mut out = [self.zero(); N];
        if let (4, Some(four)) = (N, words.first_chunk::<4>()) {
            let four: v128 = cast(*four);
            out[0] = [i32x4_shuffle::<0, 0, 0, 0>(four, four); 2];
            out[1] = [i32x4_shuffle::<1, 1, 1, 1>(four, four); 2];
            out[2] = [i32x4_shuffle::<2, 2, 2, 2>(four, four); 2];
            out[3] = [i32x4_shuffle::<3, 3, 3, 3>(four, four); 2];
        } else {
            for i in 0..N {
                out[i] = self.splat(words[i]);
            }
        }
        out
    }
    #[inline(always)]
    fn splat_f(self, x: f32) -> V {
        [f32x4_splat(x); 2]
    }
    method!(and(a, b) = v128_and(a, b));
    method!(shl<N>(a) = i32x4_shl(a, N.cast_unsigned()));
    method!(sra<N>(a) = i32x4_shr(a, N.cast_unsigned()));
    method!(shl16<N>(a) = i16x8_shl(a, N.cast_unsigned()));
    method!(shr16<N>(a) = u16x8_shr(a, N.cast_unsigned()));
    method!(sra16<N>(a) = i16x8_shr(a, N.cast_unsigned()));
    method!(dot(sum, a, b) = i32x4_add(sum, i32x4_dot_i16x8(a, b)));
    method!(convert(a) = f32x4_convert_i32x4(a));
    method!(add(a, b) = f32x4_add(a, b));
    method!(mul(a, b) = f32x4_mul(a, b));
}

impl Simd for Simd128 {
    #[inline(always)]
    fn bits(self, a: V) -> V {
        a
    }
    method!(add_i(a, b) = i32x4_add(a, b));
    method!(sub_i(a, b) = i32x4_sub(a, b));
    #[inline(always)]
    fn narrow(self, a: V, b: V) -> V {
        [
            i16x8_narrow_i32x4(a[0], a[1]),
            i16x8_narrow_i32x4(b[0], b[1]),
        ]
    }
    method!(sub(a, b) = f32x4_sub(a, b));
    method!(div(a, b) = f32x4_div(a, b));
    // The plain comparisons: f32x4.max and min take care of NaN and -0, at a price.
    method!(max(a, b) = f32x4_pmax(a, b));
    method!(min(a, b) = f32x4_pmin(a, b));
    #[inline(always)]
    fn sum(self, a: V) -> f32 {
        let four = f32x4_add(a[0], a[1]);
        let two = f32x4_add(four, i32x4_shuffle::<2, 3, 2, 3>(four, four));
        f32x4_extract_lane::<0>(two) + f32x4_extract_lane::<1>(two)
    }
}

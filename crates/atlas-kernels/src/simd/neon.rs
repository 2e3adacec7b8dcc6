//! NEON's vectors of 128 bits, two at a time.

#![expect(
    unsafe_code,
    reason = "this module is there only if the whole program is compiled for NEON"
)]

use super::{LANES, Lanes, Simd};
use bytemuck::cast;
use core::arch::aarch64::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Neon;

type I = [uint32x4_t; 2];
type F = [float32x4_t; 2];

/// A method that does the same to both vectors.
macro_rules! method {
    ($name:ident $(<$n:ident>)? ($($arg:ident: $type:ty),*) -> $out:ty = $body:expr) => {
        #[inline(always)]
        fn $name $(<const $n: i32>)? (self, $($arg: $type),*) -> $out {
            // SAFETY: the program is compiled for NEON.
            unsafe { [{ $(let $arg = $arg[0];)* $body }, { $(let $arg = $arg[1];)* $body }] }
        }
    };
}

impl Lanes<LANES> for Neon {
    type I = I;
    type F = F;
    const WHOLE: bool = true;
    const TILE: usize = 4;

    #[inline(always)]
    fn load(self, words: &[u32; LANES]) -> I {
        cast(*words)
    }
    #[inline(always)]
    fn to_words(self, a: I) -> [u32; LANES] {
        cast(a)
    }
    #[inline(always)]
    fn spread(self, numbers: &[u32; LANES], v: usize) -> I {
        let numbers = self.load(numbers);
        if v == 0 {
            self.shl::<16>(numbers)
        } else {
            numbers
        }
    }
    #[inline(always)]
    fn load_f(self, floats: &[f32; LANES]) -> F {
        cast(*floats)
    }
    #[inline(always)]
    fn to_floats(self, a: F) -> [f32; LANES] {
        cast(a)
    }
    #[inline(always)]
    fn splat(self, word: u32) -> I {
        // SAFETY: the program is compiled for NEON.
        [unsafe { vdupq_n_u32(word) }; 2]
    }
    #[inline(always)]
    fn splat_f(self, x: f32) -> F {
        // SAFETY: the program is compiled for NEON.
        [unsafe { vdupq_n_f32(x) }; 2]
    }
    method!(of_bits(a: I) -> F = vreinterpretq_f32_u32(a));
    method!(and(a: I, b: I) -> I = vandq_u32(a, b));
    method!(shl<N>(a: I) -> I = vshlq_n_u32::<N>(a));
    method!(sra<N>(a: I) -> I = vreinterpretq_u32_s32(vshrq_n_s32::<N>(vreinterpretq_s32_u32(a))));
    method!(shl16<N>(a: I) -> I = vreinterpretq_u32_u16(vshlq_n_u16::<N>(vreinterpretq_u16_u32(a))));
    method!(shr16<N>(a: I) -> I = vreinterpretq_u32_u16(vshrq_n_u16::<N>(vreinterpretq_u16_u32(a))));
    method!(sra16<N>(a: I) -> I = vreinterpretq_u32_s16(vshrq_n_s16::<N>(vreinterpretq_s16_u32(a))));
    method!(dot(sum: I, a: I, b: I) -> I = {
        let (a, b) = (vreinterpretq_s16_u32(a), vreinterpretq_s16_u32(b));
        let low = vmull_s16(vget_low_s16(a), vget_low_s16(b));
        let pairs = vpaddq_s32(low, vmull_high_s16(a, b));
        vaddq_u32(sum, vreinterpretq_u32_s32(pairs))
    });
    method!(convert(a: I) -> F = vcvtq_f32_s32(vreinterpretq_s32_u32(a)));
    method!(add(a: F, b: F) -> F = vaddq_f32(a, b));
    method!(mul(a: F, b: F) -> F = vmulq_f32(a, b));
}

impl Simd for Neon {
    method!(bits(a: F) -> I = vreinterpretq_u32_f32(a));
    method!(add_i(a: I, b: I) -> I = vaddq_u32(a, b));
    method!(sub_i(a: I, b: I) -> I = vsubq_u32(a, b));
    #[inline(always)]
    fn narrow(self, a: I, b: I) -> I {
        // SAFETY: the program is compiled for NEON.
        let low_halves =
            |x: I| unsafe { vreinterpretq_u32_u16(vcombine_u16(vmovn_u32(x[0]), vmovn_u32(x[1]))) };
        [low_halves(a), low_halves(b)]
    }
    method!(sub(a: F, b: F) -> F = vsubq_f32(a, b));
    method!(div(a: F, b: F) -> F = vdivq_f32(a, b));
    method!(max(a: F, b: F) -> F = vmaxq_f32(a, b));
    method!(min(a: F, b: F) -> F = vminq_f32(a, b));
    #[inline(always)]
    fn sum(self, a: F) -> f32 {
        let a: [f32; LANES] = cast(a);
        ((a[0] + a[4]) + (a[2] + a[6])) + ((a[1] + a[5]) + (a[3] + a[7]))
    }
}

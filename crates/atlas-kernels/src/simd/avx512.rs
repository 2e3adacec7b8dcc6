//! AVX-512: a panel is one vector. What works on eight lanes is left to AVX2.

#![expect(
    unsafe_code,
    reason = "an Avx512 exists only where all of its instructions were detected, so they may be used"
)]

use super::x86::Avx2;
use super::{Kernel, LANES, Lanes, PanelKernel};
use bytemuck::cast;
use std::arch::x86_64::*;
use std::mem::transmute;

/// Lanes of a vector.
const WIDE: usize = 16;

/// Proof that the processor has AVX2 and those parts of AVX-512 that a kernel is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Avx512(Avx2);

impl Avx512 {
    pub(super) fn detect() -> Option<Self> {
        let all = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512vnni");
        Avx2::detect().filter(|_| all).map(Self)
    }

    /// Eight lanes are AVX2's: compiled for more registers, attention was 2 to 4 % slower.
    #[inline]
    pub(super) fn run<K: Kernel>(self, kernel: K) -> K::Output {
        self.0.run(kernel)
    }

    #[inline]
    pub(super) fn run_on_panels<K: PanelKernel>(self, kernel: K) {
        #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
        fn compiled<K: PanelKernel>(avx512: Avx512, kernel: K) {
            kernel.run::<_, WIDE, 1>(avx512);
        }
        // SAFETY: `self` proves that all these are there.
        unsafe { compiled(self, kernel) }
    }
}

type I = __m512i;
type F = __m512;

/// A method that is one expression of AVX-512's own functions.
macro_rules! method {
    ($name:ident $(<$n:ident>)? ($($arg:ident: $type:ty),*) -> $out:ty = $body:expr) => {
        #[inline(always)]
        fn $name $(<const $n: i32>)? (self, $($arg: $type),*) -> $out {
            // SAFETY: `self` proves that AVX-512 is there.
            unsafe { $body }
        }
    };
}

/// As [`method`], where the functions take the number of bits as another type.
macro_rules! shift {
    ($name:ident = $shift:ident) => {
        #[inline(always)]
        fn $name<const N: i32>(self, a: I) -> I {
            // SAFETY: `self` proves that AVX-512 is there.
            unsafe { $shift(a, _mm_cvtsi32_si128(N)) }
        }
    };
}

impl Lanes<WIDE> for Avx512 {
    type I = I;
    type F = F;
    const WHOLE: bool = true;
    const TILE: usize = 12;

    method!(load(words: &[u32; WIDE]) -> I = transmute(*words));
    method!(to_words(a: I) -> [u32; WIDE] = transmute(a));
    method!(load_f(floats: &[f32; WIDE]) -> F = transmute(*floats));
    method!(to_floats(a: F) -> [f32; WIDE] = transmute(a));
    method!(of_bits(a: I) -> F = _mm512_castsi512_ps(a));
    #[inline(always)]
    fn spread(self, numbers: &[u32; LANES], _: usize) -> I {
        // SAFETY: `self` proves that AVX-512 is there.
        unsafe {
            let both = _mm512_broadcast_i32x8(cast(*numbers));
            _mm512_mask_slli_epi32::<16>(both, 0x00ff, both)
        }
    }
    method!(splat(word: u32) -> I = _mm512_set1_epi32(word.cast_signed()));
    method!(and(a: I, b: I) -> I = _mm512_and_si512(a, b));
    shift!(shl = _mm512_sll_epi32);
    shift!(sra = _mm512_sra_epi32);
    shift!(shl16 = _mm512_sll_epi16);
    shift!(shr16 = _mm512_srl_epi16);
    shift!(sra16 = _mm512_sra_epi16);
    method!(dot(sum: I, a: I, b: I) -> I = _mm512_dpwssd_epi32(sum, a, b));
    method!(convert(a: I) -> F = _mm512_cvtepi32_ps(a));
    method!(splat_f(x: f32) -> F = _mm512_set1_ps(x));
    method!(add(a: F, b: F) -> F = _mm512_add_ps(a, b));
    method!(mul(a: F, b: F) -> F = _mm512_mul_ps(a, b));
}

//! AVX2. Unsafe code stands here and beside, in `avx512` and `neon`, only: calls of functions that the processor is
//! known to have.

#![expect(
    unsafe_code,
    reason = "an Avx2 exists only where AVX2 was detected, so its instructions may be used"
)]

use super::{Kernel, LANES, Lanes, Simd};
use bytemuck::cast;
use std::arch::x86_64::*;

/// Proof that the processor has AVX2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Avx2(());

impl Avx2 {
    pub(super) fn detect() -> Option<Self> {
        is_x86_feature_detected!("avx2").then_some(Self(()))
    }

    #[inline]
    pub(super) fn run<K: Kernel>(self, kernel: K) -> K::Output {
        #[target_feature(enable = "avx2")]
        fn compiled<K: Kernel>(avx2: Avx2, kernel: K) -> K::Output {
            kernel.run(avx2)
        }
        // SAFETY: `self` proves that AVX2 is there.
        unsafe { compiled(self, kernel) }
    }
}

type I = __m256i;
type F = __m256;

/// A method that is one expression of AVX2's own functions.
macro_rules! method {
    ($name:ident $(<$n:ident>)? ($($arg:ident: $type:ty),*) -> $out:ty = $body:expr) => {
        #[inline(always)]
        fn $name $(<const $n: i32>)? (self, $($arg: $type),*) -> $out {
            // SAFETY: `self` proves that AVX2 is there.
            unsafe { $body }
        }
    };
}

impl Lanes<LANES> for Avx2 {
    type I = I;
    type F = F;
    const WHOLE: bool = true;
    const TILE: usize = 6;

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
    fn of_bits(self, a: I) -> F {
        cast(a)
    }
    method!(splat(word: u32) -> I = _mm256_set1_epi32(word.cast_signed()));
    method!(and(a: I, b: I) -> I = _mm256_and_si256(a, b));
    method!(shl<N>(a: I) -> I = _mm256_slli_epi32::<N>(a));
    method!(sra<N>(a: I) -> I = _mm256_srai_epi32::<N>(a));
    method!(shl16<N>(a: I) -> I = _mm256_slli_epi16::<N>(a));
    method!(shr16<N>(a: I) -> I = _mm256_srli_epi16::<N>(a));
    method!(sra16<N>(a: I) -> I = _mm256_srai_epi16::<N>(a));
    method!(dot(sum: I, a: I, b: I) -> I = _mm256_add_epi32(sum, _mm256_madd_epi16(a, b)));
    method!(convert(a: I) -> F = _mm256_cvtepi32_ps(a));
    method!(splat_f(x: f32) -> F = _mm256_set1_ps(x));
    method!(add(a: F, b: F) -> F = _mm256_add_ps(a, b));
    method!(mul(a: F, b: F) -> F = _mm256_mul_ps(a, b));
}

impl Simd for Avx2 {
    #[inline(always)]
    fn bits(self, a: F) -> I {
        cast(a)
    }
    method!(add_i(a: I, b: I) -> I = _mm256_add_epi32(a, b));
    method!(sub_i(a: I, b: I) -> I = _mm256_sub_epi32(a, b));
    // Packing works on 128 bits at a time, hence the second step.
    method!(narrow(a: I, b: I) -> I = _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_packs_epi32(a, b)));
    method!(sub(a: F, b: F) -> F = _mm256_sub_ps(a, b));
    method!(div(a: F, b: F) -> F = _mm256_div_ps(a, b));
    method!(max(a: F, b: F) -> F = _mm256_max_ps(a, b));
    method!(min(a: F, b: F) -> F = _mm256_min_ps(a, b));
    method!(sum(a: F) -> f32 = {
        let four = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps::<1>(a));
        let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
        _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)))
    });
}

//! Eight lanes of arithmetic, by whatever the processor has.
//!
//! A kernel is written once, over [`Simd`], and [`Isa::run`] compiles it for each instruction set. Every operation
//! rounds as IEEE 754 says and none fuses two, so each instruction set gives the same bits.
//!
//! Natively all of a kernel has to be inlined, for only its outermost function is compiled for the instruction set. In a
//! browser all functions are, and inner loops stand in functions of their own: its compiler runs out of registers in
//! large ones.

#[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
mod neon;
mod scalar;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm;
#[cfg(target_arch = "x86_64")]
mod x86;

use std::sync::OnceLock;

/// Lanes of a vector.
pub(crate) const LANES: usize = 8;

/// Vectors of eight lanes. Methods are inlined into a function compiled for the instruction set.
pub(crate) trait Simd: Copy {
    /// Eight 32-bit integers, or sixteen of 16 bits.
    type I: Copy;
    /// Eight floats.
    type F: Copy;
    /// Vectors of a panel (one or two) that a tile takes at once, and
    const HALVES: usize;
    /// rows of activations beside them: as many sums as registers hold.
    const TILE: usize;

    fn load(self, words: &[u32; LANES]) -> Self::I;
    fn splat(self, word: u32) -> Self::I;
    fn and(self, a: Self::I, b: Self::I) -> Self::I;
    fn add_i(self, a: Self::I, b: Self::I) -> Self::I;
    fn sub_i(self, a: Self::I, b: Self::I) -> Self::I;
    /// Shifts of 32-bit lanes,
    fn shl<const N: i32>(self, a: Self::I) -> Self::I;
    fn sra<const N: i32>(self, a: Self::I) -> Self::I;
    /// and of 16-bit lanes.
    fn shl16<const N: i32>(self, a: Self::I) -> Self::I;
    fn shr16<const N: i32>(self, a: Self::I) -> Self::I;
    fn sra16<const N: i32>(self, a: Self::I) -> Self::I;
    /// `sum` + the product of pairs of i16.
    fn dot(self, sum: Self::I, a: Self::I, b: Self::I) -> Self::I;
    /// Sixteen 32-bit integers as 16 bits, in order.
    fn narrow(self, a: Self::I, b: Self::I) -> Self::I;
    /// The nearest float.
    fn convert(self, a: Self::I) -> Self::F;
    fn bits(self, a: Self::F) -> Self::I;
    fn of_bits(self, a: Self::I) -> Self::F;
    fn to_words(self, a: Self::I) -> [u32; LANES];

    fn load_f(self, floats: &[f32; LANES]) -> Self::F;
    fn to_floats(self, a: Self::F) -> [f32; LANES];
    fn splat_f(self, x: f32) -> Self::F;
    fn add(self, a: Self::F, b: Self::F) -> Self::F;
    fn sub(self, a: Self::F, b: Self::F) -> Self::F;
    fn mul(self, a: Self::F, b: Self::F) -> Self::F;
    fn div(self, a: Self::F, b: Self::F) -> Self::F;
    /// Of numbers: what a NaN gives differs between processors.
    fn max(self, a: Self::F, b: Self::F) -> Self::F;
    fn min(self, a: Self::F, b: Self::F) -> Self::F;
    /// `((0 + 4) + (2 + 6)) + ((1 + 5) + (3 + 7))`: halves upon halves.
    fn sum(self, a: Self::F) -> f32;

    /// Each word in all lanes of a vector of its own.
    #[inline(always)]
    fn splats<const N: usize>(self, words: &[u32; N]) -> [Self::I; N] {
        let mut out = [self.zero(); N];
        for i in 0..N {
            out[i] = self.splat(words[i]);
        }
        out
    }
    #[inline(always)]
    fn zero(self) -> Self::I {
        self.splat(0)
    }
    #[inline(always)]
    fn zero_f(self) -> Self::F {
        self.splat_f(0.0)
    }
    #[inline(always)]
    fn abs(self, a: Self::F) -> Self::F {
        self.of_bits(self.and(self.bits(a), self.splat(0x7fff_ffff)))
    }
}

/// Something to run on whatever instruction set there is. `run` has to be `#[inline(always)]`.
pub(crate) trait Kernel {
    type Output;
    fn run<S: Simd>(self, s: S) -> Self::Output;
}

/// An instruction set that this processor has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Isa(Set);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    Scalar,
    #[cfg(target_arch = "x86_64")]
    Avx2(x86::Avx2),
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    Simd128,
    #[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
    Neon,
}

impl Isa {
    /// The fastest one. `ATLAS_ISA=scalar` asks for none.
    pub(crate) fn best() -> Self {
        static BEST: OnceLock<Isa> = OnceLock::new();
        *BEST.get_or_init(|| {
            let all = Self::all();
            let scalar = std::env::var("ATLAS_ISA").is_ok_and(|isa| isa == "scalar");
            all[if scalar { 0 } else { all.len() - 1 }]
        })
    }

    /// All there are, the fastest last.
    pub(crate) fn all() -> Vec<Self> {
        let mut all = vec![Self(Set::Scalar)];
        #[cfg(target_arch = "x86_64")]
        all.extend(x86::Avx2::detect().map(Set::Avx2).map(Self));
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        all.push(Self(Set::Simd128));
        #[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
        all.push(Self(Set::Neon));
        all
    }

    fn name(self) -> &'static str {
        match self.0 {
            Set::Scalar => "scalar",
            #[cfg(target_arch = "x86_64")]
            Set::Avx2(_) => "AVX2",
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Set::Simd128 => "simd128",
            #[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
            Set::Neon => "NEON",
        }
    }

    /// Runs `kernel` compiled for this instruction set.
    #[inline]
    pub(crate) fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self.0 {
            Set::Scalar => kernel.run(scalar::Scalar),
            #[cfg(target_arch = "x86_64")]
            Set::Avx2(avx2) => avx2.run(kernel),
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Set::Simd128 => kernel.run(wasm::Simd128),
            #[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
            Set::Neon => kernel.run(neon::Neon),
        }
    }
}

/// The instruction set in use, for benchmarks: `"AVX2"`, `"NEON"`, `"simd128"` or `"scalar"`.
#[must_use]
pub fn isa() -> &'static str {
    Isa::best().name()
}

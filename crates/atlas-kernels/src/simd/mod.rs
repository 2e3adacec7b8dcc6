//! Lanes of arithmetic, by whatever the processor has.
//!
//! A kernel is written once, over [`Simd`], and [`Isa::run`] compiles it for each instruction set. A product knows no
//! number of lanes and is written over [`Lanes`], for there are processors with vectors as wide as a panel. Every operation
//! rounds as IEEE 754 says and none fuses two, so each instruction set gives the same bits.
//!
//! Natively all of a kernel has to be inlined, for only its outermost function is compiled for the instruction set. In a
//! browser all functions are, and inner loops stand in functions of their own: its compiler runs out of registers in
//! large ones.

#[cfg(target_arch = "x86_64")]
mod avx512;
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

/// Vectors of `L` lanes, and all that a product needs. Methods are inlined into a function compiled for the
/// instruction set.
pub(crate) trait Lanes<const L: usize>: Copy {
    /// `L` 32-bit integers, or twice as many of 16 bits.
    type I: Copy;
    /// `L` floats.
    type F: Copy;
    /// Whether a tile takes all vectors of a panel at once, and
    const WHOLE: bool;
    /// the rows of activations beside them: as many sums as registers hold.
    const TILE: usize;

    fn load(self, words: &[u32; L]) -> Self::I;
    fn splat(self, word: u32) -> Self::I;
    fn and(self, a: Self::I, b: Self::I) -> Self::I;
    /// Shifts of 32-bit lanes,
    fn shl<const N: i32>(self, a: Self::I) -> Self::I;
    fn sra<const N: i32>(self, a: Self::I) -> Self::I;
    /// and of 16-bit lanes.
    fn shl16<const N: i32>(self, a: Self::I) -> Self::I;
    fn shr16<const N: i32>(self, a: Self::I) -> Self::I;
    fn sra16<const N: i32>(self, a: Self::I) -> Self::I;
    /// `sum` + the product of pairs of i16.
    fn dot(self, sum: Self::I, a: Self::I, b: Self::I) -> Self::I;
    /// The nearest float.
    fn convert(self, a: Self::I) -> Self::F;
    fn of_bits(self, a: Self::I) -> Self::F;
    fn to_words(self, a: Self::I) -> [u32; L];
    /// Of a panel's 16 numbers of 16 bits, those of vector `v`, each in the high half of its lane.
    /// A word holds number `i` and, above it, number `i + 8`.
    fn spread(self, numbers: &[u32; LANES], v: usize) -> Self::I;

    fn load_f(self, floats: &[f32; L]) -> Self::F;
    fn to_floats(self, a: Self::F) -> [f32; L];
    fn splat_f(self, x: f32) -> Self::F;
    fn add(self, a: Self::F, b: Self::F) -> Self::F;
    fn mul(self, a: Self::F, b: Self::F) -> Self::F;

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
}

/// Vectors of eight lanes, and what the rest needs: a sum across lanes depends on their number.
pub(crate) trait Simd: Lanes<LANES> {
    fn add_i(self, a: Self::I, b: Self::I) -> Self::I;
    fn sub_i(self, a: Self::I, b: Self::I) -> Self::I;
    /// Sixteen 32-bit integers as 16 bits, in order.
    fn narrow(self, a: Self::I, b: Self::I) -> Self::I;
    fn bits(self, a: Self::F) -> Self::I;

    fn sub(self, a: Self::F, b: Self::F) -> Self::F;
    fn div(self, a: Self::F, b: Self::F) -> Self::F;
    /// Of numbers: what a NaN gives differs between processors.
    fn max(self, a: Self::F, b: Self::F) -> Self::F;
    fn min(self, a: Self::F, b: Self::F) -> Self::F;
    /// `((0 + 4) + (2 + 6)) + ((1 + 5) + (3 + 7))`: halves upon halves.
    fn sum(self, a: Self::F) -> f32;

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

/// Something to run on vectors that fill a panel: one of 16 lanes where there are such, or two of eight.
pub(crate) trait PanelKernel {
    fn run<S: Lanes<L>, const L: usize, const V: usize>(self, s: S);
}

/// An instruction set that this processor has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Isa(Set);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    Scalar,
    #[cfg(target_arch = "x86_64")]
    Avx2(x86::Avx2),
    #[cfg(target_arch = "x86_64")]
    Avx512(avx512::Avx512),
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    Simd128,
    #[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
    Neon,
}

impl Isa {
    /// The one that `ATLAS_ISA` names, as [`Isa::named`] takes it.
    pub(crate) fn best() -> Self {
        static BEST: OnceLock<Isa> = OnceLock::new();
        *BEST.get_or_init(|| Self::named(&std::env::var("ATLAS_ISA").unwrap_or_default()))
    }

    /// `scalar`, `avx2`, `avx512`, `neon` or `simd128`; the fastest there is under any other name, or if the processor
    /// lacks what is named: a slower one is only good for comparing, as all give the same bits.
    fn named(name: &str) -> Self {
        let all = Self::all();
        let named = all
            .iter()
            .find(|isa| isa.name().replace('-', "").eq_ignore_ascii_case(name));
        *named.unwrap_or(&all[all.len() - 1])
    }

    /// All there are, the fastest last.
    pub(crate) fn all() -> Vec<Self> {
        let mut all = vec![Self(Set::Scalar)];
        #[cfg(target_arch = "x86_64")]
        all.extend(x86::Avx2::detect().map(Set::Avx2).map(Self));
        #[cfg(target_arch = "x86_64")]
        all.extend(avx512::Avx512::detect().map(Set::Avx512).map(Self));
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
            #[cfg(target_arch = "x86_64")]
            Set::Avx512(_) => "AVX-512",
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Set::Simd128 => "simd128",
            #[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
            Set::Neon => "NEON",
        }
    }

    /// Rows of activations that a product takes at once, if there are many.
    pub(crate) fn tile(self) -> usize {
        match self.0 {
            Set::Scalar => scalar::Scalar::TILE,
            #[cfg(target_arch = "x86_64")]
            Set::Avx2(_) => x86::Avx2::TILE,
            #[cfg(target_arch = "x86_64")]
            Set::Avx512(_) => avx512::Avx512::TILE,
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Set::Simd128 => wasm::Simd128::TILE,
            #[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
            Set::Neon => neon::Neon::TILE,
        }
    }

    /// Runs `kernel` compiled for this instruction set.
    #[inline]
    pub(crate) fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self.0 {
            Set::Scalar => kernel.run(scalar::Scalar),
            #[cfg(target_arch = "x86_64")]
            Set::Avx2(avx2) => avx2.run(kernel),
            #[cfg(target_arch = "x86_64")]
            Set::Avx512(avx512) => avx512.run(kernel),
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Set::Simd128 => kernel.run(wasm::Simd128),
            #[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
            Set::Neon => kernel.run(neon::Neon),
        }
    }

    /// Runs `kernel` on the widest vectors of this instruction set.
    #[inline]
    pub(crate) fn run_on_panels<K: PanelKernel>(self, kernel: K) {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Set::Avx512(avx512) => avx512.run_on_panels(kernel),
            _ => self.run(InEights(kernel)),
        }
    }
}

/// A panel in two vectors of eight lanes.
struct InEights<K>(K);

impl<K: PanelKernel> Kernel for InEights<K> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        self.0.run::<S, LANES, 2>(s);
    }
}

/// The instruction set in use, for benchmarks: `"AVX-512"`, `"AVX2"`, `"NEON"`, `"simd128"` or `"scalar"`.
#[must_use]
pub fn isa() -> &'static str {
    Isa::best().name()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_not_here_means_the_fastest() {
        let all = Isa::all();
        assert_eq!(Isa::named("scalar"), all[0]);
        for isa in &all {
            let name = isa.name().to_lowercase().replace('-', "");
            assert_eq!(Isa::named(&name), *isa, "{name}");
        }
        for name in ["", "avx1024"] {
            assert_eq!(Isa::named(name), all[all.len() - 1], "{name}");
        }
    }
}

//! The exponential, and what is made of it: our own, so that every processor gives the same bits.

use crate::simd::Simd;

/// Adding this rounds a float below 2²² to an integer, ties to even, and leaves it in the low bits.
pub(crate) const ROUND: f32 = 12_582_912.0;

/// Between these the result is a normal float.
const RANGE: (f32, f32) = (-87.0, 88.0);

/// `e^x` within two units in the last place; beyond -87 and 88 it is that of the bound.
#[inline(always)]
pub(crate) fn exp<S: Simd>(s: S, x: S::F) -> S::F {
    let c = |x| s.splat_f(x);
    let x = s.min(s.max(x, c(RANGE.0)), c(RANGE.1));
    // x = n ln 2 + r, with ln 2 in two parts of which the first has few bits: its product with n is exact.
    let shifted = s.add(s.mul(x, c(std::f32::consts::LOG2_E)), c(ROUND));
    let n = s.sub(shifted, c(ROUND));
    let r = s.sub(x, s.mul(n, c(0.693_359_4)));
    let r = s.add(r, s.mul(n, c(2.121_944_4e-4)));
    // Cephes' polynomial for e^r = 1 + r + r² p(r).
    let mut p = c(1.987_569_1e-4);
    for k in [
        1.398_2e-3,
        8.333_452e-3,
        4.166_579_6e-2,
        1.666_666_5e-1,
        0.5,
    ] {
        p = s.add(s.mul(p, r), c(k));
    }
    let e = s.add(s.add(s.mul(s.mul(r, r), p), r), c(1.0));
    // Times 2^n: n stands in the low bits of `shifted`, and goes to the exponent.
    s.of_bits(s.add_i(s.bits(e), s.shl::<23>(s.bits(shifted))))
}

/// `x / (1 + e^-x)`.
#[inline(always)]
pub(crate) fn silu<S: Simd>(s: S, x: S::F) -> S::F {
    let e = exp(s, s.sub(s.zero_f(), x));
    s.div(x, s.add(s.splat_f(1.0), e))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{Isa, Kernel, LANES};
    use crate::testing::bits;

    /// `exp` or `silu` of each.
    struct Each<'a>(&'a [f32], bool);

    impl Kernel for Each<'_> {
        type Output = Vec<f32>;
        #[inline(always)]
        fn run<S: Simd>(self, s: S) -> Vec<f32> {
            let mut out = Vec::new();
            for x in self.0.as_chunks::<LANES>().0 {
                let x = s.load_f(x);
                out.extend(s.to_floats(if self.1 { silu(s, x) } else { exp(s, x) }));
            }
            out
        }
    }

    #[test]
    fn exp_is_within_two_units_in_the_last_place() {
        let x: Vec<f32> = (0..1_400_000).map(|i| -87.0 + i as f32 * 1.25e-4).collect();
        let plain = Isa::all()[0].run(Each(&x, false));
        for (x, y) in x.iter().zip(&plain) {
            let exact = f64::from(*x).exp();
            let ulp =
                f64::from(f32::from_bits((exact as f32).to_bits() + 1)) - f64::from(exact as f32);
            assert!(
                (f64::from(*y) - exact).abs() <= 2.0 * ulp,
                "exp({x}) = {y}, not {exact}"
            );
        }
        for isa in Isa::all() {
            assert_eq!(bits(&isa.run(Each(&x, false))), bits(&plain), "{isa:?}");
        }
    }

    #[test]
    fn exp_is_clamped_and_silu_is_calm_far_out() {
        for isa in Isa::all() {
            let y = isa.run(Each(
                &[-1e30, -88.0, -87.0, 88.0, 89.0, 1e30, 0.0, -0.0],
                false,
            ));
            assert_eq!((y[0], y[1], y[5]), (y[2], y[2], y[3]));
            assert_eq!((y[6], y[7]), (1.0, 1.0));
            let y = isa.run(Each(&[-1e4, -100.0, -1.0, 0.0, 1.0, 100.0, 1e4, 2.0], true));
            assert!(y[0].abs() < 1e-30 && y[1].abs() < 1e-30);
            assert_eq!((y[3], y[5], y[6]), (0.0, 100.0, 1e4));
            assert!((y[4] - 0.731_058_6).abs() < 1e-6 && (y[2] + 0.268_941_43).abs() < 1e-6);
        }
    }
}

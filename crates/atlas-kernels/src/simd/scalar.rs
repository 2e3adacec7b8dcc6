//! Plain arrays, for processors without a path of their own.

use super::{LANES, Lanes, Simd};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scalar;

type I = [u32; LANES];
type F = [f32; LANES];

#[inline(always)]
fn map<A: Copy, B: Copy>(
    a: [A; LANES],
    b: [A; LANES],
    zero: B,
    f: impl Fn(A, A) -> B,
) -> [B; LANES] {
    let mut out = [zero; LANES];
    for i in 0..LANES {
        out[i] = f(a[i], b[i]);
    }
    out
}

/// Both 16-bit halves of every lane.
#[inline(always)]
fn halves(a: I, f: impl Fn(u16) -> u16) -> I {
    map(a, a, 0, |a, _| {
        u32::from(f(a as u16)) | u32::from(f((a >> 16) as u16)) << 16
    })
}

#[inline(always)]
fn pair(a: u32, b: u32) -> u32 {
    let product = |shift: u32| {
        let half = |x: u32| i32::from((x >> shift) as u16 as i16);
        half(a).wrapping_mul(half(b))
    };
    product(0).wrapping_add(product(16)).cast_unsigned()
}

impl Lanes<LANES> for Scalar {
    type I = I;
    type F = F;
    const WHOLE: bool = false;
    const TILE: usize = 4;

    #[inline(always)]
    fn load(self, words: &I) -> I {
        *words
    }
    #[inline(always)]
    fn splat(self, word: u32) -> I {
        [word; LANES]
    }
    #[inline(always)]
    fn and(self, a: I, b: I) -> I {
        map(a, b, 0, |a, b| a & b)
    }
    #[inline(always)]
    fn shl<const N: i32>(self, a: I) -> I {
        map(a, a, 0, |a, _| a << N)
    }
    #[inline(always)]
    fn sra<const N: i32>(self, a: I) -> I {
        map(a, a, 0, |a, _| (a.cast_signed() >> N).cast_unsigned())
    }
    #[inline(always)]
    fn shl16<const N: i32>(self, a: I) -> I {
        halves(a, |h| h << N)
    }
    #[inline(always)]
    fn shr16<const N: i32>(self, a: I) -> I {
        halves(a, |h| h >> N)
    }
    #[inline(always)]
    fn sra16<const N: i32>(self, a: I) -> I {
        halves(a, |h| (h.cast_signed() >> N).cast_unsigned())
    }
    #[inline(always)]
    fn dot(self, sum: I, a: I, b: I) -> I {
        map(sum, map(a, b, 0, pair), 0, u32::wrapping_add)
    }
    #[inline(always)]
    fn convert(self, a: I) -> F {
        map(a, a, 0.0, |a, _| a.cast_signed() as f32)
    }
    #[inline(always)]
    fn of_bits(self, a: I) -> F {
        map(a, a, 0.0, |a, _| f32::from_bits(a))
    }
    #[inline(always)]
    fn to_words(self, a: I) -> I {
        a
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
    fn load_f(self, floats: &F) -> F {
        *floats
    }
    #[inline(always)]
    fn to_floats(self, a: F) -> F {
        a
    }
    #[inline(always)]
    fn splat_f(self, x: f32) -> F {
        [x; LANES]
    }
    #[inline(always)]
    fn add(self, a: F, b: F) -> F {
        map(a, b, 0.0, |a, b| a + b)
    }
    #[inline(always)]
    fn mul(self, a: F, b: F) -> F {
        map(a, b, 0.0, |a, b| a * b)
    }
}

impl Simd for Scalar {
    #[inline(always)]
    fn add_i(self, a: I, b: I) -> I {
        map(a, b, 0, u32::wrapping_add)
    }
    #[inline(always)]
    fn sub_i(self, a: I, b: I) -> I {
        map(a, b, 0, u32::wrapping_sub)
    }
    #[inline(always)]
    fn narrow(self, a: I, b: I) -> I {
        let mut out = [0; LANES];
        for i in 0..LANES / 2 {
            out[i] = a[2 * i] & 0xffff | a[2 * i + 1] << 16;
            out[i + LANES / 2] = b[2 * i] & 0xffff | b[2 * i + 1] << 16;
        }
        out
    }
    #[inline(always)]
    fn bits(self, a: F) -> I {
        map(a, a, 0, |a, _| a.to_bits())
    }
    #[inline(always)]
    fn sub(self, a: F, b: F) -> F {
        map(a, b, 0.0, |a, b| a - b)
    }
    #[inline(always)]
    fn div(self, a: F, b: F) -> F {
        map(a, b, 0.0, |a, b| a / b)
    }
    #[inline(always)]
    fn max(self, a: F, b: F) -> F {
        map(a, b, 0.0, |a, b| if a > b { a } else { b })
    }
    #[inline(always)]
    fn min(self, a: F, b: F) -> F {
        map(a, b, 0.0, |a, b| if a < b { a } else { b })
    }
    #[inline(always)]
    fn sum(self, a: F) -> f32 {
        ((a[0] + a[4]) + (a[2] + a[6])) + ((a[1] + a[5]) + (a[3] + a[7]))
    }
}

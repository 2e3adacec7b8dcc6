//! Root-mean-square normalisation.

use crate::simd::{LANES, Simd};

/// Divides a row by its root mean square, and multiplies it by a gain per column: `x / sqrt(mean(x²) + epsilon) * gain`.
#[derive(Clone, Copy, Debug)]
pub struct Norm<'a> {
    /// One factor per column.
    pub gain: &'a [f32],
    /// Keeps a row of zeros finite.
    pub epsilon: f32,
}

impl Norm<'_> {
    #[inline(always)]
    pub(crate) fn apply<S: Simd>(&self, s: S, row: &[f32], out: &mut [f32]) {
        let (eights, rest) = row.as_chunks::<LANES>();
        let mut sum = s.zero_f();
        for x in eights {
            let x = s.load_f(x);
            sum = s.add(sum, s.mul(x, x));
        }
        let x = s.load_f(&fill_up(rest));
        let squares = s.sum(s.add(sum, s.mul(x, x)));
        let root = (squares / row.len() as f32 + self.epsilon).sqrt();
        let by = s.splat_f(root);
        let (gains, last_gains) = self.gain.as_chunks::<LANES>();
        let (outs, last) = out.as_chunks_mut::<LANES>();
        for ((x, gain), out) in eights.iter().zip(gains).zip(outs) {
            *out = s.to_floats(s.mul(s.div(s.load_f(x), by), s.load_f(gain)));
        }
        for ((x, gain), out) in rest.iter().zip(last_gains).zip(last) {
            *out = x / root * gain;
        }
    }
}

/// Up to eight floats, and zeros.
#[inline(always)]
pub(crate) fn fill_up(rest: &[f32]) -> [f32; LANES] {
    let mut full = [0.0; LANES];
    full[..rest.len()].copy_from_slice(rest);
    full
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{Isa, Kernel};
    use crate::testing::Rng;

    struct Apply<'a>(Norm<'a>, &'a [f32]);

    impl Kernel for Apply<'_> {
        type Output = Vec<f32>;
        #[inline(always)]
        fn run<S: Simd>(self, s: S) -> Vec<f32> {
            let mut out = vec![0.0; self.1.len()];
            self.0.apply(s, self.1, &mut out);
            out
        }
    }

    #[test]
    fn it_is_the_formula_on_every_instruction_set() {
        let mut rng = Rng::new(3);
        for width in [1, 7, 8, 20, 576] {
            let (x, gain) = (rng.floats(width), rng.floats(width));
            let norm = Norm {
                gain: &gain,
                epsilon: 1e-5,
            };
            let mut acc = [0.0f32; 8];
            for (i, x) in x.iter().enumerate() {
                acc[i % 8] += x * x;
            }
            let [a, b, c, d, e, f, g, h] = acc;
            let squares = ((a + e) + (c + g)) + ((b + f) + (d + h));
            let root = (squares / width as f32 + 1e-5).sqrt();
            let want: Vec<_> = x
                .iter()
                .zip(&gain)
                .map(|(x, gain)| x / root * gain)
                .collect();
            for isa in Isa::all() {
                assert_eq!(isa.run(Apply(norm, &x)), want, "{isa:?}, {width} columns");
            }
        }
    }
}

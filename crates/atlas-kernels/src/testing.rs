//! What the tests share: a seeded generator, stored weights and their plain reading.

use crate::matrix::{Format, Matrix};
use half::{bf16, f16};

pub(crate) const FORMATS: [Format; 6] = [
    Format::F32,
    Format::F16,
    Format::Bf16,
    Format::Q8_0,
    Format::Q4_0,
    Format::Q4_1,
];

/// SplitMix64.
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in -1..1.
    pub(crate) fn unit(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }

    pub(crate) fn floats(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| self.unit()).collect()
    }
}

/// Random weights as a file stores them, subnormal halves among them.
pub(crate) fn stored(rng: &mut Rng, matrix: Matrix) -> Vec<u8> {
    let count = matrix.rows * matrix.cols;
    let small = |rng: &mut Rng| {
        let tiny = if rng.bits().is_multiple_of(8) {
            1e-5
        } else {
            0.1
        };
        f16::from_f32(rng.unit() * tiny).to_le_bytes()
    };
    let mut bytes = Vec::new();
    match matrix.format {
        Format::F32 => (0..count).for_each(|_| bytes.extend(rng.unit().to_le_bytes())),
        Format::F16 => (0..count).for_each(|_| bytes.extend(small(rng))),
        Format::Bf16 => {
            (0..count).for_each(|_| bytes.extend(bf16::from_f32(rng.unit()).to_le_bytes()));
        }
        format => {
            for _ in 0..count / 32 {
                bytes.extend(small(rng));
                if format == Format::Q4_1 {
                    bytes.extend(small(rng));
                }
                let quants = if format == Format::Q8_0 { 32 } else { 16 };
                bytes.extend((0..quants).map(|_| rng.bits() as u8));
            }
        }
    }
    bytes
}

/// The weights as floats, read from the file's bytes.
pub(crate) fn widen(matrix: Matrix, stored: &[u8]) -> Vec<f32> {
    let half = |b: &[u8], at: usize| f16::from_le_bytes([b[at], b[at + 1]]).to_f32();
    let mut out = Vec::new();
    match matrix.format {
        Format::F32 => {
            out.extend(
                stored
                    .chunks(4)
                    .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])),
            );
        }
        Format::F16 => out.extend(stored.chunks(2).map(|b| half(b, 0))),
        Format::Bf16 => {
            out.extend(
                stored
                    .chunks(2)
                    .map(|b| bf16::from_le_bytes([b[0], b[1]]).to_f32()),
            );
        }
        Format::Q8_0 => {
            for b in stored.chunks(34) {
                out.extend(
                    b[2..]
                        .iter()
                        .map(|&q| half(b, 0) * f32::from(q.cast_signed())),
                );
            }
        }
        Format::Q4_0 => {
            for b in stored.chunks(18) {
                let value = |q: u8| half(b, 0) * (f32::from(q) - 8.0);
                out.extend(b[2..].iter().map(|&q| value(q & 15)));
                out.extend(b[2..].iter().map(|&q| value(q >> 4)));
            }
        }
        Format::Q4_1 => {
            for b in stored.chunks(20) {
                let value = |q: u8| half(b, 0) * f32::from(q) + half(b, 2);
                out.extend(b[4..].iter().map(|&q| value(q & 15)));
                out.extend(b[4..].iter().map(|&q| value(q >> 4)));
            }
        }
    }
    out
}

/// `x Wᵗ` as the contract says it, word by word: one row and one column after the other.
pub(crate) fn plain_linear(matrix: Matrix, stored: &[u8], x: &[f32]) -> Vec<f32> {
    let row_bytes = matrix.format.stored_bytes(matrix.cols);
    let wide = widen(matrix, stored);
    let mut out = Vec::new();
    for x in x.chunks(matrix.cols) {
        for r in 0..matrix.rows {
            out.push(if matrix.is_quantised() {
                plain_quantised(matrix.format, &stored[r * row_bytes..][..row_bytes], x)
            } else {
                let w = &wide[r * matrix.cols..][..matrix.cols];
                w.iter().zip(x).fold(0.0, |acc, (w, x)| acc + w * x)
            });
        }
    }
    out
}

fn plain_quantised(format: Format, row: &[u8], x: &[f32]) -> f32 {
    let half = |b: &[u8], at: usize| f16::from_le_bytes([b[at], b[at + 1]]).to_f32();
    let mut acc = 0.0f32;
    for (b, x) in row.chunks(format.stored_bytes(32)).zip(x.chunks(32)) {
        let a = x.iter().fold(0.0f32, |a, x| a.max(x.abs()));
        let (dx, inverse) = if a < 1e-30 {
            (0.0, 0.0)
        } else {
            (a / 32767.0, 32767.0 / a)
        };
        let q: Vec<i32> = x
            .iter()
            .map(|x| (x * inverse).round_ties_even() as i32)
            .collect();
        let sx = q.iter().sum::<i32>() as f32 * dx;
        let weights: Vec<i32> = match format {
            Format::Q8_0 => b[2..].iter().map(|&q| i32::from(q.cast_signed())).collect(),
            _ => {
                let quants = &b[b.len() - 16..];
                let low = quants.iter().map(|q| i32::from(q & 15));
                low.chain(quants.iter().map(|q| i32::from(q >> 4)))
                    .collect()
            }
        };
        let isum: i32 = weights.iter().zip(&q).map(|(w, q)| w * q).sum();
        let d = half(b, 0);
        let product = isum as f32 * (d * dx);
        acc += match format {
            Format::Q8_0 => product,
            Format::Q4_0 => product + (-8.0 * d) * sx,
            _ => product + half(b, 2) * sx,
        };
    }
    acc
}

pub(crate) fn bits(x: &[f32]) -> Vec<u32> {
    x.iter().map(|x| x.to_bits()).collect()
}

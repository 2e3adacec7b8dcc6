//! A decoder's step on made-up weights, every operation in it, boiled down to one number.

use atlas_kernels::{
    Attention, Format, Matrix, Norm, Pool, Shared, attend, embed, extend_cache, linear_add,
    norm_gated, norm_linear, pack, rotary_table,
};
use std::sync::Arc;

/// What every processor gets. It changes only if the arithmetic does, and then every figure measured with it is void.
pub const BITS: u64 = 0xe33e_0c40_1c36_de95;

/// SplitMix64.
struct Rng(u64);

impl Rng {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// Packed random weights.
fn weights(rng: &mut Rng, matrix: Matrix) -> Arc<Vec<u32>> {
    let (block, scales) = match matrix.format {
        Format::F32 => (4, 0),
        Format::F16 | Format::Bf16 => (2, 0),
        Format::Q8_0 => (34, 2),
        Format::Q4_0 => (18, 2),
        Format::Q4_1 => (20, 4),
    };
    let per_block = if matrix.is_quantised() { 32 } else { 1 };
    let bytes: Vec<u8> = (0..matrix.rows * matrix.cols / per_block * block)
        .map(|i| {
            let byte = rng.bits() as u8;
            match (matrix.format, i % block) {
                // Exponents of a small number; some halves are subnormal.
                (Format::F32, 3) | (Format::Bf16, 1) => byte & 0x80 | 0x3c,
                (Format::F16, 1) => byte & 0x80 | [0x28, 0x01][i % 7 / 6],
                (_, at) if at < scales && at % 2 == 1 => byte & 0x80 | 0x1c,
                _ => byte,
            }
        })
        .collect();
    Arc::new(pack(matrix, &bytes))
}

/// A prompt of 9 tokens for two texts, then three tokens one by one, through a block of every format.
pub fn step(pool: &Pool) -> u64 {
    let (width, hidden, heads, kv_heads, head_width) = (96, 160, 6, 2, 16);
    let rng = &mut Rng(42);
    let rotary = Arc::new(rotary_table(10_000.0, head_width, 12));
    let gain: Vec<f32> = (0..width).map(|i| 0.5 + i as f32 / 64.0).collect();
    let norm = Norm {
        gain: &gain,
        epsilon: 1e-5,
    };
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    for format in [
        Format::F32,
        Format::F16,
        Format::Bf16,
        Format::Q8_0,
        Format::Q4_0,
        Format::Q4_1,
    ] {
        let matrix = |rows, cols| Matrix { format, rows, cols };
        let qkv = matrix((heads + 2 * kv_heads) * head_width, width);
        let (out, gated, down) = (
            matrix(width, width),
            matrix(2 * hidden, width),
            matrix(width, hidden),
        );
        let words = matrix(50, width);
        let [w_qkv, w_out, w_gated, w_down, w_words] =
            [qkv, out, gated, down, words].map(|m| weights(rng, m));
        let shape = Attention {
            batch: 2,
            tokens: 9,
            past: 0,
            capacity: 12,
            heads,
            kv_heads,
            head_width,
        };
        let mut keys = Arc::new(vec![0.0f32; shape.cache_len()]);
        let mut values = keys.clone();
        let mut ids: Vec<i32> = (0..18).map(|i| i * 7 % 50).collect();
        for (tokens, past) in [(9, 0), (1, 9), (1, 10), (1, 11)] {
            let shape = Attention {
                tokens,
                past,
                ..shape
            };
            let x = embed(words, &w_words, &ids);
            let y: Shared<f32> = Arc::new(norm_linear(pool, norm, qkv, w_qkv.clone(), &x));
            let cache = (
                Arc::make_mut(&mut keys).as_mut_slice(),
                Arc::make_mut(&mut values).as_mut_slice(),
            );
            extend_cache(shape, (*y).as_ref(), &rotary, cache.0, cache.1);
            let mixed = attend(pool, shape, y, rotary.clone(), keys.clone(), values.clone());
            let x = linear_add(pool, out, w_out.clone(), &mixed, &x);
            let y = norm_gated(pool, norm, gated, w_gated.clone(), &x);
            let x = linear_add(pool, down, w_down.clone(), &y, &x);
            let logits = norm_linear(pool, norm, words, w_words.clone(), &x);
            assert!(logits.iter().all(|x| x.is_finite()), "{format:?}");
            for logit in &logits {
                hash = (hash ^ u64::from(logit.to_bits())).wrapping_mul(0x0100_0000_01b3);
            }
            let last = logits
                .chunks(50 * tokens)
                .map(|text| &text[50 * (tokens - 1)..]);
            ids = last
                .map(|logits| {
                    (0..50).fold(0, |best, i| {
                        if logits[i as usize] > logits[best as usize] {
                            i
                        } else {
                            best
                        }
                    })
                })
                .collect();
        }
    }
    hash
}

//! Measures what a step of SmolLM2-135M costs: `cargo run --release -p atlas-kernels --example step [lite]`.
//!
//! Weights are random; shapes and formats are those of the model, or of the small one that the site offers (`lite`).

use atlas_kernels::{
    Attention, Format, Matrix, Norm, Pool, Shared, attend, extend_cache, isa, linear_add,
    norm_gated, norm_linear, rotary_table,
};
use std::sync::Arc;

/// SplitMix64.
struct Rng(u64);

impl Rng {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn floats(&mut self, count: usize) -> Vec<f32> {
        (0..count)
            .map(|_| (self.bits() >> 40) as f32 / (1u64 << 23) as f32 - 1.0)
            .collect()
    }
}

/// Random words, but scales and half floats of a moderate size.
fn weights(rng: &mut Rng, matrix: Matrix) -> Shared<u32> {
    let float = !matrix.is_quantised();
    let block = match matrix.format {
        Format::Q4_1 => 80,
        Format::Q4_0 => 72,
        _ => 136,
    };
    let words: Vec<u32> = (0..matrix.words())
        .map(|i| {
            let bits = rng.bits() as u32;
            let scales = i % block >= block / 17 * 16;
            if float || scales {
                bits & 0x83ff_83ff | 0x2400_2400
            } else {
                bits
            }
        })
        .collect();
    Arc::new(words)
}

struct Shape {
    blocks: usize,
    width: usize,
    hidden: usize,
    heads: usize,
    kv_heads: usize,
    vocabulary: usize,
    format: Format,
    unembedding: Format,
}

struct Block {
    qkv: Shared<u32>,
    out: Shared<u32>,
    gated: Shared<u32>,
    down: Shared<u32>,
    keys: Arc<Vec<f32>>,
    values: Arc<Vec<f32>>,
}

struct Model {
    shape: Shape,
    blocks: Vec<Block>,
    unembedding: Shared<u32>,
    gain: Vec<f32>,
    rotary: Shared<f32>,
}

const CONTEXT: usize = 512;

impl Shape {
    fn head_width(&self) -> usize {
        self.width / self.heads
    }
    fn matrix(&self, rows: usize, cols: usize) -> Matrix {
        Matrix {
            format: self.format,
            rows,
            cols,
        }
    }
    fn qkv(&self) -> Matrix {
        self.matrix(
            (self.heads + 2 * self.kv_heads) * self.head_width(),
            self.width,
        )
    }
    fn out(&self) -> Matrix {
        self.matrix(self.width, self.width)
    }
    fn gated(&self) -> Matrix {
        self.matrix(2 * self.hidden, self.width)
    }
    fn down(&self) -> Matrix {
        self.matrix(self.width, self.hidden)
    }
    fn unembedding(&self) -> Matrix {
        Matrix {
            format: self.unembedding,
            rows: self.vocabulary,
            cols: self.width,
        }
    }
}

impl Model {
    fn new(shape: Shape) -> Self {
        let rng = &mut Rng(7);
        let cache = shape.kv_heads * CONTEXT * shape.head_width();
        Self {
            blocks: (0..shape.blocks)
                .map(|_| Block {
                    qkv: weights(rng, shape.qkv()),
                    out: weights(rng, shape.out()),
                    gated: weights(rng, shape.gated()),
                    down: weights(rng, shape.down()),
                    keys: Arc::new(vec![0.0; cache]),
                    values: Arc::new(vec![0.0; cache]),
                })
                .collect(),
            unembedding: weights(rng, shape.unembedding()),
            gain: vec![1.0; shape.width],
            rotary: Arc::new(rotary_table(10_000.0, shape.head_width(), CONTEXT)),
            shape,
        }
    }

    /// Runs `tokens` new tokens; times by kind are added to `spent`.
    fn step(&mut self, pool: &Pool, x: &[f32], past: usize, spent: &mut [f64; 6]) -> Vec<f32> {
        let shape = &self.shape;
        let tokens = x.len() / shape.width;
        let norm = Norm {
            gain: &self.gain,
            epsilon: 1e-5,
        };
        let mut clock = clock();
        let mut lap = |kind: usize| {
            let now = self::clock();
            spent[kind] += now - clock;
            clock = now;
        };
        let mut x = x.to_vec();
        for block in &mut self.blocks {
            let qkv: Shared<f32> =
                Arc::new(norm_linear(pool, norm, shape.qkv(), block.qkv.clone(), &x));
            lap(0);
            let attention = Attention {
                batch: 1,
                tokens,
                past,
                capacity: CONTEXT,
                heads: shape.heads,
                kv_heads: shape.kv_heads,
                head_width: shape.head_width(),
            };
            let (rotary, keys, values) = (&self.rotary, &mut block.keys, &mut block.values);
            let (Some(k), Some(v)) = (Arc::get_mut(keys), Arc::get_mut(values)) else {
                unreachable!("the pool gives everything back")
            };
            extend_cache(attention, (*qkv).as_ref(), (**rotary).as_ref(), k, v);
            let mixed = attend(
                pool,
                attention,
                qkv,
                rotary.clone(),
                keys.clone(),
                values.clone(),
            );
            lap(1);
            x = linear_add(pool, shape.out(), block.out.clone(), &mixed, &x);
            lap(2);
            let hidden = norm_gated(pool, norm, shape.gated(), block.gated.clone(), &x);
            lap(3);
            x = linear_add(pool, shape.down(), block.down.clone(), &hidden, &x);
            lap(4);
            // Random layers would let the residual stream grow without end.
            let most = x.iter().fold(1.0f32, |a, b| a.max(b.abs()));
            x.iter_mut().for_each(|x| *x /= most);
        }
        let last = &x[(tokens - 1) * shape.width..];
        let logits = norm_linear(
            pool,
            norm,
            shape.unembedding(),
            self.unembedding.clone(),
            last,
        );
        lap(5);
        logits
    }
}

#[expect(clippy::disallowed_methods, reason = "natively there is a clock")]
fn clock() -> f64 {
    use std::time::Instant;
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    let now = Instant::now();
    now.duration_since(*START.get_or_init(|| now)).as_secs_f64()
}

#[expect(clippy::print_stdout, reason = "a benchmark prints")]
fn main() {
    let lite = std::env::args().any(|arg| arg == "lite");
    let mut model = Model::new(if lite {
        Shape {
            blocks: 8,
            width: 256,
            hidden: 704,
            heads: 8,
            kv_heads: 4,
            vocabulary: 4096,
            format: Format::F16,
            unembedding: Format::F16,
        }
    } else {
        Shape {
            blocks: 30,
            width: 576,
            hidden: 1536,
            heads: 9,
            kv_heads: 3,
            vocabulary: 49_152,
            format: Format::Q4_1,
            unembedding: Format::Q8_0,
        }
    });
    println!(
        "{}; milliseconds: qkv, attention, out, gate and up, down, unembedding",
        isa()
    );
    let width = model.shape.width;
    let prompt = Rng(1).floats(211 * width);
    for threads in [1, 2] {
        let pool = Pool::new(threads);
        for (name, x, past) in [
            ("prompt", &prompt[..], 0),
            ("decode", &prompt[..width], 211),
            ("two", &prompt[..2 * width], 211),
        ] {
            let tokens = x.len() / width;
            // The best of many is what the machine can do when nobody else uses it.
            let (mut best, mut laps) = (f64::MAX, [0.0; 6]);
            let until = clock() + 2.0;
            while clock() < until {
                let (mut spent, start) = ([0.0; 6], clock());
                std::hint::black_box(model.step(&pool, x, past, &mut spent));
                if clock() - start < best {
                    (best, laps) = (clock() - start, spent);
                }
            }
            let laps: Vec<_> = laps.iter().map(|lap| format!("{:.2}", lap * 1e3)).collect();
            println!(
                "{threads} threads, {name}: {:.1} tokens/s; {}",
                tokens as f64 / best,
                laps.join(" ")
            );
        }
    }
}

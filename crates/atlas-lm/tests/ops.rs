//! The decoder's operations, on the CPU and the GPU: products against plain loops in f64, with a bound for each
//! number; attention and the greatest numbers against each other.

#![cfg(all(feature = "gpu", not(target_family = "wasm")))]
#![allow(clippy::unwrap_used, reason = "tests")]

use atlas_kernels::{Format, Matrix, pack, rotary_table};
use atlas_lm::ops::{AttentionShape, Packed, attend, largest};
use atlas_lm::{Device, Tensor, device};
use burn::tensor::{Int, TensorData};
use half::{bf16, f16};

/// Greatest difference in attention, in parts of the greatest number.
const TOLERANCE: f32 = 1e-4;

const FORMATS: [Format; 6] = [
    Format::F32,
    Format::F16,
    Format::Bf16,
    Format::Q8_0,
    Format::Q4_0,
    Format::Q4_1,
];

/// One device for all: drivers dislike several at once.
#[test]
fn the_gpu_computes_what_the_cpu_computes() {
    let both = Both {
        cpu: device::cpu(),
        gpu: pollster::block_on(device::gpu()).unwrap(),
        random: Random(1),
    };
    both.check();
}

/// Numbers that look random, the same in every run.
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    /// Between -1 and 1.
    fn number(&mut self) -> f32 {
        self.bits() as f32 / (1u64 << 30) as f32 - 1.0
    }

    fn numbers(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| self.number()).collect()
    }

    /// A matrix as a file stores it.
    fn stored(&mut self, matrix: Matrix) -> Vec<u8> {
        let Matrix { format, rows, cols } = matrix;
        let count = rows * cols;
        let mut bytes = Vec::new();
        match format {
            Format::F32 => (0..count).for_each(|_| bytes.extend(self.number().to_le_bytes())),
            Format::F16 => (0..count).for_each(|_| bytes.extend(self.half().to_le_bytes())),
            Format::Bf16 => {
                (0..count).for_each(|_| bytes.extend(bf16::from_f32(self.number()).to_le_bytes()));
            }
            Format::Q8_0 => (0..count / 32).for_each(|_| self.block(1, 32, &mut bytes)),
            Format::Q4_0 => (0..count / 32).for_each(|_| self.block(1, 16, &mut bytes)),
            Format::Q4_1 => (0..count / 32).for_each(|_| self.block(2, 16, &mut bytes)),
        }
        bytes
    }

    /// Now and then one too small for a normal f16.
    fn half(&mut self) -> f16 {
        let tiny = self.bits().is_multiple_of(4);
        f16::from_f32(self.number() * if tiny { 5e-5 } else { 1.0 })
    }

    fn block(&mut self, scales: usize, size: usize, bytes: &mut Vec<u8>) {
        (0..scales).for_each(|_| bytes.extend(self.half().to_le_bytes()));
        bytes.extend((0..size).map(|_| self.bits() as u8));
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    Cpu,
    Gpu,
}

/// A number, and how far from it one may be that was computed in f32.
#[derive(Clone, Copy)]
struct Bounded {
    right: f64,
    off: f64,
}

/// The weights as numbers, a row for each output.
struct Weights {
    matrix: Matrix,
    rows: Vec<Vec<f64>>,
}

impl Weights {
    fn new(matrix: Matrix, words: &[u32]) -> Self {
        let rows = (0..matrix.rows)
            .map(|at| {
                let mut row = vec![0.0; matrix.cols];
                atlas_kernels::row(matrix, words, at, &mut row);
                widen(&row)
            })
            .collect();
        Self { matrix, rows }
    }

    fn embed(&self, ids: &[i32]) -> Vec<Bounded> {
        ids.iter()
            .flat_map(|&id| &self.rows[id as usize])
            .map(|&right| Bounded {
                right,
                off: 4.0 * EPS * right.abs().max(1.0),
            })
            .collect()
    }

    /// `x Wᵗ + residual + more`.
    ///
    /// The f32 sum of k products is off by at most k rounding errors of the sum of their sizes (and what goes in by
    /// a few of its own, where it was normed). On the CPU what goes into a quantised product is rounded to 16 bits:
    /// each by at most half a step, and the block's greatest has 32,767 steps.
    fn linear(&self, x: &[f64], residual: &[f32], more: f64, place: Place) -> Vec<Bounded> {
        let cols = self.matrix.cols;
        let step = if place == Place::Cpu && quantised(self.matrix.format) {
            1.0 / 32_767.0
        } else {
            0.0
        };
        let mut residual = residual.iter();
        x.chunks(cols)
            .flat_map(|x| {
                let half_steps: Vec<f64> = x
                    .chunks(32)
                    .flat_map(|block| {
                        let most = block.iter().fold(0f64, |most, x| most.max(x.abs()));
                        vec![most * step / 2.0; block.len()]
                    })
                    .collect();
                self.rows
                    .iter()
                    .map(|row| {
                        let mut sum = Bounded {
                            right: 0.0,
                            off: 0.0,
                        };
                        for ((w, x), half_step) in row.iter().zip(x).zip(&half_steps) {
                            sum.right += w * x;
                            sum.off += w.abs() * (half_step + (cols as f64 + 8.0) * EPS * x.abs());
                        }
                        let add = f64::from(*residual.next().unwrap()) + more;
                        sum.right += add;
                        sum.off += 2.0 * EPS * (sum.right.abs() + add.abs());
                        sum
                    })
                    .collect::<Vec<_>>()
            })
            .collect()
    }

    /// `silu(gate) * up`. The slope of silu is nowhere above 1.1; exp is off by its argument's rounding.
    fn gated(&self, x: &[f64], place: Place) -> Vec<Bounded> {
        let n = x.len() / self.matrix.cols;
        let zeros = vec![0.0; n * self.matrix.rows];
        let both = self.linear(x, &zeros, 0.0, place);
        both.chunks(self.matrix.rows)
            .flat_map(|both| {
                let (gates, ups) = both.split_at(both.len() / 2);
                gates.iter().zip(ups).map(|(gate, up)| {
                    let silu = gate.right / (1.0 + (-gate.right).exp());
                    let right = silu * up.right;
                    let rounding = (8.0 + gate.right.abs()) * EPS * right.abs();
                    Bounded {
                        right,
                        off: 1.1 * gate.off * (up.right.abs() + up.off)
                            + silu.abs() * up.off
                            + rounding
                            + f64::from(f32::MIN_POSITIVE),
                    }
                })
            })
            .collect()
    }
}

const EPS: f64 = f32::EPSILON as f64;

fn quantised(format: Format) -> bool {
    matches!(format, Format::Q8_0 | Format::Q4_0 | Format::Q4_1)
}

fn widen(numbers: &[f32]) -> Vec<f64> {
    numbers.iter().copied().map(f64::from).collect()
}

fn exactly(numbers: &[f32]) -> Vec<Bounded> {
    widen(numbers)
        .into_iter()
        .map(|right| Bounded { right, off: 0.0 })
        .collect()
}

/// Root mean square norm of each row, in f64.
fn norm(x: &[f32], gain: &[f32]) -> Vec<f64> {
    x.chunks(gain.len())
        .flat_map(|x| {
            let mean = widen(x).iter().map(|x| x * x).sum::<f64>() / x.len() as f64;
            let scale = 1.0 / (mean + 1e-5).sqrt();
            x.iter()
                .zip(gain)
                .map(move |(x, gain)| f64::from(*x) * scale * f64::from(*gain))
        })
        .collect()
}

fn within(what: &str, right: &[Bounded], found: &[f32]) {
    assert_eq!(right.len(), found.len(), "{what}");
    for (at, (Bounded { right, off }, found)) in right.iter().zip(found).enumerate() {
        let apart = (f64::from(*found) - right).abs();
        assert!(
            apart <= *off,
            "{what}, number {at}: {found}, right is {right}: {apart} apart, at most {off}"
        );
    }
}

struct Both {
    cpu: Device,
    gpu: Device,
    random: Random,
}

impl Both {
    fn check(mut self) {
        for format in FORMATS {
            let columns = if quantised(format) {
                [32, 64, 96]
            } else {
                [1, 33, 90]
            };
            for cols in columns {
                for (rows, n) in [(1, 1), (16, 2), (17, 5), (17, 33), (48, 1), (64, 33)] {
                    self.products(matrix(format, rows, cols), n);
                }
            }
        }
        // Columns in several chunks, workgroups that make several outputs.
        self.products(matrix(Format::Q4_0, 40, 4128), 1);
        self.products(matrix(Format::Q8_0, 40, 544), 9);
        self.products(matrix(Format::Q8_0, 16_400, 32), 1);
        self.products(matrix(Format::Q4_1, 16_410, 32), 10);
        self.attention(9, 3, 64);
        self.attention(4, 4, 8);
        self.attention(4, 2, 12);
        self.attention(2, 1, 6);
        self.attention(2, 1, 128);
        for (n, width) in [(1, 1), (3, 100), (2, 5_000), (1, 49_152)] {
            for k in [1, 40, 512] {
                self.largest(n, width, k);
            }
        }
        self.dispatches();
    }

    fn products(&mut self, matrix: Matrix, n: usize) {
        let Matrix { rows, cols, .. } = matrix;
        let words = pack(matrix, &self.random.stored(matrix));
        let x = self.random.numbers(n * cols);
        let gain = self.random.numbers(cols);
        let residual = self.random.numbers(n * rows);
        let ids: Vec<i32> = (0..n)
            .map(|_| (self.random.bits() % rows as u64) as i32)
            .collect();
        let [cpu, gpu] = [&self.cpu, &self.gpu].map(|on| {
            let packed = Packed::new(matrix, words.clone(), on);
            let x = tensor(&x, [n, cols], on);
            let gain = Tensor::<1>::from_data(TensorData::new(gain.clone(), [cols]), on);
            let residual = tensor(&residual, [n, rows], on);
            let ids = Tensor::<1, Int>::from_data(TensorData::new(ids.clone(), [n]), on);
            let held = residual.clone();
            let mut made = vec![
                ("embed", read(packed.embed(ids))),
                ("linear", read(packed.linear(x.clone()))),
                (
                    "norm_linear",
                    read(packed.norm_linear(x.clone(), &gain, 1e-5)),
                ),
                (
                    "linear_add",
                    read(packed.linear_add(residual.clone(), x.clone())),
                ),
                ("residual", read(held)),
                ("linear_add in place", {
                    let residual = residual.clone() + 1.0;
                    read(packed.linear_add(residual, x.clone()))
                }),
            ];
            if rows % 2 == 0 {
                made.push(("norm_gated", read(packed.norm_gated(x, &gain, 1e-5))));
            }
            made
        });
        let weights = Weights::new(matrix, &words);
        let normed = norm(&x, &gain);
        let zeros = vec![0.0; residual.len()];
        for (place, made) in [(Place::Cpu, cpu), (Place::Gpu, gpu)] {
            for (what, found) in made {
                let right = match what {
                    "embed" => weights.embed(&ids),
                    "linear" => weights.linear(&widen(&x), &zeros, 0.0, place),
                    "norm_linear" => weights.linear(&normed, &zeros, 0.0, place),
                    "linear_add" => weights.linear(&widen(&x), &residual, 0.0, place),
                    "linear_add in place" => weights.linear(&widen(&x), &residual, 1.0, place),
                    "residual" => exactly(&residual),
                    "norm_gated" => weights.gated(&normed, place),
                    _ => unreachable!("{what}"),
                };
                within(
                    &format!("{place:?} {what} {matrix:?} n {n}"),
                    &right,
                    &found,
                );
            }
        }
    }

    /// A prompt, then a token, then another prompt; two texts.
    fn attention(&mut self, heads: usize, kv_heads: usize, head_width: usize) {
        let (batch, capacity) = (2, 400);
        let joined = (heads + 2 * kv_heads) * head_width;
        let rotary = rotary_table(1e4, head_width, capacity);
        let passes: Vec<_> = [5, 1, 3, 290, 1, 9]
            .into_iter()
            .map(|tokens| (tokens, self.random.numbers(batch * tokens * joined)))
            .collect();
        let [cpu, gpu] = [&self.cpu, &self.gpu].map(|on| {
            let rotary = tensor(&rotary, [capacity, head_width], on);
            let cache = || Tensor::<4>::zeros([batch, kv_heads, capacity, head_width], on);
            let (mut keys, mut values) = (cache(), cache());
            let mut past = 0;
            let mut made = Vec::new();
            for (tokens, qkv) in &passes {
                let shape = AttentionShape {
                    batch,
                    tokens: *tokens,
                    past,
                    capacity,
                    heads,
                    kv_heads,
                    head_width,
                };
                // Somebody holds the cache as it was.
                let held = (past == 5).then(|| keys.clone());
                let qkv = tensor(qkv, [batch * tokens, joined], on);
                let mixed;
                (mixed, keys, values) = attend(qkv, &rotary, keys, values, shape);
                past += tokens;
                made.push(read(mixed));
                made.extend(held.map(read));
            }
            made.extend([read(keys), read(values)]);
            made
        });
        for (i, (cpu, gpu)) in cpu.iter().zip(&gpu).enumerate() {
            compare(
                &format!("attention {heads}/{kv_heads} of {head_width}, {i}"),
                cpu,
                gpu,
            );
        }
    }

    fn largest(&mut self, n: usize, width: usize, k: usize) {
        let k = k.min(width);
        let mut x = self.random.numbers(n * width);
        // Equals, some of them where the k-th is.
        x.iter_mut()
            .step_by(3)
            .for_each(|x| *x = (*x * 8.0).round() / 8.0);
        let (values, places) = largest(tensor(&x, [n, width], &self.gpu), k);
        let places: Vec<usize> = places
            .into_data()
            .iter::<i64>()
            .map(|at| at as usize)
            .collect();
        for ((values, places), row) in read(values)
            .chunks(k)
            .zip(places.chunks(k))
            .zip(x.chunks(width))
        {
            let mut sorted = row.to_vec();
            sorted.sort_by(|a, b| b.total_cmp(a));
            let mut found = values.to_vec();
            found.sort_by(|a, b| b.total_cmp(a));
            assert_eq!(found, sorted[..k], "{k} of {width}");
            let mut once = places.to_vec();
            once.sort_unstable();
            once.dedup();
            assert_eq!(once.len(), k, "{k} of {width}");
            assert!(
                values
                    .iter()
                    .zip(places)
                    .all(|(value, &at)| row[at] == *value)
            );
        }
    }

    /// A token of 30 blocks is no more than 200 dispatches.
    fn dispatches(&mut self) {
        let on = &self.gpu;
        let shape = AttentionShape {
            batch: 1,
            tokens: 1,
            past: 0,
            capacity: 8,
            heads: 2,
            kv_heads: 1,
            head_width: 16,
        };
        let mut weights = |rows, cols| {
            let matrix = matrix(Format::Q8_0, rows, cols);
            Packed::new(matrix, pack(matrix, &self.random.stored(matrix)), on)
        };
        let (qkv, output, up, down, head) = (
            weights(64, 32),
            weights(32, 32),
            weights(128, 32),
            weights(32, 64),
            weights(5_000, 32),
        );
        let gain = Tensor::<1>::ones([32], on);
        let rotary = tensor(&rotary_table(1e4, 16, 8), [8, 16], on);
        let mut caches = vec![
            (
                Tensor::<4>::zeros([1, 1, 8, 16], on),
                Tensor::<4>::zeros([1, 1, 8, 16], on)
            );
            30
        ];
        let before = device::dispatches();
        let mut x = head.embed(Tensor::<1, Int>::from_data([3], on));
        for (keys, values) in &mut caches {
            let mixed;
            let joined = qkv.norm_linear(x.clone(), &gain, 1e-5);
            (mixed, *keys, *values) = attend(joined, &rotary, keys.clone(), values.clone(), shape);
            x = output.linear_add(x, mixed);
            x = down.linear_add(x.clone(), up.norm_gated(x, &gain, 1e-5));
        }
        let (values, _) = largest(head.norm_linear(x, &gain, 1e-5), 40);
        let spent = device::dispatches() - before;
        assert!(read(values).iter().all(|x| x.is_finite()));
        assert!(spent <= 200, "{spent} dispatches");
    }
}

fn matrix(format: Format, rows: usize, cols: usize) -> Matrix {
    Matrix { format, rows, cols }
}

fn tensor<const D: usize>(numbers: &[f32], shape: [usize; D], on: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(numbers.to_vec(), shape), on)
}

fn read<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    pollster::block_on(device::read(tensor)).unwrap()
}

fn compare(what: &str, cpu: &[f32], gpu: &[f32]) {
    assert_eq!(cpu.len(), gpu.len(), "{what}");
    let greatest = cpu.iter().fold(1e-6f32, |most, x| most.max(x.abs()));
    let worst = cpu
        .iter()
        .zip(gpu)
        .map(|(a, b)| {
            if b.is_nan() {
                f32::INFINITY
            } else {
                (a - b).abs()
            }
        })
        .fold(0f32, f32::max);
    assert!(
        worst <= TOLERANCE * greatest,
        "{what}: {worst} of {greatest}\n{cpu:?}\n{gpu:?}"
    );
}

//! Causal attention over a cache of keys and values, with groups of heads sharing one of each.

mod steps;

use self::steps::{mix, score, soften};
use crate::cells::Cells;
use crate::linear::Shared;
use crate::pool::Pool;
use crate::rotary::turn;
use crate::simd::{Isa, Kernel, LANES, Simd};
use std::ops::Range;
use std::sync::Arc;

/// Queries that go over the keys together.
const TOGETHER: usize = 4;

/// Multiplications that are worth handing to another thread.
const WORTH: usize = 1 << 14;

/// The shape of one pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attention {
    /// Texts side by side.
    pub batch: usize,
    /// New tokens of each.
    pub tokens: usize,
    /// Tokens of each that the cache held before.
    pub past: usize,
    /// Tokens of each that the cache has room for.
    pub capacity: usize,
    /// Heads of the queries.
    pub heads: usize,
    /// Heads of keys and values; each serves `heads / kv_heads` of the others.
    pub kv_heads: usize,
    /// Width of a head.
    pub head_width: usize,
}

impl Attention {
    const fn qkv_width(&self) -> usize {
        (self.heads + 2 * self.kv_heads) * self.head_width
    }

    /// Floats of the cache of keys, and of that of values.
    #[must_use]
    pub const fn cache_len(&self) -> usize {
        self.batch * self.kv_heads * self.capacity * self.head_width
    }

    #[track_caller]
    fn check(&self, qkv: usize, rotary: usize, keys: usize, values: usize) {
        assert!(
            self.heads.is_multiple_of(self.kv_heads),
            "heads share keys evenly: {self:?}"
        );
        assert!(
            self.head_width.is_multiple_of(2),
            "rotary turns pairs: {self:?}"
        );
        assert!(
            self.past + self.tokens <= self.capacity,
            "the cache is full: {self:?}"
        );
        assert!(
            rotary >= (self.past + self.tokens) * self.head_width,
            "rotary table for {self:?}"
        );
        assert_eq!(
            qkv,
            self.batch * self.tokens * self.qkv_width(),
            "qkv of {self:?}"
        );
        assert_eq!(
            (keys, values),
            (self.cache_len(), self.cache_len()),
            "cache of {self:?}"
        );
    }
}

/// Writes the new tokens' keys, turned to their positions, and values into the cache.
///
/// `qkv` is `[batch * tokens, (heads + 2 kv_heads) * head_width]`: queries, keys, values. `rotary` is a
/// [`rotary_table`](crate::rotary_table). Keys and values are `[batch, kv_heads, capacity, head_width]`.
///
/// # Panics
/// If a length does not fit the shape, or the cache has no room.
pub fn extend_cache(
    shape: Attention,
    qkv: &[f32],
    rotary: &[f32],
    keys: &mut [f32],
    values: &mut [f32],
) {
    shape.check(qkv.len(), rotary.len(), keys.len(), values.len());
    let d = shape.head_width;
    for (row, qkv) in qkv.chunks_exact(shape.qkv_width()).enumerate() {
        let (text, position) = (row / shape.tokens, shape.past + row % shape.tokens);
        let (_, kv) = qkv.split_at(shape.heads * d);
        let (k, v) = kv.split_at(shape.kv_heads * d);
        for (head, (k, v)) in k.chunks_exact(d).zip(v.chunks_exact(d)).enumerate() {
            let at = ((text * shape.kv_heads + head) * shape.capacity + position) * d;
            turn(k, &rotary[position * d..][..d], &mut keys[at..at + d]);
            values[at..at + d].copy_from_slice(v);
        }
    }
}

/// What every new token's queries find in the cache, itself included: `[batch * tokens, heads * head_width]`.
///
/// Arguments as for [`extend_cache`], which comes first.
///
/// # Panics
/// If a length does not fit the shape.
#[must_use]
pub fn attend(
    pool: &Pool,
    shape: Attention,
    qkv: Shared<f32>,
    rotary: Shared<f32>,
    keys: Shared<f32>,
    values: Shared<f32>,
) -> Vec<f32> {
    attend_on(Isa::best(), pool, shape, [qkv, rotary, keys, values])
}

/// [`attend`] on a given instruction set.
pub(crate) fn attend_on(
    isa: Isa,
    pool: &Pool,
    shape: Attention,
    inputs: [Shared<f32>; 4],
) -> Vec<f32> {
    let [qkv, rotary, keys, values] = &inputs;
    let len = |x: &Shared<f32>| (**x).as_ref().len();
    shape.check(len(qkv), len(rotary), len(keys), len(values));
    let out = Cells::new(shape.batch * shape.tokens * shape.heads * shape.head_width);
    // An item is one head of one token. Those that share keys lie together, token after token.
    let items = shape.tokens * (shape.heads / shape.kv_heads);
    let shared = shape.batch * shape.kv_heads;
    let work = shared * items * 2 * (shape.past + shape.tokens) * shape.head_width;
    let each = if pool.threads() == 1 || work < 2 * WORTH {
        items
    } else {
        (items * shared / (8 * pool.threads()))
            .max(1)
            .next_multiple_of(TOGETHER)
            .min(items.max(1))
    };
    if items == 0 || shared == 0 {
        return out.into_floats();
    }
    let blocks = items.div_ceil(each);
    let cells = out.clone();
    let job = move |chunk: usize| {
        let block = chunk % blocks;
        isa.run(Heads {
            shape,
            inputs: &inputs,
            text: chunk / blocks / shape.kv_heads,
            head: chunk / blocks % shape.kv_heads,
            items: block * each..items.min((block + 1) * each),
            out: &cells,
        });
    };
    pool.run(shared * blocks, Arc::new(job));
    out.into_floats()
}

/// Some items of one text that share keys and values.
struct Heads<'a> {
    shape: Attention,
    inputs: &'a [Shared<f32>; 4],
    text: usize,
    /// Of keys and values.
    head: usize,
    items: Range<usize>,
    out: &'a Cells,
}

/// What is kept from tile to tile.
#[derive(Default)]
struct Scratch {
    /// A turned query.
    query: Vec<f32>,
    /// `[8 dimensions][query]`, of all queries of a tile.
    queries: Vec<[f32; LANES]>,
    /// `[query][position]`, to whole vectors.
    scores: Vec<f32>,
    /// `[position][query]`.
    weights: Vec<f32>,
    /// `[query][dimension]`, to whole vectors.
    sums: Vec<[f32; LANES]>,
}

impl Kernel for Heads<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let mut scratch = Scratch::default();
        for first in self.items.clone().step_by(TOGETHER) {
            match self.items.end - first {
                1 => self.tile::<S, 1>(s, first, &mut scratch),
                2 => self.tile::<S, 2>(s, first, &mut scratch),
                3 => self.tile::<S, 3>(s, first, &mut scratch),
                _ => self.tile::<S, TOGETHER>(s, first, &mut scratch),
            }
        }
    }
}

impl Heads<'_> {
    /// Token and head (of queries) of an item.
    #[inline(always)]
    fn item(&self, item: usize) -> (usize, usize) {
        let group = self.shape.heads / self.shape.kv_heads;
        (item / group, self.head * group + item % group)
    }

    /// `Q` items, from item `first` on.
    #[inline(always)]
    fn tile<S: Simd, const Q: usize>(&self, s: S, first: usize, scratch: &mut Scratch) {
        let d = self.shape.head_width;
        let eights = d.div_ceil(LANES);
        let [_, _, keys, values] = self.inputs;
        let text_head = self.text * self.shape.kv_heads + self.head;
        let from = text_head * self.shape.capacity * d;
        let seen = from..from + self.limit(first + Q - 1) * d;
        let keys = &(**keys).as_ref()[seen.clone()];
        let values = &(**values).as_ref()[seen];
        let positions = keys.len() / d;
        let padded = positions.next_multiple_of(LANES);

        self.turn_queries::<Q>(first, scratch);
        scratch.scores.clear();
        scratch.scores.resize(Q * padded, 0.0);
        score::<S, Q>(s, keys, d, &scratch.queries, &mut scratch.scores);
        let mut totals = [0.0; Q];
        for (q, scores) in scratch.scores.chunks_exact_mut(padded).enumerate() {
            totals[q] = soften(s, scores, self.limit(first + q));
        }
        scratch.weights.clear();
        scratch.weights.resize(Q * positions, 0.0);
        for (q, scores) in scratch.scores.chunks_exact(padded).enumerate() {
            for (weight, score) in scratch.weights[q..].iter_mut().step_by(Q).zip(scores) {
                *weight = *score;
            }
        }
        scratch.sums.clear();
        scratch.sums.resize(Q * eights, [0.0; LANES]);
        mix::<S, Q>(s, values, d, &scratch.weights, &mut scratch.sums);
        for (q, sums) in scratch.sums.chunks_exact_mut(eights).enumerate() {
            let total = s.splat_f(totals[q]);
            for sum in &mut *sums {
                *sum = s.to_floats(s.div(s.load_f(sum), total));
            }
            let (token, head) = self.item(first + q);
            let row = self.text * self.shape.tokens + token;
            let at = (row * self.shape.heads + head) * d;
            self.out.store(at, &sums.as_flattened()[..d]);
        }
    }

    /// Positions that an item sees.
    #[inline(always)]
    fn limit(&self, item: usize) -> usize {
        self.shape.past + self.item(item).0 + 1
    }

    #[inline(always)]
    fn turn_queries<const Q: usize>(&self, first: usize, scratch: &mut Scratch) {
        let d = self.shape.head_width;
        let eights = d.div_ceil(LANES);
        let [qkv, rotary, ..] = self.inputs;
        let (qkv, rotary) = ((**qkv).as_ref(), (**rotary).as_ref());
        scratch.query.clear();
        scratch.query.resize(eights * LANES, 0.0);
        scratch.queries.resize(eights * Q, [0.0; LANES]);
        for q in 0..Q {
            let (token, head) = self.item(first + q);
            let row = self.text * self.shape.tokens + token;
            let query = &qkv[row * self.shape.qkv_width() + head * d..][..d];
            let position = self.shape.past + token;
            turn(query, &rotary[position * d..][..d], &mut scratch.query[..d]);
            let turned = scratch.query.as_chunks::<LANES>().0;
            for (slot, x) in scratch.queries[q..].iter_mut().step_by(Q).zip(turned) {
                *slot = *x;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rotary::rotary_table;
    use crate::testing::{Rng, bits};

    fn shape(batch: usize, tokens: usize, heads: [usize; 2], head_width: usize) -> Attention {
        let [heads, kv_heads] = heads;
        Attention {
            batch,
            tokens,
            past: 0,
            capacity: tokens + 3,
            heads,
            kv_heads,
            head_width,
        }
    }

    fn share(x: &[f32]) -> Shared<f32> {
        Arc::new(x.to_vec())
    }

    /// All tokens at once.
    fn whole(isa: Isa, pool: &Pool, shape: Attention, qkv: &[f32], rotary: &[f32]) -> Vec<f32> {
        let (mut keys, mut values) = (vec![0.0; shape.cache_len()], vec![0.0; shape.cache_len()]);
        extend_cache(shape, qkv, rotary, &mut keys, &mut values);
        attend_on(isa, pool, shape, [qkv, rotary, &keys, &values].map(share))
    }

    /// The definition, in f64, from the table's angles.
    fn naive(shape: Attention, qkv: &[f32], rotary: &[f32]) -> Vec<f64> {
        let (d, width) = (shape.head_width, shape.qkv_width());
        let turned = |row: usize, head: usize| -> Vec<f64> {
            let x = &qkv[row * width + head * d..][..d];
            let table = &rotary[row % shape.tokens * d..][..d];
            let at = |i: usize| {
                (
                    f64::from(x[i]),
                    f64::from(table[i % (d / 2)]),
                    f64::from(table[d / 2 + i % (d / 2)]),
                )
            };
            (0..d)
                .map(|i| {
                    let ((x, cos, sin), other) = (at(i), at((i + d / 2) % d).0);
                    if i < d / 2 {
                        x * cos - other * sin
                    } else {
                        x * cos + other * sin
                    }
                })
                .collect()
        };
        let mut out = Vec::new();
        for row in 0..shape.batch * shape.tokens {
            for head in 0..shape.heads {
                let kv = head / (shape.heads / shape.kv_heads);
                let query = turned(row, head);
                let seen = row / shape.tokens * shape.tokens..=row;
                let weights: Vec<f64> = seen
                    .clone()
                    .map(|row| {
                        let key = turned(row, shape.heads + kv);
                        let dot: f64 = query.iter().zip(&key).map(|(q, k)| q * k).sum();
                        (dot / (d as f64).sqrt()).exp()
                    })
                    .collect();
                let total: f64 = weights.iter().sum();
                for i in 0..d {
                    let at = (shape.heads + shape.kv_heads + kv) * d + i;
                    let mixed = seen
                        .clone()
                        .zip(&weights)
                        .map(|(row, w)| w * f64::from(qkv[row * width + at]));
                    out.push(mixed.sum::<f64>() / total);
                }
            }
        }
        out
    }

    const SHAPES: [(usize, usize, [usize; 2], usize); 6] = [
        (1, 1, [1, 1], 2),
        (2, 9, [4, 2], 8),
        (1, 33, [9, 3], 64),
        (3, 6, [8, 4], 12),
        (1, 40, [2, 2], 20),
        (2, 17, [6, 1], 48),
    ];

    #[test]
    fn it_is_the_definition_and_the_same_bits_on_every_instruction_set_and_pool() {
        let mut rng = Rng::new(21);
        for (batch, tokens, heads, d) in SHAPES {
            let shape = shape(batch, tokens, heads, d);
            let qkv: Vec<f32> = rng
                .floats(batch * tokens * shape.qkv_width())
                .iter()
                .map(|x| 3.0 * x)
                .collect();
            let rotary = rotary_table(10_000.0, d, tokens);
            let first = whole(Isa::all()[0], &Pool::new(1), shape, &qkv, &rotary);
            for (y, exact) in first.iter().zip(naive(shape, &qkv, &rotary)) {
                assert!(
                    (f64::from(*y) - exact).abs() < 2e-5,
                    "{shape:?}: {y}, not {exact}"
                );
            }
            for isa in Isa::all() {
                for threads in 1..=4 {
                    let y = whole(isa, &Pool::new(threads), shape, &qkv, &rotary);
                    assert!(bits(&y) == bits(&first), "{isa:?} {shape:?}");
                }
            }
        }
    }

    #[test]
    fn a_cache_changes_no_bit() {
        let mut rng = Rng::new(22);
        let pool = &Pool::new(2);
        for (batch, tokens, heads, d) in SHAPES {
            let all = shape(batch, tokens, heads, d);
            let width = all.qkv_width();
            let qkv = rng.floats(batch * tokens * width);
            let rotary = rotary_table(10_000.0, d, tokens);
            let want = whole(Isa::best(), pool, all, &qkv, &rotary);
            let (mut keys, mut values) = (vec![0.0; all.cache_len()], vec![0.0; all.cache_len()]);
            let mut past = 0;
            // Steps of 1, 2, 5, 1, ... tokens.
            for step in [1, 2, 5].into_iter().cycle() {
                let step = step.min(tokens - past);
                if step == 0 {
                    break;
                }
                let shape = Attention {
                    tokens: step,
                    past,
                    ..all
                };
                let part: Vec<f32> = (0..batch)
                    .flat_map(|text| qkv[(text * tokens + past) * width..][..step * width].to_vec())
                    .collect();
                extend_cache(shape, &part, &rotary, &mut keys, &mut values);
                let inputs = [&part, &rotary, &keys, &values].map(|x| share(x));
                let y = attend_on(Isa::best(), pool, shape, inputs);
                for text in 0..batch {
                    let row = heads[0] * d;
                    let want = &want[(text * tokens + past) * row..][..step * row];
                    assert!(
                        bits(&y[text * step * row..][..step * row]) == bits(want),
                        "{shape:?}"
                    );
                }
                past += step;
            }
        }
    }

    #[test]
    #[should_panic(expected = "the cache is full")]
    fn a_full_cache_is_refused() {
        let shape = Attention {
            past: 4,
            ..shape(1, 4, [1, 1], 2)
        };
        let mut cache = vec![0.0; shape.cache_len()];
        extend_cache(
            shape,
            &[0.0; 24],
            &[0.0; 20],
            &mut cache.clone(),
            &mut cache,
        );
    }
}

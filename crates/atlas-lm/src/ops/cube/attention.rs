//! Causal attention over a cache, in two dispatches: [`extend`] turns the new keys and writes them and the values
//! into the cache, [`attend`] mixes.
//!
//! A workgroup mixes for one head and a few neighbouring tokens, its *queries*. It goes over the keys in tiles and
//! keeps the greatest score so far, so that nothing grows with the length of the text: 256 scores at a time stand in
//! workgroup memory.

use super::launch::{cubes, floats, room, size};
use crate::ops::AttentionShape;
use burn::tensor::DType;
use burn_cubecl::cubecl::{self, prelude::*};
use burn_cubecl::tensor::CubeTensor;

/// Threads of a workgroup, and scores that it holds.
const THREADS: usize = 256;
/// Threads that share the product of a query and a key.
const SHARE: usize = 4;
/// Queries of a workgroup where there are many.
const QUERIES: usize = 4;
/// Neighbouring scores of which one thread finds the greatest.
const RUN: usize = 16;
/// Below any score, yet finite.
const LOWEST: f32 = -1e30;

/// What a kernel is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Plan {
    heads: usize,
    kv_heads: usize,
    /// Vectors of a head.
    width: usize,
    /// Numbers of a head.
    head_width: usize,
    /// Queries of a workgroup.
    queries: usize,
}

impl Plan {
    /// Vectors of a token's queries, keys and values.
    fn joined(self) -> usize {
        (self.heads + 2 * self.kv_heads) * self.width
    }

    /// Keys of a tile.
    fn tile(self) -> usize {
        THREADS / self.queries
    }

    /// Threads that read one value side by side.
    fn lanes(self) -> usize {
        self.width.next_power_of_two()
    }

    /// Parts that the values of a tile are dealt to.
    fn parts(self) -> usize {
        THREADS / self.lanes()
    }
}

/// Lower half of a vector turned by its position.
#[cube]
fn turned_low<N: Size>(
    low: Vector<f32, N>,
    high: Vector<f32, N>,
    cos: Vector<f32, N>,
    sin: Vector<f32, N>,
) -> Vector<f32, N> {
    low * cos - high * sin
}

/// Upper half of it.
#[cube]
fn turned_high<N: Size>(
    low: Vector<f32, N>,
    high: Vector<f32, N>,
    cos: Vector<f32, N>,
    sin: Vector<f32, N>,
) -> Vector<f32, N> {
    high * cos + low * sin
}

/// Each thread brings two vectors of a key, and two of a value, into the cache.
#[cube(launch)]
fn extend_kernel<N: Size>(
    qkv: &[Vector<f32, N>],
    rotary: &[Vector<f32, N>],
    keys: &mut [Vector<f32, N>],
    values: &mut [Vector<f32, N>],
    tokens: u32,
    past: u32,
    capacity: u32,
    total: u32,
    #[comptime] plan: Plan,
) {
    let half = comptime!(plan.width / 2);
    if ABSOLUTE_POS < total as usize {
        let i = ABSOLUTE_POS % half;
        let head = ABSOLUTE_POS / half % plan.kv_heads;
        let row = ABSOLUTE_POS / half / plan.kv_heads;
        let batch = row / tokens as usize;
        let position = past as usize + row % tokens as usize;

        let key = row * comptime!(plan.joined()) + (head + plan.heads) * plan.width + i;
        let value = key + comptime!(plan.kv_heads * plan.width);
        let angle = position * plan.width + i;
        let at = ((batch * plan.kv_heads + head) * capacity as usize + position) * plan.width + i;

        let low = qkv[key];
        let high = qkv[key + half];
        let cos = rotary[angle];
        let sin = rotary[angle + half];
        keys[at] = turned_low::<N>(low, high, cos, sin);
        keys[at + half] = turned_high::<N>(low, high, cos, sin);
        values[at] = qkv[value];
        values[at + half] = qkv[value + half];
    }
}

/// Mixes the values for some queries of one head.
#[cube(launch)]
fn attend_kernel<N: Size>(
    qkv: &[Vector<f32, N>],
    rotary: &[Vector<f32, N>],
    keys: &[Vector<f32, N>],
    values: &[Vector<f32, N>],
    out: &mut [Vector<f32, N>],
    tokens: u32,
    past: u32,
    capacity: u32,
    #[comptime] plan: Plan,
) {
    let me = UNIT_POS as usize;
    let tokens = tokens as usize;
    let past = past as usize;
    let first = CUBE_POS_X as usize * plan.queries;
    let head = CUBE_POS_Y as usize;
    let batch = CUBE_POS_Z as usize;
    let group = comptime!(plan.heads / plan.kv_heads);
    let cache = (batch * plan.kv_heads + head / group) * capacity as usize * plan.width;

    let mut query = Shared::<[Vector<f32, N>]>::new_slice(comptime!(plan.queries * plan.width));
    let mut shares = Shared::<[f32]>::new_slice(comptime!(THREADS * SHARE));
    let mut greatest = Shared::<[f32]>::new_slice(comptime!(THREADS / RUN));
    let mut scores = Shared::<[f32]>::new_slice(THREADS);

    // The queries, turned and scaled.
    let half = comptime!(plan.width / 2);
    for step in 0..comptime!((plan.queries * half).div_ceil(THREADS)) {
        let at = step * THREADS + me;
        if at < comptime!(plan.queries * half) {
            let i = at % half;
            let token = min(first + at / half, tokens - 1);
            let from = (batch * tokens + token) * comptime!(plan.joined()) + head * plan.width + i;
            let angle = (past + token) * plan.width + i;
            let scale = Vector::new(comptime!(1.0 / (plan.head_width as f32).sqrt()));
            let low = qkv[from] * scale;
            let high = qkv[from + half] * scale;
            let cos = rotary[angle];
            let sin = rotary[angle + half];
            let to = at / half * plan.width + i;
            query[to] = turned_low::<N>(low, high, cos, sin);
            query[to + half] = turned_high::<N>(low, high, cos, sin);
        }
    }
    sync_cube();

    // Each thread has one score of a tile, and one vector of the mix of each query.
    let tile = comptime!(plan.tile());
    let my_query = me / tile;
    let my_limit = past + min(first + my_query, tokens - 1) + 1;
    let limit = past + min(first + plan.queries, tokens);
    let lane = me % comptime!(plan.lanes());
    let part = me / comptime!(plan.lanes());
    let mut mix = Sequence::<RuntimeCell<Vector<f32, N>>>::new();
    let mut weight = Sequence::<RuntimeCell<f32>>::new();
    let mut top = Sequence::<RuntimeCell<f32>>::new();
    #[unroll]
    for _ in 0..plan.queries {
        mix.push(RuntimeCell::new(Vector::new(0.0f32)));
        weight.push(RuntimeCell::new(0.0f32));
        top.push(RuntimeCell::new(LOWEST));
    }

    let mut start = 0usize;
    while start < limit {
        // Products of every query with every key, each in shares.
        #[unroll]
        for round in 0..comptime!(tile * SHARE / THREADS) {
            let key = round * comptime!(THREADS / SHARE) + me / SHARE;
            let from = cache + min(start + key, limit - 1) * plan.width;
            let mut products = Sequence::<RuntimeCell<f32>>::new();
            #[unroll]
            for _ in 0..plan.queries {
                products.push(RuntimeCell::new(0.0f32));
            }
            #[unroll]
            for step in 0..comptime!(plan.width.div_ceil(SHARE)) {
                let i = step * SHARE + me % SHARE;
                if i < plan.width {
                    let vector = keys[from + i];
                    #[unroll]
                    for q in 0..plan.queries {
                        let sum = products[q].read();
                        products[q].store(sum + query[q * plan.width + i].dot(vector));
                    }
                }
            }
            #[unroll]
            for q in 0..plan.queries {
                shares[(q * tile + key) * SHARE + me % SHARE] = products[q].read();
            }
        }
        sync_cube();

        let mut score = 0.0f32;
        #[unroll]
        for i in 0..SHARE {
            score += shares[me * SHARE + i];
        }
        let visible = start + me % tile < my_limit;
        score = select(visible, score, LOWEST);
        scores[me] = score;
        sync_cube();

        if me < comptime!(THREADS / RUN) {
            let mut most = scores[me * RUN];
            #[unroll]
            for i in 1..RUN {
                most = max(most, scores[me * RUN + i]);
            }
            greatest[me] = most;
        }
        sync_cube();

        #[unroll]
        for q in 0..plan.queries {
            let runs = comptime!(tile / RUN);
            let before = top[q].read();
            let mut most = before;
            #[unroll]
            for i in 0..runs {
                most = max(most, greatest[comptime!(q * runs + i)]);
            }
            let fade = (before - most).exp();
            top[q].store(most);
            weight[q].store(weight[q].read() * fade);
            mix[q].store(mix[q].read() * Vector::new(fade));
            if my_query == q {
                scores[me] = select(visible, (score - most).exp(), 0.0f32);
            }
        }
        sync_cube();

        // The values, read once for all queries.
        let seen = min(tile, limit - start);
        let mut key = part;
        if lane < plan.width {
            while key < seen {
                let vector = values[cache + (start + key) * plan.width + lane];
                #[unroll]
                for q in 0..plan.queries {
                    let share = scores[q * tile + key];
                    weight[q].store(weight[q].read() + share);
                    mix[q].store(mix[q].read() + vector * Vector::new(share));
                }
                key += comptime!(plan.parts());
            }
        }
        start += tile;
    }
    sync_cube();

    // What the parts found, added up.
    let mut mixes = Shared::<[Vector<f32, N>]>::new_slice(THREADS);
    #[unroll]
    for q in 0..plan.queries {
        mixes[me] = mix[q].read();
        scores[me] = weight[q].read();
        sync_cube();
        let token = first + q;
        if me < plan.width && token < tokens {
            let mut sum = mixes[me];
            let mut weights = scores[me];
            #[unroll]
            for part in 1..comptime!(plan.parts()) {
                sum += mixes[me + comptime!(part * plan.lanes())];
                weights += scores[me + comptime!(part * plan.lanes())];
            }
            let to = ((batch * tokens + token) * plan.heads + head) * plan.width + me;
            out[to] = sum / Vector::new(weights);
        }
        sync_cube();
    }
}

/// Greatest vector that halves of heads are made of.
fn vector_size(shape: AttentionShape) -> usize {
    match shape.head_width {
        d if d.is_multiple_of(8) => 4,
        d if d.is_multiple_of(4) => 2,
        _ => 1,
    }
}

/// A cache that may be written.
fn writable(cache: CubeTensor) -> CubeTensor {
    let cache = floats(cache);
    if cache.can_mut() { cache } else { cache.copy() }
}

/// Extends the cache and mixes.
pub(super) fn attend(
    qkv: CubeTensor,
    rotary: &CubeTensor,
    keys: CubeTensor,
    values: CubeTensor,
    shape: AttentionShape,
) -> (CubeTensor, CubeTensor, CubeTensor) {
    let AttentionShape {
        batch,
        tokens,
        past,
        capacity,
        heads,
        kv_heads,
        head_width,
    } = shape;
    let (qkv, rotary) = (floats(qkv), floats(rotary.clone()));
    let (keys, values) = (writable(keys), writable(values));
    let vector = vector_size(shape);
    let plan = Plan {
        heads,
        kv_heads,
        width: head_width / vector,
        head_width,
        queries: if tokens < QUERIES { 1 } else { QUERIES },
    };
    let total = batch * tokens * kv_heads * (plan.width / 2);
    extend_kernel::launch(
        &qkv.client,
        cubes(total.div_ceil(THREADS), 1, 1),
        CubeDim::new_1d(size(THREADS)),
        vector,
        qkv.clone().into_buffer_arg(),
        rotary.clone().into_buffer_arg(),
        keys.clone().into_buffer_arg(),
        values.clone().into_buffer_arg(),
        size(tokens),
        size(past),
        size(capacity),
        size(total),
        plan,
    );
    let out = room(&qkv, [batch * tokens, heads * head_width], DType::F32);
    attend_kernel::launch(
        &out.client,
        cubes(tokens.div_ceil(plan.queries), heads, batch),
        CubeDim::new_1d(size(THREADS)),
        vector,
        qkv.into_buffer_arg(),
        rotary.into_buffer_arg(),
        keys.clone().into_buffer_arg(),
        values.clone().into_buffer_arg(),
        out.clone().into_buffer_arg(),
        size(tokens),
        size(past),
        size(capacity),
        plan,
    );
    (out, keys, values)
}

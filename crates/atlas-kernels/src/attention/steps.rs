//! The three steps of attention over one head of keys and values: score, soften, mix.

use crate::math::exp;
use crate::norm::fill_up;
use crate::simd::{LANES, Simd};

/// Scaled products of `Q` queries with all keys.
#[cfg_attr(target_family = "wasm", inline(never))]
#[cfg_attr(not(target_family = "wasm"), inline(always))]
pub(super) fn score<S: Simd, const Q: usize>(
    s: S,
    keys: &[f32],
    d: usize,
    queries: &[[f32; LANES]],
    scores: &mut [f32],
) {
    let scale = 1.0 / (d as f32).sqrt();
    let padded = scores.len() / Q;
    let queries = queries.as_chunks::<Q>().0;
    for (position, key) in keys.chunks_exact(d).enumerate() {
        let (eights, rest) = key.as_chunks::<LANES>();
        let mut sums = [s.zero_f(); Q];
        for (k, query) in eights.iter().zip(queries) {
            let k = s.load_f(k);
            for q in 0..Q {
                sums[q] = s.add(sums[q], s.mul(s.load_f(&query[q]), k));
            }
        }
        if !rest.is_empty() {
            let k = s.load_f(&fill_up(rest));
            for q in 0..Q {
                sums[q] = s.add(sums[q], s.mul(s.load_f(&queries[eights.len()][q]), k));
            }
        }
        for q in 0..Q {
            scores[q * padded + position] = s.sum(sums[q]) * scale;
        }
    }
}

/// Turns the first `limit` scores into weights before division by the sum, which is returned; the others into zeros.
#[cfg_attr(target_family = "wasm", inline(never))]
#[cfg_attr(not(target_family = "wasm"), inline(always))]
pub(super) fn soften<S: Simd>(s: S, scores: &mut [f32], limit: usize) -> f32 {
    // What is not seen weighs nothing in the maximum.
    scores[limit..].fill(f32::MIN);
    let scores = scores.as_chunks_mut::<LANES>().0;
    let mut most = s.splat_f(f32::MIN);
    for x in &*scores {
        most = s.max(s.load_f(x), most);
    }
    let mut top = f32::MIN;
    for x in s.to_floats(most) {
        top = if x > top { x } else { top };
    }
    let top = s.splat_f(top);
    for x in &mut *scores {
        *x = s.to_floats(exp(s, s.sub(s.load_f(x), top)));
    }
    scores.as_flattened_mut()[limit..].fill(0.0);
    let mut sum = s.zero_f();
    for x in &*scores {
        sum = s.add(sum, s.load_f(x));
    }
    s.sum(sum)
}

/// Sums of the values, weighted by each of `Q` queries, position after position.
#[inline(always)]
pub(super) fn mix<S: Simd, const Q: usize>(
    s: S,
    values: &[f32],
    d: usize,
    weights: &[f32],
    sums: &mut [[f32; LANES]],
) {
    let eights = d.div_ceil(LANES);
    let whole = d / LANES;
    let mut at = 0;
    if S::WHOLE {
        while at + 2 <= whole {
            columns::<S, Q, 2>(s, values, d, weights, sums, at);
            at += 2;
        }
    }
    while at < whole {
        columns::<S, Q, 1>(s, values, d, weights, sums, at);
        at += 1;
    }
    if at < eights {
        for (value, weights) in values.chunks_exact(d).zip(weights.as_chunks::<Q>().0) {
            let v = s.load_f(&fill_up(&value[at * LANES..]));
            for q in 0..Q {
                let sum = &mut sums[q * eights + at];
                *sum = s.to_floats(s.add(s.load_f(sum), s.mul(s.splat_f(weights[q]), v)));
            }
        }
    }
}

/// `C` vectors of dimensions, from vector `at` on.
#[cfg_attr(target_family = "wasm", inline(never))]
#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn columns<S: Simd, const Q: usize, const C: usize>(
    s: S,
    values: &[f32],
    d: usize,
    weights: &[f32],
    sums: &mut [[f32; LANES]],
    at: usize,
) {
    let eights = d.div_ceil(LANES);
    let mut acc = [[s.zero_f(); C]; Q];
    for (value, weights) in values.chunks_exact(d).zip(weights.as_chunks::<Q>().0) {
        let Some(value) = value.as_chunks::<LANES>().0[at..].first_chunk::<C>() else {
            return;
        };
        for q in 0..Q {
            let weight = s.splat_f(weights[q]);
            for c in 0..C {
                acc[q][c] = s.add(acc[q][c], s.mul(weight, s.load_f(&value[c])));
            }
        }
    }
    for q in 0..Q {
        for c in 0..C {
            sums[q * eights + at + c] = s.to_floats(acc[q][c]);
        }
    }
}

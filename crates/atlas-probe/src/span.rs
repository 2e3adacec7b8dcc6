//! Vectors of a layer's emotions taken together: random ones among them, and what undoes their overlap.

use crate::vectors::Vectors;
use atlas_units::Layer;
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// Two directions count as one where less than this share of the second is its own.
const OWN: f64 = 1e-4;

/// A random unit vector from the emotions' own span: their vectors, each times a random weight. A seed draws the same
/// weights at every layer; `None` where the layer has no vectors.
pub(crate) fn random(vectors: &Vectors, layer: Layer, seed: u64) -> Option<Vec<f32>> {
    let (width, count) = (vectors.width, vectors.emotions);
    let start = layer.index() * count * width;
    let rows = vectors.emotion.get(start..start + count * width)?;
    let mut draw = Pcg64Mcg::seed_from_u64(seed);
    let mut sum = vec![0.0_f32; width];
    for row in rows.chunks_exact(width) {
        // Sums of some even draws are normal enough.
        let weight: f32 = (0..6).map(|_| draw.random::<f32>() - 0.5).sum();
        sum.iter_mut().zip(row).for_each(|(s, r)| *s += weight * r);
    }
    let norm = length(&sum);
    (norm > 0.0).then(|| sum.iter().map(|x| x / norm).collect())
}

/// Length of a vector.
pub(crate) fn length(v: &[f32]) -> f32 {
    v.iter().map(|x| x * x).sum::<f32>().sqrt()
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter()
        .zip(b)
        .map(|(a, b)| f64::from(*a) * f64::from(*b))
        .sum()
}

/// For unit vectors `u`, vectors `d` in their span with `u[i] . d[j] = 1` where `i = j` and 0 elsewhere: moving along
/// `d[j]` changes the component along `u[j]` and no other. A direction that lies in the span of those before it has
/// none.
pub(crate) fn duals(units: &[Vec<f32>]) -> Vec<Option<Vec<f32>>> {
    let mut kept: Vec<usize> = vec![];
    // Gram-Schmidt finds those with something of their own.
    let mut basis: Vec<Vec<f32>> = vec![];
    for (at, unit) in units.iter().enumerate() {
        let mut rest = unit.clone();
        for b in &basis {
            let along = single(dot(&rest, b));
            rest.iter_mut().zip(b).for_each(|(r, b)| *r -= along * b);
        }
        let own = length(&rest);
        if f64::from(own * own) > OWN {
            rest.iter_mut().for_each(|x| *x /= own);
            basis.push(rest);
            kept.push(at);
        }
    }
    let n = kept.len();
    let products: Vec<Vec<f64>> = kept
        .iter()
        .map(|&i| kept.iter().map(|&j| dot(&units[i], &units[j])).collect())
        .collect();
    let inverse = inverse(products);
    let mut out = vec![None; units.len()];
    for j in 0..n {
        let mut d = vec![0.0_f32; units[kept[j]].len()];
        for i in 0..n {
            let weight = single(inverse[i][j]);
            let unit = &units[kept[i]];
            d.iter_mut().zip(unit).for_each(|(d, u)| *d += weight * u);
        }
        out[kept[j]] = Some(d);
    }
    out
}

/// Of a positive definite matrix, by elimination; its diagonal needs no search for pivots.
fn inverse(mut a: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let n = a.len();
    let mut out: Vec<Vec<f64>> = (0..n)
        .map(|i| (0..n).map(|j| if i == j { 1.0 } else { 0.0 }).collect())
        .collect();
    for k in 0..n {
        let pivot = a[k][k];
        a[k].iter_mut().for_each(|x| *x /= pivot);
        out[k].iter_mut().for_each(|x| *x /= pivot);
        let (row, right) = (a[k].clone(), out[k].clone());
        for i in (0..n).filter(|&i| i != k) {
            let factor = a[i][k];
            a[i].iter_mut()
                .zip(&row)
                .for_each(|(x, r)| *x -= factor * r);
            out[i]
                .iter_mut()
                .zip(&right)
                .for_each(|(x, r)| *x -= factor * r);
        }
    }
    out
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "vectors are in single precision"
)]
fn single(x: f64) -> f32 {
    x as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors::tests::sample;

    #[test]
    fn a_dual_moves_its_own_component_only() {
        let units = vec![
            vec![1.0, 0.0, 0.0],
            vec![0.6, 0.8, 0.0],
            vec![0.8, 0.6, 0.0], // in the span of the two before it
            vec![0.0, 0.6, 0.8],
        ];
        let duals = duals(&units);
        assert_eq!(duals[2], None);
        for (i, unit) in units.iter().enumerate().filter(|(i, _)| *i != 2) {
            for (j, d) in duals.iter().enumerate() {
                let Some(d) = d else { continue };
                let expected = if i == j { 1.0 } else { 0.0 };
                assert!((dot(unit, d) - expected).abs() < 1e-5, "{i} {j}");
            }
        }
    }

    #[test]
    fn random_vectors_have_length_one_and_follow_their_seed() {
        let vectors = sample();
        let layer = Layer::new(1);
        let one = random(&vectors, layer, 1).unwrap();
        assert!((length(&one) - 1.0).abs() < 1e-6);
        assert_eq!(random(&vectors, layer, 1), Some(one.clone()));
        assert_ne!(random(&vectors, layer, 2), Some(one));
        assert_eq!(random(&vectors, Layer::new(9), 1), None);
    }

    #[test]
    fn random_vectors_stay_in_the_emotions_span() {
        let mut vectors = sample();
        // Both emotions along the first axis.
        vectors.emotion[4..].copy_from_slice(&[3.0, 0.0, -2.0, 0.0]);
        let found = random(&vectors, Layer::new(1), 5).unwrap();
        assert_eq!(found[1], 0.0);
    }
}

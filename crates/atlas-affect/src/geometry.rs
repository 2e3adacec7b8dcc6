//! Where emotions lie at one layer: principal components and cosines.
//!
//! ```
//! use atlas_affect::{EmotionVectors, card::EmotionEntry, geometry};
//!
//! let emotion = |name: &str, valence, arousal| EmotionEntry {
//!     name: name.into(), cluster: String::new(), valence, arousal,
//! };
//! let emotions = [emotion("calm", 7.0, 2.0), emotion("angry", 2.0, 7.0), emotion("excited", 8.0, 7.0), emotion("sad", 2.0, 3.0)];
//! let vectors = EmotionVectors {
//!     width: 2,
//!     rows: vec![-2.0, -0.8, 2.0, 0.7, -2.0, 0.8, 2.0, -0.7],
//!     nuisance_share: 0.0,
//! };
//! let found = geometry(&vectors, &emotions)?;
//! let [calm, angry, excited, sad] = [0, 1, 2, 3].map(|e| found.layer.coords[e]);
//! assert!(calm[0] > 0.0 && angry[0] < 0.0);  // PC1 is valence, turned so that pleasant is positive
//! assert!(excited[1] > 0.0 && sad[1] < 0.0); // PC2 is arousal
//! # Ok::<(), atlas_affect::AffectError>(())
//! ```

use crate::card::{EmotionEntry, LayerGeometry};
use crate::matrix::{add_scaled, dot, gram, normalise, unit_rows};
use crate::{AffectError, EmotionVectors, eigen, stats};

/// How many neighbours are kept for each emotion.
pub const NEIGHBOURS: usize = 8;

/// The geometry of one layer, and what is needed to place other residuals in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Geometry {
    /// What is stored and drawn.
    pub layer: LayerGeometry,
    /// Unit vectors of the three components in the residual stream, `[3][width]`; zero where there is no such component.
    pub axes: [Vec<f32>; 3],
    /// Cosine of every pair of emotion vectors, `[emotion, emotion]`.
    pub cosine: Vec<f32>,
}

/// Computes the geometry of emotion vectors at one layer.
///
/// A residual, minus the layer's mean residual, lies at `dot(residual, axis) / unit` on the map.
/// If the vectors do not differ at all, all coordinates are 0 and the unit is 1.
///
/// # Errors
/// [`AffectError::Empty`] without vectors, [`AffectError::Shape`] if there are not as many vectors as emotions.
pub fn geometry(
    vectors: &EmotionVectors,
    emotions: &[EmotionEntry],
) -> Result<Geometry, AffectError> {
    if vectors.width == 0 || vectors.is_empty() {
        return Err(AffectError::Empty("emotion vectors"));
    }
    if vectors.rows.len() != emotions.len() * vectors.width {
        let expected = emotions.len() * vectors.width;
        return Err(AffectError::Shape {
            what: "emotion vectors",
            expected,
            found: vectors.rows.len(),
        });
    }
    let valence: Vec<f64> = emotions.iter().map(|e| f64::from(e.valence)).collect();
    let arousal: Vec<f64> = emotions.iter().map(|e| f64::from(e.arousal)).collect();

    let mut found = principal(vectors);
    let mut r_valence = [0.0; 3];
    let mut r_arousal = [0.0; 3];
    for (pc, component) in found.iter_mut().enumerate() {
        let (v, a) = (
            stats::pearson(&component.scores, &valence),
            stats::pearson(&component.scores, &arousal),
        );
        // PC1 by valence, PC2 by arousal, PC3 by whichever it follows more.
        let deciding = match pc {
            0 => v,
            1 => a,
            _ if v.abs() > a.abs() => v,
            _ => a,
        };
        let sign = if deciding < 0.0 { -1.0 } else { 1.0 };
        component
            .scores
            .iter_mut()
            .chain(&mut component.axis)
            .for_each(|x| *x *= sign);
        (r_valence[pc], r_arousal[pc]) = (single(v * sign), single(a * sign));
    }

    let squares: f64 = found[..2].iter().map(|c| dot(&c.scores, &c.scores)).sum();
    let unit = (squares / emotions.len() as f64).sqrt();
    let unit = if unit > 0.0 { unit } else { 1.0 };
    let coords = (0..emotions.len())
        .map(|e| [0, 1, 2].map(|pc: usize| single(found[pc].scores[e] / unit)))
        .collect();

    let cosine = cosines(vectors);
    let layer = LayerGeometry {
        coords,
        unit: single(unit),
        share: [0, 1, 2].map(|pc: usize| single(found[pc].share)),
        r_valence,
        r_arousal,
        near: cosine
            .chunks_exact(emotions.len())
            .enumerate()
            .map(|(e, row)| nearest(row, e))
            .collect(),
    };
    let axes = found.map(|c| c.axis.into_iter().map(single).collect());
    Ok(Geometry {
        layer,
        axes,
        cosine,
    })
}

pub(crate) struct Component {
    /// Unit vector, `[width]`.
    axis: Vec<f64>,
    /// Inner product of the axis with each vector, `[emotion]`.
    pub(crate) scores: Vec<f64>,
    /// Share of variance, 0 to 1.
    pub(crate) share: f64,
}

/// The first three principal components, by way of the inner products: there are fewer emotions than dimensions.
pub(crate) fn principal(vectors: &EmotionVectors) -> [Component; 3] {
    let (n, width) = (vectors.len(), vectors.width);
    let mut rows: Vec<f64> = vectors.rows.iter().map(|&v| f64::from(v)).collect();
    let mut mean = vec![0.0; width];
    rows.chunks_exact(width)
        .for_each(|row| add_scaled(&mut mean, 1.0 / n as f64, row));
    rows.chunks_exact_mut(width)
        .for_each(|row| add_scaled(row, -1.0, &mean));

    let products = gram(&rows, width);
    let total: f64 = products.iter().step_by(n + 1).sum();
    let found = eigen::symmetric(products, n);
    [0, 1, 2].map(|pc: usize| {
        let mut axis = vec![0.0; width];
        let value = found.values.get(pc).copied().unwrap_or(0.0);
        // What is left below this is rounding, and has no direction.
        if value > total * 1e-12 {
            for (weight, row) in found.vectors[pc * n..][..n]
                .iter()
                .zip(rows.chunks_exact(width))
            {
                add_scaled(&mut axis, *weight, row);
            }
            normalise(&mut axis);
        }
        let scores: Vec<f64> = rows
            .chunks_exact(width)
            .map(|row| dot(row, &axis))
            .collect();
        let share = if total > 0.0 {
            dot(&scores, &scores) / total
        } else {
            0.0
        };
        Component {
            axis,
            scores,
            share,
        }
    })
}

/// Cosine of every pair of vectors, `[emotion, emotion]`; 0 with a vector of length zero.
#[must_use]
pub fn cosines(vectors: &EmotionVectors) -> Vec<f32> {
    let unit = unit_rows(&vectors.rows, vectors.width);
    gram(&unit, vectors.width)
        .into_iter()
        .map(|c| single(c.clamp(-1.0, 1.0)))
        .collect()
}

/// The emotions with the largest cosines in a row, without the emotion itself, nearest first.
fn nearest(row: &[f32], own: usize) -> Vec<u16> {
    let others = (0_u16..)
        .zip(row)
        .map(|(e, _)| e)
        .filter(|&e| usize::from(e) != own);
    let mut order: Vec<u16> = others.collect();
    order.sort_by(|&a, &b| row[usize::from(b)].total_cmp(&row[usize::from(a)]));
    order.truncate(NEIGHBOURS);
    order
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "stored in single precision"
)]
fn single(value: f64) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_pcg::Pcg64Mcg;

    use super::*;

    fn random(emotions: usize, width: usize, seed: u64) -> (EmotionVectors, Vec<EmotionEntry>) {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        // Later axes vary less, so that the components are well apart.
        let rows = (0..emotions * width)
            .map(|at| rng.random::<f32>() / (1 + at % width) as f32)
            .collect();
        let entries = (0..emotions).map(|e| EmotionEntry {
            name: format!("e{e:03}"),
            cluster: String::new(),
            valence: 1.0 + 8.0 * rng.random::<f32>(),
            arousal: 1.0 + 8.0 * rng.random::<f32>(),
        });
        (
            EmotionVectors {
                width,
                rows,
                nuisance_share: 0.0,
            },
            entries.collect(),
        )
    }

    #[test]
    fn coordinates_are_projections_in_map_units_and_shares_descend() {
        for (emotions, width) in [(20, 9), (9, 20)] {
            let (vectors, entries) = random(emotions, width, 1);
            let found = geometry(&vectors, &entries).expect("sound");
            let layer = &found.layer;
            let centre: Vec<f32> = (0..width)
                .map(|at| (0..emotions).map(|e| vectors.row(e)[at]).sum::<f32>() / emotions as f32)
                .collect();
            for e in 0..emotions {
                for pc in 0..3 {
                    let own: f32 = (0..width)
                        .map(|at| (vectors.row(e)[at] - centre[at]) * found.axes[pc][at])
                        .sum();
                    assert!((own / layer.unit - layer.coords[e][pc]).abs() < 1e-4);
                }
            }
            let square: f32 = layer.coords.iter().map(|c| c[0] * c[0] + c[1] * c[1]).sum();
            assert!((square / emotions as f32 - 1.0).abs() < 1e-4);
            assert!(
                layer.share.is_sorted_by(|a, b| a >= b) && layer.share.iter().sum::<f32>() <= 1.0
            );
            for (a, b) in [(0, 1), (0, 2), (1, 2)] {
                let across: f32 = found.axes[a]
                    .iter()
                    .zip(&found.axes[b])
                    .map(|(x, y)| x * y)
                    .sum();
                assert!(across.abs() < 1e-5);
            }
            assert!(layer.r_valence[0] >= 0.0 && layer.r_arousal[1] >= 0.0);
        }
    }

    #[test]
    fn turning_all_vectors_round_leaves_the_map_as_it_is() {
        let (vectors, entries) = random(20, 9, 2);
        let turned = EmotionVectors {
            rows: vectors.rows.iter().map(|v| -v).collect(),
            ..vectors.clone()
        };
        let (a, b) = (
            geometry(&vectors, &entries).expect("sound"),
            geometry(&turned, &entries).expect("sound"),
        );
        let pairs = a
            .layer
            .coords
            .iter()
            .flatten()
            .zip(b.layer.coords.iter().flatten());
        assert!(pairs.into_iter().all(|(a, b)| (a - b).abs() < 1e-4));
        assert_eq!(a.layer.near, b.layer.near);
    }

    #[test]
    fn neighbours_descend_in_cosine_and_leave_the_emotion_out() {
        let (vectors, entries) = random(20, 9, 3);
        let found = geometry(&vectors, &entries).expect("sound");
        for (e, near) in found.layer.near.iter().enumerate() {
            let cosine = |&o: &u16| found.cosine[e * 20 + usize::from(o)];
            assert_eq!(near.len(), NEIGHBOURS);
            assert!(!near.contains(&(e as u16)));
            assert!(near.is_sorted_by(|a, b| cosine(a) >= cosine(b)));
            let last = cosine(near.last().expect("eight"));
            let closer = (0..20)
                .filter(|o| *o as usize != e && cosine(o) > last)
                .count();
            assert_eq!(closer, NEIGHBOURS - 1);
        }
    }

    #[test]
    fn vectors_that_do_not_differ_give_a_map_without_nan() {
        let (mut vectors, entries) = random(4, 3, 4);
        vectors.rows.fill(0.5);
        let layer = geometry(&vectors, &entries).expect("sound").layer;
        assert!(layer.coords.iter().flatten().all(|&c| c == 0.0));
        assert_eq!(
            (layer.unit, layer.share, layer.r_valence),
            (1.0, [0.0; 3], [0.0; 3])
        );
    }

    #[test]
    fn as_many_vectors_as_emotions() {
        let (vectors, entries) = random(4, 3, 5);
        let wrong = AffectError::Shape {
            what: "emotion vectors",
            expected: 9,
            found: 12,
        };
        assert_eq!(geometry(&vectors, &entries[..3]), Err(wrong));
        let none = EmotionVectors {
            width: 3,
            rows: Vec::new(),
            nuisance_share: 0.0,
        };
        assert_eq!(
            geometry(&none, &[]),
            Err(AffectError::Empty("emotion vectors"))
        );
    }
}

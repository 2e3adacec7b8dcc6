//! What is added to the stream in an experiment: nothing, emotions, random vectors of the same length.

use atlas_lm::{Device, Edits, RunError};
use atlas_probe::Vectors;
use atlas_units::{Layer, Strength};
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;
use std::ops::Range;

/// Pushes at the same layers, the first of which is none at all: what the others are compared with.
#[derive(Clone, Debug)]
pub struct Pushes<'a> {
    vectors: &'a Vectors,
    layers: Vec<Layer>,
    /// Share of the strength that each layer receives.
    scale: f32,
    /// `[push][layer][width]`.
    rows: Vec<Vec<Vec<f32>>>,
}

impl<'a> Pushes<'a> {
    /// No push yet but the empty one.
    #[must_use]
    pub fn new(vectors: &'a Vectors, layers: &[Layer], scale: f32) -> Self {
        let mut layers = layers.to_vec();
        layers.sort_unstable();
        let none = vec![vec![0.0; vectors.width]; layers.len()];
        Self {
            vectors,
            layers,
            scale,
            rows: vec![none],
        }
    }

    /// Adds one emotion; returns the push's number.
    pub fn emotion(&mut self, emotion: usize, strength: Strength) -> usize {
        let unit = |layer| self.vectors.direction(layer, emotion);
        let directions = self.layers.iter().map(|&l| unit(l)).collect();
        self.add(directions, strength)
    }

    /// Adds a mixture of all emotions, `weights` of each, as long as an emotion's push; returns the push's number.
    pub fn mixture(&mut self, weights: &[f32], strength: Strength) -> usize {
        let mix = |layer: &Layer| mixture(&self.vectors.emotion, self.vectors, *layer, weights);
        let directions = self.layers.iter().map(mix).collect();
        self.add(directions, strength)
    }

    fn add(&mut self, directions: Vec<Option<Vec<f32>>>, strength: Strength) -> usize {
        let width = self.vectors.width;
        let each = self.layers.iter().zip(directions);
        let rows = each.map(|(layer, unit)| {
            let norm = self.vectors.norm.get(layer.index()).copied().unwrap_or(0.0);
            let factor = strength.fraction() * self.scale * norm;
            let scaled = |unit: Vec<f32>| unit.iter().map(|x| x * factor).collect();
            unit.map_or_else(|| vec![0.0; width], scaled)
        });
        let rows = rows.collect();
        self.rows.push(rows);
        self.rows.len() - 1
    }

    /// Pushes, the empty one among them.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "there always is one")]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Where they push.
    #[must_use]
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// Layer up to which all pushes have everything in common.
    #[must_use]
    pub fn lowest(&self) -> Layer {
        self.layers.first().copied().unwrap_or(Layer::EMBEDDING)
    }

    /// Edits of a batch that holds each push of `which` `times` times in a row.
    ///
    /// # Errors
    /// When the vectors do not fit the model.
    pub fn edits(
        &self,
        which: Range<usize>,
        times: usize,
        device: &Device,
    ) -> Result<Edits, RunError> {
        let mut edits = Edits::none();
        for (at, &layer) in self.layers.iter().enumerate() {
            let pushes = self.rows[which.clone()].iter();
            let rows = pushes.flat_map(|push| std::iter::repeat_n(push[at].clone(), times));
            let rows: Vec<Vec<f32>> = rows.collect();
            if rows.iter().flatten().any(|x| *x != 0.0) {
                edits.add(layer, &rows, device)?;
            }
        }
        Ok(edits)
    }
}

/// Unit vector of a mixture of rows of `table` (`[layer, emotion, width]`) at a layer; `None` outside the table.
pub(crate) fn mixture(
    table: &[f32],
    vectors: &Vectors,
    layer: Layer,
    weights: &[f32],
) -> Option<Vec<f32>> {
    let size = vectors.emotions * vectors.width;
    let rows = table.get(layer.index() * size..(layer.index() + 1) * size)?;
    let mut sum = vec![0.0; vectors.width];
    for (row, weight) in rows.chunks(vectors.width).zip(weights) {
        // Of unit vectors, so that no emotion counts more for being long.
        let length = row.iter().map(|x| x * x).sum::<f32>().sqrt();
        if length > 0.0 {
            let factor = weight / length;
            sum.iter_mut().zip(row).for_each(|(s, x)| *s += factor * x);
        }
    }
    let length = sum.iter().map(|x| x * x).sum::<f32>().sqrt();
    (length > 0.0).then(|| sum.iter().map(|x| x / length).collect())
}

/// Weights of `count` random mixtures of `emotions`: vectors in the emotions' own span, where a push does something.
/// One taken from the whole stream would do less, and so be too easy to beat.
#[must_use]
pub fn random_weights(emotions: usize, count: usize, seed: u64) -> Vec<Vec<f32>> {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    // Sums of some even draws are normal enough.
    let mut normal = || (0..6).map(|_| rng.random::<f32>() - 0.5).sum();
    (0..count)
        .map(|_| (0..emotions).map(|_| normal()).collect())
        .collect()
}

//! What steers one text.

use atlas_lm::{Edits, Llama, RunError};
use atlas_probe::Vectors;
use atlas_units::{Layer, Strength};

/// A vector `[width]` at each of some layers, added to every token of one text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Push(Vec<(Layer, Vec<f32>)>);

impl Push {
    /// Changes nothing.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// One vector at one layer.
    #[must_use]
    pub fn at(layer: Layer, vector: Vec<f32>) -> Self {
        Self(vec![(layer, vector)])
    }

    /// `strength x scale x mean residual norm x direction` at each of `layers`, as
    /// [`atlas_probe::edits`] has it; nothing at a layer without a direction (of length 1).
    #[must_use]
    pub fn along(
        vectors: &Vectors,
        (layers, scale): (&[Layer], f32),
        strength: Strength,
        direction: impl Fn(Layer) -> Option<Vec<f32>>,
    ) -> Self {
        let each = layers.iter().filter_map(|&layer| {
            let norm = vectors.norm.get(layer.index())?;
            let factor = strength.fraction() * scale * norm;
            let direction = direction(layer)?;
            Some((layer, direction.iter().map(|x| factor * x).collect()))
        });
        Self(each.collect())
    }

    /// Edits that push each text of a batch its own way.
    pub(crate) fn edits<'a>(
        pushes: impl Iterator<Item = &'a Self> + Clone,
        model: &Llama,
    ) -> Result<Edits, RunError> {
        let mut layers: Vec<Layer> = pushes
            .clone()
            .flat_map(|push| push.0.iter().map(|(layer, _)| *layer))
            .collect();
        layers.sort_unstable();
        layers.dedup();
        let mut edits = Edits::none();
        for layer in layers {
            let rows: Vec<Vec<f32>> = pushes
                .clone()
                .map(|push| {
                    let here = push.0.iter().find(|(at, _)| *at == layer);
                    here.map_or_else(|| vec![0.0; model.config().width], |(_, row)| row.clone())
                })
                .collect();
            edits.add(layer, &rows, model.device())?;
        }
        Ok(edits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use atlas_affect::card::Steering;
    use atlas_lm::device;

    #[test]
    fn a_push_along_an_emotion_is_what_the_page_adds() {
        let vectors = Vectors {
            layers: 2,
            emotions: 1,
            width: 2,
            emotion: vec![0.0, 1.0, 3.0, 4.0],
            filter: vec![0.0, 1.0, 3.0, 4.0],
            mean: vec![0.0; 4],
            norm: vec![5.0, 10.0],
            p99: vec![1.0; 2],
            axes: vec![0.0; 8],
            unit: vec![1.0; 2],
        };
        let steering = Steering {
            layers: vec![Layer::new(0), Layer::new(1)],
            scale: 0.5,
            safe: 0.3,
            limit: 0.6,
            preset: 0.2,
            basis: String::new(),
            ranges: vec![],
        };
        let strength = Strength::new(-0.3);
        let place = (steering.layers.as_slice(), steering.scale);
        let push = Push::along(&vectors, place, strength, |layer| {
            vectors.direction(layer, 0)
        });
        let rows: &[_] = &[(0, strength)];
        let edits = atlas_probe::edits(&vectors, &steering, &[rows], &device::cpu()).unwrap();
        for (layer, row) in &push.0 {
            let theirs = pollster::block_on(edits.rows(*layer)).unwrap();
            assert!(row.iter().zip(&theirs).all(|(a, b)| (a - b).abs() < 1e-6));
        }
        assert_eq!(push.0.len(), 2);
    }
}

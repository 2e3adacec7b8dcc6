//! Steering: pushes to edits.

use crate::vectors::Vectors;
use atlas_affect::card::Steering;
use atlas_lm::{Device, Edits, RunError};
use atlas_units::Strength;

/// Edits that push a batch of texts: each row of `batch` lists `(emotion, strength)` of one text.
///
/// At each of `steering.layers` a text receives
/// `sum over pushes of strength x scale x mean residual norm x unit vector`: one vector, whatever
/// the number of pushes, and no edit at all where nothing is pushed (paper, Method).
///
/// # Errors
/// When the vectors do not fit the model.
pub fn edits(
    vectors: &Vectors,
    steering: &Steering,
    batch: &[&[(usize, Strength)]],
    device: &Device,
) -> Result<Edits, RunError> {
    let mut edits = Edits::none();
    let idle = |row: &&[(usize, Strength)]| row.iter().all(|(_, s)| s.fraction() == 0.0);
    if batch.iter().all(idle) {
        return Ok(edits);
    }
    for &layer in &steering.layers {
        let Some(norm) = vectors.norm.get(layer.index()) else {
            return Err(RunError::Edit {
                layer: layer.index(),
                width: vectors.width,
            });
        };
        let rows: Vec<Vec<f32>> = batch
            .iter()
            .map(|pushes| {
                let mut sum = vec![0.0; vectors.width];
                for &(emotion, strength) in *pushes {
                    let factor = strength.fraction() * steering.scale * norm;
                    if let Some(unit) = vectors.direction(layer, emotion) {
                        for (s, u) in sum.iter_mut().zip(unit) {
                            *s += factor * u;
                        }
                    }
                }
                sum
            })
            .collect();
        edits.add(layer, &rows, device)?;
    }
    Ok(edits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors::tests::sample;
    use atlas_lm::device;
    use atlas_units::Layer;

    fn steering() -> Steering {
        Steering {
            layers: vec![Layer::new(1)],
            scale: 0.5,
            safe: 0.3,
            limit: 0.6,
            preset: 0.25,
            basis: String::new(),
        }
    }

    #[test]
    fn nothing_pushed_is_no_edit() {
        let none = edits(
            &sample(),
            &steering(),
            &[&[], &[(0, Strength::ZERO)]],
            &device::cpu(),
        );
        assert!(none.unwrap().is_empty());
    }

    #[test]
    fn a_layer_the_vectors_lack_is_an_error() {
        let mut steering = steering();
        steering.layers = vec![Layer::new(9)];
        let push: &[_] = &[(0, Strength::new(0.1))];
        assert!(edits(&sample(), &steering, &[push], &device::cpu()).is_err());
    }

    #[test]
    fn pushes_add_up_in_units_of_the_norm() {
        let push: &[_] = &[(0, Strength::new(0.2)), (1, Strength::new(-0.1))];
        let edits = edits(&sample(), &steering(), &[&[], push], &device::cpu()).unwrap();
        let rows = pollster::block_on(edits.rows(Layer::new(1))).unwrap();
        // norm 10 x scale 0.5: 0.2 along (0.6, 0.8), -0.1 along (-1, 0).
        let expected = [0.0, 0.0, 0.6 + 0.5, 0.8];
        for (found, expected) in rows.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-5, "{rows:?}");
        }
    }
}

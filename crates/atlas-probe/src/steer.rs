//! Steering: pushes to edits.

use crate::span::{duals, length, random};
use crate::vectors::Vectors;
use atlas_affect::card;
use atlas_lm::{Device, Edits, Hold, RunError};
use atlas_protocol::Method;
use atlas_units::{Layer, Strength};

/// What is done to some texts of a batch.
#[derive(Clone, Copy, Debug)]
pub struct Steering<'a> {
    /// Emotions and how hard each is pushed, or which level it is brought to.
    pub pushes: &'a [(usize, Strength)],
    /// What is done with them.
    pub method: Method,
    /// Where.
    pub layers: &'a [Layer],
    /// Share of a push that each of the layers receives. A level is the same at each.
    pub scale: f32,
}

/// What a text of a batch is steered along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Along {
    /// Nothing.
    Nothing,
    /// The emotions.
    Emotions,
    /// Random vectors of the same length from the emotions' own span, drawn from this seed: what a push as such does.
    Random(u64),
}

impl Steering<'_> {
    /// Whether it does nothing to any text.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        match self.method {
            Method::Add => self.pushes.iter().all(|(_, s)| s.fraction() == 0.0),
            Method::ProjectOut | Method::Clamp => self.pushes.is_empty(),
        }
    }

    /// Edits of a batch of texts. At each layer, with `u` an emotion's unit vector, `h` the stream and `norm` the
    /// layer's mean residual norm:
    ///
    /// - [`Method::Add`]: `h + sum of strength x scale x norm x u`: one vector, whatever the number of pushes.
    /// - [`Method::ProjectOut`]: the `h'` nearest to `h` with `u . h' = 0` for every emotion.
    /// - [`Method::Clamp`]: the `h'` nearest to `h` with `u . (h' - neutral mean) = strength x norm` for every
    ///   emotion; 0 is the level of neutral text.
    ///
    /// Where nothing is done there is no edit at all. Of emotions that hardly differ, held ones keep to the first.
    ///
    /// # Errors
    /// When the vectors do not fit the model.
    pub fn edits(
        &self,
        vectors: &Vectors,
        texts: &[Along],
        device: &Device,
    ) -> Result<Edits, RunError> {
        let mut edits = Edits::none();
        if self.is_idle() || texts.iter().all(|along| *along == Along::Nothing) {
            return Ok(edits);
        }
        for &layer in self.layers {
            let norm = norm(vectors, layer)?;
            match self.method {
                Method::Add => {
                    let sum = self.sum(vectors, layer, self.scale * norm);
                    let row = |along: &Along| match along {
                        Along::Nothing => vec![0.0; vectors.width],
                        Along::Emotions => sum.clone(),
                        Along::Random(seed) => {
                            let size = length(&sum);
                            let unit = random(vectors, layer, *seed).unwrap_or_default();
                            let mut row: Vec<f32> = unit.iter().map(|x| x * size).collect();
                            row.resize(vectors.width, 0.0);
                            row
                        }
                    };
                    let rows: Vec<_> = texts.iter().map(row).collect();
                    edits.add(layer, &rows, device)?;
                }
                Method::ProjectOut | Method::Clamp => {
                    let holds = |along: &Along| self.holds(vectors, layer, norm, *along);
                    let texts: Vec<_> = texts.iter().map(holds).collect();
                    edits.hold(layer, &texts, device)?;
                }
            }
        }
        Ok(edits)
    }

    fn sum(&self, vectors: &Vectors, layer: Layer, norm: f32) -> Vec<f32> {
        let mut sum = vec![0.0; vectors.width];
        for &(emotion, strength) in self.pushes {
            let factor = strength.fraction() * norm;
            if let Some(unit) = vectors.direction(layer, emotion) {
                for (s, u) in sum.iter_mut().zip(unit) {
                    *s += factor * u;
                }
            }
        }
        sum
    }

    fn holds(&self, vectors: &Vectors, layer: Layer, norm: f32, along: Along) -> Vec<Hold> {
        let direction = |(at, &(emotion, strength)): (usize, &(usize, Strength))| {
            let unit = match along {
                Along::Nothing => None,
                Along::Emotions => vectors.direction(layer, emotion),
                // Each emotion has a random vector of its own.
                Along::Random(seed) => {
                    random(vectors, layer, seed.wrapping_shl(8).wrapping_add(at as u64))
                }
            };
            Some((unit?, strength))
        };
        let found = self.pushes.iter().enumerate().filter_map(direction);
        let (units, strengths): (Vec<Vec<f32>>, Vec<Strength>) = found.unzip();
        let width = vectors.width;
        let mean = &vectors.mean[layer.index() * width..(layer.index() + 1) * width];
        let duals = duals(&units);
        let held = units.into_iter().zip(strengths).zip(duals);
        held.filter_map(|((read, strength), dual)| {
            let target = match self.method {
                Method::Add | Method::ProjectOut => 0.0,
                Method::Clamp => {
                    let neutral: f32 = read.iter().zip(mean).map(|(u, m)| u * m).sum();
                    neutral + strength.fraction() * norm
                }
            };
            let write = dual?;
            Some(Hold {
                read,
                write,
                target,
            })
        })
        .collect()
    }
}

/// Edits that push a batch of texts, each its own way: each row of `batch` lists `(emotion, strength)` of one text.
///
/// At each of `steering.layers` a text receives
/// `sum over pushes of strength x scale x mean residual norm x unit vector`: one vector, whatever
/// the number of pushes, and no edit at all where nothing is pushed (paper, Method).
///
/// # Errors
/// When the vectors do not fit the model.
pub fn edits(
    vectors: &Vectors,
    steering: &card::Steering,
    batch: &[&[(usize, Strength)]],
    device: &Device,
) -> Result<Edits, RunError> {
    let mut edits = Edits::none();
    let each = batch.iter().map(|pushes| Steering {
        pushes,
        method: Method::Add,
        layers: &steering.layers,
        scale: steering.scale,
    });
    if each.clone().all(|text| text.is_idle()) {
        return Ok(edits);
    }
    for &layer in &steering.layers {
        let norm = norm(vectors, layer)?;
        let rows: Vec<Vec<f32>> = each
            .clone()
            .map(|text| text.sum(vectors, layer, steering.scale * norm))
            .collect();
        edits.add(layer, &rows, device)?;
    }
    Ok(edits)
}

/// Mean residual norm of a layer.
fn norm(vectors: &Vectors, layer: Layer) -> Result<f32, RunError> {
    let wrong = || RunError::Edit {
        layer: layer.index(),
        width: vectors.width,
    };
    vectors.norm.get(layer.index()).copied().ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors::tests::sample;
    use atlas_lm::device;

    fn steering() -> card::Steering {
        card::Steering {
            layers: vec![Layer::new(1)],
            scale: 0.5,
            safe: 0.3,
            limit: 0.6,
            preset: 0.25,
            basis: String::new(),
            ranges: vec![],
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

    fn holding(method: Method, pushes: &[(usize, Strength)]) -> Steering<'_> {
        Steering {
            pushes,
            method,
            layers: &[],
            scale: 0.5,
        }
    }

    /// The stream after what is held, by the formula of [`Hold`].
    fn held(holds: &[Hold], stream: [f32; 2]) -> [f32; 2] {
        let dot = |a: &[f32]| a[0] * stream[0] + a[1] * stream[1];
        let changes: Vec<f32> = holds.iter().map(|h| h.target - dot(&h.read)).collect();
        holds.iter().zip(changes).fold(stream, |s, (h, change)| {
            [s[0] + h.write[0] * change, s[1] + h.write[1] * change]
        })
    }

    #[test]
    fn what_is_projected_out_is_gone() {
        let pushes = [(0, Strength::ZERO)];
        let steering = holding(Method::ProjectOut, &pushes);
        let holds = steering.holds(&sample(), Layer::new(1), 10.0, Along::Emotions);
        let after = held(&holds, [5.0, 6.0]);
        assert!((after[0] * 0.6 + after[1] * 0.8).abs() < 1e-5);
        // Across the direction nothing has changed.
        assert!((after[0] * 0.8 - after[1] * 0.6 - (5.0 * 0.8 - 6.0 * 0.6)).abs() < 1e-5);
    }

    #[test]
    fn every_clamped_component_has_its_level() {
        // Two emotions that overlap: (0.6, 0.8) and (-1, 0); the neutral mean is (2, 2).
        let pushes = [(0, Strength::new(0.2)), (1, Strength::new(-0.1))];
        let steering = holding(Method::Clamp, &pushes);
        let holds = steering.holds(&sample(), Layer::new(1), 10.0, Along::Emotions);
        let after = held(&holds, [5.0, 6.0]);
        let level = |u: [f32; 2]| u[0] * (after[0] - 2.0) + u[1] * (after[1] - 2.0);
        assert!((level([0.6, 0.8]) - 2.0).abs() < 1e-4, "{after:?}");
        assert!((level([-1.0, 0.0]) + 1.0).abs() < 1e-4, "{after:?}");
    }

    #[test]
    fn a_random_push_is_as_long_as_the_steered_one() {
        let pushes = [(0, Strength::new(0.2)), (1, Strength::new(-0.1))];
        let layers = [Layer::new(1)];
        let steering = Steering {
            layers: &layers,
            ..holding(Method::Add, &pushes)
        };
        let texts = [Along::Nothing, Along::Emotions, Along::Random(3)];
        let edits = steering.edits(&sample(), &texts, &device::cpu()).unwrap();
        let rows = pollster::block_on(edits.rows(layers[0])).unwrap();
        assert_eq!(rows[..2], [0.0, 0.0]);
        assert!((length(&rows[2..4]) - length(&rows[4..])).abs() < 1e-5);
        assert_ne!(rows[2..4], rows[4..]);
    }

    #[test]
    fn a_level_of_zero_is_something_and_a_push_of_zero_is_not() {
        let zero = [(0, Strength::ZERO)];
        assert!(holding(Method::Add, &zero).is_idle());
        assert!(!holding(Method::Clamp, &zero).is_idle());
        assert!(holding(Method::ProjectOut, &[]).is_idle());
    }
}

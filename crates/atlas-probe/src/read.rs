//! Reading: what the residual stream says, token by token.

use crate::vectors::Vectors;
use atlas_lm::{Device, Linear, RunError, Tensor, device};
use atlas_units::Layer;

/// Leading tokens of a text that are never read, nor enter the neutral mean or the scale: the first is an
/// attention sink.
pub const SKIPPED: usize = 3;

/// All emotions at one layer of one text.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerReading {
    /// Row-major `[token, emotion]`: `(residual - neutral mean) . unit / p99`.
    pub values: Vec<f32>,
    /// Per token: position on the map's axes, in map units.
    pub path: Vec<[f32; 2]>,
}

/// Projects residuals on every emotion and on the map's axes, one matrix product per layer.
pub struct Reader {
    /// Per layer: `[emotions + 2, width]`, already divided by scale.
    directions: Vec<Linear>,
    /// Per layer: what the neutral mean projects to.
    offsets: Vec<Vec<f32>>,
    emotions: usize,
}

impl Reader {
    /// Puts the directions on the model's device.
    #[must_use]
    pub fn new(vectors: &Vectors, device: &Device) -> Self {
        let mut directions = Vec::with_capacity(vectors.layers);
        let mut offsets = Vec::with_capacity(vectors.layers);
        for layer in 0..vectors.layers {
            let rows = scaled_rows(vectors, layer);
            let mean = &vectors.mean[layer * vectors.width..(layer + 1) * vectors.width];
            offsets.push(
                rows.chunks(vectors.width)
                    .map(|row| row.iter().zip(mean).map(|(a, b)| a * b).sum())
                    .collect(),
            );
            let shape = [vectors.emotions + 2, vectors.width];
            directions.push(Linear::from_rows(&rows, shape, device));
        }
        Self {
            directions,
            offsets,
            emotions: vectors.emotions,
        }
    }

    /// Projects a tap; nothing is computed before it is read back. `residual`: `[1, tokens, width]`.
    #[must_use]
    pub fn project(&self, layer: Layer, residual: Tensor<3>) -> Tensor<2> {
        let rows: Tensor<2> = residual.squeeze_dim(0);
        self.directions[layer.index()].forward(rows)
    }

    /// Brings a projection back and centres it.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn finish(
        &self,
        layer: Layer,
        projected: Tensor<2>,
    ) -> Result<LayerReading, RunError> {
        Ok(self.centred(layer, &device::read(projected).await?))
    }

    /// [`Self::finish`] for the layers of a whole pass, from the embedding up: they come back together, so that a
    /// GPU is waited for once and not once per layer.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn finish_all(
        &self,
        projected: Vec<Tensor<2>>,
    ) -> Result<Vec<LayerReading>, RunError> {
        let found = device::read_all(projected).await?;
        let layers = (0..).map(Layer::new).zip(&found);
        Ok(layers
            .map(|(layer, numbers)| self.centred(layer, numbers))
            .collect())
    }

    /// Projections less what the neutral mean projects to.
    fn centred(&self, layer: Layer, numbers: &[f32]) -> LayerReading {
        let offsets = &self.offsets[layer.index()];
        let (mut values, mut path) = (Vec::new(), Vec::new());
        for row in numbers.chunks(self.emotions + 2) {
            let centred = |i: usize| row[i] - offsets[i];
            values.extend((0..self.emotions).map(centred));
            path.push([centred(self.emotions), centred(self.emotions + 1)]);
        }
        LayerReading { values, path }
    }
}

/// `unit / p99` per emotion, then `axis / map unit` twice: `[emotions + 2, width]`.
fn scaled_rows(vectors: &Vectors, layer: usize) -> Vec<f32> {
    let (e, w) = (vectors.emotions, vectors.width);
    let mut rows = Vec::with_capacity((e + 2) * w);
    for emotion in 0..e {
        let scale = vectors.p99[layer * e + emotion];
        #[expect(
            clippy::cast_possible_truncation,
            reason = "no model has 65,536 layers"
        )]
        let at = Layer::new(layer as u16);
        match vectors.direction(at, emotion) {
            Some(unit) if scale > 0.0 => rows.extend(unit.iter().map(|x| x / scale)),
            _ => rows.extend(std::iter::repeat_n(0.0, w)),
        }
    }
    let unit = vectors.unit[layer].max(f32::MIN_POSITIVE);
    let axes = &vectors.axes[layer * 2 * w..(layer + 1) * 2 * w];
    rows.extend(axes.iter().map(|x| x / unit));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors::tests::sample;

    #[test]
    fn layers_read_together_are_those_read_alone() {
        let (vectors, on) = (sample(), device::cpu());
        let reader = Reader::new(&vectors, &on);
        let residual = |x: f32| Tensor::<1>::from_floats([x, 2.0, 5.0, 6.0 - x], &on);
        let project = |at: u16| {
            let residual = residual(f32::from(at) + 0.3).reshape([1, 2, 2]);
            reader.project(Layer::new(at), residual)
        };
        let together = reader.finish_all((0..2).map(project).collect());
        let together = pollster::block_on(together).unwrap();
        for at in 0..2 {
            let alone = pollster::block_on(reader.finish(Layer::new(at), project(at))).unwrap();
            assert_eq!(together[usize::from(at)], alone);
        }
        assert_ne!(together[0], together[1]);
    }

    #[test]
    fn reads_what_the_formula_says() {
        let vectors = sample();
        let reader = Reader::new(&vectors, &device::cpu());
        let residual = Tensor::<1>::from_floats([2.0, 2.0, 5.0, 6.0], &device::cpu());
        let layer = Layer::new(1);
        let projected = reader.project(layer, residual.reshape([1, 2, 2]));
        let reading = pollster::block_on(reader.finish(layer, projected)).unwrap();
        // The first token is the neutral mean; the second differs from it by (3, 4).
        let expected = [0.0, 0.0, 5.0 / 2.0, -3.0 / 4.0];
        for (found, expected) in reading.values.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-5);
        }
        assert!((reading.path[1][0] - 1.5).abs() < 1e-5);
        assert!((reading.path[1][1] - 2.0).abs() < 1e-5);
    }
}

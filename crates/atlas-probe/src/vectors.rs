//! `vectors.safetensors`.

use atlas_units::Layer;
use half::f16;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

/// The file is not what it should be.
#[derive(Debug, thiserror::Error)]
pub enum VectorsError {
    /// Not safetensors, or a tensor is missing.
    #[error("the emotion vectors cannot be read: {0}")]
    File(#[from] safetensors::SafeTensorError),
    /// A tensor has another shape or type than it should.
    #[error("the emotion vectors cannot be read: tensor `{0}` has the wrong shape or type")]
    Tensor(&'static str),
}

/// Emotion vectors of every layer, with what is needed to read and steer by them.
#[derive(Clone, Debug, PartialEq)]
pub struct Vectors {
    /// Layers, the embedding included.
    pub layers: usize,
    /// Emotions.
    pub emotions: usize,
    /// Width of the residual stream.
    pub width: usize,
    /// `[layer, emotion, width]`: differences of means, not normalised.
    pub emotion: Vec<f32>,
    /// `[layer, width]`: mean residual over neutral passages.
    pub mean: Vec<f32>,
    /// `[layer]`: mean residual norm over stories, first token left out.
    pub norm: Vec<f32>,
    /// `[layer, emotion]`: 99th percentile of `|(residual - mean) . unit|` over emotional text.
    pub p99: Vec<f32>,
    /// `[layer, 2, width]`: unit vectors of the map's axes.
    pub axes: Vec<f32>,
    /// `[layer]`: length of one map unit.
    pub unit: Vec<f32>,
}

impl Vectors {
    /// Reads the file.
    ///
    /// # Errors
    /// When it is not safetensors or its tensors do not fit together.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, VectorsError> {
        let file = SafeTensors::deserialize(bytes)?;
        let emotion = file.tensor("emotion")?;
        let &[layers, emotions, width] = emotion.shape() else {
            return Err(VectorsError::Tensor("emotion"));
        };
        let take = |name: &'static str, shape: &[usize]| {
            let tensor = file.tensor(name)?;
            if tensor.shape() == shape {
                floats(&tensor).ok_or(VectorsError::Tensor(name))
            } else {
                Err(VectorsError::Tensor(name))
            }
        };
        Ok(Self {
            layers,
            emotions,
            width,
            emotion: floats(&emotion).ok_or(VectorsError::Tensor("emotion"))?,
            mean: take("mean", &[layers, width])?,
            norm: take("norm", &[layers])?,
            p99: take("p99", &[layers, emotions])?,
            axes: take("axes", &[layers, 2, width])?,
            unit: take("unit", &[layers])?,
        })
    }

    /// Writes the file; the vectors and axes as f16, which keeps their directions to 1e-3.
    ///
    /// # Errors
    /// When the tensors do not fit together.
    pub fn to_bytes(&self) -> Result<Vec<u8>, VectorsError> {
        let (l, e, w) = (self.layers, self.emotions, self.width);
        let parts = [
            ("emotion", vec![l, e, w], Dtype::F16, narrow(&self.emotion)),
            ("mean", vec![l, w], Dtype::F32, wide(&self.mean)),
            ("norm", vec![l], Dtype::F32, wide(&self.norm)),
            ("p99", vec![l, e], Dtype::F32, wide(&self.p99)),
            ("axes", vec![l, 2, w], Dtype::F16, narrow(&self.axes)),
            ("unit", vec![l], Dtype::F32, wide(&self.unit)),
        ];
        let views: Result<Vec<_>, _> = parts
            .iter()
            .map(|(name, shape, dtype, bytes)| {
                TensorView::new(*dtype, shape.clone(), bytes).map(|view| (*name, view))
            })
            .collect();
        Ok(safetensors::serialize(views?, None)?)
    }

    /// Unit vector of an emotion at a layer; `None` outside the table or where it has no length.
    #[must_use]
    pub fn direction(&self, layer: Layer, emotion: usize) -> Option<Vec<f32>> {
        if layer.index() >= self.layers || emotion >= self.emotions {
            return None;
        }
        let start = (layer.index() * self.emotions + emotion) * self.width;
        let row = &self.emotion[start..start + self.width];
        let norm = row.iter().map(|x| x * x).sum::<f32>().sqrt();
        (norm > 0.0).then(|| row.iter().map(|x| x / norm).collect())
    }
}

fn floats(view: &TensorView) -> Option<Vec<f32>> {
    let data = view.data();
    match view.dtype() {
        Dtype::F32 => Some(
            data.chunks_exact(4)
                .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
                .collect(),
        ),
        Dtype::F16 => Some(
            data.chunks_exact(2)
                .map(|b| f16::from_le_bytes([b[0], b[1]]).to_f32())
                .collect(),
        ),
        _ => None,
    }
}

fn wide(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|x| x.to_le_bytes()).collect()
}

fn narrow(values: &[f32]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|&x| f16::from_f32(x).to_le_bytes())
        .collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn sample() -> Vectors {
        Vectors {
            layers: 2,
            emotions: 2,
            width: 2,
            emotion: vec![0.0, 0.0, 1.0, 0.0, 3.0, 4.0, -2.0, 0.0],
            mean: vec![1.0, 1.0, 2.0, 2.0],
            norm: vec![5.0, 10.0],
            p99: vec![1.0, 1.0, 2.0, 4.0],
            axes: vec![1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0],
            unit: vec![1.0, 2.0],
        }
    }

    #[test]
    fn the_file_gives_back_what_was_written() {
        let vectors = sample();
        let again = Vectors::from_bytes(&vectors.to_bytes().unwrap()).unwrap();
        assert_eq!(again, vectors); // small whole numbers are exact in f16
    }

    #[test]
    fn directions_have_length_one_or_are_none() {
        let vectors = sample();
        assert_eq!(vectors.direction(Layer::new(1), 0), Some(vec![0.6, 0.8]));
        assert_eq!(vectors.direction(Layer::EMBEDDING, 0), None, "no length");
        assert_eq!(vectors.direction(Layer::new(2), 0), None, "no such layer");
    }

    #[test]
    fn a_truncated_file_is_refused() {
        let bytes = sample().to_bytes().unwrap();
        assert!(Vectors::from_bytes(&bytes[..bytes.len() - 1]).is_err());
        assert!(Vectors::from_bytes(b"<html>not found</html>").is_err());
    }
}

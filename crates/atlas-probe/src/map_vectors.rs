//! `map.safetensors`: the vectors that the map shows, where they are not those to steer along.
//!
//! The engine needs none of them, so they are not in `vectors.safetensors`, which every visitor fetches.

use crate::vectors::{VectorsError, floats, narrow};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

/// The map's vectors of every layer.
#[derive(Clone, Debug, PartialEq)]
pub struct MapVectors {
    /// Layers, the embedding included.
    pub layers: usize,
    /// Emotions.
    pub emotions: usize,
    /// Width of the residual stream.
    pub width: usize,
    /// `[layer, emotion, width]`, not normalised.
    pub rows: Vec<f32>,
}

impl MapVectors {
    /// Reads the file.
    ///
    /// # Errors
    /// When it is not safetensors, or its tensor has another shape or type.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, VectorsError> {
        let file = SafeTensors::deserialize(bytes)?;
        let tensor = file.tensor("map")?;
        let (&[layers, emotions, width], Some(rows)) = (tensor.shape(), floats(&tensor)) else {
            return Err(VectorsError::Tensor("map"));
        };
        Ok(Self {
            layers,
            emotions,
            width,
            rows,
        })
    }

    /// Writes the file, as f16.
    ///
    /// # Errors
    /// When the numbers do not fill the shape.
    pub fn to_bytes(&self) -> Result<Vec<u8>, VectorsError> {
        let (shape, bytes) = (
            vec![self.layers, self.emotions, self.width],
            narrow(&self.rows),
        );
        let view = TensorView::new(Dtype::F16, shape, &bytes)?;
        Ok(safetensors::serialize([("map", view)], None)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_gives_back_what_was_written() {
        let vectors = MapVectors {
            layers: 2,
            emotions: 1,
            width: 2,
            rows: vec![1.0, -2.0, 0.5, 4.0],
        };
        let bytes = vectors.to_bytes().unwrap();
        assert_eq!(MapVectors::from_bytes(&bytes).unwrap(), vectors);
        assert!(MapVectors::from_bytes(&bytes[..bytes.len() - 1]).is_err());
        assert!(
            MapVectors {
                layers: 3,
                ..vectors
            }
            .to_bytes()
            .is_err()
        );
    }
}

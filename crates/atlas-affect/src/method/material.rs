//! What vectors are made from: means of stories and of neutral passages, at several layers.

use std::collections::BTreeMap;

use atlas_units::Layer;

use crate::{AffectError, StoryMeans};

/// Mean residuals of one corpus's stories at several layers.
///
/// The lists run in parallel; `rows` is `[story, layer, width]`, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Layered {
    /// Emotion of each story, as a position in the list of emotions.
    pub emotion: Vec<u16>,
    /// Topic of each story.
    pub topic: Vec<u32>,
    /// Writer of each story.
    pub writer: Vec<u32>,
    /// Which layers `rows` holds, in its order: all of a model's, or some.
    pub layers: Vec<Layer>,
    /// Width of the residual stream.
    pub width: usize,
    /// The means, `[story, layer, width]`.
    pub rows: Vec<f32>,
}

impl Layered {
    /// Number of stories.
    #[must_use]
    pub fn len(&self) -> usize {
        self.emotion.len()
    }

    /// Whether there is no story.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.emotion.is_empty()
    }

    /// The stories at one layer.
    ///
    /// # Errors
    /// [`AffectError::UnknownLayer`]; as [`StoryMeans::check`].
    pub fn at(&self, layer: Layer) -> Result<StoryMeans, AffectError> {
        let rows = slice(&self.rows, self.len(), &self.layers, self.width, layer)?;
        StoryMeans::new(
            self.emotion.clone(),
            self.topic.clone(),
            &self.writer,
            self.width,
            rows,
        )
    }

    /// The stories on topics that `keep` says yes to.
    #[must_use]
    pub fn on_topics(&self, keep: impl Fn(u32) -> bool) -> Self {
        let kept: Vec<usize> = (0..self.len()).filter(|&s| keep(self.topic[s])).collect();
        let each = self.layers.len() * self.width;
        Self {
            emotion: kept.iter().map(|&s| self.emotion[s]).collect(),
            topic: kept.iter().map(|&s| self.topic[s]).collect(),
            writer: kept.iter().map(|&s| self.writer[s]).collect(),
            layers: self.layers.clone(),
            width: self.width,
            rows: kept
                .iter()
                .flat_map(|&s| &self.rows[s * each..][..each])
                .copied()
                .collect(),
        }
    }
}

/// Mean residuals of passages without feeling, `[passage, layer, width]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Neutral {
    /// Which layers `rows` holds.
    pub layers: Vec<Layer>,
    /// Width of the residual stream.
    pub width: usize,
    /// The means.
    pub rows: Vec<f32>,
}

impl Neutral {
    /// Number of passages.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len() / (self.layers.len() * self.width).max(1)
    }

    /// Whether there is no passage.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The passages at one layer, `[passage, width]`.
    ///
    /// # Errors
    /// [`AffectError::UnknownLayer`], [`AffectError::Shape`], [`AffectError::NotFinite`].
    pub fn at(&self, layer: Layer) -> Result<Vec<f32>, AffectError> {
        let rows = slice(&self.rows, self.len(), &self.layers, self.width, layer)?;
        match rows.iter().position(|v| !v.is_finite()) {
            Some(at) => Err(AffectError::NotFinite {
                story: at / self.width,
            }),
            None => Ok(rows),
        }
    }
}

/// One layer of `[item, layer, width]`.
fn slice(
    rows: &[f32],
    count: usize,
    layers: &[Layer],
    width: usize,
    layer: Layer,
) -> Result<Vec<f32>, AffectError> {
    let expected = count * layers.len() * width;
    if rows.len() != expected {
        return Err(AffectError::Shape {
            what: "rows",
            expected,
            found: rows.len(),
        });
    }
    let at = layers.iter().position(|&l| l == layer);
    let at = at.ok_or(AffectError::UnknownLayer(layer.index()))?;
    let each = layers.len() * width;
    let of_item = |i: usize| &rows[i * each + at * width..][..width];
    Ok((0..count).flat_map(of_item).copied().collect())
}

/// All corpora by name, and neutral passages, as one model sees them.
#[derive(Clone, Debug, PartialEq)]
pub struct Material {
    /// First token that entered the stories' means.
    pub first_token: usize,
    /// Stories.
    pub corpora: BTreeMap<String, Layered>,
    /// Passages without feeling; may be empty where no option asks for them.
    pub neutral: Neutral,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_is_cut_out_of_every_story() {
        let layered = Layered {
            emotion: vec![0, 1],
            topic: vec![4, 5],
            writer: vec![0, 0],
            layers: vec![Layer::new(3), Layer::new(7)],
            width: 2,
            rows: (0_u8..8).map(f32::from).collect(),
        };
        assert_eq!(
            layered.at(Layer::new(7)).expect("there").rows,
            [2.0, 3.0, 6.0, 7.0]
        );
        assert_eq!(layered.at(Layer::new(4)), Err(AffectError::UnknownLayer(4)));
        let one = layered.on_topics(|t| t == 5);
        assert_eq!(one.at(Layer::new(3)).expect("there").rows, [4.0, 5.0]);
        let neutral = Neutral {
            layers: layered.layers.clone(),
            width: 2,
            rows: layered.rows,
        };
        assert_eq!(
            neutral.at(Layer::new(3)).expect("there"),
            [0.0, 1.0, 4.0, 5.0]
        );
    }
}

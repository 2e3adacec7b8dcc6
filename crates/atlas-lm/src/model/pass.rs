//! A pass through the model, one block at a time: between blocks the residual stream can be read
//! (a tap), and edits are added to it.

use super::cache::KvCache;
use super::llama::Llama;
use crate::error::RunError;
use atlas_units::Layer;
use burn::tensor::{Device, Tensor, TensorData};
use std::ops::Range;

/// What is added to the residual stream: at most one vector per layer and text, at every position.
///
/// However many directions are combined, a pass pays one addition per edited layer.
#[derive(Clone, Debug, Default)]
pub struct Edits {
    layers: Vec<(Layer, Tensor<3>)>,
}

impl Edits {
    /// Changes nothing.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds `rows` (one vector `[width]` per text of the batch, or one for all) at a layer.
    ///
    /// # Errors
    /// When the rows differ in width.
    pub fn add(
        &mut self,
        layer: Layer,
        rows: &[Vec<f32>],
        device: &Device,
    ) -> Result<(), RunError> {
        let width = rows.first().map_or(0, Vec::len);
        if width == 0 || rows.iter().any(|row| row.len() != width) {
            let layer = layer.index();
            return Err(RunError::Edit { layer, width });
        }
        let data = TensorData::new(rows.concat(), [rows.len(), 1, width]);
        self.layers.push((layer, Tensor::from_data(data, device)));
        Ok(())
    }

    /// Whether there is nothing to add.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.layers.is_empty()
    }

    /// What is added at a layer, row-major `[text or 1, width]`; empty where nothing is.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn rows(&self, at: Layer) -> Result<Vec<f32>, RunError> {
        match self.layers.iter().find(|(layer, _)| *layer == at) {
            Some((_, edit)) => crate::device::read(edit.clone()).await,
            None => Ok(Vec::new()),
        }
    }

    /// `residual`: `[batch * tokens, width]`.
    fn apply(&self, at: Layer, [batch, tokens]: [usize; 2], residual: Tensor<2>) -> Tensor<2> {
        let [rows, width] = residual.dims();
        let here = self.layers.iter().filter(|(layer, _)| *layer == at);
        here.fold(residual, |residual, (_, edit)| {
            let wide = residual.reshape([batch, tokens, width]) + edit.clone();
            wide.reshape([rows, width])
        })
    }

    pub(super) fn check(&self, layers: usize, width: usize, batch: usize) -> Result<(), RunError> {
        for (layer, edit) in &self.layers {
            let [rows, _, edit_width] = edit.dims();
            if layer.index() >= layers || edit_width != width || (rows != 1 && rows != batch) {
                return Err(RunError::Edit {
                    layer: layer.index(),
                    width: edit_width,
                });
            }
        }
        Ok(())
    }
}

/// A pass under way. [`Pass::step`] runs the next block; in between, [`Pass::residual`] is the tap.
///
/// ```no_run
/// # use atlas_lm::{Edits, Llama, RunError};
/// # fn taps(model: &Llama) -> Result<(), RunError> {
/// let (mut cache, edits) = (model.cache(), Edits::none());
/// let mut pass = model.begin(&[&[1, 2, 3]], &mut cache, &edits)?;
/// loop {
///     let (layer, residual) = (pass.layer(), pass.residual()); // [1, 3, width]
///     if !pass.step() { break }
/// }
/// let logits = pass.logits(2..3); // of the last token
/// # Ok(()) }
/// ```
pub struct Pass<'a> {
    model: &'a Llama,
    cache: &'a mut KvCache,
    edits: &'a Edits,
    /// `[batch * tokens, width]`; always there between two steps.
    residual: Option<Tensor<2>>,
    sizes: [usize; 2],
    done: usize,
}

impl<'a> Pass<'a> {
    pub(super) fn new(
        model: &'a Llama,
        embedded: Tensor<2>,
        sizes: [usize; 2],
        cache: &'a mut KvCache,
        edits: &'a Edits,
    ) -> Self {
        cache.prepare(sizes[0], sizes[1]);
        Self {
            residual: Some(edits.apply(Layer::EMBEDDING, sizes, embedded)),
            model,
            cache,
            edits,
            sizes,
            done: 0,
        }
    }

    /// The layer that [`Self::residual`] is at: 0 before the first block.
    #[must_use]
    pub fn layer(&self) -> Layer {
        if self.done == 0 {
            Layer::EMBEDDING
        } else {
            Layer::after_block(self.done - 1)
        }
    }

    /// The residual stream, edits at this layer included: `[batch, tokens, width]`.
    #[must_use]
    pub fn residual(&self) -> Tensor<3> {
        let [batch, tokens] = self.sizes;
        let width = self.model.config.width;
        self.rows().reshape([batch, tokens, width])
    }

    fn rows(&self) -> Tensor<2> {
        match &self.residual {
            Some(residual) => residual.clone(),
            None => unreachable!("every step puts it back"),
        }
    }

    /// Runs the next block; `false` when there is none left.
    pub fn step(&mut self) -> bool {
        let Some(block) = self.model.blocks.get(self.done) else {
            return false;
        };
        // Given away and not cloned, so that the block can add to it in place.
        let Some(residual) = self.residual.take() else {
            return false;
        };
        let out = block.forward(residual, &self.model.rotary, self.cache, self.done);
        let at = Layer::after_block(self.done);
        self.residual = Some(self.edits.apply(at, self.sizes, out));
        self.done += 1;
        if self.done == self.model.blocks.len() {
            self.cache.advance();
        }
        true
    }

    /// Logits of some positions of this pass, `[batch, positions, vocabulary]`. Call after the last step.
    /// The unembedding runs for these positions only.
    #[must_use]
    pub fn logits(&self, positions: Range<usize>) -> Tensor<3> {
        let [batch, tokens] = self.sizes;
        let (count, width) = (positions.len(), self.model.config.width);
        let rows = if count == tokens {
            self.rows()
        } else {
            let rows = self.residual().narrow(1, positions.start, count);
            rows.reshape([batch * count, width])
        };
        let vocabulary = self.model.config.vocabulary;
        self.model.unembed(rows).reshape([batch, count, vocabulary])
    }

    /// Logits of the token after each text, `[batch, vocabulary]`. Call after the last step.
    #[must_use]
    pub fn next_logits(&self) -> Tensor<2> {
        let [batch, tokens] = self.sizes;
        let last = self.logits(tokens - 1..tokens);
        last.reshape([batch, self.model.config.vocabulary])
    }
}

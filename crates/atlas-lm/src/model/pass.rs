//! A pass through the model, one block at a time: between blocks the residual stream can be read
//! (a tap), and edits are made to it.

use super::cache::KvCache;
use super::edits::Edits;
use super::llama::Llama;
use atlas_units::Layer;
use burn::tensor::Tensor;
use std::ops::Range;

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

    /// Goes on from a residual stream `[batch * tokens, width]` at `layer`, before the edits there.
    pub(super) fn resumed(
        model: &'a Llama,
        layer: Layer,
        residual: Tensor<2>,
        sizes: [usize; 2],
        cache: &'a mut KvCache,
        edits: &'a Edits,
    ) -> Self {
        cache.prepare(sizes[0], sizes[1]);
        Self {
            residual: Some(edits.apply(layer, sizes, residual)),
            model,
            cache,
            edits,
            sizes,
            done: layer.index(),
        }
    }

    /// Ends the pass where it stands and hands out the residual stream, `[batch, tokens, width]`: the cache holds the
    /// tokens for the blocks that ran. [`Llama::resume`] runs the others, on a cache of its own.
    #[must_use]
    pub fn leave(self) -> Tensor<3> {
        let residual = self.residual();
        if self.done < self.model.blocks.len() {
            self.cache.advance();
        }
        residual
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

//! Keys and values of the tokens already run.

use burn::tensor::Tensor;

/// The cache of one batch of texts; all rows have the same length.
#[derive(Clone, Debug, Default)]
pub struct KvCache {
    layers: Vec<Option<(Tensor<4>, Tensor<4>)>>,
    tokens: usize,
}

impl KvCache {
    /// An empty cache for a model of so many blocks.
    #[must_use]
    pub fn new(blocks: usize) -> Self {
        Self {
            layers: vec![None; blocks],
            tokens: 0,
        }
    }

    /// Tokens held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tokens
    }

    /// Whether nothing is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tokens == 0
    }

    /// Adds keys and values `[batch, kv_heads, tokens, head_width]` of one block and returns all of them.
    pub(super) fn extend(
        &mut self,
        block: usize,
        key: Tensor<4>,
        value: Tensor<4>,
    ) -> (Tensor<4>, Tensor<4>) {
        let joined = match self.layers[block].take() {
            None => (key, value),
            Some((k, v)) => (Tensor::cat(vec![k, key], 2), Tensor::cat(vec![v, value], 2)),
        };
        self.layers[block] = Some(joined.clone());
        joined
    }

    /// Called once per pass, after the last block.
    pub(super) fn advance(&mut self, tokens: usize) {
        self.tokens += tokens;
    }
}

//! Keys and values of the tokens already run.

use crate::ops::AttentionShape;
use burn::tensor::{Device, Tensor};

/// Least number of tokens that room is made for.
const ROOM: usize = 64;

/// The cache of one batch of texts; all rows have the same length.
///
/// Keys and values of a block are `[batch, kv_heads, capacity, head_width]`, written in place; the capacity doubles
/// when it is reached.
#[derive(Clone, Debug)]
pub struct KvCache {
    blocks: Vec<Option<(Tensor<4>, Tensor<4>)>>,
    shape: AttentionShape,
    context: usize,
    device: Device,
}

impl KvCache {
    /// An empty cache.
    pub(super) fn new(
        blocks: usize,
        context: usize,
        [heads, kv_heads, head_width]: [usize; 3],
        device: &Device,
    ) -> Self {
        let shape = AttentionShape {
            batch: 0,
            tokens: 0,
            past: 0,
            capacity: 0,
            heads,
            kv_heads,
            head_width,
        };
        Self {
            blocks: vec![None; blocks],
            shape,
            context,
            device: device.clone(),
        }
    }

    /// Tokens held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shape.past
    }

    /// Whether nothing is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shape.past == 0
    }

    /// The texts that it holds; 0 before the first pass.
    #[must_use]
    pub fn batch(&self) -> usize {
        self.shape.batch
    }

    /// The same texts, each `times` times in a row: what they have in common is computed once.
    #[must_use]
    pub fn fork(&self, times: usize) -> Self {
        let shape = AttentionShape {
            batch: self.shape.batch * times,
            ..self.shape
        };
        let many = |held: &Tensor<4>| {
            let [batch, heads, capacity, width] = held.dims();
            let apart = held.clone().reshape([batch, 1, heads * capacity * width]);
            let forked = apart.repeat_dim(1, times);
            forked.reshape([batch * times, heads, capacity, width])
        };
        let block = |(keys, values): &(Tensor<4>, Tensor<4>)| (many(keys), many(values));
        Self {
            blocks: self.blocks.iter().map(|b| b.as_ref().map(block)).collect(),
            shape,
            context: self.context,
            device: self.device.clone(),
        }
    }

    /// Makes room for the next pass.
    pub(super) fn prepare(&mut self, batch: usize, tokens: usize) {
        self.shape.batch = batch;
        self.shape.tokens = tokens;
        let needed = self.shape.past + tokens;
        if needed > self.shape.capacity {
            let capacity = needed.next_multiple_of(ROOM).max(2 * self.shape.capacity);
            self.grow(capacity.min(self.context.max(needed)));
        }
    }

    fn grow(&mut self, capacity: usize) {
        let shape = self.shape;
        self.shape.capacity = capacity;
        let empty = || {
            Tensor::<4>::zeros(
                [shape.batch, shape.kv_heads, capacity, shape.head_width],
                &self.device,
            )
        };
        for block in &mut self.blocks {
            let wider = |old: Option<Tensor<4>>| match old {
                Some(old) => Tensor::cat(
                    vec![
                        old,
                        empty().narrow(2, shape.capacity, capacity - shape.capacity),
                    ],
                    2,
                ),
                None => empty(),
            };
            let (keys, values) = match block.take() {
                Some((keys, values)) => (Some(keys), Some(values)),
                None => (None, None),
            };
            *block = Some((wider(keys), wider(values)));
        }
    }

    /// Sizes of the pass under way.
    pub(super) fn shape(&self) -> AttentionShape {
        self.shape
    }

    /// Hands out a block's keys and values, so that they can be written in place.
    pub(super) fn take(&mut self, block: usize) -> (Tensor<4>, Tensor<4>) {
        self.blocks[block]
            .take()
            .unwrap_or_else(|| unreachable!("prepared before the pass and put back by each block"))
    }

    /// Takes them back.
    pub(super) fn put(&mut self, block: usize, keys: Tensor<4>, values: Tensor<4>) {
        self.blocks[block] = Some((keys, values));
    }

    /// Called once per pass, after the last block.
    pub(super) fn advance(&mut self) {
        self.shape.past += self.shape.tokens;
    }
}

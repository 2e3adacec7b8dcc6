//! Extraction: stories to mean residuals, layer by layer.

use atlas_lm::{Edits, Llama, RunError, Tensor, device};

/// What is kept of one story, for one first token.
#[derive(Clone, Debug, PartialEq)]
pub struct StoryMean {
    /// `[layer, width]`: mean residual over the tokens from the first one on.
    pub mean: Vec<f32>,
    /// `[layer]`: mean residual norm over all tokens but the first.
    pub norm: Vec<f32>,
    /// Tokens that entered the mean.
    pub tokens: usize,
}

/// Runs stories in batches through a model.
pub struct Extractor<'a> {
    model: &'a Llama,
    first_tokens: Vec<usize>,
}

impl<'a> Extractor<'a> {
    /// Means start at each of `first_tokens` (or at the last token of a shorter story): several cost hardly more
    /// than one.
    #[must_use]
    pub fn new(model: &'a Llama, first_tokens: impl Into<Vec<usize>>) -> Self {
        Self {
            model,
            first_tokens: first_tokens.into(),
        }
    }

    /// The first tokens, in the order of the results.
    #[must_use]
    pub fn first_tokens(&self) -> &[usize] {
        &self.first_tokens
    }

    /// Runs one batch: `[story][first token]`. Stories are padded at their end, which causal attention never sees, so the
    /// result does not depend on who shares the batch.
    ///
    /// # Errors
    /// When a story is empty or too long, or the device fails.
    pub async fn run(&self, stories: &[Vec<u32>]) -> Result<Vec<Vec<StoryMean>>, RunError> {
        let longest = stories.iter().map(Vec::len).max().unwrap_or(0);
        if stories.iter().any(Vec::is_empty) {
            return Err(RunError::Empty);
        }
        let padded: Vec<Vec<u32>> = stories
            .iter()
            .map(|s| {
                let mut s = s.clone();
                s.resize(longest, 0);
                s
            })
            .collect();
        let rows: Vec<&[u32]> = padded.iter().map(Vec::as_slice).collect();
        let in_mean = self.weights(stories, &self.first_tokens, longest);
        let in_norm = self.weights(stories, &[1], longest);

        let mut cache = self.model.cache();
        let edits = Edits::none();
        let mut pass = self.model.begin(&rows, &mut cache, &edits)?;
        let empty = |story: &Vec<u32>, first: &usize| StoryMean {
            mean: vec![],
            norm: vec![],
            tokens: story.len() - start(story, *first),
        };
        let mut out: Vec<Vec<StoryMean>> = stories
            .iter()
            .map(|s| self.first_tokens.iter().map(|f| empty(s, f)).collect())
            .collect();
        let width = self.model.config().width;
        loop {
            let residual = pass.residual();
            let norms = residual.clone().square().sum_dim(2).sqrt();
            let mean = device::read(in_mean.clone().matmul(residual)).await?;
            let norm = device::read(in_norm.clone().matmul(norms)).await?;
            let slots = out
                .iter_mut()
                .zip(&norm)
                .flat_map(|(story, norm)| story.iter_mut().map(move |slot| (slot, norm)));
            for ((slot, norm), mean) in slots.zip(mean.chunks(width)) {
                slot.mean.extend(mean);
                slot.norm.push(*norm);
            }
            if !pass.step() {
                return Ok(out);
            }
        }
    }

    /// `[batch, first token, tokens]`: equal weights over each story's tokens from its first on.
    fn weights(&self, stories: &[Vec<u32>], first_tokens: &[usize], longest: usize) -> Tensor<3> {
        let mut flat = Vec::with_capacity(stories.len() * first_tokens.len() * longest);
        for story in stories {
            for &first in first_tokens {
                let start = start(story, first);
                #[expect(clippy::cast_precision_loss, reason = "stories are short")]
                let weight = 1.0 / (story.len() - start) as f32;
                flat.extend((0..longest).map(|t| {
                    if (start..story.len()).contains(&t) {
                        weight
                    } else {
                        0.0
                    }
                }));
            }
        }
        Tensor::<1>::from_floats(flat.as_slice(), self.model.device()).reshape([
            stories.len(),
            first_tokens.len(),
            longest,
        ])
    }
}

/// Where a story's mean starts.
fn start(story: &[u32], first: usize) -> usize {
    first.min(story.len() - 1)
}

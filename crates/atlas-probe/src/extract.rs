//! Extraction: stories to mean residuals, layer by layer.

use atlas_lm::{Edits, Llama, RunError, Tensor, device};

/// What is kept of one story.
#[derive(Clone, Debug, PartialEq)]
pub struct StoryMean {
    /// `[layer, width]`: mean residual over the tokens from `first_token` on.
    pub mean: Vec<f32>,
    /// `[layer]`: mean residual norm over all tokens but the first.
    pub norm: Vec<f32>,
    /// Tokens that entered the mean.
    pub tokens: usize,
}

/// Runs stories in batches through a model.
pub struct Extractor<'a> {
    model: &'a Llama,
    first_token: usize,
}

impl<'a> Extractor<'a> {
    /// Means start at `first_token` (or at the last token of a shorter story).
    #[must_use]
    pub fn new(model: &'a Llama, first_token: usize) -> Self {
        Self { model, first_token }
    }

    /// Runs one batch. Stories are padded at their end, which causal attention never sees, so the
    /// result does not depend on who shares the batch.
    ///
    /// # Errors
    /// When a story is empty or too long, or the device fails.
    pub async fn run(&self, stories: &[Vec<u32>]) -> Result<Vec<StoryMean>, RunError> {
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
        let starts: Vec<usize> = stories
            .iter()
            .map(|s| self.first_token.min(s.len() - 1))
            .collect();
        let in_mean = self.weights(stories, &starts, longest);
        let after_first: Vec<usize> = stories.iter().map(|s| 1.min(s.len() - 1)).collect();
        let in_norm = self.weights(stories, &after_first, longest);

        let mut cache = self.model.cache();
        let edits = Edits::none();
        let mut pass = self.model.begin(&rows, &mut cache, &edits)?;
        let mut out: Vec<StoryMean> = stories
            .iter()
            .zip(&starts)
            .map(|(s, start)| StoryMean {
                mean: vec![],
                norm: vec![],
                tokens: s.len() - start,
            })
            .collect();
        let width = self.model.config().width;
        loop {
            let residual = pass.residual();
            let norms = residual.clone().square().sum_dim(2).sqrt();
            let mean = device::read(in_mean.clone().matmul(residual)).await?;
            let norm = device::read(in_norm.clone().matmul(norms)).await?;
            for (i, story) in out.iter_mut().enumerate() {
                story.mean.extend(&mean[i * width..(i + 1) * width]);
                story.norm.push(norm[i]);
            }
            if !pass.step() {
                return Ok(out);
            }
        }
    }

    /// `[batch, 1, tokens]`: equal weights over each story's tokens from its start on.
    fn weights(&self, stories: &[Vec<u32>], starts: &[usize], longest: usize) -> Tensor<3> {
        let mut flat = Vec::with_capacity(stories.len() * longest);
        for (story, &start) in stories.iter().zip(starts) {
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
        Tensor::<1>::from_floats(flat.as_slice(), self.model.device()).reshape([
            stories.len(),
            1,
            longest,
        ])
    }
}

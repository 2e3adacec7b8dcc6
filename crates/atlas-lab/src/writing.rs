//! Many short texts at once, each steered its own way: what does pushing make a model write?

use crate::Push;
use atlas_lm::{Llama, RunError, Sampler, SamplingConfig};

/// How texts are written.
#[derive(Clone, Debug)]
pub struct Writing {
    /// Tokens written at most.
    pub tokens: usize,
    /// How they are drawn; the seed is each draft's own.
    pub sampling: SamplingConfig,
    /// Tokens that end a text, and are not part of it.
    pub stops: Vec<u32>,
}

/// A text to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// Tokens it begins with.
    pub prompt: Vec<u32>,
    /// What pushes it.
    pub push: Push,
    /// Seed of its random numbers.
    pub seed: u64,
}

impl Writing {
    /// Writes every draft on, all of them together: what was written, without the prompt. A text is the same whoever is
    /// written beside it.
    ///
    /// # Errors
    /// When the prompts are empty or differ in length, a push does not fit the model, or the device fails.
    pub async fn write(&self, model: &Llama, drafts: &[Draft]) -> Result<Vec<Vec<u32>>, RunError> {
        let edits = Push::edits(drafts.iter().map(|d| &d.push), model)?;
        let mut samplers: Vec<Sampler> = drafts
            .iter()
            .map(|draft| {
                Sampler::new(SamplingConfig {
                    seed: draft.seed,
                    ..self.sampling
                })
            })
            .collect();
        let mut texts = vec![vec![]; drafts.len()];
        let mut ended = vec![false; drafts.len()];
        let mut feed: Vec<Vec<u32>> = drafts.iter().map(|d| d.prompt.clone()).collect();
        let mut cache = model.cache();
        for _ in 0..self.tokens {
            let rows: Vec<&[u32]> = feed.iter().map(Vec::as_slice).collect();
            let mut pass = model.begin(&rows, &mut cache, &edits)?;
            while pass.step() {}
            let reach = samplers
                .iter()
                .zip(&texts)
                .map(|(sampler, text)| sampler.reach(text))
                .try_fold(0, |most, reach| Some(most.max(reach?)));
            let reach = reach.unwrap_or(model.config().vocabulary);
            let largest = Llama::largest(pass.next_logits(), reach).await?;
            for (at, largest) in largest.iter().enumerate() {
                let token = samplers[at].draw(largest, &texts[at]);
                ended[at] |= self.stops.contains(&token);
                if !ended[at] {
                    texts[at].push(token);
                }
                // What an ended text is fed no one reads.
                feed[at] = vec![token];
            }
            if ended.iter().all(|e| *e) {
                break;
            }
        }
        Ok(texts)
    }
}

//! A prompt that is run once for many pushes, and everything that may follow it.
//!
//! Below the lowest layer that is pushed, all pushes see the same stream: that part is computed once. Above it, each
//! push has the prompt computed once, whatever is then asked to follow.

use crate::Pushes;
use crate::endings::log_normaliser;
use atlas_lm::{Edits, KvCache, Llama, RunError, Sampler, SamplingConfig, Tensor, device};
use std::ops::Range;

/// A prompt under some pushes.
pub struct Trunk<'a> {
    model: &'a Llama,
    pushes: &'a Pushes<'a>,
    which: Range<usize>,
    /// One text: what lies below the pushes.
    lower: KvCache,
    /// One text per push.
    upper: KvCache,
    /// Logits of the token after the prompt, `[push, vocabulary]`.
    next: Tensor<2>,
}

impl<'a> Trunk<'a> {
    /// Runs `prompt` under the pushes `which`.
    ///
    /// # Errors
    /// When the prompt is empty or too long, or a push does not fit the model.
    pub fn grow(
        model: &'a Llama,
        prompt: &[u32],
        pushes: &'a Pushes<'a>,
        which: Range<usize>,
    ) -> Result<Self, RunError> {
        let (mut lower, mut upper) = (model.cache(), model.cache());
        let common = below(model, &[prompt], pushes, &mut lower)?;
        let edits = pushes.edits(which.clone(), 1, model.device())?;
        let each = common.repeat_dim(0, which.len());
        let mut pass = model.resume(pushes.lowest(), each, &mut upper, &edits)?;
        while pass.step() {}
        let next = pass.next_logits();
        Ok(Self {
            model,
            pushes,
            which,
            lower,
            upper,
            next,
        })
    }

    /// Natural logarithm of each ending's probability, `[push, ending]`.
    ///
    /// # Errors
    /// When an ending is empty, or the device fails.
    pub async fn endings(&self, endings: &[Vec<u32>]) -> Result<Vec<f64>, RunError> {
        let longest = endings.iter().map(Vec::len).max().unwrap_or(0);
        if endings.iter().any(Vec::is_empty) || longest == 0 {
            return Err(RunError::Empty);
        }
        let (count, vocabulary) = (endings.len(), self.model.config().vocabulary);
        let next = device::read(self.next.clone()).await?;
        let mut found = Vec::with_capacity(self.which.len() * count);
        for row in next.chunks(vocabulary) {
            let normaliser = log_normaliser(row);
            found.extend(
                endings
                    .iter()
                    .map(|e| f64::from(row[e[0] as usize]) - normaliser),
            );
        }
        if longest == 1 {
            return Ok(found);
        }
        // The last token of an ending predicts nothing that is asked for; what pads an ending comes after it, where
        // causal attention does not see it.
        let texts: Vec<Vec<u32>> = endings
            .iter()
            .map(|ending| {
                let mut text = ending[..ending.len() - 1].to_vec();
                text.resize(longest - 1, 0);
                text
            })
            .collect();
        let texts: Vec<&[u32]> = texts.iter().map(Vec::as_slice).collect();
        let (mut lower, mut upper) = (self.lower.fork(count), self.upper.fork(count));
        let common = below(self.model, &texts, self.pushes, &mut lower)?;
        let edits = self
            .pushes
            .edits(self.which.clone(), count, self.model.device())?;
        let each = common.repeat_dim(0, self.which.len());
        let mut pass = self
            .model
            .resume(self.pushes.lowest(), each, &mut upper, &edits)?;
        while pass.step() {}
        // Position by position: the logits of all would take a hundred megabytes.
        for position in 0..longest - 1 {
            let logits = device::read(pass.logits(position..position + 1)).await?;
            let rows = logits.chunks(vocabulary).zip(&mut found);
            for ((row, found), ending) in rows.zip(endings.iter().cycle()) {
                if let Some(&token) = ending.get(position + 1) {
                    *found += f64::from(row[token as usize]) - log_normaliser(row);
                }
            }
        }
        Ok(found)
    }

    /// Writes `count` texts of `tokens` tokens per push: `[push][text]`. Text `i` draws with `seed + i`, whatever is
    /// pushed.
    ///
    /// # Errors
    /// When the device fails, or the context is too short.
    pub async fn write(
        &self,
        count: usize,
        tokens: usize,
        sampling: SamplingConfig,
    ) -> Result<Vec<Vec<Vec<u32>>>, RunError> {
        let texts = self.which.len() * count;
        let (mut lower, mut upper) = (self.lower.fork(texts), self.upper.fork(count));
        let edits = self
            .pushes
            .edits(self.which.clone(), count, self.model.device())?;
        let seeds = (0..).take(count).map(|i| sampling.seed + i);
        let mut samplers: Vec<Sampler> = (self.which.clone())
            .flat_map(|_| seeds.clone())
            .map(|seed| Sampler::new(SamplingConfig { seed, ..sampling }))
            .collect();
        let mut written = vec![vec![]; texts];
        let [pushes, vocabulary] = self.next.dims();
        let each = self.next.clone().reshape([pushes, 1, vocabulary]);
        let mut logits = each.repeat_dim(1, count).reshape([texts, vocabulary]);
        for _ in 0..tokens {
            let reach = samplers
                .iter()
                .zip(&written)
                .map(|(sampler, text)| sampler.reach(text))
                .try_fold(0, |most, reach| Some(most.max(reach?)));
            let largest = Llama::largest(logits, reach.unwrap_or(vocabulary)).await?;
            let each = samplers.iter_mut().zip(&mut written).zip(&largest);
            for ((sampler, text), largest) in each {
                let token = sampler.draw(largest, text);
                text.push(token);
            }
            let last: Vec<&[u32]> = written.iter().map(|t| &t[t.len() - 1..]).collect();
            let common = below(self.model, &last, self.pushes, &mut lower)?;
            let mut pass = self
                .model
                .resume(self.pushes.lowest(), common, &mut upper, &edits)?;
            while pass.step() {}
            logits = pass.next_logits();
        }
        Ok(written.chunks(count.max(1)).map(<[_]>::to_vec).collect())
    }
}

/// Runs texts up to where they are pushed: `[text, tokens, width]`.
fn below(
    model: &Llama,
    texts: &[&[u32]],
    pushes: &Pushes,
    cache: &mut KvCache,
) -> Result<Tensor<3>, RunError> {
    let none = Edits::none();
    let mut pass = model.begin(texts, cache, &none)?;
    while pass.layer() != pushes.lowest() && pass.step() {}
    Ok(pass.leave())
}

//! Many short texts at once, each steered its own way: what does pushing make a model write?

use atlas_lm::{Edits, Llama, RunError, Sampler, SamplingConfig, device};
use atlas_units::Layer;

/// How texts are written: all go on from one prompt, for as many tokens each.
#[derive(Clone, Debug)]
pub struct Writing {
    /// Tokens that every text begins with.
    pub prompt: Vec<u32>,
    /// Tokens written.
    pub tokens: usize,
    /// How they are drawn; text `i` draws with `seed + i`, whatever is pushed.
    pub sampling: SamplingConfig,
}

impl Writing {
    /// Writes one text per push `[width]`, which is added at `layer` to every token: what was written, without the
    /// prompt.
    ///
    /// # Errors
    /// When the prompt is empty, a push does not fit the model, or the device fails.
    pub async fn write(
        &self,
        model: &Llama,
        layer: Layer,
        pushes: &[Vec<f32>],
    ) -> Result<Vec<Vec<u32>>, RunError> {
        let mut edits = Edits::none();
        if pushes.iter().flatten().any(|x| *x != 0.0) {
            edits.add(layer, pushes, model.device())?;
        }
        let mut samplers: Vec<Sampler> = (0..)
            .zip(pushes)
            .map(|(i, _)| {
                Sampler::new(SamplingConfig {
                    seed: self.sampling.seed + i,
                    ..self.sampling
                })
            })
            .collect();
        let mut texts = vec![vec![]; pushes.len()];
        let mut feed = vec![self.prompt.clone(); pushes.len()];
        let mut cache = model.cache();
        for _ in 0..self.tokens {
            let rows: Vec<&[u32]> = feed.iter().map(Vec::as_slice).collect();
            let last = rows.first().map_or(0, |row| row.len()).saturating_sub(1);
            let mut pass = model.begin(&rows, &mut cache, &edits)?;
            while pass.step() {}
            let logits = pass.logits(last..last + 1).squeeze_dim::<2>(1);
            let reach = samplers
                .iter()
                .zip(&texts)
                .map(|(sampler, text)| sampler.reach(text))
                .try_fold(0, |most, reach| Some(most.max(reach?)));
            let largest =
                Llama::largest(logits, reach.unwrap_or(model.config().vocabulary)).await?;
            for (((sampler, text), feed), largest) in samplers
                .iter_mut()
                .zip(&mut texts)
                .zip(&mut feed)
                .zip(&largest)
            {
                let token = sampler.draw(largest, text);
                text.push(token);
                *feed = vec![token];
            }
        }
        Ok(texts)
    }

    /// Reads what was written, unsteered: mean residual over the written tokens at `layer`, `[text, width]`.
    ///
    /// # Errors
    /// When a text is empty or too long, or the device fails.
    pub async fn read(
        &self,
        model: &Llama,
        layer: Layer,
        texts: &[Vec<u32>],
    ) -> Result<Vec<f32>, RunError> {
        let whole: Vec<Vec<u32>> = texts
            .iter()
            .map(|text| [self.prompt.as_slice(), text].concat())
            .collect();
        let rows: Vec<&[u32]> = whole.iter().map(Vec::as_slice).collect();
        let (mut cache, edits) = (model.cache(), Edits::none());
        let mut pass = model.begin(&rows, &mut cache, &edits)?;
        while pass.layer() != layer && pass.step() {}
        let written = pass
            .residual()
            .narrow(1, self.prompt.len(), self.tokens)
            .mean_dim(1);
        device::read(written).await
    }
}

//! How likely a text goes on in one way or another.

use atlas_lm::{Edits, Llama, RunError, Tokenizer, device};
use atlas_units::Layer;

/// A text and ways in which it may go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endings {
    prompt: Vec<u32>,
    endings: Vec<Vec<u32>>,
}

impl Endings {
    /// `prompt`, continued by each of `endings` (which bring their leading space along).
    ///
    /// # Errors
    /// When the tokenizer refuses a text.
    pub fn new(
        tokenizer: &Tokenizer,
        prompt: &str,
        endings: &[String],
    ) -> Result<Self, atlas_lm::LoadError> {
        Ok(Self {
            prompt: tokenizer.encode(prompt)?,
            endings: endings
                .iter()
                .map(|ending| tokenizer.encode(ending))
                .collect::<Result<_, _>>()?,
        })
    }

    /// Natural logarithm of each ending's probability, `[push, ending]`; `pushes` are vectors `[width]`, each
    /// added at `layer` to every token.
    ///
    /// # Errors
    /// When prompt or an ending is empty, a push does not fit the model, or the device fails.
    pub async fn log_probabilities(
        &self,
        model: &Llama,
        layer: Layer,
        pushes: &[Vec<f32>],
    ) -> Result<Vec<f64>, RunError> {
        if self.prompt.is_empty() || self.endings.iter().any(Vec::is_empty) {
            return Err(RunError::Empty);
        }
        let longest = self.endings.iter().map(Vec::len).max().unwrap_or(0);
        // The last token of an ending predicts nothing that is asked for.
        let tokens = self.prompt.len() + longest - 1;
        let texts: Vec<Vec<u32>> = self
            .endings
            .iter()
            .map(|ending| {
                let mut text = [self.prompt.as_slice(), ending].concat();
                // What pads an ending comes after it, where causal attention does not see it.
                text.resize(tokens.max(text.len()), 0);
                text.truncate(tokens);
                text
            })
            .collect();
        let texts: Vec<&[u32]> = texts.iter().map(Vec::as_slice).collect();
        let mut found = Vec::with_capacity(pushes.len() * self.endings.len());
        for push in pushes {
            let mut edits = Edits::none();
            if push.iter().any(|x| *x != 0.0) {
                edits.add(layer, std::slice::from_ref(push), model.device())?;
            }
            let mut cache = model.cache();
            let mut pass = model.begin(&texts, &mut cache, &edits)?;
            while pass.step() {}
            let logits = device::read(pass.logits(self.prompt.len() - 1..tokens)).await?;
            let vocabulary = model.config().vocabulary;
            for (rows, ending) in logits.chunks(longest * vocabulary).zip(&self.endings) {
                let each = rows.chunks(vocabulary).zip(ending);
                found.push(each.map(|(row, &token)| log_softmax(row, token)).sum());
            }
        }
        Ok(found)
    }
}

/// Log-probability of one token.
fn log_softmax(logits: &[f32], token: u32) -> f64 {
    let own = logits.get(token as usize);
    own.map_or(f64::NEG_INFINITY, |x| {
        f64::from(*x) - log_normaliser(logits)
    })
}

/// What is to be taken from a logit to make it a log-probability.
pub(crate) fn log_normaliser(logits: &[f32]) -> f64 {
    let most = logits.iter().copied().fold(f32::MIN, f32::max);
    let sum: f64 = logits.iter().map(|x| f64::from((x - most).exp())).sum();
    f64::from(most) + sum.ln()
}

/// `ln(sum(exp(x)))`: log-probability of any of some ways.
pub(crate) fn log_sum(values: &[f64]) -> f64 {
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if most == f64::NEG_INFINITY {
        return most;
    }
    most + values.iter().map(|x| (x - most).exp()).sum::<f64>().ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_softmax_is_the_formula() {
        let logits = [1.0, 2.0, 4.0];
        let total: f64 = logits.iter().map(|x| f64::from(*x).exp()).sum();
        for (token, logit) in (0..).zip(logits) {
            assert!((log_softmax(&logits, token) - (f64::from(logit) - total.ln())).abs() < 1e-6);
        }
    }
}

//! How likely a text goes on in one way or another.

use crate::Push;
use atlas_lm::{Llama, RunError, Tokenizer, device};

/// Texts that run together.
const BATCH: usize = 64;

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

    /// Natural logarithm of each ending's probability, `[push, ending]`.
    ///
    /// # Errors
    /// When prompt or an ending is empty, a push does not fit the model, or the device fails.
    pub async fn log_probabilities(
        &self,
        model: &Llama,
        pushes: &[Push],
    ) -> Result<Vec<f64>, RunError> {
        let none = self.endings.is_empty() || self.endings.iter().any(Vec::is_empty);
        if self.prompt.is_empty() || none {
            return Err(RunError::Empty);
        }
        let (rows, of) = self.rows();
        let [before, tokens] = [self.prompt.len() - 1, rows[0].len()];
        let vocabulary = model.config().vocabulary;
        let mut found = Vec::with_capacity(pushes.len() * self.endings.len());
        for pushes in pushes.chunks((BATCH / rows.len()).max(1)) {
            let texts: Vec<&[u32]> = pushes
                .iter()
                .flat_map(|_| rows.iter().map(Vec::as_slice))
                .collect();
            let each = pushes.iter().flat_map(|p| rows.iter().map(move |_| p));
            let edits = Push::edits(each, model)?;
            let mut cache = model.cache();
            let mut pass = model.begin(&texts, &mut cache, &edits)?;
            while pass.step() {}
            let logits = device::read(pass.logits(before..tokens)).await?;
            let places: Vec<&[f32]> = logits.chunks(vocabulary).collect();
            let normalisers: Vec<f64> = places.iter().map(|row| log_normaliser(row)).collect();
            let per_row = tokens - before;
            for push in 0..pushes.len() {
                for (ending, row) in self.endings.iter().zip(&of) {
                    let first = (push * rows.len() + row) * per_row;
                    let each = ending.iter().enumerate().map(|(at, &token)| {
                        let logit = places[first + at].get(token as usize);
                        logit.map_or(f64::NEG_INFINITY, |x| {
                            f64::from(*x) - normalisers[first + at]
                        })
                    });
                    found.push(each.sum());
                }
            }
        }
        Ok(found)
    }

    /// Texts that have to be run, of one length, and which of them each ending is read from: endings of a single
    /// token share one.
    fn rows(&self) -> (Vec<Vec<u32>>, Vec<usize>) {
        let longest = self.endings.iter().map(Vec::len).max().unwrap_or(0);
        let mut rows: Vec<Vec<u32>> = vec![];
        let of = self.endings.iter().map(|ending| {
            // The last token of an ending predicts nothing that is asked for.
            let context = &ending[..ending.len().saturating_sub(1)];
            let mut row = [self.prompt.as_slice(), context].concat();
            // What pads a text comes after it, where causal attention does not see it.
            row.resize(self.prompt.len() + longest.saturating_sub(1), 0);
            rows.iter().position(|r| *r == row).unwrap_or_else(|| {
                rows.push(row);
                rows.len() - 1
            })
        });
        let of = of.collect();
        (rows, of)
    }
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
    fn the_normaliser_is_the_logarithm_of_the_sum() {
        let logits = [1.0, 2.0, 4.0];
        let total: f64 = logits.iter().map(|x| f64::from(*x).exp()).sum();
        assert!((log_normaliser(&logits) - total.ln()).abs() < 1e-6);
    }

    #[test]
    fn endings_of_one_token_share_a_text() {
        let endings = Endings {
            prompt: vec![7, 8],
            endings: vec![vec![1], vec![2, 3], vec![4], vec![2, 5], vec![6, 3]],
        };
        let (rows, of) = endings.rows();
        assert_eq!(rows, [vec![7, 8, 0], vec![7, 8, 2], vec![7, 8, 6]]);
        assert_eq!(of, [0, 1, 0, 1, 2]);
    }
}

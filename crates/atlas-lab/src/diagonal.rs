//! Does steering an emotion make its own word likelier, and likelier than the others' words?

use crate::{Endings, Push};
use atlas_lm::{Llama, LoadError, RunError, Tokenizer};

/// What the words are to follow.
pub const PROMPTS: [&str; 3] = ["He feels", "I feel", "She looked"];

/// Some emotions' words after [`PROMPTS`].
#[derive(Clone, Debug)]
pub struct Diagonal {
    asked: Vec<Endings>,
    words: usize,
}

impl Diagonal {
    /// For these words.
    ///
    /// # Errors
    /// When the tokenizer refuses a word.
    pub fn new(tokenizer: &Tokenizer, words: &[&str]) -> Result<Self, LoadError> {
        let endings: Vec<String> = words.iter().map(|word| format!(" {word}")).collect();
        let asked = PROMPTS
            .iter()
            .map(|prompt| Endings::new(tokenizer, prompt, &endings))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            asked,
            words: words.len(),
        })
    }

    /// Change of each word's log-probability, averaged over the prompts, `[push, word]`, in nats.
    ///
    /// # Errors
    /// As [`Endings::log_probabilities`].
    pub async fn shifts(&self, model: &Llama, pushes: &[Push]) -> Result<Vec<f64>, RunError> {
        let mut all = vec![Push::none()];
        all.extend_from_slice(pushes);
        let mut shifts = vec![0.0; pushes.len() * self.words];
        for asked in &self.asked {
            let found = asked.log_probabilities(model, &all).await?;
            let (plain, pushed) = found.split_at(self.words);
            for (row, pushed) in shifts.chunks_mut(self.words).zip(pushed.chunks(self.words)) {
                for ((shift, pushed), plain) in row.iter_mut().zip(pushed).zip(plain) {
                    *shift += (pushed - plain) / self.asked.len() as f64;
                }
            }
        }
        Ok(shifts)
    }

    /// Share of pushes (the first is the first word's own, and so on) that raise their own word most, 0 to 1.
    #[must_use]
    pub fn own_first(&self, shifts: &[f64]) -> f64 {
        let rows = shifts.chunks(self.words);
        let count = rows.len().max(1) as f64;
        let right = rows
            .enumerate()
            .filter(|(own, row)| row.iter().all(|x| *x <= row[*own]))
            .count();
        right as f64 / count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_diagonal_counts_rows_whose_own_word_rises_most() {
        let diagonal = Diagonal {
            asked: vec![],
            words: 3,
        };
        let shifts = [
            0.3, 0.1, 0.2, //
            0.5, -0.1, 0.2, //
            -0.5, -0.3, -0.2,
        ];
        assert!((diagonal.own_first(&shifts) - 2.0 / 3.0).abs() < 1e-9);
    }
}

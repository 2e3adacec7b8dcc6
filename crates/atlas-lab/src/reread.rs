//! Reading what was written, unsteered: what is in it, and how likely does the model find it?

use crate::endings::log_normaliser;
use atlas_lm::{Edits, Llama, Pass, RunError, Tensor, device};
use atlas_units::Layer;

/// A text in two parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Tokens it began with.
    pub prompt: Vec<u32>,
    /// Tokens after them, which are what is looked at.
    pub text: Vec<u32>,
}

/// What a model makes of texts.
#[derive(Clone, Debug, PartialEq)]
pub struct Reread {
    /// Mean residual over the written tokens, `[text, width]`; that of the last prompt token where none was written.
    pub residual: Vec<f32>,
    /// Per text: mean negative log-probability of a written token, nats; `None` where none was written.
    pub surprise: Vec<Option<f32>>,
}

/// Mean residual over the written tokens at a layer, `[text, width]`, as in [`Reread::residual`].
///
/// # Errors
/// When prompts are empty or differ in length, a text is too long, or the device fails.
pub async fn read_back(
    model: &Llama,
    layer: Layer,
    texts: &[Written],
) -> Result<Vec<f32>, RunError> {
    let rows = padded(texts)?;
    let rows: Vec<&[u32]> = rows.iter().map(Vec::as_slice).collect();
    let (mut cache, edits) = (model.cache(), Edits::none());
    let mut pass = model.begin(&rows, &mut cache, &edits)?;
    residuals(&mut pass, layer, texts).await
}

/// [`read_back`], and on to the end, for how likely the model finds what was written.
///
/// # Errors
/// As [`read_back`].
pub async fn read_through(
    model: &Llama,
    layer: Layer,
    texts: &[Written],
) -> Result<Reread, RunError> {
    let rows = padded(texts)?;
    let rows: Vec<&[u32]> = rows.iter().map(Vec::as_slice).collect();
    let (mut cache, edits) = (model.cache(), Edits::none());
    let mut pass = model.begin(&rows, &mut cache, &edits)?;
    let residual = residuals(&mut pass, layer, texts).await?;
    while pass.step() {}
    let before = texts.first().map_or(0, |t| t.prompt.len());
    let longest = texts.iter().map(|t| t.text.len()).max().unwrap_or(0);
    let mut sums = vec![0.0; texts.len()];
    // Position by position: the logits of all together would take a gigabyte.
    for at in 0..longest {
        let logits = device::read(pass.logits(before + at - 1..before + at)).await?;
        let rows = logits.chunks(model.config().vocabulary);
        for ((row, text), sum) in rows.zip(texts).zip(&mut sums) {
            if let Some(&token) = text.text.get(at) {
                *sum += log_normaliser(row) - f64::from(row[token as usize]);
            }
        }
    }
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "texts are short, and figures to read need no more digits"
    )]
    let surprise = sums.iter().zip(texts).map(|(sum, text)| {
        let count = text.text.len();
        (count > 0).then(|| (sum / count as f64) as f32)
    });
    Ok(Reread {
        residual,
        surprise: surprise.collect(),
    })
}

/// Steps up to a layer and averages there.
async fn residuals(
    pass: &mut Pass<'_>,
    layer: Layer,
    texts: &[Written],
) -> Result<Vec<f32>, RunError> {
    while pass.layer() != layer && pass.step() {}
    let residual = pass.residual();
    let [_, tokens, width] = residual.dims();
    let mut weights = Vec::with_capacity(texts.len() * tokens);
    for text in texts {
        let last = text.prompt.len() + text.text.len();
        let first = text.prompt.len().min(last - 1);
        #[expect(clippy::cast_precision_loss, reason = "texts are short")]
        let weight = 1.0 / (last - first) as f32;
        let inside = |t| {
            if (first..last).contains(&t) {
                weight
            } else {
                0.0
            }
        };
        weights.extend((0..tokens).map(inside));
    }
    let weights = Tensor::<1>::from_floats(weights.as_slice(), &residual.device());
    let weights = weights.reshape([texts.len(), 1, tokens]);
    let mean = weights.matmul(residual).reshape([texts.len(), width]);
    device::read(mean).await
}

/// Rows of one length: what pads a text comes after it, where causal attention does not see it.
fn padded(texts: &[Written]) -> Result<Vec<Vec<u32>>, RunError> {
    let before = texts.first().map_or(0, |t| t.prompt.len());
    if before == 0 || texts.iter().any(|t| t.prompt.len() != before) {
        return Err(RunError::Empty);
    }
    let longest = texts.iter().map(|t| t.text.len()).max().unwrap_or(0);
    let rows = texts.iter().map(|t| {
        let mut row = [t.prompt.as_slice(), &t.text].concat();
        row.resize(before + longest, 0);
        row
    });
    Ok(rows.collect())
}

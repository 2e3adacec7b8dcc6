//! The scale of reading: the 99th percentile of each emotion's activation over emotional text.

use anyhow::Result;
use atlas_affect::stats::quantile;
use atlas_lm::{Edits, Llama};
use atlas_probe::{Reader, SKIPPED, Vectors};

/// Fills `vectors.p99` from a sample of texts.
pub fn set_p99(vectors: &mut Vectors, model: &Llama, texts: &[&[u32]]) -> Result<()> {
    vectors.p99 = vec![1.0; vectors.layers * vectors.emotions];
    let reader = Reader::new(vectors, model.device());
    let mut seen: Vec<Vec<f32>> = vec![vec![]; vectors.layers * vectors.emotions];
    let bar = indicatif::ProgressBar::new(texts.len() as u64).with_style(
        indicatif::ProgressStyle::with_template(
            "scale   {wide_bar} {pos}/{len} stories, {eta} left",
        )?,
    );
    for text in texts {
        let (mut cache, edits) = (model.cache(), Edits::none());
        let mut pass = model.begin(&[text], &mut cache, &edits)?;
        loop {
            let layer = pass.layer();
            let projected = reader.project(layer, pass.residual());
            let reading = pollster::block_on(reader.finish(layer, projected))?;
            for row in reading.values.chunks(vectors.emotions).skip(SKIPPED) {
                for (emotion, value) in row.iter().enumerate() {
                    seen[layer.index() * vectors.emotions + emotion].push(value.abs());
                }
            }
            if !pass.step() {
                break;
            }
        }
        bar.inc(1);
    }
    for (p99, values) in vectors.p99.iter_mut().zip(&mut seen) {
        *p99 = quantile(values, 0.99).unwrap_or(1.0);
    }
    bar.finish();
    Ok(())
}

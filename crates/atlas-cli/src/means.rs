//! Running stories through a model, in parts that survive an interruption.

use crate::files;
use anyhow::{Context, Result, ensure};
use atlas_probe::{Extractor, StoryMean};
use indicatif::{ProgressBar, ProgressStyle};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::path::{Path, PathBuf};

/// Texts per part file.
const PART: usize = 64;

/// The folder of one run's parts: its name stands for model, corpus and parameters, so that parts of
/// another run are never taken for this one's.
pub fn folder(
    work: &Path,
    model: &str,
    model_sha256: &str,
    corpus_sha256: &str,
    first_token: usize,
) -> PathBuf {
    let short = |hash: &str| hash.get(..8).unwrap_or(hash).to_owned();
    let (model_hash, corpus_hash) = (short(model_sha256), short(corpus_sha256));
    work.join(format!("{model}-{model_hash}-{corpus_hash}-{first_token}"))
}

/// Runs `texts` (tokens) and returns what is kept of each, in their order. Parts already in `folder`
/// are taken from there.
pub fn run(
    extractor: &Extractor,
    texts: &[Vec<u32>],
    batch: usize,
    folder: &Path,
    what: &str,
) -> Result<Vec<StoryMean>> {
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    // Texts of one length run together, so that little is padded.
    let mut order: Vec<usize> = (0..texts.len()).collect();
    order.sort_by_key(|&i| texts[i].len());
    let tokens: usize = texts.iter().map(Vec::len).sum();
    let bar = ProgressBar::new(tokens as u64);
    bar.set_style(ProgressStyle::with_template(
        "{msg} {wide_bar} {pos}/{len} tokens, {per_sec}, {eta} left",
    )?);
    bar.set_message(what.to_owned());
    let mut out: Vec<Option<StoryMean>> = vec![None; texts.len()];
    for (part, indices) in order.chunks(PART).enumerate() {
        let path = folder.join(format!("{part:04}.safetensors"));
        let means = match load(&path, indices.len()) {
            Ok(means) => {
                let done: usize = indices.iter().map(|&i| texts[i].len()).sum();
                bar.inc(done as u64);
                bar.reset_eta();
                means
            }
            Err(_) => {
                let mut means = vec![];
                for batch in indices.chunks(batch.max(1)) {
                    let rows: Vec<Vec<u32>> = batch.iter().map(|&i| texts[i].clone()).collect();
                    means.extend(pollster::block_on(extractor.run(&rows))?);
                    bar.inc(rows.iter().map(Vec::len).sum::<usize>() as u64);
                }
                files::write(&path, &bytes(&means)?)?;
                means
            }
        };
        for (&i, mean) in indices.iter().zip(means) {
            out[i] = Some(mean);
        }
    }
    bar.finish();
    out.into_iter()
        .collect::<Option<Vec<_>>>()
        .context("a story was left out")
}

fn bytes(means: &[StoryMean]) -> Result<Vec<u8>> {
    let floats = |f: fn(&StoryMean) -> &[f32]| -> Vec<u8> {
        means
            .iter()
            .flat_map(|m| f(m).iter().flat_map(|x| x.to_le_bytes()))
            .collect()
    };
    let (mean, norm) = (floats(|m| &m.mean), floats(|m| &m.norm));
    let tokens: Vec<u8> = means
        .iter()
        .flat_map(|m| (m.tokens as u64).to_le_bytes())
        .collect();
    let n = means.len();
    let layers = means[0].norm.len();
    let width = means[0].mean.len() / layers;
    Ok(safetensors::serialize(
        [
            (
                "mean",
                TensorView::new(Dtype::F32, vec![n, layers, width], &mean)?,
            ),
            ("norm", TensorView::new(Dtype::F32, vec![n, layers], &norm)?),
            ("tokens", TensorView::new(Dtype::U64, vec![n], &tokens)?),
        ],
        None,
    )?)
}

fn load(path: &Path, count: usize) -> Result<Vec<StoryMean>> {
    let bytes = std::fs::read(path)?;
    let file = SafeTensors::deserialize(&bytes)?;
    let floats = |name: &str| -> Result<Vec<f32>> {
        let data = file.tensor(name)?.data();
        let mut out = Vec::with_capacity(data.len() / 4);
        for b in data.chunks_exact(4) {
            out.push(f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
        }
        Ok(out)
    };
    let (mean, norm) = (floats("mean")?, floats("norm")?);
    let tokens = file.tensor("tokens")?;
    ensure!(tokens.shape() == [count], "another number of texts");
    let rows = mean
        .chunks(mean.len() / count)
        .zip(norm.chunks(norm.len() / count));
    Ok(rows
        .zip(tokens.data().chunks_exact(8))
        .map(|((mean, norm), tokens)| StoryMean {
            mean: mean.to_vec(),
            norm: norm.to_vec(),
            tokens: tokens.iter().rev().fold(0, |n, &b| n << 8 | usize::from(b)),
        })
        .collect())
}

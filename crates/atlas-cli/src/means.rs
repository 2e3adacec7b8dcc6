//! Running stories through a model, in parts that survive an interruption.

use crate::files;
use anyhow::{Context, Result, ensure};
use atlas_lm::Llama;
use atlas_probe::{Extractor, StoryMean};
use indicatif::{ProgressBar, ProgressStyle};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::path::{Path, PathBuf};

/// Texts per part file.
const PART: usize = 64;

/// First tokens whose means are taken together, so that one run serves whoever compares them.
pub const USUAL: [usize; 3] = [5, 20, 40];

/// An extractor of means from `first_token` on: of the usual ones together where it is one of them.
pub fn extractor(model: &Llama, first_token: usize) -> Extractor<'_> {
    if USUAL.contains(&first_token) {
        Extractor::new(model, USUAL)
    } else {
        Extractor::new(model, [first_token])
    }
}

/// The folder of one run's parts: its name stands for model, corpus and parameters, so that parts of
/// another run are never taken for this one's.
pub fn folder(
    work: &Path,
    model: &str,
    model_sha256: &str,
    corpus_sha256: &str,
    first_tokens: &[usize],
) -> PathBuf {
    let short = |hash: &str| hash.get(..8).unwrap_or(hash).to_owned();
    let (model_hash, corpus_hash) = (short(model_sha256), short(corpus_sha256));
    let first: Vec<String> = first_tokens.iter().map(ToString::to_string).collect();
    let first = first.join("+");
    work.join(format!("{model}-{model_hash}-{corpus_hash}-{first}"))
}

/// Runs `texts` (tokens) and returns what is kept of each from `first_token` on, in their order. Parts already in
/// `folder` are taken from there.
pub fn run(
    extractor: &Extractor,
    first_token: usize,
    texts: &[Vec<u32>],
    batch: usize,
    folder: &Path,
    what: &str,
) -> Result<Vec<StoryMean>> {
    let firsts = extractor.first_tokens();
    let at = firsts.iter().position(|&f| f == first_token);
    let at = at.context("no means from this token on")?;
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
        let means = match load(&path, indices.len(), firsts.len(), at) {
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
                means.into_iter().map(|mut m| m.swap_remove(at)).collect()
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

fn bytes(stories: &[Vec<StoryMean>]) -> Result<Vec<u8>> {
    let all = || stories.iter().flatten();
    let floats = |f: fn(&StoryMean) -> &[f32]| -> Vec<u8> {
        all()
            .flat_map(|m| f(m).iter().flat_map(|x| x.to_le_bytes()))
            .collect()
    };
    let (mean, norm) = (floats(|m| &m.mean), floats(|m| &m.norm));
    let tokens: Vec<u8> = all()
        .flat_map(|m| (m.tokens as u64).to_le_bytes())
        .collect();
    let first = stories
        .first()
        .and_then(|s| s.first())
        .context("no stories")?;
    let (n, firsts, layers) = (stories.len(), stories[0].len(), first.norm.len());
    let width = first.mean.len() / layers;
    Ok(safetensors::serialize(
        [
            (
                "mean",
                TensorView::new(Dtype::F32, vec![n, firsts, layers, width], &mean)?,
            ),
            (
                "norm",
                TensorView::new(Dtype::F32, vec![n, firsts, layers], &norm)?,
            ),
            (
                "tokens",
                TensorView::new(Dtype::U64, vec![n, firsts], &tokens)?,
            ),
        ],
        None,
    )?)
}

/// What a part holds of `count` texts for the `at`-th of `firsts` first tokens.
fn load(path: &Path, count: usize, firsts: usize, at: usize) -> Result<Vec<StoryMean>> {
    let bytes = std::fs::read(path)?;
    let file = SafeTensors::deserialize(&bytes)?;
    let (mean, norm, tokens) = (
        file.tensor("mean")?,
        file.tensor("norm")?,
        file.tensor("tokens")?,
    );
    ensure!(
        tokens.shape() == [count, firsts],
        "another number of texts or first tokens"
    );
    let each = |data: &[u8]| data.len() / (count * firsts);
    let part = |data: &[u8], story: usize| -> Vec<u8> {
        let each = each(data);
        data[(story * firsts + at) * each..][..each].to_vec()
    };
    let floats = |data: &[u8]| -> Vec<f32> {
        let numbers = data.as_chunks::<4>().0.iter();
        numbers.map(|b| f32::from_le_bytes(*b)).collect()
    };
    Ok((0..count)
        .map(|story| StoryMean {
            mean: floats(&part(mean.data(), story)),
            norm: floats(&part(norm.data(), story)),
            tokens: part(tokens.data(), story)
                .iter()
                .rev()
                .fold(0, |n, &b| n << 8 | usize::from(b)),
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{corpus, open};
    use atlas_kernels::Pool;
    use atlas_lm::device;

    /// The same vectors whatever the batch, the threads, and where the run was cut off.
    #[test]
    fn means_do_not_depend_on_batch_threads_or_interruptions() {
        let root = Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("../..");
        let opened = open::open(&root.join("models/atlas-lite"), device::cpu()).expect("a model");
        let stories = corpus::stories(&[root.join("models/corpus/told-stories.jsonl")]);
        let texts: Vec<Vec<u32>> = stories
            .expect("stories")
            .iter()
            .step_by(20)
            .map(|s| opened.tokenizer.encode(&s.text).expect("tokens"))
            .collect();
        assert!(texts.len() > PART, "more than one part");
        let work = std::env::temp_dir().join(format!("atlas-means-{}", std::process::id()));
        let of = |batch: usize, threads: usize, folder: &str| {
            Pool::global().set_threads(threads);
            let extractor = extractor(&opened.model, 20);
            run(&extractor, 20, &texts, batch, &work.join(folder), "test").expect("means")
        };
        let one = of(1, 1, "a");
        let many = of(7, usize::MAX, "b");
        // Cut off in the middle of writing a part.
        let part = work.join("a/0001.safetensors");
        let bytes = std::fs::read(&part).expect("a part");
        std::fs::write(&part, &bytes[..bytes.len() / 2]).expect("half a part");
        let resumed = of(16, usize::MAX, "a");
        let _ = std::fs::remove_dir_all(&work);
        for other in [&many, &resumed] {
            for (a, b) in one.iter().zip(other) {
                assert_eq!(a.tokens, b.tokens);
                let off: f32 = a.mean.iter().zip(&b.mean).map(|(x, y)| (x - y).abs()).sum();
                let size: f32 = a.mean.iter().map(|x| x.abs()).sum();
                assert!(off <= 1e-4 * size, "{off} of {size}");
            }
        }
    }
}

//! `atlas evaluate`.

use crate::report::{Report, Tried};
use crate::{corpus, extract, files, means, open};
use anyhow::{Context, Result, ensure};
use atlas_affect::card::VectorsCard;
use atlas_affect::evaluate::Plan;
use atlas_affect::{EmotionVectors, Evaluation, evaluate, retrieval, words};
use atlas_lm::device;
use atlas_probe::{Extractor, StoryMean};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Options of `atlas evaluate`.
#[derive(clap::Args)]
pub struct Args {
    /// The model: its folder, or a GGUF file.
    #[arg(long)]
    pub model: PathBuf,
    /// Folder of the story files.
    #[arg(long, default_value = "models/corpus")]
    pub corpus: PathBuf,
    /// Story files that make the vectors.
    #[arg(long, value_delimiter = ',', default_value = "told-stories.jsonl")]
    pub stories: Vec<String>,
    /// Further story files to try these vectors on.
    #[arg(long, value_delimiter = ',')]
    pub tried_on: Vec<String>,
    /// Layers to look at; the one in vectors.json, or two thirds of the depth, if not given.
    #[arg(long, value_delimiter = ',', conflicts_with = "all_layers")]
    pub layer: Vec<u16>,
    /// Look at every layer.
    #[arg(long)]
    pub all_layers: bool,
    /// First token of a story that enters its mean.
    #[arg(long, default_value_t = 20)]
    pub first_token: usize,
    /// Nuisance components to project out.
    #[arg(long, default_value_t = 50)]
    pub nuisance: usize,
    /// Leave out the retrieval of held-out topics, which takes most of the time after the model has run.
    #[arg(long)]
    pub no_retrieval: bool,
    /// Stories that run together.
    #[arg(long, default_value_t = 16)]
    pub batch: usize,
    /// Where parts are kept: what `atlas extract` left there is not computed again.
    #[arg(long, default_value = "target/atlas")]
    pub work: PathBuf,
    /// Write the figures here as JSON, too.
    #[arg(long)]
    pub json: Option<PathBuf>,
}

/// Measures, prints a table, and writes JSON where that is asked for.
pub fn run(args: &Args) -> Result<()> {
    let opened = open::open(&args.model, device::cpu())?;
    let layers = chosen_layers(args, opened.model.config().layers())?;
    let width = opened.model.config().width;
    let model_sha256 = files::sha256(&opened.weights)?;
    let extractor = Extractor::new(&opened.model, args.first_token);
    let told = |names: &[String]| -> Result<Told> {
        let paths: Vec<PathBuf> = names.iter().map(|f| args.corpus.join(f)).collect();
        let stories = corpus::stories(&paths)?;
        let sha256 = files::sha256(&paths)?;
        let texts: Result<Vec<Vec<u32>>> = stories
            .iter()
            .map(|s| Ok(opened.tokenizer.encode(&s.text)?))
            .collect();
        // Where `atlas extract` keeps its parts, so that one run serves both.
        let folder = means::folder(
            &args.work,
            &opened.id,
            &model_sha256,
            &sha256,
            args.first_token,
        );
        let means = means::run(&extractor, &texts?, args.batch, &folder, &names.join(" + "))?;
        Ok(Told {
            stories,
            means,
            sha256,
        })
    };
    let made_from = told(&args.stories)?;
    let others: Vec<(String, Told)> = (args.tried_on.iter())
        .map(|name| Ok((name.clone(), told(std::slice::from_ref(name))?)))
        .collect::<Result<_>>()?;

    let found = in_parallel(&layers, |layer| {
        measure(args, &made_from, &others, layer, width)
    })?;
    let (layers, tried): (Vec<Evaluation>, Vec<Vec<Tried>>) = found.into_iter().unzip();
    let report = Report {
        model: opened.id.clone(),
        model_sha256,
        stories: args.stories.clone(),
        stories_sha256: made_from.sha256,
        first_token: args.first_token,
        made_by: concat!("atlas evaluate ", env!("CARGO_PKG_VERSION")).into(),
        layers,
        tried: tried.into_iter().flatten().collect(),
    };
    std::io::stdout().write_all(report.to_text().as_bytes())?;
    if let Some(path) = &args.json {
        files::write(path, &serde_json::to_vec_pretty(&report)?)?;
    }
    Ok(())
}

/// Stories and what the model made of them.
struct Told {
    stories: Vec<corpus::Story>,
    means: Vec<StoryMean>,
    sha256: String,
}

fn measure(
    args: &Args,
    told: &Told,
    others: &[(String, Told)],
    layer: u16,
    width: usize,
) -> Result<(Evaluation, Vec<Tried>)> {
    let emotions = words::emotions();
    let stories = extract::at_layer(&told.stories, &told.means, usize::from(layer), width)?;
    let plan = Plan {
        layer,
        nuisance: args.nuisance,
        retrieval: !args.no_retrieval,
        ..Plan::default()
    };
    let evaluation = evaluate(&stories, emotions, &plan)?;
    let mut tried = vec![];
    if !others.is_empty() {
        let vectors = EmotionVectors::build(&stories, emotions.len(), args.nuisance)?;
        for (name, other) in others {
            let stories =
                extract::at_layer(&other.stories, &other.means, usize::from(layer), width)?;
            tried.push(Tried {
                stories: name.clone(),
                layer,
                retrieval: retrieval::find(&vectors, &stories)?,
            });
        }
    }
    Ok((evaluation, tried))
}

/// The layers asked for, each once, in ascending order.
fn chosen_layers(args: &Args, layers: usize) -> Result<Vec<u16>> {
    let count = u16::try_from(layers)?;
    let mut chosen = match args.layer.as_slice() {
        _ if args.all_layers => (0..count).collect(),
        [] => vec![stored_layer(&args.model).unwrap_or(count * 2 / 3)],
        some => some.to_vec(),
    };
    chosen.sort_unstable();
    chosen.dedup();
    let deepest = chosen.last().copied().unwrap_or(0);
    ensure!(
        deepest < count,
        "layer {deepest}: this model has layers 0 to {}",
        count - 1
    );
    Ok(chosen)
}

/// The layer that the model's vectors were made for.
fn stored_layer(model: &Path) -> Option<u16> {
    let card = std::fs::read(model.join("vectors.json")).ok()?;
    let card: VectorsCard = serde_json::from_slice(&card).ok()?;
    u16::try_from(card.layer.index()).ok()
}

/// Does the work for every item on all cores; results in the order of the items.
fn in_parallel<T: Send>(items: &[u16], work: impl Fn(u16) -> Result<T> + Sync) -> Result<Vec<T>> {
    let next = AtomicUsize::new(0);
    let one_core = || {
        let mut done = vec![];
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(&item) = items.get(at) else {
                break done;
            };
            done.push((at, work(item)));
        }
    };
    let cores = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(items.len());
    let mut done = std::thread::scope(|scope| -> Result<Vec<_>> {
        let cores: Vec<_> = (0..cores).map(|_| scope.spawn(one_core)).collect();
        let mut done = vec![];
        for core in cores {
            done.extend(
                core.join()
                    .ok()
                    .context("a layer's work ended in a panic")?,
            );
        }
        Ok(done)
    })?;
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<u16> = (0..40).rev().collect();
        let squares = in_parallel(&items, |i| Ok(u32::from(i).pow(2))).expect("no error");
        assert!(
            squares
                .iter()
                .zip(&items)
                .all(|(s, i)| *s == u32::from(*i).pow(2))
        );
        assert!(
            in_parallel(&items, |i| if i == 7 {
                anyhow::bail!("seven")
            } else {
                Ok(i)
            })
            .is_err()
        );
        assert!(in_parallel(&[], Ok).expect("no error").is_empty());
    }
}

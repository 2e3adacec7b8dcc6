//! `atlas evaluate`: how far a model's vectors can be trusted, at every layer.

mod card;
mod figures;
mod once;
mod steered;
mod table;

use crate::chosen::Chosen;
use crate::material::{self, Places};
use crate::parallel::in_parallel;
use crate::{files, open, steering, sweep};
use anyhow::{Result, ensure};
use atlas_affect::report::Report;
use atlas_lm::device;
use atlas_units::Layer;
use std::io::Write;
use std::path::PathBuf;

/// Options of `atlas evaluate`.
#[derive(clap::Args)]
pub struct Args {
    /// The model: its folder, or a GGUF file.
    #[arg(long)]
    pub model: PathBuf,
    /// Folder of the story files.
    #[arg(long, default_value = "models/corpus")]
    pub corpus: PathBuf,
    /// Layers to look at; all if not given.
    #[arg(long, value_delimiter = ',')]
    pub layer: Vec<u16>,
    /// Folder of another model whose vectors these are compared with.
    #[arg(long)]
    pub beside: Option<PathBuf>,
    /// Draws of each interval and null.
    #[arg(long, default_value_t = 200)]
    pub draws: usize,
    /// Stories that run together.
    #[arg(long, default_value_t = 16)]
    pub batch: usize,
    /// Where parts are kept: what `atlas extract` left there is not computed again.
    #[arg(long, default_value = "target/atlas")]
    pub work: PathBuf,
    /// Write the figures here as JSON; `evaluation.json` in the model's folder if not given.
    #[arg(long, conflicts_with = "sweep")]
    pub json: Option<PathBuf>,
    /// Try many ways to make the vectors, choose one, and write SELECTION.md into the model's folder.
    #[arg(long)]
    pub sweep: bool,
}

/// Measures, prints tables, and writes JSON.
pub fn run(args: &Args) -> Result<()> {
    if args.sweep {
        return sweep::run(args);
    }
    let opened = open::open(&args.model, device::cpu())?;
    let depth = opened.model.config().layers();
    let chosen = Chosen::of(&args.model, depth)?;
    let layers = layers(args, depth)?;
    let places = Places {
        corpus: &args.corpus,
        work: &args.work,
        batch: args.batch,
    };
    let gathered = material::gather_all(&opened, &places, chosen.first_tokens())?;
    let measured = figures::Measure::new(&gathered, &chosen, args.draws)?;
    let quiet = once::false_positives(&opened, &args.model, &places)?;
    let found = in_parallel(&layers, |&layer| measured.at(Layer::new(layer)))?;
    let report = Report {
        model: opened.id.clone(),
        model_sha256: files::sha256(&opened.weights)?,
        made_by: concat!("atlas evaluate ", env!("CARGO_PKG_VERSION")).into(),
        map: chosen.map.clone(),
        steering: chosen.steering.clone(),
        reading: chosen.reading.clone(),
        kept_out: material::kept_out(),
        false_positives: quiet,
        once: once::measure(args, &opened, &gathered, &chosen, &measured)?,
        steered: steering::measured(&args.model)?
            .map(|outcome| outcome.summary())
            .transpose()?,
        layers: found,
    };
    std::io::stdout().write_all(table::text(&report).as_bytes())?;
    let path = args
        .json
        .clone()
        .unwrap_or_else(|| args.model.join("evaluation.json"));
    files::write(&path, &serde_json::to_vec_pretty(&report)?)?;
    card::update(&args.model.join("README.md"), &report)
}

/// The layers asked for, each once, in ascending order.
fn layers(args: &Args, depth: usize) -> Result<Vec<u16>> {
    let count = u16::try_from(depth)?;
    let mut chosen = match args.layer.as_slice() {
        [] => (0..count).collect(),
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

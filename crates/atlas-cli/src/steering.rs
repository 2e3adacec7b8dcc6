//! `atlas steering`: what steering does, how far it may go, and where it is best done.
//!
//! A command of its own, and not part of `atlas evaluate`: it needs the vectors as they are stored and no stories to make
//! them from, it writes for minutes, and what it finds belongs into `vectors.json`, which `atlas evaluate` only reads.

mod outcome;
mod plan;
mod ranges;
mod table;
mod texts;
mod tried;

pub use outcome::measured;

use crate::{files, open, stored};
use anyhow::{Result, ensure};
use atlas_lm::device;
use outcome::Outcome;
use plan::Plan;
use std::io::Write;
use std::path::PathBuf;
use texts::Desk;

/// Options of `atlas steering`.
#[derive(clap::Args)]
pub struct Args {
    /// The model's folder, with its vectors.
    #[arg(long)]
    pub model: PathBuf,
    /// Folder of the story files: what they hold counts as usual text.
    #[arg(long, default_value = "models/corpus")]
    pub corpus: PathBuf,
    /// Strengths to push with, towards and away, in parts of the mean residual norm.
    #[arg(long, value_delimiter = ',', default_value = "0.1,0.2,0.3,0.5")]
    pub strengths: Vec<f32>,
    /// Layers to try, one by one; some around the one that the sweep chose, and three together, if not given.
    #[arg(long, value_delimiter = ',')]
    pub layer: Vec<u16>,
    /// Texts per emotion and strength.
    #[arg(long, default_value_t = 2)]
    pub texts: usize,
    /// Tokens of a text.
    #[arg(long, default_value_t = 24)]
    pub tokens: usize,
    /// Texts that are written together; the result does not depend on it.
    #[arg(long, default_value_t = 64)]
    pub batch: usize,
    /// Where parts are kept, so that an interrupted run goes on.
    #[arg(long, default_value = "target/atlas")]
    pub work: PathBuf,
}

/// Measures, prints a table, writes steering.json, and puts ranges and layers into vectors.json.
pub fn run(args: &Args) -> Result<()> {
    ensure!(
        !args.strengths.is_empty() && args.strengths.iter().all(|s| *s > 0.0 && s.is_finite()),
        "--strengths: each above 0; they are pushed towards and away"
    );
    ensure!(
        args.texts > 0 && args.tokens > 0,
        "--texts and --tokens: at least 1"
    );
    let opened = open::open(&args.model, device::cpu())?;
    let (mut card, vectors) = stored::vectors(&args.model)?;
    let plan = Plan::new(args, &opened, &card)?;
    let desk = Desk::new(args, &opened, &vectors, &plan)?;
    let usual = desk.usual()?;
    let tried = tried::all(&desk, &usual)?;
    let taken = tried::take(&plan, &tried);
    let ranges = ranges::measure(&desk, &usual, &plan.places[taken])?;
    let outcome = Outcome::new(args, &desk, usual, tried, taken, ranges)?;
    card.steering = outcome.steering.clone();
    files::write(
        &args.model.join(outcome::FILE),
        &serde_json::to_vec(&outcome::rounded(serde_json::to_value(&outcome)?))?,
    )?;
    files::write(&args.model.join(stored::CARD), &serde_json::to_vec(&card)?)?;
    std::io::stdout().write_all(table::text(&outcome).as_bytes())?;
    Ok(())
}

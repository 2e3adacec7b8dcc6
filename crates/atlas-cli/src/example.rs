//! `atlas example`.

use crate::engine::Engine;
use crate::files;
use anyhow::{Context, Result};
use atlas_protocol::{Examples, Sampling, Setting, StoredRun};
use atlas_units::Strength;
use serde::Deserialize;
use std::path::PathBuf;

/// Options of `atlas example`.
#[derive(clap::Args)]
pub struct Args {
    /// The model's folder; its `examples.plan.json` says what to store.
    #[arg(long)]
    model: PathBuf,
}

/// What to store: `examples.plan.json`.
#[derive(Deserialize)]
struct Plan {
    /// The text to read.
    text: String,
    /// The prompt to continue.
    prompt: String,
    setting: Setting,
    seed: u32,
    /// Emotions to steer by, one run each, at the preset strength.
    emotions: Vec<String>,
}

/// Runs the plan and writes examples.json.
pub fn run(args: &Args) -> Result<()> {
    let path = args.model.join("examples.plan.json");
    let plan = std::fs::read(&path).with_context(|| path.display().to_string())?;
    let plan: Plan = serde_json::from_slice(&plan).with_context(|| path.display().to_string())?;
    let mut engine = Engine::start(&args.model)?;
    let layer = engine.card.layer;
    let mut reading = engine.read(&plan.text, Setting::Plain, layer)?;
    // Two digits are what the page shows.
    let round = |x: &mut f32| *x = (*x * 100.0).round() / 100.0;
    reading.values.iter_mut().for_each(round);
    reading.path.iter_mut().flatten().for_each(round);
    let sampling = Sampling {
        seed: plan.seed,
        ..Sampling::default()
    };
    let strength = Strength::new(engine.card.steering.preset);
    let mut runs = vec![];
    for emotion in &plan.emotions {
        let pushes = vec![(emotion.clone(), strength)];
        let (plain, steered, _) = engine.generate(&plan.prompt, plan.setting, &pushes, sampling)?;
        runs.push(StoredRun {
            prompt: plan.prompt.clone(),
            setting: plan.setting,
            pushes,
            sampling,
            plain,
            steered,
        });
    }
    let examples = Examples { reading, runs };
    files::write(
        &args.model.join("examples.json"),
        &serde_json::to_vec(&examples)?,
    )
}

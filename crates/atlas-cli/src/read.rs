//! `atlas read`.

use crate::engine::{Engine, setting};
use anyhow::Result;
use atlas_units::Layer;
use std::path::PathBuf;

/// Options of `atlas read`.
#[derive(clap::Args)]
pub struct Args {
    /// The model's folder.
    #[arg(long, default_value = "models/smollm2-135m-instruct")]
    model: PathBuf,
    /// Layer to read at; the one in vectors.json if not given.
    #[arg(long)]
    layer: Option<u16>,
    /// Give the text as a user's chat turn.
    #[arg(long)]
    chat: bool,
    /// How many emotions to show per token.
    #[arg(long, default_value_t = 5)]
    top: usize,
    /// Print the whole reading as JSON.
    #[arg(long)]
    json: bool,
    /// The text.
    text: String,
}

/// Reads and prints.
#[expect(clippy::print_stdout, reason = "what a terminal program is for")]
pub fn run(args: &Args) -> Result<()> {
    let mut engine = Engine::start(&args.model)?;
    let layer = args.layer.map_or(engine.card.layer, Layer::new);
    let reading = engine.read(&args.text, setting(args.chat), layer)?;
    if args.json {
        println!("{}", serde_json::to_string(&reading)?);
        return Ok(());
    }
    for (token, text) in reading.tokens.iter().enumerate() {
        let mut row: Vec<(f32, &str)> = engine
            .card
            .emotions
            .iter()
            .enumerate()
            .map(|(e, emotion)| (reading.value(token, e), emotion.name.as_str()))
            .collect();
        row.sort_by(|a, b| b.0.total_cmp(&a.0));
        let shown: Vec<String> = row
            .iter()
            .take(args.top)
            .map(|(value, name)| format!("{name} {value:+.2}"))
            .collect();
        let shown = if token < reading.skipped as usize {
            "(not read)".into()
        } else {
            shown.join("  ")
        };
        println!("{:<16} {shown}", format!("{text:?}"));
    }
    Ok(())
}

//! `atlas pack`.

use anyhow::{Context, Result};
use std::path::PathBuf;

/// Options of `atlas pack`.
#[derive(clap::Args)]
pub struct Args {
    /// The model's folder, with weights/, tokenizer.json, vectors.json and vectors.safetensors.
    #[arg(long)]
    model: PathBuf,
}

/// Writes model.json.
#[expect(clippy::print_stdout, reason = "what a terminal program is for")]
pub fn run(args: &Args) -> Result<()> {
    let manifest = pollster::block_on(atlas_session::write_manifest(&args.model))
        .with_context(|| args.model.display().to_string())?;
    println!("{}: {} bytes to fetch", args.model.display(), manifest.bytes());
    Ok(())
}

//! `atlas pack`.

use anyhow::{Context, Result, ensure};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Largest piece: what every static host serves, and what a broken download loses at most.
const PIECE: u64 = 20_000_000;

/// Options of `atlas pack`.
#[derive(clap::Args)]
pub struct Args {
    /// The model's folder, with tokenizer.json, vectors.json and vectors.safetensors, and with weights/
    /// or one .gguf or .safetensors file, which is cut into weights/.
    #[arg(long)]
    model: PathBuf,
}

/// Cuts the weights where that is still to do, and writes model.json.
#[expect(clippy::print_stdout, reason = "what a terminal program is for")]
pub fn run(args: &Args) -> Result<()> {
    let pieces = args.model.join("weights");
    if !pieces.exists() {
        let files = crate::open::weights(&args.model)?;
        ensure!(
            files.len() == 1,
            "{} holds {} weight files; join them into one first",
            args.model.display(),
            files.len()
        );
        cut(&files[0], &pieces)?;
    }
    let manifest = pollster::block_on(atlas_session::write_manifest(&args.model))
        .with_context(|| args.model.display().to_string())?;
    println!(
        "{}: {} bytes to fetch",
        args.model.display(),
        manifest.bytes()
    );
    Ok(())
}

fn cut(file: &Path, into: &Path) -> Result<()> {
    std::fs::create_dir_all(into).with_context(|| into.display().to_string())?;
    let mut source = File::open(file).with_context(|| file.display().to_string())?;
    for number in 0.. {
        let mut piece = Vec::new();
        if source.by_ref().take(PIECE).read_to_end(&mut piece)? == 0 {
            break;
        }
        std::fs::write(into.join(format!("{number:03}.bin")), piece)?;
    }
    Ok(())
}

//! `atlas map`: from the stored vectors to what the page's map can show beyond principal components.

use crate::files;
use anyhow::{Context, Result, ensure};
use atlas_affect::card::VectorsCard;
use atlas_affect::map::draw;
use atlas_affect::{AffectError, EmotionVectors};
use atlas_probe::{MapVectors, Vectors};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The vectors that the map shows, where they are not those to steer along. No visitor fetches this file.
const OWN: &str = "map.safetensors";

/// Options of `atlas map`.
#[derive(clap::Args)]
pub struct Args {
    /// The model's folder, after `atlas extract`.
    #[arg(long)]
    model: PathBuf,
    /// Where to write; the model's folder if not given.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Computes and writes `map.json`.
#[expect(clippy::print_stdout, reason = "what a terminal program is for")]
pub fn run(args: &Args) -> Result<()> {
    let read = |name: &str| {
        let path = args.model.join(name);
        std::fs::read(&path)
            .with_context(|| format!("{}: run `atlas extract` first", path.display()))
    };
    let card = serde_json::from_slice::<VectorsCard>(&read("vectors.json")?)
        .context("vectors.json is of another version: run `atlas extract` again")?;
    let own = args.model.join(OWN);
    let found = if own.exists() {
        MapVectors::from_bytes(&read(OWN)?)?
    } else {
        let vectors = Vectors::from_bytes(&read("vectors.safetensors")?)?;
        MapVectors {
            layers: vectors.layers,
            emotions: vectors.emotions,
            width: vectors.width,
            rows: vectors.emotion,
        }
    };
    ensure!(
        found.emotions == card.emotions.len(),
        "the vectors are of {} emotions, vectors.json lists {}: run `atlas extract` again",
        found.emotions,
        card.emotions.len()
    );
    let layers: Vec<EmotionVectors> = found
        .rows
        .chunks_exact(found.emotions * found.width)
        .map(|rows| EmotionVectors {
            width: found.width,
            rows: rows.to_vec(),
            nuisance_share: 0.0,
        })
        .collect();
    let file = draw(&card, &layers).map_err(|e| match e {
        AffectError::Options(words) => anyhow::anyhow!("{words}. Run `atlas extract` again"),
        other => other.into(),
    })?;
    let out = args.out.as_deref().unwrap_or(&args.model);
    files::write(&out.join("map.json"), &serde_json::to_vec(&file)?)?;
    println!(
        "layer {}: of the eight nearest emotions, {:.0} % are among the eight nearest on the UMAP, {:.0} % on two components",
        file.layer,
        file.kept.umap * 100.0,
        file.kept.pca * 100.0
    );
    Ok(())
}

/// Keeps the map's vectors for [`run`], if they are not those that `vectors.safetensors` holds anyway.
pub fn store_vectors(out: &Path, vectors: &Vectors, rows: &[f32]) -> Result<()> {
    let path = out.join(OWN);
    if rows == vectors.emotion {
        return match std::fs::remove_file(&path) {
            Err(e) if e.kind() != ErrorKind::NotFound => {
                Err(e).with_context(|| path.display().to_string())
            }
            _ => Ok(()),
        };
    }
    let kept = MapVectors {
        layers: vectors.layers,
        emotions: vectors.emotions,
        width: vectors.width,
        rows: rows.to_vec(),
    };
    files::write(&path, &kept.to_bytes()?)
}

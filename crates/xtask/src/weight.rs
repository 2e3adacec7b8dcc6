//! Sizes as a visitor downloads them.

use anyhow::{Context, Result, bail};
use flate2::{Compression, write::GzEncoder};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Most that the page's wasm may weigh, in bytes, gzipped.
pub const PAGE_BUDGET: u64 = 1_000_000;
/// Most that the engine's wasm may weigh, in bytes, gzipped: each of its builds, for a visitor loads one.
pub const ENGINE_BUDGET: u64 = 6_000_000;

struct Counter(u64);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Length of a file after gzip, as most hosts send it.
///
/// # Errors
/// When the file cannot be read.
pub fn gzipped(file: &Path) -> Result<u64> {
    let mut encoder = GzEncoder::new(Counter(0), Compression::default());
    let mut input = fs::File::open(file).with_context(|| format!("{}", file.display()))?;
    io::copy(&mut input, &mut encoder)?;
    Ok(encoder.finish()?.0)
}

/// The page's wasm and the engine's builds in a built site: name, gzipped bytes, budget.
///
/// # Errors
/// When one of them is not there. The engine's build with threads may be missing.
pub fn of_site(dist: &Path) -> Result<Vec<(&'static str, u64, u64)>> {
    let page = fs::read_dir(dist)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path: &PathBuf| path.extension().is_some_and(|e| e == "wasm"))
        .context("no page wasm in dist/")?;
    let one = dist.join("engine/atlas_worker_bg.wasm");
    let threads = dist.join("engine/threads/atlas_worker_bg.wasm");
    let mut all = vec![
        ("page", gzipped(&page)?, PAGE_BUDGET),
        ("engine", gzipped(&one)?, ENGINE_BUDGET),
    ];
    if threads.exists() {
        all.push(("engine with threads", gzipped(&threads)?, ENGINE_BUDGET));
    }
    Ok(all)
}

/// Says what a site weighs.
///
/// # Errors
/// When it is over budget.
pub fn check(dist: &Path) -> Result<()> {
    for (name, bytes, budget) in of_site(dist)? {
        println!(
            "{name}: {:.2} MB of {:.0} MB (wasm, gzipped)",
            mb(bytes),
            mb(budget)
        );
        if bytes > budget {
            bail!("the {name} is too heavy");
        }
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "for people")]
fn mb(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

//! The engine: `web/worker` with SIMD, as `web/engine/atlas_worker.js` and `atlas_worker_bg.wasm`.

use crate::{place::Place, setup::Kit, setup::wasm::TARGET, shell};
use anyhow::{Context, Result};
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Older releases do not know all that today's compiler emits.
const OLDEST_WASM_OPT: u32 = 120;

/// Cargo for anything that runs in the engine: with SIMD, in its own target folder. The page is built
/// without these flags; in one folder each would undo the other's work.
pub(crate) fn cargo(place: &Place, kit: &Kit, subcommand: &str) -> Command {
    let mut flags = std::env::var_os("RUSTFLAGS").unwrap_or_default();
    flags.push(" -C target-feature=+simd128");
    let mut command = kit.wasm.cargo(subcommand);
    command
        .current_dir(&place.root)
        .env("CARGO_TARGET_DIR", place.engine_target())
        .env("RUSTFLAGS", flags)
        .arg("--release");
    command
}

/// Builds it, if anything changed.
pub(crate) fn build(place: &Place, kit: &Kit) -> Result<()> {
    shell::run(cargo(place, kit, "build").args(["-p", "atlas-worker"]))?;
    let input = place
        .engine_target()
        .join(TARGET)
        .join("release/atlas_worker.wasm");
    let out = place.root.join("web/engine");
    fs::create_dir_all(&out)?;

    let start = place.root.join("web/worker/start.js");
    if start.exists() {
        fs::copy(&start, out.join("start.js")).context("web/worker/start.js")?;
    }
    let wasm = out.join("atlas_worker_bg.wasm");
    // Beside the folder, not in it: all that is in it goes to the site.
    let stamp = place.root.join("web/.engine-stamp");
    let now = fingerprint(&input)?;
    if wasm.exists() && fs::read(&stamp).is_ok_and(|old| old == now.as_bytes()) {
        return Ok(());
    }
    shell::run(
        Command::new(&kit.tools.bindgen)
            .args(["--target", "web", "--no-typescript"])
            .args([
                "--remove-name-section",
                "--remove-producers-section",
                "--out-dir",
            ])
            .args([&out, &input]),
    )?;
    optimise(&wasm)?;
    fs::write(stamp, now)?;
    Ok(())
}

fn fingerprint(file: &Path) -> Result<String> {
    let meta = fs::metadata(file).with_context(|| format!("{}", file.display()))?;
    Ok(format!("{} {:?}", meta.len(), meta.modified()?))
}

fn optimise(wasm: &Path) -> Result<()> {
    let version = shell::ask(Command::new("wasm-opt").arg("--version"));
    let number = version
        .as_deref()
        .and_then(|v| v.split_whitespace().nth(2)?.parse::<u32>().ok());
    if number.is_none_or(|n| n < OLDEST_WASM_OPT) {
        println!(
            "engine: no wasm-opt {OLDEST_WASM_OPT} or newer on PATH, so the engine stays as compiled"
        );
        return Ok(());
    }
    let mut small = OsString::from(wasm);
    small.push(".opt");
    let features = [
        "simd",
        "bulk-memory",
        "bulk-memory-opt",
        "nontrapping-float-to-int",
        "sign-ext",
        "mutable-globals",
        "reference-types",
        "multivalue",
        "extended-const",
    ];
    let result = shell::run(
        Command::new("wasm-opt")
            .arg("-O3")
            .args(features.map(|f| format!("--enable-{f}")))
            .arg(wasm)
            .arg("-o")
            .arg(&small),
    );
    match result {
        Ok(()) => fs::rename(small, wasm)?,
        Err(error) => println!("engine: {error:#}; the engine stays as compiled"),
    }
    Ok(())
}

//! The engine: `web/worker`, built twice. With SIMD, the GPU and one thread it is `web/engine/atlas_worker.js` and
//! `atlas_worker_bg.wasm`; with SIMD and many threads, without the GPU, the same in `web/engine/threads/`.
//! `start.js` takes the one that suits the visitor.

use crate::{
    place::Place,
    setup::Kit,
    setup::wasm::{TARGET, Toolchain},
    shell,
};
use anyhow::{Context, Result};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Older releases do not know all that today's compiler emits.
const OLDEST_WASM_OPT: u32 = 120;

/// Most memory that the threads may share, in bytes: browsers set that much of the address space aside.
const MOST_SHARED: u64 = 1 << 30;

/// One of the two builds.
struct Build {
    /// Its folder in `web/engine`.
    folder: &'static str,
    /// Where its fingerprint is kept: beside `web/engine`, for all that is in there goes to the site.
    stamp: &'static str,
    target: PathBuf,
    cargo: Command,
}

/// Cargo for anything that runs in the engine: with SIMD, in its own target folder. The page is built
/// without these flags; in one folder each would undo the other's work.
pub(crate) fn cargo(place: &Place, kit: &Kit, subcommand: &str) -> Command {
    let mut command = kit.wasm.cargo(subcommand);
    set_up(&mut command, place, &place.engine_target(), &simd(""));
    command
}

/// The same for threads: with atomics, which std as it is delivered knows nothing of.
fn cargo_with_threads(place: &Place, kit: &Kit, subcommand: &str) -> Command {
    let mut command = kit.wasm.cargo(subcommand);
    Toolchain::build_std(&mut command);
    let mut flags = simd(",+atomics,+bulk-memory");
    let exports = ["__wasm_init_tls", "__tls_size", "__tls_align", "__tls_base"];
    let exports = exports.map(|name| format!("--export={name}"));
    let memory = [
        "--shared-memory".to_owned(),
        "--import-memory".to_owned(),
        format!("--max-memory={MOST_SHARED}"),
    ];
    for argument in memory.iter().chain(&exports) {
        flags.push(format!(" -C link-arg={argument}"));
    }
    set_up(&mut command, place, &place.threads_target(), &flags);
    command
}

fn simd(more: &str) -> OsString {
    let mut flags = std::env::var_os("RUSTFLAGS").unwrap_or_default();
    flags.push(format!(" -C target-feature=+simd128{more}"));
    flags
}

fn set_up(command: &mut Command, place: &Place, target: &Path, flags: &OsString) {
    command
        .current_dir(&place.root)
        .env("CARGO_TARGET_DIR", target)
        .env("RUSTFLAGS", flags)
        .arg("--release");
}

/// Builds both, if anything changed.
pub(crate) fn build(place: &Place, kit: &Kit) -> Result<()> {
    let out = place.root.join("web/engine");
    fs::create_dir_all(&out)?;
    copy_scripts(&place.root.join("web/worker"), &out)?;

    let mut one = cargo(place, kit, "build");
    one.args(["-p", "atlas-worker"]);
    make(
        place,
        kit,
        Build {
            folder: "",
            stamp: ".engine-stamp",
            target: place.engine_target(),
            cargo: one,
        },
    )?;

    let threads = kit.wasm.has_std_sources();
    fs::write(
        out.join("builds.js"),
        format!("// Which builds of the engine are here.\nexport const threads = {threads};\n"),
    )?;
    if !threads {
        println!(
            "engine: no sources of std (`rustup component add rust-src`), so it is built for one thread only"
        );
        if out.join("threads").exists() {
            fs::remove_dir_all(out.join("threads"))?;
        }
        return Ok(());
    }
    let mut many = cargo_with_threads(place, kit, "build");
    many.args(["-p", "atlas-worker", "--no-default-features"]);
    make(
        place,
        kit,
        Build {
            folder: "threads",
            stamp: ".engine-threads-stamp",
            target: place.threads_target(),
            cargo: many,
        },
    )
}

/// The scripts around the module.
fn copy_scripts(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        if path.extension().is_some_and(|kind| kind == "js") {
            let name = path.file_name().unwrap_or_default();
            fs::copy(&path, to.join(name)).with_context(|| format!("{}", path.display()))?;
        }
    }
    Ok(())
}

fn make(place: &Place, kit: &Kit, mut build: Build) -> Result<()> {
    shell::run(&mut build.cargo)?;
    let input = build.target.join(TARGET).join("release/atlas_worker.wasm");
    let out = place.root.join("web/engine").join(build.folder);
    fs::create_dir_all(&out)?;
    let wasm = out.join("atlas_worker_bg.wasm");
    let stamp = place.root.join("web").join(build.stamp);
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
        "threads",
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

//! What is compared with, under the user's cache folder: fetched and built once, never committed.

use super::{MODEL, machine};
use crate::{place::Place, shell};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The version that the goals speak of.
const WLLAMA: &str = "3.8.1";

fn folder(place: &Place) -> Result<PathBuf> {
    let folder = place
        .tools
        .parent()
        .context("no cache folder")?
        .join("bench");
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    Ok(folder)
}

/// The model's file, put together from its pieces.
pub(super) fn gguf(place: &Place) -> Result<PathBuf> {
    let pieces = place.root.join("models").join(MODEL).join("weights");
    let mut pieces: Vec<PathBuf> = fs::read_dir(&pieces)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    pieces.sort();
    let whole: u64 = pieces
        .iter()
        .filter_map(|piece| Some(fs::metadata(piece).ok()?.len()))
        .sum();
    let file = folder(place)?.join("gguf").join(format!("{MODEL}.gguf"));
    if fs::metadata(&file).is_ok_and(|found| found.len() == whole) {
        return Ok(file);
    }
    fs::create_dir_all(file.parent().context("a file has a folder")?)?;
    let mut out = fs::File::create(&file)?;
    for piece in &pieces {
        io::copy(&mut fs::File::open(piece)?, &mut out)?;
    }
    Ok(file)
}

/// The npm package of llama.cpp for browsers.
pub(super) fn wllama(place: &Place) -> Result<PathBuf> {
    let prefix = folder(place)?.join("npm");
    let package = prefix.join("node_modules/@wllama/wllama");
    let version = format!("\"version\": \"{WLLAMA}\"");
    let there = || {
        let json = fs::read_to_string(package.join("package.json")).unwrap_or_default();
        json.contains(&version) && package.join("esm/wasm/wllama.wasm").exists()
    };
    if !there() {
        fs::create_dir_all(&prefix)?;
        let name = format!("@wllama/wllama@{WLLAMA}");
        let mut npm = Command::new("npm");
        npm.args([
            "install",
            "--no-save",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--prefix",
        ]);
        shell::run(npm.arg(&prefix).arg(name))?;
    }
    if !there() {
        bail!("npm gave no @wllama/wllama {WLLAMA}");
    }
    Ok(package)
}

/// A Python that sees the system's packages and those of its own.
fn python(place: &Place) -> Result<PathBuf> {
    let venv = folder(place)?.join("python");
    let (unix, windows) = (venv.join("bin/python"), venv.join("Scripts/python.exe"));
    let find = || {
        [&unix, &windows]
            .into_iter()
            .find(|path| path.exists())
            .cloned()
    };
    if let Some(python) = find() {
        return Ok(python);
    }
    let base = ["python3", "python"]
        .into_iter()
        .find(|name| shell::on_path(name).is_some());
    let mut command = Command::new(base.context("there is no Python here")?);
    shell::run(
        command
            .args(["-m", "venv", "--system-site-packages"])
            .arg(&venv),
    )?;
    find().context("`python -m venv` made no Python")
}

fn imports(python: &Path, module: &str) -> bool {
    let code = format!("import {module}");
    shell::ask(Command::new(python).args(["-c", &code])).is_some()
}

/// A Python with `llama-cpp-python`, built for this processor. That takes minutes, once.
pub(super) fn llama_cpp(place: &Place) -> Result<PathBuf> {
    let (python, flags) = (python(place)?, machine::llama_flags());
    let stamp = folder(place)?.join("llama.flags");
    let built = fs::read_to_string(&stamp).is_ok_and(|old| old == flags);
    if built && imports(&python, "llama_cpp") {
        return Ok(python);
    }
    println!("bench: building llama.cpp (some minutes, once)");
    let mut pip = Command::new(&python);
    pip.args([
        "-m",
        "pip",
        "install",
        "--force-reinstall",
        "--no-cache-dir",
    ])
    .args(["--no-binary", "llama-cpp-python", "llama-cpp-python"])
    .env("CMAKE_ARGS", &flags);
    shell::run(&mut pip)?;
    if !imports(&python, "llama_cpp") {
        bail!("llama-cpp-python was installed, but cannot be imported");
    }
    fs::write(stamp, flags)?;
    Ok(python)
}

/// A Python with PyTorch and transformers.
pub(super) fn pytorch(place: &Place) -> Result<PathBuf> {
    let python = python(place)?;
    let needed = "torch, transformers, gguf, tokenizers";
    if !imports(&python, needed) {
        let mut pip = Command::new(&python);
        pip.args([
            "-m",
            "pip",
            "install",
            "torch",
            "transformers",
            "accelerate",
            "gguf",
        ]);
        shell::run(&mut pip)?;
    }
    if !imports(&python, needed) {
        bail!("PyTorch was installed, but cannot be imported");
    }
    Ok(python)
}

/// Runs a program that prints one line of JSON at its end.
pub(super) fn json(command: &mut Command) -> Result<Value> {
    println!("$ {}", shell::shown(command));
    let output = command.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        bail!("`{}` failed ({})", shell::shown(command), output.status);
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let last = text.lines().rfind(|line| line.starts_with('{'));
    serde_json::from_str(last.context("it printed no JSON")?).context("its JSON cannot be read")
}

/// A competitor, or why there is none.
pub(super) type Rival = Result<PathBuf, String>;

/// Says that a competitor is missing, and goes on.
pub(super) fn rival(name: &str, found: Result<PathBuf>) -> Rival {
    found.map_err(|error| {
        eprintln!("{name}: {error:#}");
        format!("{name} could not be installed here: {error:#}")
    })
}

//! Our engine and wllama (llama.cpp), each in a browser of its own, taking turns. `cargo xtask bench` calls this; it
//! prints one line of JSON.
//!
//! `side_by_side <wllama package> <model.gguf> <model> <threads>[,<threads>...] <rounds>`
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for cargo xtask bench"
)]

use anyhow::{Context, Result, bail};
use atlas_browser_tests::{Browser, Gpu, Server, Tab, built_site};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use xtask::place::Place;

/// Tokens written after the prompt.
const DECODE: u32 = 64;
/// Seconds that one run may take.
const PATIENCE: u64 = 300;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [wllama, gguf, model, threads, rounds] = arguments.as_slice() else {
        bail!("side_by_side <wllama package> <model.gguf> <model> <threads> <rounds>");
    };
    let (gguf, rounds) = (PathBuf::from(gguf), rounds.parse::<u32>()?);
    let bench = Place::find()?.root.join("tests/bench");
    let prompt = std::fs::read_to_string(bench.join("prompt.txt"))?;
    let folder = gguf.parent().context("the model lies in no folder")?;
    let site = built_site()?
        .with_folder("bench", bench)
        .with_folder("wllama", PathBuf::from(wllama))
        .with_folder("gguf", folder.to_owned());
    let server = Server::on_free_port(site)?;

    let mut found = vec![];
    for threads in threads.split(',') {
        let threads: u32 = threads.parse()?;
        found.push(compare(&server, &gguf, model, &prompt, threads, rounds)?);
    }
    println!(
        "{}",
        json!({ "runs": found, "version": package(Path::new(wllama))? })
    );
    Ok(())
}

/// Name and version of an npm package.
fn package(folder: &Path) -> Result<String> {
    let text = std::fs::read_to_string(folder.join("package.json"))?;
    let json: Value = serde_json::from_str(&text)?;
    Ok(json["version"].as_str().unwrap_or("?").to_owned())
}

fn compare(
    server: &Server,
    gguf: &Path,
    model: &str,
    prompt: &str,
    threads: u32,
    rounds: u32,
) -> Result<Value> {
    let query =
        format!("?bench&model={model}&threads={threads}&rounds=1&decode={DECODE}&backend=cpu");
    let our_address = format!("{}{query}", server.address());
    // Alone, and first: what else is measured takes more memory than writing does.
    let our_peak = plain_peak(&format!("{our_address}&plain"))?;

    let (our_browser, their_browser) = (
        Browser::start(Gpu::None, &[])?,
        Browser::start(Gpu::None, &[])?,
    );
    let (mut ours, mut theirs) = (our_browser.tab(900, 700)?, their_browser.tab(900, 700)?);

    eprintln!("{threads} threads: loading");
    let file = gguf.file_name().unwrap_or_default().to_string_lossy();
    theirs.go(&format!("{}bench/wllama.html", server.address()))?;
    theirs.wait("window.bench", 30)?;
    let loaded = promise(
        &mut theirs,
        &format!("bench.load({}, {threads})", json!(file)),
    )?;
    ours.go(&our_address)?;
    ours.wait("document.querySelector('#speed-run')", 30)?;
    let agent = ours.text("navigator.userAgent")?;
    let isolated = ours.eval("crossOriginIsolated")?;

    let (mut our_runs, mut their_runs) = (vec![], vec![]);
    // The first of each is thrown away.
    for round in 0..=rounds {
        let run = we_run(&mut ours)?;
        let call = format!("bench.run({}, {DECODE})", json!(prompt));
        let other = promise(&mut theirs, &call)?;
        eprintln!(
            "{threads} threads, round {round}: prompt {:.1} and {:.1}, decode {:.1} and {:.1} tokens/s",
            number(&run["prompt"]),
            number(&other["timings"]["prompt_per_second"]),
            number(&run["plain"]),
            number(&other["timings"]["predicted_per_second"]),
        );
        if round > 0 {
            our_runs.push(run);
            their_runs.push(other);
        }
    }
    Ok(json!({
        "threads": threads,
        "agent": agent,
        "isolated": isolated,
        "loaded": loaded,
        "ours": our_runs,
        "theirs": their_runs,
        "our_peak": our_peak,
        "their_peak": their_browser.peak_bytes(),
    }))
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

/// Most memory that our page takes while it reads a prompt and writes after it.
fn plain_peak(address: &str) -> Result<Option<u64>> {
    let browser = Browser::start(Gpu::None, &[])?;
    let mut tab = browser.tab(900, 700)?;
    tab.go(address)?;
    tab.wait("document.querySelector('#speed-run')", 30)?;
    we_run(&mut tab)?;
    Ok(browser.peak_bytes())
}

/// Presses the button of `?bench` and gives the report.
fn we_run(tab: &mut Tab) -> Result<Value> {
    // So that the figures of the last run are not taken for those of this one.
    tab.eval("document.querySelector('#speed-table')?.removeAttribute('data-report'); 0")?;
    tab.click("#speed-run")?;
    tab.wait(
        "!['done', 'failed'].includes(document.querySelector('#speed').dataset.state)",
        5,
    )?;
    tab.wait(
        "['done', 'failed', 'idle'].includes(document.querySelector('#speed').dataset.state)",
        PATIENCE,
    )?;
    let state = tab.text("document.querySelector('#speed').dataset.state")?;
    if state != "done" {
        bail!("our engine: {}", tab.words("#problem").unwrap_or(state));
    }
    let report = tab.text("document.querySelector('#speed-table').dataset.report")?;
    Ok(serde_json::from_str(&report)?)
}

/// Waits for a promise, however long it takes.
fn promise(tab: &mut Tab, call: &str) -> Result<Value> {
    tab.eval(&format!(
        "window.__done = null; {call}.then(value => __done = {{ value }}, error => __done = {{ error: String(error?.message ?? error) }}); 0"
    ))?;
    tab.wait("window.__done", PATIENCE)?;
    let done = tab.eval("window.__done")?;
    match done["error"].as_str() {
        Some(error) => bail!("wllama: {error}"),
        None => Ok(done["value"].clone()),
    }
}

//! `cargo xtask test`: native, in wasm, and in a browser.

use crate::{cli::Options, engine, place::Place, setup, shell, site};
use anyhow::{Result, bail};
use std::fs;
use std::process::Command;
use std::time::Instant;

const BROWSER: &str = "atlas-browser-tests";

/// What became of one part.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    passed: u64,
    failed: u64,
}

/// Runs the parts that were named, or all, also after one failed.
pub(crate) fn run(place: &Place, options: &Options) -> Result<()> {
    let all = !(options.native || options.wasm || options.browser);
    let mut summary = Vec::new();
    let mut total = Tally::default();
    let mut part = |name: &str, wanted: bool, work: &dyn Fn(&Place) -> Result<Tally>| {
        if !(wanted || all) {
            return;
        }
        println!("\n== {name} tests");
        let start = Instant::now();
        // A part that could not even be built counts as one failure.
        let tally = work(place).unwrap_or_else(|error| {
            eprintln!("{error:#}");
            Tally {
                passed: 0,
                failed: 1,
            }
        });
        let seconds = start.elapsed().as_secs();
        summary.push(format!(
            "{name}: {} passed, {} failed, {seconds} s",
            tally.passed, tally.failed
        ));
        total.passed += tally.passed;
        total.failed += tally.failed;
    };
    part("native", options.native, &native);
    part("wasm", options.wasm, &wasm);
    part("browser", options.browser, &browser);

    println!("\n{}", summary.join("\n"));
    println!("{} passed, {} failed", total.passed, total.failed);
    if total.failed > 0 {
        bail!("{} tests failed", total.failed);
    }
    Ok(())
}

fn native(place: &Place) -> Result<Tally> {
    // For its Vulkan driver: the engine's GPU tests run natively, too.
    setup::chromium::find_or_install()?;
    let mut command = cargo(place);
    command.args(["test", "--release", "--no-fail-fast", "--workspace"]);
    // The worker has nothing that runs outside a browser; the page's logic has.
    command.args(["--exclude", "atlas-worker", "--exclude", BROWSER]);
    count(&mut command)
}

/// The crates that have tests for wasm, in headless Chromium.
fn wasm(place: &Place) -> Result<Tally> {
    let mut packages = Vec::new();
    for entry in fs::read_dir(place.root.join("crates"))?.flatten() {
        if entry.path().join("tests/wasm.rs").exists() {
            packages.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    packages.sort();
    if packages.is_empty() {
        return Ok(Tally::default());
    }
    let kit = setup::for_building(place)?;
    let chromium = setup::chromium::find_or_install()?;
    let mut command = engine::cargo(place, &kit, "test");
    command
        .args(["--no-fail-fast", "--test", "wasm"])
        .args(packages.iter().flat_map(|name| ["-p", name]))
        .env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
            kit.tools.test_runner(),
        )
        .env("WASM_BINDGEN_TEST_TIMEOUT", "300");
    if let Some(driver) = chromium.driver {
        command.env("CHROMEDRIVER", driver);
    }
    count(&mut command)
}

fn browser(place: &Place) -> Result<Tally> {
    let kit = setup::for_building(place)?;
    let chromium = setup::chromium::find_or_install()?;
    site::build(place, &kit)?;
    let mut command = cargo(place);
    command
        .args(["test", "--release", "--no-fail-fast", "-p", BROWSER, "--"])
        // One browser at a time: they measure speed.
        .args(["--nocapture", "--test-threads", "1"])
        .env("CHROME", chromium.browser)
        // What went wrong on the page is in the message; where the test noticed is not worth a screenful.
        .env("RUST_BACKTRACE", "0");
    count(&mut command)
}

fn cargo(place: &Place) -> Command {
    let mut command = shell::cargo();
    command
        .current_dir(&place.root)
        .env("CARGO_TARGET_DIR", &place.target);
    command
}

/// Runs a command and adds up its `test result:` lines.
fn count(command: &mut Command) -> Result<Tally> {
    let mut tally = Tally::default();
    let fine = shell::listen(command, |line| {
        if let Some((passed, failed)) = result(line) {
            tally.passed += passed;
            tally.failed += failed;
        }
    })?;
    if !fine && tally.failed == 0 {
        // It did not compile, or died between two results.
        tally.failed = 1;
    }
    Ok(tally)
}

/// `test result: ok. 3 passed; 1 failed; ...` as (3, 1).
fn result(line: &str) -> Option<(u64, u64)> {
    let (_, rest) = line.split_once("test result: ")?;
    let mut words = rest
        .split([' ', ';'])
        .filter(|word| !word.is_empty())
        .skip(1);
    let passed = words.next()?.parse().ok()?;
    let failed = words.nth(1)?.parse().ok()?;
    Some((passed, failed))
}

#[cfg(test)]
mod tests {
    #[test]
    fn results_are_read() {
        let line = "test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(super::result(line), Some((3, 1)));
        assert_eq!(super::result("test reads ... ok"), None);
    }
}

//! `cargo xtask tidy`: everything that should be so before anyone reviews it.

use crate::{checks, engine, place::Place, setup, shell};
use anyhow::{Result, bail};
use std::process::Command;

/// Only these are compiled for wasm; everything else is native.
const WEB: [&str; 2] = ["atlas-page", "atlas-worker"];

/// Runs every check, also after one failed, and fails if any did.
pub(crate) fn run(place: &Place) -> Result<()> {
    let kit = setup::for_building(place)?;
    // `--release` everywhere: dependencies, build scripts and macros are then shared with the tests.
    let native = |subcommand: &str| {
        let mut command = shell::cargo();
        command
            .current_dir(&place.root)
            .env("CARGO_TARGET_DIR", &place.target);
        command.args([subcommand, "--release", "--workspace"]);
        command.args(WEB.iter().flat_map(|name| ["--exclude", name]));
        command
    };
    let mut failed = Vec::new();
    let mut note = |what: &str, result: Result<()>| {
        if let Err(error) = result {
            eprintln!("{error:#}");
            failed.push(what.to_owned());
        }
    };
    note("house rules", checks::run(place));
    note(
        "formatting",
        shell::run(
            shell::cargo()
                .current_dir(&place.root)
                .args(["fmt", "--all", "--check"]),
        ),
    );
    note(
        "clippy (native)",
        shell::run(native("clippy").args(["--all-targets", "--", "-D", "warnings"])),
    );
    note("clippy (wasm)", shell::run(&mut wasm_clippy(place, &kit)));
    note(
        "docs",
        shell::run(
            native("doc")
                .args(["--no-deps"])
                .env("RUSTDOCFLAGS", "-D warnings"),
        ),
    );
    if !failed.is_empty() {
        bail!("not tidy: {}", failed.join(", "));
    }
    println!("tidy");
    Ok(())
}

fn wasm_clippy(place: &Place, kit: &setup::Kit) -> Command {
    let mut command = engine::cargo(place, kit, "clippy");
    command.args(WEB.iter().flat_map(|name| ["-p", name]));
    command.args(["--", "-D", "warnings"]);
    command
}

//! `wasm-bindgen` (equal to the locked library) and Trunk, under the user's cache folder.

use crate::{place::Place, shell};
use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The newest Trunk that was tried here.
const TRUNK: &str = "0.21.14";

/// The tools' places.
#[derive(Debug)]
pub(crate) struct Tools {
    /// `wasm-bindgen`; its test runner lies beside it.
    pub bindgen: PathBuf,
    /// `trunk`.
    pub trunk: PathBuf,
}

impl Tools {
    /// `wasm-bindgen-test-runner`.
    pub fn test_runner(&self) -> PathBuf {
        self.bindgen.with_file_name(format!(
            "wasm-bindgen-test-runner{}",
            std::env::consts::EXE_SUFFIX
        ))
    }

    /// PATH with the tools first, for programs that look them up (Trunk).
    pub fn path(&self) -> Result<OsString> {
        let old = std::env::var_os("PATH").unwrap_or_default();
        let own = [&self.bindgen, &self.trunk]
            .into_iter()
            .filter_map(|tool| tool.parent());
        let own = own.map(Path::to_path_buf);
        Ok(std::env::join_paths(
            own.chain(std::env::split_paths(&old)),
        )?)
    }
}

/// Takes what is there in the right version, else installs.
pub(crate) fn find_or_install(place: &Place) -> Result<Tools> {
    let lock = std::fs::read_to_string(place.root.join("Cargo.lock")).context("Cargo.lock")?;
    let bindgen = locked(&lock, "wasm-bindgen").context("Cargo.lock names no wasm-bindgen")?;
    Ok(Tools {
        bindgen: tool(place, "wasm-bindgen", "wasm-bindgen-cli", &bindgen, &[])?,
        trunk: tool(
            place,
            "trunk",
            "trunk",
            TRUNK,
            &["--no-default-features", "--features", "rustls"],
        )?,
    })
}

fn tool(
    place: &Place,
    name: &str,
    package: &str,
    version: &str,
    features: &[&str],
) -> Result<PathBuf> {
    let own = place
        .tools
        .join("bin")
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    let fits = |path: &PathBuf| {
        shell::ask(Command::new(path).arg("--version"))
            .is_some_and(|said| said.split_whitespace().nth(1) == Some(version))
    };
    if let Some(found) = [Some(own.clone()), shell::on_path(name)]
        .into_iter()
        .flatten()
        .find(fits)
    {
        return Ok(found);
    }
    println!(
        "setup: installing {package} {version} into {} (some minutes, once)",
        place.tools.display()
    );
    let install = |locked: &[&str]| {
        shell::run(
            shell::cargo()
                .args([
                    "install",
                    package,
                    "--version",
                    version,
                    "--force",
                    "--root",
                ])
                .arg(&place.tools)
                .args(features)
                .args(locked)
                // A target folder of its own, thrown away afterwards.
                .env_remove("CARGO_TARGET_DIR")
                // Trunk asks for link-time optimisation: three minutes more for a tool that waits for cargo.
                .env("CARGO_PROFILE_RELEASE_LTO", "off")
                .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
                .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
        )
    };
    // A registry mirror may lag behind the tool's own lock file.
    if install(&["--locked"]).is_err() {
        install(&[])?;
    }
    if !fits(&own) {
        bail!(
            "{} is not {package} {version} even after installing it",
            own.display()
        );
    }
    Ok(own)
}

/// The version of a package in Cargo.lock.
fn locked(lock: &str, name: &str) -> Option<String> {
    let mut lines = lock.lines();
    lines.find(|line| *line == format!("name = \"{name}\""))?;
    Some(
        lines
            .next()?
            .strip_prefix("version = \"")?
            .trim_end_matches('"')
            .to_owned(),
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_lock_is_read_by_exact_name() {
        let lock = "name = \"wasm-bindgen-futures\"\nversion = \"0.4.1\"\n\nname = \"wasm-bindgen\"\nversion = \"0.2.9\"\n";
        assert_eq!(
            super::locked(lock, "wasm-bindgen").as_deref(),
            Some("0.2.9")
        );
        assert_eq!(super::locked(lock, "bindgen"), None);
    }
}

//! A Firefox to test in: a second browser engine.

use super::apt;
use crate::shell;
use anyhow::{Result, bail};
use std::path::PathBuf;

const PACKAGE: &str = "firefox-esr";
const NAMES: [&str; 2] = ["firefox-esr", "firefox"];
const PLACES: [&str; 2] = [
    "/Applications/Firefox.app/Contents/MacOS/firefox",
    r"C:\Program Files\Mozilla Firefox\firefox.exe",
];

/// The browser that is here: `$FIREFOX`, on PATH, or in the usual places.
#[must_use]
pub fn find() -> Option<PathBuf> {
    let named = std::env::var_os("FIREFOX").map(PathBuf::from);
    named
        .into_iter()
        .chain(NAMES.into_iter().filter_map(shell::on_path))
        .chain(PLACES.into_iter().map(PathBuf::from))
        .find(|candidate| candidate.is_file())
}

/// Takes what is there, else installs Debian's.
///
/// # Errors
/// When there is none and none can be installed; the message says what to install.
pub fn find_or_install() -> Result<PathBuf> {
    if let Some(firefox) = find() {
        return Ok(firefox);
    }
    if apt::is_here() {
        println!("setup: installing Firefox for the browser tests");
        match (apt::install(&[PACKAGE]), find()) {
            (_, Some(firefox)) => return Ok(firefox),
            (Err(error), None) => eprintln!("{error:#}"),
            (Ok(()), None) => {}
        }
    }
    bail!(
        "no Firefox for the tests. Install it and set FIREFOX to where it is; on Debian: apt-get install {PACKAGE}"
    )
}

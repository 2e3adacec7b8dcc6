//! axe-core, which checks a page for people who use a keyboard or a screen reader; for the browser tests.

use crate::{place::Place, shell};
use anyhow::{Result, bail};
use std::path::PathBuf;
use std::process::Command;

const VERSION: &str = "4.14.1";

/// The script: `$AXE`, or as npm installs it under the tools.
///
/// # Errors
/// When it is not there and npm cannot fetch it; the message says what to do.
pub fn find_or_install() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("AXE").map(PathBuf::from) {
        return Ok(named);
    }
    let folder = Place::find()?.tools.join(format!("axe-{VERSION}"));
    let script = folder.join("node_modules/axe-core/axe.min.js");
    if script.is_file() {
        return Ok(script);
    }
    if let Some(npm) = shell::on_path("npm") {
        println!("setup: fetching axe-core {VERSION} for the browser tests");
        std::fs::create_dir_all(&folder)?;
        shell::run(
            Command::new(npm)
                .args(["install", "--no-audit", "--no-fund", "--prefix"])
                .arg(&folder)
                .arg(format!("axe-core@{VERSION}")),
        )?;
    }
    if !script.is_file() {
        bail!(
            "no axe-core {VERSION}: install Node.js with npm, or set AXE to where axe.min.js of that version lies"
        );
    }
    Ok(script)
}

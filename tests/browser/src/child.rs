//! What is done alike with whichever browser was started.

use crate::screenshots;
use anyhow::{Context, Result};
use base64::Engine as _;
use serde_json::Value;
use std::path::Path;
use std::process::Child;
use std::time::Duration;
use std::{fs, thread};

/// How far a page is, and its own problem, for the message about one that was waited for in vain.
pub(crate) const STATE: &str = "document.body.dataset.model + ', ' + (document.querySelector('#problem')?.innerText ?? 'no #problem')";

/// Keeps a picture (base64) as `target/browser-tests/<name>.png`.
pub(crate) fn keep(name: &str, picture: &Value) -> Result<()> {
    let data = picture.as_str().context("no picture")?;
    let bytes = base64::engine::general_purpose::STANDARD.decode(data)?;
    Ok(fs::write(
        screenshots()?.join(format!("{name}.png")),
        bytes,
    )?)
}

/// Ends a browser and takes its profile away.
pub(crate) fn end(child: &mut Child, profile: &Path) {
    let _ = child.kill();
    let _ = child.wait();
    // Its helper processes may still be writing for a moment.
    for _ in 0..20 {
        if fs::remove_dir_all(profile).is_ok() {
            break;
        }
        thread::sleep(Duration::from_millis(50));
    }
}

//! What a visitor does, in a line each.

use anyhow::Result;
use atlas_browser_tests::{Server, Tab};
use serde_json::json;

/// The engine is running.
pub const READY: &str = "document.body.dataset.model == 'ready'";
/// It did not start.
pub const FAILED: &str = "document.body.dataset.model == 'failed'";
/// The page is drawn, down to its last part.
pub const MAP: &str =
    "document.querySelectorAll('#map-sheet .pt').length == 171 && document.querySelector('#seed')";

/// Part of an address after `#`.
pub fn link(parts: &[(&str, &str)]) -> String {
    let encode = |text: &str| -> String {
        text.bytes()
            .map(|b| {
                if b.is_ascii_alphanumeric() {
                    char::from(b).to_string()
                } else {
                    format!("%{b:02X}")
                }
            })
            .collect()
    };
    let parts: Vec<_> = parts
        .iter()
        .map(|(key, value)| format!("{key}={}", encode(value)))
        .collect();
    format!("#{}", parts.join("&"))
}

/// Opens the site with a link and waits for the map.
pub fn open(tab: &mut Tab, server: &Server, parts: &[(&str, &str)]) -> Result<()> {
    tab.go(&format!("{}{}", server.address(), link(parts)))?;
    tab.wait(MAP, 20)
}

/// Follows a link within the page, as the back button or a pasted address does.
pub fn follow(tab: &mut Tab, parts: &[(&str, &str)]) -> Result<()> {
    tab.eval(&format!("location.hash = {}; 0", json!(link(parts))))?;
    Ok(())
}

/// Starts the model unless it starts by itself, and waits until it runs.
pub fn start(tab: &mut Tab, seconds: u64) -> Result<()> {
    tab.eval("document.querySelector('#start')?.click(); 0")?;
    tab.wait(&format!("{READY} || {FAILED}"), seconds)?;
    tab.wait(READY, 0)
}

/// The text on the page is read, at the page's layer.
const READ: &str = "document.querySelectorAll('#text .tok').length && !document.querySelector('#text').classList.contains('waiting') \
    && !/^(Reading|Not read)/.test(document.querySelector('#readstate').innerText)";

/// Reads a text and waits for its colours; gives the seconds it took.
pub fn read(tab: &mut Tab, parts: &[(&str, &str)], seconds: u64) -> Result<f64> {
    tab.eval("window.__was = document.querySelector('#text').textContent; window.__from = performance.now(); 0")?;
    follow(tab, parts)?;
    tab.wait(
        &format!("document.querySelector('#text').textContent != __was && {READ}"),
        seconds,
    )?;
    Ok(tab.number("performance.now() - __from")? / 1000.0)
}

/// Types a text into the form and has it read.
pub fn type_and_read(tab: &mut Tab, text: &str, seconds: u64) -> Result<()> {
    tab.eval("window.__was = document.querySelector('#text').textContent; 0")?;
    tab.click("#own")?;
    tab.fill("#owntext", text)?;
    tab.click("#readit")?;
    tab.wait(
        &format!("document.querySelector('#text').textContent != __was && {READ}"),
        seconds,
    )
}

/// Generates what a link says, and gives the two texts.
pub fn generate(tab: &mut Tab, parts: &[(&str, &str)], seconds: u64) -> Result<(String, String)> {
    // The old texts stay for a moment, on a busy machine for longer.
    tab.eval(
        "window.__new = false; window.__from = performance.now(); window.__eye?.disconnect(); \
         window.__eye = new MutationObserver(() => { window.__new = true }); \
         for (const out of ['#outA', '#outB']) __eye.observe(document.querySelector(out).parentElement, { childList: true, characterData: true, subtree: true }); 0",
    )?;
    follow(tab, parts)?;
    std::thread::sleep(std::time::Duration::from_millis(300));
    tab.wait("window.__new || performance.now() - __from > 5000", 10)?;
    finished(tab, seconds)
}

/// Waits until a generation is over, and gives the two texts.
pub fn finished(tab: &mut Tab, seconds: u64) -> Result<(String, String)> {
    tab.wait(
        "document.querySelector('#run').innerText.trim() != 'Stop' && document.querySelector('#outA').innerText.trim() \
         && document.querySelector('#outB').innerText.trim()",
        seconds,
    )?;
    Ok((tab.words("#outA")?, tab.words("#outB")?))
}

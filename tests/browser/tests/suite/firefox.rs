//! A second browser engine: the page opens, reads and writes in Firefox, and writes what Chromium writes.

use crate::steps;
use anyhow::Result;
use atlas_browser_tests::{Browser, Firefox, Gpu, serve};
use serde_json::json;

const LINK: [(&str, &str); 8] = [
    ("m", "atlas-lite"),
    ("e", "afraid"),
    ("s", "calm:20"),
    ("p", "The door opened and"),
    ("pas", "plain"),
    ("seed", "5"),
    ("n", "24"),
    ("t", "The door opened. She screamed and ran."),
];
const TEXTS: &str = "['#outA', '#outB'].map(s => document.querySelector(s).innerText.trim())";
const COLOURS: &str =
    "[...document.querySelectorAll('#text .tok')].map(t => t.getAttribute('style') || '')";
const DONE: &str = "document.querySelector('#run').innerText.trim() != 'Stop' \
    && ['#outA', '#outB'].every(s => document.querySelector(s).innerText.trim()) \
    && document.querySelectorAll('#text .tok').length > 5 \
    && !document.querySelector('#text').classList.contains('waiting')";

#[test]
fn it_reads_and_writes_what_chromium_does() -> Result<()> {
    let (server, mut firefox) = (serve()?, Firefox::start(1440, 900)?);
    // WebGPU differs between machines; the CPU must not.
    let address = format!("{}?backend=cpu{}", server.address(), steps::link(&LINK));
    firefox.go(&address)?;
    firefox.wait(steps::MAP, 30)?;
    firefox.eval("document.querySelector('#start')?.click() ?? 0")?;
    firefox.wait(steps::READY, 120)?;
    firefox.wait(DONE, 60)?;
    firefox.screenshot("firefox")?;
    let backend = firefox.eval("document.querySelector('#backend').innerText")?;
    println!("Firefox: {backend}");
    let found = [firefox.eval(TEXTS)?, firefox.eval(COLOURS)?];
    drop(firefox);

    let browser = Browser::start(Gpu::None, &[])?;
    let mut tab = browser.tab(1440, 900)?;
    tab.go(&address)?;
    tab.wait(steps::MAP, 20)?;
    steps::start(&mut tab, 60)?;
    tab.wait(DONE, 60)?;
    assert_eq!([tab.eval(TEXTS)?, tab.eval(COLOURS)?], found);
    assert_ne!(found[0][0], found[0][1], "steering did something");
    assert!(found[1] != json!([]));
    Ok(())
}

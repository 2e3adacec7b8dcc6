//! Models are fetched once, kept, and fetched on where they broke off.

use crate::report::quiet;
use crate::steps;
use anyhow::Result;
use atlas_browser_tests::{Browser, Fault, Gpu, serve_with};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

const LITE: &[(&str, &str)] = &[("m", "atlas-lite")];

#[test]
fn the_second_visit_starts_from_the_cache() -> Result<()> {
    let asked = Arc::new(AtomicU64::new(0));
    let count = asked.clone();
    let server = serve_with(move |path| {
        if path.contains("/weights/") {
            count.fetch_add(1, SeqCst);
        }
        Fault::None
    })?;
    let browser = Browser::start(Gpu::None, &[])?;
    let mut tab = browser.tab(1024, 768)?;
    steps::open(&mut tab, &server, LITE)?;
    steps::start(&mut tab, 60)?;
    let first = asked.load(SeqCst);
    assert!(first > 0);
    tab.go("about:blank")?;
    steps::open(&mut tab, &server, LITE)?;
    tab.wait(steps::READY, 60)?;
    println!(
        "measured: atlas-lite from the cache: running {:.1} s after the page was opened",
        tab.number("performance.now()")? / 1000.0
    );
    assert_eq!(
        asked.load(SeqCst),
        first,
        "no piece of the weights was fetched again"
    );
    quiet(&mut tab);
    Ok(())
}

#[test]
fn cancel_stops_a_download_and_start_goes_on() -> Result<()> {
    let server = serve_with(|path| {
        if path.contains("/weights/") {
            Fault::Slow(4_000_000)
        } else {
            Fault::None
        }
    })?;
    let browser = Browser::start(Gpu::None, &[])?;
    let mut tab = browser.tab(1024, 768)?;
    steps::open(&mut tab, &server, LITE)?;
    tab.eval("document.querySelector('#start')?.click(); 0")?;
    tab.wait(
        "/[1-9]\\d* of/.test(document.querySelector('#loadsay')?.innerText)",
        20,
    )?;
    tab.screenshot("loading")?;
    tab.click("#cancel")?;
    tab.wait("document.body.dataset.model == 'first'", 5)?;
    assert!(tab.number("document.querySelectorAll('#map-sheet .pt').length")? > 170.0);
    tab.click("#start")?;
    tab.wait(steps::READY, 60)?;
    quiet(&mut tab);
    Ok(())
}

#[test]
fn a_connection_that_breaks_is_taken_up_again() -> Result<()> {
    let tries = Arc::new(AtomicU64::new(0));
    let server = serve_with(move |path| {
        match path.contains("/weights/000") && tries.fetch_add(1, SeqCst) == 0 {
            true => Fault::Broken(3_000_000),
            false => Fault::None,
        }
    })?;
    let browser = Browser::start(Gpu::None, &[])?;
    let mut tab = browser.tab(1024, 768)?;
    steps::open(&mut tab, &server, LITE)?;
    tab.eval("document.querySelector('#start')?.click(); 0")?;
    tab.wait(&format!("{} || {}", steps::READY, steps::FAILED), 60)?;
    if tab.text("document.body.dataset.model")? == "failed" {
        assert!(tab.words("#problem")?.contains("Start again"));
        tab.click("#start")?;
        tab.wait(steps::READY, 60)?;
    }
    Ok(())
}

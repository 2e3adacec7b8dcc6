//! Whatever comes in: a clear sentence, and a page that goes on working.

use crate::steps;
use anyhow::Result;
use atlas_browser_tests::{Browser, Fault, Gpu, Tab, serve, serve_with};

const LITE: (&str, &str) = ("m", "atlas-lite");

/// The page still answers: search selects, the map is whole.
fn usable(tab: &mut Tab) -> Result<()> {
    tab.wait(steps::MAP, 2)?;
    for (part, name) in [("nostal", "nostalgic"), ("proud", "proud")] {
        tab.fill("#q", part)?;
        tab.key("Enter")?;
        tab.wait(
            &format!("document.querySelector('#selname').innerText.includes('{name}')"),
            3,
        )?;
    }
    Ok(())
}

/// Waits for the sentence at `#problem`, and checks that it is one.
fn sentence(tab: &mut Tab, words: &str, seconds: u64) -> Result<()> {
    // For these words: what was wrong before may still stand there.
    tab.wait(
        &format!(
            "document.querySelector('#problem')?.innerText.toLowerCase().includes({})",
            serde_json::json!(words)
        ),
        seconds,
    )?;
    let said = tab.words("#problem")?;
    println!("said: {said}");
    assert!(said.to_lowercase().contains(words), "`{words}` in: {said}");
    assert!(
        said.trim().ends_with(['.', '”']) && said.len() < 400,
        "{said}"
    );
    usable(tab)
}

#[test]
fn odd_texts() -> Result<()> {
    let (server, browser) = (serve()?, Browser::start(Gpu::None, &[])?);
    let mut tab = browser.tab(1440, 900)?;
    steps::open(&mut tab, &server, &[LITE])?;
    steps::start(&mut tab, 60)?;
    for text in [
        "今日はとても嬉しい。でも少し寂しい。",
        "أنا سعيد جدا اليوم ولكنني خائف",
        "👩‍👩‍👧‍👦 😱😱 🏳️‍🌈 so happy 🎉",
        "a",
        "\u{0} \u{202e} <script>alert(1)</script> &amp; \u{fffd}",
        "\n\n\t \u{a0}x",
    ] {
        steps::read(&mut tab, &[LITE, ("t", text)], 20)?;
        usable(&mut tab)?;
    }
    tab.screenshot("odd-text")?;
    assert!(tab.complaints().is_empty());
    // Empty prompt, and nothing else.
    steps::follow(&mut tab, &[LITE, ("p", "")])?;
    tab.wait("document.querySelector('#run')", 2)?;
    tab.click("#run")?;
    sentence(&mut tab, "no text yet", 5)?;
    // Ten thousand words.
    let long = "The storm went on and nobody slept that night. ".repeat(1112);
    tab.eval("window.__from = performance.now(); 0")?;
    steps::follow(&mut tab, &[LITE, ("t", &long)])?;
    sentence(&mut tab, "tokens long", 30)?;
    tab.screenshot("long-text")?;
    steps::read(&mut tab, &[LITE, ("t", "And then the sun came out.")], 20)?;
    Ok(())
}

#[test]
fn hostile_and_outdated_links() -> Result<()> {
    let (server, browser) = (serve()?, Browser::start(Gpu::None, &[])?);
    let mut tab = browser.tab(1440, 900)?;
    for hash in [
        "#m=gpt-5&e=hangry&l=999&s=calm:99999,evil:NaN,x:y:z&seed=-1&temp=1e99&k=-3&n=1e12&tab=../../",
        "#%%%&&&===&e=%00%ff&t=%F0%9F&__proto__=1&constructor=2",
        "#e=<img src=x onerror=alert(1)>&t=<script>document.title='hit'</script>&p=javascript:alert(1)",
        "#m=../../../etc/passwd&m=atlas-lite/../..",
    ] {
        tab.go(&format!("{}{hash}", server.address()))?;
        tab.wait(steps::MAP, 20)?;
        usable(&mut tab)?;
        assert_ne!(tab.text("document.title")?, "hit");
        assert!(tab.complaints().is_empty(), "{hash}");
    }
    tab.go(&format!("{}#e=hangry&future=1", server.address()))?;
    tab.wait("document.querySelector('#leftout')", 20)?;
    let said = tab.words("#leftout")?;
    println!("said: {said}");
    assert!(said.contains("hangry") && said.contains("future"), "{said}");
    tab.screenshot("outdated-link")?;
    Ok(())
}

fn with_fault(name: &str, fault: Fault, words: &str) -> Result<()> {
    let server = serve_with(move |path| {
        if path.contains("/weights/000") {
            fault
        } else {
            Fault::None
        }
    })?;
    let browser = Browser::start(Gpu::None, &[])?;
    let mut tab = browser.tab(1024, 768)?;
    steps::open(&mut tab, &server, &[LITE])?;
    tab.eval("document.querySelector('#start')?.click(); 0")?;
    tab.wait(steps::FAILED, 60)?;
    sentence(&mut tab, words, 5)?;
    tab.screenshot(&format!("fault-{name}"))
}

#[test]
fn a_missing_piece() -> Result<()> {
    with_fault("missing", Fault::Missing, "could not be fetched")
}

#[test]
fn a_truncated_piece() -> Result<()> {
    with_fault("truncated", Fault::Short(1_000_000), "damaged")
}

#[test]
fn an_altered_piece() -> Result<()> {
    with_fault("altered", Fault::Altered, "damaged")
}

#[test]
fn a_missing_engine() -> Result<()> {
    let server = serve_with(|path| {
        if path.ends_with("atlas_worker_bg.wasm") {
            Fault::Missing
        } else {
            Fault::None
        }
    })?;
    let browser = Browser::start(Gpu::None, &[])?;
    let mut tab = browser.tab(1024, 768)?;
    steps::open(&mut tab, &server, &[LITE])?;
    tab.eval("document.querySelector('#start')?.click(); 0")?;
    tab.wait(steps::FAILED, 60)?;
    sentence(&mut tab, "engine", 5)
}

#[test]
fn a_missing_map() -> Result<()> {
    let server = serve_with(|path| {
        if path.ends_with("vectors.json") {
            Fault::Missing
        } else {
            Fault::None
        }
    })?;
    let browser = Browser::start(Gpu::None, &[])?;
    let mut tab = browser.tab(1024, 768)?;
    tab.go(&server.address())?;
    tab.wait(steps::FAILED, 20)?;
    let said = tab.words("#boot-say")?;
    println!("said: {said}");
    assert!(said.contains("vectors.json"), "{said}");
    tab.screenshot("fault-no-map")
}

#[test]
fn a_browser_without_simd() -> Result<()> {
    let server = serve()?;
    let browser = Browser::start(
        Gpu::None,
        &["--js-flags=--no-enable-ssse3 --no-enable-sse4-1 --no-enable-sse3"],
    )?;
    let mut tab = browser.tab(1024, 768)?;
    steps::open(&mut tab, &server, &[LITE])?;
    let said = tab.words("#cannot")?;
    println!("said: {said}");
    assert!(said.contains("SIMD"), "{said}");
    usable(&mut tab)?;
    tab.screenshot("no-simd")
}

#[test]
fn too_little_memory() -> Result<()> {
    let server = serve()?;
    // 32 MB of WebAssembly memory.
    let browser = Browser::start(Gpu::None, &["--js-flags=--wasm-max-mem-pages=512"])?;
    let mut tab = browser.tab(1024, 768)?;
    steps::open(&mut tab, &server, &[LITE])?;
    tab.eval("document.querySelector('#start')?.click(); 0")?;
    tab.wait(steps::FAILED, 60)?;
    sentence(&mut tab, "memory", 5)?;
    tab.screenshot("no-memory")
}

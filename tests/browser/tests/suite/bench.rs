//! The view that measures: anyone can run it, stop it, and copy its line.

use crate::report::quiet;
use anyhow::Result;
use atlas_browser_tests::{Browser, Gpu, serve};

const STATE: &str = "document.querySelector('#speed')?.dataset.state";

#[test]
fn anyone_can_measure() -> Result<()> {
    let (server, browser) = (serve()?, Browser::start(Gpu::None, &[])?);
    let mut tab = browser.tab(900, 700)?;
    let short = "?bench&model=atlas-lite&prompt=40&decode=8&rounds=1";
    tab.go(&format!("{}{short}", server.address()))?;
    tab.wait(&format!("{STATE} == 'idle'"), 20)?;
    tab.screenshot("bench-idle")?;
    tab.click("#speed-run")?;
    tab.wait(&format!("['done', 'failed'].includes({STATE})"), 90)?;
    assert_eq!(tab.text(STATE)?, "done");
    let report = tab.text("document.querySelector('#speed-table').dataset.report")?;
    let report: serde_json::Value = serde_json::from_str(&report)?;
    for figure in [
        "prompt",
        "plain",
        "reading",
        "steering",
        "both",
        "bytes_per_token",
    ] {
        assert!(
            report[figure].as_f64().is_some_and(|x| x > 0.0),
            "{figure} in {report}"
        );
    }
    assert_eq!(
        (report["prompt_tokens"].as_u64(), report["gpu"].as_bool()),
        (Some(40), Some(false))
    );
    let line = tab.words("#speed-line")?;
    println!("measured: {line}");
    for part in [
        "Emotion Atlas",
        "Chromium",
        "CPU",
        "atlas-lite",
        "tokens/s",
        "thread",
    ] {
        assert!(line.contains(part), "{part} in {line}");
    }
    assert!(!line.contains('\n') && !line.contains("NaN"));
    tab.click("#speed-copy")?;
    tab.wait(
        "/Copied|Select/.test(document.querySelector('.speed__copy').innerText)",
        3,
    )?;
    tab.screenshot("bench-done")?;
    tab.resize(390, 844, true)?;
    assert!(tab.number("document.documentElement.scrollWidth - innerWidth")? <= 1.0);
    tab.screenshot("bench-phone")?;
    quiet(&mut tab);
    Ok(())
}

#[test]
fn a_measurement_can_be_stopped() -> Result<()> {
    let (server, browser) = (serve()?, Browser::start(Gpu::None, &[])?);
    let mut tab = browser.tab(900, 700)?;
    let long = "?bench&model=atlas-lite&rounds=4000";
    tab.go(&format!("{}{long}", server.address()))?;
    tab.wait(&format!("{STATE} == 'idle'"), 20)?;
    tab.click("#speed-run")?;
    tab.wait(&format!("{STATE} == 'measuring'"), 60)?;
    tab.click("#speed-run")?;
    tab.wait(&format!("{STATE} == 'idle'"), 2)?;
    // The engine heard it, too: another run begins at once.
    tab.click("#speed-run")?;
    tab.wait(&format!("{STATE} == 'measuring'"), 5)?;
    quiet(&mut tab);
    Ok(())
}

//! What is there before anything was started.

use crate::report::{at_most, quiet};
use crate::steps;
use anyhow::Result;
use atlas_browser_tests::{Browser, Gpu, serve};
use xtask::{place::Place, weight};

#[test]
fn the_site_is_light() -> Result<()> {
    for (name, bytes, budget) in weight::of_site(&Place::find()?.dist())? {
        at_most(
            &format!("{name}, wasm, gzipped"),
            bytes as f64 / 1e6,
            budget as f64 / 1e6,
            "MB",
        );
    }
    Ok(())
}

#[test]
fn the_map_and_an_example_are_there_at_once() -> Result<()> {
    let (server, browser) = (serve()?, Browser::start(Gpu::None, &[])?);
    let mut tab = browser.tab(1440, 900)?;
    // The quickest of three: other work on the machine is not the page's fault.
    let mut quickest = f64::INFINITY;
    for _ in 0..3 {
        steps::open(&mut tab, &server, &[])?;
        quickest = quickest.min(tab.number("__map")? / 1000.0);
    }
    at_most("map visible after", quickest, 1.0, "s");
    assert_eq!(
        tab.text("document.body.dataset.model")?,
        "first",
        "nothing large starts by itself"
    );
    assert!(
        tab.words("#start")?.contains("108 MB"),
        "the button names the size"
    );
    assert!(
        tab.words("body")?
            .contains("Nothing here means that a model feels")
    );
    assert!(
        tab.number("document.querySelectorAll('#text .tok').length")? > 20.0,
        "a stored text is read"
    );
    let axes = tab.text("document.querySelector('#map-sheet').textContent")?;
    assert!(
        axes.contains("r = 0."),
        "axes say what they correlate with: {axes}"
    );
    let engine = tab
        .eval("performance.getEntriesByType('resource').some(e => e.name.includes('/engine/'))")?;
    assert_eq!(engine, false, "the engine is not even fetched yet");
    tab.screenshot("first-desktop-light")?;
    quiet(&mut tab);
    Ok(())
}

#[test]
fn it_fits_every_screen() -> Result<()> {
    let (server, browser) = (serve()?, Browser::start(Gpu::None, &[])?);
    let mut tab = browser.tab(1440, 900)?;
    for (name, width, height, phone) in [
        ("desktop", 1440, 900, false),
        ("projector", 1024, 768, false),
        ("phone", 390, 844, true),
    ] {
        tab.resize(width, height, phone)?;
        steps::open(&mut tab, &server, &[])?;
        for theme in ["light", "dark"] {
            tab.eval(&format!(
                "document.documentElement.dataset.theme = '{theme}'; 0"
            ))?;
            tab.screenshot(&format!("first-{name}-{theme}"))?;
        }
        let beyond = tab.number("document.documentElement.scrollWidth - innerWidth")?;
        assert!(beyond <= 1.0, "{name}: {beyond} px too wide");
    }
    for panel in ["read", "steer"] {
        steps::open(&mut tab, &server, &[("tab", panel)])?;
        tab.screenshot(&format!("first-phone-{panel}"))?;
    }
    quiet(&mut tab);
    Ok(())
}

#[test]
fn one_selection_everywhere() -> Result<()> {
    let (server, browser) = (serve()?, Browser::start(Gpu::None, &[])?);
    let mut tab = browser.tab(1440, 900)?;
    steps::open(&mut tab, &server, &[])?;
    // By search, and by clicking a neighbour; the address follows.
    tab.fill("#q", "nostal")?;
    tab.key("Enter")?;
    tab.wait(
        "document.querySelector('#selname').innerText.includes('nostalgic')",
        3,
    )?;
    tab.wait("location.hash.includes('e=nostalgic')", 3)?;
    tab.click("#selnear button")?;
    tab.wait(
        "!document.querySelector('#selname').innerText.includes('nostalgic')",
        3,
    )?;
    // The map: hover tells, click selects.
    let before = tab.words("#selname")?;
    let place = tab.eval(
        "(() => { const r = document.querySelector('#map-sheet').getBoundingClientRect(); \
         const far = [...document.querySelectorAll('#map-sheet .pt')].map(p => p.getBoundingClientRect()).map(p => [p.x + p.width / 2, p.y + p.height / 2])\
         .filter(([x, y]) => x > r.x + 60 && y > r.y + 60 && x < r.right - 60 && y < r.bottom - 60); return far[0] })()",
    )?;
    let (x, y) = (
        place[0].as_f64().unwrap_or_default(),
        place[1].as_f64().unwrap_or_default(),
    );
    tab.mouse("mouseMoved", x, y)?;
    tab.mouse("mousePressed", x, y)?;
    tab.mouse("mouseReleased", x, y)?;
    tab.wait(
        &format!(
            "document.querySelector('#selname').innerText != {}",
            serde_json::json!(before)
        ),
        3,
    )?;
    tab.screenshot("map-selected")?;
    quiet(&mut tab);
    Ok(())
}

//! For people with a keyboard or a screen reader (axe), who want nothing to move, who read German.

use crate::report::quiet;
use crate::steps;
use anyhow::{Result, ensure};
use atlas_browser_tests::{Browser, Gpu, Tab, serve};
use serde_json::json;
use std::fs;

/// Findings of axe that are serious or worse, one a line.
fn serious(tab: &mut Tab, script: &str) -> Result<String> {
    tab.eval(&format!("{script}; 0"))?;
    tab.text(
        "axe.run(document, { resultTypes: ['violations'] }).then(r => r.violations.filter(v => ['serious', 'critical'].includes(v.impact)) \
         .map(v => v.id + ': ' + v.nodes.slice(0, 4).map(n => n.target.join(' ') + ' (' + (n.any[0]?.message ?? n.all[0]?.message ?? n.none[0]?.message) + ')').join('; ')).join('\\n'))",
    )
}

#[test]
fn axe_finds_nothing_serious() -> Result<()> {
    let script = fs::read_to_string(xtask::setup::axe::find_or_install()?)?;
    let (server, browser) = (serve()?, Browser::start(Gpu::None, &[])?);
    let mut tab = browser.tab(1440, 900)?;
    let mut found = Vec::new();
    let address = server.address();
    // Name, size, address, and what to press first.
    let views = [
        ("first", false, "", ""),
        ("lesson", false, "#lesson=3", ""),
        ("share", false, "", "#share"),
        ("models", false, "", "#models"),
        ("about", false, "", "#about"),
        ("class", false, "#class=1&s=calm:20", ""),
        ("matrix", false, "#v=matrix", ""),
        ("lab", false, "?lab", ""),
        ("speed", false, "?bench", ""),
        ("teach", false, "?teach", ""),
        ("projector", false, "?projector#lesson=1", ""),
        ("embed map", false, "?embed=map", ""),
        ("embed read", false, "?embed=read", ""),
        ("embed steer", false, "?embed=steer", ""),
        ("phone map", true, "#tab=map", ""),
        ("phone read", true, "#tab=read", ""),
        ("phone steer", true, "#tab=steer", ""),
        ("phone lesson", true, "#lesson=1", ""),
    ];
    for (name, phone, rest, press) in views {
        let (width, height) = if phone { (390, 844) } else { (1440, 900) };
        tab.resize(width, height, phone)?;
        tab.go(&format!("{address}{rest}"))?;
        tab.wait("!document.querySelector('#boot')", 20)?;
        if !press.is_empty() {
            tab.click(press)?;
        }
        for theme in ["light", "dark"] {
            tab.eval(&format!(
                "document.documentElement.dataset.theme = '{theme}'; 0"
            ))?;
            std::thread::sleep(std::time::Duration::from_millis(300));
            let lines = serious(&mut tab, &script)?;
            if !lines.is_empty() {
                found.push(format!("{name}, {theme}:\n{lines}"));
            }
        }
    }
    ensure!(found.is_empty(), "{}", found.join("\n"));
    println!(
        "measured: axe: 0 serious findings on {} views, light and dark",
        views.len()
    );
    Ok(())
}

#[test]
fn nothing_moves_for_those_who_ask() -> Result<()> {
    let (server, browser) = (serve()?, Browser::start(Gpu::None, &[])?);
    let mut tab = browser.tab(1440, 900)?;
    let calm = json!({ "features": [{ "name": "prefers-reduced-motion", "value": "reduce" }] });
    tab.call("Emulation.setEmulatedMedia", &calm)?;
    steps::open(&mut tab, &server, &[("lesson", "1")])?;
    // Elements in which something would run by itself.
    let moving = "document.getAnimations().filter(a => a.playState == 'running').length";
    assert_eq!(tab.number(moving)?, 0.0);
    // Another layer: the map is there at once.
    let places = "[...document.querySelectorAll('#map-sheet .pt')].map(p => p.getAttribute('transform') ?? p.getAttribute('cx')).join()";
    tab.fill("#layer", "9")?;
    std::thread::sleep(std::time::Duration::from_millis(120));
    let soon = tab.text(places)?;
    std::thread::sleep(std::time::Duration::from_millis(1200));
    assert_eq!(tab.text(places)?, soon, "the map still moved");
    quiet(&mut tab);
    Ok(())
}

#[test]
fn german_is_one_file_away() -> Result<()> {
    let (server, browser) = (serve()?, Browser::start(Gpu::None, &[])?);
    let mut tab = browser.tab(1440, 900)?;
    tab.go(&format!("{}?lang=de#lesson=1", server.address()))?;
    tab.wait("document.querySelector('#lessonbar')", 20)?;
    assert_eq!(tab.text("document.documentElement.lang")?, "de");
    assert!(tab.words(".masthead")?.contains("Nichts davon heißt"));
    assert!(tab.words("#lessonbar")?.contains("Schritt 1 von 7"));
    tab.screenshot("german")?;
    // Back to English, for good.
    tab.click("#about")?;
    tab.wait("document.querySelector('#language')", 3)?;
    tab.eval("(() => { const s = document.querySelector('#language'); s.value = 'en'; s.dispatchEvent(new Event('change', { bubbles: true })) })()")?;
    tab.wait("document.documentElement.lang == 'en' && document.querySelector('#lessonbar')?.innerText.includes('Step 1 of 7')", 20)?;
    assert_eq!(tab.text("location.search")?, "");
    quiet(&mut tab);
    Ok(())
}

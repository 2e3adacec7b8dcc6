//! The page answers at once, whatever the engine does.

use crate::report::{at_most, quiet};
use crate::steps;
use anyhow::Result;
use atlas_browser_tests::{Browser, Gpu, serve};

/// Notes how long each interaction took until its next paint (Event Timing: what INP is made of), and how much of that
/// the page's own code took.
const WATCH: &str = "window.__answers = []; new PerformanceObserver(list => { for (const e of list.getEntries()) \
    if (e.interactionId) __answers.push([e.duration, `${e.name} ${e.target?.id || e.target?.className?.baseVal || e.target?.className || e.target?.nodeName} (${Math.round(e.processingStart - e.startTime)} ms until it is heard, ${Math.round(e.processingEnd - e.processingStart)} in the page's code)`]) }) \
    .observe({ type: 'event', durationThreshold: 16, buffered: false }); 0";
const GENERATING: &str = "document.querySelector('#run').innerText.trim() == 'Stop'";

/// A visitor who looks about while the larger model writes. The goal is 100 ms; on two cores that the engine takes
/// both, with a browser that draws in software, 112 to 120 ms are usual; with the engine idle it is 72 to 128. The limit
/// is what would mean inference on the main thread.
#[test]
fn while_the_model_writes() -> Result<()> {
    let (server, browser) = (serve()?, Browser::start(Gpu::None, &[])?);
    let mut tab = browser.tab(1440, 900)?;
    let link = [
        ("m", "smollm2-135m-instruct"),
        ("s", "calm:20"),
        ("p", "The door opened and"),
        ("pas", "plain"),
        ("n", "400"),
    ];
    steps::open(&mut tab, &server, &link)?;
    steps::start(&mut tab, 120)?;
    tab.wait("document.querySelectorAll('#text .tok').length", 60)?;
    tab.eval(WATCH)?;
    // A link with a prompt runs as soon as the model does.
    tab.wait(
        &format!("{GENERATING} && document.querySelector('#outB').innerText.length > 20"),
        60,
    )?;
    let mut pressed = 0.0;
    for what in [
        "[data-face=umap]",
        "[data-face=ratings]",
        "[data-face=components]",
        "#zin",
        "#zout",
        "#map-sheet .pt:nth-child(40)",
        "#map-sheet .pt:nth-child(90)",
        "#add",
        "#about",
        "dialog[open] form button",
        "#share",
        "dialog[open] form button",
        "#theme",
        "#theme",
        "#theme",
        "#how summary",
        "#how summary",
        "#layer",
    ] {
        if tab.click(what).is_ok() {
            pressed += 1.0;
        } else {
            println!("nothing to press at {what}");
        }
        std::thread::sleep(std::time::Duration::from_millis(250));
    }
    assert!(tab.eval(GENERATING)? == true, "the model still writes");
    // Interactions faster than 16 ms are not told.
    let slowest = tab.number("Math.max(0, ...__answers.map(([ms]) => ms))")?;
    let which =
        tab.text("__answers.sort((a, b) => b[0] - a[0]).slice(0, 4).map(String).join('; ')")?;
    println!("measured: slowest of {pressed} interactions while SmolLM2 writes: {which}");
    assert!(pressed >= 16.0);
    at_most(
        "slowest interaction until the next paint while SmolLM2 writes",
        slowest,
        500.0,
        "ms (goal 100)",
    );
    tab.click("#run")?;
    quiet(&mut tab);
    Ok(())
}

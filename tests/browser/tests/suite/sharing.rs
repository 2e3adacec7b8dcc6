//! Links that carry their result, frames, QR codes.

use crate::report::quiet;
use crate::steps;
use anyhow::{Context, Result};
use atlas_browser_tests::{Browser, Fault, Gpu, Tab, serve, serve_with};

const LITE: (&str, &str) = ("m", "atlas-lite");
const RECIPE: [(&str, &str); 8] = [
    LITE,
    (
        "t",
        "The old dog waited at the gate all night. Then she came home!",
    ),
    ("e", "happy"),
    ("s", "calm:20"),
    ("p", "The door opened and"),
    ("pas", "plain"),
    ("seed", "5"),
    ("n", "24"),
];
const COLOURS: &str = "[...document.querySelectorAll('#text .tok')].map(t => getComputedStyle(t).backgroundColor).join()";

/// The link in the dialog, with the result.
fn link_with_result(tab: &mut Tab) -> Result<String> {
    tab.click("#share")?;
    tab.wait("document.querySelector('#share-along:enabled')", 5)?;
    let bare = tab.number("document.querySelector('#share-link').value.length")?;
    tab.click("#share-along")?;
    tab.wait(
        "document.querySelector('#share-link').value.includes('&r=1.')",
        3,
    )?;
    let link = tab.text("document.querySelector('#share-link').value")?;
    println!(
        "measured: link {bare} characters, with its result {}",
        link.len()
    );
    assert!(
        tab.words("#share-length")?
            .contains(&link.len().to_string()),
        "the length is shown"
    );
    tab.screenshot("share")?;
    Ok(link)
}

#[test]
fn a_result_travels_in_the_link_and_is_seen_without_a_model() -> Result<()> {
    let server = serve()?;
    let browser = Browser::start(Gpu::None, &[])?;
    let mut tab = browser.tab(1440, 900)?;
    steps::open(&mut tab, &server, &RECIPE)?;
    steps::start(&mut tab, 60)?;
    let texts = steps::finished(&mut tab, 60)?;
    tab.wait("document.querySelectorAll('#text .tok').length > 10", 20)?;
    let colours = tab.text(COLOURS)?;
    let link = link_with_result(&mut tab)?;
    quiet(&mut tab);
    drop((tab, browser));

    // Somebody else's browser.
    let browser = Browser::start(Gpu::None, &[])?;
    let mut tab = browser.tab(1440, 900)?;
    tab.go(&link)?;
    tab.wait(steps::MAP, 20)?;
    tab.wait("document.querySelector('#arrived')", 5)?;
    assert!(tab.words("#arrived")?.contains("atlas-lite"));
    assert_eq!((tab.words("#outA")?, tab.words("#outB")?), texts);
    let here = tab.text(COLOURS)?;
    assert_eq!(here.split("),").count(), colours.split("),").count());
    let alike = here
        .split("),")
        .zip(colours.split("),"))
        .filter(|(a, b)| near(a, b))
        .count();
    let all = colours.split("),").count();
    assert_eq!(
        alike, all,
        "colours are rounded, no more:\n{here}\n{colours}"
    );
    assert_eq!(
        tab.text("document.body.dataset.model")?,
        "first",
        "nothing was started"
    );
    tab.screenshot("arrived")?;
    // Reloading keeps it; another emotion is not known; computing it here takes the mark away.
    tab.wait("location.hash.includes('r=1.')", 3)?;
    tab.fill("#q", "terrified")?;
    tab.key("Enter")?;
    tab.wait(
        "document.querySelector('#arrived').innerText.includes('not of terrified')",
        3,
    )?;
    tab.click("#again")?;
    tab.wait(steps::READY, 60)?;
    assert_eq!(steps::finished(&mut tab, 60)?, texts, "the same here");
    tab.wait("!document.querySelector('#arrived')", 20)?;
    tab.wait("!location.hash.includes('r=1.')", 3)?;
    quiet(&mut tab);
    Ok(())
}

/// Two computed colours that differ by rounding at most.
fn near(a: &str, b: &str) -> bool {
    let numbers = |text: &str| -> Vec<f64> {
        let parts = text.split(|c: char| !(c.is_ascii_digit() || c == '.'));
        parts.filter_map(|n| n.parse().ok()).collect()
    };
    let (a, b) = (numbers(a), numbers(b));
    // The fourth number, where there is one, is opacity.
    let close =
        |(i, (x, y)): (usize, (&f64, &f64))| (x - y).abs() <= if i == 3 { 0.03 } else { 6.0 };
    a.len() == b.len() && a.iter().zip(&b).enumerate().all(close)
}

#[test]
fn hostile_results_are_text_or_nothing() -> Result<()> {
    let server = serve_with(|path| {
        if path.starts_with("engine/") {
            Fault::Missing
        } else {
            Fault::None
        }
    })?;
    let browser = Browser::start(Gpu::None, &[])?;
    let mut tab = browser.tab(1024, 768)?;
    for bad in ["1.AAAA", "9.AAAA", "x", "1.%00<img src=x onerror=alert(1)>"] {
        steps::open(&mut tab, &server, &[("r", bad)])?;
        tab.wait(
            "document.querySelector('#leftout')?.innerText.includes('cannot be shown')",
            5,
        )?;
        assert_eq!(
            tab.eval("!!document.querySelector('#arrived, #leftout img')")?,
            false
        );
    }
    quiet(&mut tab);
    Ok(())
}

/// Made by another model, with markup in its texts and a rude word (see `share::carry`).
const STRANGE: &str = "1.BQCxDYAgDA5wdO_goJNxBxJPKbZREmhNYfB8M52i42GDpsTVOT-HnN6KRcKeE6AQEDZZQmk3dLviBypsphaxso312BL0wWxM3v0";

#[test]
fn a_strangers_result_is_text_marked_and_masked() -> Result<()> {
    let (server, browser) = (serve()?, Browser::start(Gpu::None, &[])?);
    let mut tab = browser.tab(1440, 900)?;
    let link = |class| {
        [
            ("s", "calm:20"),
            ("p", "Hello"),
            ("class", class),
            ("r", STRANGE),
        ]
    };
    steps::open(&mut tab, &server, &link("0"))?;
    tab.wait("document.querySelector('#arrived')", 5)?;
    let mark = tab.words("#arrived")?;
    assert!(
        mark.contains("computed by Another model") && mark.contains("is another one"),
        "{mark}"
    );
    assert_eq!(
        tab.words("#outA")?.trim_end_matches(" \u{2026}"),
        "<b>plain</b> and damn"
    );
    assert!(
        tab.words("#outB")?
            .contains("<img src=x onerror=alert(1)> steered")
    );
    assert_eq!(
        tab.eval("!!document.querySelector('#outB img, #outA b')")?,
        false
    );
    assert_eq!(tab.text("document.body.dataset.model")?, "first");
    tab.screenshot("arrived-stranger")?;
    // The next link carries it on; class mode masks it.
    steps::open(&mut tab, &server, &link("1"))?;
    tab.wait(
        "document.querySelector('#outA').innerText.includes('d\u{2022}\u{2022}\u{2022}')",
        5,
    )?;
    tab.click("#share")?;
    tab.wait(
        "document.querySelector('#share-link').value.includes('r=1.')",
        5,
    )?;
    quiet(&mut tab);
    Ok(())
}

#[test]
fn one_panel_in_a_frame() -> Result<()> {
    let (server, browser) = (serve()?, Browser::start(Gpu::None, &[])?);
    let mut tab = browser.tab(720, 600)?;
    for (panel, there, gone) in [
        ("map", "#map-sheet", ".read, .steer, .masthead"),
        ("read", "#text .tok", "#map-sheet, .steer, .masthead"),
        ("steer", "#outA", "#map-sheet, .read, .masthead"),
    ] {
        tab.go(&format!("{}?embed={panel}#e=calm", server.address()))?;
        tab.wait(
            &format!("document.querySelector('{there}')?.getClientRects().length"),
            20,
        )?;
        assert_eq!(
            tab.eval(&format!("!!document.querySelector('{gone}')"))?,
            false,
            "{panel}"
        );
        let whole = tab.text("document.querySelector('#whole').href")?;
        assert!(
            whole.contains("e=calm") && !whole.contains("embed"),
            "{whole}"
        );
        let beyond = tab.number("document.documentElement.scrollWidth - innerWidth")?;
        assert!(beyond <= 1.0, "{panel}: {beyond} px too wide");
        tab.screenshot(&format!("embed-{panel}"))?;
    }
    quiet(&mut tab);
    Ok(())
}

#[test]
fn what_is_copied_is_a_link_markdown_or_a_frame() -> Result<()> {
    let (server, browser) = (serve()?, Browser::start(Gpu::None, &[])?);
    let mut tab = browser.tab(1440, 900)?;
    steps::open(&mut tab, &server, &[("e", "calm"), ("tab", "map")])?;
    // What the page hands to the clipboard.
    tab.eval(
        "navigator.clipboard.writeText = text => (window.__copied = text, Promise.resolve()); 0",
    )?;
    tab.click("#share")?;
    tab.wait(
        "document.querySelector('.sharing .qr path')?.getAttribute('d').length > 1000",
        5,
    )?;
    let mut copy = |id: &str, mark: &str| -> Result<String> {
        tab.click(id)?;
        tab.wait(
            &format!("window.__copied?.includes({})", serde_json::json!(mark)),
            3,
        )?;
        tab.text("window.__copied")
    };
    let link = copy("#copy-link", "http")?;
    assert!(
        link.starts_with(&server.address()) && link.contains("e=calm"),
        "{link}"
    );
    let markdown = copy("#copy-markdown", "[Emotion Atlas: calm](")?;
    assert!(markdown.contains("> **Plain:** "), "{markdown}");
    let frame = copy("#copy-frame", "<iframe ")?;
    assert!(
        frame.contains("?embed=map#") && frame.contains("&amp;"),
        "{frame}"
    );
    tab.screenshot("share-dialog")?;
    // The frame works as it was copied, in another page.
    tab.eval(&format!(
        "document.body.innerHTML = {}; 0",
        serde_json::json!(frame)
    ))?;
    tab.wait("document.querySelector('iframe').contentDocument?.querySelectorAll('#map-sheet .pt').length == 171", 20)
        .context("the frame")?;
    Ok(())
}

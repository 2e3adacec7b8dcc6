//! The views of a reading: matrices, two texts on one scale, sentences, and what can be taken along.

use crate::report::quiet;
use crate::steps;
use anyhow::Result;
use atlas_browser_tests::{Browser, Gpu, Tab, serve};

const LITE: (&str, &str) = ("m", "atlas-lite");
const TEXT: (&str, &str) = (
    "t",
    "The door opened. She screamed and ran. Then it was only the cat, and she laughed.",
);
const CANVAS: &str = "document.querySelector('#matrix canvas')";
/// Catches what would be saved or copied.
const TAKE: &str = "window.__saved = []; HTMLElement.prototype.click = function() { \
    if (this.download) __saved.push([this.download, decodeURIComponent(this.href)]); else this.dispatchEvent(new MouseEvent('click', { bubbles: true })) }; 0";

fn opened(browser: &Browser, address: &str, more: &[(&str, &str)]) -> Result<Tab> {
    let mut tab = browser.tab(1440, 900)?;
    let link = [&[LITE, TEXT], more].concat();
    tab.go(&format!("{address}{}", steps::link(&link)))?;
    tab.wait(steps::MAP, 20)?;
    steps::start(&mut tab, 60)?;
    tab.wait(
        "document.querySelectorAll('#text .tok').length > 10 && !document.querySelector('#text').classList.contains('waiting')",
        20,
    )?;
    Ok(tab)
}

/// The matrix lies within its panel.
const INSIDE: &str = "(() => { const c = document.querySelector('#matrix canvas').getBoundingClientRect(), p = document.querySelector('.read').getBoundingClientRect(); \
    return c.left >= p.left && c.right <= p.right + 1 && c.top >= p.top })()";

/// How many pixels of the matrix have a colour of their own.
fn coloured(tab: &mut Tab) -> Result<f64> {
    tab.number(&format!(
        "(() => {{ const c = {CANVAS}, d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; let n = 0; \
         for (let i = 0; i < d.length; i += 4) if (d[i + 3] > 40 && Math.abs(d[i] - d[i + 2]) > 40) n++; return n }})()"
    ))
}

#[test]
fn a_reading_is_seen_as_matrices_and_can_be_taken_along() -> Result<()> {
    let (server, browser) = (serve()?, Browser::start(Gpu::None, &[])?);
    let mut tab = opened(&browser, &server.address(), &[("view", "matrix")])?;
    tab.wait(CANVAS, 10)?;
    assert!(coloured(&mut tab)? > 500.0, "the matrix is drawn");
    assert_eq!(tab.eval(INSIDE)?, true);
    let few = tab.number(&format!("{CANVAS}.getBoundingClientRect().height"))?;
    tab.screenshot("read-matrix")?;
    tab.eval(TAKE)?;
    tab.click("#savesvg")?;
    tab.wait("__saved.length == 1", 3)?;
    let svg = tab.text("__saved[0][1]")?;
    assert!(
        svg.contains("<svg") && svg.contains("screamed") && !svg.contains("NaN"),
        "{svg}"
    );
    tab.click("#savepng")?;
    tab.wait(
        "__saved.length == 2 && __saved[1][1].startsWith('data:image/png') && __saved[1][1].length > 5000",
        5,
    )?;

    // All 171, and by sentence; the address says so.
    steps::follow(
        &mut tab,
        &[
            LITE,
            TEXT,
            ("view", "matrix"),
            ("rows", "all"),
            ("by", "sentence"),
        ],
    )?;
    tab.wait(
        &format!("{CANVAS}?.getBoundingClientRect().height > {} * 3", few),
        10,
    )?;
    assert!(tab.eval("location.hash.includes('by=sentence')")? == true);
    tab.screenshot("read-matrix-all")?;

    // Layers of one emotion: a row for each.
    steps::follow(&mut tab, &[LITE, TEXT, ("view", "layers"), ("e", "afraid")])?;
    tab.wait(
        "/afraid through the model/.test(document.querySelector('#matrix')?.innerText)",
        20,
    )?;
    tab.wait(CANVAS, 10)?;
    assert!(coloured(&mut tab)? > 300.0);
    tab.screenshot("read-layers")?;
    for (name, wide, high, phone) in [("projector", 1024, 768, false), ("phone", 390, 844, true)] {
        tab.resize(wide, high, phone)?;
        tab.eval("document.querySelector('[role=tab][aria-controls*=read], .tabs button:nth-child(2)')?.click(); 0")?;
        assert!(tab.number("document.documentElement.scrollWidth - innerWidth")? <= 1.0);
        assert_eq!(tab.eval(INSIDE)?, true, "{name}");
        tab.screenshot(&format!("read-layers-{name}"))?;
    }
    quiet(&mut tab);
    Ok(())
}

#[test]
fn two_texts_are_compared_on_one_scale() -> Result<()> {
    let (server, browser) = (serve()?, Browser::start(Gpu::None, &[])?);
    let mut tab = opened(&browser, &server.address(), &[("e", "afraid")])?;
    tab.click("#compare")?;
    tab.wait("document.querySelector('#versustext')", 3)?;
    tab.fill(
        "#versustext",
        "The door opened. She smiled and ran. Then it was only the cat, and she laughed.",
    )?;
    tab.click("#readsecond")?;
    tab.wait(
        "/afraid: mean .* in the first/.test(document.querySelector('.versus__say').innerText)",
        20,
    )?;
    let marked = tab.text(
        "[...document.querySelectorAll('#versus .tok.differs')].map(t => t.innerText.trim()).join(' ')",
    )?;
    assert_eq!(marked, "smiled");
    tab.wait(
        "document.querySelectorAll('.versus__most li').length == 6",
        3,
    )?;
    tab.wait("location.hash.includes('t2=')", 3)?;
    tab.screenshot("read-compare")?;
    quiet(&mut tab);
    Ok(())
}

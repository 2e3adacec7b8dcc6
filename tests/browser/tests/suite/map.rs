//! The map: its faces, its tools, its links, and whether it moves smoothly.

use crate::report::{at_most, quiet};
use crate::steps;
use anyhow::Result;
use atlas_browser_tests::{Browser, Gpu, Tab, serve, serve_with};
use serde_json::json;
use xtask::server::Fault;

/// Where the points lie, as one string.
const PLACES: &str =
    "[...document.querySelectorAll('#map-sheet .pt')].map(p => p.getAttribute('transform')).join()";
/// The points no longer move.
const RESTS: &str = "!document.querySelector('#map-sheet .moving') && (window.__p ??= [], __p.push([...document.querySelectorAll('#map-sheet .pt')].map(p => p.getAttribute('transform')).join()), \
    __p.length > 6 && __p.slice(-6).every(p => p == __p.at(-1)))";

/// Presses a face and waits until the points rest.
fn face(tab: &mut Tab, name: &str) -> Result<()> {
    tab.click(&format!(".faces [data-face={name}]"))?;
    rest(tab)
}

fn rest(tab: &mut Tab) -> Result<()> {
    std::thread::sleep(std::time::Duration::from_millis(200));
    tab.eval("window.__p = []; 0")?;
    tab.wait(RESTS, 5)
}

fn sheet_text(tab: &mut Tab) -> Result<String> {
    tab.text(
        "[...document.querySelectorAll('#map-sheet .axis')].map(t => t.textContent).join(' | ')",
    )
}

#[test]
fn every_face_is_drawn_and_linked() -> Result<()> {
    let (server, browser) = (serve()?, Browser::start(Gpu::None, &[])?);
    let mut tab = browser.tab(1440, 900)?;
    steps::open(&mut tab, &server, &[])?;
    let fetched = "performance.getEntriesByType('resource').some(e => e.name.endsWith('map.json'))";
    assert_eq!(
        tab.eval(fetched)?,
        false,
        "nothing is fetched before it is needed"
    );
    // The sheet has its final size when the letters around it have theirs.
    tab.wait("document.fonts.status == 'loaded'", 5)?;
    rest(&mut tab)?;
    let components = tab.text(PLACES)?;
    let axes = sheet_text(&mut tab)?;
    assert!(axes.matches("% of variance").count() == 2, "{axes}");

    face(&mut tab, "umap")?;
    tab.wait(fetched, 5)?;
    rest(&mut tab)?;
    let umap = tab.text(PLACES)?;
    assert_ne!(umap, components);
    let axes = sheet_text(&mut tab)?;
    assert!(
        axes.contains("near is alike") && axes.contains("eight nearest"),
        "{axes}"
    );
    tab.wait("location.hash.includes('map=umap')", 3)?;
    tab.screenshot("map-umap")?;

    face(&mut tab, "ratings")?;
    assert!(sheet_text(&mut tab)?.contains("rated unpleasant"));
    tab.screenshot("map-ratings")?;

    face(&mut tab, "components")?;
    assert_eq!(tab.text(PLACES)?, components, "and back to where it was");
    // Taking the component of the other axis exchanges the two.
    tab.eval("(() => { const s = document.querySelector('#pcx'); s.value = '1'; s.dispatchEvent(new Event('change', { bubbles: true })) })()")?;
    rest(&mut tab)?;
    tab.wait("location.hash.includes('map=pca21')", 3)?;
    assert_eq!(tab.text("document.querySelector('#pcy').value")?, "0");
    // Another layer moves the points too.
    let before = tab.text(PLACES)?;
    tab.fill("#maplayer", "1")?;
    rest(&mut tab)?;
    assert_ne!(tab.text(PLACES)?, before);

    // The matrix has the same selection, by keys and by mouse.
    tab.click(".faces [data-face=matrix]")?;
    tab.wait("document.querySelector('#matrix')?.width > 300", 5)?;
    tab.wait(
        "/cosine .?[01]\\.\\d\\d/.test(document.querySelector('#cellsay').textContent)",
        3,
    )?;
    let before = tab.words("#selname")?;
    tab.eval("document.querySelector('#matrix').focus(); 0")?;
    tab.key("ArrowDown")?;
    tab.wait(
        &format!(
            "document.querySelector('#selname').innerText != {}",
            json!(before)
        ),
        3,
    )?;
    let cell = tab.words("#cellsay")?;
    tab.key("ArrowRight")?;
    tab.wait(
        &format!(
            "document.querySelector('#cellsay').innerText != {}",
            json!(cell)
        ),
        3,
    )?;
    tab.screenshot("map-matrix")?;
    for _ in 0..5 {
        tab.key("+")?;
    }
    std::thread::sleep(std::time::Duration::from_millis(200));
    tab.screenshot("map-matrix-near")?;
    quiet(&mut tab);
    Ok(())
}

#[test]
fn groups_sums_and_comparisons_come_back_from_a_link() -> Result<()> {
    let (server, browser) = (serve()?, Browser::start(Gpu::None, &[])?);
    let mut tab = browser.tab(1440, 900)?;
    steps::open(
        &mut tab,
        &server,
        &[("groups", "8"), ("sum", "nervous,-afraid,happy")],
    )?;
    tab.wait("document.querySelectorAll('#sumnear li').length == 6", 5)?;
    assert_eq!(
        tab.text("document.querySelector('#sum').value")?,
        "nervous - afraid + happy"
    );
    println!("nervous - afraid + happy: {}", tab.words("#sumnear")?);
    tab.screenshot("map-sum")?;
    tab.fill("#sum", "nervus + happy")?;
    tab.wait(
        "document.querySelector('#sumsay').innerText.includes('Did you mean nervous?')",
        3,
    )?;
    tab.fill("#sum", "calm + happy")?;
    tab.wait("location.hash.includes('sum=calm')", 3)?;

    tab.click("#tool-groups")?;
    tab.wait("document.querySelectorAll('#legend button').length == 8", 3)?;
    tab.screenshot("map-groups-8")?;
    tab.fill("#k", "20")?;
    tab.wait(
        "document.querySelectorAll('#legend button').length == 20",
        3,
    )?;
    let looks = "new Set([...document.querySelectorAll('#legend path')].map(p => p.getAttribute('d') + p.getAttribute('fill'))).size";
    assert_eq!(tab.number(looks)?, 20.0, "twenty groups, twenty looks");
    tab.wait("location.hash.includes('groups=20')", 3)?;
    tab.screenshot("map-groups-20")?;
    tab.click(".kbar button")?;
    tab.wait(
        "document.querySelectorAll('#legend button').length == 10",
        3,
    )?;

    // Drawing around the whole map takes all; then one more click with shift takes one out.
    let edges = tab.eval("(() => { const r = document.querySelector('#map-sheet').getBoundingClientRect(); return [r.x, r.y, r.right, r.bottom] })()")?;
    let [x0, y0, x1, y1] = [0, 1, 2, 3].map(|i| edges[i].as_f64().unwrap_or_default());
    tab.click("#tool-compare")?;
    tab.click("#lasso")?;
    let corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)];
    tab.mouse("mouseMoved", x0 + 40.0, y0 + 60.0)?;
    tab.mouse("mousePressed", x0 + 1.0, y0 + 1.0)?;
    for (x, y) in corners {
        tab.mouse_held(x.clamp(x0 + 1.0, x1 - 1.0), y.clamp(y0 + 1.0, y1 - 1.0))?;
    }
    tab.mouse("mouseReleased", x0 + 1.0, y0 + 1.0)?;
    tab.wait(
        "document.querySelector('#cmpset').innerText.includes('and 163 more')",
        3,
    )?;
    tab.click("#lasso")?;
    steps::follow(
        &mut tab,
        &[("map", "pca12"), ("set", "calm,relaxed,serene,at-ease")],
    )?;
    tab.wait("document.querySelectorAll('#cmpset li').length == 4", 3)?;
    tab.wait(
        "document.querySelector('#cmpsay').innerText.includes('Mean cosine of the 4')",
        3,
    )?;
    // The sheet follows with its next frame.
    tab.wait(
        "document.querySelectorAll('#map-sheet .pt.lit').length == 4",
        2,
    )?;
    assert_eq!(
        tab.number("document.querySelectorAll('#cmpfar li').length")?,
        4.0
    );
    tab.screenshot("map-compare")?;
    tab.eval("document.querySelector('#map-sheet').focus(); 0")?;
    tab.key("c")?;
    tab.wait("document.querySelectorAll('#cmpset li').length == 5", 3)?;
    quiet(&mut tab);
    Ok(())
}

#[test]
fn the_path_is_played_token_by_token() -> Result<()> {
    let (server, browser) = (serve()?, Browser::start(Gpu::None, &[])?);
    let mut tab = browser.tab(1440, 900)?;
    steps::open(&mut tab, &server, &[])?;
    tab.click("#play")?;
    let word = "document.querySelector('#playword').innerText";
    tab.wait(&format!("{word}.trim()"), 3)?;
    let first = tab.text(word)?;
    tab.wait(&format!("{word} != {}", json!(first)), 3)?;
    tab.wait(
        "document.querySelector('#map-sheet .trail').getAttribute('d').includes('L')",
        3,
    )?;
    tab.screenshot("map-playing")?;
    tab.click("#play")?;
    let trail = "document.querySelector('#map-sheet .trail').getAttribute('d').split('L').length";
    let length = tab.number(trail)?;
    tab.eval("document.querySelector('#play').focus(); 0")?;
    tab.key("ArrowRight")?;
    tab.wait(&format!("{trail} == {}", length + 1.0), 3)?;
    tab.key("ArrowLeft")?;
    tab.wait(&format!("{trail} == {length}"), 3)?;
    // On a plane where the path is not known there is none.
    face(&mut tab, "umap")?;
    tab.wait(
        "getComputedStyle(document.querySelector('.pathbtn')).visibility == 'hidden'",
        3,
    )?;
    quiet(&mut tab);
    Ok(())
}

#[test]
fn two_models_side_by_side() -> Result<()> {
    let (server, browser) = (serve()?, Browser::start(Gpu::None, &[])?);
    let mut tab = browser.tab(1440, 900)?;
    steps::open(&mut tab, &server, &[("with", "atlas-lite")])?;
    tab.wait(
        "document.querySelectorAll('#map-sheet-2 .pt').length == 171",
        5,
    )?;
    tab.wait(
        "/\\d+ %/.test(document.querySelector('#besidesay').innerText)",
        3,
    )?;
    println!("{}", tab.words("#besidesay")?);
    // One selection on both.
    tab.fill("#q", "furious")?;
    tab.key("Enter")?;
    let named = "[...document.querySelectorAll('.pl.sel')].filter(t => t.textContent == 'furious').length == 2";
    tab.wait(named, 3)?;
    // The map moves for a moment.
    std::thread::sleep(std::time::Duration::from_millis(1200));
    tab.screenshot("map-two")?;
    face(&mut tab, "umap")?;
    tab.screenshot("map-two-umap")?;
    tab.resize(390, 844, true)?;
    steps::open(&mut tab, &server, &[("with", "atlas-lite"), ("tab", "map")])?;
    tab.wait(
        "document.querySelectorAll('#map-sheet-2 .pt').length == 171",
        5,
    )?;
    assert!(tab.number("document.documentElement.scrollWidth - innerWidth")? <= 1.0);
    tab.screenshot("map-two-phone")?;
    quiet(&mut tab);
    Ok(())
}

#[test]
fn words_come_from_the_running_model() -> Result<()> {
    let (server, browser) = (serve()?, Browser::start(Gpu::None, &[])?);
    let mut tab = browser.tab(1440, 900)?;
    steps::open(
        &mut tab,
        &server,
        &[("m", "atlas-lite"), ("e", "vindictive")],
    )?;
    tab.click("#tool-words")?;
    steps::start(&mut tab, 60)?;
    tab.wait("document.querySelectorAll('#lensup li').length == 12", 10)?;
    assert_eq!(
        tab.number("document.querySelectorAll('#lensdown li').length")?,
        12.0
    );
    println!("vindictive: {}", tab.words("#lensup")?);
    tab.screenshot("map-words")?;
    quiet(&mut tab);
    Ok(())
}

#[test]
fn a_missing_map_file_costs_only_what_needs_it() -> Result<()> {
    let faults = |path: &str| {
        if path.ends_with("map.json") {
            Fault::Missing
        } else {
            Fault::None
        }
    };
    let (server, browser) = (serve_with(faults)?, Browser::start(Gpu::None, &[])?);
    let mut tab = browser.tab(1440, 900)?;
    steps::open(&mut tab, &server, &[])?;
    tab.click(".faces [data-face=umap]")?;
    tab.wait(
        "document.querySelector('#mapproblem')?.innerText.includes('map.json')",
        5,
    )?;
    assert_eq!(
        tab.number("document.querySelectorAll('#map-sheet .pt').length")?,
        171.0
    );
    face(&mut tab, "ratings")?;
    assert_eq!(
        tab.eval("document.querySelector('#mapproblem')")?,
        json!(null)
    );
    Ok(())
}

/// Makes the stored text a thousand tokens long.
const LONG_TEXT: &str = r"
    const real = window.fetch;
    window.fetch = async (...of) => {
        const answer = await real(...of);
        if (!String(of[0]?.url ?? of[0]).includes('examples.json')) return answer;
        const all = await answer.json(), r = all.reading, n = r.tokens.length, e = r.emotions;
        const at = i => i < n ? i : 1 + (i % (n - 1));
        const tokens = [], values = [], path = [];
        for (let i = 0; i < 1000; i++) { tokens.push(r.tokens[at(i)]); path.push(r.path[at(i)].map(v => v + Math.sin(i)));
            for (let k = 0; k < e; k++) values.push(r.values[at(i) * e + k]); }
        Object.assign(r, { tokens, values, path });
        return new Response(JSON.stringify(all), { headers: { 'content-type': 'application/json' } });
    };
";

/// Times of frames while `act` (JavaScript) goes on, for so many milliseconds.
fn frames(tab: &mut Tab, act: &str, ms: u32) -> Result<Vec<f64>> {
    let times = tab.eval(&format!(
        "new Promise(done => {{ const at = []; const from = performance.now(); {act}; \
         const tick = now => {{ at.push(now); performance.now() - from < {ms} ? requestAnimationFrame(tick) : done(at) }}; \
         requestAnimationFrame(tick) }})"
    ))?;
    let at: Vec<f64> = times
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(serde_json::Value::as_f64)
        .collect();
    let mut gaps: Vec<f64> = at.windows(2).map(|w| w[1] - w[0]).collect();
    gaps.sort_by(f64::total_cmp);
    Ok(gaps)
}

#[test]
fn it_moves_smoothly_with_a_thousand_tokens() -> Result<()> {
    let (server, browser) = (serve()?, Browser::start(Gpu::None, &[])?);
    let mut tab = browser.tab(1440, 900)?;
    tab.call(
        "Page.addScriptToEvaluateOnNewDocument",
        &json!({ "source": LONG_TEXT }),
    )?;
    steps::open(&mut tab, &server, &[])?;
    tab.eval("document.querySelector('#play').focus(); 0")?;
    tab.key("ArrowLeft")?;
    let trail = "document.querySelector('#map-sheet .trail').getAttribute('d').split('L').length";
    tab.wait(&format!("{trail} > 900"), 3)?;
    println!("measured: {} points on the path", tab.number(trail)?);
    let exchange = "(() => { const s = document.querySelector('#pcx'); s.value = s.value == '0' ? '1' : '0'; s.dispatchEvent(new Event('change', { bubbles: true })) })()";
    let wheel = "let turn = 0; const spin = () => { const r = document.querySelector('#map-sheet').getBoundingClientRect(); \
        document.querySelector('#map-sheet').dispatchEvent(new WheelEvent('wheel', { deltaY: turn++ % 60 < 30 ? -12 : 12, clientX: r.x + 200, clientY: r.y + 200, bubbles: true, cancelable: true })); \
        if (turn < 100) requestAnimationFrame(spin) }; spin()";
    for (what, act, ms) in [("morphing", exchange, 900), ("zooming", wheel, 1500)] {
        // The best of three: other work on the machine is not the page's fault.
        let mut best: Option<Vec<f64>> = None;
        for _ in 0..3 {
            let gaps = frames(&mut tab, act, ms)?;
            std::thread::sleep(std::time::Duration::from_millis(700));
            if best.as_ref().is_none_or(|b| gaps.len() > b.len()) {
                best = Some(gaps);
            }
        }
        let gaps = best.unwrap_or_default();
        let at = |share: f64| gaps[((gaps.len() - 1) as f64 * share) as usize];
        println!(
            "measured: {what}: {} frames, time between two: median {:.1} ms, 95th percentile {:.1} ms, longest {:.1} ms",
            gaps.len(),
            at(0.5),
            at(0.95),
            at(1.0)
        );
        // The goal is 17, and what two cores that also draw every pixel reach when nothing else runs on them.
        at_most(
            &format!("{what}: median time between frames"),
            at(0.5),
            34.0,
            "ms (60 a second: 16.7)",
        );
    }
    tab.screenshot("map-thousand")?;
    quiet(&mut tab);
    Ok(())
}

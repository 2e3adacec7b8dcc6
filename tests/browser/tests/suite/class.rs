//! What a teacher needs: the lesson, class mode, the teacher's page.

use crate::report::quiet;
use crate::steps;
use anyhow::{Result, bail};
use atlas_browser_tests::{Browser, Gpu, Tab, serve};

const DONE: &str = "document.querySelector('#lesson-done')?.dataset.done == 'true'";

/// Chooses an answer and waits for what is the case.
fn guess(tab: &mut Tab, option: usize) -> Result<()> {
    tab.click(&format!(
        "#lessonbar .lessonbar__option:nth-of-type({}) input",
        option + 1
    ))?;
    tab.wait(
        "document.querySelector('#lesson-reveal').innerText.length > 20",
        3,
    )?;
    let words = tab.words("#lessonbar")?;
    assert!(!words.contains('{') && !words.contains("NaN"), "{words}");
    Ok(())
}

fn selected(tab: &mut Tab, name: &str) -> Result<()> {
    tab.fill("#q", name)?;
    tab.key("Enter")?;
    tab.wait(
        &format!("document.querySelector('#selname').innerText.includes('{name}')"),
        3,
    )
}

fn next(tab: &mut Tab, number: usize) -> Result<()> {
    tab.click("#lesson-next")?;
    tab.wait(
        &format!("document.querySelector('#lessonbar').innerText.includes('Step {number} of 7')"),
        3,
    )?;
    assert_eq!(
        tab.eval(DONE)?,
        false,
        "step {number} is done before it begins"
    );
    tab.wait(&format!("location.hash.includes('lesson={number}')"), 3)
}

/// The whole lesson with stored results; only step 6 needs a model.
#[test]
fn the_lesson_asks_first_and_checks_what_is_done() -> Result<()> {
    let (server, browser) = (serve()?, Browser::start(Gpu::None, &[])?);
    let mut tab = browser.tab(1440, 900)?;
    steps::open(&mut tab, &server, &[("lesson", "1")])?;
    tab.wait("document.querySelector('#lessonbar')", 5)?;
    assert!(tab.words("#selname")?.contains("calm"));
    tab.screenshot("lesson-1")?;
    // Without a guess nothing counts.
    selected(&mut tab, "serene")?;
    assert_eq!(tab.eval(DONE)?, false);
    selected(&mut tab, "calm")?;
    guess(&mut tab, 0)?;
    assert_eq!(tab.eval(DONE)?, false);
    tab.click("#selnear button")?;
    tab.wait(DONE, 3)?;
    tab.screenshot("lesson-1-done")?;

    next(&mut tab, 2)?;
    guess(&mut tab, 0)?;
    selected(&mut tab, "angry")?;
    assert_eq!(tab.eval(DONE)?, false, "angry is not pleasant");
    selected(&mut tab, "serene")?;
    tab.wait(DONE, 3)?;

    next(&mut tab, 3)?;
    guess(&mut tab, 1)?;
    let strong =
        "[...document.querySelectorAll('#text .tok')].find(t => t.textContent.includes('!')) ";
    let place = tab.eval(&format!("(() => {{ const r = ({strong}).getClientRects()[0]; return [r.x + r.width / 2, r.y + r.height / 2] }})()"))?;
    tab.mouse(
        "mouseMoved",
        place[0].as_f64().unwrap_or_default(),
        place[1].as_f64().unwrap_or_default(),
    )?;
    tab.wait(DONE, 3)?;
    tab.screenshot("lesson-3")?;

    next(&mut tab, 4)?;
    guess(&mut tab, 2)?;
    assert!(tab.words("#lesson-reveal")?.contains("It is otherwise"));
    tab.fill("#layer", "2")?;
    tab.wait(DONE, 3)?;

    next(&mut tab, 5)?;
    guess(&mut tab, 1)?;
    tab.click("#rack [data-n=desperate] .switch")?;
    assert_eq!(tab.eval(DONE)?, false);
    tab.click("#rack [data-n=calm] .switch")?;
    tab.wait(DONE, 3)?;
    tab.screenshot("lesson-5")?;

    next(&mut tab, 6)?;
    guess(&mut tab, 0)?;
    assert!(tab.words("#lessonbar")?.contains("needs the running model"));

    next(&mut tab, 7)?;
    guess(&mut tab, 2)?;
    assert_eq!(tab.eval(DONE)?, false, "only one of the two texts was seen");
    tab.click("#rack [data-n=desperate] .switch")?;
    tab.click("#rack [data-n=calm] .switch")?;
    tab.wait(DONE, 3)?;
    tab.click("#lesson-next")?;
    tab.wait("!document.querySelector('#lessonbar')", 3)?;
    quiet(&mut tab);
    Ok(())
}

#[test]
fn the_lesson_fits_every_screen() -> Result<()> {
    let (server, browser) = (serve()?, Browser::start(Gpu::None, &[])?);
    let mut tab = browser.tab(1440, 900)?;
    for (name, width, height, phone) in [
        ("desktop", 1440, 900, false),
        ("projector", 1024, 768, false),
        ("phone", 390, 844, true),
    ] {
        tab.resize(width, height, phone)?;
        for step in ["2", "3", "5"] {
            steps::open(&mut tab, &server, &[("lesson", step)])?;
            for theme in ["light", "dark"] {
                tab.eval(&format!(
                    "document.documentElement.dataset.theme = '{theme}'; 0"
                ))?;
                tab.screenshot(&format!("lesson-{step}-{name}-{theme}"))?;
            }
            let beyond = tab.number("document.documentElement.scrollWidth - innerWidth")?;
            assert!(beyond <= 1.0, "{name}: {beyond} px too wide");
            let map = tab.number(
                "document.querySelector('.map, .read, .steer').parentElement.clientHeight",
            )?;
            assert!(
                map > 240.0,
                "{name}, step {step}: {map} px are left for the page"
            );
        }
    }
    tab.resize(1920, 1080, false)?;
    tab.go(&format!(
        "{}?projector{}",
        server.address(),
        steps::link(&[("lesson", "2")])
    ))?;
    tab.wait(steps::MAP, 20)?;
    tab.screenshot("projector-mode")?;
    Ok(())
}

#[test]
fn class_mode_caps_says_so_and_stays_in_the_link() -> Result<()> {
    let (server, browser) = (serve()?, Browser::start(Gpu::None, &[])?);
    let mut tab = browser.tab(1440, 900)?;
    tab.go(&server.address())?;
    // One that bears little when pushed, and one that bears little when pushed away.
    let least = tab.text(
        "fetch('models/smollm2-135m-instruct/vectors.json').then(r => r.json()).then(({ emotions, steering: { ranges } }) => {\
         const whole = x => Math.trunc(Math.round(x * 1e4) / 100), of = (side, sign) => ranges.map((r, i) => [sign * whole(r[side]), emotions[i].name])\
         .filter(([x]) => x > 8).sort((a, b) => a[0] - b[0])[0]; const [up, down] = [of(1, 1), of(0, -1)];\
         return [up[1], up[0], down[1], down[0]].join() })",
    )?;
    let [up, high, down, low] = least.split(',').collect::<Vec<_>>()[..] else {
        bail!("{least}")
    };
    let (high, low): (i32, i32) = (high.parse()?, low.parse()?);
    assert!(up != down && high < 50 && low < 50, "{least}");
    let rack = format!("{up}:50,{down}:-50:off");
    steps::open(&mut tab, &server, &[("s", &rack), ("class", "1")])?;
    tab.wait("document.querySelector('#class-note')", 5)?;
    tab.wait(&format!("decodeURIComponent(location.hash).includes('s={up}:{high},{down}:-{low}:off') && location.hash.includes('class=1')"), 5)?;
    // Two pushes share what text bears.
    tab.click(&format!("#rack [data-n={down}] .switch"))?;
    tab.wait(
        &format!(
            "decodeURIComponent(location.hash).includes('s={up}:{},{down}:-{}&')",
            high / 2,
            low / 2
        ),
        5,
    )?;
    tab.screenshot("class-mode")?;
    // It can be left where links are made.
    tab.click("#share")?;
    tab.wait("document.querySelector('#class')", 3)?;
    tab.click("#class")?;
    tab.wait(
        "!document.querySelector('#class-note') && !location.hash.includes('class=')",
        5,
    )?;
    quiet(&mut tab);
    Ok(())
}

#[test]
fn the_teachers_page_has_links_questions_and_a_hand_out() -> Result<()> {
    let (server, browser) = (serve()?, Browser::start(Gpu::None, &[])?);
    let mut tab = browser.tab(1440, 900)?;
    tab.go(&format!("{}?teach", server.address()))?;
    tab.wait(
        "document.querySelectorAll('#teach-questions details').length == 5",
        20,
    )?;
    tab.screenshot("teach-light")?;
    tab.click("#teach-projector")?;
    let first = tab.text("document.querySelector('#teach-steps a').href")?;
    assert!(
        first.contains("?projector#") && first.contains("lesson=1") && first.contains("class=1"),
        "{first}"
    );
    assert_eq!(
        tab.eval("document.querySelectorAll('.teach .qr').length")?,
        1
    );
    // On paper: the hand-out and nothing else; with every number filled in.
    tab.call(
        "Emulation.setEmulatedMedia",
        &serde_json::json!({ "media": "print" }),
    )?;
    let paper = tab.words("body")?;
    assert!(
        paper.contains("A vector is a direction") && !paper.contains("Before the class"),
        "{paper}"
    );
    assert!(
        !paper.contains('{') && !paper.contains("A direction in the model's internal numbers"),
        "{paper}"
    );
    tab.screenshot("teach-print")?;
    tab.call(
        "Emulation.setEmulatedMedia",
        &serde_json::json!({ "media": "" }),
    )?;
    tab.resize(390, 844, true)?;
    tab.screenshot("teach-phone")?;
    tab.go(&first)?;
    tab.wait(
        "document.querySelector('#lessonbar') && document.querySelector('#class-note')",
        20,
    )?;
    quiet(&mut tab);
    Ok(())
}

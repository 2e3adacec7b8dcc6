//! Start, read, steer, share: on the CPU, with each model.

use crate::report::{at_least, at_most, quiet};
use crate::steps;
use anyhow::Result;
use atlas_browser_tests::{Browser, Gpu, Tab, serve};

/// About a hundred tokens in either vocabulary.
const TEXT: &str = "The letter was on the mat when Anna came home. The scholarship was hers! She danced through the kitchen and \
    called everyone she knew. Then the phone rang. Her little dog had been hit by a car on the way to the park, and nobody could say \
    whether it would live. She sat down on the stairs with her coat on. How could the driver be so careless? Late that night the vet \
    called again: the dog was asleep, and it would be well by spring.";

struct Model {
    id: &'static str,
    prompt: &'static str,
    setting: &'static str,
    start_seconds: u64,
    tokens_per_second: f64,
    read_seconds: f64,
    new_tokens: &'static str,
}

fn travel(model: &Model) -> Result<()> {
    let (server, browser) = (serve()?, Browser::start(Gpu::None, &[])?);
    let mut tab = browser.tab(1440, 900)?;
    let id = model.id;
    steps::open(&mut tab, &server, &[("m", id)])?;
    steps::start(&mut tab, model.start_seconds)?;
    println!(
        "measured: {id}: running {:.1} s after the page was opened",
        tab.number("performance.now()")? / 1000.0
    );
    let backend = tab.words("#backend")?;
    assert!(backend.starts_with("CPU"), "{backend}");
    let from = tab.number("performance.now()")?;

    let text = [("m", id), ("t", TEXT), ("as", "plain"), ("e", "happy")];
    let seconds = steps::read(&mut tab, &text, 60)?;
    at_most(
        &format!("{id}: a 100-token text is read in"),
        seconds,
        model.read_seconds,
        "s",
    );
    colours(&mut tab)?;
    println!(
        "measured: {id}: longest task on the main thread while reading and drawing: {:.0} ms",
        longest_task(&mut tab, from)?
    );
    let from = tab.number("performance.now()")?;
    tab.screenshot(&format!("{id}-read"))?;

    let mut texts = Vec::new();
    for recipe in ["desperate:15", "calm:15"] {
        let link = [
            ("m", id),
            ("t", TEXT),
            ("as", "plain"),
            ("e", "happy"),
            ("s", recipe),
            ("p", model.prompt),
            ("pas", model.setting),
            ("seed", "7"),
            ("n", model.new_tokens),
        ];
        texts.push(steps::generate(&mut tab, &link, 120)?);
        let speed = tab.words("#speed")?;
        let number = speed
            .split_whitespace()
            .find_map(|word| word.parse::<f64>().ok());
        at_least(
            &format!("{id}: tokens per second, {recipe}"),
            number.unwrap_or_default(),
            model.tokens_per_second,
            "",
        );
        tab.screenshot(&format!("{id}-{}", recipe.replace(':', "-")))?;
    }
    let [(plain, desperate), (again, calm)] = texts.as_slice() else {
        unreachable!()
    };
    println!("{id}, plain: {plain}\n{id}, desperate: {desperate}\n{id}, calm: {calm}");
    assert_eq!(plain, again, "the same seed gives the same plain text");
    assert!(
        plain != desperate && plain != calm && desperate != calm,
        "steering changes the text"
    );
    main_thread_was_free(&mut tab, id, from)?;
    quiet(&mut tab);

    // The address is the state: another visit with it shows and generates the same.
    tab.wait("location.hash.includes('s=calm')", 3)?;
    let address = tab.text("location.href")?;
    let shown = tab.words("#text")?;
    tab.go(&address)?;
    tab.wait(steps::MAP, 20)?;
    steps::start(&mut tab, model.start_seconds)?;
    let restored = steps::finished(&mut tab, 120)?;
    assert_eq!(
        (&restored.0, &restored.1),
        (plain, calm),
        "the link gives the same text again"
    );
    tab.wait("document.querySelectorAll('#text .tok').length > 60", 60)?;
    assert_eq!(tab.words("#text")?, shown);
    assert!(tab.words("#selname")?.contains("happy"));
    tab.screenshot(&format!("{id}-restored"))?;
    quiet(&mut tab);
    Ok(())
}

/// Tokens are coloured, more and less, and not all of them.
fn colours(tab: &mut Tab) -> Result<()> {
    let colours = tab.number(
        "new Set([...document.querySelectorAll('#text .tok')].map(t => getComputedStyle(t).backgroundColor)).size",
    )?;
    assert!(colours > 5.0, "tokens have {colours} colours");
    let tokens = tab.number("document.querySelectorAll('#text .tok').length")?;
    assert!(tokens > 60.0, "{tokens} pieces");
    Ok(())
}

/// Inference never holds the page up. The goal is no task above 50 ms; 64 to 105 ms were seen while compilers
/// shared the two cores, 0 on an idle machine. The limit here is what would mean inference on the main thread.
fn main_thread_was_free(tab: &mut Tab, id: &str, from: f64) -> Result<()> {
    let longest = longest_task(tab, from)?;
    at_most(
        &format!("{id}: longest task on the main thread while generating"),
        longest,
        250.0,
        "ms (0: none above 50, which is the goal)",
    );
    Ok(())
}

/// Milliseconds of the longest task since a moment; the browser counts those above 50 only.
fn longest_task(tab: &mut Tab, from: f64) -> Result<f64> {
    tab.number(&format!(
        "Math.max(0, ...__long.filter(([at]) => at > {from}).map(([, ms]) => ms))"
    ))
}

/// With mouse and keyboard instead of links.
#[test]
fn by_hand() -> Result<()> {
    let (server, browser) = (serve()?, Browser::start(Gpu::None, &[])?);
    let mut tab = browser.tab(1440, 900)?;
    steps::open(&mut tab, &server, &[("m", "atlas-lite")])?;
    steps::start(&mut tab, 60)?;
    steps::type_and_read(
        &mut tab,
        "The old dog waited at the gate all night, but nobody came home.",
        20,
    )?;
    // Hovering tells the token's value and its strongest emotions.
    let place = tab.eval("(() => { const r = document.querySelectorAll('#text .tok')[6].getClientRects()[0]; return [r.x + r.width / 2, r.y + r.height / 2] })()")?;
    tab.mouse(
        "mouseMoved",
        place[0].as_f64().unwrap_or_default(),
        place[1].as_f64().unwrap_or_default(),
    )?;
    tab.wait(
        "document.querySelectorAll('.tip:not([hidden]) li').length >= 5",
        3,
    )?;
    tab.screenshot("hover-token")?;
    // Another layer: same text, other numbers.
    let style =
        "[...document.querySelectorAll('#text .tok')].map(t => t.getAttribute('style')).join()";
    let before = tab.text(style)?;
    tab.fill("#layer", "2")?;
    tab.wait(&format!("{style} != {}", serde_json::json!(before)), 10)?;
    // Select, steer, run, stop.
    tab.fill("#q", "terrified")?;
    tab.key("Enter")?;
    tab.click("#add")?;
    tab.wait("document.querySelector('#rack [data-n=terrified]')", 3)?;
    tab.fill("#rack [data-n=terrified] input[type=range]", "20")?;
    tab.fill("#length", "400")?;
    tab.fill("#prompt", "The door opened and")?;
    tab.click("#run")?;
    tab.wait("document.querySelector('#outA').innerText.length > 40 && document.querySelector('#run').innerText.trim() == 'Stop'", 20)?;
    tab.screenshot("steering")?;
    tab.click("#run")?;
    tab.wait(
        "document.querySelector('#run').innerText.trim() == 'Run'",
        5,
    )?;
    // The address follows a moment later.
    tab.wait("location.hash.includes('terrified:20')", 5)?;
    quiet(&mut tab);
    Ok(())
}

#[test]
fn atlas_lite() -> Result<()> {
    travel(&Model {
        id: "atlas-lite",
        prompt: "Once upon a time there was a girl who had lost her way in the forest.",
        setting: "plain",
        start_seconds: 60,
        tokens_per_second: 150.0,
        read_seconds: 15.0,
        new_tokens: "60",
    })
}

#[test]
fn smollm2() -> Result<()> {
    travel(&Model {
        id: "smollm2-135m-instruct",
        prompt: "I have three days left to finish my project and my boss is waiting. What should I think?",
        setting: "chat",
        start_seconds: 120,
        tokens_per_second: 5.0,
        read_seconds: 15.0,
        new_tokens: "32",
    })
}

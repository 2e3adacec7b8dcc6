//! The other ways to steer: a control, a batch of seeds, methods and places, what each token might have been, a chat
//! that goes on, situations as links.

use crate::report::quiet;
use crate::steps;
use anyhow::Result;
use atlas_browser_tests::{Browser, Gpu, Tab, serve};

const LITE: (&str, &str) = ("m", "atlas-lite");
const START: [(&str, &str); 7] = [
    LITE,
    ("e", "calm"),
    ("tab", "steer"),
    ("p", "The door opened and"),
    ("pas", "plain"),
    ("seed", "5"),
    ("n", "24"),
];

fn opened(browser: &Browser, address: &str, more: &[(&str, &str)]) -> Result<Tab> {
    let mut tab = browser.tab(1440, 900)?;
    tab.go(&format!(
        "{address}{}",
        steps::link(&[&START, more].concat())
    ))?;
    tab.wait(steps::MAP, 20)?;
    steps::start(&mut tab, 60)?;
    steps::finished(&mut tab, 60)?;
    Ok(tab)
}

#[test]
fn a_control_and_eight_seeds_stand_beside_the_pair() -> Result<()> {
    let (server, browser) = (serve()?, Browser::start(Gpu::None, &[])?);
    let more = [("s", "calm:30"), ("control", "random")];
    let mut tab = opened(&browser, &server.address(), &more)?;
    tab.wait("document.querySelector('#outC')?.innerText.trim()", 20)?;
    let texts = tab
        .eval("['#outA', '#outB', '#outC'].map(s => document.querySelector(s).innerText.trim())")?;
    assert!(
        texts[0] != texts[1] && texts[1] != texts[2] && texts[0] != texts[2],
        "{texts}"
    );
    tab.screenshot("steer-control")?;
    tab.click("#seeds")?;
    tab.click("#runseeds")?;
    tab.wait(
        "document.querySelectorAll('#seedtable tbody tr').length == 9 && /in \\d of 8/.test(document.querySelector('.seeds__say').innerText)",
        60,
    )?;
    let table = tab.words("#seedtable table")?;
    assert!(!table.contains("NaN") && table.contains("mean"), "{table}");
    tab.screenshot("steer-seeds")?;
    // A row shows its texts.
    tab.click("#seedtable tbody tr:nth-child(3) button")?;
    tab.wait("document.querySelector('#seed').value == '7' && !document.querySelector('#outA').closest('[hidden]')", 3)?;
    quiet(&mut tab);
    Ok(())
}

#[test]
fn what_each_token_might_have_been() -> Result<()> {
    let (server, browser) = (serve()?, Browser::start(Gpu::None, &[])?);
    let mut tab = opened(&browser, &server.address(), &[("s", "calm:30")])?;
    tab.click("#tokenchoices")?;
    tab.wait("document.querySelector('#outB .gen')", 30)?;
    tab.wait("document.querySelector('#tokenchoices').hidden", 30)?;
    let place = tab.eval("(() => { const b = [...document.querySelectorAll('#outB .gen')].map(e => e.getClientRects()[0]).find(b => b?.width > 8); \
        return [b.x + b.width / 2, b.y + b.height / 2] })()")?;
    let (x, y) = (
        place[0].as_f64().unwrap_or(0.0),
        place[1].as_f64().unwrap_or(0.0),
    );
    tab.mouse("mouseMoved", x, y)?;
    tab.wait(
        "document.querySelectorAll('#choices:not([hidden]) tbody tr').length >= 10",
        5,
    )?;
    let table = tab.words("#choices")?;
    assert!(
        table.contains("plain") && table.contains("steered") && table.contains('%'),
        "{table}"
    );
    tab.screenshot("steer-choices")?;
    quiet(&mut tab);
    Ok(())
}

#[test]
fn methods_and_places_change_the_text_and_are_in_the_link() -> Result<()> {
    let (server, browser) = (serve()?, Browser::start(Gpu::None, &[])?);
    let mut tab = opened(&browser, &server.address(), &[("s", "calm:30")])?;
    let (plain, added) = steps::finished(&mut tab, 5)?;
    let mut seen = vec![plain.clone(), added];
    for way in [
        [("way", "out"), ("on", "all")],
        [("way", "clamp"), ("on", "all")],
        [("way", "add"), ("on", "new")],
        [("way", "add"), ("at", "6")],
    ] {
        tab.eval("document.querySelector('#outB').dataset.was = '1'; 0")?;
        let link = [&START[..], &[("s", "calm:30")], &way[..]].concat();
        let (a, b) = steps::generate(&mut tab, &link, 60)?;
        assert_eq!(a, plain, "{way:?} leaves the plain text as it is");
        assert!(
            !seen.contains(&b),
            "{way:?} writes what another way wrote: {b}"
        );
        seen.push(b);
    }
    tab.wait("location.hash.includes('at=6')", 3)?;
    tab.click("#how summary")?;
    tab.wait(
        "document.querySelector('#how').innerText.includes('KV cache')",
        3,
    )?;
    tab.screenshot("steer-how")?;
    quiet(&mut tab);
    Ok(())
}

#[test]
fn a_situation_is_a_link() -> Result<()> {
    let (server, browser) = (serve()?, Browser::start(Gpu::None, &[])?);
    let mut tab = opened(&browser, &server.address(), &[("s", "calm:30")])?;
    tab.click("#scenes summary")?;
    tab.wait("document.querySelectorAll('#scenes a').length == 4", 3)?;
    tab.screenshot("steer-scenes")?;
    let href = tab.text("document.querySelector('#scenes li:nth-child(2) a').href")?;
    assert!(
        href.contains("s=angry:") && href.contains("pas=plain"),
        "{href}"
    );
    tab.click("#scenes li:nth-child(2) a")?;
    tab.wait(
        "document.querySelector('#prompt').value.startsWith('Dear neighbour')",
        3,
    )?;
    let (plain, steered) = steps::generate(&mut tab, &[], 60)?;
    assert_ne!(plain, steered);
    quiet(&mut tab);
    Ok(())
}

#[test]
fn a_chat_goes_on_and_steering_may_change_between_turns() -> Result<()> {
    let (server, browser) = (serve()?, Browser::start(Gpu::None, &[])?);
    let mut tab = browser.tab(1440, 900)?;
    let link = [
        ("m", "smollm2-135m-instruct"),
        ("tab", "steer"),
        ("p", "Name a colour."),
        ("pas", "chat"),
        ("s", "calm:30,angry:30:off"),
        ("seed", "5"),
        ("n", "12"),
    ];
    steps::open(&mut tab, &server, &link)?;
    steps::start(&mut tab, 120)?;
    let first = steps::finished(&mut tab, 60)?;
    tab.click("#goon")?;
    tab.wait("document.querySelectorAll('.said').length >= 2 && !document.querySelector('#prompt').value", 5)?;
    tab.click("#rack [data-n=calm] .switch")?;
    tab.click("#rack [data-n=angry] .switch")?;
    tab.fill("#prompt", "And another one?")?;
    tab.click("#run")?;
    tab.wait(
        "document.querySelector('#run').innerText.trim() == 'Stop'",
        5,
    )?;
    let second = steps::finished(&mut tab, 60)?;
    assert_ne!(first, second);
    let said =
        tab.text("[...document.querySelectorAll('.said')].map(s => s.innerText).join(' / ')")?;
    assert!(
        said.contains("calm")
            && said.contains(
                first
                    .0
                    .lines()
                    .next()
                    .unwrap_or("?")
                    .trim_end_matches('…')
                    .trim()
            ),
        "{said}"
    );
    tab.screenshot("steer-chat")?;
    // The link carries the conversation: somebody else sees all of it, without a model.
    tab.click("#share")?;
    tab.wait("document.querySelector('#share-along:enabled')", 5)?;
    tab.click("#share-along")?;
    tab.wait(
        "document.querySelector('#share-link').value.includes('&r=1.')",
        3,
    )?;
    let link = tab.text("document.querySelector('#share-link').value")?;
    let shown =
        tab.text("[...document.querySelectorAll('.said')].map(s => s.innerText).join(' / ')")?;
    let outputs = (tab.words("#outA")?, tab.words("#outB")?);
    tab.eval("document.querySelector('dialog[open]').close(); 0")?;
    tab.wait("!document.querySelector('dialog[open]')", 3)?;
    tab.click("#newchat")?;
    tab.wait("document.querySelectorAll('.said').length == 0", 3)?;
    quiet(&mut tab);
    let mut other = browser.tab(1440, 900)?;
    other.go(&link)?;
    other.wait(
        "document.querySelector('#arrived') && document.querySelectorAll('.said').length >= 2",
        20,
    )?;
    let came =
        other.text("[...document.querySelectorAll('.said')].map(s => s.innerText).join(' / ')")?;
    assert_eq!(came, shown);
    assert_eq!((other.words("#outA")?, other.words("#outB")?), outputs);
    quiet(&mut other);
    Ok(())
}

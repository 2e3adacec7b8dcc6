//! Threads where the page is cross-origin isolated, one thread where it is not, and the same text in both cases.

use crate::report::quiet;
use crate::steps;
use anyhow::Result;
use atlas_browser_tests::{Browser, Fault, Gpu, Server, Tab, built_site, serve};

const LITE: (&str, &str) = ("m", "atlas-lite");
const ISOLATED: &str = "crossOriginIsolated";
/// The service worker is there.
const READY: &str =
    "(navigator.serviceWorker.ready.then(() => window.__there = true), window.__there)";

/// A host that sends no headers, with or without the service worker that adds them.
fn plain_host(service_worker: bool) -> Result<Server> {
    let site = built_site()?.under("some/where").without_isolation();
    Server::on_free_port(site.with_faults(move |path| match path {
        "isolate.js" if !service_worker => Fault::Missing,
        _ => Fault::None,
    }))
}

/// Threads that the page says the model runs on.
fn threads(tab: &mut Tab) -> Result<u32> {
    let line = tab.words("#backend")?;
    println!("backend: {line}");
    assert!(line.starts_with("CPU"), "{line}");
    let number = line
        .strip_prefix("CPU, ")
        .and_then(|rest| rest.split(' ').next());
    Ok(number.map_or(Ok(1), str::parse)?)
}

/// Plain and steered text of one seed.
fn write(tab: &mut Tab) -> Result<(String, String)> {
    let link = [
        LITE,
        ("s", "desperate:15"),
        (
            "p",
            "Once upon a time there was a girl who had lost her way.",
        ),
        ("pas", "plain"),
        ("seed", "11"),
        ("n", "60"),
    ];
    let texts = steps::generate(tab, &link, 120)?;
    println!("{}: {texts:?}", tab.words("#speed")?);
    Ok(texts)
}

#[test]
fn threads_write_what_one_thread_writes() -> Result<()> {
    let browser = Browser::start(Gpu::None, &[])?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);

    let server = serve()?;
    let mut tab = browser.tab(1024, 768)?;
    steps::open(&mut tab, &server, &[LITE])?;
    assert_eq!(tab.eval(ISOLATED)?, true);
    steps::start(&mut tab, 60)?;
    assert_eq!(threads(&mut tab)? as usize, cores.min(8));
    let many = write(&mut tab)?;
    quiet(&mut tab);

    let server = plain_host(false)?;
    let mut tab = browser.tab(1024, 768)?;
    steps::open(&mut tab, &server, &[LITE])?;
    assert_eq!(tab.eval(ISOLATED)?, false);
    steps::start(&mut tab, 60)?;
    assert_eq!(threads(&mut tab)?, 1);
    let one = write(&mut tab)?;
    // The browser notes by itself that isolate.js is missing.
    let complaints = tab.complaints();
    assert!(
        complaints
            .iter()
            .all(|c| c.contains("isolate.js") || c.contains("404")),
        "{complaints:?}"
    );

    assert_eq!(many, one);
    assert!(one.0 != one.1 && one.0.len() > 60, "{one:?}");
    Ok(())
}

#[test]
fn a_plain_host_is_isolated_by_the_service_worker() -> Result<()> {
    let (server, browser) = (plain_host(true)?, Browser::start(Gpu::None, &[])?);
    let mut tab = browser.tab(1024, 768)?;
    // Counts the documents of this tab, reloads included.
    let visits = "+sessionStorage.getItem('visits')";
    tab.call(
        "Page.addScriptToEvaluateOnNewDocument",
        &serde_json::json!({ "source": "try { sessionStorage.setItem('visits', 1 + +sessionStorage.getItem('visits')) } catch {}" }),
    )?;
    steps::open(&mut tab, &server, &[LITE])?;
    tab.wait(READY, 10)?;
    std::thread::sleep(std::time::Duration::from_secs(1));
    tab.wait(steps::MAP, 20)?;
    let first = tab.number(visits)?;
    println!("the first visit took {first} documents");
    assert!((1.0..=2.0).contains(&first), "one reload at most: {first}");

    // From the next visit on, for certain, and without another reload.
    steps::open(&mut tab, &server, &[LITE])?;
    assert_eq!(tab.eval(ISOLATED)?, true);
    steps::start(&mut tab, 60)?;
    assert!(threads(&mut tab)? > 1);
    write(&mut tab)?;
    assert_eq!(tab.number(visits)?, first + 1.0);
    let kept = tab.text("caches.keys().then(keys => keys.join())")?;
    println!("kept: {kept}");
    assert!(
        !kept.contains(','),
        "the service worker keeps nothing: {kept}"
    );
    quiet(&mut tab);
    Ok(())
}

/// A visitor without isolation who stays without: the page never reloads by itself later on.
#[test]
fn nothing_reloads_under_a_visitor() -> Result<()> {
    let (server, browser) = (plain_host(true)?, Browser::start(Gpu::None, &[])?);
    let mut tab = browser.tab(1024, 768)?;
    // The page is drawn long before the service worker is there.
    tab.call(
        "Page.addScriptToEvaluateOnNewDocument",
        &serde_json::json!({ "source": "if (navigator.serviceWorker) { \
            const register = navigator.serviceWorker.register.bind(navigator.serviceWorker); \
            navigator.serviceWorker.register = (url) => new Promise(done => setTimeout(done, 3000)).then(() => register(url)); }" }),
    )?;
    steps::open(&mut tab, &server, &[LITE])?;
    tab.eval("window.__mine = true; 0")?;
    tab.wait(READY, 20)?;
    std::thread::sleep(std::time::Duration::from_secs(2));
    assert_eq!(tab.eval("window.__mine === true")?, true);
    assert_eq!(tab.eval(ISOLATED)?, false);
    Ok(())
}

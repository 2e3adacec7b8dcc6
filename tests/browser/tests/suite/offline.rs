//! Without a network, and from one version of the site to the next.

use crate::report::quiet;
use crate::steps;
use anyhow::{Context, Result};
use atlas_browser_tests::{Browser, Fault, Gpu, Server, Site, Tab, serve};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use xtask::place::Place;

const LITE: (&str, &str) = ("m", "atlas-lite");
/// A service worker is at work, and the page is kept as a whole.
const KEPT: &str = "(navigator.serviceWorker.ready.then(r => window.__active = r.active?.state), window.__active) == 'activated'";
/// Paths that are kept below a name.
const NAMES: &str = "caches.keys().then(async names => { const all = []; for (const n of names) for (const r of await (await caches.open(n)).keys()) all.push(r.url); return all.join('\\n') })";

fn kept(tab: &mut Tab) -> Result<String> {
    tab.text(NAMES)
}

#[test]
fn after_one_visit_it_opens_and_runs_without_a_server() -> Result<()> {
    let (server, browser) = (serve()?, Browser::start(Gpu::None, &[])?);
    let mut tab = browser.tab(1024, 768)?;
    // The large model does not start by itself.
    steps::open(&mut tab, &server, &[])?;
    tab.wait(KEPT, 20)?;
    let early = kept(&mut tab)?;
    assert!(
        !early.contains("/engine/"),
        "nothing large is kept before it has run: {early}"
    );
    steps::open(&mut tab, &server, &[LITE])?;
    steps::start(&mut tab, 60)?;
    let engine = format!(
        "({NAMES}).then(all => window.__all = all), /engine\\/.*wasm/.test(window.__all) && /engine\\/start.js/.test(window.__all) && window.__all.includes('atlas-lite/vectors.json')"
    );
    tab.wait(&engine, 30)?;
    quiet(&mut tab);
    let address = server.address();
    drop(server);

    tab.go(&format!("{address}{}", steps::link(&[LITE])))?;
    tab.wait(steps::MAP, 20)?;
    println!(
        "measured: without a server, map visible after {:.1} s",
        tab.number("__map")? / 1000.0
    );
    tab.wait(steps::READY, 60)?;
    let link = [
        LITE,
        ("s", "calm:20"),
        ("p", "The door opened and"),
        ("pas", "plain"),
        ("seed", "5"),
        ("n", "24"),
    ];
    let (plain, steered) = steps::generate(&mut tab, &link, 60)?;
    assert!(plain != steered && !plain.is_empty(), "{plain} / {steered}");
    steps::type_and_read(&mut tab, "The old dog came home at last.", 20)?;
    // The views behind `?` open, too.
    tab.go(&format!("{address}?teach"))?;
    tab.wait(
        "document.querySelectorAll('#teach-steps li').length == 7",
        20,
    )?;
    Ok(())
}

#[test]
fn what_is_kept_is_shown_and_freed() -> Result<()> {
    let (server, browser) = (serve()?, Browser::start(Gpu::None, &[])?);
    let mut tab = browser.tab(1440, 900)?;
    steps::open(&mut tab, &server, &[LITE])?;
    tab.wait(KEPT, 20)?;
    steps::start(&mut tab, 60)?;
    tab.wait(
        &format!("({NAMES}).then(all => window.__all = all), /engine\\/.*wasm/.test(window.__all)"),
        30,
    )?;
    tab.click("#models")?;
    tab.wait(
        "/models 1\\d MB/.test(document.querySelector('#kept').innerText)",
        10,
    )?;
    tab.screenshot("storage")?;
    tab.click("#free")?;
    tab.wait(
        "document.querySelector('#kept').innerText.includes('models 0 MB')",
        10,
    )?;
    let left = kept(&mut tab)?;
    assert!(
        !left.contains("/engine/") && !left.contains("sha256="),
        "{left}"
    );
    assert!(left.contains("index.html"), "the page itself stays: {left}");
    assert_eq!(tab.eval(steps::READY)?, true, "what runs goes on");
    quiet(&mut tab);
    Ok(())
}

/// A site of its own, with copies of the two files that change and links to the rest.
struct Sandbox(PathBuf);

impl Sandbox {
    fn new(name: &str) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("atlas-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder)?;
        for entry in fs::read_dir(Place::find()?.dist())?.flatten() {
            let to = folder.join(entry.file_name());
            std::os::unix::fs::symlink(entry.path(), to)?;
        }
        let sandbox = Self(folder);
        sandbox.publish("Emotion Atlas")?;
        Ok(sandbox)
    }

    /// Puts a version online whose page has this title.
    fn publish(&self, title: &str) -> Result<()> {
        let dist = Place::find()?.dist();
        let page = fs::read_to_string(dist.join("index.html"))?;
        let page = page.replace(
            "<title>Emotion Atlas</title>",
            &format!("<title>{title}</title>"),
        );
        self.put("index.html", &page)?;
        let root = dist.parent().context("the repository")?;
        let worker = fs::read_to_string(root.join("web/service.js"))?;
        self.put("service.js", &worker)?;
        xtask::offline::write(&self.0)
    }

    fn put(&self, name: &str, text: &str) -> Result<()> {
        let file = self.0.join(name);
        let _ = fs::remove_file(&file);
        Ok(fs::write(file, text)?)
    }

    fn site(&self) -> Site {
        Site::new(self.0.clone()).under("some/where")
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all::<&Path>(self.0.as_ref());
    }
}

#[test]
fn a_new_version_is_announced_and_taken_when_the_visitor_agrees() -> Result<()> {
    let sandbox = Sandbox::new("versions")?;
    let server = Server::on_free_port(sandbox.site())?;
    let browser = Browser::start(Gpu::None, &[])?;
    let mut tab = browser.tab(1024, 768)?;
    steps::open(&mut tab, &server, &[])?;
    tab.wait(KEPT, 20)?;
    sandbox.publish("Second version")?;
    // The old version, as a whole, from the browser; meanwhile the new one is fetched.
    steps::open(&mut tab, &server, &[])?;
    assert_eq!(tab.text("document.title")?, "Emotion Atlas");
    tab.wait("document.querySelector('#update')", 20)?;
    tab.screenshot("update")?;
    assert_eq!(tab.text("document.title")?, "Emotion Atlas");
    // Another tab of the old version: it would be left with a new engine.
    let mut other = browser.tab(800, 600)?;
    steps::open(&mut other, &server, &[])?;
    tab.click("#update-now")?;
    tab.wait(
        "document.querySelector('#update').innerText.includes('(open: 1)')",
        10,
    )?;
    other.go("about:blank")?;
    tab.click("#update-now")?;
    tab.wait("document.title == 'Second version'", 20)?;
    tab.wait(steps::MAP, 20)?;
    let names =
        tab.text("caches.keys().then(keys => keys.filter(k => k.includes('page')).join())")?;
    assert!(!names.contains(','), "the old version is gone: {names}");
    Ok(())
}

#[test]
fn half_a_version_is_none() -> Result<()> {
    let sandbox = Sandbox::new("half")?;
    let half = Arc::new(AtomicBool::new(false));
    let broken = half.clone();
    let server = Server::on_free_port(sandbox.site().with_faults(move |path| {
        match path == "models/index.json" && broken.load(SeqCst) {
            true => Fault::Altered,
            false => Fault::None,
        }
    }))?;
    let browser = Browser::start(Gpu::None, &[])?;
    let mut tab = browser.tab(1024, 768)?;
    steps::open(&mut tab, &server, &[])?;
    tab.wait(KEPT, 20)?;
    half.store(true, SeqCst);
    sandbox.publish("Second version")?;
    steps::open(&mut tab, &server, &[])?;
    std::thread::sleep(std::time::Duration::from_secs(3));
    assert_eq!(tab.text("document.title")?, "Emotion Atlas");
    assert_eq!(tab.eval("!!document.querySelector('#update')")?, false);
    tab.wait(steps::MAP, 5)?;
    // As soon as all of it is there, it is announced.
    half.store(false, SeqCst);
    steps::open(&mut tab, &server, &[])?;
    tab.wait("document.querySelector('#update')", 20)?;
    Ok(())
}

#[test]
fn it_can_be_installed() -> Result<()> {
    let (server, browser) = (serve()?, Browser::start(Gpu::None, &[])?);
    let mut tab = browser.tab(1024, 768)?;
    steps::open(&mut tab, &server, &[])?;
    tab.wait(KEPT, 20)?;
    let found = tab.call("Page.getAppManifest", &serde_json::json!({}))?;
    assert_eq!(found["errors"], serde_json::json!([]), "{found}");
    let errors = tab.call("Page.getInstallabilityErrors", &serde_json::json!({}))?;
    assert_eq!(
        errors["installabilityErrors"],
        serde_json::json!([]),
        "{errors}"
    );
    Ok(())
}

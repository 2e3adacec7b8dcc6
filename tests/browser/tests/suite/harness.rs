//! The harness itself, so that a failure elsewhere is a failure of the page.

use anyhow::Result;
use atlas_browser_tests::{Browser, Fault, Gpu, Server, Site};

fn little_site(name: &str) -> Result<Site> {
    let folder = std::env::temp_dir().join(format!("atlas-little-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let page = "<!doctype html><link rel=icon href=data:,><body><button id=b onclick='document.title=`hit`'>b</button><input id=i>";
    std::fs::write(folder.join("index.html"), page)?;
    std::fs::write(folder.join("piece"), "0123456789")?;
    Ok(Site::new(folder).under("deep/down"))
}

#[test]
fn a_tab_clicks_types_and_hears_errors() -> Result<()> {
    let server = Server::on_free_port(little_site("tab")?)?;
    let browser = Browser::start(Gpu::None, &[])?;
    let mut tab = browser.tab(400, 300)?;
    tab.go(&server.address())?;
    tab.click("#b")?;
    tab.wait("document.title == 'hit'", 2)?;
    tab.fill("#i", "ten")?;
    assert_eq!(tab.text("document.querySelector('#i').value")?, "ten");
    assert_eq!(tab.complaints(), Vec::<String>::new());
    // From the page, and from a worker.
    tab.eval("setTimeout(() => { throw new Error('page') }); new Worker(URL.createObjectURL(new Blob(['console.error(`worker`); setTimeout(() => {}, 1e4)']))); 0")?;
    std::thread::sleep(std::time::Duration::from_millis(500));
    let heard = tab.complaints().join("|");
    assert!(
        heard.contains("page") && heard.contains("worker"),
        "{heard}"
    );
    Ok(())
}

#[test]
fn faults_reach_the_browser() -> Result<()> {
    let site = little_site("faults")?.with_faults(|path| match path {
        "piece" => Fault::Broken(4),
        _ => Fault::None,
    });
    let server = Server::on_free_port(site)?;
    let browser = Browser::start(Gpu::None, &[])?;
    let mut tab = browser.tab(400, 300)?;
    tab.go(&server.address())?;
    let outcome = tab.text(
        "fetch('piece').then(r => r.arrayBuffer()).then(b => 'got ' + b.byteLength, e => 'broken')",
    )?;
    assert_eq!(outcome, "broken");
    Ok(())
}

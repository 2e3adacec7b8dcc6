//! WebGPU on a software adapter: right, but slow, so the model is tiny.

use crate::steps;
use anyhow::Result;
use atlas_browser_tests::{Browser, Gpu, Server, Tab, built_site};
use std::path::Path;

const TEXT: &str = "She ran home. The dog was gone.";

/// The built site with the tiny model in place of the real ones.
fn tiny() -> Result<Server> {
    let models = Path::new(&std::env::var("CARGO_MANIFEST_DIR")?).join("models");
    Server::on_free_port(built_site()?.with_folder("models", models))
}

/// Signed strength of every piece's colour.
fn values(tab: &mut Tab) -> Result<Vec<f64>> {
    let found = tab.eval(
        "[...document.querySelectorAll('#text .tok')].map(t => { const s = t.getAttribute('style') || ''; \
         return (/less/.test(s) ? -1 : 1) * (/--a:([\\d.]+)/.exec(s)?.[1] ?? 0) })",
    )?;
    Ok(found
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(serde_json::Value::as_f64)
        .collect())
}

#[test]
fn webgpu_computes_what_the_cpu_does() -> Result<()> {
    let (server, browser) = (tiny()?, Browser::start(Gpu::SwiftShader, &[])?);
    let mut results = Vec::new();
    for (query, backend) in [("?backend=gpu", "WebGPU"), ("?backend=cpu", "CPU")] {
        let mut tab = browser.tab(1024, 768)?;
        tab.go(&format!(
            "{}{query}{}",
            server.address(),
            steps::link(&[("e", "afraid")])
        ))?;
        tab.wait(steps::MAP, 20)?;
        steps::start(&mut tab, 240)?;
        let line = tab.words("#backend")?;
        println!("backend: {line}");
        assert!(line.starts_with(backend), "{line}");
        steps::read(&mut tab, &[("e", "afraid"), ("t", TEXT)], 120)?;
        let read = values(&mut tab)?;
        // Greedy, so that only the arg-max decides.
        let link = |recipe| {
            [
                ("e", "afraid"),
                ("t", TEXT),
                ("s", recipe),
                ("p", "The"),
                ("pas", "plain"),
                ("temp", "0"),
                ("n", "6"),
            ]
        };
        let desperate = steps::generate(&mut tab, &link("desperate:60"), 240)?;
        let calm = steps::generate(&mut tab, &link("calm:60"), 240)?;
        assert_eq!(desperate.0, calm.0);
        println!("{backend}: {desperate:?} {calm:?}");
        tab.screenshot(&format!("tiny-{backend}"))?;
        // The tiny model has no stored example; the browser notes the missing file by itself. And the service worker
        // keeps no site whose files are not those that were built.
        let complaints = tab.complaints();
        let expected = |c: &String| c.contains("examples.json") || c.contains("Altered: models/");
        assert!(complaints.iter().all(expected), "{complaints:?}");
        results.push((read, desperate, calm));
    }
    let [gpu, cpu] = results.as_slice() else {
        unreachable!()
    };
    assert_eq!(gpu.0.len(), cpu.0.len());
    for (g, c) in gpu.0.iter().zip(&cpu.0) {
        assert!((g - c).abs() < 0.021, "{:?} and {:?}", gpu.0, cpu.0);
    }
    assert_eq!((&gpu.1, &gpu.2), (&cpu.1, &cpu.2));
    Ok(())
}

/// A GPU in software is slower than the CPU: nobody should get it who has not asked for it.
#[test]
fn a_gpu_in_software_is_left_alone() -> Result<()> {
    let (server, browser) = (tiny()?, Browser::start(Gpu::SwiftShader, &[])?);
    let mut tab = browser.tab(1024, 768)?;
    steps::open(&mut tab, &server, &[])?;
    steps::start(&mut tab, 60)?;
    let line = tab.words("#backend")?;
    println!("backend: {line}");
    assert!(
        line.starts_with("CPU") && line.contains("software"),
        "{line}"
    );
    Ok(())
}

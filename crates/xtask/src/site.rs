//! The static site in `dist/`.

use crate::{engine, offline, place::Place, setup::Kit, shell, weight};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Builds everything into `dist/`; `url` is where it will be, if that is known.
pub(crate) fn build(place: &Place, kit: &Kit, url: Option<&str>) -> Result<()> {
    engine::build(place, kit)?;
    shell::run(trunk(place, kit)?.args(["build", "--release"]))?;
    copy_models(&place.root.join("models"), &place.dist().join("models"))?;
    let page = place.dist().join("index.html");
    let mut text = fs::read_to_string(&page)?;
    let model = offline::default_model(&place.dist().join("models/index.json"))?;
    if !model.is_empty() {
        text = preloading(&text, &model)?;
    }
    if let Some(url) = url {
        text = placed(&text, url)?;
    }
    fs::write(&page, text)?;
    offline::write(&place.dist())?;
    weight::check(&place.dist())
}

/// The page, told what its first view is drawn from, so that it is fetched along with its program.
fn preloading(page: &str, model: &str) -> Result<String> {
    const PLACE: &str = "const view = [];";
    if !page.contains(PLACE) {
        bail!("index.html has no line `{PLACE}`; Trunk.toml's `pattern_script` brings it");
    }
    let files = ["vectors.json", "examples.json"].map(|f| format!("models/{model}/{f}"));
    let files =
        serde_json::to_string(&["text/en.json", "models/index.json", &files[0], &files[1]])?;
    Ok(page.replacen(PLACE, &format!("const view = {files};"), 1))
}

/// The page with its own address in it: who shows a link with a picture wants the picture's whole address.
fn placed(page: &str, url: &str) -> Result<String> {
    const PICTURE: &str = r#"<meta property="og:image" content="preview.png">"#;
    if !url.starts_with("http") || url.contains(['"', '<', '&', '?', '#']) {
        bail!("--url: `{url}` is no address of a site, such as https://example.org/atlas/");
    }
    if !page.contains(PICTURE) {
        bail!("index.html has no line {PICTURE}");
    }
    let url = format!("{}/", url.trim_end_matches('/'));
    let named = format!(
        r#"<meta property="og:url" content="{url}"><meta property="og:image" content="{url}preview.png">"#
    );
    Ok(page.replace(PICTURE, &named))
}

/// Trunk, set up to build the page. What it needs to know is in Trunk.toml.
pub(crate) fn trunk(place: &Place, kit: &Kit) -> Result<Command> {
    let mut command = Command::new(&kit.tools.trunk);
    kit.wasm.apply(&mut command);
    command
        .current_dir(&place.root)
        .env("PATH", kit.tools.path()?)
        .env("CARGO_TARGET_DIR", &place.target)
        // Trunk takes it for a flag with a value and stops.
        .env_remove("NO_COLOR");
    Ok(command)
}

/// Copies the models that `index.json` lists: the files that each `model.json` names, what the page
/// reads before that, cards and licences. Nothing else in the folder reaches a visitor.
fn copy_models(from: &Path, to: &Path) -> Result<()> {
    let index = from.join("index.json");
    if !index.exists() {
        println!("site: there is no models/index.json, so the site has no model");
        return Ok(());
    }
    fs::create_dir_all(to)?;
    fs::copy(&index, to.join("index.json"))?;
    for model in read(&index)?["models"]
        .as_array()
        .context("models/index.json lists no models")?
    {
        let id = model["id"]
            .as_str()
            .context("a model in models/index.json has no id")?;
        copy_model(&from.join(id), &to.join(id)).with_context(|| format!("model {id}"))?;
    }
    copy_lab(&from.join("lab"), &to.join("lab"))
}

/// Copies the lab's experiments and their texts.
fn copy_lab(from: &Path, to: &Path) -> Result<()> {
    if !from.exists() {
        return Ok(());
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))
            .with_context(|| entry.path().display().to_string())?;
    }
    Ok(())
}

fn copy_model(from: &Path, to: &Path) -> Result<()> {
    let mut named = BTreeSet::new();
    listed(&read(&from.join("model.json"))?, &mut named);
    for (file, bytes) in &named {
        let found = fs::metadata(from.join(file))
            .with_context(|| file.clone())?
            .len();
        if found != *bytes {
            bail!("{file} has {found} bytes, model.json says {bytes}");
        }
    }
    let beside = fs::read_dir(from)?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let beside = beside.filter(|name| {
        let plain = name.to_ascii_lowercase();
        [".json", ".md"]
            .iter()
            .any(|end| plain.ends_with(end) && !plain.ends_with(".plan.json"))
            || ["license", "licence", "notice"]
                .iter()
                .any(|start| plain.starts_with(start))
    });
    for file in named.into_iter().map(|(file, _)| file).chain(beside) {
        let target = to.join(&file);
        fs::create_dir_all(target.parent().context("a file has a folder")?)?;
        fs::copy(from.join(&file), target).with_context(|| file.clone())?;
    }
    Ok(())
}

/// Every `{file, bytes}` in a manifest, whatever it is for.
fn listed(value: &Value, found: &mut BTreeSet<(String, u64)>) {
    if let (Some(file), Some(bytes)) = (value["file"].as_str(), value["bytes"].as_u64()) {
        found.insert((file.to_owned(), bytes));
    }
    match value {
        Value::Array(items) => items.iter().for_each(|item| listed(item, found)),
        Value::Object(items) => items.values().for_each(|item| listed(item, found)),
        _ => {}
    }
}

fn read(file: &Path) -> Result<Value> {
    let text = fs::read_to_string(file).with_context(|| format!("{}", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_knows_where_it_is_names_its_picture_in_full() {
        let page = include_str!("../../../index.html");
        let placed = super::placed(page, "https://example.org/atlas").unwrap();
        assert!(placed.contains(r#"og:image" content="https://example.org/atlas/preview.png""#));
        assert!(super::placed(page, "example.org").is_err());
        assert!(super::placed("", "https://example.org").is_err());
    }

    #[test]
    fn a_page_fetches_its_first_view_early() {
        // Trunk puts its script into the page.
        let script = include_str!("../../../Trunk.toml");
        let early = super::preloading(script, "a-model").unwrap();
        assert!(early.contains(
            r#"["text/en.json","models/index.json","models/a-model/vectors.json","models/a-model/examples.json"]"#
        ));
        assert_eq!(early.matches("const view = ").count(), 1);
        assert!(super::preloading("", "a-model").is_err());
    }

    #[test]
    fn only_named_files_and_cards_are_copied() {
        let dir = std::env::temp_dir().join(format!("atlas-models-{}", std::process::id()));
        let model = dir.join("from/tiny");
        fs::create_dir_all(&model).unwrap();
        fs::write(dir.join("from/index.json"), r#"{"models":[{"id":"tiny"}]}"#).unwrap();
        let manifest = r#"{"weights":[{"file":"w/0.bin","bytes":3}]}"#;
        fs::write(model.join("model.json"), manifest).unwrap();
        fs::create_dir_all(model.join("w")).unwrap();
        fs::write(model.join("w/0.bin"), "abc").unwrap();
        fs::write(model.join("README.md"), "card").unwrap();
        fs::write(model.join("stories.jsonl"), "not for visitors").unwrap();
        copy_models(&dir.join("from"), &dir.join("to")).unwrap();
        assert!(dir.join("to/tiny/w/0.bin").exists() && dir.join("to/tiny/README.md").exists());
        assert!(!dir.join("to/tiny/stories.jsonl").exists());

        fs::write(model.join("w/0.bin"), "ab").unwrap();
        let error = copy_models(&dir.join("from"), &dir.join("to")).unwrap_err();
        assert!(format!("{error:#}").contains("has 2 bytes"), "{error:#}");
        fs::remove_dir_all(dir).unwrap();
    }
}

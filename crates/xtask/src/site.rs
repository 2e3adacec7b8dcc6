//! The static site in `dist/`.

use crate::{engine, place::Place, setup::Kit, shell, weight};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Builds everything into `dist/`.
pub(crate) fn build(place: &Place, kit: &Kit) -> Result<()> {
    engine::build(place, kit)?;
    shell::run(trunk(place, kit)?.args(["build", "--release"]))?;
    copy_models(&place.root.join("models"), &place.dist().join("models"))?;
    weight::check(&place.dist())
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

//! What the service worker keeps: the site's files with their hashes, written into `dist/service.js`.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// The lines of `service.js` that are replaced.
const VERSION: &str = "const VERSION = '';";
const FILES: &str = "const FILES = {};";

/// What the page reads of a model. Its weights, tokenizer and vectors are the engine's business, which keeps them
/// itself.
const OF_A_MODEL: [&str; 6] = [
    "model.json",
    "vectors.json",
    "map.json",
    "examples.json",
    "evaluation.json",
    "lab.json",
];

/// A file of the site.
#[derive(Debug, PartialEq, Eq)]
struct Kept {
    sha256: String,
    bytes: u64,
    group: String,
}

/// Lists a finished site and writes the list into its service worker, in place of the empty one.
///
/// # Errors
/// When a file cannot be read, or the service worker has another layout.
pub fn write(dist: &Path) -> Result<()> {
    let default = default_model(&dist.join("models/index.json"))?;
    let mut files = BTreeMap::new();
    list(dist, dist, &default, &mut files)?;
    let script = dist.join("service.js");
    let text = fs::read_to_string(&script).with_context(|| format!("{}", script.display()))?;
    fs::write(&script, filled(&text, &files)?)?;
    let page = files.values().filter(|f| f.group == "page");
    println!(
        "offline: version {}, {:.1} MB kept with the page",
        version(&files),
        page.map(|f| f.bytes).sum::<u64>() as f64 / 1e6
    );
    Ok(())
}

/// Model whose map comes with the page; empty on a site without models.
pub(crate) fn default_model(index: &Path) -> Result<String> {
    if !index.exists() {
        return Ok(String::new());
    }
    let index: Value = serde_json::from_str(&fs::read_to_string(index)?)?;
    Ok(index["default"].as_str().unwrap_or_default().to_owned())
}

fn list(
    dist: &Path,
    folder: &Path,
    default: &str,
    files: &mut BTreeMap<String, Kept>,
) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list(dist, &path, default, files)?;
            continue;
        }
        let parts = path.strip_prefix(dist)?.components();
        let parts: Vec<_> = parts.map(|c| c.as_os_str().to_string_lossy()).collect();
        let name = parts.join("/");
        if let Some(group) = group(&name, default) {
            let bytes = fs::read(&path)?;
            let file = Kept {
                sha256: hex(&Sha256::digest(&bytes)),
                bytes: bytes.len() as u64,
                group,
            };
            files.insert(name, file);
        }
    }
    Ok(())
}

/// What a file is kept with: the page itself, an engine, another model's map; none is not kept.
fn group(name: &str, default: &str) -> Option<String> {
    if let Some(file) = name.strip_prefix("engine/") {
        let group = match file {
            _ if file.starts_with("threads/") => "threads",
            _ if file.starts_with("atlas_worker") || file.starts_with("snippets/") => "one",
            _ => "engine",
        };
        return Some(group.to_owned());
    }
    if let Some(rest) = name.strip_prefix("models/") {
        return match rest.split_once('/') {
            None => Some("page".to_owned()),
            Some((model, file)) if !OF_A_MODEL.contains(&file) || model.is_empty() => None,
            Some((model, _)) if model == default => Some("page".to_owned()),
            Some((model, _)) => Some(format!("model {model}")),
        };
    }
    // The worker itself is the browser's business; the picture is for those who show links; licences nobody waits for.
    let none = name == "service.js" || name == "preview.png" || name.ends_with(".txt");
    (!none).then(|| "page".to_owned())
}

/// Names a version: 16 hexadecimal digits that depend on every file.
fn version(files: &BTreeMap<String, Kept>) -> String {
    let mut all = Sha256::new();
    for (name, file) in files {
        all.update(format!("{name} {}\n", file.sha256));
    }
    hex(&all.finalize())[..16].to_owned()
}

fn filled(script: &str, files: &BTreeMap<String, Kept>) -> Result<String> {
    for line in [VERSION, FILES] {
        ensure!(
            script.matches(line).count() == 1,
            "service.js has no line `{line}`"
        );
    }
    let table: serde_json::Map<String, Value> = files
        .iter()
        .map(|(name, f)| (name.clone(), json!([f.sha256, f.bytes, f.group])))
        .collect();
    let script = script.replace(VERSION, &format!("const VERSION = '{}';", version(files)));
    Ok(script.replace(FILES, &format!("const FILES = {};", Value::Object(table))))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(sha256: &str) -> Kept {
        Kept {
            sha256: sha256.into(),
            bytes: 3,
            group: "page".into(),
        }
    }

    #[test]
    fn the_page_is_kept_and_weights_are_not() {
        let group = |name| group(name, "small");
        assert_eq!(group("index.html").as_deref(), Some("page"));
        assert_eq!(group("models/index.json").as_deref(), Some("page"));
        assert_eq!(group("models/small/vectors.json").as_deref(), Some("page"));
        assert_eq!(
            group("models/big/vectors.json").as_deref(),
            Some("model big")
        );
        assert_eq!(group("engine/start.js").as_deref(), Some("engine"));
        assert_eq!(
            group("engine/threads/atlas_worker_bg.wasm").as_deref(),
            Some("threads")
        );
        assert_eq!(group("engine/atlas_worker.js").as_deref(), Some("one"));
        for name in [
            "models/small/weights/000.bin",
            "models/small/README.md",
            "service.js",
        ] {
            assert_eq!(group(name), None, "{name}");
        }
    }

    #[test]
    fn another_byte_is_another_version() {
        let site = |hash| BTreeMap::from([("a.js".to_owned(), file(hash))]);
        assert_ne!(version(&site("00")), version(&site("01")));
        assert_eq!(version(&site("00")).len(), 16);
    }

    #[test]
    fn the_list_goes_into_the_script_or_an_error_says_so() {
        let files = BTreeMap::from([("a.js".to_owned(), file("00"))]);
        let script = include_str!("../../../web/service.js");
        let filled = filled(script, &files).unwrap();
        assert!(filled.contains(r#"const FILES = {"a.js":["00",3,"page"]};"#));
        assert!(!filled.contains(VERSION));
        assert!(super::filled("nothing", &files).is_err());
    }
}

//! The experiments that are shipped: every one can be read, and is fed.
#![cfg(not(target_family = "wasm"))]
#![allow(clippy::unwrap_used, reason = "tests")]

use atlas_lab::Spec;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("../../models/lab")
}

#[test]
fn every_shipped_spec_is_sound_and_its_files_are_there() {
    let mut names = vec![];
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "toml") {
            continue;
        }
        let spec = Spec::parse(&std::fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(path.file_stem().unwrap().to_string_lossy(), spec.name);
        for file in spec.files() {
            assert!(folder().join(file).is_file(), "{}: {file}", spec.name);
        }
        for words in [&spec.title, &spec.question, &spec.paper] {
            assert!(!words.trim().is_empty(), "{}", spec.name);
        }
        names.push(spec.name);
    }
    names.sort();
    let expected = [
        "corners",
        "diagonal",
        "implicit",
        "intensity",
        "leverage",
        "preference",
        "speaker",
        "stories",
        "trying",
    ];
    assert_eq!(names, expected);
}

/// What a quick run reads is what vectors are made of, word for word.
#[test]
fn the_sample_of_stories_stands_in_the_corpus() {
    let sample = std::fs::read_to_string(folder().join("stories.jsonl")).unwrap();
    let mut texts = std::collections::BTreeMap::new();
    let mut count = 0;
    for line in sample.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let corpus = line["corpus"].as_str().unwrap().to_owned();
        let stories = texts.entry(corpus.clone()).or_insert_with(|| {
            let path = folder().join(format!("../corpus/{corpus}-stories.jsonl"));
            let all = std::fs::read_to_string(path).unwrap();
            let each = all.lines().map(|l| serde_json::from_str(l).unwrap());
            each.collect::<Vec<serde_json::Value>>()
        });
        let same =
            |s: &serde_json::Value| ["emotion", "topic", "text"].iter().all(|k| s[k] == line[k]);
        assert!(stories.iter().any(same), "{line}");
        count += 1;
    }
    assert_eq!(count, 3 * 12 * 4);
}

#[test]
fn a_spec_that_claims_nothing_or_nonsense_is_refused() {
    let sound = std::fs::read_to_string(folder().join("trying.toml")).unwrap();
    for (from, to, cause) in [
        ("expect = 1", "expect = 0", "`expect` is 1 or -1"),
        ("least = 0.05", "least = -1.0", "not negative"),
        ("kind = \"choice\"", "kind = \"guess\"", "guess"),
        ("random = 20", "random = 20\nrandon = 3", "randon"),
    ] {
        let broken = sound.replacen(from, to, 1);
        assert_ne!(broken, sound);
        let error = Spec::parse(&broken).unwrap_err().to_string();
        assert!(error.contains(cause), "{error}");
    }
}

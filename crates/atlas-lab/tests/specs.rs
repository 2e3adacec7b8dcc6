//! The experiments that are shipped: every one can be read, and is fed.
#![cfg(not(target_family = "wasm"))]
#![allow(clippy::unwrap_used, reason = "tests")]

use atlas_lab::Spec;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/lab")
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

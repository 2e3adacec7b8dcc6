use super::*;
use std::collections::BTreeSet;
use std::path::Path;

fn language(code: &str) -> Texts {
    let file = Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap())
        .join(format!("../text/{code}.json"));
    let text = std::fs::read_to_string(&file).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{code}: {e}"))
}

/// The `{names}` of a text, sorted.
fn names(text: &str) -> Vec<&str> {
    let mut found: Vec<_> = text
        .split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}').map(|(name, _)| name))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Every text of a file, named.
fn all(texts: &Texts) -> BTreeMap<String, &str> {
    let mut all: BTreeMap<String, &str> = texts
        .words
        .iter()
        .map(|(k, v)| (k.clone(), v.as_str()))
        .collect();
    for (i, l) in texts.lessons.iter().enumerate() {
        let parts = [&l.title, &l.words, &l.guess, &l.reveal, &l.task, &l.done];
        for (n, part) in parts.into_iter().chain(&l.options).enumerate() {
            all.insert(format!("lesson {i} part {n}"), part);
        }
    }
    for (i, q) in texts.questions.iter().enumerate() {
        all.insert(format!("question {i}"), &q.ask);
        all.insert(format!("answer {i}"), &q.answer);
    }
    all
}

#[test]
fn every_language_says_everything_and_fills_in_the_same() {
    let english = language("en");
    let english = all(&english);
    for (code, _) in LANGUAGES {
        let other = language(code);
        let other = all(&other);
        let keys = |t: &BTreeMap<String, &str>| t.keys().cloned().collect::<BTreeSet<_>>();
        let (ours, theirs) = (keys(&english), keys(&other));
        let differ: Vec<_> = ours.symmetric_difference(&theirs).collect();
        assert!(differ.is_empty(), "{code}: {differ:?}");
        for (key, text) in &english {
            assert_eq!(names(text), names(other[key]), "{code}: {key}");
            assert!(!other[key].trim().is_empty(), "{code}: {key} is empty");
        }
    }
}

/// All of the page's own sources.
fn sources(folder: &Path, out: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("tests.rs") {
            out.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn every_key_that_is_used_has_words_and_every_one_with_words_is_used() {
    let mut source = String::new();
    sources(
        &Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("src"),
        &mut source,
    );
    let quoted = |start: &str| -> BTreeSet<String> {
        let parts = source.split(start).skip(1);
        parts
            .filter_map(|p| p.trim_start().strip_prefix('"')?.split_once('"'))
            .map(|(key, _)| key.to_owned())
            .collect()
    };
    let used: BTreeSet<_> = quoted(" t(")
        .into_iter()
        .chain(quoted("(t("))
        .chain(quoted("{t("))
        .chain(quoted("=t("))
        .chain(quoted("fill("))
        .collect();
    let words = language("en").words;
    let unknown: Vec<_> = used.iter().filter(|k| !words.contains_key(*k)).collect();
    assert!(unknown.is_empty(), "no words for {unknown:?}");
    let idle: Vec<_> = words
        .keys()
        .filter(|k| !source.contains(&format!("\"{k}\"")))
        .collect();
    assert!(idle.is_empty(), "nobody uses {idle:?}");
}

#[test]
fn names_are_filled_in() {
    assert_eq!(
        filled("{a} of {b}, {a}", &[("a", &1), ("b", &"two")]),
        "1 of two, 1"
    );
}

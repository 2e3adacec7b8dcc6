//! The bag of words: how often each word stands in stories of the twelve emotions shown first.

use crate::{corpus, files, material};
use anyhow::Result;
use atlas_affect::words::{SHOWCASE, index_of};
use atlas_lab::words_of;
use std::collections::BTreeMap;
use std::path::Path;

/// A word that stands in fewer stories tells nothing.
const LEAST: u32 = 3;

/// Counts and writes `words.tsv`.
pub fn write(stories: &Path, lab: &Path) -> Result<()> {
    let paths: Vec<_> = material::CORPORA
        .iter()
        .map(|c| stories.join(c.file))
        .collect();
    let mut counts: BTreeMap<String, [u32; SHOWCASE.len()]> = BTreeMap::new();
    for story in corpus::stories(&paths)? {
        let emotion = usize::from(story.emotion);
        let Some(column) = SHOWCASE.iter().position(|n| index_of(n) == Some(emotion)) else {
            continue;
        };
        for word in words_of(&story.text) {
            counts.entry(word).or_default()[column] += 1;
        }
    }
    let mut out = format!("word\t{}\n", SHOWCASE.join("\t"));
    for (word, row) in counts {
        if row.iter().sum::<u32>() >= LEAST {
            let row: Vec<String> = row.iter().map(ToString::to_string).collect();
            out += &format!("{word}\t{}\n", row.join("\t"));
        }
    }
    files::write(&lab.join("words.tsv"), out.as_bytes())
}

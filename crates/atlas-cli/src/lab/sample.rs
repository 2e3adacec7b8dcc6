//! The sample of stories that a quick run of the experiment on stories reads.

use crate::{corpus, files, material};
use anyhow::Result;
use atlas_affect::words::{SHOWCASE, emotions};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;

/// Topics of each corpus: the first by number.
const TOPICS: usize = 4;

/// Takes it and writes `stories.jsonl`.
pub fn write(stories: &Path, lab: &Path) -> Result<()> {
    let mut out = String::new();
    for corpus in material::CORPORA {
        let mut told: BTreeMap<u32, Vec<corpus::Story>> = BTreeMap::new();
        for story in corpus::stories(&[stories.join(corpus.file)])? {
            told.entry(story.topic).or_default().push(story);
        }
        for story in told.into_values().take(TOPICS).flatten() {
            let emotion = &emotions()[usize::from(story.emotion)].name;
            if SHOWCASE.contains(&emotion.as_str()) {
                let line = json!({ "corpus": corpus.name, "emotion": emotion, "topic": story.topic, "writer": story.writer, "text": story.text });
                out += &format!("{line}\n");
            }
        }
    }
    files::write(&lab.join("stories.jsonl"), out.as_bytes())
}

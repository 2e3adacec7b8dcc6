//! Story files: one JSON object per line.

use anyhow::{Context, Result, ensure};
use atlas_affect::words;
use serde::Deserialize;
use std::path::Path;

/// A story told about an emotion.
pub struct Story {
    /// Position of the emotion in the list of words.
    pub emotion: u16,
    /// Its topic.
    pub topic: u32,
    /// Who wrote it (number by first appearance).
    pub writer: u32,
    /// The story.
    pub text: String,
}

#[derive(Deserialize)]
struct StoryLine {
    emotion: String,
    topic: u32,
    writer: serde_json::Value,
    text: String,
}

#[derive(Deserialize)]
struct NeutralLine {
    text: String,
}

fn lines<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<Vec<T>> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(i, line)| {
            serde_json::from_str(line)
                .with_context(|| format!("{}, line {}", path.display(), i + 1))
        })
        .collect()
}

/// Reads stories.
pub fn stories(paths: &[impl AsRef<Path>]) -> Result<Vec<Story>> {
    let mut writers: Vec<String> = vec![];
    let mut stories = vec![];
    for path in paths {
        let path = path.as_ref();
        for (i, line) in lines::<StoryLine>(path)?.into_iter().enumerate() {
            let emotion = words::index_of(&line.emotion).with_context(|| {
                let name = &line.emotion;
                format!(
                    "{}, line {}: `{name}` is none of the 171 emotions",
                    path.display(),
                    i + 1
                )
            })?;
            let name = line.writer.to_string();
            let writer = writers.iter().position(|w| *w == name).unwrap_or_else(|| {
                writers.push(name);
                writers.len() - 1
            });
            stories.push(Story {
                emotion: u16::try_from(emotion)?,
                topic: line.topic,
                writer: u32::try_from(writer)?,
                text: line.text,
            });
        }
    }
    ensure!(!stories.is_empty(), "the story files are empty");
    Ok(stories)
}

/// Reads passages without feeling.
pub fn neutral(path: &Path) -> Result<Vec<String>> {
    let lines = lines::<NeutralLine>(path)?;
    Ok(lines.into_iter().map(|line| line.text).collect())
}

//! How a model is asked for a story.

use super::topics::{FIRST, TOPICS};
use crate::open::Opened;
use anyhow::{Context, Result};
use atlas_affect::words;
use atlas_lm::Turn;
use serde::Serialize;

/// A story to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// Number of the emotion.
    pub emotion: usize,
    /// Place of the topic in the list.
    pub topic: usize,
    /// How often it was asked for before.
    pub attempt: usize,
}

impl Asked {
    /// The emotion's word.
    pub fn word(self) -> &'static str {
        &words::emotions()[self.emotion].name
    }

    /// The topic's number in a file.
    pub fn number(self) -> Result<u32> {
        Ok(FIRST + u32::try_from(self.topic)?)
    }

    /// Its own random numbers, whoever is written beside it.
    pub fn seed(self, seed: u64) -> u64 {
        ((seed * 100 + self.attempt as u64) * 1000 + self.topic as u64) * 1000 + self.emotion as u64
    }
}

/// The two ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A request, in a chat.
    Chat,
    /// The beginning of a text, which names the emotion; what is kept comes after it.
    Plain,
}

/// What a model is given, as text.
pub fn prompt(opened: &Opened, way: Way, asked: Asked) -> Result<String> {
    let (word, topic) = (asked.word().replace('-', " "), TOPICS[asked.topic]);
    match way {
        Way::Plain => Ok(format!(
            "This is a story about {topic}. Somebody in it felt {word}.\n\n"
        )),
        Way::Chat => {
            let request = format!(
                "Write a short story of five sentences about {topic}. The main character feels {word}. Show the feeling through \
                 what the character does, thinks and says, but never use the word \"{word}\". Write only the story."
            );
            let template = opened.template.as_ref().context("no chat template")?;
            Ok(template.render(&[Turn::user(request)], true)?)
        }
    }
}

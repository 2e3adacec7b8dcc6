//! What can be wrong with the material that vectors are made from.

use thiserror::Error;

/// Why vectors or figures could not be computed.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum AffectError {
    /// Two lists that belong together differ in length.
    #[error("{what}: expected {expected} values, found {found}")]
    Shape {
        /// Which list.
        what: &'static str,
        /// Length it should have.
        expected: usize,
        /// Length it has.
        found: usize,
    },
    /// A list that must not be empty is.
    #[error("{0}: nothing there")]
    Empty(&'static str),
    /// NaN or infinity among the residuals.
    #[error("story {story} has a value that is not a finite number")]
    NotFinite {
        /// Position of the story.
        story: usize,
    },
    /// A story names an emotion beyond the list.
    #[error("emotion number {emotion} is beyond the list of {emotions}")]
    UnknownEmotion {
        /// The number found.
        emotion: u16,
        /// How many emotions there are.
        emotions: usize,
    },
    /// An emotion without any story has no vector.
    #[error("no story tells emotion number {0}")]
    NoStory(usize),
    /// More components were asked for than the space holds.
    #[error("{asked} components asked for, but there can be {most} at most")]
    TooManyComponents {
        /// How many were asked for.
        asked: usize,
        /// How many there can be.
        most: usize,
    },
    /// Options that contradict themselves or the material.
    #[error("{0}")]
    Options(String),
    /// A corpus is named that is not there.
    #[error("there is no corpus `{0}`")]
    UnknownCorpus(String),
    /// A layer is asked for that the material does not hold.
    #[error("there are no means of layer {0}")]
    UnknownLayer(usize),
    /// A table of words cannot be read.
    #[error("{table}, line {line}: {what}")]
    Table {
        /// Which table.
        table: &'static str,
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        what: &'static str,
    },
}

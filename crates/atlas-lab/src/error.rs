//! Why an experiment could not be run.

use atlas_affect::AffectError;
use atlas_lm::{LoadError, RunError};

/// Why an experiment could not be run.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// Whoever watches stopped it.
    #[error("stopped")]
    Stopped,
    /// The spec is no sound one.
    #[error("the experiment `{name}` is not well declared: {what}")]
    Spec {
        /// Its name, where it has one.
        name: String,
        /// What is wrong.
        what: String,
    },
    /// A line of the texts is wrong.
    #[error("line {line} of the texts: {what}")]
    Texts {
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// The vectors lack an emotion.
    #[error("this model has no vector for `{0}`; take another emotion in the experiment's spec")]
    NoEmotion(String),
    /// Too few texts fit the model.
    #[error("{0}")]
    TooFew(String),
    /// A text cannot be tokenised or put into a chat.
    #[error(transparent)]
    Text(#[from] LoadError),
    /// The model failed.
    #[error(transparent)]
    Run(#[from] RunError),
    /// Vectors could not be made or compared.
    #[error(transparent)]
    Affect(#[from] AffectError),
}

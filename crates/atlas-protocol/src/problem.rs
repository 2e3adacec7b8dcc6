//! Everything that can go wrong for a visitor, each with its cause and its cure in plain words.

use serde::{Deserialize, Serialize};

/// A problem in words for people: the one place where they are written. `Display` gives cause and cure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
pub enum Problem {
    /// Nothing to read or continue.
    #[error("There is no text yet. Type a sentence and try again.")]
    EmptyText,
    /// More tokens than the model (or the page) takes.
    #[error(
        "That text is {tokens} tokens long; this model reads up to {limit} here. Shorten it and try again."
    )]
    TooLong {
        /// Its length.
        tokens: u32,
        /// The limit.
        limit: u32,
    },
    /// A file did not arrive.
    #[error(
        "“{file}” could not be fetched ({reason}). Check the connection and press Start again: what has arrived is kept."
    )]
    Fetch {
        /// Its path.
        file: String,
        /// What the browser or the server said.
        reason: String,
    },
    /// A file arrived, but is not the one that was listed.
    #[error(
        "“{file}” arrived damaged ({reason}). Press Start again to fetch it anew; if it stays so, the site's copy is broken."
    )]
    Damaged {
        /// Its path.
        file: String,
        /// How it differs.
        reason: String,
    },
    /// The weights cannot be used.
    #[error("This model cannot be used: {reason}.")]
    Unusable {
        /// Why.
        reason: String,
    },
    /// Memory ran out.
    #[error(
        "There was not enough memory for this model. Close other tabs, or use the light model."
    )]
    OutOfMemory,
    /// Work was asked for before a model was there.
    #[error("No model is running yet. Press Start first.")]
    NotReady,
    /// A chat turn for a model without a chat template.
    #[error("This model continues stories and knows no chat. Choose “story start”.")]
    NoChat,
    /// An emotion or layer that this model's vectors do not have.
    #[error("This model has no {what}. Choose another.")]
    Unknown {
        /// What was asked for.
        what: String,
    },
    /// An experiment cannot be run on this model.
    #[error("This experiment cannot be run here: {reason}.")]
    Experiment {
        /// Why.
        reason: String,
    },
    /// The visitor stopped it.
    #[error("Stopped.")]
    Cancelled,
    /// The engine failed in a way nobody foresaw.
    #[error(
        "The engine stopped unexpectedly ({reason}). Reload the page; your text is kept in the address."
    )]
    Engine {
        /// What it said.
        reason: String,
    },
}

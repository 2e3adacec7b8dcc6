//! The paper's experiments, each a small declared spec plus how to score it.
//!
//! - [`Push`] is what steers one text; [`Span`] draws random vectors to compare it with.
//! - [`Endings`] asks how likely a model finds some endings of a text, steered or not.
//! - [`Diagonal`] asks whether steering an emotion makes its own word likelier than the others' words.
//! - [`Writing`] writes many short texts at once, each steered its own way; [`read_back`] and [`read_through`] read them
//!   unsteered.
//! - [`Lexicon`] says how fluent it is.
//!
//! What is built here runs on `atlas-probe` and never on `atlas-session`, and every steered figure is to be shown
//! beside that of random vectors of the same length.

mod coherence;
mod diagonal;
mod endings;
mod push;
mod reread;
mod span;
mod writing;

pub use coherence::Lexicon;
pub use diagonal::{Diagonal, PROMPTS};
pub use endings::Endings;
pub use push::Push;
pub use reread::{Reread, Written, read_back, read_through};
pub use span::Span;
pub use writing::{Draft, Writing};

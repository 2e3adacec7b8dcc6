//! The paper's experiments, each a small declared spec plus how to score it.
//!
//! - [`Endings`] asks how likely a model finds some endings of a text, steered or not.
//! - [`Diagonal`] asks whether steering an emotion makes its own word likelier than the others' words.
//! - [`Writing`] writes many short texts at once, each steered its own way, and reads them unsteered.
//!
//! What is built here runs on `atlas-probe` and never on `atlas-session`, and every steered figure is to be shown
//! beside that of random vectors of the same length.

mod diagonal;
mod endings;
mod writing;

pub use diagonal::{Diagonal, PROMPTS};
pub use endings::Endings;
pub use writing::Writing;

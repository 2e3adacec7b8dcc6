//! The paper's experiments, each a small declared spec plus how to score it.
//!
//! - [`Push`] is what steers one text; [`Span`] draws random vectors to compare it with.
//! - [`Spec`] is an experiment as declared in `models/lab/*.toml`: what is measured, and what is expected.
//! - [`Experiment`] runs it on a [`Subject`] (a model with its vectors) and judges by the declared claims: [`judge`].
//! - [`Trunk`] runs a prompt once for many [`Pushes`], and asks what may follow it.
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
mod error;
mod experiment;
mod figures;
mod push;
mod pushes;
mod reread;
mod span;
mod spec;
mod subject;
mod trunk;
mod verdict;
mod watch;
mod writing;

pub use coherence::Lexicon;
pub use diagonal::{Diagonal, PROMPTS};
pub use endings::Endings;
pub use error::LabError;
pub use experiment::implicit::words_of;
pub use experiment::{Experiment, Plan, Sources};
pub use push::Push;
pub use pushes::{Pushes, random_weights};
pub use reread::{Reread, Written, read_back, read_through};
pub use span::Span;
pub use spec::{ClaimSpec, Measure, Says, Spec};
pub use subject::{Form, Subject};
pub use trunk::Trunk;
pub use verdict::{LEVEL, RULE, judge};
pub use watch::{Meter, Unwatched, Watch};
pub use writing::{Draft, Writing};

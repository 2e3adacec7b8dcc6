//! What the page and the engine say to each other: one [`Request`] and one [`Event`] type, and the
//! files that list the models.
//!
//! Both sides of a web worker (and both halves of a native program) speak it, so it knows neither
//! an engine nor a DOM. Messages travel as compact bytes:
//!
//! ```
//! use atlas_protocol::{JobId, Request, wire};
//! let bytes = wire::encode(&Request::Cancel { job: JobId(7) });
//! assert_eq!(wire::decode::<Request>(&bytes).unwrap(), Request::Cancel { job: JobId(7) });
//! ```

mod bench;
mod catalogue;
mod event;
mod generation;
pub mod lab;
mod problem;
mod request;
mod stored;
mod why;
pub mod wire;

pub use bench::{BenchPlan, BenchReport};
pub use catalogue::{Catalogue, CatalogueEntry, FileEntry, ModelManifest, SelfTest, WeightsFormat};
pub use event::{BackendReport, Event, ModelReport, Reading, Stage, Stop};
pub use generation::{
    Candidate, Choice, Exchange, Generation, Method, Push, Sample, Sampling, Side, Span, Steer,
};
pub use lab::{
    Bar, Claim, Drawing, Figure, LabFile, LabResult, LabSize, LabText, NullBand, Series, Verdict,
};
pub use problem::Problem;
pub use request::{BackendChoice, JobId, Request, Setting, Slot};
pub use stored::{Examples, StoredRun};
pub use why::Why;

/// Name of the browser's cache that holds model files, under [`cache_key`].
pub const CACHE_NAME: &str = "emotion-atlas-v1";

/// Where a file lies in the cache: its absolute URL with its hash, so that a new version is a new entry.
#[must_use]
pub fn cache_key(absolute_url: &str, sha256: &str) -> String {
    format!("{absolute_url}?sha256={sha256}")
}

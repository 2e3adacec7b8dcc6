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

mod catalogue;
mod event;
mod problem;
mod request;
mod stored;
pub mod wire;

pub use catalogue::{Catalogue, CatalogueEntry, FileEntry, ModelManifest, SelfTest, WeightsFormat};
pub use event::{BackendReport, Event, ModelReport, Reading, Side, Stage, Stop};
pub use problem::Problem;
pub use request::{BackendChoice, JobId, Push, Request, Sampling, Setting};
pub use stored::{Examples, StoredRun};

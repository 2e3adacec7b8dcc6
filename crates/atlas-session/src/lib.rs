//! The engine's side of [`atlas_protocol`]: requests in, events out, the same in a browser's worker,
//! in the command line program and in tests.
//!
//! A [`Session`] holds at most one running model. Everything that differs between those places (files,
//! clock, event loop) is behind [`Host`]:
//!
//! ```no_run
//! use atlas_protocol::{BackendChoice, JobId, Request};
//! use atlas_session::{FolderHost, Session};
//! # async fn run() {
//! let host = FolderHost::new("models", |event| { let _ = event; });
//! let mut session = Session::new(host);
//! let model = "atlas-lite".to_owned();
//! session.handle(Request::Load { job: JobId(1), model, backend: BackendChoice::Cpu }).await;
//! # }
//! ```
//!
//! Jobs run one after another; whoever calls [`Session::handle`] keeps the queue. `Cancel` is heard
//! through [`Host::cancelled`], between two pieces of a download, two blocks of a reading or two tokens.

mod bench;
mod files;
mod generate;
mod host;
mod load;
#[cfg(not(target_family = "wasm"))]
mod native;
#[cfg(not(target_family = "wasm"))]
mod pack;
mod prompt;
mod read;
mod self_test;
mod session;
mod warm;
mod words;

pub use host::Host;
#[cfg(not(target_family = "wasm"))]
pub use native::FolderHost;
#[cfg(not(target_family = "wasm"))]
pub use pack::{MANIFEST, write_manifest};
pub use session::Session;
pub use words::panicked;

//! The page without a network: its service worker, what the browser keeps, and how that is freed.
//!
//! The worker itself is `web/service.js`. Here it is registered, told to keep what has proved useful, and its updates
//! are announced; nothing is ever exchanged under a visitor.

mod announce;
mod storage;
mod worker;

use std::time::Duration;

use leptos::prelude::*;

use crate::stages::at_last;
use crate::state::{Atlas, Phase};

pub use announce::Announce;
pub use storage::Storage;

/// The engine is kept this long after it started to run: the first text comes first.
const REST: Duration = Duration::from_secs(2);

/// Where an update stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Newer {
    /// There is none.
    #[default]
    None,
    /// A new version lies ready.
    Ready,
    /// It waits for so many other tabs of the old one.
    Others(u32),
}

/// What the parts of this module share.
#[derive(Clone, Copy, Debug)]
pub struct Offline {
    /// Whether there is a new version.
    pub update: RwSignal<Newer>,
    /// Counts what was kept or freed, so that what is shown is counted again.
    pub changes: RwSignal<u32>,
}

/// Registers the service worker (not inside another site's frame, where it would keep a second copy) and follows it.
#[must_use]
pub fn start() -> Offline {
    let offline = Offline {
        update: RwSignal::new(Newer::None),
        changes: RwSignal::new(0),
    };
    if !crate::embed::framed() {
        at_last(move || worker::register(offline));
    }
    offline
}

/// Keeps the engine and the model's map once they have run.
pub fn keep_what_runs(atlas: Atlas) {
    Effect::new(move |_| {
        let (phase, backend) = (atlas.phase.get(), atlas.backend.get());
        let (Phase::Ready, Some(backend)) = (phase, backend) else {
            return;
        };
        let threads = !backend.gpu && backend.name.contains("threads");
        let build = if threads { "threads" } else { "one" };
        let model = format!("model {}", atlas.model.get_untracked());
        set_timeout(move || worker::keep(&["engine", build, &model]), REST);
    });
}

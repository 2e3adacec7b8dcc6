//! `?bench`: how fast a model runs in this browser, for anyone to measure and to tell.
//!
//! A view of its own in place of the map, with an engine of its own. The query may name what is measured:
//! `?bench&model=atlas-lite&threads=1&prompt=100&decode=32&rounds=1&backend=cpu&plain`; `plain` writes plainly only.

mod plan;
mod run;
mod say;
mod view;

pub use view::show;

use atlas_protocol::{BackendReport, BenchReport, Catalogue};
use leptos::prelude::*;

use crate::engine::Engine;
use crate::library::{self, Missing};
use plan::Query;

/// How far a measurement is.
#[derive(Clone, Debug, PartialEq)]
enum Step {
    /// Nothing was asked for yet, or it was stopped.
    Idle,
    /// The model is being fetched or prepared: what is done, and its share.
    Loading(&'static str, f64),
    /// It is being measured: the share that is done.
    Measuring(f64),
    /// Here it is.
    Done(Found),
    /// It did not work.
    Failed(String),
}

impl Step {
    /// For `data-state`.
    const fn name(&self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Loading(..) => "loading",
            Self::Measuring(_) => "measuring",
            Self::Done(_) => "done",
            Self::Failed(_) => "failed",
        }
    }

    const fn busy(&self) -> bool {
        matches!(self, Self::Loading(..) | Self::Measuring(_))
    }
}

/// What was measured, and on what.
#[derive(Clone, Debug, PartialEq)]
struct Found {
    model: String,
    backend: BackendReport,
    report: BenchReport,
}

/// The state of the view. Copying it copies handles.
#[derive(Clone, Copy)]
struct Bench {
    catalogue: StoredValue<Catalogue>,
    query: Query,
    /// Folder of the model to measure.
    model: RwSignal<String>,
    step: RwSignal<Step>,
    /// What was loaded, and on what it runs.
    loaded: RwSignal<Option<(String, BackendReport)>>,
    engine: StoredValue<Engine, LocalStorage>,
}

impl Bench {
    fn name_of(&self, id: &str) -> String {
        self.catalogue.with_value(|c| {
            let entry = c.models.iter().find(|m| m.id == id);
            entry.map_or_else(|| id.to_owned(), |m| m.name.clone())
        })
    }
}

/// Whether the address asks for this view.
#[must_use]
pub fn wanted() -> bool {
    Query::is_wanted(&search())
}

fn search() -> String {
    window().location().search().unwrap_or_default()
}

/// The models there are, for [`show`].
///
/// # Errors
/// When the list does not arrive.
pub async fn load() -> Result<Catalogue, Missing> {
    library::catalogue().await
}

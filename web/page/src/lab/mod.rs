//! `?lab`: the paper's experiments. What was found on each model stands side by side; each can be run again here.
//!
//! A view of its own in place of the map, with an engine of its own, as `?bench` is. `?lab&model=atlas-lite` chooses
//! the model that runs, `&seed=2` another seed.

mod draw;
mod result;
mod run;
mod view;

pub use view::show;

use atlas_protocol::{Catalogue, LabFile, LabResult};
use leptos::prelude::*;

use crate::engine::Engine;
use crate::library::{self, Missing};

/// The models, and what is stored of each.
pub struct Stored {
    catalogue: Catalogue,
    files: Vec<LabFile>,
}

/// How far a run is.
#[derive(Clone, Debug, PartialEq)]
enum Step {
    /// Nothing was asked for yet, or it is over.
    Idle,
    /// The model is being fetched or prepared: what is done, and its share.
    Loading(&'static str, f64),
    /// It is run: the share that is done, and how long all of it takes, in words.
    Running(f64, String),
    /// It did not work.
    Failed(String),
}

impl Step {
    /// For `data-state`.
    const fn name(&self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Loading(..) => "loading",
            Self::Running(..) => "running",
            Self::Failed(_) => "failed",
        }
    }

    const fn busy(&self) -> bool {
        matches!(self, Self::Loading(..) | Self::Running(..))
    }
}

/// A result on a model.
#[derive(Clone, Debug, PartialEq)]
struct Found {
    model: String,
    result: LabResult,
    /// Run here just now, and not stored.
    live: bool,
}

/// The state of the view. Copying it copies handles.
#[derive(Clone, Copy)]
struct Lab {
    catalogue: StoredValue<Catalogue>,
    /// Every result, the stored ones and those run here.
    found: RwSignal<Vec<Found>>,
    /// The model that runs.
    model: RwSignal<String>,
    seed: u32,
    step: RwSignal<Step>,
    /// The experiment that is run, or was last.
    chosen: RwSignal<Option<String>>,
    /// What is known before everything is.
    rows: RwSignal<Vec<(String, String)>>,
    /// The model in the engine.
    loaded: RwSignal<Option<String>>,
    engine: StoredValue<Engine, LocalStorage>,
}

impl Lab {
    /// The latest result of an experiment on a model.
    fn latest(&self, model: &str, experiment: &str) -> Option<Found> {
        let is = |f: &&Found| f.model == model && f.result.experiment == experiment;
        self.found.with(|all| all.iter().rev().find(is).cloned())
    }
}

/// Whether the address asks for this view.
#[must_use]
pub fn wanted() -> bool {
    parts(&search()).any(|(key, _)| key == "lab")
}

fn search() -> String {
    window().location().search().unwrap_or_default()
}

fn parts(search: &str) -> impl Iterator<Item = (&str, &str)> {
    let parts = search.trim_start_matches('?').split('&');
    parts.map(|part| part.split_once('=').unwrap_or((part, "")))
}

/// The models and what is stored of each, for [`show`].
///
/// # Errors
/// When the list of models does not arrive.
pub async fn load() -> Result<Stored, Missing> {
    let catalogue = library::catalogue().await?;
    let mut files = vec![];
    for entry in &catalogue.models {
        files.extend(library::lab(&entry.id).await);
    }
    Ok(Stored { catalogue, files })
}

/// Experiments in the order in which they are shown: those that are easiest to grasp first, others behind them.
fn order(found: &[Found]) -> Vec<(String, String)> {
    const FIRST: [&str; 4] = ["implicit", "diagonal", "preference", "intensity"];
    let mut all: Vec<(String, String)> = vec![];
    for Found { result, .. } in found {
        if all.iter().all(|(name, _)| *name != result.experiment) {
            all.push((result.experiment.clone(), result.title.clone()));
        }
    }
    let place = |name: &str| FIRST.iter().position(|f| *f == name).unwrap_or(FIRST.len());
    all.sort_by(|a, b| place(&a.0).cmp(&place(&b.0)).then(a.0.cmp(&b.0)));
    all
}

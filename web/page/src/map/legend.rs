//! The clusters below the map, each a switch.

use std::sync::Arc;

use atlas_affect::card::VectorsCard;
use leptos::prelude::*;

use super::clusters::{CLUSTERS, Glyph};

/// The clusters; pressing one isolates it, pressing it again shows all.
#[component]
pub fn Legend(
    card: Signal<Arc<VectorsCard>>,
    only: RwSignal<Option<&'static str>>,
) -> impl IntoView {
    let entry = move |name: &'static str| {
        let count = move || card.with(|c| c.emotions.iter().filter(|e| e.cluster == name).count());
        view! {
            <button
                aria-pressed=move || (only.get() == Some(name)).to_string()
                class:off=move || only.get().is_some_and(|c| c != name)
                title=move || format!("{} emotion{}", count(), if count() == 1 { "" } else { "s" })
                hidden=move || count() == 0
                on:click=move |_| only.update(|c| *c = if *c == Some(name) { None } else { Some(name) })
            >
                <Glyph cluster=name size=12.0 />
                {name}
            </button>
        }
    };
    view! {
        <div class="legend" id="legend" role="group" aria-label="Clusters">
            {CLUSTERS.iter().map(|c| entry(c.name)).collect_view()}
        </div>
    }
}

//! The groups: the paper's, or as many as wanted, found in this model's vectors.

use std::sync::Arc;

use leptos::prelude::*;

use crate::state::atlas;
use crate::text::{fill, t};

use super::super::grouping::Grouping;
use super::super::legend::Legend;
use super::FileState;

/// As many as the paper found.
const AT_FIRST: u8 = 10;

/// The groups, and what makes them.
#[component]
pub fn Groups(
    /// By what the points are coloured.
    grouping: Signal<Arc<Grouping>>,
    /// The group that is isolated.
    only: RwSignal<Option<usize>>,
) -> impl IntoView {
    let atlas = atlas();
    let found = atlas.map.found;
    // What the slider stood at before the paper's clusters were asked for.
    let last = StoredValue::new(found.get_untracked().unwrap_or(AT_FIRST));
    let set = move |to: Option<u8>| {
        if to != found.get_untracked() {
            only.set(None);
            found.set(to);
        }
    };
    let slide = move |ev| {
        if let Ok(k) = event_target_value(&ev).parse::<u8>() {
            last.set_value(k);
            set(Some(k));
        }
    };
    let name = Callback::new(move |e| untrack(move || atlas.name_of(e)));
    let layer = move || atlas.card.with(|c| c.layer);
    view! {
        <div class="kbar num">
            <button class="link" aria-pressed=move || found.get().is_none().to_string() on:click=move |_| set(None)>{t("map.groups.paper")}</button>
            <label title=move || fill("map.groups.hint", &[("layer", &layer())])>
                <button class="link" id="kfound" aria-pressed=move || found.get().is_some().to_string() on:click=move |_| set(Some(last.get_value()))>
                    {t("map.groups.found")}
                </button>
                <input type="range" id="k" class="plain-slider" min="2" max="20" step="1" aria-label=t("map.groups.count")
                    prop:value=move || found.get().unwrap_or_else(|| last.get_value()).to_string() on:input=slide />
                <b>{move || found.get().map(|k| k.to_string())}</b>
            </label>
        </div>
        <Show when=move || found.get().is_some()>
            <FileState />
        </Show>
        <Legend grouping name only />
    }
}

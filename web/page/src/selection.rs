//! The selected emotion: its name, its cluster, its neighbours, and the way into the Steer rack.

use leptos::prelude::*;

use crate::icons::{Icon, PLUS, TICK};
use crate::map::Glyph;
use crate::search::Search;
use crate::state::atlas;

/// Neighbours that are named.
const NEAR: usize = 5;

/// The line above the map.
#[component]
pub fn Selection() -> impl IntoView {
    let atlas = atlas();
    let entry = Memo::new(move |_| {
        let at = atlas.selected.get();
        atlas
            .card
            .with(|c| {
                c.emotions
                    .get(at)
                    .map(|e| (e.name.clone(), e.cluster.clone()))
            })
            .unwrap_or_default()
    });
    let near = Memo::new(move |_| {
        let (at, layer) = (atlas.selected.get(), atlas.layer.get().index());
        atlas.card.with(|c| {
            let row = c.geometry.get(layer).and_then(|g| g.near.get(at));
            row.into_iter()
                .flatten()
                .take(NEAR)
                .map(|n| usize::from(*n))
                .collect::<Vec<_>>()
        })
    });
    let in_rack = Memo::new(move |_| {
        let at = atlas.selected.get();
        atlas.rack.with(|r| r.iter().any(|i| i.emotion == at))
    });
    let spoken = move || {
        let name = entry.get().0;
        if in_rack.get() {
            format!("{name} is in the Steer rack; take it out")
        } else {
            format!("Add {name} to the Steer rack")
        }
    };
    view! {
        <section class="sel" aria-label="Selected emotion">
            <div class="sel__word">
                <div class="sel__name" id="selname" aria-live="polite">
                    {move || view! { <Glyph cluster=entry.get().1 size=17.0 /> }}
                    <span class="sel__text">{move || entry.get().0}</span>
                    <small>{move || entry.get().1}</small>
                </div>
                <div class="sel__near" id="selnear">
                    <span class="lab">"Nearest "</span>
                    {move || near.get().into_iter().map(|n| view! { <Pick emotion=n /> }).collect_view()}
                </div>
            </div>
            <div class="sel__do">
                <button class="btn" id="add" aria-label=spoken aria-pressed=move || in_rack.get().to_string()
                    on:click=move |_| atlas.toggle_rack(atlas.selected.get_untracked())>
                    <Icon d=Signal::derive(move || if in_rack.get() { TICK } else { PLUS }) />
                    <span class="add-lbl">{move || if in_rack.get() { "In Steer" } else { "Steer it" }}</span>
                </button>
                <Search />
            </div>
        </section>
    }
}

/// An emotion's name that selects it.
#[component]
pub fn Pick(
    /// Index in the card.
    emotion: usize,
) -> impl IntoView {
    let atlas = atlas();
    view! {
        <button class="link" on:click=move |ev| {
            ev.stop_propagation();
            atlas.selected.set(emotion);
        }>{untrack(move || atlas.name_of(emotion))}</button>
    }
}

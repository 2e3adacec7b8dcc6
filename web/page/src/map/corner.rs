//! The buttons on the sheet: the path of the text on the left, zoom on the right.

use std::sync::Arc;

use leptos::prelude::*;

use crate::text::{fill, t};

use super::TextPath;
use super::player::Player;
use super::view::View;

/// All of them.
#[component]
pub fn Corner(
    /// Zoom and pan.
    view: RwSignal<View>,
    /// The path, if it is known on this plane.
    path: Signal<Option<Arc<TextPath>>>,
    /// Whether it is drawn.
    show_path: RwSignal<bool>,
    /// The last token that the player has passed.
    played: RwSignal<Option<usize>>,
    /// The scale it is drawn at.
    words: RwSignal<&'static str>,
) -> impl IntoView {
    let pathless = move || path.get().is_none_or(|p| p.stops.is_empty());
    let press = move |_| {
        show_path.update(|s| *s = !*s);
        if !show_path.get_untracked() {
            played.set(None);
        }
    };
    let zoom = move |factor: f32| view.update(|v| *v = v.zoomed_in_place(factor));
    view! {
        // Keeps its room while there is no path, so that the map does not jump when one comes.
        <div class="pathbtn" style:visibility=move || if pathless() { "hidden" } else { "" }>
            <button
                id="pathbtn"
                aria-pressed=move || show_path.get().to_string()
                title=move || fill("map.path-hint", &[("scale", &words.get())])
                on:click=press
            >
                <svg viewBox="0 0 26 14" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.5">
                    <path d="M4 10C9 2 15 13 22 4"></path>
                    <circle cx="4" cy="10" r="2.8" fill="var(--paper-raised)"></circle>
                    <circle cx="22" cy="4" r="2.8" fill="currentColor"></circle>
                </svg>
                <span>{t("map.path")} " "<small>{move || words.get()}</small></span>
            </button>
            <Show when=move || show_path.get()>
                <Player path played />
            </Show>
        </div>
        <div class="zoom">
            <ZoomButton id="zin" label=t("map.zoom-in") icon="M9 4v10M4 9h10" press=move || zoom(1.6) />
            <ZoomButton id="zout" label=t("map.zoom-out") icon="M4 9h10" press=move || zoom(1.0 / 1.6) />
            <ZoomButton
                id="zfit"
                label=t("map.whole")
                icon="M3 6.5V3h3.5M11.5 3H15v3.5M15 11.5V15h-3.5M6.5 15H3v-3.5"
                press=move || view.set(View::default())
            />
        </div>
    }
}

/// One of the three buttons on the right.
#[component]
fn ZoomButton(
    id: &'static str,
    label: &'static str,
    icon: &'static str,
    press: impl Fn() + 'static,
) -> impl IntoView {
    view! {
        <button id=id aria-label=label title=label on:click=move |_| press()>
            <svg class="ico" viewBox="0 0 18 18" aria-hidden="true">
                <path d=icon></path>
            </svg>
        </button>
    }
}

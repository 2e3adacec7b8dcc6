//! Above the sheet: what is drawn, and on which axes; and the layer's slider.

use atlas_units::Layer;
use leptos::prelude::*;

use crate::roving;
use crate::state::atlas;

use super::plane::{COMPONENTS, Plane};
use super::state::Face;

/// One way to draw the emotions, as the bar offers it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Components,
    Umap,
    Ratings,
    Matrix,
}

impl Kind {
    const ALL: [(Self, &'static str, &'static str); 4] = [
        (
            Self::Components,
            "Components",
            "Principal components of this model's vectors (PCA)",
        ),
        (
            Self::Umap,
            "UMAP",
            "A layout that keeps near emotions near; its axes mean nothing",
        ),
        (
            Self::Ratings,
            "Ratings",
            "Where people put these words: how pleasant, how excited",
        ),
        (
            Self::Matrix,
            "Matrix",
            "How alike every two emotions are, in the order of their tree",
        ),
    ];

    const fn of(face: Face) -> Self {
        match face {
            Face::Plane(Plane::Components { .. }) => Self::Components,
            Face::Plane(Plane::Umap) => Self::Umap,
            Face::Plane(Plane::Rated) => Self::Ratings,
            Face::Matrix => Self::Matrix,
        }
    }

    fn face(self) -> Face {
        match self {
            Self::Components => Face::Plane(Plane::default()),
            Self::Umap => Face::Plane(Plane::Umap),
            Self::Ratings => Face::Plane(Plane::Rated),
            Self::Matrix => Face::Matrix,
        }
    }
}

/// The bar.
#[component]
pub fn Bar() -> impl IntoView {
    let face = atlas().map.face;
    let kind = Memo::new(move |_| Kind::of(face.get()));
    let choice = move |(own, name, title): (Kind, &'static str, &'static str)| {
        let on = move || kind.get() == own;
        view! {
            <button role="radio" aria-checked=move || on().to_string() tabindex=move || if on() { "0" } else { "-1" }
                title=title data-face=name.to_lowercase()
                on:click=move |_| if kind.get_untracked() != own { face.set(own.face()) }>
                {name}
            </button>
        }
    };
    view! {
        <div class="mapbar">
            <div class="faces" role="radiogroup" aria-label="What the map shows" on:keydown=move |ev| roving::arrows(&ev)>
                {Kind::ALL.into_iter().map(choice).collect_view()}
            </div>
            <Show when=move || kind.get() == Kind::Components>
                <Axes />
            </Show>
        </div>
    }
}

/// Which two components.
#[component]
fn Axes() -> impl IntoView {
    let face = atlas().map.face;
    let now = move || match face.get() {
        Face::Plane(Plane::Components { across, up }) => (across, up),
        _ => (0, 1),
    };
    let pick = move |own: fn((usize, usize)) -> usize,
                     id: &'static str,
                     spoken: &'static str,
                     first: bool| {
        let choose = move |ev| {
            let Ok(new) = event_target_value(&ev).parse::<usize>() else {
                return;
            };
            let (across, up) = untrack(now);
            // The one that is taken from the other axis goes there in exchange.
            let (across, up) = match first {
                true if new == up => (new, across),
                true => (new, up),
                false if new == across => (up, new),
                false => (across, new),
            };
            face.set(Face::Plane(Plane::Components { across, up }));
        };
        view! {
            <select class="select" id=id aria-label=spoken title=spoken prop:value=move || own(now()).to_string() on:change=choose>
                {(0..COMPONENTS)
                    .map(|pc| view! { <option value=pc.to_string() selected=move || own(now()) == pc>{(pc + 1).to_string()}</option> })
                    .collect_view()}
            </select>
        }
    };
    view! {
        <span class="axes num">
            {pick(|a| a.0, "pcx", "Component from left to right", true)}
            <span aria-hidden="true">"\u{d7}"</span>
            {pick(|a| a.1, "pcy", "Component from bottom to top", false)}
        </span>
    }
}

/// The layer, for the screens where the text's own slider is out of sight.
#[component]
pub fn Depth() -> impl IntoView {
    let atlas = atlas();
    let last = move || atlas.card.with(|c| c.geometry.len().saturating_sub(1));
    let slide = move |ev| {
        if let Ok(layer) = event_target_value(&ev).parse::<u16>() {
            atlas.layer.set(Layer::new(layer));
        }
    };
    view! {
        <label class="depth num">
            "Layer"
            <input type="range" id="maplayer" class="plain-slider" min="0" max=last step="1"
                prop:value=move || { last(); atlas.layer.get().to_string() }
                aria-label="Layer of the map" aria-valuetext=move || format!("layer {} of {}", atlas.layer.get(), last()) on:input=slide />
            <span>{move || atlas.layer.get().to_string()}</span>
        </label>
    }
}

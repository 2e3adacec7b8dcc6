//! Above the sheet: what is drawn, and on which axes; and the layer's slider.

use atlas_units::Layer;
use leptos::prelude::*;

use crate::roving;
use crate::state::atlas;
use crate::text::{fill, t};

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
    /// Each with its id, and the keys of its name and of what it is.
    const ALL: [(Self, [&'static str; 3]); 4] = [
        (
            Self::Components,
            [
                "components",
                "map.faces.components",
                "map.faces.components-hint",
            ],
        ),
        (
            Self::Umap,
            ["umap", "map.faces.umap", "map.faces.umap-hint"],
        ),
        (
            Self::Ratings,
            ["ratings", "map.faces.ratings", "map.faces.ratings-hint"],
        ),
        (
            Self::Matrix,
            ["matrix", "map.faces.matrix", "map.faces.matrix-hint"],
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
    let choice = move |(own, [id, name, hint]): (Kind, [&'static str; 3])| {
        let on = move || kind.get() == own;
        view! {
            <button role="radio" aria-checked=move || on().to_string() tabindex=move || if on() { "0" } else { "-1" }
                title=t(hint) data-face=id
                on:click=move |_| if kind.get_untracked() != own { face.set(own.face()) }>
                {t(name)}
            </button>
        }
    };
    view! {
        <div class="mapbar">
            <div class="faces" role="radiogroup" aria-label=t("map.faces") on:keydown=move |ev| roving::arrows(&ev)>
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
            {pick(|a| a.0, "pcx", t("map.pc-across"), true)}
            <span aria-hidden="true">"\u{d7}"</span>
            {pick(|a| a.1, "pcy", t("map.pc-up"), false)}
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
            {t("layer")}
            <input type="range" id="maplayer" class="plain-slider" min="0" max=last step="1"
                prop:value=move || { last(); atlas.layer.get().to_string() }
                aria-label=t("map.layer") aria-valuetext=move || fill("layer.spoken", &[("layer", &atlas.layer.get()), ("last", &last())]) on:input=slide />
            <span>{move || atlas.layer.get().to_string()}</span>
        </label>
    }
}

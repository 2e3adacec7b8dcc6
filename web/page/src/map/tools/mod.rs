//! Under the map: groups, comparison, sums, words, and the other model. One is open at a time.

mod compare;
mod groups;
mod models;
mod sum;
mod terms;
mod words;

use std::sync::Arc;

use leptos::prelude::*;

use crate::roving;
use crate::state::atlas;
use crate::text::t;

use super::bar::Depth;
use super::grouping::Grouping;
use super::state::{Fetched, Tool};

use compare::Compare;
use groups::Groups;
use models::Models;
use sum::Sum;
use words::Words;

pub use sum::nearest;

const ALL: [(Tool, &str, &str); 5] = [
    (Tool::Groups, "map.tools.groups", "groups"),
    (Tool::Compare, "map.tools.compare", "compare"),
    (Tool::Sum, "map.tools.sum", "sum"),
    (Tool::Words, "map.tools.words", "words"),
    (Tool::Models, "map.tools.models", "models"),
];

/// The tools.
#[component]
pub fn Tools(
    /// By what the points are coloured.
    grouping: Signal<Arc<Grouping>>,
    /// The group that is isolated.
    only: RwSignal<Option<usize>>,
    /// Drags draw a lasso.
    lasso: RwSignal<bool>,
    /// Share of the other model's spread that does not match.
    left: Signal<Option<f64>>,
) -> impl IntoView {
    let open = atlas().map.tool;
    let tab = move |(own, name, key): (Tool, &'static str, &'static str)| {
        let on = move || open.get() == own;
        view! {
            <button role="tab" id=format!("tool-{key}") aria-controls="tool" aria-selected=move || on().to_string()
                tabindex=move || if on() { "0" } else { "-1" } on:click=move |_| open.set(own)>
                {t(name)}
            </button>
        }
    };
    let labelled = move || {
        let key = ALL.iter().find(|t| t.0 == open.get()).map_or("", |t| t.2);
        format!("tool-{key}")
    };
    view! {
        <div class="tools">
            <div class="tools__head">
                <div class="tools__tabs" role="tablist" aria-label=t("map.tools") on:keydown=move |ev| roving::arrows(&ev)>
                    {ALL.into_iter().map(tab).collect_view()}
                </div>
                <Depth />
            </div>
            <div class="tools__body" id="tool" role="tabpanel" aria-labelledby=labelled>
                {move || match open.get() {
                    Tool::Groups => view! { <Groups grouping only /> }.into_any(),
                    Tool::Compare => view! { <Compare lasso /> }.into_any(),
                    Tool::Sum => view! { <Sum /> }.into_any(),
                    Tool::Words => view! { <Words /> }.into_any(),
                    Tool::Models => view! { <Models left /> }.into_any(),
                }}
            </div>
        </div>
    }
}

/// Says that the map's file is on its way, or why it is not there; nothing once it is.
#[component]
fn FileState() -> impl IntoView {
    let file = atlas().map.file;
    move || match file.get() {
        Fetched::Coming => {
            Some(view! { <p class="quiet" role="status">{t("map.fetching")}</p> }.into_any())
        }
        Fetched::Missing(words) => {
            Some(view! { <p class="problem" role="alert">{words}</p> }.into_any())
        }
        Fetched::No | Fetched::Here(_) => None,
    }
}

/// An emotion with its cosine, as a button that selects it.
#[component]
fn Scored(
    /// The emotion.
    emotion: usize,
    /// Its cosine.
    cosine: f32,
) -> impl IntoView {
    let atlas = atlas();
    view! {
        <li>
            <button class="link" on:click=move |_| atlas.selected.set(emotion)>{untrack(move || atlas.name_of(emotion))}</button>
            <span class="num">{signed(cosine)}</span>
        </li>
    }
}

/// A cosine as it is written on the page.
#[must_use]
pub fn signed(cosine: f32) -> String {
    let sign = if cosine < -0.005 { "\u{2212}" } else { "" };
    format!("{sign}{:.2}", cosine.abs())
}

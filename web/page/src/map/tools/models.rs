//! Another model's map beside this one.

use leptos::prelude::*;

use crate::state::atlas;
use crate::text::{fill, t};

use super::super::state::{Face, Fetched};

/// Which model, and how well its map fits.
#[component]
pub fn Models(
    /// Share of the other model's spread that does not match.
    left: Signal<Option<f64>>,
) -> impl IntoView {
    let atlas = atlas();
    let state = atlas.map;
    let others = move || {
        let own = atlas.model.get();
        atlas.catalogue.with(|c| {
            c.models
                .iter()
                .filter(|m| m.id != own)
                .map(|m| (m.id.clone(), m.name.clone()))
                .collect::<Vec<_>>()
        })
    };
    let choose = move |ev| {
        let id = event_target_value(&ev);
        state.beside.set((!id.is_empty()).then_some(id));
        if state.face.get_untracked() == Face::Matrix {
            state.face.set(Face::default());
        }
    };
    let option = move |(id, name): (String, String)| {
        let own = id.clone();
        view! { <option value=id selected=move || state.beside.get().as_ref() == Some(&own)>{name}</option> }
    };
    let say = move || match state.other.get() {
        Fetched::No => t("map.models.why").to_owned(),
        Fetched::Coming => t("map.fetching").to_owned(),
        Fetched::Missing(words) => words,
        Fetched::Here(other) => match left.get() {
            Some(left) => fill(
                "map.models.fit",
                &[
                    ("name", &other.name),
                    ("percent", &format_args!("{:.0}", (1.0 - left) * 100.0)),
                ],
            ),
            None => fill("map.models.none", &[("name", &other.name)]),
        },
    };
    view! {
        <div class="sumbar">
            <label for="beside">{t("map.models.beside")}</label>
            <select class="select" id="beside" on:change=choose>
                <option value="" selected=move || state.beside.get().is_none()>{t("map.models.no-other")}</option>
                {move || others().into_iter().map(option).collect_view()}
            </select>
        </div>
        <p id="besidesay" role="status">{say}</p>
    }
}

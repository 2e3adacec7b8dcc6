//! A few emotions together: what lies near all of them, what opposite, and how far they are spread.

use leptos::prelude::*;

use crate::icons::{CROSS, Icon};
use crate::state::atlas;
use crate::text::{fill, t};

use super::super::state::Term;
use super::sum::nearest;
use super::{FileState, Scored, signed};

/// Emotions named on each side.
const NAMED: usize = 4;
/// Chips shown before the others are counted only.
const CHIPS: usize = 8;

/// The comparison.
#[component]
pub fn Compare(
    /// Drags draw a lasso.
    lasso: RwSignal<bool>,
) -> impl IntoView {
    let atlas = atlas();
    let state = atlas.map;
    let selected = move || atlas.selected.get();
    let within = move || state.set.with(|s| s.contains(&selected()));
    let chip = move |emotion: usize| {
        let name = untrack(move || atlas.name_of(emotion));
        let out = fill("map.compare.out-of", &[("name", &name)]);
        view! {
            <li>
                <button class="link" on:click=move |_| atlas.selected.set(emotion)>{name}</button>
                <button class="x" aria-label=out on:click=move |_| state.toggle(emotion)>
                    <Icon d=CROSS />
                </button>
            </li>
        }
    };
    let chips = move || {
        let set = state.set.get();
        let more = set.len().saturating_sub(CHIPS);
        view! {
            {set.into_iter().take(CHIPS).map(chip).collect_view()}
            {(more > 0).then(|| view! { <li class="quiet">{fill("map.compare.more", &[("n", &more)])}</li> })}
        }
    };
    let side = |title: &'static str, list: Vec<(usize, f32)>, id: &'static str| {
        view! {
            <div class="cmp__side">
                <span class="lab">{title}</span>
                <ol class="scored" id=id>
                    {list.into_iter().map(|(emotion, cosine)| view! { <Scored emotion cosine /> }).collect_view()}
                </ol>
            </div>
        }
    };
    let result = move || {
        let set = state.set.get();
        if set.len() < 2 {
            return view! {
                <p class="quiet">
                    {t("map.compare.how")}
                </p>
            }
            .into_any();
        }
        let Some(file) = state.file.with(|f| f.here()) else {
            return view! { <FileState /> }.into_any();
        };
        let all: Vec<Term> = set.iter().map(|e| (*e, 1.0)).collect();
        let against: Vec<Term> = set.iter().map(|e| (*e, -1.0)).collect();
        let near = nearest(&file.cosines, &all, NAMED).unwrap_or_default();
        let far: Vec<(usize, f32)> = nearest(&file.cosines, &against, NAMED)
            .unwrap_or_default()
            .into_iter()
            .map(|(e, c)| (e, -c))
            .collect();
        let spread = file.cosines.spread(&set).map(|s| {
            let (a, b) = s.least;
            fill(
                "map.compare.spread",
                &[
                    ("count", &set.len()),
                    ("mean", &signed(s.mean)),
                    ("a", &atlas.name_of(a)),
                    ("b", &atlas.name_of(b)),
                    ("least", &signed(file.cosines.of(a, b))),
                ],
            )
        });
        view! {
            <p id="cmpsay">{spread}</p>
            {side(t("map.compare.near"), near, "cmpnear")}
            {side(t("map.compare.opposite"), far, "cmpfar")}
        }
        .into_any()
    };
    view! {
        <div class="cmpbar">
            <ul class="chips" id="cmpset" aria-label=t("map.compare.set")>{chips}</ul>
            <button class="btn" on:click=move |_| state.toggle(selected())>
                {move || {
                    let name = atlas.name_of(selected());
                    if within() { fill("map.compare.out", &[("name", &name)]) } else { fill("map.compare.in", &[("name", &name)]) }
                }}
            </button>
            <button class="btn" id="lasso" aria-pressed=move || lasso.get().to_string() title=t("map.compare.lasso-hint")
                on:click=move |_| lasso.update(|l| *l = !*l)>{t("map.compare.lasso")}</button>
            <button class="btn btn--bare" hidden=move || state.set.with(Vec::is_empty) on:click=move |_| state.set.set(Vec::new())>{t("map.compare.clear")}</button>
        </div>
        <div aria-live="polite">{result}</div>
    }
}

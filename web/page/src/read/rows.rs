//! Some emotions along the text, one row of small bars each.

use std::fmt::Write;
use std::sync::Arc;

use leptos::ev::PointerEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::shown::Shown;
use super::tip::TipAt;
use crate::state::atlas;

/// Shown besides the selected one, in this order.
const BASE: [&str; 12] = [
    "happy",
    "hopeful",
    "afraid",
    "desperate",
    "sad",
    "angry",
    "calm",
    "guilty",
    "proud",
    "delighted",
    "outraged",
    "grief-stricken",
];

/// Room between sentences, in bars.
const GAP: f32 = 1.2;
/// Height of a row in its own units.
const HIGH: f32 = 22.0;

/// How many rows there is room for.
fn room((width, height): (f64, f64)) -> usize {
    match (width, height) {
        (w, _) if w < 720.0 => 6,
        (w, h) if w >= 1200.0 && h < 800.0 => 9,
        (w, _) if w < 1200.0 => 7,
        (_, h) if h > 980.0 => 10,
        (_, h) if h > 880.0 => 6,
        _ => 5,
    }
}

/// Left edge of a piece's bar.
fn column(shown: &Shown, piece: usize) -> f32 {
    piece as f32 + GAP * shown.pieces.get(piece).map_or(0, |p| p.sentence) as f32
}

fn total(shown: &Shown) -> f32 {
    (shown.pieces.len() as f32 + GAP * shown.sentences.len().saturating_sub(1) as f32).max(1.0)
}

/// The bars above (`up`) or below the line, as one path.
fn bars(shown: &Shown, emotion: usize, up: bool) -> String {
    let mut out = String::new();
    for i in (0..shown.pieces.len()).filter(|i| shown.pieces[*i].read) {
        let value = shown.value(i, emotion);
        if value.abs() < 0.02 || (value > 0.0) != up {
            continue;
        }
        let height = value.abs().min(1.1) * HIGH * 0.46 * if up { -1.0 } else { 1.0 };
        let x = column(shown, i) + 0.12;
        let _ = write!(out, "M{x:.2} {}h.76v{height:.2}h-.76Z", HIGH / 2.0);
    }
    out
}

fn base_line(shown: &Shown) -> String {
    let mut out = String::new();
    for s in &shown.sentences {
        let _ = write!(
            out,
            "M{:.1} {}H{:.1}",
            column(shown, s.start),
            HIGH / 2.0,
            column(shown, s.end - 1) + 1.0
        );
    }
    out
}

/// In words: where an emotion is highest and lowest.
fn spoken(shown: &Shown, name: &str, emotion: usize) -> String {
    let read = || {
        (0..shown.pieces.len())
            .filter(|i| shown.pieces[*i].read)
            .map(|i| (i, shown.value(i, emotion)))
    };
    let word = |i: usize| shown.pieces[i].text.trim().to_owned();
    match (
        read().max_by(|a, b| a.1.total_cmp(&b.1)),
        read().min_by(|a, b| a.1.total_cmp(&b.1)),
    ) {
        (Some((high, _)), Some((low, _))) => {
            format!("{name}: highest on {}, lowest on {}", word(high), word(low))
        }
        _ => name.to_owned(),
    }
}

/// The rows under the text.
#[component]
pub fn Rows() -> impl IntoView {
    let atlas = atlas();
    let coloured = Memo::new(move |_| {
        atlas
            .shown
            .get()
            .filter(|s| !s.waiting && s.pieces.iter().any(|p| p.read))
    });
    let names = Memo::new(move |_| {
        let (chosen, count) = (atlas.selected.get(), room(atlas.screen.get()));
        atlas.card.with(|c| {
            let base = BASE
                .iter()
                .filter_map(|n| c.index_of(n))
                .filter(|e| *e != chosen);
            std::iter::once(chosen)
                .chain(base)
                .take(count)
                .collect::<Vec<_>>()
        })
    });
    let numbers = move |shown: &Shown| {
        let mut last = -1.0_f32;
        let all = total(shown);
        shown
            .sentences
            .iter()
            .enumerate()
            .filter_map(|(i, s)| {
                let at = 100.0 * column(shown, s.start) / all;
                (last < 0.0 || at - last > 3.0).then(|| {
                    last = at;
                    view! { <span class="sn" style=format!("left:{at:.2}%")>{i + 1}</span> }
                })
            })
            .collect_view()
    };
    move || {
        coloured.get().map(|shown| {
            let top = numbers(&shown);
            view! {
                <div class="rows" id="rows">
                    <span></span>
                    <div class="rows__top" aria-hidden="true">{top}</div>
                    <For each=move || names.get() key=|e| *e let:emotion>
                        <Row shown=shown.clone() emotion=emotion />
                    </For>
                </div>
            }
        })
    }
}

#[component]
fn Row(shown: Arc<Shown>, emotion: usize) -> impl IntoView {
    let atlas = atlas();
    let tip = expect_context::<RwSignal<Option<TipAt>>>();
    let name = untrack(|| atlas.name_of(emotion));
    let all = total(&shown);
    let label = spoken(&shown, &name, emotion);
    let (up, down, base) = (
        bars(&shown, emotion, true),
        bars(&shown, emotion, false),
        base_line(&shown),
    );
    let columns: Arc<[f32]> = (0..shown.pieces.len()).map(|i| column(&shown, i)).collect();
    let read: Arc<[bool]> = shown.pieces.iter().map(|p| p.read).collect();
    let pinned = move || tip.with_untracked(|t| t.as_ref().is_some_and(|t| t.pinned));
    let places = columns.clone();
    let on_move = move |ev: PointerEvent| {
        let Some(target) = ev
            .current_target()
            .and_then(|t| t.dyn_into::<Element>().ok())
        else {
            return;
        };
        if pinned() {
            return;
        }
        let rect = target.get_bounding_client_rect();
        let x = (f64::from(ev.client_x()) - rect.left()) / rect.width().max(1.0) * f64::from(all);
        let found = places
            .iter()
            .rposition(|c| x >= f64::from(*c) - 0.3)
            .filter(|i| x <= f64::from(places[*i]) + 1.1);
        if found == atlas.hot.get_untracked() {
            return;
        }
        atlas.hot.set(found);
        tip.set(found.filter(|i| read[*i]).map(|piece| TipAt {
            piece,
            x: f64::from(ev.client_x()),
            y: f64::from(ev.client_y()),
            pinned: false,
            row: Some(emotion),
        }));
    };
    let leave = move |_| {
        if !pinned() {
            atlas.hot.set(None);
            tip.set(None);
        }
    };
    let at = move || atlas.hot.get().and_then(|i| columns.get(i).copied());
    let at_too = at.clone();
    view! {
        <button aria-pressed=move || (atlas.selected.get() == emotion).to_string() on:click=move |_| atlas.selected.set(emotion)>{name}</button>
        <svg viewBox=format!("0 0 {all} {HIGH}") preserveAspectRatio="none" role="img" aria-label=label on:pointermove=on_move on:pointerleave=leave>
            <path class="base" vector-effect="non-scaling-stroke" d=base></path>
            <path class="up" d=up></path>
            <path class="down" d=down></path>
            <rect class="cur" x=move || at().unwrap_or(0.0) - 0.1 y="-1" width="1.2" height=HIGH + 2.0
                style:display=move || if at_too().is_some() { "" } else { "none" }></rect>
        </svg>
    }
}

//! The Read panel: a text coloured token by token.

pub mod compare;
pub mod export;
pub mod foot;
pub mod heat;
pub mod job;
pub mod look;
pub mod matrix;
pub mod own;
pub mod picture;
pub mod pieces;
pub mod rows;
pub mod samples;
pub mod shown;
pub mod text;
pub mod tip;

use leptos::prelude::*;

use crate::session;
use crate::stages::Late;
use crate::state::{Phase, Place, atlas};
use crate::text::{fill, t};
use crate::trouble::Trouble;
use compare::Compare;
use foot::Foot;
use look::{Looks, View, full_here};
use matrix::Matrix;
use own::OwnText;
use rows::Rows;
use text::Text;
use tip::{Tip, TipAt};

/// The panel.
#[component]
pub fn Read() -> impl IntoView {
    let atlas = atlas();
    let writing = RwSignal::new(false);
    let tip = RwSignal::new(None::<TipAt>);
    provide_context(tip);
    let own = move || atlas.text.with(Option::is_some);
    let coloured = move || atlas.shown.with(|s| s.as_ref().is_some_and(|s| !s.waiting));
    let chosen = move || atlas.name_of(atlas.selected.get());
    let comparing = move || atlas.look.with(|l| l.versus.is_some());
    let compare = move |_| {
        atlas.look.update(|l| {
            l.versus = match l.versus.take() {
                Some(_) => None,
                None => Some(String::new()),
            };
        });
    };
    let end = move || full_here(atlas, atlas.selected.get());
    let mark = move |sign: &'static str| {
        let end = end();
        if (end - 1.0).abs() < 1e-6 {
            format!("{sign}1")
        } else {
            format!("{sign}{end:.2}")
        }
    };
    Effect::new(move |_| job::follow(atlas));
    view! {
        <section class="read" aria-label=t("panel.read")>
            <div class="head">
                <h2>{t("panel.read")}</h2>
                <p id="readsay">
                    <b>{chosen}</b>
                    {t("read.by-token")}
                </p>
                <Show when=move || own() && atlas.examples.with(Option::is_some)>
                    <button class="link own" id="stored" on:click=move |_| { writing.set(false); session::show_stored(atlas) }>{t("read.stored")}</button>
                </Show>
                <button class="link own" id="own" aria-expanded=move || writing.get().to_string() aria-controls="ownform" on:click=move |_| writing.update(|w| *w = !*w)>
                    {move || if writing.get() { t("read.back") } else { t("read.own") }}
                </button>
                <button class="link own" id="compare" aria-expanded=move || comparing().to_string() on:click=compare>
                    {move || if comparing() { t("read.one-text") } else { t("read.compare") }}
                </button>
                <div class="scale num" id="scale" style:visibility=move || if coloured() { "" } else { "hidden" }>
                    <span>{t("read.less")}</span>
                    <span>{move || mark("\u{2212}")}</span>
                    <i aria-hidden="true"></i>
                    <span>{move || mark("+")}</span>
                    <span>{t("read.more")}</span>
                </div>
            </div>
            <OwnText writing=writing />
            <Text hidden=writing.into() />
            <Note />
            <Trouble place=Place::Read />
            <Late>
                <Compare />
                <Show when=coloured>
                    <Looks />
                </Show>
            </Late>
            <Late>
                <Show when=move || atlas.look.with(|l| l.view == View::Rows)>
                    <Rows />
                </Show>
                <Matrix />
                <Foot />
            </Late>
        </section>
        <Tip />
    }
}

/// Why the text is not coloured, or coloured for another layer than the map.
#[component]
fn Note() -> impl IntoView {
    let atlas = atlas();
    let words = Memo::new(move |_| {
        let (ready, layer) = (atlas.phase.get() == Phase::Ready, atlas.layer.get());
        atlas.shown.with(|s| match s.as_ref() {
            None => Some(t("read.no-example").to_owned()),
            Some(s) if s.waiting && !ready => Some(t("read.unread").to_owned()),
            Some(s) if !s.waiting && s.reading.layer != layer && !ready => Some(fill(
                "read.other-layer",
                &[("stored", &s.reading.layer), ("layer", &layer)],
            )),
            _ => None,
        })
    });
    move || {
        words
            .get()
            .map(|w| view! { <p class="nodata" id="nodata" role="status">{w}</p> })
    }
}

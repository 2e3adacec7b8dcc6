//! The Read panel: a text coloured token by token.

pub mod foot;
pub mod own;
pub mod pieces;
pub mod rows;
pub mod samples;
pub mod shown;
pub mod text;
pub mod tip;

use leptos::prelude::*;

use crate::session;
use crate::state::{Phase, Place, atlas};
use crate::trouble::Trouble;
use foot::Foot;
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
    view! {
        <section class="read" aria-label="Read">
            <div class="head">
                <h2>"Read"</h2>
                <p id="readsay">
                    <b>{chosen}</b>
                    ", token by token"
                </p>
                <Show when=move || own() && atlas.examples.with(Option::is_some)>
                    <button class="link own" id="stored" on:click=move |_| { writing.set(false); session::show_stored(atlas) }>"Stored example"</button>
                </Show>
                <button class="link own" id="own" aria-expanded=move || writing.get().to_string() aria-controls="ownform" on:click=move |_| writing.update(|w| *w = !*w)>
                    {move || if writing.get() { "Back to the text" } else { "Own text" }}
                </button>
                <div class="scale num" id="scale" style:visibility=move || if coloured() { "" } else { "hidden" }>
                    <span>"less"</span>
                    <span>"\u{2212}1"</span>
                    <i aria-hidden="true"></i>
                    <span>"+1"</span>
                    <span>"more"</span>
                </div>
            </div>
            <OwnText writing=writing />
            <Text hidden=writing.into() />
            <Note />
            <Trouble place=Place::Read />
            <Rows />
            <Foot />
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
            None => Some("No stored example came with this model. Start it to read a text.".to_owned()),
            Some(s) if s.waiting && !ready => Some("This text is not read yet. Start the model to colour it.".to_owned()),
            Some(s) if !s.waiting && s.reading.layer != layer && !ready => Some(format!(
                "The stored colours are from layer {}. Start the model to colour the text at layer {layer}.",
                s.reading.layer
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

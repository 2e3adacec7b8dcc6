//! The layer of text and map, and how far a reading is.

use atlas_units::Layer;
use leptos::prelude::*;

use crate::session;
use crate::state::{Phase, atlas};

/// The line under the rows.
#[component]
pub fn Foot() -> impl IntoView {
    let atlas = atlas();
    let last = move || atlas.card.with(|c| c.geometry.len().saturating_sub(1));
    let chosen = move || atlas.card.with(|c| c.layer);
    let slide = move |ev| {
        if let Ok(layer) = event_target_value(&ev).parse::<u16>() {
            atlas.layer.set(Layer::new(layer));
        }
    };
    let state = move || {
        if let Some((done, total)) = atlas.reading.get() {
            let words = if total == 0 {
                "Reading".to_owned()
            } else {
                format!("Reading: block {done} of {total}")
            };
            return view! {
                <span>{words}</span>
                <button class="link" on:click=move |_| session::stop_reading(atlas)>"Stop"</button>
            }
            .into_any();
        }
        let (count, stored, chat, waiting) = atlas.shown.with(|s| {
            s.as_ref().map_or((0, false, false, true), |s| {
                (
                    s.reading.tokens.len(),
                    s.stored,
                    s.setting == atlas_protocol::Setting::Chat,
                    s.waiting,
                )
            })
        });
        let words = match (waiting, stored) {
            (true, _) if atlas.phase.get() == Phase::Ready => String::new(),
            (true, _) => "Not read yet".to_owned(),
            (false, true) => format!("Stored example, {count} tokens"),
            (false, false) if chat => format!("{count} tokens, as a chat message"),
            (false, false) => format!("{count} tokens"),
        };
        view! { <span>{words}</span> }.into_any()
    };
    view! {
        <div class="foot num">
            <label>
                "Layer"
                <input type="range" id="layer" class="plain-slider" min="0" max=last step="1" prop:value=move || { last(); atlas.layer.get().to_string() }
                    aria-label="Layer of the map and of the text" aria-valuetext=move || format!("layer {} of {}", atlas.layer.get(), last()) on:input=slide />
            </label>
            <span class="foot__layer">{move || format!("{} of {}", atlas.layer.get(), last())}</span>
            <button class="link" hidden={move || atlas.layer.get() == chosen()} on:click=move |_| atlas.layer.set(chosen())>
                {move || format!("Back to {}", chosen())}
            </button>
            <span class="foot__say" id="readstate" role="status">{state}</span>
        </div>
    }
}

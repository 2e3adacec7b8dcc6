//! The layer of text and map, and how far a reading is.

use atlas_protocol::Setting;
use atlas_units::Layer;
use leptos::prelude::*;

use crate::session;
use crate::state::{Phase, atlas};
use crate::text::{fill, t};

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
                t("read.reading").to_owned()
            } else {
                fill("read.block", &[("done", &done), ("total", &total)])
            };
            return view! {
                <span>{words}</span>
                <button class="link" on:click=move |_| session::stop_reading(atlas)>{t("stop")}</button>
            }
            .into_any();
        }
        let (count, stored, setting, waiting) = atlas.shown.with(|s| {
            s.as_ref().map_or((0, false, Setting::Plain, true), |s| {
                (s.reading.tokens.len(), s.stored, s.setting, s.waiting)
            })
        });
        let words = match (waiting, stored) {
            (true, _) if atlas.phase.get() == Phase::Ready => String::new(),
            (true, _) => t("read.not-yet").to_owned(),
            (false, true) => fill("read.tokens-stored", &[("count", &count)]),
            (false, false) if setting == Setting::Chat => {
                fill("read.tokens-chat", &[("count", &count)])
            }
            (false, false) if setting == Setting::Dialogue => {
                fill("read.tokens-dialogue", &[("count", &count)])
            }
            (false, false) => fill("read.tokens", &[("count", &count)]),
        };
        view! { <span>{words}</span> }.into_any()
    };
    view! {
        <div class="foot num">
            <label>
                {t("layer")}
                <input type="range" id="layer" class="plain-slider" min="0" max=last step="1" prop:value=move || { last(); atlas.layer.get().to_string() }
                    aria-label=t("read.layer-label") aria-valuetext=move || fill("layer.spoken", &[("layer", &atlas.layer.get()), ("last", &last())]) on:input=slide />
            </label>
            <span class="foot__layer">{move || fill("layer.of", &[("layer", &atlas.layer.get()), ("last", &last())])}</span>
            <button class="link" hidden={move || atlas.layer.get() == chosen()} on:click=move |_| atlas.layer.set(chosen())>
                {move || fill("layer.back", &[("layer", &chosen())])}
            </button>
            <span class="foot__say" id="readstate" role="status">{state}</span>
        </div>
    }
}

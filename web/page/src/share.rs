//! Keeps the address equal to the state, opens links, and copies one.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use crate::icons::{Icon, SHARE};
use crate::link::{self, Link, LinkPush};
use crate::session;
use crate::state::{Atlas, Phase, RackItem, atlas};
use crate::steer::recipe::stored_for;

/// Address and page agree again this long after a change.
const REST: Duration = Duration::from_millis(350);

/// The state as a link.
fn link_of(atlas: Atlas) -> Link {
    let name = |e: usize| atlas.name_of(e);
    let push = |i: &RackItem| LinkPush {
        emotion: name(i.emotion),
        on: i.on,
        percent: i.percent,
    };
    Link {
        model: Some(atlas.model.get()),
        text: atlas.text.get(),
        setting: atlas
            .text
            .with(Option::is_some)
            .then(|| atlas.setting.get()),
        emotion: Some(name(atlas.selected.get())),
        layer: u16::try_from(atlas.layer.get().index()).ok(),
        rack: Some(atlas.rack.with(|r| r.iter().map(push).collect())),
        prompt: Some(atlas.prompt.get()),
        prompt_setting: Some(atlas.prompt_setting.get()),
        sampling: Some(atlas.sampling.get()),
        tab: Some(atlas.tab.get()),
    }
}

/// Brings the page to what a (checked) link says.
pub fn apply(atlas: Atlas, link: Link) {
    let card = atlas.card.get_untracked();
    if let Some(at) = link.emotion.and_then(|n| card.index_of(&n)) {
        atlas.selected.set(at);
    }
    if let Some(layer) = link.layer {
        atlas.layer.set(atlas_units::Layer::new(layer));
    }
    if let Some(rack) = link.rack {
        let item = |p: LinkPush| {
            Some(RackItem {
                emotion: card.index_of(&p.emotion)?,
                on: p.on,
                percent: p.percent,
            })
        };
        atlas.rack.set(rack.into_iter().filter_map(item).collect());
    }
    if let Some(prompt) = link.prompt {
        atlas.prompt.set(prompt);
    }
    let chat = atlas.catalogue.with_untracked(|c| {
        c.models
            .iter()
            .any(|m| m.id == atlas.model.get_untracked() && m.chat)
    });
    if let Some(setting) = link
        .prompt_setting
        .filter(|s| chat || *s == atlas_protocol::Setting::Plain)
    {
        atlas.prompt_setting.set(setting);
    }
    if let Some(sampling) = link.sampling {
        atlas.sampling.set(sampling);
    }
    if let Some(tab) = link.tab {
        atlas.tab.set(tab);
    }
    if let Some(text) = link.text {
        atlas.text.set(Some(text));
        atlas.setting.set(
            link.setting
                .filter(|s| chat || *s == atlas_protocol::Setting::Plain)
                .unwrap_or(atlas_protocol::Setting::Plain),
        );
    }
    session::show_waiting(atlas);
    let recipe = untrack(|| atlas.recipe());
    let stored = atlas.examples.with_untracked(|e| {
        e.as_ref()
            .is_some_and(|e| stored_for(&recipe, e, &card).is_some())
    });
    atlas
        .wants_run
        .set(!stored && !recipe.prompt.trim().is_empty());
    if atlas.phase.get_untracked() == Phase::Ready {
        if atlas.text.with_untracked(Option::is_some) {
            session::read(atlas);
        }
        if atlas.wants_run.get_untracked() {
            atlas.wants_run.set(false);
            session::run(atlas);
        }
    }
}

/// The part of the address behind `#`.
#[must_use]
pub fn hash() -> String {
    window().location().hash().unwrap_or_default()
}

/// Writes the state into the address a little after every change, and follows links opened in place.
pub fn keep(atlas: Atlas) {
    let timer = StoredValue::new_local(None::<TimeoutHandle>);
    let now = Memo::new(move |_| link::write(&link_of(atlas)));
    Effect::new(move |before: Option<()>| {
        let written = now.get();
        if before.is_none() {
            return;
        }
        timer.update_value(|t| {
            if let Some(t) = t.take() {
                t.clear();
            }
            *t = set_timeout_with_handle(move || replace(&written), REST).ok();
        });
    });
    let changed = window_event_listener(leptos::ev::hashchange, move |_| {
        let (mut link, mut dropped) = link::read(&hash());
        atlas
            .catalogue
            .with_untracked(|c| link::check_model(&mut link, c, &mut dropped));
        let other = link
            .model
            .clone()
            .filter(|m| *m != atlas.model.get_untracked());
        if other.is_some() {
            // Another model has another card: begin anew with this address.
            let _ = window().location().reload();
            return;
        }
        atlas
            .card
            .with_untracked(|c| link::check_vectors(&mut link, c, &mut dropped));
        atlas.left_out.set(link::left_out(&dropped));
        apply(atlas, link);
    });
    on_cleanup(move || changed.remove());
}

fn replace(written: &str) {
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&format!("#{written}")));
    }
}

/// Copies the address.
#[component]
pub fn ShareButton() -> impl IntoView {
    let atlas = atlas();
    let press = move |_| {
        replace(&untrack(|| link::write(&link_of(atlas))));
        let url = window().location().href().unwrap_or_default();
        leptos::task::spawn_local(async move {
            // The clipboard is there only on https and localhost.
            let clipboard = js_sys::Reflect::get(&window().navigator(), &"clipboard".into())
                .is_ok_and(|c| !c.is_undefined());
            let copied = clipboard
                && JsFuture::from(window().navigator().clipboard().write_text(&url))
                    .await
                    .is_ok();
            let words = if copied {
                "Link copied. It opens this view."
            } else {
                "Copy the link from the address bar. It opens this view."
            };
            atlas.toast.set(Some(words.to_owned()));
        });
    };
    view! {
        <button class="btn" id="share" aria-label="Share a link to this view" title="Share a link to this view" on:click=press>
            <Icon d=SHARE />
            <span class="lbl">"Share"</span>
        </button>
    }
}

/// A notice that goes away by itself.
#[component]
pub fn Toast() -> impl IntoView {
    let atlas = atlas();
    Effect::new(move |_| {
        if let Some(words) = atlas.toast.get() {
            set_timeout(
                move || {
                    if atlas.toast.with_untracked(|t| t.as_ref() == Some(&words)) {
                        atlas.toast.set(None);
                    }
                },
                Duration::from_millis(2600),
            );
        }
    });
    view! {
        <div class="toast" id="toast" role="status" hidden=move || atlas.toast.with(Option::is_none)>
            {move || atlas.toast.get()}
        </div>
    }
}

//! The visitor's own text: type it or pick one, plain or as a chat turn.

use atlas_protocol::Setting;
use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::html::Textarea;
use leptos::prelude::*;

use super::samples::SAMPLES;
use crate::engine;
use crate::session;
use crate::state::{Place, atlas};

/// The form; it keeps what was typed while it is closed.
#[component]
pub fn OwnText(
    /// Whether the form is open.
    writing: RwSignal<bool>,
) -> impl IntoView {
    let atlas = atlas();
    let area = NodeRef::<Textarea>::new();
    let typed = RwSignal::new(String::new());
    let setting = RwSignal::new(Setting::Plain);
    // A link may bring another text while the page is open.
    Effect::new(move |_| {
        if let Some(text) = atlas.text.get() {
            typed.set(text);
        }
        setting.set(atlas.setting.get());
    });
    Effect::new(move |_| {
        if writing.get()
            && let Some(area) = area.get()
        {
            let _ = area.focus();
        }
    });
    let chat = move || atlas.entry().is_some_and(|e| e.chat);
    let send = move || {
        let text = typed.get_untracked();
        if text.trim().is_empty() {
            return atlas.trouble(Place::Read, atlas_protocol::Problem::EmptyText);
        }
        atlas.text.set(Some(text));
        atlas.setting.set(if chat() {
            setting.get_untracked()
        } else {
            Setting::Plain
        });
        writing.set(false);
        engine::with(atlas.engine, |e| e.avoid = None);
        session::read(atlas);
    };
    let pick = move |ev| {
        if let Some((_, text)) = event_target_value(&ev)
            .parse::<usize>()
            .ok()
            .and_then(|i| SAMPLES.get(i))
        {
            typed.set((*text).to_owned());
        }
    };
    view! {
        <form class="own-form" id="ownform" hidden=move || !writing.get() on:submit=move |ev: SubmitEvent| { ev.prevent_default(); send() }>
            <label class="vh" for="owntext">"Text to read"</label>
            <textarea id="owntext" node_ref=area spellcheck="false" placeholder="Type or paste a text, or pick one below"
                prop:value=move || typed.get() on:input=move |ev| typed.set(event_target_value(&ev))
                on:keydown=move |ev: KeyboardEvent| if ev.key() == "Enter" && (ev.ctrl_key() || ev.meta_key()) { ev.prevent_default(); send() }></textarea>
            <div class="own-form__do">
                <select id="sample" class="select" aria-label="Pick a text" on:change=pick>
                    <option value="">"Pick a text"</option>
                    {SAMPLES.iter().enumerate().map(|(i, (name, _))| view! { <option value=i.to_string()>{*name}</option> }).collect_view()}
                </select>
                <select id="readas" class="select" aria-label="Give it to the model" disabled=move || !chat()
                    on:change=move |ev| setting.set(if event_target_value(&ev) == "chat" { Setting::Chat } else { Setting::Plain })>
                    <option value="plain" prop:selected={move || setting.get() == Setting::Plain}>"as it stands"</option>
                    <option value="chat" prop:selected={move || setting.get() == Setting::Chat}>"as a chat message"</option>
                </select>
                <button class="btn btn--main" id="readit">"Read it"</button>
            </div>
        </form>
    }
}

//! A chat that goes on: each turn may be steered in another way.

use std::sync::Arc;

use atlas_protocol::{Exchange, Setting};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::Bench;
use super::recipe::{Run, Spoken};
use crate::state::{Atlas, atlas};
use crate::text::t;

/// The exchange on the page becomes part of the conversation.
fn go_on(atlas: Atlas) {
    let Some(run) = atlas.run.get_untracked() else {
        return;
    };
    let recipe = atlas.card.with_untracked(|c| {
        let how = run.recipe.how.words(c);
        format!("{}; {}", run.recipe.words(c), uncapped(&how))
    });
    let Run {
        recipe: made,
        plain,
        steered,
        random,
        ..
    } = run;
    let mut spoken = made.before.to_vec();
    spoken.push(Spoken {
        exchange: Exchange {
            user: made.prompt,
            plain,
            steered,
            random: (!random.is_empty()).then_some(random),
        },
        recipe,
    });
    atlas.run.set(None);
    atlas.prompt.set(String::new());
    atlas.talk.set(Arc::new(spoken));
    focus();
}

/// With a small first letter, inside a sentence.
fn uncapped(text: &str) -> String {
    let mut letters = text.chars();
    let first: Vec<char> = (letters.by_ref().take(1).flat_map(char::to_lowercase)).collect();
    first.into_iter().chain(letters).collect()
}

/// The conversation begins anew, with its first message.
fn begin_anew(atlas: Atlas) {
    let first = atlas
        .talk
        .with_untracked(|t| t.first().map(|s| s.exchange.user.clone()));
    atlas.run.set(None);
    atlas.talk.set(Arc::default());
    if let Some(first) = first {
        atlas.prompt.set(first);
    }
    focus();
}

fn focus() {
    let prompt = document()
        .get_element_by_id("prompt")
        .and_then(|e| e.dyn_into::<HtmlElement>().ok());
    if let Some(prompt) = prompt {
        let _ = prompt.focus();
    }
}

/// "Go on" and "New chat".
#[component]
pub fn TalkButtons() -> impl IntoView {
    let atlas = atlas();
    let bench = expect_context::<Bench>();
    let can = move || {
        !atlas.running.get()
            && bench.replay.get().is_none()
            && atlas.run.with(|r| {
                r.as_ref().is_some_and(|r| {
                    r.recipe.setting == Setting::Chat
                        && !r.plain.trim().is_empty()
                        && !r.steered.trim().is_empty()
                })
            })
    };
    let talking = move || atlas.talk.with(|t| !t.is_empty());
    view! {
        <button class="link" id="goon" hidden=move || !can() title=t("steer.talk.go-on-hint") on:click=move |_| go_on(atlas)>
            {t("steer.talk.go-on")}
        </button>
        <button class="link" id="newchat" hidden=move || !talking() || atlas.running.get() title=t("steer.talk.new-hint") on:click=move |_| begin_anew(atlas)>
            {t("steer.talk.new")}
        </button>
    }
}

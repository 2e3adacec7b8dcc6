//! The prompt, and the button that runs, replays or stops.

use std::time::Duration;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::{Bench, differ};
use crate::session;
use crate::state::{Phase, Place, atlas};
use crate::text::t;

/// Time between two words of a replay.
const BEAT: Duration = Duration::from_millis(70);

/// Prompt and button.
#[component]
pub fn Ask() -> impl IntoView {
    let atlas = atlas();
    let bench = expect_context::<Bench>();
    let ticking = StoredValue::new_local(None::<IntervalHandle>);
    let end = move || {
        ticking.update_value(|t| {
            if let Some(t) = t.take() {
                t.clear();
            }
        });
        bench.replay.set(None);
    };
    on_cleanup(end);
    let replay = move || {
        let Some(words) = atlas.run.with_untracked(|r| {
            r.as_ref()
                .map(|r| differ::count(&r.plain).max(differ::count(&r.steered)))
        }) else {
            return;
        };
        let calm = window()
            .match_media("(prefers-reduced-motion: reduce)")
            .ok()
            .flatten()
            .is_some_and(|m| m.matches());
        if calm {
            return;
        }
        bench.replay.set(Some(0));
        let tick = move || match bench.replay.get_untracked() {
            Some(n) if n < words => bench.replay.set(Some(n + 1)),
            _ => end(),
        };
        ticking.set_value(set_interval_with_handle(tick, BEAT).ok());
    };
    // Another recipe ends the replay of this one.
    Effect::new(move |before: Option<()>| {
        bench.recipe.track();
        if before.is_some() && bench.replay.get_untracked().is_some() {
            end();
        }
    });
    let ready = move || atlas.phase.get() == Phase::Ready;
    let words = move || match () {
        () if atlas.running.get() || bench.replay.get().is_some() => t("stop"),
        () if ready() => t("steer.run"),
        () if bench.fits.get() => t("steer.replay"),
        () => t("steer.run"),
    };
    let press = move || {
        if atlas.running.get_untracked() {
            session::stop(atlas);
        } else if bench.replay.get_untracked().is_some() {
            end();
        } else if atlas.phase.get_untracked() == Phase::Ready {
            session::run(atlas);
        } else if bench.fits.get_untracked() {
            replay();
        } else {
            atlas.wants_run.set(true);
            atlas.trouble(Place::Steer, t("steer.wants-run"));
        }
    };
    view! {
        <div class="ask">
            <label class="vh" for="prompt">{t("steer.prompt")}</label>
            <textarea id="prompt" spellcheck="false" prop:value=move || atlas.prompt.get() on:input=move |ev| atlas.prompt.set(event_target_value(&ev))
                on:keydown=move |ev: KeyboardEvent| if ev.key() == "Enter" && (ev.ctrl_key() || ev.meta_key()) { ev.prevent_default(); press() }></textarea>
            <button class="btn btn--main" id="run" on:click=move |_| press()>{words}</button>
        </div>
    }
}

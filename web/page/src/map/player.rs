//! Plays the path of the text, token by token.

use std::sync::Arc;
use std::time::Duration;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use crate::state::atlas;
use crate::text::t;

use super::TextPath;

/// Time for one token: slow enough to read along.
const STEP: Duration = Duration::from_millis(240);

/// The next token that was read, after (or, backwards, before) one; the first (last) if none is given.
#[must_use]
fn next(read: &[bool], from: Option<usize>, back: bool) -> Option<usize> {
    let is = |i: &usize| read[*i];
    if back {
        (0..from.unwrap_or(read.len()).min(read.len()))
            .rev()
            .find(is)
    } else {
        (from.map_or(0, |f| f + 1)..read.len()).find(is)
    }
}

/// The button that plays and stops. Arrow keys on it go one token on or back.
#[component]
pub fn Player(
    /// The path that is drawn.
    path: Signal<Option<Arc<TextPath>>>,
    /// The last token that was passed.
    played: RwSignal<Option<usize>>,
) -> impl IntoView {
    let atlas = atlas();
    let timer = StoredValue::new(None::<IntervalHandle>);
    let running = RwSignal::new(false);
    let stop = move || {
        if let Some(timer) = timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
        running.try_set(false);
    };
    on_cleanup(stop);
    // Another text begins anew.
    Effect::new(move |before: Option<Option<Arc<TextPath>>>| {
        let path = path.get();
        if before.is_some_and(|b| b != path) {
            stop();
            played.set(None);
        }
        path
    });
    let go = move |back: bool| {
        let to = path.with_untracked(|p| {
            let read = &p.as_ref()?.read;
            next(read, played.get_untracked(), back)
        });
        if to.is_some() {
            played.set(to);
            atlas.hot.set(to);
        }
        to.is_some()
    };
    let press = move |_| {
        if running.get_untracked() {
            return stop();
        }
        let ended = path.with_untracked(|p| {
            let read = p.as_ref().map(|p| p.read.as_slice()).unwrap_or_default();
            next(read, played.get_untracked(), false).is_none()
        });
        if ended {
            played.set(None);
        }
        go(false);
        running.set(true);
        let tick = move || {
            if !go(false) {
                stop();
            }
        };
        timer.set_value(set_interval_with_handle(tick, STEP).ok());
    };
    let key = move |ev: KeyboardEvent| {
        let back = match ev.key().as_str() {
            "ArrowRight" => false,
            "ArrowLeft" => true,
            _ => return,
        };
        ev.prevent_default();
        stop();
        go(back);
    };
    let word = move || {
        let at = played.get()?;
        atlas.shown.with(|s| {
            let piece = s.as_ref()?.pieces.get(at)?;
            Some(piece.text.trim().to_owned())
        })
    };
    let spoken = move || {
        if running.get() {
            t("map.play.stop")
        } else {
            t("map.play")
        }
    };
    view! {
        <button class="playbtn" id="play" aria-label=spoken title=spoken on:click=press on:keydown=key>
            <svg viewBox="0 0 12 12" aria-hidden="true" fill="currentColor">
                <path d=move || if running.get() { "M2.5 2h2.5v8H2.5zM7 2h2.5v8H7z" } else { "M3 1.5 10.5 6 3 10.5z" }></path>
            </svg>
        </button>
        <output class="playword" id="playword" hidden=move || word().is_none() aria-live="off">{word}</output>
    }
}

#[cfg(test)]
mod tests {
    use super::next;

    #[test]
    fn only_tokens_that_were_read_are_played() {
        let read = [false, true, true, false, true];
        assert_eq!(next(&read, None, false), Some(1));
        assert_eq!(next(&read, Some(2), false), Some(4));
        assert_eq!(next(&read, Some(4), false), None);
        assert_eq!(next(&read, Some(4), true), Some(2));
        assert_eq!(next(&read, Some(1), true), None);
        assert_eq!(next(&read, Some(99), true), Some(4));
        assert_eq!(next(&[], None, false), None);
    }
}

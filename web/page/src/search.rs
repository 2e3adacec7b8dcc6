//! Finds an emotion by a part of its name. `/` goes there.

use leptos::ev::KeyboardEvent;
use leptos::html::Input;
use leptos::prelude::*;

use crate::map::Glyph;
use crate::state::atlas;
use crate::text::{fill, t};

/// Names listed at most.
const MOST: usize = 8;

/// Names that hold `wanted`, those that begin with it first, then by the alphabet.
#[must_use]
pub fn matches<'a>(names: impl Iterator<Item = &'a str>, wanted: &str) -> Vec<usize> {
    let wanted = wanted.trim().to_lowercase();
    if wanted.is_empty() {
        return Vec::new();
    }
    let mut hits: Vec<(bool, &str, usize)> = names
        .enumerate()
        .filter(|(_, n)| n.contains(&wanted))
        .map(|(i, n)| (!n.starts_with(&wanted), n, i))
        .collect();
    hits.sort_unstable();
    hits.into_iter().take(MOST).map(|h| h.2).collect()
}

/// The search field with its list.
#[component]
pub fn Search() -> impl IntoView {
    let atlas = atlas();
    let input = NodeRef::<Input>::new();
    let wanted = RwSignal::new(String::new());
    let open = RwSignal::new(false);
    let at = RwSignal::new(0_usize);
    let hits = Memo::new(move |_| {
        wanted.with(|w| {
            atlas
                .card
                .with(|c| matches(c.emotions.iter().map(|e| e.name.as_str()), w))
        })
    });
    let shown = move || open.get() && wanted.with(|w| !w.trim().is_empty());
    let leave = move || {
        wanted.set(String::new());
        open.set(false);
        if let Some(input) = input.get_untracked() {
            let _ = input.blur();
        }
    };
    let take = move |emotion: usize| {
        atlas.selected.set(emotion);
        leave();
    };
    let on_key = move |ev: KeyboardEvent| {
        let count = hits.with_untracked(Vec::len);
        match ev.key().as_str() {
            "ArrowDown" | "ArrowUp" if count > 0 => {
                ev.prevent_default();
                at.update(|a| {
                    *a = if ev.key() == "ArrowDown" {
                        (*a + 1) % count
                    } else {
                        (*a + count - 1) % count
                    }
                });
            }
            "Enter" => {
                if let Some(hit) = hits.with_untracked(|h| h.get(at.get_untracked()).copied()) {
                    take(hit);
                }
            }
            "Escape" => leave(),
            _ => {}
        }
    };
    let slash = window_event_listener(leptos::ev::keydown, move |ev| {
        let typing = document()
            .active_element()
            .is_some_and(|e| matches!(e.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"));
        if ev.key() == "/" && !typing && !ev.ctrl_key() && !ev.meta_key() {
            ev.prevent_default();
            if let Some(input) = input.get_untracked() {
                let _ = input.focus();
            }
        }
    });
    on_cleanup(move || slash.remove());
    let row = move |i: usize, emotion: usize| {
        let (name, cluster) = atlas.card.with_untracked(|c| {
            c.emotions
                .get(emotion)
                .map(|e| (e.name.clone(), e.cluster.clone()))
                .unwrap_or_default()
        });
        view! {
            <li role="option" id=format!("o{i}") aria-selected=move || (at.get() == i).to_string()
                on:pointerdown=move |ev| { ev.prevent_default(); take(emotion) }>
                <Glyph cluster=cluster.clone() size=12.0 />
                {name}
                <small>{cluster}</small>
            </li>
        }
    };
    let total = move || atlas.card.with(|c| c.emotions.len());
    view! {
        <div class="search">
            <svg class="ico" viewBox="0 0 18 18" aria-hidden="true">
                <circle cx="7.5" cy="7.5" r="5"></circle>
                <path d="m11.5 11.5 4.5 4.5"></path>
            </svg>
            <input id="q" type="text" node_ref=input placeholder=move || fill("search.hint", &[("n", &total())]) aria-label=t("search.label")
                role="combobox" aria-expanded=move || shown().to_string() aria-controls="ql" aria-autocomplete="list" autocomplete="off" spellcheck="false"
                aria-activedescendant=move || if shown() { format!("o{}", at.get()) } else { String::new() }
                prop:value=move || wanted.get()
                on:input=move |ev| { wanted.set(event_target_value(&ev)); at.set(0); open.set(true) }
                on:focus=move |_| open.set(true) on:blur=move |_| open.set(false) on:keydown=on_key />
            <ul id="ql" role="listbox" aria-label=t("search.list") hidden=move || !shown()>
                {move || {
                    let hits = hits.get();
                    if hits.is_empty() { view! { <li>{t("search.none")}</li> }.into_any() }
                    else { hits.into_iter().enumerate().map(|(i, e)| row(i, e)).collect_view().into_any() }
                }}
            </ul>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn beginnings_come_first() {
        let names = ["unhappy", "happy", "hopeful", "hope"];
        assert_eq!(matches(names.into_iter(), " Hap"), [1, 0]);
        assert_eq!(matches(names.into_iter(), "hope"), [3, 2]);
        assert!(matches(names.into_iter(), " ").is_empty());
        assert!(matches(names.into_iter(), "\u{1F600}").is_empty());
    }
}

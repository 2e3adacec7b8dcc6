//! Light, dark, or as the system has it. The first choice is made by a script in `index.html`, before anything is drawn.

use leptos::prelude::*;

/// The key in local storage.
const KEY: &str = "atlas-theme";

/// What the visitor chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// As the system has it.
    Auto,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    const fn name(self) -> &'static str {
        match self {
            Self::Auto => "Auto",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }

    const fn next(self) -> Self {
        match self {
            Self::Auto => Self::Dark,
            Self::Dark => Self::Light,
            Self::Light => Self::Auto,
        }
    }
}

fn stored() -> Theme {
    let value = window()
        .local_storage()
        .ok()
        .flatten()
        .and_then(|s| s.get_item(KEY).ok().flatten());
    match value.as_deref() {
        Some("light") => Theme::Light,
        Some("dark") => Theme::Dark,
        _ => Theme::Auto,
    }
}

fn apply(theme: Theme) {
    let prefers_dark = || {
        window()
            .match_media("(prefers-color-scheme: dark)")
            .ok()
            .flatten()
            .is_some_and(|m| m.matches())
    };
    let dark = theme == Theme::Dark || (theme == Theme::Auto && prefers_dark());
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("data-theme", if dark { "dark" } else { "light" });
    }
}

/// The button that goes round the three.
#[component]
pub fn ThemeButton() -> impl IntoView {
    let theme = RwSignal::new(stored());
    Effect::new(move |_| apply(theme.get()));
    if let Ok(Some(query)) = window().match_media("(prefers-color-scheme: dark)") {
        let changed = wasm_bindgen::closure::Closure::<dyn Fn()>::new(move || {
            theme.try_with_untracked(|t| apply(*t));
        });
        query.set_onchange(Some(wasm_bindgen::JsCast::unchecked_ref(changed.as_ref())));
        let kept = StoredValue::new_local((query, changed));
        on_cleanup(move || {
            kept.try_with_value(|(query, _)| query.set_onchange(None));
        });
    }
    let press = move |_| {
        theme.update(|t| *t = t.next());
        if let Ok(Some(storage)) = window().local_storage() {
            let _ = match theme.get_untracked() {
                Theme::Auto => storage.remove_item(KEY),
                chosen => storage.set_item(KEY, &chosen.name().to_lowercase()),
            };
        }
    };
    let spoken = move || {
        format!(
            "Theme: {}. Switch to {}.",
            theme.get().name().to_lowercase(),
            theme.get().next().name().to_lowercase()
        )
    };
    view! {
        <button class="btn" id="theme" aria-label=spoken title=spoken on:click=press>
            <svg class="ico" viewBox="0 0 18 18" aria-hidden="true">
                <circle cx="9" cy="9" r="6.5"></circle>
                <path d="M9 2.5a6.5 6.5 0 0 1 0 13z" fill="currentColor"></path>
            </svg>
            <span class="lbl">{move || theme.get().name()}</span>
        </button>
    }
}

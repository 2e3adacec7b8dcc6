//! The top line: name, one honest sentence, what the model runs on, and the page's own buttons.

use leptos::prelude::*;

use crate::about::AboutButton;
use crate::lesson::LessonButton;
use crate::models::{ModelsButton, megabytes};
use crate::share::ShareButton;
use crate::state::{Phase, atlas};
use crate::theme::ThemeButton;

/// The masthead.
#[component]
pub fn Masthead() -> impl IntoView {
    view! {
        <header class="masthead">
            <h1 class="name">
                <Mark />
                "Emotion Atlas"
            </h1>
            <p class="honest">
                "These are directions inside a language model that act like emotion concepts. Nothing here means that a model feels."
            </p>
            <ModelsButton />
            <nav aria-label="Page">
                <LessonButton />
                <AboutButton />
                <ShareButton />
                <ThemeButton />
            </nav>
        </header>
    }
}

/// What the model runs on and why, in one line.
pub fn backend_line() -> String {
    let atlas = atlas();
    let size = atlas
        .entry()
        .map(|e| megabytes(e.bytes))
        .unwrap_or_default();
    match (atlas.phase.get(), atlas.backend.get()) {
        (Phase::Ready, Some(b)) if b.gpu && b.why.is_empty() => format!("WebGPU, {}", b.name),
        (Phase::Ready, Some(b)) if b.gpu => format!("WebGPU, {}: {}", b.name, b.why),
        (Phase::Ready, Some(b)) if b.why.is_empty() => b.name,
        (Phase::Ready, Some(b)) => format!("{}: {}", b.name, b.why),
        (Phase::Loading(..), _) => "Starting".to_owned(),
        _ => format!("{size}, runs on your computer"),
    }
}

/// The small map in front of the name.
#[component]
fn Mark() -> impl IntoView {
    view! {
        <svg viewBox="0 0 26 26" aria-hidden="true" fill="none" stroke="currentColor">
            <rect x="1.5" y="1.5" width="23" height="23" stroke-width="1.4"></rect>
            <path d="M13 1.5v23M1.5 13h23" stroke-width=".9" stroke-dasharray="1 2.2"></path>
            <path d="M4.5 8.5C9 5 11.5 10 13.5 13.6S19 19.5 21 17.2" stroke-width="1.4"></path>
            <circle cx="4.8" cy="8.3" r="2.3" fill="var(--c-joy)" stroke="none"></circle>
            <circle cx="20.8" cy="17.4" r="2.3" fill="var(--c-despair)" stroke="none"></circle>
        </svg>
    }
}

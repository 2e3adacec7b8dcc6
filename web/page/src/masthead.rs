//! The top line: name, one honest sentence, what the model runs on, and the page's own buttons.

use leptos::prelude::*;

use crate::about::AboutButton;
use crate::icons::{FLASK, Icon};
use crate::lesson::LessonButton;
use crate::models::{ModelsButton, megabytes};
use crate::share::ShareButton;
use crate::state::{Phase, atlas};
use crate::text::{fill, t};
use crate::theme::ThemeButton;
use crate::trouble;

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
                {t("masthead.honest")}
            </p>
            <ModelsButton />
            <nav aria-label=t("masthead.page")>
                <LessonButton />
                <LabLink />
                <AboutButton />
                <ShareButton />
                <ThemeButton />
            </nav>
        </header>
    }
}

/// The way to the experiments.
#[component]
fn LabLink() -> impl IntoView {
    let atlas = atlas();
    let to = move || format!("?lab&model={}", atlas.model.get());
    view! {
        <a class="btn btn--lab" id="to-lab" href=to aria-label=t("lab.open") title=t("lab.open")>
            <Icon d=FLASK />
            <span class="lbl">{t("lab.short")}</span>
        </a>
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
        (Phase::Ready, Some(b)) => {
            let on = if b.gpu { "WebGPU, " } else { "" };
            format!("{on}{}: {}", b.name, trouble::reason(&b.why))
        }
        (Phase::Loading(..), _) => t("masthead.starting").to_owned(),
        _ => fill("masthead.cpu", &[("size", &size)]),
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

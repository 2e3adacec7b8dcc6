//! The lesson: seven steps for a class. Each sets the page up, asks for a guess, says what is the case, and waits for the
//! learner to do something about it.

pub mod answers;
mod bar;
pub mod steps;

use leptos::prelude::*;

use crate::icons::{BOOK, Icon};
use crate::state::atlas;
use crate::text::t;

pub use bar::LessonBar;
pub use steps::set_up;

/// Opens and closes the lesson.
#[component]
pub fn LessonButton() -> impl IntoView {
    let atlas = atlas();
    let open = move || atlas.lesson.with(Option::is_some);
    let press = move |_| {
        if atlas.lesson.with_untracked(Option::is_some) {
            atlas.lesson.set(None);
        } else {
            set_up(atlas, 1);
            atlas.lesson.set(Some(1));
        }
    };
    view! {
        <button class="btn" id="lesson" aria-label=t("lesson.open") title=t("lesson.open") aria-expanded=move || open().to_string() on:click=press>
            <Icon d=BOOK />
            <span class="lbl">{t("lesson.short")}</span>
        </button>
    }
}

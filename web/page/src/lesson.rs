//! A lesson in five steps, for a class with a projector.

use leptos::html::Dialog;
use leptos::prelude::*;

use crate::icons::{BOOK, Icon};
use crate::link::Tab;
use crate::models::{close, open};
use crate::state::atlas;

/// Question, emotion to select, panel to show.
const STEPS: [(&str, Option<(&str, Tab)>); 5] = [
    (
        "Find “calm” on the map. Which emotions lie near it? Which lie far away?",
        Some(("calm", Tab::Map)),
    ),
    (
        "Read the story coloured by “sad”. Where does it turn?",
        Some(("sad", Tab::Read)),
    ),
    (
        "Compare “afraid” and “angry”. Do they rise at the same words?",
        Some(("afraid", Tab::Read)),
    ),
    (
        "Steer with “desperate”. At which word do the two texts part?",
        Some(("desperate", Tab::Steer)),
    ),
    (
        "Talk: what does this show, and what does it not show?",
        None,
    ),
];

/// Opens the lesson.
#[component]
pub fn LessonButton() -> impl IntoView {
    let atlas = atlas();
    let dialog = NodeRef::<Dialog>::new();
    let step = move |(words, goal): (&'static str, Option<(&'static str, Tab)>)| {
        let show = move |name: &'static str, tab: Tab| {
            close(dialog);
            if let Some(at) = atlas.card.with_untracked(|c| c.index_of(name)) {
                atlas.selected.set(at);
            }
            atlas.tab.set(tab);
        };
        view! {
            <li>
                <span>{words}</span>
                {goal.map(|(name, tab)| view! { <button class="link" on:click=move |_| show(name, tab)>"Show"</button> })}
            </li>
        }
    };
    view! {
        <button class="btn" id="lesson" aria-label="Lesson" title="A lesson in five steps" on:click=move |_| open(dialog)>
            <Icon d=BOOK />
            <span class="lbl">"Lesson"</span>
        </button>
        <dialog class="lesson" node_ref=dialog aria-labelledby="lesson-title">
            <h2 id="lesson-title" tabindex="-1" autofocus>"A lesson in five steps"</h2>
            <ol>{STEPS.into_iter().map(step).collect_view()}</ol>
            <form method="dialog">
                <button class="btn btn--main">"Close"</button>
            </form>
        </dialog>
    }
}

//! The bar below the page that leads through the lesson.

use leptos::prelude::*;

use super::answers::{self, fill_in, right};
use super::steps::{self, Check, STEPS};
use crate::icons::{CROSS, Icon, TICK};
use crate::state::{Phase, atlas};
use crate::text::{LessonText, fill, t, texts};

/// What the learner did at a step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Progress {
    /// The option that was chosen.
    guess: Option<usize>,
    /// What to notice, as it stood when the step was done.
    done: Option<String>,
    /// What had to be seen one after the other.
    seen: Vec<String>,
}

/// The bar, where a lesson is open.
#[component]
pub fn LessonBar() -> impl IntoView {
    let atlas = atlas();
    let progress = RwSignal::new(vec![Progress::default(); answers::COUNT]);
    let open = Memo::new(move |_| {
        let number = atlas.lesson.get()?;
        steps::step(number).map(|_| number)
    });
    // A link may name a step that this version does not have.
    Effect::new(move |_| {
        if atlas.lesson.get().is_some_and(|n| steps::step(n).is_none()) {
            atlas.lesson.set(None);
        }
    });
    // What the learner does counts from the guess on.
    Effect::new(move |_| {
        let Some(at) = open.get().map(|n| usize::from(n) - 1) else {
            return;
        };
        let waits = progress.with(|p| p[at].guess.is_some() && p[at].done.is_none());
        if !waits {
            return;
        }
        let mut seen = progress.with_untracked(|p| p[at].seen.clone());
        let done = steps::done(atlas, STEPS[at].check, &mut seen);
        let words = done.then(|| fill_in(atlas, &texts().lessons[at].done));
        let changed = progress.with_untracked(|p| words.is_some() || seen != p[at].seen);
        if changed {
            progress.update(|p| {
                p[at].seen = seen;
                p[at].done = words;
            });
        }
    });
    move || {
        open.get()
            .map(|number| view! { <Step number=number progress=progress /> })
    }
}

#[component]
fn Step(number: u16, progress: RwSignal<Vec<Progress>>) -> impl IntoView {
    let atlas = atlas();
    let at = usize::from(number) - 1;
    let (step, text): (_, &'static LessonText) = (&STEPS[at], &texts().lessons[at]);
    let heading = NodeRef::<leptos::html::H2>::new();
    Effect::new(move |_| {
        if let Some(heading) = heading.get() {
            let _ = heading.focus();
        }
    });
    let guess = Memo::new(move |_| progress.with(|p| p[at].guess));
    let done = Memo::new(move |_| progress.with(|p| p[at].done.clone()));
    let right = Memo::new(move |_| right(atlas, step));
    let go = move |to: u16| {
        steps::set_up(atlas, to);
        atlas.lesson.set(Some(to));
    };
    let last = at + 1 == STEPS.len();
    let choose = move |i: usize| progress.update(|p| p[at].guess = Some(i));
    let verdict = move || match (guess.get(), right.get()) {
        (Some(guess), Some(right)) if guess == right => t("lesson.right"),
        (Some(_), Some(_)) => t("lesson.wrong"),
        _ => "",
    };
    let reveal = move || fill_in(atlas, &text.reveal);
    let needs_model = matches!(step.check, Check::AnyOf(_));
    let options = text
        .options
        .iter()
        .enumerate()
        .map(|(i, words)| {
            let mark = move || {
                guess.get().and(right.get()).map(|right| {
                    if right == i { "right" } else { "" }
                })
            };
            view! {
                <label class="lessonbar__option" data-mark=mark>
                    <input type="radio" name=format!("guess-{number}") prop:checked={move || guess.get() == Some(i)} disabled=move || guess.get().is_some() on:change=move |_| choose(i) />
                    <span>{words.as_str()}</span>
                </label>
            }
        })
        .collect_view();
    view! {
        <section class="lessonbar" id="lessonbar" aria-label=t("lesson.region")>
            <div class="lessonbar__part">
                <p class="lessonbar__count num">{fill("lesson.count", &[("n", &number), ("all", &STEPS.len())])}</p>
                <h2 node_ref=heading tabindex="-1">{text.title.as_str()}</h2>
                <p>{move || fill_in(atlas, &text.words)}</p>
            </div>
            <fieldset class="lessonbar__part">
                <legend>{text.guess.as_str()}</legend>
                {options}
                <p role="status" id="lesson-reveal">
                    {move || guess.get().is_some().then(|| view! { <b>{verdict}</b> " " {reveal} })}
                </p>
            </fieldset>
            <div class="lessonbar__part">
                <p class="lessonbar__count">{t("lesson.task")}</p>
                <p id="lesson-task" class:waits=move || guess.get().is_none()>
                    {move || if guess.get().is_none() { t("lesson.guess-first").to_owned() } else { fill_in(atlas, &text.task) }}
                </p>
                {move || (needs_model && guess.get().is_some() && done.get().is_none() && atlas.phase.get() != Phase::Ready)
                    .then(|| view! { <p class="quiet">{t("lesson.needs-model")}</p> })}
                <p role="status" id="lesson-done" data-done=move || done.with(Option::is_some).to_string()>
                    {move || done.get().map(|words| view! { <Icon d=TICK /> <span>{words}</span> })}
                </p>
                <div class="lessonbar__do">
                    <button class="btn" id="lesson-back" disabled={at == 0} on:click=move |_| go(number - 1)>{t("lesson.back")}</button>
                    <button class="btn" class=("btn--main", move || done.with(Option::is_some)) id="lesson-next"
                        on:click=move |_| if last { atlas.lesson.set(None) } else { go(number + 1) }>
                        {if last { t("lesson.end") } else { t("lesson.next") }}
                    </button>
                </div>
            </div>
            <button class="lessonbar__close" id="lesson-close" aria-label=t("lesson.close") title=t("lesson.close") on:click=move |_| atlas.lesson.set(None)>
                <Icon d=CROSS />
            </button>
        </section>
    }
}

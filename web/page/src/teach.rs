//! The teacher's page, `?teach`: links into the lesson, a hand-out to print, questions with answers.

use leptos::prelude::*;

use crate::lesson::answers::fill_in;
use crate::link::{self, Link};
use crate::projector;
use crate::query;
use crate::share::{Qr, address};
use crate::state::{Atlas, atlas};
use crate::text::{fill, filled, t, texts};
use crate::theme::ThemeButton;

/// Whether the address asks for it.
#[must_use]
pub fn wanted() -> bool {
    query::of_page("teach").is_some()
}

/// What the links on the page carry.
#[derive(Clone, Copy)]
struct Choice {
    class: RwSignal<bool>,
    projector: RwSignal<bool>,
    model: RwSignal<String>,
}

impl Choice {
    /// A link to a step.
    fn link(self, step: u16) -> String {
        let search = window().location().search().unwrap_or_default();
        let query = query::with(&search, "teach", None);
        let query = query::with(&query, projector::NAME, self.projector.get().then_some(""));
        let fragment = link::write(&Link {
            model: Some(self.model.get()),
            lesson: Some(step),
            class: self.class.get(),
            ..Link::default()
        });
        address(&query, &fragment)
    }
}

/// The page.
#[component]
pub fn Teach() -> impl IntoView {
    let atlas = atlas();
    let choice = Choice {
        class: RwSignal::new(true),
        projector: RwSignal::new(false),
        model: RwSignal::new(atlas.model.get_untracked()),
    };
    if let Some(body) = document().body() {
        let _ = body.set_attribute("data-view", "teach");
    }
    let copied = RwSignal::new(None::<u16>);
    let steps = move || {
        (1..).zip(&texts().lessons).map(move |(number, text)| {
            let copy = move |_| {
                let link = choice.link(number);
                leptos::task::spawn_local(async move {
                    if crate::share::copied(&link).await {
                        copied.set(Some(number));
                    }
                });
            };
            view! {
                <li>
                    <a href=move || choice.link(number)>{text.title.as_str()}</a>
                    <button class="link" on:click=copy>{move || if copied.get() == Some(number) { t("teach.copied") } else { t("teach.copy") }}</button>
                </li>
            }
        }).collect_view()
    };
    let models = move || {
        let models = atlas.catalogue.with(|c| c.models.clone());
        models.into_iter().map(|m| {
            let words = fill("teach.model", &[("name", &m.name), ("size", &crate::models::megabytes(m.bytes))]);
            let (id, own) = (m.id.clone(), m.id);
            view! { <option value=id selected={move || choice.model.get() == own}>{words}</option> }
        }).collect_view()
    };
    let print = |answers: bool| {
        move |_: leptos::ev::MouseEvent| {
            if let Some(body) = document().body() {
                let _ = body.set_attribute("data-answers", if answers { "yes" } else { "no" });
            }
            let _ = window().print();
        }
    };
    let first = Signal::derive(move || choice.link(1));
    view! {
        <header class="teach__head">
            <h1>{t("teach.title")}</h1>
            <nav aria-label=t("masthead.page")>
                <a class="btn" href="./">{t("teach.home")}</a>
                <ThemeButton />
            </nav>
        </header>
        <main class="teach">
            <section class="teach__intro">
                <p>{t("teach.what")}</p>
                <p>{t("masthead.honest")}</p>
                <h2>{t("teach.before")}</h2>
                <ul>
                    <li>{t("teach.before-1")}</li>
                    <li>{t("teach.before-2")}</li>
                    <li>{t("teach.before-3")}</li>
                    <li>{t("teach.before-4")}</li>
                </ul>
            </section>
            <section class="teach__links">
                <h2>{t("teach.links")}</h2>
                <div class="teach__choice">
                    <label class="check">
                        <input type="checkbox" id="teach-class" prop:checked=move || choice.class.get() on:change=move |ev| choice.class.set(event_target_checked(&ev)) />
                        <span>{t("class.switch")}</span>
                    </label>
                    <label class="check">
                        <input type="checkbox" id="teach-projector" prop:checked=move || choice.projector.get() on:change=move |ev| choice.projector.set(event_target_checked(&ev)) />
                        <span>{t("teach.projector")}</span>
                    </label>
                    <label>
                        {t("teach.which")}
                        " "
                        <select class="select" id="teach-model" on:change=move |ev| choice.model.set(event_target_value(&ev))>{models}</select>
                    </label>
                </div>
                <ol id="teach-steps">{steps}</ol>
                <figure>
                    <Qr text=first />
                    <figcaption>{t("teach.qr")}</figcaption>
                </figure>
            </section>
            <section class="teach__questions">
                <h2>{t("teach.questions")}</h2>
                <ol id="teach-questions">
                    {texts().questions.iter().map(|q| view! {
                        <li>
                            <details>
                                <summary>{q.ask.as_str()}</summary>
                                <p>{q.answer.as_str()}</p>
                            </details>
                        </li>
                    }).collect_view()}
                </ol>
                <div class="teach__print">
                    <button class="btn btn--main" id="print" on:click=print(false)>{t("teach.print")}</button>
                    <button class="btn" id="print-answers" on:click=print(true)>{t("teach.print-answers")}</button>
                </div>
            </section>
        </main>
        <Handout atlas=atlas />
    }
}

/// What is printed: on screen it is not shown.
#[component]
fn Handout(atlas: Atlas) -> impl IntoView {
    let steps = texts().lessons.iter().map(move |text| view! {
        <li>
            <h3>{text.title.as_str()}</h3>
            <p>{fill_in(atlas, &text.words)}</p>
            <p><b>{text.guess.as_str()}</b></p>
            <ul class="handout__options">{text.options.iter().map(|o| view! { <li>{o.as_str()}</li> }).collect_view()}</ul>
            <p>{fill_in(atlas, &text.task)}</p>
            <p class="handout__answer">{fill_in(atlas, &text.reveal)}</p>
        </li>
    }).collect_view();
    let questions = texts()
        .questions
        .iter()
        .map(|q| {
            view! {
                <li>
                    <p>{q.ask.as_str()}</p>
                    <p class="handout__lines" aria-hidden="true"></p>
                    <p class="handout__answer">{q.answer.as_str()}</p>
                </li>
            }
        })
        .collect_view();
    let made = filled(
        t("teach.made"),
        &[("model", &atlas.entry().map(|e| e.name).unwrap_or_default())],
    );
    view! {
        <article class="handout" aria-hidden="true">
            <h1>{t("teach.handout")}</h1>
            <p>{t("masthead.honest")}</p>
            <ol>{steps}</ol>
            <h2>{t("teach.questions")}</h2>
            <ol>{questions}</ol>
            <p>{made}</p>
        </article>
    }
}

//! What is seen of it.

use atlas_protocol::Catalogue;
use leptos::mount::mount_to_body;
use leptos::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::plan::Query;
use super::{Bench, Found, Step, run, say, search};
use crate::engine::{self, Engine};
use crate::models::megabytes;
use crate::text::{fill, t};

/// Shows the view in place of the map.
pub fn show(catalogue: Catalogue) {
    mount_to_body(move || {
        let known = |id: &String| catalogue.models.iter().any(|m| m.id == *id);
        let named = Query::model(&search()).filter(known);
        let usual = Some(catalogue.default.clone()).filter(known);
        let first = catalogue.models.first().map(|m| m.id.clone());
        let bench = Bench {
            model: RwSignal::new(named.or(usual).or(first).unwrap_or_default()),
            query: Query::read(&search()),
            step: RwSignal::new(Step::Idle),
            loaded: RwSignal::new(None),
            engine: StoredValue::new_local(Engine::default()),
            catalogue: StoredValue::new(catalogue),
        };
        on_cleanup(move || {
            engine::with(bench.engine, Engine::stop);
        });
        view! { <Page bench=bench /> }
    });
}

#[component]
fn Page(bench: Bench) -> impl IntoView {
    let step = bench.step;
    let plan = bench.query.plan;
    let busy = move || step.with(Step::busy);
    let press = move |_| {
        if step.with_untracked(Step::busy) {
            run::stop(bench)
        } else {
            run::start(bench)
        }
    };
    let found = Memo::new(move |before: Option<&Option<Found>>| match step.get() {
        Step::Done(found) => Some(found),
        // The old figures stay until there are new ones.
        _ => before.cloned().flatten(),
    });
    let models = bench.catalogue.with_value(|c| c.models.clone());
    let choices = models.into_iter().map(|entry| {
        let (id, words) = (
            entry.id.clone(),
            format!("{} ({})", entry.name, megabytes(entry.bytes)),
        );
        view! { <option value=entry.id selected=move || bench.model.get() == id>{words}</option> }
    });
    view! {
        <div class="speed" id="speed" role="main" data-state=move || step.with(Step::name)>
            <h1 class="name">{t("bench.title")}</h1>
            <p>
                {fill("bench.about", &[("prompt", &plan.prompt), ("tokens", &plan.decode)])}
            </p>
            <div class="speed__do">
                <label>
                    <span class="vh">{t("model")}</span>
                    <select class="select" id="speed-model" disabled=busy on:change=move |ev| bench.model.set(event_target_value(&ev))>
                        {choices.collect_view()}
                    </select>
                </label>
                <button class="btn" class:btn--main=move || !busy() id="speed-run" on:click=press>
                    {move || if busy() { t("stop") } else { t("bench.measure") }}
                </button>
                <Progress step=step />
            </div>
            {move || match step.get() {
                Step::Failed(words) => Some(view! { <p class="problem" id="problem" role="alert">{words}</p> }),
                _ => None,
            }}
            {move || found.get().map(|found| view! { <Figures found=found /> })}
            <p><a class="link" href="./">{t("to-map")}</a></p>
        </div>
    }
}

#[component]
fn Progress(step: RwSignal<Step>) -> impl IntoView {
    let now = move || match step.get() {
        Step::Loading(words, share) => Some((words, share)),
        Step::Measuring(share) => Some((t("bench.measuring"), share)),
        _ => None,
    };
    let share = move || 100.0 * now().map_or(0.0, |(_, share)| share.min(1.0));
    view! {
        <p class="num" role="status">{move || now().map(|(words, _)| words)}</p>
        <div class="bar" role="progressbar" aria-label=t("progress") aria-valuemin="0" aria-valuemax="100"
            hidden=move || now().is_none() aria-valuenow=move || format!("{:.0}", share())>
            <i style:width=move || format!("{:.1}%", share())></i>
        </div>
    }
}

#[component]
fn Figures(found: Found) -> impl IntoView {
    let agent = window().navigator().user_agent().unwrap_or_default();
    let line = say::line(&found, &say::browser(&agent));
    let json = serde_json::to_string(&found.report).unwrap_or_default();
    let rows = say::rows(&found).into_iter().map(|(name, figure, remark)| {
        view! {
            <tr>
                <th scope="row">{name}</th>
                <td>{figure}</td>
                <td>{remark}</td>
            </tr>
        }
    });
    let copied = RwSignal::new(None::<&'static str>);
    let text = line.clone();
    let copy = move |_| {
        let text = text.clone();
        leptos::task::spawn_local(async move {
            // The clipboard is there only on https and localhost.
            let there = js_sys::Reflect::get(&window().navigator(), &"clipboard".into())
                .is_ok_and(|c| !c.is_undefined());
            let done = there
                && JsFuture::from(window().navigator().clipboard().write_text(&text))
                    .await
                    .is_ok();
            copied.set(Some(if done {
                t("bench.copied")
            } else {
                t("bench.by-hand")
            }));
        });
    };
    view! {
        <table class="speed__table num" id="speed-table" data-report=json>
            <caption class="vh">{found.model.clone()}</caption>
            <tbody>{rows.collect_view()}</tbody>
        </table>
        <div class="speed__copy">
            <output class="num" id="speed-line">{line}</output>
            <button class="btn" id="speed-copy" on:click=copy>{t("bench.copy")}</button>
            <span role="status">{move || copied.get()}</span>
        </div>
    }
}

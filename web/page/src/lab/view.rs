//! The table of all experiments, and the one that was opened.

use std::fmt::Display;

use atlas_protocol::{CatalogueEntry, LabSize, Verdict};
use leptos::mount::mount_to_body;
use leptos::prelude::*;

use super::result::Shown;
use super::{Found, Lab, Step, Stored, order, parts, run, search};
use crate::engine::{self, Engine};
use crate::text::{fill, t};

/// Shows the view in place of the map.
pub fn show(stored: Stored) {
    mount_to_body(move || {
        let Stored { catalogue, files } = stored;
        let search = search();
        let asked = |key: &str| {
            let mut parts = parts(&search);
            parts.find(|(k, _)| *k == key).map(|(_, v)| v.to_owned())
        };
        let known = |id: &String| catalogue.models.iter().any(|m| m.id == *id);
        let usual = Some(catalogue.default.clone()).filter(known);
        let first = catalogue.models.first().map(|m| m.id.clone());
        let model = asked("model").filter(known).or(usual).or(first);
        let found = files.into_iter().flat_map(|file| {
            let model = file.model.clone();
            let one = move |result| Found {
                model: model.clone(),
                result,
                live: false,
            };
            file.results.into_iter().map(one)
        });
        let lab = Lab {
            found: RwSignal::new(found.collect()),
            model: RwSignal::new(model.unwrap_or_default()),
            seed: asked("seed").and_then(|s| s.parse().ok()).unwrap_or(1),
            step: RwSignal::new(Step::Idle),
            chosen: RwSignal::new(asked("show")),
            rows: RwSignal::new(vec![]),
            loaded: RwSignal::new(None),
            engine: StoredValue::new_local(Engine::default()),
            catalogue: StoredValue::new(catalogue),
        };
        on_cleanup(move || {
            engine::with(lab.engine, Engine::stop);
        });
        view! { <Page lab=lab /> }
    });
}

#[component]
fn Page(lab: Lab) -> impl IntoView {
    let models = lab.catalogue.with_value(|c| c.models.clone());
    let all = Memo::new(move |_| lab.found.with(|found| order(found)));
    let rows = {
        let models = models.clone();
        move || {
            let models = models.clone();
            all.get()
                .into_iter()
                .map(move |(name, title)| view! { <Row lab name title models=models.clone() /> })
                .collect_view()
        }
    };
    let choices = models.clone().into_iter().map(|entry| {
        let id = entry.id.clone();
        view! { <option value=entry.id selected=move || lab.model.get() == id>{entry.name}</option> }
    });
    let busy = move || lab.step.with(Step::busy);
    view! {
        <div class="labpage" id="lab" role="main" data-state=move || lab.step.with(Step::name)>
            <h1 class="name">{t("lab.title")}</h1>
            <p>{t("lab.about")}</p>
            <Show when=move || all.with(Vec::is_empty)>
                <p class="problem">{t("lab.none")}</p>
            </Show>
            <div class="lab__wide">
                <table class="lab__table">
                    <thead>
                        <tr>
                            <th scope="col">{t("lab.experiment")}</th>
                            {models.iter().map(|m| view! { <th scope="col">{m.name.clone()}</th> }).collect_view()}
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <div class="lab__do">
                <label>
                    {t("lab.run-on")}
                    <select class="select" id="lab-model" disabled=busy on:change=move |ev| lab.model.set(event_target_value(&ev))>
                        {choices.collect_view()}
                    </select>
                </label>
                <a class="link" href="./">{t("to-map")}</a>
            </div>
            <Open lab models />
        </div>
    }
}

/// An experiment: its verdict on each model.
#[component]
fn Row(lab: Lab, name: String, title: String, models: Vec<CatalogueEntry>) -> impl IntoView {
    let chosen = {
        let name = name.clone();
        move || lab.chosen.with(|c| c.as_ref() == Some(&name))
    };
    let cells = models
        .into_iter()
        .map(|model| {
            let name = name.clone();
            let found = move || lab.latest(&model.id, &name);
            view! { <td>{move || found().map_or_else(|| view! { <span class="lab__none">{t("lab.not-run")}</span> }.into_any(), |f| view! { <Cell found=f /> }.into_any())}</td> }
        })
        .collect_view();
    let pick = {
        let name = name.clone();
        move |_| {
            if !lab.step.with_untracked(Step::busy) {
                lab.rows.set(vec![]);
                lab.step.set(Step::Idle);
                lab.chosen.set(Some(name.clone()));
            }
        }
    };
    let current = chosen.clone();
    view! {
        <tr data-experiment=name class:is-open=chosen>
            <th scope="row">
                <button class="link" aria-expanded=move || current().to_string() on:click=pick>{title}</button>
            </th>
            {cells}
        </tr>
    }
}

/// Class of a verdict.
pub(super) const fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Replicates => "verdict verdict--yes",
        Verdict::Weak => "verdict verdict--part",
        Verdict::DoesNotReplicate => "verdict verdict--no",
    }
}

/// A verdict in words.
pub(super) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Replicates => t("lab.verdict.yes"),
        Verdict::Weak => t("lab.verdict.weak"),
        Verdict::DoesNotReplicate => t("lab.verdict.no"),
    }
}

#[component]
fn Cell(found: Found) -> impl IntoView {
    let result = found.result;
    let held = result.claims.iter().filter(|c| c.holds).count();
    let lines: &[(&str, &dyn Display)] = &[("held", &held), ("all", &result.claims.len())];
    let lines = match result.size {
        LabSize::Quick => fill("lab.held.quick", lines),
        LabSize::Full => fill("lab.held.full", lines),
    };
    let main = result.claims.first().and_then(|claim| {
        let figure = result.figures.iter().find(|f| f.id == claim.figure)?;
        let two = |x: f64| format!("{x:.2}");
        Some(fill(
            "lab.main",
            &[
                ("value", &two(figure.estimate)),
                ("low", &two(figure.low)),
                ("high", &two(figure.high)),
                ("unit", &figure.unit),
            ],
        ))
    });
    view! {
        <span class=class(result.verdict)>{verdict(result.verdict)}</span>
        <span class="lab__small num">
            {lines}
            {found.live.then(|| t("lab.live"))}
        </span>
        <span class="lab__small num">{main.map(|m| m.replace('-', "−"))}</span>
    }
}

/// The chosen experiment: run it, and what was found on each model.
#[component]
fn Open(lab: Lab, models: Vec<CatalogueEntry>) -> impl IntoView {
    let models = StoredValue::new(models);
    move || {
        let name = lab.chosen.get()?;
        let results: Vec<_> = models.with_value(|models| {
            let each = models.iter().filter_map(|m| {
                let found = lab.latest(&m.id, &name)?;
                Some((m.name.clone(), found))
            });
            each.collect()
        });
        let first = results.first().map(|(_, f)| f.result.clone())?;
        Some(view! {
                    <section class="lab__open" aria-labelledby="lab-title" id="lab-open">
                        <h2 id="lab-title">{first.title.clone()}</h2>
                        <p class="lab__question">{first.question.clone()}</p>
        <p><b>{t("lab.paper")}</b>{first.paper.clone()}</p>
                        <Runner lab name />
                        <div class="lab__pair">
                            {results.into_iter().map(|(model, found)| view! { <Shown model found /> }).collect_view()}
                        </div>
                        <p class="lab__small"><b>{t("lab.rule")}</b>{first.rule.clone()}</p>
                    </section>
                })
    }
}

#[component]
fn Runner(lab: Lab, name: String) -> impl IntoView {
    let busy = move || lab.step.with(Step::busy);
    let full = name.clone();
    // All of it needs what `atlas extract` leaves behind.
    let native = name == "stories";
    let press = move |_| {
        if lab.step.with_untracked(Step::busy) {
            run::stop(lab)
        } else {
            run::start(lab, name.clone(), LabSize::Quick)
        }
    };
    let all = move |_| run::start(lab, full.clone(), LabSize::Full);
    let now = move || match lab.step.get() {
        Step::Loading(words, share) => Some((words.to_owned(), share)),
        Step::Running(share, about) => Some((fill("lab.running", &[("about", &about)]), share)),
        _ => None,
    };
    let share = move || 100.0 * now().map_or(0.0, |(_, share)| share.min(1.0));
    view! {
        <div class="lab__do">
            <button class="btn" class:btn--main=move || !busy() id="lab-run" on:click=press>
                {move || if busy() { t("stop") } else { t("lab.quick") }}
            </button>
            <button class="btn" id="lab-full" hidden=move || native || busy() on:click=all>{t("lab.full")}</button>
            <p class="num" role="status">{move || now().map(|(words, _)| words)}</p>
            <div class="bar" role="progressbar" aria-label=t("progress") aria-valuemin="0" aria-valuemax="100"
                hidden=move || now().is_none() aria-valuenow=move || format!("{:.0}", share())>
                <i style:width=move || format!("{:.1}%", share())></i>
            </div>
        </div>
        {native.then(|| view! { <p class="lab__small">{t("lab.terminal")}</p> })}
        {move || match lab.step.get() {
            Step::Failed(words) => Some(view! { <p class="problem" role="alert">{words}</p> }),
            _ => None,
        }}
        <ul class="lab__rows num" hidden=move || lab.rows.with(Vec::is_empty)>
            {move || {
                let rows = lab.rows.get().into_iter().take(5);
                rows.map(|(label, found)| view! { <li><b>{label}</b>" "{found}</li> }).collect_view()
            }}
        </ul>
    }
}

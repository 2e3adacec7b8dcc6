//! "How good is this model?": measured figures, drawn, each with one sentence that a pupil understands.

mod chart;
mod steered;

use atlas_affect::report::{Figures, Report};
use atlas_affect::retrieval::Retrieval;
use leptos::prelude::*;

use crate::library;
use crate::state::atlas;
use crate::text::{fill, t};
use chart::{Bars, Depth};
use std::collections::BTreeMap;
use steered::Steered;

/// The figures of the model on show.
#[component]
pub fn Quality() -> impl IntoView {
    let atlas = atlas();
    let report = RwSignal::new(None::<Report>);
    Effect::new(move |_| {
        let model = atlas.model.get();
        leptos::task::spawn_local(async move {
            let found = library::report(&model).await;
            // The dialog may be closed by then.
            let _ = report.try_set(found);
        });
    });
    view! {
        <section class="quality" id="quality" aria-labelledby="quality-title">
            <h3 id="quality-title">{t("quality.title")}</h3>
            {move || match report.get() {
                Some(report) => view! { <Shown report /> }.into_any(),
                None => view! { <p class="quiet">{t("quality.none")}</p> }.into_any(),
            }}
        </section>
    }
}

#[component]
fn Shown(report: Report) -> impl IntoView {
    let at = |layer| report.layers.iter().find(|f| f.layer == layer).cloned();
    let (map, reading) = (at(report.map.layer), at(report.reading.layer));
    let depth = report.layers.clone();
    let marked = report.map.layer;
    view! {
        {map.map(|f| view! { <Axes f /> })}
        <Depth figures=depth marked />
        {reading.map(|f| view! { <Found f /> })}
        <Across across=report.once.across.clone() />
        {report.steered.map(|found| view! { <Steered found /> })}
        {report
            .false_positives
            .map(|quiet| {
                view! {
                    <p>
                        {fill(
                            "quality.quiet",
                            &[("tokens", &quiet.tokens), ("share", &format_args!("{:.1}", quiet.mean * 100.0))],
                        )}
                    </p>
                }
            })}
        {report
            .once
            .between_models
            .iter()
            .map(|(other, null)| {
                view! {
                    <p>
                        {fill(
                            "quality.other-model",
                            &[("model", other), ("agree", &format_args!("{:.2}", null.observed))],
                        )}
                    </p>
                }
            })
            .collect_view()}
        <p class="quiet">
            {t("quality.by")}
            <code>"atlas evaluate"</code>
            {t("quality.by-after")}
        </p>
    }
}

/// What the two axes of the map are worth.
#[component]
fn Axes(f: Figures) -> impl IntoView {
    let judge = |r: f64, chance: f64| match r {
        r if r <= chance => t("quality.chance"),
        r if r < 0.5 => t("quality.loosely"),
        r if r < 0.75 => t("quality.clearly"),
        _ => t("quality.closely"),
    };
    let valence = judge(f.valence.estimate, f.valence_null.limit95);
    let arousal = judge(f.arousal.estimate, f.arousal_null.limit95);
    let r = |x: f64| format!("{x:.2}");
    let words = fill(
        "quality.axes",
        &[
            ("valence", &valence),
            ("rv", &r(f.valence.estimate)),
            ("rv-low", &r(f.valence.low)),
            ("rv-high", &r(f.valence.high)),
            ("rv-chance", &r(f.valence_null.limit95)),
            ("arousal", &arousal),
            ("ra", &r(f.arousal.estimate)),
            ("ra-low", &r(f.arousal.low)),
            ("ra-high", &r(f.arousal.high)),
            ("ra-chance", &r(f.arousal_null.limit95)),
        ],
    );
    view! { <p>{words}</p> }
}

/// Whether no other kind's vectors find a kind's emotions more often than its own do.
fn own_is_best(across: &BTreeMap<String, BTreeMap<String, Retrieval>>) -> bool {
    let top5 = |made_of: &String, kind: &String| Some(across.get(made_of)?.get(kind)?.top5);
    let best = |kind| {
        across
            .keys()
            .all(|other| top5(other, kind) <= top5(kind, kind))
    };
    across.keys().all(best)
}

/// Directions made of one kind of stories, tried on another.
#[component]
fn Across(across: BTreeMap<String, BTreeMap<String, Retrieval>>) -> impl IntoView {
    let sentence = match own_is_best(&across) {
        true => t("quality.across.own"),
        false => t("quality.across.other"),
    };
    let kinds: Vec<String> = across.keys().cloned().collect();
    let head = kinds
        .iter()
        .map(|kind| view! { <th scope="col">{kind.clone()}</th> });
    let rows = across.iter().map(|(made_of, found)| {
        let cells = kinds.iter().map(|kind| {
            let top5 = found.get(kind).map_or(0.0, |r| r.top5);
            let own = (kind == made_of).then_some("own");
            let share = format!("--share:{top5:.3}");
            view! { <td class=own style=share>{format!("{:.0}", top5 * 100.0)}</td> }
        });
        view! { <tr><th scope="row">{made_of.clone()}</th>{cells.collect_view()}</tr> }
    });
    (!kinds.is_empty()).then(|| {
        view! {
            <p>{sentence}</p>
            <table class="across">
                <caption>{t("quality.across.caption")}</caption>
                <thead><tr><td></td>{head.collect_view()}</tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        }
    })
}

/// How often unseen stories find their emotion.
#[component]
fn Found(f: Figures) -> impl IntoView {
    let bars = ["told", "inner", "original"]
        .into_iter()
        .filter_map(|corpus| {
            let name = match corpus {
                "told" => t("quality.found.told"),
                "inner" => t("quality.found.inner"),
                _ => t("quality.found.original"),
            };
            Some((name.to_owned(), f.alone.get(corpus)?.top5))
        })
        .collect::<Vec<_>>();
    view! {
        <p>{t("quality.found")}</p>
        <Bars bars chance=5.0 / 171.0 />
    }
}

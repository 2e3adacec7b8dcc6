//! What was found on one model.

use std::fmt::Display;

use atlas_protocol::lab::{csv, svg};
use atlas_protocol::{Drawing, LabResult, LabSize};
use leptos::prelude::*;

use super::Found;
use super::draw::{Curves, Dots, Matrix, Place};
use super::view::{class, verdict};
use crate::text::{fill, t};

/// One result, from the sentence for everybody to every figure.
#[component]
pub(super) fn Shown(model: String, found: Found) -> impl IntoView {
    let result = found.result;
    let of: &[(&str, &dyn Display)] = &[("of", &result.of), ("seed", &result.seed)];
    let run = match result.size {
        LabSize::Quick => fill("lab.of.quick", of),
        LabSize::Full => fill("lab.of.full", of),
    };
    let json = serde_json::to_string_pretty(&result).unwrap_or_default();
    let name = format!("{}-{}", result.experiment, found.model);
    let files = [
        ("JSON", "application/json", json),
        ("CSV", "text/csv", csv([&result])),
        ("SVG", "image/svg+xml", svg(&result, &model)),
    ];
    let files = files.map(|(kind, mime, text)| {
        let address = format!("data:{mime};charset=utf-8,{}", encoded(&text));
        let file = format!("{name}.{}", kind.to_lowercase());
        view! { <a class="link" href=address download=file>{kind}</a>" " }
    });
    view! {
        <article class="lab__result" data-model=found.model data-live=found.live.to_string()>
            <h3>{model}</h3>
            <p><span class=class(result.verdict)>{verdict(result.verdict)}</span></p>
            <p>{result.finding.clone()}</p>
            <Claims result=result.clone() />
            {result.drawings.iter().cloned().map(drawing).collect_view()}
            <details>
                <summary>{t("lab.figures")}</summary>
                <Figures result=result.clone() />
            </details>
            <p class="lab__small">
                {run}
                {t("lab.save")}
                {files}
            </p>
        </article>
    }
}

/// Percent-encoding of everything that could end an address.
fn encoded(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}

#[component]
fn Claims(result: LabResult) -> impl IntoView {
    let rows = result.claims.iter().filter_map(|claim| {
        let f = result.figures.iter().find(|f| f.id == claim.figure)?;
        Some(Place {
            label: claim.words.clone(),
            value: f.estimate,
            low: f.low,
            high: f.high,
            null: f.null.as_ref().map(|n| (n.low, n.high)),
            chance: f.chance,
            unit: f.unit.clone(),
            note: if claim.holds {
                fill("lab.holds", &[("paper", &claim.paper)])
            } else {
                fill(
                    "lab.holds-not",
                    &[("why", &claim.why), ("paper", &claim.paper)],
                )
            },
        })
    });
    let (title, places) = (t("lab.expected").to_owned(), rows.collect::<Vec<_>>());
    view! { <Dots title places /> }
}

fn drawing(drawing: Drawing) -> AnyView {
    match drawing {
        Drawing::Bars {
            title,
            unit,
            bars,
            null,
        } => {
            let places = bars.into_iter().map(|bar| Place {
                label: bar.label,
                value: bar.value,
                low: bar.low,
                high: bar.high,
                null: null.as_ref().map(|n| (n.low, n.high)),
                chance: 0.0,
                unit: unit.clone(),
                note: String::new(),
            });
            let places = places.collect::<Vec<_>>();
            view! { <Dots title places /> }.into_any()
        }
        Drawing::Curves {
            title,
            x,
            y,
            series,
        } => view! { <Curves title x y series /> }.into_any(),
        Drawing::Matrix {
            title,
            unit,
            rows,
            columns,
            values,
        } => view! { <Matrix title unit rows columns values /> }.into_any(),
        Drawing::Texts { title, texts } => view! {
            <details>
                <summary>{title}</summary>
                <dl class="lab__texts">
                    {texts
                        .into_iter()
                        .map(|one| {
                            view! {
                                <dt>{one.label} <span class="num">{format!(" {:+.2}", one.scored).replace('-', "−")}</span></dt>
                                <dd>{one.text}</dd>
                            }
                        })
                        .collect_view()}
                </dl>
            </details>
        }
        .into_any(),
    }
}

#[component]
fn Figures(result: LabResult) -> impl IntoView {
    let number = |x: f64| format!("{x:.3}").replace('-', "−");
    let rows = result.figures.into_iter().map(|f| {
        let null = f.null.map_or_else(String::new, |n| {
            fill(
                "lab.null",
                &[
                    ("low", &number(n.low)),
                    ("high", &number(n.high)),
                    ("of", &n.of),
                ],
            )
        });
        let value = fill(
            "lab.interval",
            &[
                ("value", &number(f.estimate)),
                ("low", &number(f.low)),
                ("high", &number(f.high)),
            ],
        );
        view! {
            <tr>
                <th scope="row">{f.label}" "<span class="lab__small">{f.id}</span></th>
                <td>{value}</td>
                <td>{null}</td>
                <td>{format!("{:.4}", f.p)}" "<span class="lab__small">{f.test}</span></td>
                <td>{f.n}</td>
            </tr>
        }
    });
    view! {
        <div class="lab__wide">
            <table class="lab__table num">
                <thead>
                    <tr>
                        <th scope="col">{t("lab.figure")}</th>
                        <th scope="col">{t("lab.value")}</th>
                        <th scope="col">{t("lab.chance")}</th>
                        <th scope="col">"p"</th>
                        <th scope="col">"n"</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
}

//! What steering does: which words and readings a push moves, and how fluent the text stays.

use atlas_affect::steering::{Coherence, Point, Shifts, Summary};
use leptos::prelude::*;

use crate::text::{fill, filled, t};

/// Both drawings, each with what it says.
#[component]
pub fn Steered(found: Summary) -> impl IntoView {
    let percent = found.strength * 100.0;
    let chance = 100.0 / found.emotions.len().max(1) as f32;
    let words = fill(
        "quality.words",
        &[
            ("percent", &format_args!("{percent:.0}")),
            ("first", &format_args!("{:.0}", found.words.first * 100.0)),
            ("chance", &format_args!("{chance:.0}")),
            ("own", &format_args!("{:.1}", found.words.own)),
            ("others", &format_args!("{:.1}", found.words.others)),
            ("random", &format_args!("{:.1}", found.words.random.sd)),
        ],
    );
    let probe = fill(
        "quality.probe",
        &[
            ("layer", &found.probe_layer),
            ("first", &format_args!("{:.0}", found.probe.first * 100.0)),
        ],
    );
    let [away, towards] = found.safe.map(|ends| ends[1] * 100.0);
    let fluent = fill(
        "quality.fluent",
        &[
            ("towards", &format_args!("{towards:.0}")),
            ("away", &format_args!("{away:.0}")),
        ],
    );
    let names = [found.emotions.clone(), found.emotions];
    let [first, second] = names;
    view! {
        <p>{words}</p>
        <div class="matrices">
            <Matrix names=first shifts=found.words spoken=t("quality.words.spoken") caption=t("quality.words.caption") />
            <Matrix names=second shifts=found.probe spoken=t("quality.probe.spoken") caption=t("quality.probe.caption") />
        </div>
        <p>{probe}</p>
        <p>{fluent}</p>
        <Curve points=found.coherence limits=found.limits />
    }
}

const CELL: f64 = 18.0;
const NAME: f64 = 66.0;

/// Rows are pushed, columns are seen; orange rises, blue falls, as everywhere on the page.
#[component]
fn Matrix(
    names: Vec<String>,
    shifts: Shifts,
    /// What is read to those who do not see it; `{list}` stands for the figures.
    spoken: &'static str,
    caption: &'static str,
) -> impl IntoView {
    let most = shifts
        .rows
        .iter()
        .flatten()
        .fold(0.0_f32, |m, x| m.max(x.abs()));
    let place = |i: usize| NAME + CELL * i as f64;
    let size = NAME + CELL * names.len() as f64 + 4.0;
    let cells = shifts.rows.iter().enumerate().flat_map(|(y, row)| {
        row.iter().enumerate().map(move |(x, value)| {
            let kind = if *value < 0.0 { "cell less" } else { "cell more" };
            let part = if most > 0.0 { value.abs() / most } else { 0.0 };
            view! {
                <rect class=kind class:own={x == y} x=place(x) y=place(y) width=CELL - 1.0 height=CELL - 1.0 fill-opacity=format!("{part:.3}") />
            }
        })
    });
    let cells = cells.collect_view();
    let labels = names.iter().enumerate().map(|(i, name)| {
        let (across, down) = (place(i) + CELL * 0.7, place(i) + CELL * 0.7);
        view! {
            <text x=NAME - 5.0 y=down text-anchor="end">{name.clone()}</text>
            <text transform=format!("translate({across:.1} {:.1}) rotate(-55)", NAME - 5.0)>{name.clone()}</text>
        }
    });
    let labels = labels.collect_view();
    let own = names
        .iter()
        .zip(&shifts.rows)
        .enumerate()
        .map(|(i, (name, row))| {
            let own = row.get(i).copied().unwrap_or(0.0);
            let above = row.iter().filter(|x| **x > own).count();
            let own = format!("{own:+.2}");
            fill(
                "quality.own",
                &[("name", name), ("own", &own), ("above", &above)],
            )
        });
    let own = own.collect::<Vec<_>>().join("; ");
    let said = filled(spoken, &[("list", &own)]);
    view! {
        <figure class="chart matrix">
            <svg viewBox=format!("0 0 {:.0} {size:.0}", size + 26.0) role="img" aria-label=said>
                {cells}
                {labels}
            </svg>
            <figcaption>{caption}</figcaption>
        </figure>
    }
}

const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 170.0;
const LEFT: f64 = 42.0;
const BOTTOM: f64 = 22.0;
const TOP: f64 = 8.0;
/// Perplexities that get a line.
const MARKS: [f32; 6] = [3.0, 10.0, 30.0, 100.0, 1000.0, 10000.0];

/// Perplexity by strength, on a logarithmic scale.
#[component]
fn Curve(points: Vec<Point>, limits: Coherence) -> impl IntoView {
    let most = points.iter().fold(0.01_f32, |m, p| m.max(p.strength.abs()));
    let all = || {
        points
            .iter()
            .flat_map(|p| [p.pushed.surprise, p.random.surprise])
    };
    let low = all().fold(limits.surprise, f32::min) - 0.2;
    let high = all().fold(limits.surprise, f32::max) + 0.2;
    let x =
        move |strength: f32| LEFT + (WIDTH - LEFT - 8.0) * f64::from(0.5 + strength / (2.0 * most));
    let y = move |surprise: f32| {
        TOP + (HEIGHT - TOP - BOTTOM) * f64::from((high - surprise) / (high - low).max(0.01))
    };
    let line = |of: &dyn Fn(&Point) -> f32| {
        let each = points
            .iter()
            .map(|p| format!("{:.1},{:.1}", x(p.strength), y(of(p))));
        each.collect::<Vec<_>>().join(" ")
    };
    let (pushed, random) = (line(&|p| p.pushed.surprise), line(&|p| p.random.surprise));
    let grid = MARKS
        .iter()
        .filter(|m| (low..high).contains(&m.ln()))
        .map(|mark| {
            let at = y(mark.ln());
            view! {
                <line class="grid" x1=LEFT x2=WIDTH y1=at y2=at />
                <text x=LEFT - 6.0 y=at + 4.0 text-anchor="end">{mark.to_string()}</text>
            }
        });
    let grid = grid.collect_view();
    let limit = y(limits.surprise);
    let said = points.iter().map(|p| {
        fill(
            "quality.curve.at",
            &[
                ("push", &format_args!("{:+.0}", p.strength * 100.0)),
                ("perplexity", &format_args!("{:.0}", p.pushed.perplexity())),
                ("fluent", &format_args!("{:.0}", p.fluent * 100.0)),
            ],
        )
    });
    let said = said.collect::<Vec<_>>().join("; ");
    let said = fill("quality.curve.spoken", &[("list", &said)]);
    view! {
        <figure class="chart">
            <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label=said>
                {grid}
                <line class="here" x1=x(0.0) x2=x(0.0) y1=TOP y2=HEIGHT - BOTTOM />
                <line class="limit" x1=LEFT x2=WIDTH y1=limit y2=limit />
                <polyline class="chance" points=random />
                <polyline class="line second" points=pushed />
                <text x=LEFT y=HEIGHT - 6.0>{fill("quality.curve.away", &[("percent", &format_args!("{:.0}", -most * 100.0))])}</text>
                <text x=x(0.0) y=HEIGHT - 6.0 text-anchor="middle">{t("steer.no-push")}</text>
                <text x=WIDTH - 8.0 y=HEIGHT - 6.0 text-anchor="end">{fill("quality.curve.towards", &[("percent", &format_args!("{:.0}", most * 100.0))])}</text>
            </svg>
            <figcaption>
                <span class="key second">{t("quality.curve.perplexity")}</span>
                <span class="key chance">{t("quality.curve.random")}</span>
                <span class="key limit">{t("quality.curve.limit")}</span>
            </figcaption>
        </figure>
    }
}

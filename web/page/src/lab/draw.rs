//! Three small drawings: numbers with their intervals, curves, and a matrix.

use atlas_protocol::Series;
use leptos::prelude::*;

use crate::text::{fill, t};

/// A number to draw.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Place {
    pub label: String,
    pub value: f64,
    pub low: f64,
    pub high: f64,
    /// What random vectors give.
    pub null: Option<(f64, f64)>,
    /// What no effect gives.
    pub chance: f64,
    pub unit: String,
    pub note: String,
}

/// A scale that all units of one kind share: least and greatest.
fn scale(places: &[Place], unit: &str) -> (f64, f64) {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for place in places.iter().filter(|p| p.unit == unit) {
        let (null_low, null_high) = place.null.unwrap_or((place.chance, place.chance));
        for x in [place.low, place.high, place.chance, null_low, null_high] {
            low = low.min(x);
            high = high.max(x);
        }
    }
    let room = ((high - low) * 0.06).max(1e-6);
    (low - room, high + room)
}

/// Each number as a dot, its interval as a line, what random vectors give as a band.
#[component]
pub(super) fn Dots(title: String, places: Vec<Place>) -> impl IntoView {
    let rows = places
        .iter()
        .map(|place| {
            let (least, most) = scale(&places, &place.unit);
            let x = move |v: f64| (100.0 * (v - least) / (most - least)).clamp(0.0, 100.0);
            let band = place.null.map(|(low, high)| {
                let style = format!("left:{:.1}%;width:{:.1}%", x(low), x(high) - x(low));
                view! { <i class="dots__null" style=style></i> }
            });
            let line = format!(
                "left:{:.1}%;width:{:.1}%",
                x(place.low),
                x(place.high) - x(place.low)
            );
            let words = format!("{:.2} {}", place.value, place.unit).replace('-', "−");
            let note = place.note.clone();
            view! {
                <li>
                    <span>{place.label.clone()}</span>
                    <span class="dots__line" aria-hidden="true">
                        {band}
                        <i class="dots__zero" style=format!("left:{:.1}%", x(place.chance))></i>
                        <i class="dots__span" style=line></i>
                        <i class="dots__dot" style=format!("left:{:.1}%", x(place.value))></i>
                    </span>
                    <span class="num">{words}</span>
                    {(!note.is_empty()).then(|| view! { <span class="dots__note">{note}</span> })}
                </li>
            }
        })
        .collect_view();
    view! {
        <figure class="lab__figure">
            <figcaption>{title}</figcaption>
            <ul class="dots">{rows}</ul>
        </figure>
    }
}

const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 170.0;
const LEFT: f64 = 44.0;
const BOTTOM: f64 = 22.0;
const TOP: f64 = 8.0;
/// Dashes that tell curves apart without colour.
const DASHES: [&str; 6] = ["", "7 3", "2 3", "10 3 2 3", "4 2", "1 4"];

/// Curves over a number; across, the values stand at even distances.
#[component]
pub(super) fn Curves(title: String, x: String, y: String, series: Vec<Series>) -> impl IntoView {
    let points = || series.iter().flat_map(|s| &s.points);
    let mut across: Vec<f64> = points().map(|p| p[0]).collect();
    across.sort_by(f64::total_cmp);
    across.dedup();
    let least = points().map(|p| p[2]).fold(0.0, f64::min);
    let most = points().map(|p| p[3]).fold(0.0, f64::max).max(least + 1e-9);
    let place = |v: f64| {
        let at = across.iter().position(|a| *a >= v).unwrap_or(0);
        LEFT + (WIDTH - LEFT - 10.0) * at as f64 / across.len().saturating_sub(1).max(1) as f64
    };
    let height = |v: f64| TOP + (HEIGHT - TOP - BOTTOM) * (most - v) / (most - least);
    let lines = series.iter().enumerate().map(|(at, s)| {
        let points: Vec<String> = s
            .points
            .iter()
            .map(|p| format!("{:.1},{:.1}", place(p[0]), height(p[1])))
            .collect();
        let class = format!("curve curve--{}", at % DASHES.len());
        let dots = s.points.iter().map(|p| {
            view! { <circle class=class.clone() cx=place(p[0]) cy=height(p[1]) r="2.5" /> }
        });
        view! {
            <polyline class=class.clone() stroke-dasharray=DASHES[at % DASHES.len()] points=points.join(" ") />
            {dots.collect_view()}
        }
    });
    let keys = series.iter().enumerate().map(|(at, s)| {
        let class = format!("curve curve--{}", at % DASHES.len());
        view! {
            <span class="lab__key">
                <svg viewBox="0 0 24 6" width="24" height="6" aria-hidden="true">
                    <line class=class x1="0" x2="24" y1="3" y2="3" stroke-dasharray=DASHES[at % DASHES.len()] />
                </svg>
                {s.label.clone()}
            </span>
        }
    });
    let said = series.iter().map(|s| {
        let points: Vec<String> = s
            .points
            .iter()
            .map(|p| {
                let value = format!("{:.2}", p[1]);
                fill("lab.point", &[("value", &value), ("x", &p[0])])
            })
            .collect();
        format!("{}: {}", s.label, points.join(", "))
    });
    let said = format!("{title}. {}", said.collect::<Vec<_>>().join("; "));
    let (first, last) = (across.first().copied(), across.last().copied());
    view! {
        <figure class="lab__figure">
            <figcaption>{title.clone()}</figcaption>
            <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label=said>
                <line class="grid" x1=LEFT x2=WIDTH y1=height(0.0) y2=height(0.0) />
                <text x=LEFT - 6.0 y=height(most) + 8.0 text-anchor="end">{format!("{most:.2}")}</text>
                <text x=LEFT - 6.0 y=height(least) text-anchor="end">{format!("{least:.2}").replace('-', "−")}</text>
                {lines.collect_view()}
                <text x=LEFT y=HEIGHT - 6.0>{first.map(|v| v.to_string().replace('-', "−"))}</text>
                <text x=WIDTH - 10.0 y=HEIGHT - 6.0 text-anchor="end">{last.map(|v| v.to_string())}</text>
            </svg>
            <p class="lab__small">{fill("lab.axes", &[("x", &x), ("y", &y)])}</p>
            <p class="lab__keys">{keys.collect_view()}</p>
        </figure>
    }
}

/// A matrix as a coloured table: orange above 0, blue below, paper at 0.
#[component]
pub(super) fn Matrix(
    title: String,
    unit: String,
    rows: Vec<String>,
    columns: Vec<String>,
    values: Vec<f64>,
) -> impl IntoView {
    let most = values.iter().map(|v| v.abs()).fold(1e-9, f64::max);
    let head = columns
        .iter()
        .map(|c| view! { <th scope="col"><span>{c.clone()}</span></th> });
    let body = rows
        .iter()
        .zip(values.chunks(columns.len().max(1)))
        .map(|(name, row)| {
            let cells = row.iter().map(|v| {
                let side = if *v < 0.0 { "less" } else { "more" };
                let style = format!(
                    "background:rgb(var(--{side}-rgb) / {:.2})",
                    (v.abs() / most).min(1.0)
                );
                view! { <td style=style>{format!("{v:.1}").replace('-', "−")}</td> }
            });
            view! { <tr><th scope="row">{name.clone()}</th>{cells.collect_view()}</tr> }
        });
    view! {
        <figure class="lab__figure">
            <figcaption>{format!("{title} ({unit})")}</figcaption>
            <div class="lab__wide" tabindex="0" role="region" aria-label=t("lab.sideways")>
                <table class="lab__matrix num">
                    <thead><tr><td></td>{head.collect_view()}</tr></thead>
                    <tbody>{body.collect_view()}</tbody>
                </table>
            </div>
        </figure>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_holds_everything_that_is_drawn() {
        let place = |value: f64, unit: &str, null| Place {
            label: String::new(),
            value,
            low: value - 1.0,
            high: value + 1.0,
            null,
            chance: 0.0,
            unit: unit.into(),
            note: String::new(),
        };
        let places = [
            place(2.0, "r", Some((-5.0, 1.0))),
            place(90.0, "nats", None),
        ];
        let (low, high) = scale(&places, "r");
        assert!(low < -5.0 && high > 3.0 && high < 10.0);
        assert!(scale(&places, "nats").0 < 0.0);
    }
}

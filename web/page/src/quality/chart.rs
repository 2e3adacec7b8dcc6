//! Two small drawings: lines over the layers, and bars.

use atlas_affect::report::Figures;
use atlas_affect::trust::Interval;
use atlas_units::Layer;
use leptos::prelude::*;

use crate::text::{fill, t};

const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 150.0;
const LEFT: f64 = 34.0;
const BOTTOM: f64 = 22.0;
const TOP: f64 = 8.0;

/// Correlations with valence and arousal at every layer, with their intervals and what chance gives.
#[component]
pub fn Depth(figures: Vec<Figures>, marked: Layer) -> impl IntoView {
    let last = figures.last().map_or(1, |f| f.layer.index()).max(1);
    let x = move |layer: Layer| LEFT + (WIDTH - LEFT - 8.0) * layer.index() as f64 / last as f64;
    let y = |r: f64| TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - r.clamp(0.0, 1.0));
    let line = |of: &dyn Fn(&Figures) -> f64| {
        let points = figures
            .iter()
            .map(|f| format!("{:.1},{:.1}", x(f.layer), y(of(f))));
        points.collect::<Vec<_>>().join(" ")
    };
    let band = |of: &dyn Fn(&Figures) -> Interval| {
        let upper = figures
            .iter()
            .map(|f| format!("{:.1},{:.1}", x(f.layer), y(of(f).high)));
        let lower = figures
            .iter()
            .rev()
            .map(|f| format!("{:.1},{:.1}", x(f.layer), y(of(f).low)));
        upper.chain(lower).collect::<Vec<_>>().join(" ")
    };
    let (valence, arousal) = (|f: &Figures| f.valence, |f: &Figures| f.arousal);
    let chance = line(&|f| f.valence_null.limit95);
    let grid = [0.0, 0.5, 1.0].map(|r| {
        view! {
            <line class="grid" x1=LEFT x2=WIDTH y1=y(r) y2=y(r) />
            <text x=LEFT - 6.0 y=y(r) + 4.0 text-anchor="end">{format!("{r:.1}")}</text>
        }
    });
    let here = x(marked);
    let table = figures.iter().map(|f| {
        fill(
            "quality.depth.at",
            &[
                ("layer", &f.layer),
                ("valence", &format_args!("{:.2}", f.valence.estimate)),
                ("arousal", &format_args!("{:.2}", f.arousal.estimate)),
            ],
        )
    });
    let table = table.collect::<Vec<_>>().join("; ");
    let said = fill("quality.depth.spoken", &[("list", &table)]);
    view! {
        <figure class="chart">
            <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label=said>
                {grid.collect_view()}
                <line class="here" x1=here x2=here y1=TOP y2=HEIGHT - BOTTOM />
                <polygon class="band first" points=band(&valence) />
                <polygon class="band second" points=band(&arousal) />
                <polyline class="chance" points=chance />
                <polyline class="line first" points=line(&|f| f.valence.estimate) />
                <polyline class="line second" points=line(&|f| f.arousal.estimate) />
                <text x=LEFT y=HEIGHT - 6.0>{fill("layer.n", &[("layer", &0)])}</text>
                <text x=WIDTH - 8.0 y=HEIGHT - 6.0 text-anchor="end">{fill("layer.n", &[("layer", &last)])}</text>
            </svg>
            <figcaption>
                <span class="key first">{t("quality.depth.pleasant")}</span>
                <span class="key second">{t("quality.depth.excited")}</span>
                <span class="key chance">{t("quality.depth.random")}</span>
                {fill("quality.depth.caption", &[("layer", &marked)])}
            </figcaption>
        </figure>
    }
}

/// Shares, 0 to 1, one bar each, with a mark at what chance gives.
#[component]
pub fn Bars(bars: Vec<(String, f32)>, chance: f64) -> impl IntoView {
    let mark = format!("left:{:.1}%", chance * 100.0);
    view! {
        <ul class="bars">
            {bars
                .into_iter()
                .map(|(name, share)| {
                    view! {
                        <li>
                            <span>{name}</span>
                            <span class="bar" aria-hidden="true">
                                <i style=format!("width:{:.1}%", share * 100.0)></i>
                                <b style=mark.clone()></b>
                            </span>
                            <span class="num">{fill("quality.of-hundred", &[("n", &format_args!("{:.0}", share * 100.0))])}</span>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
    }
}

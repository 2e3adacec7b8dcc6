//! The chosen emotions, each with a switch, a slider and a number.

use atlas_protocol::Method;
use leptos::prelude::*;

use super::how::HowPanel;
use super::recipe::signed;
use super::{Bench, dial};
use crate::icons::{CROSS, Icon};
use crate::map::Glyph;
use crate::state::{RackItem, atlas};
use crate::text::{fill, t};

/// Common safe range and end of a slider, in percent.
fn range() -> (f32, f32) {
    atlas().card.with(|c| {
        (
            (c.steering.safe * 100.0).round(),
            (c.steering.limit * 100.0).round().max(1.0),
        )
    })
}

/// Safe range of one emotion, in percent: lowest and highest strength.
fn ends(emotion: usize) -> [f32; 2] {
    let ends = atlas().card.with(|c| c.steering.safe_range(emotion));
    ends.map(|end| (end * 100.0).round())
}

/// Where a strength lies along a slider, from 0 to 1.
fn along(percent: f32, limit: f32) -> f32 {
    0.5 + dial::place(percent, limit) / (2.0 * dial::END)
}

/// Where a safe range lies on a slider, as the style sheet wants it.
fn edges(ends: [f32; 2], limit: f32) -> String {
    let [low, high] = ends.map(|percent| along(percent, limit));
    format!("--s-low:{low:.4};--s-high:{high:.4}")
}

/// The rack with its scale and its sum.
#[component]
pub fn Rack() -> impl IntoView {
    let atlas = atlas();
    let bench = expect_context::<Bench>();
    let sum = move || {
        let sum = bench
            .recipe
            .with(|r| r.pushes.iter().map(|p| p.1.abs()).sum::<f32>());
        (sum * 10.0).round() / 10.0
    };
    let load = move || {
        let pushes = bench.recipe.with(|r| r.pushes.clone());
        let fractions = pushes.into_iter().map(|(e, p)| (e, p / 100.0));
        atlas.card.with(|c| c.steering.load(fractions))
    };
    let total = move || {
        let load = load();
        let too_much = load > 1.001;
        match bench.recipe.with(|r| r.how.method) {
            Method::Add => {
                // Of what is pushed now, in this mixture, so much stays fluent. A hair more, or 25 would become 24.
                let safe = if load > 0.0 {
                    (sum() / load + 1e-3).floor()
                } else {
                    range().0
                };
                let verdict = if too_much {
                    view! { <b>{fill("steer.sum.above", &[("safe", &safe)])}</b> }.into_any()
                } else {
                    fill("steer.sum.safe", &[("safe", &safe)]).into_any()
                };
                view! {
                    {t("steer.sum.push")}
                    <b>{format!("{}%", sum())}</b>
                    {t("steer.sum.of")}
                    {verdict}
                }
                .into_any()
            }
            Method::Clamp => {
                let verdict = too_much.then(|| view! { <b>{t("steer.sum.levels-above")}</b> });
                view! { {t("steer.sum.levels")} {verdict} }.into_any()
            }
            Method::ProjectOut => {
                let count = bench.recipe.with(|r| r.pushes.len());
                fill("steer.sum.out", &[("count", &count)]).into_any()
            }
        }
    };
    let common = move || {
        let (safe, limit) = range();
        edges([-safe, safe], limit)
    };
    view! {
        <div class="rackside" style=common>
            <ul class="rack" id="rack" aria-label=t("steer.rack")>
                <For each=move || atlas.rack.get() key=|i| i.emotion let:item>
                    <Slot emotion=item.emotion />
                </For>
                <Show when=move || atlas.rack.with(Vec::is_empty)>
                    <li class="rack__none">{t("steer.rack.empty")}</li>
                </Show>
            </ul>
            <Scale />
            <div class="total num" id="total" role="status">{total}</div>
            <HowPanel />
        </div>
    }
}

/// Numbers under a slider, and the safe range: that of one emotion, or the one that holds for all.
#[component]
fn Scale(
    /// Whose.
    #[prop(optional)]
    of: Option<usize>,
) -> impl IntoView {
    /// Nearer than this, as a share of a slider, two numbers would run into each other.
    const NEAR: f32 = 0.125;
    let safe = move || {
        let all = range().0;
        of.map_or([-all, all], ends)
    };
    let at = move |value: f32| along(value, range().1);
    let apart = move |a: f32, b: f32| (at(a) - at(b)).abs() >= NEAR;
    let mark = move |value: Signal<f32>, shown: Signal<bool>| {
        let left = move || format!("{:.2}%", 100.0 * at(value.get()));
        let visible = move || if shown.get() { "visible" } else { "hidden" };
        view! { <span style:left=left style:visibility=visible>{move || signed(value.get())}</span> }
    };
    let side = move |side: usize, sign: f32| {
        let end = Signal::derive(move || sign * range().1);
        let edge = Signal::derive(move || safe()[side]);
        (
            mark(end, Signal::derive(move || apart(edge.get(), end.get()))),
            mark(edge, Signal::derive(move || apart(edge.get(), 0.0))),
        )
    };
    let words = if of.is_some() {
        t("steer.safe-range")
    } else {
        t("steer.safe-for-all")
    };
    view! {
        <div class="rule num" aria-hidden="true">
            {side(0, -1.0)} {side(1, 1.0)}
            {mark(Signal::derive(|| 0.0), Signal::derive(|| true))}
            <em><b>{words}</b></em>
        </div>
    }
}

#[component]
fn Slot(emotion: usize) -> impl IntoView {
    let atlas = atlas();
    let item = Memo::new(move |_| {
        let gone = RackItem {
            emotion,
            on: false,
            percent: 0.0,
        };
        atlas.rack.with(|r| {
            r.iter()
                .find(|i| i.emotion == emotion)
                .copied()
                .unwrap_or(gone)
        })
    });
    let (name, cluster) = atlas.card.with_untracked(|c| {
        c.emotions
            .get(emotion)
            .map(|e| (e.name.clone(), e.cluster.clone()))
            .unwrap_or_default()
    });
    let change = move |how: &dyn Fn(&mut RackItem)| {
        atlas.rack.update(|r| {
            if let Some(i) = r.iter_mut().find(|i| i.emotion == emotion) {
                how(i);
            }
        })
    };
    let number = move |ev| {
        let typed = event_target_value(&ev).trim().replace(',', ".").parse();
        typed.ok().filter(|v: &f32| v.is_finite()).unwrap_or(0.0)
    };
    let set = move |percent: f32| {
        let limit = range_untracked().1;
        let percent = ((percent * 10.0).round() / 10.0).clamp(-limit, limit);
        if atlas.selected.get_untracked() != emotion {
            atlas.selected.set(emotion);
        }
        change(&|i| {
            i.percent = percent;
            i.on |= percent != 0.0;
        });
    };
    let slide = move |ev| {
        let before = item.get_untracked().percent;
        set(dial::percent(number(ev), range_untracked().1, before));
    };
    let value = move || item.get().percent.to_string();
    let place = move || dial::place(item.get().percent, range().1);
    let limit = move || range().1;
    let filled = move || format!("--f:{:.4}", along(item.get().percent, range().1));
    let kind = move || match item.get().percent {
        p if p > 0.0 => "slider pos",
        p if p < 0.0 => "slider neg",
        _ => "slider nil",
    };
    let spoken = {
        let name = name.clone();
        move || {
            let [low, high] = ends(emotion);
            fill(
                "steer.slider",
                &[("name", &name), ("low", &low.abs()), ("high", &high)],
            )
        }
    };
    let own = move || edges(ends(emotion), range().1);
    let idle = move || atlas.how.with(|h| h.method == Method::ProjectOut);
    let remove = move |_| atlas.rack.update(|r| r.retain(|i| i.emotion != emotion));
    view! {
        <li class:off=move || !item.get().on class:issel=move || atlas.selected.get() == emotion data-n=name.clone() style=own>
            <input type="checkbox" class="switch" role="switch" aria-label=fill("steer.switch", &[("name", &name)]) prop:checked=move || item.get().on
                on:change=move |ev| { let on = event_target_checked(&ev); change(&|i| i.on = on) } />
            <button class="nm" on:click=move |_| atlas.selected.set(emotion)>
                <Glyph cluster=cluster size=12.0 />
                <span>{name.clone()}</span>
            </button>
            <span class="pct">
                <input type="number" min=move || -limit() max=limit step="any" prop:value=value aria-label=fill("steer.percent", &[("name", &name)]) disabled=idle on:change=move |ev| set(number(ev)) />
                "%"
            </span>
            <button class="x" aria-label=fill("steer.remove", &[("name", &name)]) title=fill("steer.remove", &[("name", &name)]) on:click=remove>
                <Icon d=CROSS />
            </button>
            <input type="range" class=kind id=format!("sl-{name}") min=-dial::END max=dial::END step=dial::STEP prop:value=move || place().to_string() style=filled
                aria-label=spoken aria-valuetext=move || format!("{}%", signed(item.get().percent)) disabled=idle on:input=slide />
            <Scale of=emotion />
        </li>
    }
}

fn range_untracked() -> (f32, f32) {
    untrack(range)
}

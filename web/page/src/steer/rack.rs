//! The chosen emotions, each with a switch, a slider and a number.

use leptos::prelude::*;

use super::Bench;
use super::recipe::signed;
use crate::icons::{CROSS, Icon};
use crate::map::Glyph;
use crate::state::{RackItem, atlas};

/// Safe range and end of a slider, in percent.
fn range() -> (f32, f32) {
    atlas().card.with(|c| {
        (
            (c.steering.safe * 100.0).round(),
            (c.steering.limit * 100.0).round().max(1.0),
        )
    })
}

/// The rack with its scale and its sum.
#[component]
pub fn Rack() -> impl IntoView {
    let atlas = atlas();
    let bench = expect_context::<Bench>();
    let sum = move || {
        bench
            .recipe
            .with(|r| r.pushes.iter().map(|p| p.1.abs()).sum::<f32>())
    };
    let verdict = move || {
        let (safe, _) = range();
        if sum() > safe {
            view! { <b>{format!("above the safe {safe}%: text may break")}</b> }.into_any()
        } else {
            format!("safe to {safe}%").into_any()
        }
    };
    let edges = move || {
        let (safe, limit) = range();
        let part = (safe / limit).clamp(0.0, 1.0) / 2.0;
        format!("--s-low:{:.4};--s-high:{:.4}", 0.5 - part, 0.5 + part)
    };
    view! {
        <div class="rackside" style=edges>
            <ul class="rack" id="rack" aria-label="Chosen emotions">
                <For each=move || atlas.rack.get() key=|i| i.emotion let:item>
                    <Slot emotion=item.emotion />
                </For>
                <Show when=move || atlas.rack.with(Vec::is_empty)>
                    <li class="rack__none">"Nothing chosen. Select an emotion on the map and press “Steer it”."</li>
                </Show>
            </ul>
            <Scale />
            <div class="total num" id="total" role="status">
                "Push "
                <b>{move || format!("{}%", sum())}</b>
                " of the residual norm, "
                {verdict}
            </div>
        </div>
    }
}

/// Numbers under a slider, and the safe range.
#[component]
fn Scale() -> impl IntoView {
    let mark = move |share: f32, of_safe: bool| {
        let value = move || {
            let (safe, limit) = range();
            if of_safe { safe * share } else { limit * share }
        };
        let left = move || {
            let (_, limit) = range();
            format!("{:.2}%", 50.0 + 50.0 * value() / limit)
        };
        view! { <span style:left=left>{move || signed(value())}</span> }
    };
    view! {
        <div class="rule num" aria-hidden="true">
            {mark(-1.0, false)} {mark(-1.0, true)} {mark(0.0, true)} {mark(1.0, true)} {mark(1.0, false)}
            <em><b>"safe range"</b></em>
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
    let set = move |ev| {
        let limit = range_untracked().1;
        let percent = event_target_value(&ev)
            .trim()
            .parse::<f32>()
            .ok()
            .filter(|v| v.is_finite())
            .unwrap_or(0.0)
            .round()
            .clamp(-limit, limit);
        if atlas.selected.get_untracked() != emotion {
            atlas.selected.set(emotion);
        }
        change(&|i| {
            i.percent = percent;
            i.on |= percent != 0.0;
        });
    };
    let value = move || item.get().percent.to_string();
    let limit = move || range().1;
    let filled = move || {
        let limit = range().1;
        format!("--f:{:.4}", (item.get().percent + limit) / (2.0 * limit))
    };
    let kind = move || match item.get().percent {
        p if p > 0.0 => "slider pos",
        p if p < 0.0 => "slider neg",
        _ => "slider nil",
    };
    let spoken = {
        let name = name.clone();
        move || {
            let (safe, _) = range();
            format!("{name}, percent of the residual norm; safe from minus {safe} to plus {safe}")
        }
    };
    let remove = move |_| atlas.rack.update(|r| r.retain(|i| i.emotion != emotion));
    view! {
        <li class:off=move || !item.get().on class:issel=move || atlas.selected.get() == emotion data-n=name.clone()>
            <input type="checkbox" class="switch" role="switch" aria-label=format!("{name} on or off") prop:checked=move || item.get().on
                on:change=move |ev| { let on = event_target_checked(&ev); change(&|i| i.on = on) } />
            <button class="nm" on:click=move |_| atlas.selected.set(emotion)>
                <Glyph cluster=cluster size=12.0 />
                <span>{name.clone()}</span>
            </button>
            <span class="pct">
                <input type="number" min=move || -limit() max=limit step="1" prop:value=value aria-label=format!("{name} in percent") on:change=set />
                "%"
            </span>
            <button class="x" aria-label=format!("Remove {name}") title=format!("Remove {name}") on:click=remove>
                <Icon d=CROSS />
            </button>
            <input type="range" class=kind id=format!("sl-{name}") min=move || -limit() max=limit step="1" prop:value=value style=filled aria-label=spoken on:input=set />
            <Scale />
        </li>
    }
}

fn range_untracked() -> (f32, f32) {
    untrack(range)
}

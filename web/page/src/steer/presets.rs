//! Recipes to begin with.

use leptos::prelude::*;

use super::Bench;
use super::recipe::pushes_of;
use crate::state::{Atlas, Phase, RackItem, atlas};
use crate::text::t;

/// In this order.
const NAMES: [&str; 5] = ["desperate", "calm", "angry", "loving", "hopeful"];
/// A preset keeps the rack this short.
const MOST: usize = 4;

/// Switches one emotion on and the others off. Before the model is there, it brings the stored run's prompt and seed.
fn take(atlas: Atlas, emotion: usize) {
    let card = atlas.card.get_untracked();
    let mut percent = (card.steering.preset * 100.0).round();
    let stored = atlas.examples.with_untracked(|e| {
        let runs = &e.as_ref()?.runs;
        runs.iter()
            .find_map(|run| match pushes_of(run, &card)?.as_slice() {
                [(e, p)] if *e == emotion => Some((run.clone(), *p)),
                _ => None,
            })
    });
    if let Some((run, stored_percent)) = stored
        && (atlas.phase.get_untracked() != Phase::Ready
            || atlas.prompt.with_untracked(|p| *p == run.prompt))
    {
        percent = stored_percent;
        atlas.prompt.set(run.prompt);
        atlas.prompt_setting.set(run.setting);
        atlas.sampling.set(run.sampling);
    }
    atlas.rack.update(|rack| {
        for item in rack.iter_mut() {
            item.on = false;
        }
        match rack.iter_mut().find(|i| i.emotion == emotion) {
            Some(item) => (item.on, item.percent) = (true, percent),
            None => {
                rack.insert(
                    0,
                    RackItem {
                        emotion,
                        on: true,
                        percent,
                    },
                );
                rack.truncate(MOST);
            }
        }
    });
    atlas.selected.set(emotion);
}

/// The line of presets.
#[component]
pub fn Presets() -> impl IntoView {
    let atlas = atlas();
    let bench = expect_context::<Bench>();
    let preset = Memo::new(move |_| atlas.card.with(|c| (c.steering.preset * 100.0).round()));
    let list = Memo::new(move |_| {
        atlas.card.with(|c| {
            NAMES
                .iter()
                .filter_map(|n| c.index_of(n))
                .collect::<Vec<_>>()
        })
    });
    let button = move |emotion: usize| {
        let on = move || {
            bench.recipe.with(|r| matches!(r.pushes.as_slice(), [(e, p)] if *e == emotion && (*p - preset.get()).abs() < 0.5))
        };
        view! {
            <button class="link" aria-pressed=move || on().to_string() on:click=move |_| take(atlas, emotion)>
                {untrack(|| atlas.name_of(emotion))}
            </button>
        }
    };
    view! {
        <div class="presets" id="presets" role="group" aria-label=t("steer.presets")>
            <span>{t("steer.presets")}</span>
            {move || list.get().into_iter().map(button).collect_view()}
        </div>
    }
}

//! The Steer panel: push the model while it writes, and compare.

pub mod ask;
pub mod choice;
pub mod dial;
pub mod differ;
pub mod how;
pub mod job;
pub mod meta;
pub mod pair;
pub mod presets;
pub mod rack;
pub mod recipe;
pub mod scenes;
pub mod seeds;
pub mod talk;
pub mod tokens;

use leptos::prelude::*;

use crate::stages::Late;
use crate::state::{Place, atlas};
use crate::text::t;
use crate::trouble::Trouble;
use ask::Ask;
use choice::{ChoiceAt, ChoiceTip};
use meta::Meta;
use pair::Pair;
use presets::Presets;
use rack::Rack;
use recipe::{Run, stored_for};
use scenes::Scenes;
use seeds::Seeds;

/// What the panel's parts share.
#[derive(Clone, Copy)]
pub struct Bench {
    /// What the controls say now.
    pub recipe: Memo<recipe::Recipe>,
    /// Whether the texts on the page were made from it.
    pub fits: Memo<bool>,
    /// Words of a stored run shown so far, while it is replayed.
    pub replay: RwSignal<Option<usize>>,
    /// Whether the table of seeds is shown instead of the texts.
    pub seeds: RwSignal<bool>,
}

/// The panel.
#[component]
pub fn Steer() -> impl IntoView {
    let atlas = atlas();
    let recipe = Memo::new(move |_| atlas.recipe());
    let fits = Memo::new(move |_| {
        atlas.run.with(|r| {
            r.as_ref()
                .is_some_and(|r| recipe.with(|now| r.recipe == *now))
        })
    });
    let bench = Bench {
        recipe,
        fits,
        replay: RwSignal::new(None),
        seeds: RwSignal::new(false),
    };
    provide_context(RwSignal::new(None::<ChoiceAt>));
    provide_context(bench);
    // What was generated for this recipe last, so that going back to it shows it again.
    let last = StoredValue::new(None::<Run>);
    Effect::new(move |_| {
        if !atlas.running.get() {
            atlas.run.with(|r| {
                if let Some(r) = r.as_ref().filter(|r| !r.stored) {
                    last.set_value(Some(r.clone()));
                }
            });
        }
    });
    // Recipe, model or stored outputs changed: show the texts that belong to them, if there are any.
    Effect::new(move |_| {
        let (now, examples, card) = (recipe.get(), atlas.examples.get(), atlas.card.get());
        if atlas.running.get()
            || atlas
                .run
                .with_untracked(|r| r.as_ref().is_some_and(|r| r.recipe == now))
        {
            return;
        }
        bench.replay.set(None);
        let again = last.get_value().filter(|r| r.recipe == now);
        let found = again.or_else(|| examples.as_ref().and_then(|e| stored_for(&now, e, &card)));
        if found.is_some() {
            atlas.run.set(found);
        } else if atlas.run.with_untracked(Option::is_none) {
            // A link's own recipe: nothing to compare with yet.
            atlas.run.set(None);
        }
    });
    view! {
        <section class="steer" aria-label=t("panel.steer")>
            <div class="head">
                <h2>{t("panel.steer")}</h2>
                <p>{t("steer.what")}</p>
                <Late>
                    <Presets />
                    <Scenes />
                </Late>
            </div>
            <Ask />
            <Trouble place=Place::Steer />
            <div class="bench">
                <Late>
                    <Rack />
                </Late>
                <Late>
                    <Pair />
                    <Seeds open=bench.seeds />
                </Late>
            </div>
            <Late>
                <Meta />
            </Late>
        </section>
        <ChoiceTip />
    }
}

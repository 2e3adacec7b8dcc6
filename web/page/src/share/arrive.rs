//! What came with a link: shown at once, marked as such, and computed again on request.

use std::sync::Arc;

use leptos::prelude::*;

use super::carry::Parcel;
use crate::read::shown::Shown;
use crate::session;
use crate::state::{Atlas, Phase, atlas};
use crate::steer::recipe::Run;
use crate::text::{fill, t};

/// A result that came with a link, as long as it is on the page.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// As it stood in the link, to stand in the next one.
    pub written: String,
    /// Name of the model that computed it.
    pub model: String,
    /// Whether this page's model has the same weights.
    pub same: bool,
    /// The reading, if one came.
    pub shown: Option<Arc<Shown>>,
    /// Emotions whose values came for every token.
    pub known: Vec<usize>,
    /// The texts, if they came.
    pub run: Option<Run>,
}

/// Which parts came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// A reading.
    pub reading: bool,
    /// Two texts.
    pub texts: bool,
}

/// Shows what came with a link, if something did; the page is at the link's settings already.
pub fn apply(atlas: Atlas, result: Option<String>) -> Parts {
    atlas.arrived.set(None);
    let Some(written) = result else {
        return Parts::default();
    };
    let parcel = match Parcel::read(&written) {
        Ok(parcel) => parcel,
        Err(why) => {
            atlas
                .left_out
                .set(Some(fill("arrived.unread", &[("why", &why)])));
            return Parts::default();
        }
    };
    let card = atlas.card.get_untracked();
    let own = Parcel::new(String::new(), &card);
    let carried = parcel.reading(&card).filter(|c| {
        c.reading.layer.index() < card.geometry.len()
            && atlas.text.with_untracked(|t| t.as_ref() == Some(&c.source))
    });
    let known = carried.as_ref().map(|c| c.known.clone());
    let shown = carried.map(|c| Arc::new(Shown::new(c.reading, c.source, c.setting)));
    let mut texts = parcel.texts();
    if let Some(texts) = &mut texts {
        // The settings are the last turn's; a conversation that was on the page is not this one.
        atlas.talk.set(Arc::new(std::mem::take(&mut texts.talk)));
    }
    let recipe = untrack(|| atlas.recipe());
    let run = texts.map(|texts| Run {
        plain: texts.plain,
        steered: texts.steered,
        random: texts.random,
        cut: texts.cut,
        ..Run::empty(recipe)
    });
    let parts = Parts {
        reading: shown.is_some(),
        texts: run.is_some(),
    };
    if let Some(shown) = &shown {
        atlas.hot.set(None);
        atlas.layer.set(shown.reading.layer);
        atlas.shown.set(Some(shown.clone()));
    }
    if let Some(run) = &run {
        atlas.run.set(Some(run.clone()));
    }
    if parts != Parts::default() {
        atlas.arrived.set(Some(Arc::new(Arrived {
            written,
            same: parcel.weights == own.weights,
            model: parcel.model,
            shown,
            known: known.unwrap_or_default(),
            run,
        })));
    }
    parts
}

/// What came with the link and is still on the page: its reading, its texts.
fn parts_shown(atlas: Atlas, arrived: &Arrived) -> Parts {
    let reading = atlas.shown.with(|now| {
        let pair = now.as_ref().zip(arrived.shown.as_ref());
        pair.is_some_and(|(now, came)| Arc::ptr_eq(now, came))
    });
    let texts = arrived.run.is_some() && atlas.run.with(|now| *now == arrived.run);
    Parts { reading, texts }
}

/// What came with the link, if any of it is still on the page.
#[must_use]
pub fn still_shown(atlas: Atlas) -> Option<Arc<Arrived>> {
    let arrived = atlas.arrived.get()?;
    (parts_shown(atlas, &arrived) != Parts::default()).then_some(arrived)
}

/// Computes again what came: now, or as soon as the model runs.
fn again(atlas: Atlas) {
    let Some(arrived) = atlas.arrived.get_untracked() else {
        return;
    };
    let texts = arrived.run.is_some();
    if atlas.phase.get_untracked() == Phase::Ready {
        if arrived.shown.is_some() {
            session::read(atlas);
        }
        if texts {
            session::run(atlas);
        }
    } else {
        atlas.wants_run.set(texts);
        session::start(atlas);
    }
}

/// The line that says so.
#[component]
pub fn Mark() -> impl IntoView {
    let atlas = atlas();
    let words = move || {
        let arrived = still_shown(atlas)?;
        let parts = parts_shown(atlas, &arrived);
        let mut words = match (parts.reading, parts.texts) {
            (true, true) => fill("arrived.both", &[("model", &arrived.model)]),
            (true, false) => fill("arrived.reading", &[("model", &arrived.model)]),
            _ => fill("arrived.texts", &[("model", &arrived.model)]),
        };
        if !arrived.same {
            words.push(' ');
            words.push_str(t("arrived.other"));
        }
        if parts.reading && !arrived.known.contains(&atlas.selected.get()) {
            let names: Vec<_> = arrived.known.iter().map(|e| atlas.name_of(*e)).collect();
            let chosen = atlas.name_of(atlas.selected.get());
            words.push(' ');
            words.push_str(&fill(
                "arrived.unknown",
                &[("names", &names.join(", ")), ("chosen", &chosen)],
            ));
        }
        Some(words)
    };
    let starting = move || matches!(atlas.phase.get(), Phase::Loading(..));
    move || {
        words().map(|words| {
            view! {
                <p class="leftout" id="arrived" role="status">
                    <span>{words}</span>
                    <button class="link" id="again" disabled=starting on:click=move |_| again(atlas)>{t("arrived.again")}</button>
                </p>
            }
        })
    }
}

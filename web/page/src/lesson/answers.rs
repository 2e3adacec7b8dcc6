//! What is filled into a step's words: figures of the model on the page, not of some model on some day.

use leptos::prelude::*;

use super::steps::{Check, STEPS, Step, hot, near};
use crate::state::Atlas;
use crate::text::filled;

/// A text with the figures of the page's model in place of `{names}`.
#[must_use]
pub fn fill_in(atlas: Atlas, text: &str) -> String {
    let card = atlas.card.get();
    let best = card.layer.index().min(card.geometry.len() - 1);
    let here = atlas.layer.get().index().min(card.geometry.len() - 1);
    let (own, now) = (&card.geometry[best], &card.geometry[here]);
    let r = |value: f32| format!("{value:.2}").replace('-', "\u{2212}");
    let model = atlas.entry().map_or_else(|| atlas.model.get(), |e| e.name);
    let near: Vec<String> = near(atlas, "calm")
        .into_iter()
        .take(3)
        .map(|e| atlas.name_of(e))
        .collect();
    let chosen = card.emotions.get(atlas.selected.get());
    let rating = |value: Option<f32>| value.map_or_else(String::new, |v| format!("{v:.1}"));
    let (word, value) = hot(atlas).unwrap_or_default();
    filled(
        text,
        &[
            ("model", &model),
            ("count", &card.emotions.len()),
            ("near", &near.join(", ")),
            ("layer", &best),
            ("here", &here),
            ("rv", &r(own.r_valence[0])),
            ("ra", &r(own.r_arousal[1])),
            ("rv-here", &r(now.r_valence[0])),
            ("ra-here", &r(now.r_arousal[1])),
            ("name", &chosen.map_or("", |e| &e.name)),
            ("valence", &rating(chosen.map(|e| e.valence))),
            ("arousal", &rating(chosen.map(|e| e.arousal))),
            ("word", &word),
            ("value", &r(value)),
            ("strongest", &strongest(atlas)),
        ],
    )
}

/// Sentences of the stored text that step 3 offers as answers.
const SENTENCES: [usize; 3] = [1, 4, 6];

/// Mean of the selected emotion in each of the sentences that are offered.
fn means(atlas: Atlas) -> Vec<f32> {
    let emotion = atlas.selected.get();
    atlas.shown.with(|shown| {
        let Some(shown) = shown.as_ref().filter(|s| s.stored) else {
            return Vec::new();
        };
        let skipped = shown.reading.skipped as usize;
        SENTENCES
            .iter()
            .filter_map(|s| shown.sentences.get(*s))
            .map(|sentence| {
                let pieces = &shown.pieces[sentence.clone()];
                let tokens: Vec<usize> = pieces
                    .iter()
                    .flat_map(|p| p.tokens.clone())
                    .filter(|t| *t >= skipped)
                    .collect();
                let sum: f32 = tokens
                    .iter()
                    .map(|t| shown.reading.value(*t, emotion))
                    .sum();
                sum / tokens.len().max(1) as f32
            })
            .collect()
    })
}

/// The means in words: `0.47, 0.09, −0.06`.
fn strongest(atlas: Atlas) -> String {
    let said = |v: &f32| format!("{v:.2}").replace('-', "\u{2212}");
    means(atlas).iter().map(said).collect::<Vec<_>>().join(", ")
}

/// The answer that is right for the page's model; none where opinions may differ.
#[must_use]
pub fn right(atlas: Atlas, step: &Step) -> Option<usize> {
    match step.check {
        // The first option is the nearest neighbour in both models that ship; another model may see it otherwise.
        Check::Near(name) => {
            let nearest = near(atlas, name).first().map(|e| atlas.name_of(*e));
            (nearest.as_deref() == Some("serene")).then_some(0)
        }
        Check::PleasantQuiet => {
            let card = atlas.card.get();
            let own = card.layer.index().min(card.geometry.len() - 1);
            Some(match card.geometry[own].r_valence[0].abs() {
                r if r >= 0.7 => 0,
                r if r >= 0.3 => 1,
                _ => 2,
            })
        }
        Check::Strong => means(atlas)
            .iter()
            .enumerate()
            .max_by(|a, b| a.1.total_cmp(b.1))
            .map(|(i, _)| i),
        _ => step.right,
    }
}

/// Number of steps.
pub const COUNT: usize = STEPS.len();

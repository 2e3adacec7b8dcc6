//! What each step of the lesson sets up, and what it waits for. The words are in `web/text`.

use atlas_protocol::{Sampling, Setting};
use leptos::prelude::*;

use crate::link::Tab;
use crate::session;
use crate::state::{Atlas, RackItem};
use crate::steer::recipe::pushes_of;

/// What the learner has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Select one of the nearest neighbours of an emotion.
    Near(&'static str),
    /// Select an emotion that people rate pleasant and quiet.
    PleasantQuiet,
    /// Point at a word that the selected emotion is strong at.
    Strong,
    /// Go down to an early layer.
    Early(usize),
    /// Have a text that one emotion was pushed for and another was not.
    Pushed(&'static str, &'static str),
    /// Have a text that one of these was pushed for.
    AnyOf(&'static [&'static str]),
    /// Have one text for each.
    Both(&'static str, &'static str),
}

/// One step.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// The panel in front.
    pub tab: Tab,
    /// The emotion to select.
    pub emotion: &'static str,
    /// Emotions in the rack, the first one switched on; of the stored text that has it, if there is one.
    pub rack: &'static [&'static str],
    /// A prompt of the step's own.
    pub prompt: Option<&'static str>,
    /// The answer that is right, where it does not depend on what was measured.
    pub right: Option<usize>,
    /// What to wait for.
    pub check: Check,
}

const STEER: &[&str] = &["desperate", "calm", "angry"];

/// All of them.
pub const STEPS: [Step; 7] = [
    Step {
        tab: Tab::Map,
        emotion: "calm",
        rack: &[],
        prompt: None,
        right: None,
        check: Check::Near("calm"),
    },
    Step {
        tab: Tab::Map,
        emotion: "excited",
        rack: &[],
        prompt: None,
        right: None,
        check: Check::PleasantQuiet,
    },
    Step {
        tab: Tab::Read,
        emotion: "delighted",
        rack: &[],
        prompt: None,
        right: None,
        check: Check::Strong,
    },
    Step {
        tab: Tab::Read,
        emotion: "happy",
        rack: &[],
        prompt: None,
        right: Some(0),
        check: Check::Early(3),
    },
    Step {
        tab: Tab::Steer,
        emotion: "desperate",
        rack: STEER,
        prompt: None,
        right: None,
        check: Check::Pushed("calm", "desperate"),
    },
    Step {
        tab: Tab::Steer,
        emotion: "blissful",
        rack: &["blissful", "hostile"],
        prompt: Some("How would you feel about helping a neighbour carry boxes?"),
        right: Some(0),
        check: Check::AnyOf(&["blissful", "hostile"]),
    },
    Step {
        tab: Tab::Steer,
        emotion: "desperate",
        rack: STEER,
        prompt: None,
        right: Some(2),
        check: Check::Both("desperate", "calm"),
    },
];

/// A step by its number, from 1.
#[must_use]
pub fn step(number: u16) -> Option<&'static Step> {
    STEPS.get(usize::from(number).checked_sub(1)?)
}

/// Brings the page to where a step begins.
pub fn set_up(atlas: Atlas, number: u16) {
    let Some(step) = step(number) else { return };
    let card = atlas.card.get_untracked();
    atlas.tab.set(step.tab);
    atlas.layer.set(card.layer);
    if let Some(emotion) = card.index_of(step.emotion) {
        atlas.selected.set(emotion);
    }
    if step.tab == Tab::Read && atlas.text.with_untracked(Option::is_some) {
        session::show_stored(atlas);
    }
    let Some(first) = step.rack.first() else {
        return;
    };
    // A stored text shows the step without a model.
    let examples = atlas.examples.get_untracked();
    let stored = examples.as_ref().and_then(|e| {
        let mut runs = e.runs.iter();
        runs.find(|run| run.pushes.len() == 1 && run.pushes[0].0 == *first)
    });
    let percent = stored
        .and_then(|run| pushes_of(run, &card))
        .and_then(|p| p.first().map(|p| p.1))
        .unwrap_or_else(|| (card.steering.preset * 100.0).round());
    if let Some(prompt) = step.prompt {
        let chat = atlas.entry_untracked().is_some_and(|e| e.chat);
        atlas.prompt.set(prompt.to_owned());
        atlas
            .prompt_setting
            .set(if chat { Setting::Chat } else { Setting::Plain });
        atlas.sampling.set(Sampling::default());
    } else if let Some(run) = stored {
        atlas.prompt.set(run.prompt.clone());
        atlas.prompt_setting.set(run.setting);
        atlas.sampling.set(run.sampling);
    }
    let item = |(i, name): (usize, &&str)| {
        Some(RackItem {
            emotion: card.index_of(name)?,
            // Where the learner is to run it, nothing has run yet.
            on: i == 0 && step.prompt.is_none(),
            percent,
        })
    };
    atlas
        .rack
        .set(step.rack.iter().enumerate().filter_map(item).collect());
}

/// Emotions (percent above 0) that the texts on the page were pushed towards, if the texts are whole and belong to the
/// controls.
fn pushed(atlas: Atlas) -> Vec<String> {
    let recipe = atlas.recipe();
    if atlas.running.get() {
        return Vec::new();
    }
    atlas.run.with(|run| match run {
        Some(run) if run.recipe == recipe && !run.steered.is_empty() => recipe
            .pushes
            .iter()
            .filter(|(_, percent)| *percent > 0.0)
            .map(|(emotion, _)| atlas.name_of(*emotion))
            .collect(),
        _ => Vec::new(),
    })
}

/// Least value that counts as strong: halfway to one in a hundred.
pub const STRONG: f32 = 0.5;
/// Pleasant and quiet on the scales of 1 to 9.
const PLEASANT: f32 = 6.0;
const QUIET: f32 = 4.5;

/// Nearest neighbours that are named above the map.
const NEAR: usize = 5;

/// The nearest neighbours of an emotion at the page's layer.
#[must_use]
pub fn near(atlas: Atlas, name: &str) -> Vec<usize> {
    let layer = atlas.layer.get().index();
    atlas.card.with(|c| {
        let row = c
            .index_of(name)
            .and_then(|at| c.geometry.get(layer)?.near.get(at));
        row.into_iter()
            .flatten()
            .take(NEAR)
            .map(|n| usize::from(*n))
            .collect()
    })
}

/// Whether the learner has done it; `seen` keeps what has to be seen one after the other.
#[must_use]
pub fn done(atlas: Atlas, check: Check, seen: &mut Vec<String>) -> bool {
    match check {
        Check::Near(name) => near(atlas, name).contains(&atlas.selected.get()),
        Check::PleasantQuiet => atlas.card.with(|c| {
            c.emotions
                .get(atlas.selected.get())
                .is_some_and(|e| e.valence >= PLEASANT && e.arousal <= QUIET)
        }),
        Check::Strong => hot(atlas).is_some_and(|(_, value)| value >= STRONG),
        Check::Early(layer) => atlas.layer.get().index() <= layer,
        Check::Pushed(up, not) => {
            let pushed = pushed(atlas);
            pushed.iter().any(|n| n == up) && !pushed.iter().any(|n| n == not)
        }
        Check::AnyOf(names) => pushed(atlas).iter().any(|n| names.contains(&n.as_str())),
        Check::Both(one, other) => {
            for name in pushed(atlas) {
                if [one, other].contains(&name.as_str()) && !seen.contains(&name) {
                    seen.push(name);
                }
            }
            seen.len() == 2
        }
    }
}

/// The word under the pointer, and the selected emotion's value at it.
#[must_use]
pub fn hot(atlas: Atlas) -> Option<(String, f32)> {
    let (at, emotion) = (atlas.hot.get()?, atlas.selected.get());
    atlas.shown.with(|shown| {
        let shown = shown.as_ref()?;
        let word = shown.pieces.get(at)?.text.trim().to_owned();
        Some((word, shown.value(at, emotion)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::texts;

    #[test]
    fn every_step_has_words_and_a_right_answer_that_can_be_chosen() {
        assert_eq!(texts().lessons.len(), STEPS.len());
        for (step, text) in STEPS.iter().zip(&texts().lessons) {
            assert!(text.options.len() >= 2, "{}", text.title);
            assert!(step.right.is_none_or(|r| r < text.options.len()));
        }
        assert!(step(0).is_none() && step(1).is_some() && step(8).is_none());
    }

    /// What ships has the emotions that the steps name, also their neighbours.
    #[test]
    fn every_shipped_model_has_the_emotions_of_the_lesson() {
        let root = std::path::Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap())
            .join("../../models");
        for model in ["smollm2-135m-instruct", "atlas-lite"] {
            let text = std::fs::read_to_string(root.join(model).join("vectors.json")).unwrap();
            // The list of emotions alone: its layout has not changed since the first version of the file.
            let card: serde_json::Value = serde_json::from_str(&text).unwrap();
            let emotions: Vec<atlas_affect::card::EmotionEntry> =
                serde_json::from_value(card["emotions"].clone()).unwrap();
            let find = |name: &str| emotions.iter().find(|e| e.name == name);
            for step in STEPS {
                for name in step.rack.iter().chain([&step.emotion]) {
                    assert!(find(name).is_some(), "{model}: {name}");
                }
            }
            let calm = emotions
                .iter()
                .filter(|e| e.valence >= PLEASANT && e.arousal <= QUIET);
            assert!(calm.count() >= 5, "{model}: nothing to find in step 2");
            let excited = find("excited").unwrap();
            assert!(excited.arousal > QUIET, "step 2 must not begin at its end");
        }
    }
}

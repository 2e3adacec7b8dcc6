//! What a pair of texts was made from, and the pair itself.

use std::sync::Arc;

use atlas_affect::card::VectorsCard;
use atlas_protocol::{
    Choice, Examples, Exchange, Generation, Method, Push, Sampling, Setting, Side, Steer, StoredRun,
};
use atlas_units::Strength;
use serde::{Deserialize, Serialize};

use super::how::How;
use crate::text::{fill, t};

/// Everything that decides what is generated.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    /// The prompt.
    pub prompt: String,
    /// How it is given.
    pub setting: Setting,
    /// Emotions and percent, in the order of the card.
    pub pushes: Vec<(usize, f32)>,
    /// How tokens are drawn.
    pub sampling: Sampling,
    /// How it is steered, besides the emotions.
    pub how: How,
    /// What was said before, in a chat.
    pub before: Arc<Vec<Spoken>>,
}

/// An exchange of a chat, and what it was made with, in words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spoken {
    /// Question and answers.
    pub exchange: Exchange,
    /// `desperate +25%; added at layer 18, prompt and new tokens`.
    pub recipe: String,
}

impl Recipe {
    /// The order in which emotions were chosen does not matter.
    #[must_use]
    pub fn new(
        prompt: String,
        setting: Setting,
        mut pushes: Vec<(usize, f32)>,
        sampling: Sampling,
    ) -> Self {
        pushes.sort_by_key(|p| p.0);
        Self {
            prompt,
            setting,
            pushes,
            sampling,
            how: How::default(),
            before: Arc::default(),
        }
    }

    /// The same, steered in another way and going on a conversation.
    #[must_use]
    pub fn with(self, how: How, before: Arc<Vec<Spoken>>) -> Self {
        Self {
            how,
            before,
            ..self
        }
    }

    /// For the engine.
    #[must_use]
    pub fn requested(&self) -> Generation {
        let push = |(emotion, percent): &(usize, f32)| {
            Some(Push {
                emotion: u16::try_from(*emotion).ok()?,
                strength: Strength::percent(*percent),
            })
        };
        Generation {
            before: self.before.iter().map(|s| s.exchange.clone()).collect(),
            prompt: self.prompt.clone(),
            setting: self.setting,
            steer: Steer {
                pushes: self.pushes.iter().filter_map(push).collect(),
                method: self.how.method,
                layers: self.how.requested(),
                span: self.how.span,
                control: self.how.control,
            },
            sampling: self.sampling,
        }
    }

    /// The pushes in words: `desperate +25%, calm −10%`.
    #[must_use]
    pub fn words(&self, card: &VectorsCard) -> String {
        if self.pushes.is_empty() {
            return t("steer.no-push").to_owned();
        }
        let word = |(e, p): &(usize, f32)| {
            let name = card.emotions.get(*e).map_or("?", |e| &e.name);
            match self.how.method {
                Method::Add => format!("{name} {}%", signed(*p)),
                Method::ProjectOut => fill("steer.without", &[("name", &name)]),
                Method::Clamp => fill("steer.held", &[("name", &name), ("percent", &signed(*p))]),
            }
        };
        self.pushes.iter().map(word).collect::<Vec<_>>().join(", ")
    }
}

/// A percentage with a real minus sign.
#[must_use]
pub fn signed(percent: f32) -> String {
    let sign = if percent > 0.0 {
        "+"
    } else if percent < 0.0 {
        "\u{2212}"
    } else {
        ""
    };
    format!("{sign}{}", percent.abs())
}

/// The texts and what they were made from.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// What they were made from.
    pub recipe: Recipe,
    /// Not steered.
    pub plain: String,
    /// Steered.
    pub steered: String,
    /// Along random vectors.
    pub random: String,
    /// Whether it came with the page.
    pub stored: bool,
    /// Whether a text ended because the limit was reached: plain, steered, random.
    pub cut: [bool; 3],
    /// Tokens per second, all sides together.
    pub speed: Option<f32>,
    /// What might have been drawn, token by token: plain, steered, random.
    pub choices: [Option<Arc<Vec<Choice>>>; 3],
}

/// Place of a side in [`Run::cut`] and [`Run::choices`].
#[must_use]
pub const fn place(side: Side) -> usize {
    match side {
        Side::Plain => 0,
        Side::Steered => 1,
        Side::Random => 2,
    }
}

impl Run {
    /// Texts that are not written yet.
    #[must_use]
    pub fn empty(recipe: Recipe) -> Self {
        Self {
            recipe,
            plain: String::new(),
            steered: String::new(),
            random: String::new(),
            stored: false,
            cut: [false; 3],
            speed: None,
            choices: [const { None }; 3],
        }
    }

    /// The text of a side.
    #[must_use]
    pub fn text(&self, side: Side) -> &String {
        match side {
            Side::Plain => &self.plain,
            Side::Steered => &self.steered,
            Side::Random => &self.random,
        }
    }

    /// The same, to write into.
    pub fn text_mut(&mut self, side: Side) -> &mut String {
        match side {
            Side::Plain => &mut self.plain,
            Side::Steered => &mut self.steered,
            Side::Random => &mut self.random,
        }
    }

    /// Whether nothing is written yet.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.plain.is_empty() && self.steered.is_empty() && self.random.is_empty()
    }

    fn from_stored(run: &StoredRun, recipe: Recipe) -> Self {
        let open = |t: &String| !t.trim_end().ends_with(['.', '!', '?', '"', '\u{201D}']);
        Self {
            plain: trimmed(&run.plain),
            steered: trimmed(&run.steered),
            stored: true,
            cut: [open(&run.plain), open(&run.steered), false],
            ..Self::empty(recipe)
        }
    }
}

/// The stored run that a recipe asks for, if there is one. Without a push, the plain text stands on both sides.
#[must_use]
pub fn stored_for(recipe: &Recipe, examples: &Examples, card: &VectorsCard) -> Option<Run> {
    let base = |run: &&StoredRun| {
        recipe.how.is_usual()
            && recipe.before.is_empty()
            && run.prompt == recipe.prompt
            && run.setting == recipe.setting
            && run.sampling == recipe.sampling
    };
    if recipe.pushes.is_empty() {
        let found = examples.runs.iter().find(base)?;
        let same = Run::from_stored(found, recipe.clone());
        return Some(Run {
            steered: same.plain.clone(),
            cut: [same.cut[0]; 3],
            ..same
        });
    }
    examples
        .runs
        .iter()
        .filter(base)
        .find(|run| {
            pushes_of(run, card)
                .as_ref()
                .is_some_and(|p| close(p, &recipe.pushes))
        })
        .map(|run| Run::from_stored(run, recipe.clone()))
}

/// A stored run's pushes as the rack has them; none if the card lacks one of the emotions.
#[must_use]
pub fn pushes_of(run: &StoredRun, card: &VectorsCard) -> Option<Vec<(usize, f32)>> {
    let mut pushes: Vec<(usize, f32)> = run
        .pushes
        .iter()
        .map(|(name, s)| Some((card.index_of(name)?, s.as_percent().round())))
        .collect::<Option<_>>()?;
    pushes.sort_by_key(|p| p.0);
    Some(pushes)
}

fn close(a: &[(usize, f32)], b: &[(usize, f32)]) -> bool {
    a.len() == b.len()
        && a.iter()
            .zip(b)
            .all(|(x, y)| x.0 == y.0 && (x.1 - y.1).abs() < 0.5)
}

/// Without a broken character at the end.
fn trimmed(text: &str) -> String {
    text.trim_end_matches(|c: char| c == '\u{FFFD}' || c.is_whitespace())
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_choosing_does_not_matter() {
        let recipe = |p| Recipe::new("x".into(), Setting::Chat, p, Sampling::default());
        assert_eq!(
            recipe(vec![(3, 5.0), (1, -2.0)]),
            recipe(vec![(1, -2.0), (3, 5.0)])
        );
    }

    #[test]
    fn signs_are_typographic() {
        assert_eq!(
            [signed(25.0), signed(-3.0), signed(0.0)],
            ["+25", "\u{2212}3", "0"]
        );
    }
}

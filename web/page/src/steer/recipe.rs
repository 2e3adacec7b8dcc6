//! What a pair of texts was made from, and the pair itself.

use atlas_affect::card::VectorsCard;
use atlas_protocol::{Examples, Push, Sampling, Setting, StoredRun};
use atlas_units::Strength;

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
        }
    }

    /// For the engine.
    #[must_use]
    pub fn requested(&self) -> Vec<Push> {
        let push = |(emotion, percent): &(usize, f32)| {
            Some(Push {
                emotion: u16::try_from(*emotion).ok()?,
                strength: Strength::percent(*percent),
            })
        };
        self.pushes.iter().filter_map(push).collect()
    }

    /// The pushes in words: `desperate +25%, calm −10%`.
    #[must_use]
    pub fn words(&self, card: &VectorsCard) -> String {
        if self.pushes.is_empty() {
            return "no push".to_owned();
        }
        let word = |(e, p): &(usize, f32)| {
            format!(
                "{} {}%",
                card.emotions.get(*e).map_or("?", |e| &e.name),
                signed(*p)
            )
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

/// Two texts and what they were made from.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// What they were made from.
    pub recipe: Recipe,
    /// Not steered.
    pub plain: String,
    /// Steered.
    pub steered: String,
    /// Whether it came with the page.
    pub stored: bool,
    /// Whether a text ended because the limit was reached: plain, steered.
    pub cut: [bool; 2],
    /// Tokens per second, both sides together.
    pub speed: Option<f32>,
}

impl Run {
    /// A pair without text yet.
    #[must_use]
    pub fn empty(recipe: Recipe) -> Self {
        Self {
            recipe,
            plain: String::new(),
            steered: String::new(),
            stored: false,
            cut: [false; 2],
            speed: None,
        }
    }

    fn from_stored(run: &StoredRun, recipe: Recipe) -> Self {
        Self {
            recipe,
            plain: trimmed(&run.plain),
            steered: trimmed(&run.steered),
            stored: true,
            cut: [&run.plain, &run.steered]
                .map(|t| !t.trim_end().ends_with(['.', '!', '?', '"', '\u{201D}'])),
            speed: None,
        }
    }
}

/// The stored run that a recipe asks for, if there is one. Without a push, the plain text stands on both sides.
#[must_use]
pub fn stored_for(recipe: &Recipe, examples: &Examples, card: &VectorsCard) -> Option<Run> {
    let base = |run: &&StoredRun| {
        run.prompt == recipe.prompt
            && run.setting == recipe.setting
            && run.sampling == recipe.sampling
    };
    if recipe.pushes.is_empty() {
        let found = examples.runs.iter().find(base)?;
        let same = Run::from_stored(found, recipe.clone());
        return Some(Run {
            steered: same.plain.clone(),
            cut: [same.cut[0]; 2],
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

//! What is written, how it is steered, and what comes back of it.

use crate::Setting;
use atlas_units::{Layer, Strength};
use serde::{Deserialize, Serialize};

/// Everything that decides a text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Generation {
    /// What was said before, if this goes on a chat (else it is not looked at). Each side goes on with its own answers.
    pub before: Vec<Exchange>,
    /// The prompt.
    pub prompt: String,
    /// As the start of a text, or as a user's chat turn to be answered.
    pub setting: Setting,
    /// How it is steered.
    pub steer: Steer,
    /// How tokens are drawn.
    pub sampling: Sampling,
}

/// A question and its answers, side by side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    /// What the user said.
    pub user: String,
    /// What was answered without steering.
    pub plain: String,
    /// What was answered when steered.
    pub steered: String,
    /// What was answered when pushed along random vectors. Where it is missing the plain answer stands in.
    pub random: Option<String>,
}

impl Exchange {
    /// The answer that a side goes on with.
    #[must_use]
    pub fn answer(&self, side: Side) -> &str {
        match side {
            Side::Plain => &self.plain,
            Side::Steered => &self.steered,
            Side::Random => self.random.as_deref().unwrap_or(&self.plain),
        }
    }
}

/// How a text is steered. The keys and values that the model keeps of a token are those of the moment when it was run,
/// and what is changed later does not reach them; nothing is kept from one generation to the next.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Steer {
    /// Which emotions, and how hard. Empty steers nothing.
    pub pushes: Vec<Push>,
    /// What is done with them.
    pub method: Method,
    /// Where; empty takes the layers of the vectors' card. Over several of one's own choice a push is shared evenly.
    pub layers: Vec<Layer>,
    /// Which tokens are steered.
    pub span: Span,
    /// Whether a third text is written, steered along random vectors instead.
    pub control: bool,
}

/// One emotion pushed up or down.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Push {
    /// Position of the emotion in `vectors.json`.
    pub emotion: u16,
    /// How hard; for [`Method::Clamp`] the level.
    pub strength: Strength,
}

/// What is done along an emotion's direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// A vector of a fixed length is added.
    #[default]
    Add,
    /// The component along the direction is taken out, so that nothing is left of it.
    ProjectOut,
    /// The component is brought to a level: so many times the layer's mean residual norm above that of neutral text.
    Clamp,
}

/// Which tokens are steered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Span {
    /// The prompt and what is written.
    #[default]
    All,
    /// The prompt only.
    Prompt,
    /// What is written only. The first new token is drawn after the prompt's last and so is not steered.
    New,
}

impl Span {
    /// Whether the prompt is steered.
    #[must_use]
    pub const fn covers_prompt(self) -> bool {
        matches!(self, Self::All | Self::Prompt)
    }

    /// Whether new tokens are steered.
    #[must_use]
    pub const fn covers_new(self) -> bool {
        matches!(self, Self::All | Self::New)
    }
}

/// Which of the texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Side {
    /// Not steered.
    Plain,
    /// Steered.
    Steered,
    /// Steered along random vectors: from the emotions' own span, as long as what is pushed, drawn from the seed.
    Random,
}

/// How tokens are drawn. The same values give the same text.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sampling {
    /// Seed of the random numbers.
    pub seed: u32,
    /// 0 takes the most likely token.
    pub temperature: f32,
    /// Keep this many most likely tokens; 0 keeps all.
    pub top_k: u32,
    /// Keep the most likely tokens that hold this much probability; 1 keeps all.
    pub top_p: f32,
    /// Divide (multiply) the positive (negative) logits of tokens already there by this; 1 does nothing.
    pub repetition_penalty: f32,
    /// Stop after this many new tokens.
    pub max_tokens: u32,
}

impl Default for Sampling {
    fn default() -> Self {
        Self {
            seed: 3,
            temperature: 0.7,
            top_k: 40,
            top_p: 0.95,
            repetition_penalty: 1.1,
            max_tokens: 96,
        }
    }
}

/// A text of a batch, and what the model represents while it reads it again, unsteered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// The text.
    pub text: String,
    /// Its tokens.
    pub tokens: u32,
    /// Per emotion: mean over the new tokens, at the layer of the vectors' card, in the units of
    /// [`Reading`](crate::Reading). Empty where nothing was written.
    pub means: Vec<f32>,
}

/// A token that was drawn, and what else might have been. Probabilities are the model's own, before temperature,
/// cuts and penalty.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// The token's text; all joined are the text.
    pub text: String,
    /// The token and how likely it was.
    pub drawn: Candidate,
    /// The ten likeliest tokens of its own side, likeliest first.
    pub top: Vec<Candidate>,
}

/// A token with its probability after the same words, without steering and with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// The token; what has no text of its own as the vocabulary spells it.
    pub text: String,
    /// Probability without steering.
    pub plain: f32,
    /// Probability when steered (on the random side: along random vectors).
    pub steered: f32,
}

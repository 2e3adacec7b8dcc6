//! What steering does, and how far it may go: the figures, and the rules that turn them into a default place and into a
//! safe range for every emotion.
//!
//! - [`Coherence`] is how fluent some texts are; [`limits`] what is still usual; [`safe_strength`] where a curve of
//!   strengths leaves it.
//! - [`Shifts`] is what pushing each of some emotions changes in each of them, beside random vectors.
//! - [`take`] chooses the place to steer at.

mod coherence;
mod place;
mod shifts;

use atlas_units::Layer;
use serde::{Deserialize, Serialize};

pub use coherence::{Coherence, SAFE_RULE, limits, safe_strength};
pub use place::{PLACE_RULE, Tried, take};
pub use shifts::{Random, Shifts};

/// Where a push is added: every layer receives `scale` of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// The layers.
    pub layers: Vec<Layer>,
    /// Share of the strength that each receives.
    pub scale: f32,
}

impl Place {
    /// Layers that share the strength evenly.
    #[must_use]
    pub fn of(layers: Vec<Layer>) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "a handful of layers")]
        let scale = 1.0 / layers.len().max(1) as f32;
        Self { layers, scale }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let layers: Vec<String> = self.layers.iter().map(ToString::to_string).collect();
        let layer = if layers.len() == 1 { "layer" } else { "layers" };
        write!(f, "{layer} {}", layers.join(" + "))
    }
}

/// How fluent texts are at one strength.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// The strength, negative for pushing away; 0 for unsteered texts.
    pub strength: f32,
    /// Mean over the emotions.
    pub pushed: Coherence,
    /// Mean over random vectors of the same length; the unsteered texts' at 0.
    pub random: Coherence,
    /// Share of the emotions whose safe range reaches so far, 0 to 1.
    pub fluent: f32,
    /// Share of the emotions that are among the five of all whose activation moves most in the direction of the push,
    /// 0 to 1; 0 for unsteered texts.
    pub read_back: f32,
}

/// What steering does at the default place: the part of it that model card and page tell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// The place.
    pub place: Place,
    /// Layer that what was written is read at.
    pub probe_layer: Layer,
    /// Strength of the two matrices.
    pub strength: f32,
    /// The emotions of their rows and columns.
    pub emotions: Vec<String>,
    /// Change of the emotions' own words' log-probability, nats.
    pub words: Shifts,
    /// Change of the emotions' activations in freely written text, in units of their 99th percentiles.
    pub probe: Shifts,
    /// How fluent texts are, by strength in ascending order, over all emotions.
    pub coherence: Vec<Point>,
    /// What is still fluent.
    pub limits: Coherence,
    /// The model's own unsteered texts, and stories of the corpora cut to the same length.
    pub usual: [Coherence; 2],
    /// Ends of the safe ranges in order: that of the tenth part with the narrowest, the middle one, the widest tenth;
    /// pushing away and pushing towards.
    pub safe: [[f32; 3]; 2],
    /// How they were found.
    pub rule: String,
    /// Texts per emotion and strength, and tokens of each.
    pub texts: [usize; 2],
}

//! Making vectors by declared options, and choosing among options without looking at a rating.
//!
//! [`MethodOptions`] says everything that decides which vectors come out of story means ([`Material`]);
//! [`make`] makes them. To choose, [`split`] sets topics aside: [`measure()`] and [`select()`] see
//! the [`Selection`] only, and what is left, [`KeptOut`], accepts nothing but vectors made without it. No
//! type on the way holds a rating.

mod fit;
mod grid;
mod material;
mod measure;
mod options;
mod select;
mod split;

pub use fit::{Made, Removed, make};
pub use grid::{Grid, jobs};
pub use material::{Layered, Material, Neutral};
pub use measure::{Against, Scores, TopicScore, TrialPlan, measure, stability};
pub use options::{Centring, MethodOptions, Mix, Space};
pub use select::{Choice, RULE, select};
pub use split::{Blind, KeptOut, KeptTopics, Selection, split};

#[cfg(test)]
pub(crate) mod samples {
    use super::{Layered, Material, Neutral};
    use crate::stories::samples;
    use atlas_units::Layer;

    /// Corpora `told` and `inner` at layer 2: every emotion on every topic, `strength` along an axis of its own.
    pub(crate) fn material(
        emotions: u16,
        topics: u32,
        width: usize,
        strength: f32,
        seed: u64,
    ) -> Material {
        let corpus = |seed| {
            let stories = samples::telling(emotions, topics, width, strength, seed);
            Layered {
                writer: vec![0; stories.len()],
                emotion: stories.emotion,
                topic: stories.topic,
                layers: vec![Layer::new(2)],
                width,
                rows: stories.rows,
            }
        };
        let (told, inner) = (corpus(seed * 2), corpus(seed * 2 + 1));
        Material {
            first_token: 20,
            corpora: [("told".to_owned(), told), ("inner".to_owned(), inner)].into(),
            neutral: Neutral {
                layers: vec![Layer::new(2)],
                width,
                rows: samples::random(4, 4, width, seed + 99).rows,
            },
        }
    }
}

//! Emotion words, ratings, clusters, vectors and their geometry: pure mathematics, no files, no engine, no page.
//!
//! A model reads many short stories, each about a person who feels one of 171 emotions that is never named.
//! The mean residual stream over a story's tokens is one row of [`StoryMeans`]. Stories that share an
//! emotion have something in common beyond their topic and writer: that direction is the emotion's vector
//! ([`EmotionVectors`]). Where these directions lie is a [`card::LayerGeometry`]; how far they can be
//! trusted is an [`Evaluation`]. How vectors are made is a matter of options ([`method`]), chosen by figures that no
//! rating enters; intervals and chance levels are in [`trust`].
//!
//! Nothing here says that a model feels: the vectors are *concepts* of emotions that a model uses.
//!
//! ```
//! use atlas_affect::{EmotionVectors, StoryMeans};
//!
//! // Two emotions told on two topics, in a residual stream of width 3.
//! // The first axis carries the emotion, the second the topic, the third differs from story to story.
//! let stories = StoryMeans::new(
//!     vec![0, 1, 0, 1],                  // emotion of each story
//!     vec![7, 7, 8, 8],                  // topic
//!     &[0, 0, 0, 0],                     // writer
//!     3,
//!     vec![
//!         1.0, 5.0, 0.3,
//!         -1.0, 5.0, -0.3,
//!         1.0, 9.0, -0.3,
//!         -1.0, 9.0, 0.3,
//!     ],
//! )?;
//! let vectors = EmotionVectors::build(&stories, 2, 1)?;
//! assert!((vectors.row(0)[0] - 1.0).abs() < 1e-6); // the emotion is found,
//! assert!(vectors.row(0)[1].abs() < 1e-6);         // the topic is gone,
//! assert!(vectors.row(0)[2].abs() < 1e-6);         // and so is what varies within an emotion.
//! # Ok::<(), atlas_affect::AffectError>(())
//! ```

pub mod card;
pub mod cluster;
mod eigen;
mod error;
pub mod evaluate;
pub mod geometry;
mod matrix;
pub mod method;
pub mod retrieval;
pub mod stats;
mod stories;
pub mod trust;
mod vectors;
pub mod words;

pub use error::AffectError;
pub use evaluate::{Evaluation, evaluate};
pub use geometry::{Geometry, geometry};
pub use stories::StoryMeans;
pub use vectors::{EmotionVectors, Nuisance};

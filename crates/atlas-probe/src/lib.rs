//! Emotion vectors meet a language model: extract them, read a text with them, steer by them.
//!
//! - [`Extractor`] runs stories and keeps each one's mean residual at every layer.
//! - [`Vectors`] are the result (`vectors.safetensors`), one direction per layer and emotion.
//! - [`Reader`] projects a residual stream on them: `(residual - neutral mean) . unit / p99`.
//! - [`edits`] adds them to the stream: `strength x scale x mean residual norm x unit`.
//! - [`logit_lens`] asks the unembedding which words a direction speaks for.
//!
//! Source: paper, Method; shared findings on small models in each model's card.

mod extract;
mod lens;
mod read;
mod steer;
mod vectors;

pub use extract::{Extractor, StoryMean};
pub use lens::logit_lens;
pub use read::{LayerReading, Reader, SKIPPED};
pub use steer::edits;
pub use vectors::{Vectors, VectorsError};

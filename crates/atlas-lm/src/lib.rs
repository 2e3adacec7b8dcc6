//! Decoder-only transformers in burn, made to be looked into.
//!
//! Text becomes tokens, tokens become a *residual stream* of `layers x tokens x width` numbers, its
//! end becomes logits. Between any two blocks the stream can be read (a *tap*) and changed (an
//! *edit*). This crate knows nothing of what is read or steered.
//!
//! ```no_run
//! use atlas_lm::{Edits, Loader, WeightFormat, device};
//! use atlas_units::Layer;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut loader = Loader::new(WeightFormat::Gguf, None, device::cpu());
//! loader.push(&std::fs::read("model.gguf")?)?;
//! let model = loader.finish()?.model;
//!
//! let mut edits = Edits::none();
//! edits.add(Layer::new(18), &[vec![0.5; model.config().width]], model.device())?;
//! let logits = model.logits(&[1, 2, 3], &mut model.cache(), &edits)?; // [3, vocabulary]
//! # Ok(()) }
//! ```
//!
//! Assumed: a Llama (RMS norm, rotary, grouped queries, SwiGLU, no biases); the caller owns chat
//! turns, stop tokens and time.

mod chat;
mod config;
pub mod device;
mod error;
mod load;
mod model;
#[doc(hidden)]
pub mod ops;
mod sampling;
mod tokenizer;

pub use burn::tensor::{Device, Tensor};
pub use chat::{ChatTemplate, Turn};
pub use config::LlamaConfig;
pub use error::{LoadError, RunError};
pub use load::{GgufMetadata, GgufValue, Loaded, Loader, RawTensor, TensorType, WeightFormat};
pub use model::{Attention, Block, Edits, KvCache, Linear, Llama, Pass, RmsNorm, SwiGlu};
pub use sampling::{Sampler, SamplingConfig};
pub use tokenizer::{Piece, TextStream, Tokenizer};

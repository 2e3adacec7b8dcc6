//! The decoder: embedding, blocks of attention and SwiGLU on a residual stream, unembedding.

mod attention;
mod block;
mod cache;
mod linear;
mod llama;
mod norm;
mod pass;
mod swiglu;

pub use attention::Attention;
pub use block::Block;
pub use cache::KvCache;
pub use linear::Linear;
pub use llama::Llama;
pub use norm::RmsNorm;
pub use pass::{Edits, Pass};
pub use swiglu::SwiGlu;

//! The CPU arithmetic of a Llama-style decoder on weights that stay as stored.
//!
//! Weights are read as they lie in a file, four or eight bits each, and never widened in memory: generating a token
//! means reading them all once, so their size is what a token costs. [`pack`] only reorders them, 16 rows side by side
//! ([`Matrix`]), so that a vector's lanes are rows and no sum ever crosses lanes. Activations become 16-bit integers,
//! block by block, and a block's product is exact.
//!
//! The same input gives the same bits on every processor, natively and in a browser, on any number of threads: every
//! sum has one order, nothing is fused, and the exponential is our own.
//!
//! ```
//! use atlas_kernels::{Format, Matrix, Pool, linear, pack};
//! use std::sync::Arc;
//!
//! // Two rows of three weights, as a file stores them.
//! let stored: Vec<u8> = [1.0f32, 2.0, 3.0, 0.0, 0.5, 0.0].iter().flat_map(|w| w.to_le_bytes()).collect();
//! let matrix = Matrix { format: Format::F32, rows: 2, cols: 3 };
//! let words = Arc::new(pack(matrix, &stored));
//! assert_eq!(linear(Pool::global(), matrix, words, &[1.0, 10.0, 100.0]), [321.0, 5.0]);
//! ```

#![allow(
    clippy::inline_always,
    reason = "a kernel has to end up in the function compiled for an instruction set"
)]
#![allow(
    clippy::needless_range_loop,
    reason = "rows of a tile and halves of a panel are indices of several arrays at once"
)]

mod activations;
mod attention;
mod cells;
mod embed;
mod linear;
mod math;
mod matrix;
mod norm;
mod pack;
mod pool;
mod product;
mod rotary;
mod simd;
#[cfg(test)]
mod testing;

pub use attention::{Attention, attend, extend_cache};
pub use embed::embed;
pub use linear::{Shared, linear, linear_add, norm_gated, norm_linear};
pub use matrix::{Format, Matrix};
pub use norm::Norm;
pub use pack::{pack, pack_rows, row};
pub use pool::{Job, Pool};
pub use rotary::rotary_table;
pub use simd::isa;

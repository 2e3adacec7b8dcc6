//! The three quantities that are easy to mix up, as types of their own.
//!
//! They live below every other room so that the page can name a layer without linking an engine,
//! and the engine can name one without knowing an emotion.
//!
//! ```
//! use atlas_units::{Layer, Strength, TokenIx};
//! assert_eq!(Layer::EMBEDDING.index(), 0);
//! assert_eq!(Layer::after_block(0), Layer::new(1));
//! assert_eq!(Strength::percent(25.0).fraction(), 0.25);
//! assert_eq!(TokenIx::new(3).index(), 3);
//! ```

use serde::{Deserialize, Serialize};

/// A place in the residual stream: 0 is the embedding, `n` the output of the `n`-th block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Layer(u16);

impl Layer {
    /// The residual stream before any block.
    pub const EMBEDDING: Self = Self(0);

    /// Layer by number, 0 = embedding.
    #[must_use]
    pub const fn new(index: u16) -> Self {
        Self(index)
    }

    /// The output of block `block` (counted from 0).
    #[must_use]
    pub const fn after_block(block: usize) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "no model has 65,536 blocks"
        )]
        Self(block as u16 + 1)
    }

    /// Index into anything stored per layer.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl core::fmt::Display for Layer {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.fmt(f)
    }
}

/// Position of a token in its text, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenIx(u32);

impl TokenIx {
    /// Token by position.
    #[must_use]
    pub const fn new(index: u32) -> Self {
        Self(index)
    }

    /// Index into anything stored per token.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// How hard to steer: a fraction of the layer's mean residual norm; negative pushes away.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Strength(f32);

impl Strength {
    /// No push at all.
    pub const ZERO: Self = Self(0.0);

    /// From a fraction of the mean residual norm; anything that is not a finite number becomes 0.
    #[must_use]
    pub const fn new(fraction: f32) -> Self {
        Self(if fraction.is_finite() { fraction } else { 0.0 })
    }

    /// From percent of the mean residual norm.
    #[must_use]
    pub const fn percent(percent: f32) -> Self {
        Self::new(percent / 100.0)
    }

    /// As a fraction of the mean residual norm.
    #[must_use]
    pub const fn fraction(self) -> f32 {
        self.0
    }

    /// As percent of the mean residual norm.
    #[must_use]
    pub const fn as_percent(self) -> f32 {
        self.0 * 100.0
    }
}

//! Emotion words, ratings, clusters, vectors and their geometry.
pub mod card;

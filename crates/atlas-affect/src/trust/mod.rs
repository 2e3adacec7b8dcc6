//! How far a figure can be trusted: intervals, chance levels, and figures that need no rating.
//!
//! Everything drawn at random is drawn from a seed that stands in the result.

mod bootstrap;
mod detection;
mod permutation;
mod rsa;
mod variance;

pub use bootstrap::{Interval, Resample, Telling, bootstrap};
pub use detection::{Auc, FalsePositives, auc, false_positives};
pub use permutation::{Null, Tail, permutation_null, rand_null, rating_null};
pub use rsa::{Correlation, rsa, rsa_null, upper_triangle};
pub use variance::{between_share, rating_fit, variance_shares};

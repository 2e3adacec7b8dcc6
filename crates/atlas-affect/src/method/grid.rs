//! Many options at once.
//!
//! ```
//! use atlas_affect::method::{Centring, Grid, Mix, Space, jobs};
//! use atlas_units::Layer;
//! let grid = Grid {
//!     mixes: vec![Mix::of([("told", 1.0)]), Mix::of([("told", 1.0), ("original", 1.0)])],
//!     layers: vec![Layer::new(15), Layer::new(18)],
//!     ..Grid::usual()
//! };
//! let options = grid.options();
//! assert_eq!(options.len(), grid.len());
//! let jobs = jobs(options); // one after the other, or side by side
//! assert_eq!(jobs.iter().map(Vec::len).sum::<usize>(), grid.len());
//! ```

use atlas_units::Layer;
use serde::{Deserialize, Serialize};

use crate::method::measure::same_basis;
use crate::method::{Centring, MethodOptions, Mix, Space};

/// Values of each option; all their combinations are meant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grid {
    /// As [`MethodOptions::mix`].
    pub mixes: Vec<Mix>,
    /// As [`MethodOptions::nuisance_mix`].
    pub nuisance_mixes: Vec<Option<Mix>>,
    /// As [`MethodOptions::first_token`].
    pub first_tokens: Vec<usize>,
    /// As [`MethodOptions::space`].
    pub spaces: Vec<Space>,
    /// As [`MethodOptions::within`].
    pub within: Vec<f32>,
    /// As [`MethodOptions::neutral`].
    pub neutral: Vec<f32>,
    /// As [`MethodOptions::centring`].
    pub centrings: Vec<Centring>,
    /// As [`MethodOptions::layer`].
    pub layers: Vec<Layer>,
}

impl Grid {
    /// All that is asked about the method; mixes and layers are the caller's to name.
    #[must_use]
    pub fn usual() -> Self {
        Self {
            mixes: Vec::new(),
            nuisance_mixes: vec![None],
            first_tokens: vec![20],
            spaces: vec![
                Space::Mean,
                Space::Whitened { shrinkage: 0.1 },
                Space::Whitened { shrinkage: 0.5 },
            ],
            within: vec![0.0, 0.1, 0.2, 0.3, 0.4, 0.5],
            neutral: vec![0.0, 0.25, 0.5],
            centrings: vec![Centring::None, Centring::Topic, Centring::TopicAndWriter],
            layers: Vec::new(),
        }
    }

    /// Number of combinations.
    #[must_use]
    pub fn len(&self) -> usize {
        self.mixes.len()
            * self.nuisance_mixes.len()
            * self.first_tokens.len()
            * self.spaces.len()
            * self.within.len()
            * self.neutral.len()
            * self.centrings.len()
            * self.layers.len()
    }

    /// Whether there is no combination.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All combinations, those that share work side by side.
    #[must_use]
    pub fn options(&self) -> Vec<MethodOptions> {
        let mut all = Vec::with_capacity(self.len());
        for &first_token in &self.first_tokens {
            for &layer in &self.layers {
                for &centring in &self.centrings {
                    for mix in &self.mixes {
                        for nuisance_mix in &self.nuisance_mixes {
                            for &neutral in &self.neutral {
                                let cells = self.spaces.iter().flat_map(|&space| {
                                    self.within.iter().map(move |&within| (space, within))
                                });
                                all.extend(cells.map(|(space, within)| MethodOptions {
                                    mix: mix.clone(),
                                    nuisance_mix: nuisance_mix.clone(),
                                    first_token,
                                    space,
                                    within,
                                    neutral,
                                    centring,
                                    layer,
                                }));
                            }
                        }
                    }
                }
            }
        }
        all
    }
}

/// Cuts options where no work can be shared: each piece is one call of [`measure()`](crate::method::measure()).
#[must_use]
pub fn jobs(options: Vec<MethodOptions>) -> Vec<Vec<MethodOptions>> {
    options.chunk_by(same_basis).map(<[_]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_combination_comes_once_and_jobs_share_their_basis() {
        let grid = Grid {
            mixes: vec![
                Mix::of([("told", 1.0)]),
                Mix::of([("told", 1.0), ("inner", 1.0)]),
            ],
            first_tokens: vec![5, 20],
            layers: vec![Layer::new(3), Layer::new(4)],
            ..Grid::usual()
        };
        let options = grid.options();
        assert_eq!(options.len(), 2 * 2 * 3 * 6 * 3 * 3 * 2);
        assert!(
            options
                .iter()
                .enumerate()
                .all(|(i, o)| !options[..i].contains(o))
        );
        assert!(options.iter().all(|o| o.check().is_ok()));
        let jobs = jobs(options.clone());
        assert_eq!(jobs.len(), 2 * 2 * 3 * 3 * 2);
        assert!(jobs.iter().all(|j| j.len() == 18));
        assert_eq!(jobs.concat(), options);
    }
}

//! Everything that decides which vectors come out of story means, in one declared value.
//!
//! ```
//! use atlas_affect::method::{Centring, MethodOptions, Mix, Space};
//! let options = MethodOptions {
//!     mix: Mix::of([("told", 1.0), ("original", 0.5)]),
//!     space: Space::Whitened { shrinkage: 0.1 },
//!     ..MethodOptions::plain("told", 18)
//! };
//! options.check()?;
//! assert_eq!(
//!     options.to_string(),
//!     "layer 18, original 0.5 + told 1, token 20, whitened (shrinkage 0.1), within 50 %, neutral 0 %, topic and writer"
//! );
//! # Ok::<(), atlas_affect::AffectError>(())
//! ```

use std::collections::BTreeMap;
use std::fmt;

use atlas_units::Layer;
use serde::{Deserialize, Serialize};

use crate::AffectError;

/// How emotion vectors are made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MethodOptions {
    /// Corpora whose stories make the vectors.
    pub mix: Mix,
    /// Corpora whose differences within emotions are the nuisance and the covariance; those of `mix` if `None`.
    #[serde(default)]
    pub nuisance_mix: Option<Mix>,
    /// First token of a story that entered its mean. The means come with it; here it is checked against them.
    pub first_token: usize,
    /// In which coordinates vectors are compared.
    pub space: Space,
    /// Share of the variance within emotions that is projected out, 0 to 1 (not included): the fewest
    /// strongest components that hold at least so much.
    pub within: f32,
    /// The same of the variance among neutral passages.
    pub neutral: f32,
    /// What is taken away from a story before stories are averaged.
    pub centring: Centring,
    /// The layer.
    pub layer: Layer,
}

impl MethodOptions {
    /// The starting point: one corpus, from token 20 on, topic and writer taken away, half of the variance
    /// within emotions projected out, nothing whitened.
    #[must_use]
    pub fn plain(corpus: &str, layer: u16) -> Self {
        Self {
            mix: Mix::of([(corpus, 1.0)]),
            nuisance_mix: None,
            first_token: 20,
            space: Space::Mean,
            within: 0.5,
            neutral: 0.0,
            centring: Centring::TopicAndWriter,
            layer: Layer::new(layer),
        }
    }

    /// Whether every value is within its range.
    ///
    /// # Errors
    /// [`AffectError::Options`] names what is not.
    pub fn check(&self) -> Result<(), AffectError> {
        self.mix.check()?;
        self.nuisance_mix.as_ref().map_or(Ok(()), Mix::check)?;
        for (what, share) in [("within", self.within), ("neutral", self.neutral)] {
            if !(0.0..1.0).contains(&share) {
                return Err(AffectError::Options(format!(
                    "{what}: {share} is not a share from 0 to below 1"
                )));
            }
        }
        match self.space {
            Space::Whitened { shrinkage } if !(shrinkage > 0.0 && shrinkage <= 1.0) => Err(
                AffectError::Options(format!("shrinkage: {shrinkage} is not above 0 and up to 1")),
            ),
            _ => Ok(()),
        }
    }

    /// The corpora that nuisance and covariance come from.
    #[must_use]
    pub fn nuisance_from(&self) -> &Mix {
        self.nuisance_mix.as_ref().unwrap_or(&self.mix)
    }
}

impl fmt::Display for MethodOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "layer {}, {}, ", self.layer, self.mix)?;
        if let Some(mix) = &self.nuisance_mix {
            write!(f, "nuisance of {mix}, ")?;
        }
        write!(
            f,
            "token {}, {}, within {:.0} %, neutral {:.0} %, {}",
            self.first_token,
            self.space,
            self.within * 100.0,
            self.neutral * 100.0,
            self.centring
        )
    }
}

/// Weights of corpora by name. A corpus's stories share its weight evenly, however many they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mix(pub BTreeMap<String, f32>);

impl Mix {
    /// A mix of named corpora.
    #[must_use]
    pub fn of<'a>(parts: impl IntoIterator<Item = (&'a str, f32)>) -> Self {
        Self(parts.into_iter().map(|(n, w)| (n.to_owned(), w)).collect())
    }

    /// Weight of a corpus; 0 if it is not in the mix.
    #[must_use]
    pub fn weight(&self, corpus: &str) -> f64 {
        self.0.get(corpus).map_or(0.0, |&w| f64::from(w))
    }

    fn check(&self) -> Result<(), AffectError> {
        let sound = |w: &f32| w.is_finite() && *w >= 0.0;
        if !self.0.values().all(sound) || !self.0.values().any(|&w| w > 0.0) {
            return Err(AffectError::Options(format!(
                "mix: `{self}` needs weights of 0 or more, one of them above 0"
            )));
        }
        Ok(())
    }
}

impl fmt::Display for Mix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (name, weight)) in self.0.iter().enumerate() {
            let plus = if at > 0 { " + " } else { "" };
            write!(f, "{plus}{name} {weight}")?;
        }
        Ok(())
    }
}

/// In which coordinates vectors are compared.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Space {
    /// The residual stream's own: a vector is a difference of means.
    Mean,
    /// Those in which stories of one emotion vary equally in every direction: means times `C^(-1/2)`, where
    /// `C = (1 - shrinkage) S + shrinkage v I`, `S` is the covariance within emotions (after projecting out), and
    /// `v` its mean variance per direction left (Ledoit and Wolf 2004, with the shrinkage given, not estimated).
    Whitened {
        /// Above 0, up to 1 (as `Mean`).
        shrinkage: f32,
    },
}

impl fmt::Display for Space {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mean => f.write_str("mean"),
            Self::Whitened { shrinkage } => write!(f, "whitened (shrinkage {shrinkage})"),
        }
    }
}

/// What is taken away from a story before stories are averaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Centring {
    /// Nothing.
    None,
    /// The mean of the corpus's stories on its topic.
    Topic,
    /// The mean of the corpus's stories on its topic by its writer.
    TopicAndWriter,
}

impl fmt::Display for Centring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "not centred",
            Self::Topic => "topic",
            Self::TopicAndWriter => "topic and writer",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_survive_json_and_unknown_ones_are_refused() {
        let options = MethodOptions {
            space: Space::Whitened { shrinkage: 0.25 },
            nuisance_mix: Some(Mix::of([("told", 1.0), ("inner", 1.0)])),
            ..MethodOptions::plain("told", 3)
        };
        let json = serde_json::to_string(&options).expect("finite");
        assert!(json.contains(r#""mix":{"told":1.0}"#), "{json}");
        let back: MethodOptions = serde_json::from_str(&json).expect("same");
        assert_eq!(back, options);
        let odd = json.replace("\"within\"", "\"whithin\"");
        assert!(serde_json::from_str::<MethodOptions>(&odd).is_err());
    }

    #[test]
    fn values_out_of_range_are_named() {
        let good = MethodOptions::plain("told", 3);
        let wrong = [
            MethodOptions {
                within: 1.0,
                ..good.clone()
            },
            MethodOptions {
                neutral: -0.1,
                ..good.clone()
            },
            MethodOptions {
                neutral: f32::NAN,
                ..good.clone()
            },
            MethodOptions {
                space: Space::Whitened { shrinkage: 0.0 },
                ..good.clone()
            },
            MethodOptions {
                mix: Mix::of([]),
                ..good.clone()
            },
            MethodOptions {
                mix: Mix::of([("told", 0.0)]),
                ..good.clone()
            },
            MethodOptions {
                nuisance_mix: Some(Mix::of([("told", -1.0), ("inner", 1.0)])),
                ..good.clone()
            },
        ];
        assert_eq!(good.check(), Ok(()));
        for options in wrong {
            assert!(
                matches!(options.check(), Err(AffectError::Options(_))),
                "{options}"
            );
        }
    }
}

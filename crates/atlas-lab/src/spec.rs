//! An experiment as it is declared: a small TOML file in `models/lab`.
//!
//! What is measured, how much of it, and what is expected stand there before anything runs. Parsing does no I/O.

use crate::LabError;
use crate::experiment::{choice, diagonal, implicit, intensity, preference, speaker, stories};
use atlas_protocol::Verdict;
use serde::Deserialize;

/// A declared experiment.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Its name: that of its file.
    pub name: String,
    /// Its title.
    pub title: String,
    /// What it asks, in a sentence that a pupil understands.
    pub question: String,
    /// What the paper reports.
    pub paper: String,
    /// File of its texts, beside the spec; none where there are none.
    #[serde(default)]
    pub texts: Option<String>,
    /// What is measured.
    pub measure: Measure,
    /// What is expected. The verdict rests on these and on nothing else.
    pub claim: Vec<ClaimSpec>,
    /// What is told in each case.
    pub says: Says,
}

/// What is measured, and its settings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Measure {
    /// Which of two kinds of endings is likelier, and what pushing changes.
    Choice(choice::Settings),
    /// Which activities the model prefers.
    Preference(Box<preference::Settings>),
    /// Which emotion texts imply.
    Implicit(implicit::Settings),
    /// Whether readings follow a number.
    Intensity(intensity::Settings),
    /// Whether pushing an emotion raises its own word.
    Diagonal(diagonal::Settings),
    /// Whose emotion the stream holds while two people talk.
    Speaker(speaker::Settings),
    /// What vectors from one kind of stories find in another. All of it needs stories that were run before: native only.
    Stories(stories::Settings),
}

/// One expectation.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimSpec {
    /// The figure it is about; `desperate` stands for `desperate/story` and `desperate/chat` alike.
    pub figure: String,
    /// In words.
    pub words: String,
    /// 1: above what no effect gives; -1: below.
    pub expect: i8,
    /// Smallest distance from no effect that counts.
    pub least: f64,
    /// What the paper reports.
    pub paper: String,
}

/// A sentence for each verdict.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Says {
    /// Every claim holds.
    pub replicates: String,
    /// Some hold.
    pub weak: String,
    /// None holds.
    pub does_not: String,
}

impl Says {
    /// The sentence for a verdict.
    #[must_use]
    pub fn of(&self, verdict: Verdict) -> &str {
        match verdict {
            Verdict::Replicates => &self.replicates,
            Verdict::Weak => &self.weak,
            Verdict::DoesNotReplicate => &self.does_not,
        }
    }
}

impl Spec {
    /// Reads a spec.
    ///
    /// # Errors
    /// [`LabError::Spec`] says what is wrong.
    pub fn parse(text: &str) -> Result<Self, LabError> {
        let wrong = |name: &str, what: String| LabError::Spec {
            name: name.to_owned(),
            what,
        };
        let spec: Self = toml::from_str(text).map_err(|e| wrong("?", e.to_string()))?;
        if spec.claim.is_empty() {
            let what = "it claims nothing, so there is nothing to judge";
            return Err(wrong(&spec.name, what.into()));
        }
        for claim in &spec.claim {
            if !matches!(claim.expect, -1 | 1) || !claim.least.is_finite() || claim.least < 0.0 {
                let what = format!(
                    "claim `{}`: `expect` is 1 or -1, and `least` is not negative",
                    claim.figure
                );
                return Err(wrong(&spec.name, what));
            }
        }
        Ok(spec)
    }
}

/// Reads texts: one JSON object per line.
///
/// # Errors
/// [`LabError::Texts`] names the line.
pub(crate) fn lines<T: for<'a> Deserialize<'a>>(texts: &str) -> Result<Vec<T>, LabError> {
    texts
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(i, line)| {
            serde_json::from_str(line).map_err(|e| LabError::Texts {
                line: i + 1,
                what: e.to_string(),
            })
        })
        .collect()
}

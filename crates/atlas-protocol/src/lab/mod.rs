//! What an experiment found: one layout for all, in `lab.json` and between engine and page.

mod csv;
mod svg;

pub use csv::csv;
pub use svg::{escaped, svg};

use atlas_units::Layer;
use serde::{Deserialize, Serialize};

/// Everything that was measured on one model: `lab.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabFile {
    /// Version of this layout; readers refuse another.
    pub format: u32,
    /// Folder of the model.
    pub model: String,
    /// SHA-256 of its weights, hexadecimal.
    pub model_sha256: String,
    /// SHA-256 of the vectors that read and pushed.
    pub vectors_sha256: String,
    /// Program and version.
    pub made_by: String,
    /// One result per experiment.
    pub results: Vec<LabResult>,
}

impl LabFile {
    /// The layout this code reads and writes.
    pub const FORMAT: u32 = 1;
}

/// How much is run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LabSize {
    /// A part of the texts and of the random vectors: under a minute.
    #[default]
    Quick,
    /// All of it.
    Full,
}

/// What an experiment says of the paper's finding on this model. Computed from the claims, never written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every claim holds.
    Replicates,
    /// Some claims hold.
    Weak,
    /// No claim holds.
    DoesNotReplicate,
}

impl Verdict {
    /// In words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Replicates => "replicates",
            Self::Weak => "weak",
            Self::DoesNotReplicate => "does not replicate",
        }
    }
}

/// What one experiment found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabResult {
    /// Name of its spec.
    pub experiment: String,
    /// Its title.
    pub title: String,
    /// What it asks, for everybody.
    pub question: String,
    /// What the paper reports.
    pub paper: String,
    /// What was found, for everybody: the spec's sentence for the verdict.
    pub finding: String,
    /// The verdict.
    pub verdict: Verdict,
    /// The rule that it follows, in words.
    pub rule: String,
    /// How much was run.
    pub size: LabSize,
    /// Seed of all that was drawn.
    pub seed: u32,
    /// Texts that were run, in words.
    pub of: String,
    /// Layers that were read or pushed.
    pub layers: Vec<Layer>,
    /// What the verdict rests on.
    pub claims: Vec<Claim>,
    /// Every figure.
    pub figures: Vec<Figure>,
    /// What is drawn.
    pub drawings: Vec<Drawing>,
}

/// One expectation, stated before the run, and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// In words.
    pub words: String,
    /// What the paper reports on it.
    pub paper: String,
    /// The figure that it is about.
    pub figure: String,
    /// 1 if the figure should lie above what no effect gives, -1 if below.
    pub expect: i8,
    /// Smallest distance from no effect that counts.
    pub least: f64,
    /// p, corrected for the number of claims (Holm).
    pub p: f64,
    /// Whether it holds.
    pub holds: bool,
    /// Why not; empty if it holds.
    pub why: String,
}

/// A number with all that tells how far to trust it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// Short name, e.g. `desperate/chat`.
    pub id: String,
    /// What it is.
    pub label: String,
    /// Its unit.
    pub unit: String,
    /// The number.
    pub estimate: f64,
    /// Lower end of its 95 % bootstrap interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// What it would be without an effect.
    pub chance: f64,
    /// What random vectors (or permuted labels) give: 95 % of them lie between the two.
    pub null: Option<NullBand>,
    /// Chance of as much without an effect, not corrected.
    pub p: f64,
    /// The test that gives it.
    pub test: String,
    /// Units (situations, activities, templates) that it was averaged over.
    pub n: u32,
}

/// 95 % of what chance gives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NullBand {
    /// 2.5th percentile.
    pub low: f64,
    /// 97.5th percentile.
    pub high: f64,
    /// How many, and of what.
    pub of: String,
}

/// Rows to draw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Drawing {
    /// Named numbers, each with an interval.
    Bars {
        /// What it shows.
        title: String,
        /// Unit of the values.
        unit: String,
        /// The bars.
        bars: Vec<Bar>,
        /// What chance gives.
        null: Option<NullBand>,
    },
    /// Numbers over a number.
    Curves {
        /// What it shows.
        title: String,
        /// What goes across.
        x: String,
        /// What goes up.
        y: String,
        /// The curves.
        series: Vec<Series>,
    },
    /// Numbers by row and column.
    Matrix {
        /// What it shows.
        title: String,
        /// What the values are.
        unit: String,
        /// Row names.
        rows: Vec<String>,
        /// Column names.
        columns: Vec<String>,
        /// Row-major.
        values: Vec<f64>,
    },
    /// Texts that the model wrote.
    Texts {
        /// What they are.
        title: String,
        /// The texts.
        texts: Vec<LabText>,
    },
}

/// A named number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    /// Its name.
    pub label: String,
    /// The number.
    pub value: f64,
    /// Lower end of its interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// A curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Its name.
    pub label: String,
    /// `[x, y, low, high]`.
    pub points: Vec<[f64; 4]>,
}

/// A text that the model wrote.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabText {
    /// Situation and push.
    pub label: String,
    /// What was written.
    pub text: String,
    /// Which way it went, as it was scored.
    pub scored: f64,
}

impl LabResult {
    /// Rounds every number to what can be told from noise, which keeps the file small.
    pub fn round(&mut self) {
        for figure in &mut self.figures {
            each(
                [
                    &mut figure.estimate,
                    &mut figure.low,
                    &mut figure.high,
                    &mut figure.chance,
                    &mut figure.p,
                ],
                figure.null.as_mut(),
            );
        }
        for claim in &mut self.claims {
            each([&mut claim.p], None);
        }
        for drawing in &mut self.drawings {
            match drawing {
                Drawing::Bars { bars, null, .. } => {
                    each([], null.as_mut());
                    for bar in bars {
                        each([&mut bar.value, &mut bar.low, &mut bar.high], None);
                    }
                }
                Drawing::Curves { series, .. } => {
                    let points = series.iter_mut().flat_map(|s| &mut s.points);
                    points.flatten().for_each(digits);
                }
                Drawing::Matrix { values, .. } => values.iter_mut().for_each(digits),
                Drawing::Texts { texts, .. } => {
                    texts.iter_mut().for_each(|t| digits(&mut t.scored));
                }
            }
        }
    }
}

fn each<const N: usize>(values: [&mut f64; N], null: Option<&mut NullBand>) {
    values.into_iter().for_each(digits);
    if let Some(null) = null {
        digits(&mut null.low);
        digits(&mut null.high);
    }
}

/// Four digits behind the point. Not a number, which JSON cannot hold, becomes 0.
fn digits(x: &mut f64) {
    *x = if x.is_finite() {
        (*x * 1e4).round() / 1e4
    } else {
        0.0
    };
}

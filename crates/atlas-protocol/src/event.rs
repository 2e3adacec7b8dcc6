//! What the engine answers.

use crate::{BenchReport, Choice, JobId, LabResult, Problem, Sample, Side, Slot, Why};
use atlas_units::Layer;
use serde::{Deserialize, Serialize};

/// An event from the engine. Every job ends with exactly one of `Ready`, `Reading`, `Depth`,
/// `Finished`, `Choices`, `Lens`, `Bench`, `Lab`, `Failed`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// A model is being fetched or prepared.
    Loading {
        /// The job.
        job: JobId,
        /// What is being done.
        stage: Stage,
        /// Bytes done.
        done: u64,
        /// Bytes in all.
        total: u64,
    },
    /// The model is ready.
    Ready {
        /// The job.
        job: JobId,
        /// What was loaded.
        model: ModelReport,
        /// What it runs on, and why.
        backend: BackendReport,
    },
    /// Part of a long reading is done: blocks run so far, of so many.
    ReadingProgress {
        /// The job.
        job: JobId,
        /// Blocks done.
        done: u32,
        /// Blocks in all.
        total: u32,
    },
    /// A text was read.
    Reading {
        /// The job.
        job: JobId,
        /// Which of the two readings it is.
        slot: Slot,
        /// What was found.
        reading: Reading,
    },
    /// More text was generated on one side.
    Text {
        /// The job.
        job: JobId,
        /// Which of the texts.
        side: Side,
        /// What to append: whole characters only.
        text: String,
        /// New tokens on this side so far.
        tokens: u32,
        /// New tokens per second, all sides together, over the whole generation so far.
        tokens_per_second: f32,
    },
    /// A generation is over (all sides), or a batch.
    Finished {
        /// The job.
        job: JobId,
        /// Why the plain text ended. Of a batch: [`Stop::Cancelled`] if it was, else [`Stop::Length`].
        plain: Stop,
        /// Why the steered text ended.
        steered: Stop,
        /// Why the random one ended; none was asked for or nothing was pushed.
        random: Option<Stop>,
        /// New tokens per second, all sides together.
        tokens_per_second: f32,
    },
    /// Part of a batch is done: new tokens, of so many at most.
    BatchProgress {
        /// The job.
        job: JobId,
        /// Tokens done.
        done: u32,
        /// Tokens at most.
        total: u32,
    },
    /// The texts of one seed of a batch.
    Seed {
        /// The job.
        job: JobId,
        /// The seed.
        seed: u32,
        /// Not steered.
        plain: Sample,
        /// Steered.
        steered: Sample,
        /// Along random vectors, if asked for.
        random: Option<Sample>,
    },
    /// What the latest generation might have drawn.
    Choices {
        /// The job.
        job: JobId,
        /// On which side.
        side: Side,
        /// Token by token.
        choices: Vec<Choice>,
    },
    /// One emotion at every layer of a reading.
    Depth {
        /// The job.
        job: JobId,
        /// Position of the emotion.
        emotion: u16,
        /// Row-major `[layer, token]`, in the units of [`Reading`].
        values: Vec<f32>,
    },
    /// Tokens that the direction steered along, at the first layer that steering pushes at, raises and lowers most through
    /// final norm and unembedding (logit lens).
    Lens {
        /// The job.
        job: JobId,
        /// Raised most, the first first.
        up: Vec<String>,
        /// Lowered most, the first first.
        down: Vec<String>,
    },
    /// A job could not be done; everything loaded before is still there.
    Failed {
        /// The job.
        job: JobId,
        /// Why, and what helps.
        problem: Problem,
    },
    /// Part of a measurement is done: so many steps, of so many.
    BenchProgress {
        /// The job.
        job: JobId,
        /// Steps done.
        done: u32,
        /// Steps in all.
        total: u32,
    },
    /// The speed was measured.
    Bench {
        /// The job.
        job: JobId,
        /// What was found.
        report: BenchReport,
    },
    /// An experiment begins.
    LabPlanned {
        /// The job.
        job: JobId,
        /// How long it will take, judged by a short trial.
        seconds: f32,
    },
    /// Part of an experiment is done.
    LabProgress {
        /// The job.
        job: JobId,
        /// Share done, 0 to 1.
        share: f32,
    },
    /// A first number of an experiment, long before the last.
    LabRow {
        /// The job.
        job: JobId,
        /// Which text.
        label: String,
        /// What was found on it, in words.
        found: String,
    },
    /// An experiment was run.
    Lab {
        /// The job.
        job: JobId,
        /// What was found.
        result: Box<LabResult>,
    },
}

/// What a load is busy with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// Fetching over the network.
    Fetching,
    /// Reading from the browser's cache.
    FromCache,
    /// Comparing with stored logits.
    SelfTest,
    /// Compiling what the first text will need; only on a GPU.
    Compiling,
}

/// Why a text ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stop {
    /// The model ended it.
    EndOfText,
    /// The token limit was reached.
    Length,
    /// The visitor stopped it.
    Cancelled,
}

/// What was loaded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelReport {
    /// Folder under `models/`.
    pub id: String,
    /// Layers of the residual stream: blocks + 1.
    pub layers: u16,
    /// Width of the residual stream.
    pub width: u32,
    /// Tokens it can hold at once.
    pub context: u32,
    /// Whether it knows chat turns.
    pub chat: bool,
}

/// What the model runs on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BackendReport {
    /// `true` on a GPU.
    pub gpu: bool,
    /// Name of the adapter or of the CPU backend.
    pub name: String,
    /// Why this one.
    pub why: Why,
    /// Largest difference from the stored logits in the self-test, relative to their size.
    pub self_test: f32,
}

/// A text as the model represents it at one layer.
///
/// `values` are `(residual - neutral mean) . unit vector / 99th percentile`, so that +-1 is as strong as
/// one in a hundred tokens; 0 for tokens that are not read (see `skipped`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// The tokens as text; joined they give the text back (a broken character shows as U+FFFD).
    pub tokens: Vec<String>,
    /// Leading tokens that are shown but not read: the first is an attention sink.
    pub skipped: u32,
    /// The layer.
    pub layer: Layer,
    /// Emotions per token (the row length of `values`).
    pub emotions: u32,
    /// Row-major [token, emotion].
    pub values: Vec<f32>,
    /// Position of each token on the map's first two axes, in map units.
    pub path: Vec<[f32; 2]>,
    /// Where the turns of a conversation begin: token and role, in the template's own words.
    #[serde(default)]
    pub turns: Vec<(u32, String)>,
}

impl Reading {
    /// The value of one emotion at one token.
    #[must_use]
    pub fn value(&self, token: usize, emotion: usize) -> f32 {
        self.values
            .get(token * self.emotions as usize + emotion)
            .copied()
            .unwrap_or(0.0)
    }
}

//! What the page asks of the engine.

use crate::BenchPlan;
use atlas_units::{Layer, Strength};
use serde::{Deserialize, Serialize};

/// Names one piece of work, so that its events can be told apart and it can be cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct JobId(pub u32);

/// A request to the engine. Jobs run one after another; `Cancel` is heard at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Fetch a model (or take it from the cache) and make it ready. Replaces the one in place only
    /// once the new one is ready.
    Load {
        /// Names the job.
        job: JobId,
        /// Folder under `models/`.
        model: String,
        /// Which backend to try.
        backend: BackendChoice,
    },
    /// Read a text: run it once and answer with [`Event::Reading`](crate::Event::Reading) for `layer`.
    Read {
        /// Names the job.
        job: JobId,
        /// The text.
        text: String,
        /// As it stands, or as a user's chat turn.
        setting: Setting,
        /// Layer to report; others follow by [`Request::Relayer`] without running the model again.
        layer: Layer,
    },
    /// Report the latest reading at another layer.
    Relayer {
        /// Names the job.
        job: JobId,
        /// Layer to report.
        layer: Layer,
    },
    /// Continue a prompt twice from the same seed: plain, and steered.
    Generate {
        /// Names the job.
        job: JobId,
        /// The prompt.
        prompt: String,
        /// As the start of a text, or as a user's chat turn to be answered.
        setting: Setting,
        /// What is pushed; empty steers nothing.
        pushes: Vec<Push>,
        /// How tokens are drawn.
        sampling: Sampling,
    },
    /// Stop a job as soon as possible; it answers with [`Problem::Cancelled`](crate::Problem) or, for
    /// a generation, with [`Event::Finished`](crate::Event::Finished) and what there is.
    Cancel {
        /// The job to stop.
        job: JobId,
    },
    /// Measure how fast the loaded model reads and writes.
    Bench {
        /// Names the job.
        job: JobId,
        /// What to measure.
        plan: BenchPlan,
    },
}

/// Which backend to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BackendChoice {
    /// WebGPU where there is a graphics card and it passes the self-test, else the CPU.
    Auto,
    /// The CPU.
    Cpu,
    /// As `Auto`, but WebGPU in software will do as well. It is slower than the CPU: for tests.
    Gpu,
}

/// How a text is given to the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Setting {
    /// As it stands.
    Plain,
    /// As a user's turn, in the model's chat template.
    Chat,
}

/// One emotion pushed up or down.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Push {
    /// Position of the emotion in `vectors.json`.
    pub emotion: u16,
    /// How hard.
    pub strength: Strength,
}

/// How tokens are drawn. The same values give the same text.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sampling {
    /// Seed of the random numbers.
    pub seed: u32,
    /// 0 takes the most likely token.
    pub temperature: f32,
    /// Keep this many most likely tokens; 0 keeps all.
    pub top_k: u32,
    /// Keep the most likely tokens that hold this much probability; 1 keeps all.
    pub top_p: f32,
    /// Divide (multiply) the positive (negative) logits of tokens already there by this; 1 does nothing.
    pub repetition_penalty: f32,
    /// Stop after this many new tokens.
    pub max_tokens: u32,
}

impl Default for Sampling {
    fn default() -> Self {
        Self {
            seed: 3,
            temperature: 0.7,
            top_k: 40,
            top_p: 0.95,
            repetition_penalty: 1.1,
            max_tokens: 96,
        }
    }
}

//! What the page asks of the engine.

use crate::{BenchPlan, Generation, LabSize, Side};
use atlas_units::Layer;
use serde::{Deserialize, Serialize};

/// Names one piece of work, so that its events can be told apart and it can be cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct JobId(pub u32);

/// A request to the engine. Jobs run one after another; `Cancel` and `GiveWay` are heard at once.
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
        /// As it stands, or as a chat.
        setting: Setting,
        /// Which of two texts it is, when they are compared.
        slot: Slot,
        /// Layer to report; others follow by [`Request::Relayer`] without running the model again.
        layer: Layer,
    },
    /// Report the latest reading at another layer.
    Relayer {
        /// Names the job.
        job: JobId,
        /// Which of the two readings.
        slot: Slot,
        /// Layer to report.
        layer: Layer,
    },
    /// Continue a prompt from one seed: plain, steered and, if asked for, along random vectors. With nothing pushed
    /// all are the plain text, computed once.
    Generate {
        /// Names the job.
        job: JobId,
        /// What to write.
        generation: Generation,
    },
    /// The same from several seeds, counted up from the one given, so that nobody is fooled by one lucky draw:
    /// an [`Event::Seed`](crate::Event::Seed) for each.
    Batch {
        /// Names the job.
        job: JobId,
        /// What to write.
        generation: Generation,
        /// How many seeds.
        seeds: u32,
    },
    /// Which tokens the latest generation might have drawn on one side, and what steering did to them; answered with
    /// [`Event::Choices`](crate::Event::Choices).
    Explain {
        /// Names the job.
        job: JobId,
        /// Which of its texts.
        side: Side,
    },
    /// Report one emotion at every layer of the latest reading, without running the model again.
    Depth {
        /// Names the job.
        job: JobId,
        /// Which of the two readings.
        slot: Slot,
        /// Position of the emotion in `vectors.json`.
        emotion: u16,
    },
    /// Which words an emotion's direction speaks for: answers with [`Event::Lens`](crate::Event::Lens).
    Lens {
        /// Names the job.
        job: JobId,
        /// Position of the emotion in `vectors.json`.
        emotion: u16,
    },
    /// Stop a job as soon as possible; it answers with [`Problem::Cancelled`](crate::Problem) or, for
    /// a generation, with [`Event::Finished`](crate::Event::Finished) and what there is.
    Cancel {
        /// The job to stop.
        job: JobId,
    },
    /// The visitor pressed something: the running job waits a moment, so that the page has the processor while it
    /// answers. Heard at once, like `Cancel`, and not answered.
    GiveWay,
    /// Measure how fast the loaded model reads and writes.
    Bench {
        /// Names the job.
        job: JobId,
        /// What to measure.
        plan: BenchPlan,
    },
    /// Run an experiment on the loaded model.
    Lab {
        /// Names the job.
        job: JobId,
        /// Name of its spec, `models/lab/<name>.toml`.
        experiment: String,
        /// How much of it.
        size: LabSize,
        /// Seed of all that is drawn.
        seed: u32,
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
    /// As a whole conversation, in the model's chat template: a line that begins with `User:`, `Assistant:` or
    /// `System:` begins a turn.
    Dialogue,
}

/// Two readings are kept, so that texts can be compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Slot {
    /// The text.
    #[default]
    First,
    /// What it is compared with.
    Second,
}

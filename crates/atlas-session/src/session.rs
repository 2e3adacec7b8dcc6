//! The session: one model at most, one request at a time.

use crate::host::Host;
use crate::plan::Plan;
use crate::writing::Wanted;
use atlas_affect::card::VectorsCard;
use atlas_lm::{ChatTemplate, Device, Llama, Tokenizer};
use atlas_probe::{LayerReading, Reader, Vectors};
use atlas_protocol::{Event, JobId, Problem, Request, Slot};
use atlas_units::Layer;

/// A model, ready to read and to write.
pub(crate) struct Running {
    pub model: Llama,
    pub tokenizer: Tokenizer,
    pub template: Option<ChatTemplate>,
    pub card: VectorsCard,
    pub vectors: Vectors,
    pub reader: Reader,
    /// Bytes of its weights as stored: what it takes in memory follows from it.
    pub stored: u64,
    /// Whether it runs on a GPU, and what that is called.
    pub gpu: Option<String>,
    /// The latest texts that were read: one, and what it is compared with.
    pub latest: [Option<Latest>; 2],
    /// The latest texts that were written.
    pub written: Option<Written>,
}

impl Running {
    /// The latest reading.
    pub fn latest(&self, slot: Slot) -> Result<&Latest, Problem> {
        self.latest[slot as usize]
            .as_ref()
            .ok_or(Problem::EmptyText)
    }

    /// Whether the residual stream has this layer.
    pub fn check(&self, layer: Layer) -> Result<(), Problem> {
        if layer.index() < self.model.config().layers() {
            Ok(())
        } else {
            let what = format!("layer {layer}");
            Err(Problem::Unknown { what })
        }
    }
}

/// Texts that were written, and how they were steered.
pub(crate) struct Written {
    pub texts: Vec<(Wanted, Vec<u32>)>,
    pub plan: Plan,
}

/// A text that was read, at every layer.
pub(crate) struct Latest {
    pub turns: Vec<(u32, String)>,
    pub tokens: Vec<String>,
    pub skipped: usize,
    pub layers: Vec<LayerReading>,
}

/// Answers requests with events.
pub struct Session<H> {
    pub(crate) host: H,
    pub(crate) running: Option<Running>,
    /// The GPU is initialised once and then kept.
    pub(crate) gpu: Option<Device>,
}

impl<H: Host> Session<H> {
    /// A session without a model.
    pub fn new(host: H) -> Self {
        Self {
            host,
            running: None,
            gpu: None,
        }
    }

    /// Where it runs.
    pub fn host(&self) -> &H {
        &self.host
    }

    /// Does one job; it ends with exactly one of `Ready`, `Reading`, `Depth`, `Finished`,
    /// `Choices`, `Lens`, `Bench`, `Lab`, `Failed`. `Cancel` is the host's business and does nothing here.
    pub async fn handle(&mut self, request: Request) {
        let (job, outcome) = match request {
            Request::Load {
                job,
                model,
                backend,
            } => (job, self.load(job, &model, backend).await),
            Request::Read {
                job,
                text,
                setting,
                slot,
                layer,
            } => (job, self.read(job, &text, setting, slot, layer).await),
            Request::Relayer { job, slot, layer } => (job, self.relayer(job, slot, layer)),
            Request::Depth { job, slot, emotion } => (job, self.depth(job, slot, emotion)),
            Request::Generate { job, generation } => {
                let outcome = self.generate(job, &generation);
                (job, outcome.await)
            }
            Request::Batch {
                job,
                generation,
                seeds,
            } => {
                let outcome = self.batch(job, &generation, seeds);
                (job, outcome.await)
            }
            Request::Explain { job, side } => (job, self.explain(job, side).await),
            Request::Lens { job, emotion } => (job, self.lens(job, emotion).await),
            Request::Bench { job, plan } => (job, self.bench(job, &plan).await),
            Request::Lab {
                job,
                experiment,
                size,
                seed,
            } => (
                job,
                self.lab(job, &experiment, atlas_lab::Plan { size, seed })
                    .await,
            ),
            Request::Cancel { .. } | Request::GiveWay => return,
        };
        let event = outcome.unwrap_or_else(|problem| Event::Failed { job, problem });
        self.host.emit(event);
    }

    /// Lets `Cancel` be heard, and heeds it.
    pub(crate) async fn pause(&self, job: JobId) -> Result<(), Problem> {
        self.host.breathe().await;
        if self.host.cancelled(job) {
            Err(Problem::Cancelled)
        } else {
            Ok(())
        }
    }
}

//! The session: one model at most, one request at a time.

use crate::host::Host;
use atlas_affect::card::VectorsCard;
use atlas_lm::{ChatTemplate, Device, Llama, Tokenizer};
use atlas_probe::{LayerReading, Reader, Vectors};
use atlas_protocol::{Event, JobId, Problem, Request};
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
    /// The latest text that was read.
    pub latest: Option<Latest>,
}

impl Running {
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

/// A text that was read, at every layer.
pub(crate) struct Latest {
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

    /// Does one job; it ends with exactly one of `Ready`, `Reading`, `Finished`, `Bench`,
    /// `Failed`. `Cancel` is the host's business and does nothing here.
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
                layer,
            } => (job, self.read(job, &text, setting, layer).await),
            Request::Relayer { job, layer } => (job, self.relayer(job, layer)),
            Request::Generate {
                job,
                prompt,
                setting,
                pushes,
                sampling,
            } => {
                let outcome = self.generate(job, &prompt, setting, &pushes, &sampling);
                (job, outcome.await)
            }
            Request::Bench { job, plan } => (job, self.bench(job, &plan).await),
            Request::Cancel { .. } => return,
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

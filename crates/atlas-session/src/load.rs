//! Loading: manifest, small files, backend, weights piece by piece, self-test; on a GPU, its kernels.

use crate::files::Files;
use crate::host::Host;
use crate::session::{Running, Session};
use crate::{self_test, words};
use atlas_affect::card::VectorsCard;
use atlas_kernels::Pool;
use atlas_lm::{
    ChatTemplate, Device, LlamaConfig, Loaded, Loader, Tokenizer, WeightFormat, device,
};
use atlas_probe::{Reader, Vectors};
use atlas_protocol::{
    BackendChoice, BackendReport, Event, JobId, ModelManifest, ModelReport, Problem, WeightsFormat,
    Why,
};

/// Stored weights grow by up to this much when they are widened to f32 (from some 5 bits each).
const WIDENING: u64 = 7;

/// Bytes that the old and the new model may take together. Beyond, the old one makes room first, and a
/// load that then fails leaves no model: better than running out of memory with both.
const HOLD_BOTH: u64 = 1 << 30;

impl<H: Host> Session<H> {
    /// The old model stays until the new one is ready, unless both together would need too much
    /// memory (see [`HOLD_BOTH`]); even then it stays until everything but the weights is there.
    pub(crate) async fn load(
        &mut self,
        job: JobId,
        id: &str,
        choice: BackendChoice,
    ) -> Result<Event, Problem> {
        self.pause(job).await?;
        let adapter = adapter(&self.host, choice).await;
        self.stay(adapter.is_ok(), None)?;
        let manifest = manifest(&self.host, id).await?;
        let mut files = Files::new(&self.host, job, id, manifest.bytes());
        let small = Small::fetch(&mut files, &manifest).await?;

        let stored: u64 = manifest.weights.iter().map(|piece| piece.bytes).sum();
        let both = |old: &Running| (old.stored + stored).saturating_mul(WIDENING);
        if self
            .running
            .as_ref()
            .is_some_and(|old| both(old) > HOLD_BOTH)
        {
            self.running = None;
        }

        let (mut on, mut backend) = pick(&mut self.gpu, adapter).await;
        if !backend.gpu {
            self.stay(false, Some(&backend.why))?;
        }
        let loaded = loop {
            let loaded = weights(&mut files, &manifest, small.config.clone(), on).await?;
            self_test::check(&manifest.self_test, loaded.model.config().vocabulary)?;
            files.testing();
            self.host.breathe().await;
            let why = match self_test::run(&loaded.model, &manifest.self_test).await {
                Ok(off) if off <= self_test::TOLERANCE => {
                    backend.self_test = off;
                    break loaded;
                }
                Ok(off) if off.is_finite() => Why::Wrong {
                    off: format!("{off:.2}"),
                },
                Ok(_) => Why::NoNumbers,
                Err(error) => Why::Failed {
                    reason: error.to_string(),
                },
            };
            if !backend.gpu {
                let said = why.to_string().replacen("the GPU", "the engine", 1);
                return Err(words::unusable(&said));
            }
            // The GPU's model is dropped before the CPU's is loaded.
            drop(loaded);
            self.stay(false, Some(&why))?;
            files.back(stored);
            (on, backend) = (device::cpu(), cpu_report(why));
        };
        if !backend.gpu {
            // Only now: threads may have joined during the load.
            backend.name = cpu();
        }

        let mut running = assemble(loaded, small, &manifest, stored)?;
        running.gpu = backend.gpu.then(|| backend.name.clone());
        if running.gpu.is_some() {
            files.compiling();
            self.warm_up(job, &running).await?;
        }
        self.pause(job).await?;
        let config = running.model.config();
        let model = ModelReport {
            id: id.to_owned(),
            layers: u16::try_from(config.layers()).unwrap_or(u16::MAX),
            width: words::count(config.width),
            context: words::count(config.context),
            chat: running.template.is_some(),
        };
        self.running = Some(running);
        Ok(Event::Ready {
            job,
            model,
            backend,
        })
    }

    /// Ends the job here if another build of the engine takes it over.
    fn stay(&self, gpu: bool, failed: Option<&Why>) -> Result<(), Problem> {
        match self.host.hand_over(gpu, failed) {
            true => Err(Problem::Cancelled),
            false => Ok(()),
        }
    }
}

/// `model.json` of a model.
async fn manifest<H: Host>(host: &H, id: &str) -> Result<ModelManifest, Problem> {
    // The name may come from a link: it must be one folder's name and nothing else.
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if id.is_empty() || id.starts_with('.') || id.len() > 64 || !id.chars().all(plain) {
        return Err(Problem::Unusable {
            reason: "the page lists no model of that name".into(),
        });
    }
    let path = format!("{id}/model.json");
    let bytes = host.json(&path).await?;
    serde_json::from_slice(&bytes).map_err(|error| Problem::Damaged {
        file: path,
        reason: format!("it is no list of files: {error}"),
    })
}

/// Everything of a model but its weights.
struct Small {
    config: Option<LlamaConfig>,
    tokenizer: Tokenizer,
    card: VectorsCard,
    vectors: Vectors,
}

impl Small {
    async fn fetch<H: Host>(
        files: &mut Files<'_, H>,
        manifest: &ModelManifest,
    ) -> Result<Self, Problem> {
        let config = match &manifest.config {
            None => None,
            Some(entry) => {
                let json = files.get(entry).await?;
                let json = String::from_utf8_lossy(&json);
                Some(LlamaConfig::from_hugging_face(&json).map_err(|e| words::load(&e))?)
            }
        };
        let tokenizer = files.get(&manifest.tokenizer).await?;
        let tokenizer = Tokenizer::from_json(&tokenizer).map_err(|e| words::load(&e))?;
        let card: VectorsCard = serde_json::from_slice(&files.get(&manifest.card).await?)
            .map_err(|e| words::unusable(&format!("its vectors.json cannot be read: {e}")))?;
        if card.format != VectorsCard::FORMAT {
            let reason = format!(
                "its vectors.json has layout {}, and this program reads {}",
                card.format,
                VectorsCard::FORMAT
            );
            return Err(Problem::Unusable { reason });
        }
        let vectors = Vectors::from_bytes(&files.get(&manifest.vectors).await?)
            .map_err(|e| words::vectors(&e))?;
        Ok(Self {
            config,
            tokenizer,
            card,
            vectors,
        })
    }
}

/// Name of the GPU to try, or why there is none.
async fn adapter<H: Host>(host: &H, choice: BackendChoice) -> Result<String, Why> {
    match choice {
        BackendChoice::Cpu => Err(Why::Chosen),
        BackendChoice::Auto => host.gpu_adapter(false).await,
        BackendChoice::Gpu => host.gpu_adapter(true).await,
    }
}

/// The backend to try first.
#[cfg_attr(
    not(feature = "gpu"),
    expect(
        unused_variables,
        clippy::unused_async,
        reason = "without a GPU there is no choice"
    )
)]
async fn pick(gpu: &mut Option<Device>, adapter: Result<String, Why>) -> (Device, BackendReport) {
    let why = match adapter {
        Err(why) => why,
        #[cfg(feature = "gpu")]
        Ok(name) => {
            if gpu.is_none() {
                *gpu = device::gpu().await.ok();
            }
            if let Some(gpu) = gpu {
                let why = Why::Passed;
                let report = BackendReport {
                    gpu: true,
                    name,
                    why,
                    self_test: 0.0,
                };
                return (gpu.clone(), report);
            }
            Why::Refused
        }
        #[cfg(not(feature = "gpu"))]
        Ok(_) => Why::NotBuilt,
    };
    (device::cpu(), cpu_report(why))
}

fn cpu_report(why: Why) -> BackendReport {
    BackendReport {
        gpu: false,
        name: cpu(),
        why,
        self_test: 0.0,
    }
}

/// The CPU and its threads.
fn cpu() -> String {
    match Pool::global().threads() {
        0 | 1 => "CPU".into(),
        threads => format!("CPU, {threads} threads"),
    }
}

/// The weights, one piece in memory at a time.
async fn weights<H: Host>(
    files: &mut Files<'_, H>,
    manifest: &ModelManifest,
    config: Option<LlamaConfig>,
    on: Device,
) -> Result<Loaded, Problem> {
    let mut loader = Loader::new(format(manifest.format), config, on);
    for entry in &manifest.weights {
        let piece = files.get(entry).await?;
        loader.push(&piece).map_err(|e| words::load(&e))?;
    }
    loader.finish().map_err(|e| words::load(&e))
}

/// The engine's word for a stored format.
pub(crate) fn format(stored: WeightsFormat) -> WeightFormat {
    match stored {
        WeightsFormat::Gguf => WeightFormat::Gguf,
        WeightsFormat::Safetensors => WeightFormat::Safetensors,
    }
}

/// Puts the parts together, if they fit.
fn assemble(
    loaded: Loaded,
    small: Small,
    manifest: &ModelManifest,
    stored: u64,
) -> Result<Running, Problem> {
    let Small {
        tokenizer,
        card,
        vectors,
        ..
    } = small;
    let config = loaded.model.config();
    let fits = vectors.layers == config.layers()
        && vectors.width == config.width
        && vectors.emotions == card.emotions.len()
        && card.layer.index() < config.layers()
        && card
            .steering
            .layers
            .iter()
            .all(|layer| layer.index() < config.layers());
    if !fits {
        let reason = "its emotion vectors were made with another model".into();
        return Err(Problem::Unusable { reason });
    }
    let own = loaded
        .gguf
        .as_ref()
        .and_then(|meta| meta.text("tokenizer.chat_template").ok());
    let template = match own.or(manifest.chat_template.as_deref()) {
        None => None,
        Some(source) => Some(ChatTemplate::new(source).map_err(|e| words::load(&e))?),
    };
    let reader = Reader::new(&vectors, loaded.model.device());
    Ok(Running {
        model: loaded.model,
        tokenizer,
        template,
        card,
        vectors,
        reader,
        stored,
        gpu: None,
        latest: [None, None],
        written: None,
    })
}

//! A model folder from a tiny checkpoint with random vectors, and a session on it that keeps its events.

use atlas_affect::card::{EmotionEntry, LayerGeometry, Method, Steering, VectorsCard};
use atlas_affect::method::MethodOptions;
use atlas_probe::Vectors;
use atlas_protocol::{
    BackendChoice, Event, Generation, JobId, Problem, Push, Reading, Request, Sampling, Setting,
    Side, Slot, Steer,
};
use atlas_session::{FolderHost, Session, write_manifest};
use atlas_units::Layer;
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg32;
use std::cell::RefCell;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use tempfile::TempDir;

/// The jobs that a host was told to stop.
type Jobs = Rc<RefCell<HashSet<JobId>>>;

pub const EMOTIONS: usize = 5;
/// Layers of every tiny checkpoint.
pub const LAYERS: usize = 4;
const PIECE: usize = 60_000;

/// A folder of models that is removed at the end.
pub struct Models {
    root: TempDir,
}

impl Models {
    /// The tiny checkpoint of this name, packed for serving.
    pub fn with(name: &str) -> Self {
        let models = Self {
            root: tempfile::tempdir().unwrap(),
        };
        let folder = models.folder(name);
        std::fs::create_dir_all(folder.join("weights")).unwrap();
        let source = Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap())
            .join("../../tests/reference/tiny")
            .join(name);
        let mut width = 64;
        for small in ["tokenizer.json", "config.json", "tokenizer_config.json"] {
            let Ok(bytes) = std::fs::read(source.join(small)) else {
                continue;
            };
            if small == "config.json" {
                let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
                width = usize::try_from(json["hidden_size"].as_u64().unwrap()).unwrap();
            }
            std::fs::write(folder.join(small), bytes).unwrap();
        }
        let weights = std::fs::read(source.join("model.safetensors"))
            .or_else(|_| std::fs::read(source.join(format!("{name}.gguf"))))
            .unwrap();
        for (i, piece) in weights.chunks(PIECE).enumerate() {
            std::fs::write(folder.join(format!("weights/{i:03}.bin")), piece).unwrap();
        }
        std::fs::write(
            folder.join("vectors.safetensors"),
            vectors(width).to_bytes().unwrap(),
        )
        .unwrap();
        std::fs::write(
            folder.join("vectors.json"),
            serde_json::to_vec(&card(name)).unwrap(),
        )
        .unwrap();
        pollster::block_on(write_manifest(&folder)).unwrap();
        models
    }

    pub fn folder(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// A session without a model.
    pub fn session(&self) -> Bench {
        self.session_with(|_, _| ())
    }

    /// A session that calls `also` with each event and the set of cancelled jobs.
    pub fn session_with(&self, also: impl Fn(&Event, &mut HashSet<JobId>) + 'static) -> Bench {
        self.on(false, also)
    }

    /// The same, with the GPU to choose.
    #[allow(dead_code, reason = "the other tests keep to the CPU")]
    pub fn gpu_session_with(&self, also: impl Fn(&Event, &mut HashSet<JobId>) + 'static) -> Bench {
        self.on(true, also)
    }

    fn on(&self, gpu: bool, also: impl Fn(&Event, &mut HashSet<JobId>) + 'static) -> Bench {
        let events: Rc<RefCell<Vec<Event>>> = Rc::default();
        let cancelled: Rc<RefCell<Option<Jobs>>> = Rc::default();
        let (kept, shared) = (Rc::clone(&events), Rc::clone(&cancelled));
        let host = FolderHost::new(self.root.path(), move |event| {
            if let Some(cancelled) = &*shared.borrow() {
                also(&event, &mut cancelled.borrow_mut());
            }
            kept.borrow_mut().push(event);
        });
        let host = if gpu { host.with_gpu() } else { host };
        *cancelled.borrow_mut() = Some(host.cancelled_jobs());
        Bench {
            session: Session::new(host),
            events,
            job: 0,
        }
    }
}

/// A session and what it said.
pub struct Bench {
    session: Session<FolderHost>,
    events: Rc<RefCell<Vec<Event>>>,
    job: u32,
}

impl Bench {
    /// Sends the request that `make` builds for a new job; returns all its events.
    pub fn ask(&mut self, make: impl FnOnce(JobId) -> Request) -> Vec<Event> {
        self.job += 1;
        pollster::block_on(self.session.handle(make(JobId(self.job))));
        self.events.take()
    }

    pub fn load(&mut self, model: &str) -> Vec<Event> {
        self.load_on(model, BackendChoice::Auto)
    }

    pub fn load_on(&mut self, model: &str, backend: BackendChoice) -> Vec<Event> {
        let model = model.to_owned();
        self.ask(|job| Request::Load {
            job,
            model,
            backend,
        })
    }

    pub fn read(&mut self, text: &str, setting: Setting, layer: u16) -> Result<Reading, Problem> {
        let (text, layer) = (text.to_owned(), Layer::new(layer));
        reading(self.ask(|job| Request::Read {
            job,
            text,
            setting,
            slot: Slot::First,
            layer,
        }))
    }

    /// Continues "Once upon a time" and returns both texts.
    pub fn generate(&mut self, pushes: &[(u16, f32)], seed: u32) -> [String; 2] {
        let sampling = Sampling {
            seed,
            max_tokens: 24,
            temperature: 1.0,
            ..Sampling::default()
        };
        let prompt = "Once upon a time";
        texts(&self.write(generation(prompt, Setting::Plain, steer(pushes), sampling)))
    }

    /// All events of a generation.
    pub fn write(&mut self, generation: Generation) -> Vec<Event> {
        self.ask(|job| Request::Generate { job, generation })
    }
}

/// Emotions and strengths, added as the card says.
pub fn steer(pushes: &[(u16, f32)]) -> Steer {
    let push = |&(emotion, strength): &(u16, f32)| Push {
        emotion,
        strength: atlas_units::Strength::new(strength),
    };
    Steer {
        pushes: pushes.iter().map(push).collect(),
        ..Steer::default()
    }
}

/// A generation without a conversation before it.
pub fn generation(prompt: &str, setting: Setting, steer: Steer, sampling: Sampling) -> Generation {
    Generation {
        before: vec![],
        prompt: prompt.to_owned(),
        setting,
        steer,
        sampling,
    }
}

/// The reading or the problem that a job ended with.
pub fn reading(mut events: Vec<Event>) -> Result<Reading, Problem> {
    match events.pop() {
        Some(Event::Reading { reading, .. }) => Ok(reading),
        Some(Event::Failed { problem, .. }) => Err(problem),
        other => panic!("ended with {other:?}"),
    }
}

/// The problem that a job ended with.
pub fn problem(events: &[Event]) -> Problem {
    match events.last() {
        Some(Event::Failed { problem, .. }) => problem.clone(),
        other => panic!("ended with {other:?}"),
    }
}

/// The plain and the steered text.
pub fn texts(events: &[Event]) -> [String; 2] {
    assert!(
        matches!(events.last(), Some(Event::Finished { .. })),
        "{:?}",
        events.last()
    );
    [Side::Plain, Side::Steered].map(|wanted| {
        let part = |event: &Event| match event {
            Event::Text { side, text, .. } if *side == wanted => Some(text.clone()),
            _ => None,
        };
        events.iter().filter_map(part).collect()
    })
}

/// Random, always the same.
fn vectors(width: usize) -> Vectors {
    let mut random = Pcg32::seed_from_u64(5);
    let mut numbers = |n: usize| {
        (0..n)
            .map(|_| random.random::<f32>() - 0.5)
            .collect::<Vec<_>>()
    };
    let emotion = numbers(LAYERS * EMOTIONS * width);
    Vectors {
        layers: LAYERS,
        emotions: EMOTIONS,
        width,
        filter: emotion.clone(),
        emotion,
        mean: numbers(LAYERS * width),
        norm: vec![10.0; LAYERS],
        p99: vec![2.0; LAYERS * EMOTIONS],
        axes: numbers(LAYERS * 2 * width),
        unit: vec![3.0; LAYERS],
    }
}

fn card(model: &str) -> VectorsCard {
    let names = ["calm", "happy", "sad", "angry", "afraid"];
    let layer = LayerGeometry {
        coords: vec![[0.0; 3]; EMOTIONS],
        unit: 3.0,
        share: [0.0; 3],
        r_valence: [0.0; 3],
        r_arousal: [0.0; 3],
        near: vec![vec![]; EMOTIONS],
    };
    VectorsCard {
        format: VectorsCard::FORMAT,
        model: model.to_owned(),
        model_sha256: String::new(),
        layer: Layer::new(2),
        steering: Steering {
            layers: vec![Layer::new(1), Layer::new(2)],
            scale: 0.5,
            safe: 0.3,
            limit: 0.6,
            preset: 0.25,
            basis: String::new(),
            ranges: vec![],
        },
        emotions: names
            .map(|name| EmotionEntry {
                name: name.into(),
                cluster: String::new(),
                valence: 5.0,
                arousal: 5.0,
            })
            .into(),
        geometry: vec![layer; LAYERS],
        method: Method {
            map: MethodOptions::plain("told", 2),
            steering: MethodOptions::plain("told", 2),
            reading: MethodOptions::plain("told", 2),
            nuisance: 0,
            nuisance_share: 0.0,
            stories: 0,
            tokens: 0,
            made_by: "test".into(),
        },
        corpus: vec![],
    }
}

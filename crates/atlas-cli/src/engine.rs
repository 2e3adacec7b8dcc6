//! The engine as the page uses it, on a folder of models: requests in, events out.

use anyhow::{Context, Result, bail};
use atlas_affect::card::VectorsCard;
use atlas_protocol::{
    BackendChoice, BenchPlan, BenchReport, Event, JobId, Push, Reading, Request, Sampling, Setting,
    Side,
};
use atlas_session::{FolderHost, Session};
use atlas_units::{Layer, Strength};
use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;

/// A running engine.
pub struct Engine {
    session: Session<FolderHost>,
    events: Rc<RefCell<Vec<Event>>>,
    /// The card of its vectors.
    pub card: VectorsCard,
}

/// Which of the two settings a flag asks for.
pub fn setting(chat: bool) -> Setting {
    if chat { Setting::Chat } else { Setting::Plain }
}

impl Engine {
    /// Loads the model in a folder that `atlas pack` has been through.
    pub fn start(folder: &Path) -> Result<Self> {
        let folder = folder
            .canonicalize()
            .with_context(|| folder.display().to_string())?;
        let (root, name) = (folder.parent(), folder.file_name());
        let (Some(root), Some(name)) = (root, name) else {
            bail!("{} is no model's folder", folder.display());
        };
        let card = std::fs::read(folder.join("vectors.json"))
            .context("vectors.json is missing: run `atlas extract` first")?;
        let card = serde_json::from_slice(&card).context("vectors.json")?;
        let events = Rc::new(RefCell::new(vec![]));
        let sink = Rc::clone(&events);
        let host = FolderHost::new(root, move |event| sink.borrow_mut().push(event));
        let mut engine = Self {
            session: Session::new(host),
            events,
            card,
        };
        let model = name.to_string_lossy().into_owned();
        let backend = BackendChoice::Cpu;
        engine.ask(Request::Load {
            job: JobId(0),
            model,
            backend,
        })?;
        Ok(engine)
    }

    fn ask(&mut self, request: Request) -> Result<Vec<Event>> {
        pollster::block_on(self.session.handle(request));
        let events = std::mem::take(&mut *self.events.borrow_mut());
        if let Some(Event::Failed { problem, .. }) = events.last() {
            bail!("{problem}");
        }
        Ok(events)
    }

    /// Reads a text.
    pub fn read(&mut self, text: &str, setting: Setting, layer: Layer) -> Result<Reading> {
        let request = Request::Read {
            job: JobId(1),
            text: text.into(),
            setting,
            layer,
        };
        let reading = self.ask(request)?.pop();
        match reading {
            Some(Event::Reading { reading, .. }) => Ok(reading),
            _ => bail!("the engine gave no reading"),
        }
    }

    /// Measures its speed.
    pub fn bench(&mut self, plan: BenchPlan) -> Result<BenchReport> {
        let job = JobId(3);
        match self.ask(Request::Bench { job, plan })?.pop() {
            Some(Event::Bench { report, .. }) => Ok(report),
            _ => bail!("the engine gave no report"),
        }
    }

    /// Continues a prompt: the plain text, the steered one, and tokens per second.
    pub fn generate(
        &mut self,
        prompt: &str,
        setting: Setting,
        pushes: &[(String, Strength)],
        sampling: Sampling,
    ) -> Result<(String, String, f32)> {
        let pushes: Result<Vec<Push>> = pushes
            .iter()
            .map(|(name, strength)| {
                let emotion = self
                    .card
                    .index_of(name)
                    .with_context(|| format!("`{name}` is none of the emotions in vectors.json"))?;
                Ok(Push {
                    emotion: u16::try_from(emotion)?,
                    strength: *strength,
                })
            })
            .collect();
        let events = self.ask(Request::Generate {
            job: JobId(2),
            prompt: prompt.into(),
            setting,
            pushes: pushes?,
            sampling,
        })?;
        let (mut plain, mut steered, mut speed) = (String::new(), String::new(), 0.0);
        for event in events {
            match event {
                Event::Text {
                    side: Side::Plain,
                    text,
                    ..
                } => plain += &text,
                Event::Text {
                    side: Side::Steered,
                    text,
                    ..
                } => steered += &text,
                Event::Finished {
                    tokens_per_second, ..
                } => speed = tokens_per_second,
                _ => {}
            }
        }
        Ok((plain, steered, speed))
    }
}

/// Parses `name:percent`, e.g. `calm:25` or `angry:-10`.
pub fn parse_push(text: &str) -> Result<(String, Strength), String> {
    let (name, percent) = text
        .rsplit_once(':')
        .ok_or("write it as name:percent, for instance calm:25")?;
    let percent: f32 = percent
        .parse()
        .map_err(|_| format!("`{percent}` is no number of percent"))?;
    Ok((name.into(), Strength::percent(percent)))
}

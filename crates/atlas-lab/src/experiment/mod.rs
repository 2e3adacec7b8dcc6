//! The kinds of experiments. Each prepares (everything that can be wrong is found then, and the work is known),
//! runs the model, and scores what came out. Scoring is plain arithmetic on numbers, and tested as such.

pub mod choice;
pub mod diagonal;
mod free;
pub mod implicit;
pub mod intensity;
pub mod preference;
pub mod speaker;
pub mod stories;

use crate::spec::Measure;
use crate::verdict::{RULE, judge};
use crate::watch::Meter;
use crate::{LabError, Spec, Subject, Watch};
use atlas_affect::method::Material;
use atlas_protocol::{Drawing, Figure, LabResult, LabSize};
use atlas_units::Layer;
use std::collections::BTreeMap;

/// How much is run, and the seed of all that is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// How much.
    pub size: LabSize,
    /// Seed.
    pub seed: u32,
}

impl Plan {
    /// The first value in a quick run, the second in a full one.
    pub(crate) fn pick<T>(self, quick: T, full: T) -> T {
        match self.size {
            LabSize::Quick => quick,
            LabSize::Full => full,
        }
    }
}

/// What experiments are fed with.
#[derive(Default)]
pub struct Sources {
    /// Files by name: those that [`Spec::files`] lists.
    pub files: BTreeMap<String, String>,
    /// What the model made of the stories, where they were run before.
    pub stories: Option<Material>,
}

impl Sources {
    fn file(&self, name: &str) -> Result<&str, LabError> {
        let found = self.files.get(name).map(String::as_str);
        found.ok_or_else(|| LabError::TooFew(format!("the file {name} is not there")))
    }
}

/// What a run gave.
pub(crate) struct Scored {
    pub figures: Vec<Figure>,
    pub drawings: Vec<Drawing>,
    pub layers: Vec<Layer>,
    /// What was run, in words.
    pub of: String,
}

impl Spec {
    /// The files that it needs.
    #[must_use]
    pub fn files(&self) -> Vec<&str> {
        let mut files: Vec<&str> = self.texts.iter().map(String::as_str).collect();
        if let Measure::Implicit(settings) = &self.measure {
            files.extend(settings.words.as_deref());
        }
        files
    }

    fn own_texts<'a>(&self, sources: &'a Sources) -> Result<&'a str, LabError> {
        let file = self.texts.as_deref().ok_or_else(|| LabError::Spec {
            name: self.name.clone(),
            what: "it names no file of texts".into(),
        })?;
        sources.file(file)
    }
}

/// An experiment that is ready to run.
pub struct Experiment<'a> {
    spec: &'a Spec,
    plan: Plan,
    subject: Subject<'a>,
    ready: Ready<'a>,
}

enum Ready<'a> {
    Choice(choice::Ready<'a>),
    Preference(preference::Ready<'a>),
    Implicit(implicit::Ready),
    Intensity(intensity::Ready),
    Diagonal(diagonal::Ready<'a>),
    Speaker(speaker::Ready),
    Stories(stories::Ready<'a>),
}

impl<'a> Experiment<'a> {
    /// Reads the texts and plans the run.
    ///
    /// # Errors
    /// When spec, texts and model do not fit each other.
    pub fn prepare(
        spec: &'a Spec,
        sources: &'a Sources,
        subject: Subject<'a>,
        plan: Plan,
    ) -> Result<Self, LabError> {
        let texts = || spec.own_texts(sources);
        let ready = match &spec.measure {
            Measure::Choice(s) => Ready::Choice(choice::Ready::new(s, texts()?, &subject, plan)?),
            Measure::Preference(s) => {
                Ready::Preference(preference::Ready::new(s, texts()?, &subject, plan)?)
            }
            Measure::Implicit(s) => {
                let words = s.words.as_deref().map(|w| sources.file(w)).transpose()?;
                Ready::Implicit(implicit::Ready::new(s, texts()?, words, &subject, plan)?)
            }
            Measure::Intensity(s) => {
                Ready::Intensity(intensity::Ready::new(s, texts()?, &subject, plan)?)
            }
            Measure::Speaker(s) => {
                Ready::Speaker(speaker::Ready::new(s, texts()?, &subject, plan)?)
            }
            Measure::Diagonal(s) => Ready::Diagonal(diagonal::Ready::new(s, &subject, plan)?),
            Measure::Stories(s) => {
                Ready::Stories(stories::Ready::new(s, texts()?, sources, &subject, plan)?)
            }
        };
        Ok(Self {
            spec,
            plan,
            subject,
            ready,
        })
    }

    /// How much there is to do, in tokens through one block each: the unit of [`Watch`].
    #[must_use]
    pub fn work(&self) -> u64 {
        match &self.ready {
            Ready::Choice(ready) => ready.work(&self.subject),
            Ready::Preference(ready) => ready.work(&self.subject),
            Ready::Implicit(ready) => ready.work(&self.subject),
            Ready::Intensity(ready) => ready.work(&self.subject),
            Ready::Diagonal(ready) => ready.work(&self.subject),
            Ready::Speaker(ready) => ready.work(&self.subject),
            Ready::Stories(ready) => ready.work(&self.subject),
        }
    }

    /// Runs it and judges.
    ///
    /// # Errors
    /// [`LabError::Stopped`] when `watch` says so, [`LabError::Run`] when the model fails.
    pub async fn run<W: Watch>(&self, watch: &W) -> Result<LabResult, LabError> {
        let mut meter = Meter::new(watch, self.work());
        let subject = &self.subject;
        let scored = match &self.ready {
            Ready::Choice(ready) => ready.run(subject, &mut meter).await?,
            Ready::Preference(ready) => ready.run(subject, &mut meter).await?,
            Ready::Implicit(ready) => ready.run(subject, &mut meter).await?,
            Ready::Intensity(ready) => ready.run(subject, &mut meter).await?,
            Ready::Diagonal(ready) => ready.run(subject, &mut meter).await?,
            Ready::Speaker(ready) => ready.run(subject, &mut meter).await?,
            Ready::Stories(ready) => ready.run(subject, &mut meter).await?,
        };
        let (claims, verdict) = judge(self.spec, &scored.figures);
        let mut result = LabResult {
            experiment: self.spec.name.clone(),
            title: self.spec.title.clone(),
            question: self.spec.question.clone(),
            paper: self.spec.paper.clone(),
            finding: self.spec.says.of(verdict).to_owned(),
            verdict,
            rule: RULE.to_owned(),
            size: self.plan.size,
            seed: self.plan.seed,
            of: scored.of,
            layers: scored.layers,
            claims,
            figures: scored.figures,
            drawings: scored.drawings,
        };
        result.round();
        Ok(result)
    }
}

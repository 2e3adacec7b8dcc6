//! The lab: an experiment of `models/lab`, run on the loaded model.

use crate::host::Host;
use crate::session::{Running, Session};
use crate::words;
use atlas_lab::{Experiment, LabError, Plan, Sources, Spec, Subject, Watch};
use atlas_lm::{Edits, Llama, device};
use atlas_protocol::{Event, JobId, Problem};

impl<H: Host> Session<H> {
    /// Runs an experiment and reports what it found.
    pub(crate) async fn lab(
        &mut self,
        job: JobId,
        name: &str,
        plan: Plan,
    ) -> Result<Event, Problem> {
        self.pause(job).await?;
        let running = self.running.as_ref().ok_or(Problem::NotReady)?;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.is_empty() || !name.chars().all(plain) {
            let what = format!("experiment “{name}”");
            return Err(Problem::Unknown { what });
        }
        let spec = Spec::parse(&self.text(&format!("lab/{name}.toml")).await?).map_err(problem)?;
        let mut sources = Sources::default();
        for file in spec.files() {
            let text = self.text(&format!("lab/{file}")).await?;
            sources.files.insert(file.to_owned(), text);
        }
        let subject = subject(running);
        let experiment = Experiment::prepare(&spec, &sources, subject, plan).map_err(problem)?;
        let pace = self.pace(&running.model).await?;
        let seconds = experiment.work() as f64 / pace;
        self.host.emit(Event::LabPlanned {
            job,
            #[expect(clippy::cast_possible_truncation, reason = "an estimate")]
            seconds: seconds as f32,
        });
        let watch = Listener { session: self, job };
        let result = experiment.run(&watch).await.map_err(problem)?;
        let result = Box::new(result);
        Ok(Event::Lab { job, result })
    }

    /// A small text file.
    async fn text(&self, path: &str) -> Result<String, Problem> {
        let bytes = self.host.json(path).await?;
        String::from_utf8(bytes).map_err(|e| Problem::Damaged {
            file: path.to_owned(),
            reason: e.to_string(),
        })
    }

    /// Tokens through one block, per second.
    async fn pace(&self, model: &Llama) -> Result<f64, Problem> {
        const TOKENS: usize = 32;
        let text = [1_u32; TOKENS];
        let edits = Edits::none();
        let mut cache = model.cache();
        let start = self.host.now();
        let mut pass = model
            .begin(&[&text], &mut cache, &edits)
            .map_err(|e| words::run(&e))?;
        while pass.step() {}
        let end = device::read(pass.residual()).await;
        end.map_err(|e| words::run(&e))?;
        // A clock in a browser is coarse.
        let seconds = (self.host.now() - start).max(1e-3);
        Ok((TOKENS * model.config().blocks) as f64 / seconds)
    }
}

fn subject(running: &Running) -> Subject<'_> {
    Subject {
        model: &running.model,
        tokenizer: &running.tokenizer,
        template: running.template.as_ref(),
        vectors: &running.vectors,
        card: &running.card,
    }
}

/// Tells the page, and lets `Cancel` be heard.
struct Listener<'a, H> {
    session: &'a Session<H>,
    job: JobId,
}

impl<H: Host> Watch for Listener<'_, H> {
    async fn hears(&self, done: u64, total: u64) -> bool {
        let job = self.job;
        #[expect(clippy::cast_possible_truncation, reason = "a share")]
        let share = (done as f64 / total.max(1) as f64) as f32;
        self.session.host.emit(Event::LabProgress { job, share });
        self.session.pause(job).await.is_ok()
    }

    fn found(&self, label: &str, found: &str) {
        self.session.host.emit(Event::LabRow {
            job: self.job,
            label: label.to_owned(),
            found: found.to_owned(),
        });
    }
}

fn problem(error: LabError) -> Problem {
    match error {
        LabError::Stopped => Problem::Cancelled,
        LabError::Run(error) => words::run(&error),
        LabError::Text(error) => words::text(&error),
        other => Problem::Experiment {
            reason: other.to_string(),
        },
    }
}

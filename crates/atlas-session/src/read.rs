//! Reading: one pass, every layer projected as it goes by, all brought back together.

use crate::host::Host;
use crate::prompt::{Prompt, prompt};
use crate::session::{Latest, Session};
use crate::words;
use atlas_lm::Edits;
use atlas_probe::SKIPPED;
use atlas_protocol::{Event, JobId, Problem, Reading, Setting};
use atlas_units::Layer;

/// Longest text that is read, tokens: some 400 words.
pub(crate) const LIMIT: usize = 640;

impl<H: Host> Session<H> {
    /// Reads a text at every layer and reports one.
    pub(crate) async fn read(
        &mut self,
        job: JobId,
        text: &str,
        setting: Setting,
        layer: Layer,
    ) -> Result<Event, Problem> {
        self.pause(job).await?;
        let running = self.running.as_ref().ok_or(Problem::NotReady)?;
        running.check(layer)?;
        let limit = running.model.config().context.min(LIMIT);
        let Prompt { ids, shown, head } = prompt(running, text, setting, limit)?;
        // A template's head holds the sink already.
        let skipped = match head {
            0 => SKIPPED.min(ids.len() - 1).max(1),
            head => SKIPPED.saturating_sub(head).min(shown.len()),
        };

        let (mut cache, edits) = (running.model.cache(), Edits::none());
        let mut pass = running
            .model
            .begin(&[&ids], &mut cache, &edits)
            .map_err(|e| words::run(&e))?;
        let mut layers = Vec::with_capacity(running.model.config().layers());
        let total = words::count(running.model.config().blocks);
        loop {
            let at = pass.layer();
            layers.push(running.reader.project(at, pass.residual()));
            let done = words::count(at.index());
            self.host.emit(Event::ReadingProgress { job, done, total });
            self.pause(job).await?;
            if !pass.step() {
                break;
            }
        }
        drop(pass);
        let layers = running.reader.finish_all(layers).await;
        let mut layers = layers.map_err(|e| words::run(&e))?;
        for found in &mut layers {
            found.values.drain(..head * running.vectors.emotions);
            found.values[..skipped * running.vectors.emotions].fill(0.0);
            found.path.drain(..head);
        }
        // A GPU computes while nobody waits for it, and most of a reading's time is the wait just over.
        self.pause(job).await?;
        let latest = Latest {
            tokens: shown,
            skipped,
            layers,
        };
        if let Some(running) = &mut self.running {
            running.latest = Some(latest);
        }
        self.relayer(job, layer)
    }

    /// Reports the latest text at a layer.
    pub(crate) fn relayer(&self, job: JobId, layer: Layer) -> Result<Event, Problem> {
        let running = self.running.as_ref().ok_or(Problem::NotReady)?;
        running.check(layer)?;
        let latest = running.latest.as_ref().ok_or(Problem::EmptyText)?;
        let found = &latest.layers[layer.index()];
        let reading = Reading {
            tokens: latest.tokens.clone(),
            skipped: words::count(latest.skipped),
            layer,
            emotions: words::count(running.vectors.emotions),
            values: found.values.clone(),
            path: found.path.clone(),
        };
        Ok(Event::Reading { job, reading })
    }
}

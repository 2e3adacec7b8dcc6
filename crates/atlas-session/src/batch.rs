//! The same prompt from several seeds, each text read again afterwards without steering.

use crate::generate::{Pace, wanted};
use crate::host::Host;
use crate::plan::Plan;
use crate::session::{Running, Session};
use crate::words;
use crate::writing::{Row, bundles};
use atlas_lm::Edits;
use atlas_probe::SKIPPED;
use atlas_protocol::{Event, Generation, JobId, Problem, Sample, Side, Stop};

/// Seeds that are written at once: eight rows, or twelve.
const TOGETHER: usize = 4;
/// Most seeds.
const MOST: u32 = 64;
/// Seconds between two looks at the event loop.
const BEAT: f64 = 0.1;

impl<H: Host> Session<H> {
    /// Writes and reads seed by seed; what is done when it is cancelled has been sent.
    pub(crate) async fn batch(
        &mut self,
        job: JobId,
        generation: &Generation,
        seeds: u32,
    ) -> Result<Event, Problem> {
        let running = self.running.as_ref().ok_or(Problem::NotReady)?;
        let plan = Plan::new(running, &generation.steer)?;
        let first = generation.sampling.seed;
        let seeds: Vec<u32> = (0..seeds.clamp(1, MOST))
            .map(|i| first.wrapping_add(i))
            .collect();
        let (all, same) = wanted(running, generation, &plan, &seeds)?;
        let total = all.len() * generation.sampling.max_tokens as usize;
        let mut pace = Pace::new(all.len().min(TOGETHER));
        let mut stop = Stop::Length;
        for seeds in seeds.chunks(TOGETHER) {
            let of_these = |w: &&crate::writing::Wanted| seeds.contains(&w.seed);
            let these = all.iter().filter(of_these).cloned().collect();
            let written = self
                .write_seeds(job, running, these, &plan, generation, &mut pace, total)
                .await;
            let rows = match written {
                Ok(rows) => rows,
                Err(Problem::Cancelled) => {
                    stop = Stop::Cancelled;
                    break;
                }
                Err(problem) => return Err(problem),
            };
            for &seed in seeds {
                match self.seed(job, running, &rows, seed, same).await {
                    Ok(event) => self.host.emit(event),
                    Err(Problem::Cancelled) => stop = Stop::Cancelled,
                    Err(problem) => return Err(problem),
                }
            }
            if stop == Stop::Cancelled {
                break;
            }
        }
        Ok(Event::Finished {
            job,
            plain: stop,
            steered: stop,
            random: None,
            tokens_per_second: pace.at(self.host.now()),
        })
    }

    #[expect(clippy::too_many_arguments, reason = "one caller, right above")]
    async fn write_seeds(
        &self,
        job: JobId,
        running: &Running,
        these: Vec<crate::writing::Wanted>,
        plan: &Plan,
        generation: &Generation,
        pace: &mut Pace,
        total: usize,
    ) -> Result<Vec<Row>, Problem> {
        let mut bundles = bundles(running, these, plan, &generation.sampling)?;
        let mut beat = f64::NEG_INFINITY;
        while bundles.iter().any(|bundle| !bundle.is_over()) {
            for bundle in &mut bundles {
                let drawn = bundle.step(self, job, running).await?;
                pace.add(drawn, self.host.now());
            }
            let now = self.host.now();
            if now - beat >= BEAT {
                beat = now;
                let (done, total) = (words::count(pace.drawn()), words::count(total));
                self.host.emit(Event::BatchProgress { job, done, total });
                self.pause(job).await?;
            }
        }
        Ok(bundles.into_iter().flat_map(|bundle| bundle.rows).collect())
    }

    /// Reads the texts of one seed.
    async fn seed(
        &self,
        job: JobId,
        running: &Running,
        rows: &[Row],
        seed: u32,
        same: bool,
    ) -> Result<Event, Problem> {
        let mut found = [None, None, None];
        let sides = [Side::Plain, Side::Steered, Side::Random];
        for (found, side) in found.iter_mut().zip(sides) {
            let own = |row: &&Row| row.wanted.seed == seed && row.wanted.side == side;
            if let Some(row) = rows.iter().find(own) {
                *found = Some(self.sample(job, running, row).await?);
            }
        }
        let [plain, steered, random] = found;
        let plain = plain.unwrap_or_else(nothing);
        let steered = match steered {
            None if same => plain.clone(),
            steered => steered.unwrap_or_else(nothing),
        };
        Ok(Event::Seed {
            job,
            seed,
            plain,
            steered,
            random,
        })
    }

    /// Reads what was written after its prompt, nothing pushed.
    async fn sample(&self, job: JobId, running: &Running, row: &Row) -> Result<Sample, Problem> {
        let text = running.tokenizer.decode(&row.tokens);
        let text = text.map_err(|e| words::text(&e))?;
        let tokens = words::count(row.tokens.len());
        // The first tokens of a text are not read, should the prompt be that short.
        let from = row.wanted.ids.len().max(SKIPPED);
        let ids = [row.wanted.ids.as_slice(), &row.tokens].concat();
        if ids.len() <= from {
            return Ok(Sample {
                text,
                tokens,
                means: vec![],
            });
        }
        let (mut cache, edits, at) = (running.model.cache(), Edits::none(), running.card.layer);
        let pass = running.model.begin(&[&ids], &mut cache, &edits);
        let mut pass = pass.map_err(|e| words::run(&e))?;
        while pass.layer() != at && pass.step() {
            self.pause(job).await?;
        }
        let new = pass.residual().narrow(1, from, ids.len() - from);
        let projected = running.reader.project(at, new);
        let reading = running.reader.finish(at, projected).await;
        let values = reading.map_err(|e| words::run(&e))?.values;
        let emotions = running.vectors.emotions;
        let mut means = vec![0.0; emotions];
        for row in values.chunks(emotions) {
            means.iter_mut().zip(row).for_each(|(m, x)| *m += x);
        }
        #[expect(clippy::cast_precision_loss, reason = "no text is that long")]
        let count = (ids.len() - from) as f32;
        means.iter_mut().for_each(|m| *m /= count);
        Ok(Sample {
            text,
            tokens,
            means,
        })
    }
}

fn nothing() -> Sample {
    Sample {
        text: String::new(),
        tokens: 0,
        means: vec![],
    }
}

//! Generating: the plain text, the steered one and, if asked for, one steered along random vectors.

use crate::host::Host;
use crate::plan::Plan;
use crate::prompt::prompt_for;
use crate::session::{Running, Session, Written};
use crate::words;
use crate::writing::{Bundle, Row, Wanted, bundles};
use atlas_lm::Edits;
use atlas_probe::edits;
use atlas_protocol::{Event, Generation, JobId, Problem, Side, Stop};
use atlas_units::Strength;

/// Longest prompt, tokens.
const LIMIT: usize = 512;
/// Longest conversation, tokens.
const TALK: usize = 1536;

/// Most likely tokens that come back for a draw as the page asks for it, penalties aside.
pub(crate) const TOP: usize = 40;

/// Seconds between two messages, each followed by a look at the event loop: often enough to read along
/// and to be stopped, seldom enough that a fast model does not wait for its own news.
const BEAT: f64 = 0.04;

/// New tokens per second. The clock starts when the prompt is done, with the first token of each row at hand.
pub(crate) struct Pace {
    start: f64,
    rows: usize,
    drawn: usize,
}

impl Pace {
    /// For so many texts.
    pub fn new(rows: usize) -> Self {
        Self {
            start: 0.0,
            rows,
            drawn: 0,
        }
    }

    /// Some tokens more have been drawn.
    pub fn add(&mut self, drawn: usize, now: f64) {
        if self.drawn < self.rows {
            self.start = now;
        }
        self.drawn += drawn;
    }

    /// Over the whole time so far.
    pub fn at(&self, now: f64) -> f32 {
        let (new, seconds) = (self.drawn.saturating_sub(self.rows), now - self.start);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            reason = "a figure to show"
        )]
        if new > 0 && seconds > 0.0 {
            (new as f64 / seconds) as f32
        } else {
            0.0
        }
    }

    /// All tokens drawn.
    pub fn drawn(&self) -> usize {
        self.drawn
    }
}

impl<H: Host> Session<H> {
    /// Continues a prompt on every side. Where all sides are the same text it is computed once and reported on each.
    /// Tokens already written are penalised, those of the prompt are not.
    pub(crate) async fn generate(
        &mut self,
        job: JobId,
        generation: &Generation,
    ) -> Result<Event, Problem> {
        let running = self.running.as_ref().ok_or(Problem::NotReady)?;
        let plan = Plan::new(running, &generation.steer)?;
        let seed = generation.sampling.seed;
        let (wanted, same) = wanted(running, generation, &plan, &[seed])?;
        let mut pace = Pace::new(wanted.len());
        let mut bundles = bundles(running, wanted, &plan, &generation.sampling)?;

        let (mut beat, mut listen) = (f64::NEG_INFINITY, true);
        'writing: while bundles.iter().any(|bundle| !bundle.is_over()) {
            if listen && self.pause(job).await.is_err() {
                break;
            }
            for bundle in &mut bundles {
                match bundle.step(self, job, running).await {
                    Ok(drawn) => pace.add(drawn, self.host.now()),
                    Err(Problem::Cancelled) => break 'writing,
                    Err(problem) => return Err(problem),
                }
            }
            let now = self.host.now();
            listen = now - beat >= BEAT;
            if listen && self.send(job, same, &mut bundles, pace.at(now)) {
                beat = now;
            }
        }
        let tokens_per_second = pace.at(self.host.now());
        self.send(job, same, &mut bundles, tokens_per_second);
        let rows: Vec<Row> = bundles.into_iter().flat_map(|bundle| bundle.rows).collect();
        let end = |side: Side| {
            let own = rows.iter().find(|row| row.wanted.side == side);
            own.or(rows.first().filter(|_| same)).map(Row::stop)
        };
        let finished = Event::Finished {
            job,
            plain: end(Side::Plain).unwrap_or(Stop::Length),
            steered: end(Side::Steered).unwrap_or(Stop::Length),
            random: end(Side::Random).filter(|_| !same),
            tokens_per_second,
        };
        let texts = rows.into_iter().map(|row| (row.wanted, row.tokens));
        let written = Written {
            texts: texts.collect(),
            plan,
        };
        if let Some(running) = &mut self.running {
            running.written = Some(written);
        }
        Ok(finished)
    }

    /// Sends what each text has gained; `false` if that is nothing.
    fn send(&self, job: JobId, same: bool, bundles: &mut [Bundle], tokens_per_second: f32) -> bool {
        let mut sent = false;
        for row in bundles.iter_mut().flat_map(|bundle| &mut bundle.rows) {
            let text = std::mem::take(&mut row.unsent);
            if text.is_empty() {
                continue;
            }
            sent = true;
            let own = [row.wanted.side];
            let sides: &[Side] = if same {
                &[Side::Plain, Side::Steered]
            } else {
                &own
            };
            for &side in sides {
                self.host.emit(Event::Text {
                    job,
                    side,
                    text: text.clone(),
                    tokens: words::count(row.tokens.len()),
                    tokens_per_second,
                });
            }
        }
        sent
    }
}

/// The texts that a generation asks for, seed by seed, and whether its sides are one text.
pub(crate) fn wanted(
    running: &Running,
    generation: &Generation,
    plan: &Plan,
    seeds: &[u32],
) -> Result<(Vec<Wanted>, bool), Problem> {
    let context = running.model.config().context;
    let limit = match generation.before.as_slice() {
        [] => longest(context),
        _ => TALK.min(context / 4 * 3),
    };
    let mut prompts = vec![];
    for &side in plan.sides() {
        prompts.push((side, prompt_for(running, generation, side, limit)?.ids));
    }
    let same = plan.is_idle() && prompts.iter().all(|(_, ids)| *ids == prompts[0].1);
    if same {
        prompts.truncate(1);
    }
    let of_seed = |&seed: &u32| {
        let prompts = prompts.iter().cloned();
        prompts.map(move |(side, ids)| Wanted { side, seed, ids })
    };
    Ok((seeds.iter().flat_map(of_seed).collect(), same))
}

/// Longest prompt of a model with this context: some room must be left to write in.
pub(crate) fn longest(context: usize) -> usize {
    LIMIT.min(context / 4 * 3)
}

/// Edits of a batch of texts, pushed as the vectors' card says.
pub(crate) fn edits_for(
    running: &Running,
    batch: &[&[(usize, Strength)]],
) -> Result<Edits, Problem> {
    let (vectors, steering) = (&running.vectors, &running.card.steering);
    edits(vectors, steering, batch, running.model.device()).map_err(|e| words::run(&e))
}

//! Generating: the plain and the steered text as two rows of one batch.

use crate::host::Host;
use crate::prompt::prompt;
use crate::session::{Running, Session};
use crate::words;
use atlas_lm::{Edits, KvCache, Llama, Sampler, SamplingConfig, TextStream};
use atlas_probe::edits;
use atlas_protocol::{Event, JobId, Problem, Push, Sampling, Setting, Side, Stop};
use atlas_units::Strength;

/// Longest prompt, tokens.
const LIMIT: usize = 512;

/// Most likely tokens that come back for a draw as the page asks for it, penalties aside.
pub(crate) const TOP: usize = 40;

/// Where the weights name fewer stop tokens than the model knows.
const END_OF_TEXT: &str = "<|endoftext|>";

/// Seconds between two messages, each followed by a look at the event loop: often enough to read along
/// and to be stopped, seldom enough that a fast model does not wait for its own news.
const BEAT: f64 = 0.04;

/// One of the texts.
struct Row {
    sampler: Sampler,
    stream: TextStream,
    tokens: Vec<u32>,
    /// Text not sent yet.
    unsent: String,
    ended: Option<Stop>,
}

/// New tokens per second. The clock starts when the prompt is done, with the first token of each row at hand.
struct Pace {
    start: f64,
    rows: usize,
    drawn: usize,
}

impl Pace {
    fn now(&self, now: f64) -> f32 {
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
}

impl<H: Host> Session<H> {
    /// Continues a prompt plain and steered. With nothing pushed both are the same text: it is computed
    /// once and reported on both sides. Tokens already written are penalised, those of the prompt are not.
    pub(crate) async fn generate(
        &mut self,
        job: JobId,
        text: &str,
        setting: Setting,
        pushes: &[Push],
        sampling: &Sampling,
    ) -> Result<Event, Problem> {
        let running = self.running.as_ref().ok_or(Problem::NotReady)?;
        let context = running.model.config().context;
        let given = prompt(running, text, setting, longest(context))?;
        let most = (sampling.max_tokens as usize).min(context - given.ids.len());
        let edits = push(running, pushes)?;
        let sides: &[&[Side]] = if edits.is_empty() {
            &[&[Side::Plain, Side::Steered]]
        } else {
            &[&[Side::Plain], &[Side::Steered]]
        };
        let mut rows: Vec<Row> = sides.iter().map(|_| Row::new(sampling)).collect();
        let mut cache = running.model.cache();
        let mut pace = Pace {
            start: self.host.now(),
            rows: rows.len(),
            drawn: 0,
        };
        let mut feed: Vec<Vec<u32>> = vec![given.ids; rows.len()];
        let stops = stops(running);

        if most == 0 {
            rows.iter_mut()
                .for_each(|row| row.ended = Some(Stop::Length));
        }
        let (mut beat, mut listen) = (f64::NEG_INFINITY, true);
        while rows.iter().any(|row| row.ended.is_none()) {
            if listen && self.pause(job).await.is_err() {
                break;
            }
            let needed = reach(&rows);
            let logits = match self
                .pass(job, running, &feed, needed, &mut cache, &edits)
                .await
            {
                Ok(logits) => logits,
                Err(Problem::Cancelled) => break,
                Err(problem) => return Err(problem),
            };
            if pace.drawn == 0 {
                pace.start = self.host.now();
            }
            for (i, (row, largest)) in rows.iter_mut().zip(&logits).enumerate() {
                if row.ended.is_some() {
                    continue; // fed its last token again, and ignored
                }
                let token = row.sampler.draw(largest, &row.tokens);
                feed[i] = vec![token];
                pace.drawn += 1;
                if stops.contains(&token) {
                    row.ended = Some(Stop::EndOfText);
                    continue;
                }
                row.tokens.push(token);
                if row.tokens.len() >= most {
                    row.ended = Some(Stop::Length);
                }
                row.unsent += &row
                    .stream
                    .push(&running.tokenizer, token)
                    .map_err(|e| words::text(&e))?;
            }
            let now = self.host.now();
            listen = now - beat >= BEAT;
            if listen && self.send(job, sides, &mut rows, pace.now(now)) {
                beat = now;
            }
        }
        self.send(job, sides, &mut rows, pace.now(self.host.now()));
        let end = |row: &Row| row.ended.unwrap_or(Stop::Cancelled);
        let plain = rows.first().map_or(Stop::Length, end);
        let steered = rows.last().map_or(Stop::Length, end);
        let tokens_per_second = pace.now(self.host.now());
        Ok(Event::Finished {
            job,
            plain,
            steered,
            tokens_per_second,
        })
    }

    /// Sends what each text has gained; `false` if that is nothing.
    fn send(
        &self,
        job: JobId,
        sides: &[&[Side]],
        rows: &mut [Row],
        tokens_per_second: f32,
    ) -> bool {
        let mut sent = false;
        for (row, sides) in rows.iter_mut().zip(sides) {
            let text = std::mem::take(&mut row.unsent);
            if text.is_empty() {
                continue;
            }
            sent = true;
            for &side in *sides {
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

    /// The `needed` largest logits after the last of the tokens, row by row. Cancel is heard between the blocks
    /// of a prompt.
    async fn pass(
        &self,
        job: JobId,
        running: &Running,
        feed: &[Vec<u32>],
        needed: usize,
        cache: &mut KvCache,
        edits: &Edits,
    ) -> Result<Vec<Vec<(u32, f32)>>, Problem> {
        let tokens = feed.first().map_or(0, Vec::len);
        let texts: Vec<&[u32]> = feed.iter().map(Vec::as_slice).collect();
        let mut pass = running
            .model
            .begin(&texts, cache, edits)
            .map_err(|e| words::run(&e))?;
        while pass.step() {
            if tokens > 1 {
                self.pause(job).await?;
            }
        }
        let largest = Llama::largest(pass.next_logits(), needed).await;
        largest.map_err(|e| words::run(&e))
    }
}

impl Row {
    fn new(sampling: &Sampling) -> Self {
        // What a link says may be no number at all.
        let number = |x: f32, otherwise: f32| if x.is_finite() { x } else { otherwise };
        let config = SamplingConfig {
            seed: sampling.seed.into(),
            temperature: number(sampling.temperature, 1.0),
            top_k: sampling.top_k as usize,
            top_p: number(sampling.top_p, 1.0),
            repetition_penalty: number(sampling.repetition_penalty, 1.0),
        };
        Self {
            sampler: Sampler::new(config),
            stream: TextStream::default(),
            tokens: Vec::new(),
            unsent: String::new(),
            ended: None,
        }
    }
}

/// How many of the largest logits all rows need; more than there are where a row needs them all.
fn reach(rows: &[Row]) -> usize {
    let running = rows.iter().filter(|row| row.ended.is_none());
    let each = running.map(|row| row.sampler.reach(&row.tokens).unwrap_or(usize::MAX));
    each.max().unwrap_or(1)
}

/// Longest prompt of a model with this context: some room must be left to write in.
pub(crate) fn longest(context: usize) -> usize {
    LIMIT.min(context / 4 * 3)
}

/// Edits of two rows, the first without any; none at all where nothing is pushed.
fn push(running: &Running, pushes: &[Push]) -> Result<Edits, Problem> {
    let steering = &running.card.steering;
    // Beyond the whole residual norm nothing is left of a text; a link may still ask for it.
    let limit = steering.limit.max(1.0);
    let mut wanted = Vec::with_capacity(pushes.len());
    for push in pushes {
        let emotion = usize::from(push.emotion);
        if emotion >= running.vectors.emotions {
            let what = format!("emotion number {emotion}");
            return Err(Problem::Unknown { what });
        }
        let strength = Strength::new(push.strength.fraction()).fraction();
        wanted.push((emotion, Strength::new(strength.clamp(-limit, limit))));
    }
    edits_for(running, &[&[], &wanted])
}

/// Edits of a batch of texts.
pub(crate) fn edits_for(
    running: &Running,
    batch: &[&[(usize, Strength)]],
) -> Result<Edits, Problem> {
    let (vectors, steering) = (&running.vectors, &running.card.steering);
    edits(vectors, steering, batch, running.model.device()).map_err(|e| words::run(&e))
}

fn stops(running: &Running) -> Vec<u32> {
    let mut stops = running.model.config().stop_tokens.clone();
    stops.extend(running.tokenizer.id(END_OF_TEXT));
    stops
}

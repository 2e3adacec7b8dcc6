//! Writing several texts at once: those whose prompts are equally long are rows of one batch.

use crate::host::Host;
use crate::plan::{Plan, along};
use crate::session::{Running, Session};
use crate::words;
use atlas_lm::{Edits, KvCache, Llama, Sampler, SamplingConfig, TextStream};
use atlas_protocol::{JobId, Problem, Sampling, Side, Stop};

/// Where the weights name fewer stop tokens than the model knows.
const END_OF_TEXT: &str = "<|endoftext|>";

/// A text that is to be written.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub side: Side,
    pub seed: u32,
    /// Its prompt.
    pub ids: Vec<u32>,
}

/// One of the texts.
pub(crate) struct Row {
    pub wanted: Wanted,
    pub tokens: Vec<u32>,
    /// Text not sent yet.
    pub unsent: String,
    pub ended: Option<Stop>,
    /// Tokens at most.
    most: usize,
    sampler: Sampler,
    stream: TextStream,
}

/// Texts that are run together, with one cache.
pub(crate) struct Bundle {
    pub rows: Vec<Row>,
    feed: Vec<Vec<u32>>,
    cache: KvCache,
    /// While the prompt is run, and afterwards.
    edits: [Edits; 2],
    stops: Vec<u32>,
}

/// Puts texts into as few batches as their lengths allow, in the order given.
pub(crate) fn bundles(
    running: &Running,
    wanted: Vec<Wanted>,
    plan: &Plan,
    sampling: &Sampling,
) -> Result<Vec<Bundle>, Problem> {
    let mut groups: Vec<Vec<Wanted>> = vec![];
    for text in wanted {
        let fits = |group: &&mut Vec<Wanted>| group[0].ids.len() == text.ids.len();
        match groups.iter_mut().find(fits) {
            Some(group) => group.push(text),
            None => groups.push(vec![text]),
        }
    }
    let bundle = |group| Bundle::new(running, group, plan, sampling);
    groups.into_iter().map(bundle).collect()
}

impl Bundle {
    fn new(
        running: &Running,
        wanted: Vec<Wanted>,
        plan: &Plan,
        sampling: &Sampling,
    ) -> Result<Self, Problem> {
        let texts: Vec<_> = wanted.iter().map(|w| along(w.side, w.seed)).collect();
        let context = running.model.config().context;
        let mut stops = running.model.config().stop_tokens.clone();
        stops.extend(running.tokenizer.id(END_OF_TEXT));
        Ok(Self {
            edits: plan.edits(running, &texts)?,
            feed: wanted.iter().map(|w| w.ids.clone()).collect(),
            rows: wanted
                .into_iter()
                .map(|w| Row::new(w, context, sampling))
                .collect(),
            cache: running.model.cache(),
            stops,
        })
    }

    /// Whether every text is at its end.
    pub fn is_over(&self) -> bool {
        self.rows.iter().all(|row| row.ended.is_some())
    }

    /// Draws one token of every text that is not at its end; returns how many were drawn.
    pub async fn step<H: Host>(
        &mut self,
        session: &Session<H>,
        job: JobId,
        running: &Running,
    ) -> Result<usize, Problem> {
        if self.is_over() {
            return Ok(0);
        }
        let largest = self.pass(session, job, running).await?;
        let mut drawn = 0;
        for (i, (row, largest)) in self.rows.iter_mut().zip(&largest).enumerate() {
            if row.ended.is_some() {
                continue; // fed its last token again, and ignored
            }
            let token = row.sampler.draw(largest, &row.tokens);
            self.feed[i] = vec![token];
            drawn += 1;
            if self.stops.contains(&token) {
                row.ended = Some(Stop::EndOfText);
                continue;
            }
            row.tokens.push(token);
            if row.tokens.len() >= row.most {
                row.ended = Some(Stop::Length);
            }
            row.unsent += &row
                .stream
                .push(&running.tokenizer, token)
                .map_err(|e| words::text(&e))?;
        }
        Ok(drawn)
    }

    /// The largest logits after the last of the tokens, row by row, as many as are needed. Cancel is heard between
    /// the blocks of a prompt.
    async fn pass<H: Host>(
        &mut self,
        session: &Session<H>,
        job: JobId,
        running: &Running,
    ) -> Result<Vec<Vec<(u32, f32)>>, Problem> {
        let needed = reach(&self.rows);
        let tokens = self.feed.first().map_or(0, Vec::len);
        let texts: Vec<&[u32]> = self.feed.iter().map(Vec::as_slice).collect();
        let edits = &self.edits[usize::from(!self.cache.is_empty())];
        let mut pass = running
            .model
            .begin(&texts, &mut self.cache, edits)
            .map_err(|e| words::run(&e))?;
        while pass.step() {
            if tokens > 1 {
                session.pause(job).await?;
            }
        }
        let largest = Llama::largest(pass.next_logits(), needed).await;
        largest.map_err(|e| words::run(&e))
    }
}

impl Row {
    fn new(wanted: Wanted, context: usize, sampling: &Sampling) -> Self {
        // What a link says may be no number at all.
        let number = |x: f32, otherwise: f32| if x.is_finite() { x } else { otherwise };
        let config = SamplingConfig {
            seed: wanted.seed.into(),
            temperature: number(sampling.temperature, 1.0),
            top_k: sampling.top_k as usize,
            top_p: number(sampling.top_p, 1.0),
            repetition_penalty: number(sampling.repetition_penalty, 1.0),
        };
        let room = context.saturating_sub(wanted.ids.len());
        let most = (sampling.max_tokens as usize).min(room);
        Self {
            sampler: Sampler::new(config),
            stream: TextStream::default(),
            tokens: Vec::new(),
            unsent: String::new(),
            ended: (most == 0).then_some(Stop::Length),
            wanted,
            most,
        }
    }

    /// Why it ended; if it has not, it was stopped.
    pub fn stop(&self) -> Stop {
        self.ended.unwrap_or(Stop::Cancelled)
    }
}

/// How many of the largest logits all rows need; more than there are where a row needs them all.
fn reach(rows: &[Row]) -> usize {
    let running = rows.iter().filter(|row| row.ended.is_none());
    let each = running.map(|row| row.sampler.reach(&row.tokens).unwrap_or(usize::MAX));
    each.max().unwrap_or(1)
}

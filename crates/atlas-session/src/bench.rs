//! Measuring how fast the loaded model reads and writes, here and now.

use crate::generate::TOP;
use crate::host::Host;
use crate::session::{Running, Session};
use crate::words;
use atlas_kernels::{Pool, isa};
use atlas_lm::{Edits, KvCache, Llama};
use atlas_probe::edits;
use atlas_protocol::{BenchPlan, BenchReport, Event, JobId, Problem};
use atlas_units::Strength;
use std::hint::black_box;
use std::sync::Arc;

/// What the prompt is cut from, over and over.
const TEXT: &str = "The letter was on the mat when Anna came home. She read it twice, put the kettle on and \
    looked out at the rain. Nobody had expected news before the spring, and now there were so many things to do. ";

/// Emotions that are pushed, as many as the page's rack holds at first.
const PUSHED: usize = 3;
/// Seconds between two looks at the event loop. They are not counted.
const BEAT: f64 = 0.1;
/// Most that may be asked for at once.
const MOST: u32 = 4096;
/// Longest stretch of memory that is read to find its bandwidth, bytes.
const STRETCH: usize = 64 << 20;
const SHORTEST: usize = 1 << 20;
/// The quickest of so many readings is the bandwidth.
const SWEEPS: usize = 5;

/// A way of writing: whether it is read along, and whether it is pushed.
#[derive(Clone, Copy)]
struct Way {
    read: bool,
    push: bool,
}

const WAYS: [Way; 4] = [
    Way {
        read: false,
        push: false,
    },
    Way {
        read: true,
        push: false,
    },
    Way {
        read: false,
        push: true,
    },
    Way {
        read: true,
        push: true,
    },
];

/// Limits the threads as long as it lives.
struct Limit;

impl Limit {
    fn to(threads: u32) -> Self {
        let most = usize::try_from(threads).unwrap_or(usize::MAX);
        Pool::global().set_threads(if most == 0 { usize::MAX } else { most });
        Self
    }
}

impl Drop for Limit {
    fn drop(&mut self) {
        Pool::global().set_threads(usize::MAX);
    }
}

/// Tells how far a measurement is, and lets it be stopped.
struct Pulse<'a, H> {
    session: &'a Session<H>,
    job: JobId,
    total: usize,
    last: f64,
}

impl<H: Host> Pulse<'_, H> {
    async fn beat(&mut self, done: usize) -> Result<(), Problem> {
        if self.session.host.now() - self.last < BEAT {
            return Ok(());
        }
        self.session.host.emit(Event::BenchProgress {
            job: self.job,
            done: words::count(done),
            total: words::count(self.total),
        });
        self.session.pause(self.job).await?;
        self.last = self.session.host.now();
        Ok(())
    }
}

/// What one measurement works with.
struct Work<'a> {
    running: &'a Running,
    ids: &'a [u32],
    decode: usize,
    ways: &'static [Way],
    plain: Edits,
    pushed: Edits,
}

/// Seconds, round by round.
#[derive(Default)]
struct Times {
    prompts: Vec<f64>,
    /// Per way: all tokens of a round.
    written: [Vec<f64>; WAYS.len()],
    /// Per token: what reading and pushing take beyond a plain token, as a share of that.
    costs: Vec<f64>,
    dispatches: u64,
    /// Steps done.
    done: usize,
}

impl<H: Host> Session<H> {
    /// Runs a prompt, and writes after it in four ways that take turns.
    pub(crate) async fn bench(&mut self, job: JobId, plan: &BenchPlan) -> Result<Event, Problem> {
        self.pause(job).await?;
        let running = self.running.as_ref().ok_or(Problem::NotReady)?;
        let _limit = Limit::to(plan.threads);
        let (ids, decode) = lengths(running, plan)?;
        let work = Work {
            running,
            ids: &ids,
            decode,
            ways: if plan.plain_only { &WAYS[..1] } else { &WAYS },
            plain: Edits::none(),
            pushed: push(running)?,
        };
        let rounds = plan.rounds.clamp(1, MOST) as usize;
        let mut pulse = Pulse {
            session: self,
            job,
            total: rounds * work.steps(),
            last: f64::NEG_INFINITY,
        };
        pulse.beat(0).await?;
        work.warm_up().await?;
        pulse.beat(0).await?;
        let mut times = Times::default();
        for _ in 0..rounds {
            work.round(&mut times, &mut pulse).await?;
        }

        let bytes = running.model.bytes();
        let on_gpu = running.gpu.is_some();
        let pace = |seconds: &mut Vec<f64>| per_second(decode, median(seconds));
        let [plain, reading, steering, both] = times.written.each_mut().map(pace);
        let report = BenchReport {
            prompt_tokens: words::count(ids.len()),
            decode_tokens: words::count(decode),
            prompt: per_second(ids.len(), median(&mut times.prompts)),
            plain,
            reading,
            steering,
            both,
            cost: figure(median(&mut times.costs)),
            gpu: on_gpu,
            unit: running.gpu.clone().unwrap_or_else(|| isa().to_owned()),
            threads: if on_gpu {
                0
            } else {
                words::count(Pool::global().threads())
            },
            bytes_per_token: bytes as u64,
            #[expect(clippy::cast_precision_loss, reason = "a figure to show")]
            dispatches_per_token: times.dispatches as f32 / (rounds * decode) as f32,
            bandwidth: if on_gpu || plan.plain_only {
                0.0
            } else {
                bandwidth(&self.host, bytes)
            },
        };
        Ok(Event::Bench { job, report })
    }
}

impl Work<'_> {
    /// Steps of a round; a prompt's token takes less than one that is written.
    fn steps(&self) -> usize {
        self.prompt_steps() + self.ways.len() * (self.decode + 1)
    }

    fn prompt_steps(&self) -> usize {
        self.ids.len().div_ceil(4)
    }

    /// Whatever happens only once happens here.
    async fn warm_up(&self) -> Result<(), Problem> {
        let (mut cache, half) = (self.running.model.cache(), self.ids.len().div_ceil(2));
        let first = step(
            self.running,
            &self.ids[..half],
            &mut cache,
            &self.plain,
            true,
        )
        .await?;
        step(self.running, &[first], &mut cache, &self.pushed, true).await?;
        Ok(())
    }

    async fn round<H: Host>(
        &self,
        times: &mut Times,
        pulse: &mut Pulse<'_, H>,
    ) -> Result<(), Problem> {
        let (running, host) = (self.running, &pulse.session.host);
        let mut cache = running.model.cache();
        let start = host.now();
        let first = step(running, self.ids, &mut cache, &self.plain, false).await?;
        times.prompts.push(host.now() - start);
        times.done += self.prompt_steps();
        pulse.beat(times.done).await?;

        let copy = |_| (cache.clone(), first);
        let mut texts: Vec<(KvCache, u32)> = self.ways.iter().map(copy).collect();
        drop(cache);
        let mut sums = [0.0; WAYS.len()];
        for token in 0..=self.decode {
            let mut seconds = [0.0; WAYS.len()];
            for turn in 0..self.ways.len() {
                let at = (turn + token) % self.ways.len();
                let (way, (cache, last)) = (self.ways[at], &mut texts[at]);
                let edits = if way.push { &self.pushed } else { &self.plain };
                let (before, start) = (dispatched(), host.now());
                *last = step(running, &[*last], cache, edits, way.read).await?;
                seconds[at] = host.now() - start;
                if at == 0 && token > 0 {
                    times.dispatches += dispatched() - before;
                }
                times.done += 1;
                pulse.beat(times.done).await?;
            }
            // With the first token the texts part: each copies what it shared with the others.
            if token > 0 {
                sums.iter_mut()
                    .zip(seconds)
                    .for_each(|(sum, new)| *sum += new);
                if self.ways.len() == WAYS.len() && seconds[0] > 0.0 {
                    times.costs.push(seconds[3] / seconds[0] - 1.0);
                }
            }
        }
        for (all, sum) in times.written.iter_mut().zip(sums).take(self.ways.len()) {
            all.push(sum);
        }
        Ok(())
    }
}

/// The prompt and the number of tokens to write, as far as the model holds them.
fn lengths(running: &Running, plan: &BenchPlan) -> Result<(Vec<u32>, usize), Problem> {
    let room = running.model.config().context.saturating_sub(1);
    let decode = (plan.decode.clamp(1, MOST) as usize).min(room / 2).max(1);
    let prompt = (plan.prompt.clamp(1, MOST) as usize)
        .min(room.saturating_sub(decode))
        .max(1);
    let text = running
        .tokenizer
        .encode(TEXT)
        .map_err(|e| words::text(&e))?;
    if text.is_empty() {
        return Err(Problem::EmptyText);
    }
    Ok((text.into_iter().cycle().take(prompt).collect(), decode))
}

/// What a visitor who has just opened the page would push with.
fn push(running: &Running) -> Result<Edits, Problem> {
    let (steering, emotions) = (&running.card.steering, running.vectors.emotions);
    let strength = Strength::new(steering.preset);
    let pushes: Vec<_> = (0..PUSHED.min(emotions))
        .map(|emotion| (emotion, strength))
        .collect();
    edits(
        &running.vectors,
        steering,
        &[&pushes],
        running.model.device(),
    )
    .map_err(|e| words::run(&e))
}

/// One pass, read along at the page's layer if so wished, and the token that follows.
async fn step(
    running: &Running,
    tokens: &[u32],
    cache: &mut KvCache,
    edits: &Edits,
    read: bool,
) -> Result<u32, Problem> {
    let shown = running.card.layer;
    let mut pass = running
        .model
        .begin(&[tokens], cache, edits)
        .map_err(|e| words::run(&e))?;
    let mut projected = None;
    loop {
        if read && pass.layer() == shown {
            projected = Some(running.reader.project(shown, pass.residual()));
        }
        if !pass.step() {
            break;
        }
    }
    let drawn = Llama::largest(pass.next_logits(), TOP).await;
    let drawn = drawn.map_err(|e| words::run(&e))?;
    if let Some(projected) = projected {
        let reading = running.reader.finish(shown, projected).await;
        black_box(reading.map_err(|e| words::run(&e))?);
    }
    let next = drawn.first().and_then(|row| row.first());
    Ok(next.map_or(0, |&(token, _)| token))
}

/// Bytes per second that all threads together read, in a stretch as long as the weights.
fn bandwidth(host: &impl Host, weights: usize) -> f32 {
    let bytes = weights.clamp(SHORTEST, STRETCH);
    // Every page is written once: a page of zeros would not be memory.
    let numbers: Arc<Vec<u64>> = Arc::new((0..bytes as u64 / 8).collect());
    let pool = Pool::global();
    let chunks = 8 * pool.threads();
    let each = numbers.len().div_ceil(chunks);
    let mut quickest = f64::INFINITY;
    for _ in 0..SWEEPS {
        let shared = Arc::clone(&numbers);
        let start = host.now();
        pool.run(
            chunks,
            Arc::new(move |chunk| {
                let part = shared.chunks(each).nth(chunk).unwrap_or_default();
                black_box(sum(part));
            }),
        );
        quickest = quickest.min(host.now() - start);
    }
    // Without an isolated page the clock may stand still for so short a time.
    if quickest > 0.0 {
        figure(bytes as f64 / quickest)
    } else {
        0.0
    }
}

/// A sum in eight lanes, so that adding never is what takes the time.
fn sum(numbers: &[u64]) -> u64 {
    let mut lanes = [0u64; 8];
    for eight in numbers.chunks_exact(8) {
        for (lane, number) in lanes.iter_mut().zip(eight) {
            *lane = lane.wrapping_add(*number);
        }
    }
    lanes.iter().fold(0, |sum, lane| sum.wrapping_add(*lane))
}

/// Kernels launched on the GPU so far.
fn dispatched() -> u64 {
    #[cfg(feature = "gpu")]
    let count = atlas_lm::ops::dispatches();
    #[cfg(not(feature = "gpu"))]
    let count = 0;
    count
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    match values.len() {
        0 => 0.0,
        n if n % 2 == 1 => values[half],
        _ => f64::midpoint(values[half - 1], values[half]),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a figure to show")]
fn per_second(tokens: usize, seconds: f64) -> f32 {
    if seconds > 0.0 {
        figure(tokens as f64 / seconds)
    } else {
        0.0
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a figure to show")]
fn figure(x: f64) -> f32 {
    x as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&mut [4.0, 1.0]), 2.5);
        assert_eq!(median(&mut []), 0.0);
    }

    #[test]
    fn the_sum_takes_every_full_eight() {
        let numbers: Vec<u64> = (1..=16).collect();
        assert_eq!(sum(&numbers), 136);
    }
}

//! What might have been drawn: the text of a side is run again, with its steering and without, side by side.

use crate::host::Host;
use crate::plan::along;
use crate::session::{Running, Session};
use crate::words;
use atlas_lm::{Pass, TextStream, device};
use atlas_probe::Along;
use atlas_protocol::{Candidate, Choice, Event, JobId, Problem, Side};

/// Likeliest tokens that are told.
const LIKELIEST: usize = 10;
/// Positions whose logits are brought back at once.
const AT_ONCE: usize = 8;

impl<H: Host> Session<H> {
    /// Two rows, the second steered as the side was (the plain side: as the steered one), both over the words that the
    /// side wrote.
    pub(crate) async fn explain(&mut self, job: JobId, side: Side) -> Result<Event, Problem> {
        self.pause(job).await?;
        let running = self.running.as_ref().ok_or(Problem::NotReady)?;
        let written = running.written.as_ref().ok_or(Problem::EmptyText)?;
        let own = written.texts.iter().find(|(w, _)| w.side == side);
        // Where all sides are one text it stands under the first.
        let first = written.texts.first().filter(|_| side != Side::Random);
        let (wanted, tokens) = own.or(first).ok_or(Problem::EmptyText)?;
        let pushed = match side {
            Side::Plain => Side::Steered,
            other => other,
        };
        let texts = [Along::Nothing, along(pushed, wanted.seed)];
        let [on_prompt, on_new] = written.plan.edits(running, &texts)?;

        let mut choices = Vec::with_capacity(tokens.len());
        let mut cache = running.model.cache();
        let mut stream = TextStream::default();
        let last = tokens.len().saturating_sub(1);
        for (ids, edits, from) in [
            (wanted.ids.as_slice(), &on_prompt, wanted.ids.len() - 1),
            (tokens.get(..last).unwrap_or_default(), &on_new, 0),
        ] {
            if ids.is_empty() || tokens.is_empty() {
                continue;
            }
            let pass = running.model.begin(&[ids, ids], &mut cache, edits);
            let mut pass = pass.map_err(|e| words::run(&e))?;
            while pass.step() {
                self.pause(job).await?;
            }
            let mut at = from;
            while at < ids.len() {
                let to = (at + AT_ONCE).min(ids.len());
                for [plain, steered] in logits(&pass, at..to).await? {
                    let Some(&token) = tokens.get(choices.len()) else {
                        continue;
                    };
                    let text = stream
                        .push(&running.tokenizer, token)
                        .map_err(|e| words::text(&e))?;
                    let likely = [likelihoods(&plain), likelihoods(&steered)];
                    choices.push(choice(running, side, token, text, &likely));
                }
                self.pause(job).await?;
                at = to;
            }
        }
        Ok(Event::Choices { job, side, choices })
    }
}

/// Logits of some positions, plain and steered.
async fn logits(
    pass: &Pass<'_>,
    at: std::ops::Range<usize>,
) -> Result<Vec<[Vec<f32>; 2]>, Problem> {
    let positions = at.len();
    let found = device::read(pass.logits(at)).await;
    let found = found.map_err(|e| words::run(&e))?;
    let vocabulary = found.len() / (2 * positions);
    let (plain, steered) = found.split_at(positions * vocabulary);
    let rows = plain.chunks(vocabulary).zip(steered.chunks(vocabulary));
    Ok(rows.map(|(p, s)| [p.to_vec(), s.to_vec()]).collect())
}

/// Logits to probabilities.
fn likelihoods(logits: &[f32]) -> Vec<f32> {
    let most = logits.iter().copied().fold(f32::MIN, f32::max);
    let mut out: Vec<f32> = logits.iter().map(|x| (x - most).exp()).collect();
    let sum: f64 = out.iter().map(|x| f64::from(*x)).sum();
    #[expect(clippy::cast_possible_truncation, reason = "a figure to show")]
    let scale = (1.0 / sum) as f32;
    out.iter_mut().for_each(|x| *x *= scale);
    out
}

fn choice(
    running: &Running,
    side: Side,
    token: u32,
    text: String,
    [plain, steered]: &[Vec<f32>; 2],
) -> Choice {
    let own = if side == Side::Plain { plain } else { steered };
    let candidate = |token: usize| Candidate {
        text: spelled(running, token),
        plain: plain.get(token).copied().unwrap_or(0.0),
        steered: steered.get(token).copied().unwrap_or(0.0),
    };
    let rank = |a: &usize, b: &usize| own[*b].total_cmp(&own[*a]).then(a.cmp(b));
    let mut order: Vec<usize> = (0..own.len()).collect();
    if order.len() > LIKELIEST {
        order.select_nth_unstable_by(LIKELIEST, rank);
        order.truncate(LIKELIEST);
    }
    order.sort_unstable_by(rank);
    Choice {
        text,
        drawn: candidate(token as usize),
        top: order.into_iter().map(candidate).collect(),
    }
}

/// A token as text; one without whole characters, or a special one, as the vocabulary spells it.
fn spelled(running: &Running, token: usize) -> String {
    let Ok(token) = u32::try_from(token) else {
        return String::new();
    };
    match running.tokenizer.decode(&[token]) {
        Ok(text) if !text.is_empty() && !text.contains('\u{fffd}') => text,
        _ => running.tokenizer.token(token).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::likelihoods;

    #[test]
    fn likelihoods_are_a_distribution() {
        let p = likelihoods(&[1.0, 2.0, 4.0, -50.0]);
        assert!((p.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert!((p[2] / p[1] - 2.0_f32.exp()).abs() < 1e-4);
    }
}

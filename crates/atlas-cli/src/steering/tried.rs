//! Every place, with the twelve showcase emotions.

use super::plan::Plan;
use super::texts::{Desk, Seen, Subject, Usual};
use anyhow::{Context, Result};
use atlas_affect::steering::{self, Coherence, Place, Shifts, Tried, safe_strength};
use serde::{Deserialize, Serialize};

/// What steering does at one place.
#[derive(Serialize, Deserialize)]
pub struct Tested {
    /// The place.
    pub place: Place,
    /// How it is judged.
    pub tried: Tried,
    /// By strength, from the strongest push away to the strongest towards.
    pub at: Vec<AtStrength>,
}

/// What steering does at one place with one strength.
#[derive(Serialize, Deserialize)]
pub struct AtStrength {
    /// The strength; negative pushes away.
    pub strength: f32,
    /// Change of the emotions' own words' log-probability, nats.
    pub words: Shifts,
    /// Change of the emotions' activations in what is then written.
    pub probe: Shifts,
    /// How fluent that is, on average.
    pub pushed: Coherence,
    /// The same under random vectors of the same length.
    pub random: Coherence,
}

/// Tries every place.
pub fn all(desk: &Desk, usual: &Usual) -> Result<Vec<Tested>> {
    let places = desk.plan.places.iter();
    places.map(|place| test(desk, usual, place)).collect()
}

/// Which place is taken.
pub fn take(plan: &Plan, tested: &[Tested]) -> usize {
    let tried: Vec<Tried> = tested.iter().map(|t| t.tried.clone()).collect();
    steering::take(&tried, plan.swept)
}

/// Mean change of every subject's activations of the showcase emotions, `[subject][emotion]`.
fn moved(
    usual: &Usual,
    subjects: &[Subject],
    found: &[Vec<Seen>],
    of: &[Subject],
) -> Vec<Vec<f32>> {
    let each = subjects.iter().zip(found).map(|(subject, texts)| {
        let all = steered_less_plain(usual, *subject, texts);
        let pick = |s: &Subject| match s {
            Subject::Emotion(e) => all[*e],
            Subject::Random(_) => 0.0,
        };
        of.iter().map(pick).collect()
    });
    each.collect()
}

/// Mean change of every emotion's activation from a subject's unsteered texts to its steered ones.
pub fn steered_less_plain(usual: &Usual, subject: Subject, texts: &[Seen]) -> Vec<f32> {
    let plain = usual.of(subject);
    let mut sum = vec![0.0; texts.first().map_or(0, |t| t.probe.len())];
    for (steered, plain) in texts.iter().zip(plain) {
        for ((sum, a), b) in sum.iter_mut().zip(&steered.probe).zip(&plain.probe) {
            *sum += (a - b) / texts.len() as f32;
        }
    }
    sum
}

/// Mean of a subject's texts.
pub fn fluency(texts: &[Seen]) -> Result<Coherence> {
    Coherence::mean(texts.iter().map(|t| &t.coherence)).context("no texts")
}

fn test(desk: &Desk, usual: &Usual, place: &Place) -> Result<Tested> {
    let emotions = Subject::showcase()?;
    let random = Subject::random();
    // Curves towards the emotions, then away from them.
    let mut curves: Vec<Vec<(f32, Coherence)>> =
        vec![vec![(0.0, usual.plain_mean)]; 2 * emotions.len()];
    let mut at = vec![];
    for &size in &desk.plan.strengths {
        let beside = desk.written(&random, place, size)?;
        let beside_words = desk.words(&random, place, size)?;
        let beside_moved = moved(usual, &random, &beside, &emotions);
        let random_mean = fluency(&beside.concat())?;
        let (towards, away) = curves.split_at_mut(emotions.len());
        for (up, curves) in [(true, towards), (false, away)] {
            let strength = if up { size } else { -size };
            let found = desk.written(&emotions, place, strength)?;
            for (curve, texts) in curves.iter_mut().zip(&found) {
                curve.push((size, fluency(texts)?));
            }
            let words = desk.words(&emotions, place, strength)?;
            let probe = moved(usual, &emotions, &found, &emotions);
            at.push(AtStrength {
                strength,
                words: Shifts::new(words, up, &beside_words),
                probe: Shifts::new(probe, up, &beside_moved),
                pushed: fluency(&found.concat())?,
                random: random_mean,
            });
        }
    }
    let safe = curves.iter().map(|c| safe_strength(c, &usual.limits));
    let measured: Vec<(f32, bool, &[Vec<f32>])> = at
        .iter()
        .flat_map(|a| {
            [&a.words, &a.probe].map(|s| (a.strength.abs(), a.strength > 0.0, s.rows.as_slice()))
        })
        .collect();
    let tried = Tried::new(safe.collect(), &measured);
    at.sort_by(|a, b| a.strength.total_cmp(&b.strength));
    Ok(Tested {
        place: place.clone(),
        tried,
        at,
    })
}

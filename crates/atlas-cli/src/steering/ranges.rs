//! The safe range of every emotion, at the place taken.

use super::texts::{Desk, Subject, Usual};
use super::tried::{fluency, steered_less_plain};
use anyhow::Result;
use atlas_affect::steering::{Coherence, Place, Point, safe_strength};

/// An emotion counts as read back if it is among so many.
const FIVE: usize = 5;

/// What was found for all emotions.
pub struct Ranges {
    /// Safe strengths by emotion: pushing away (negative), pushing towards.
    pub safe: Vec<[f32; 2]>,
    /// Averages by strength, ascending.
    pub curve: Vec<Point>,
    /// How fluent each emotion's texts are, by strength, ascending.
    pub each: Vec<Vec<Coherence>>,
}

pub fn measure(desk: &Desk, usual: &Usual, place: &Place) -> Result<Ranges> {
    let emotions = Subject::emotions();
    let plain = |subject: &Subject| fluency(usual.of(*subject));
    let start = emotions.iter().map(plain).collect::<Result<Vec<_>>>()?;
    let mut signs = vec![];
    for up in [false, true] {
        let mut curves: Vec<Vec<(f32, Coherence)>> =
            vec![vec![(0.0, usual.plain_mean)]; emotions.len()];
        let mut read_back = vec![];
        for &size in &desk.plan.strengths {
            let found = desk.written(&emotions, place, if up { size } else { -size })?;
            let mut seen = 0;
            for ((subject, texts), curve) in emotions.iter().zip(&found).zip(&mut curves) {
                curve.push((size, fluency(texts)?));
                let moved = steered_less_plain(usual, *subject, texts);
                seen += usize::from(among_five(&moved, *subject, up));
            }
            read_back.push(seen as f32 / emotions.len() as f32);
        }
        let ends: Vec<f32> = curves
            .iter()
            .map(|curve| safe_strength(curve, &usual.limits))
            .collect();
        signs.push((curves, ends, read_back));
    }
    let [(away, low, lost), (towards, high, found)] = &signs[..] else {
        unreachable!("two signs")
    };
    let mut curve = vec![];
    let point = |at: usize, up: bool| -> Result<Point> {
        let (curves, ends, read_back) = if up {
            (towards, high, found)
        } else {
            (away, low, lost)
        };
        let size = desk.plan.strengths[at];
        let mean = Coherence::mean(curves.iter().map(|c| &c[at + 1].1));
        let random = desk.written(&Subject::random(), place, size)?.concat();
        Ok(Point {
            strength: if up { size } else { -size },
            pushed: mean.unwrap_or(usual.plain_mean),
            random: fluency(&random)?,
            fluent: share(ends.iter().filter(|end| **end >= size).count(), ends.len()),
            read_back: read_back[at],
        })
    };
    let count = desk.plan.strengths.len();
    for at in (0..count).rev() {
        curve.push(point(at, false)?);
    }
    curve.push(Point {
        strength: 0.0,
        pushed: usual.plain_mean,
        random: usual.plain_mean,
        fluent: share(
            start.iter().filter(|c| c.within(&usual.limits)).count(),
            start.len(),
        ),
        read_back: 0.0,
    });
    for at in 0..count {
        curve.push(point(at, true)?);
    }
    let each = away.iter().zip(towards).map(|(away, towards)| {
        let all = away.iter().skip(1).rev().chain(towards);
        all.map(|(_, c)| *c).collect()
    });
    Ok(Ranges {
        safe: low.iter().zip(high).map(|(l, h)| [-l, *h]).collect(),
        curve,
        each: each.collect(),
    })
}

fn among_five(moved: &[f32], subject: Subject, up: bool) -> bool {
    let Subject::Emotion(own) = subject else {
        return false;
    };
    let before = moved
        .iter()
        .filter(|x| (**x > moved[own]) == up && **x != moved[own]);
    before.count() < FIVE
}

fn share(part: usize, whole: usize) -> f32 {
    part as f32 / whole.max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emotion_is_read_back_if_few_move_more() {
        let moved = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, -0.1];
        let found = |own, up| among_five(&moved, Subject::Emotion(own), up);
        assert!(found(4, true) && !found(5, true));
        assert!(found(6, false) && found(2, false) && !found(1, false));
    }
}

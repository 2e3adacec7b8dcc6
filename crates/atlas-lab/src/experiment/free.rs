//! The free form of a choice: the model goes on by itself, and what it writes is compared with the two kinds of
//! endings.
//!
//! A text's place is `cos(text - middle, bad - good)` of mean residuals, unsteered, at the layer that reads best: above
//! 0 it lies nearer to the bad endings. The same residuals say how much of a pushed emotion is in it.

use super::Plan;
use super::choice::Situation;
use crate::figures::{Name, mean, paired};
use crate::subject::dot;
use crate::watch::Meter;
use crate::{Form, LabError, Pushes, Subject, Trunk, Watch};
use atlas_lm::SamplingConfig;
use atlas_protocol::{Drawing, Figure, LabText};
use atlas_units::{Layer, Strength};
use serde::Deserialize;

/// What is declared.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Emotions to push, at the upper end of the safe range.
    pub emotions: Vec<String>,
    /// Texts per situation and push.
    pub seeds: usize,
    /// Tokens of each.
    pub tokens: usize,
    /// Situations, seeds and tokens of a quick run.
    pub quick: [usize; 3],
    /// Whether it counts how long the model goes on before it ends its turn.
    #[serde(default)]
    pub length: bool,
}

/// Ready to run.
pub(super) struct Free<'a> {
    pushes: Pushes<'a>,
    emotions: Vec<(String, usize)>,
    situations: usize,
    seeds: usize,
    tokens: usize,
    seed: u32,
    layer: Layer,
    /// Tokens that end a turn, if lengths are counted.
    length: Option<Vec<u32>>,
}

/// Texts that are kept to be shown, per situation.
const SHOWN: usize = 1;
/// Situations that texts are shown of.
const SHOWN_OF: usize = 6;

impl<'a> Free<'a> {
    pub fn new(settings: &Settings, subject: &Subject<'a>, plan: Plan) -> Result<Self, LabError> {
        let mut pushes = subject.pushes();
        let mut emotions = vec![];
        for name in &settings.emotions {
            let emotion = subject.emotion(name)?;
            pushes.emotion(emotion, Strength::new(subject.safe()));
            emotions.push((name.clone(), emotion));
        }
        let [situations, seeds, tokens] = plan.pick(
            settings.quick,
            [usize::MAX, settings.seeds, settings.tokens],
        );
        Ok(Self {
            pushes,
            emotions,
            situations,
            seeds,
            tokens,
            seed: plan.seed,
            layer: subject.reading(),
            length: settings.length.then(|| stops(subject)),
        })
    }

    fn one(&self, subject: &Subject, situation: &Situation) -> u64 {
        let texts = self.pushes.len() * self.seeds;
        let endings: usize = situation.endings.iter().map(Vec::len).sum();
        let write = subject.trunk_work(&self.pushes, situation.pressed.len(), 0)
            + (texts * self.tokens * subject.model.config().blocks) as u64;
        let read = situation.pressed.len() * 2 + texts * self.tokens + endings;
        write + subject.read_work(read, self.layer)
    }

    pub fn work(&self, subject: &Subject, situations: &[Situation]) -> u64 {
        let some = situations.iter().take(self.situations);
        some.map(|s| self.one(subject, s)).sum()
    }

    pub async fn run<W: Watch>(
        &self,
        subject: &Subject<'_>,
        meter: &mut Meter<'_, W>,
        form: Form,
        situations: &[Situation],
    ) -> Result<(Vec<Figure>, Vec<Drawing>), LabError> {
        let sampling = SamplingConfig {
            seed: u64::from(self.seed),
            temperature: 0.8,
            top_k: 40,
            top_p: 0.95,
            repetition_penalty: 1.1,
        };
        let filters = subject.filters(self.layer);
        // `[push][situation]`: mean place, and mean of each emotion's reading.
        let mut places = vec![vec![]; self.pushes.len()];
        let mut readings = vec![vec![]; self.pushes.len()];
        let mut lengths = vec![vec![]; self.pushes.len()];
        let mut samples = vec![];
        for situation in situations.iter().take(self.situations) {
            let all = 0..self.pushes.len();
            let trunk = Trunk::grow(subject.model, &situation.pressed, &self.pushes, all)?;
            let written = trunk.write(self.seeds, self.tokens, sampling).await?;
            drop(trunk);
            let prompt = &situation.pressed;
            let endings = &situation.endings;
            let options = subject.means_after(prompt, endings, self.layer).await?;
            let axis = Axis::new(&options);
            for (push, texts) in written.iter().enumerate() {
                let means = subject.means_after(prompt, texts, self.layer).await?;
                let place: Vec<f64> = means.iter().map(|m| axis.place(m)).collect();
                let read = self.emotions.iter().map(|(_, emotion)| {
                    let each = means.iter().map(|m| dot(m, &filters[*emotion]));
                    mean(&each.collect::<Vec<_>>())
                });
                readings[push].push(read.collect::<Vec<f64>>());
                if let Some(stops) = &self.length {
                    let each = texts.iter().map(|text| before(text, stops).len() as f64);
                    lengths[push].push(mean(&each.collect::<Vec<_>>()));
                }
                if places[push].len() < SHOWN_OF {
                    let name = push.checked_sub(1).map_or("plain", |e| &self.emotions[e].0);
                    for (text, scored) in texts.iter().zip(&place).take(SHOWN) {
                        samples.push(LabText {
                            label: format!("{}: {name}", situation.title),
                            text: shown(subject, text)?,
                            scored: *scored,
                        });
                    }
                }
                places[push].push(mean(&place));
            }
            meter.add(self.one(subject, situation)).await?;
        }
        let mut figures = self.score(&places, &readings, form);
        figures.extend(self.lengths(&lengths, form));
        let drawing = Drawing::Texts {
            title: format!(
                "What it wrote by itself ({}); the number is above 0 where it lies nearer to the bad endings",
                form.name()
            ),
            texts: samples,
        };
        Ok((figures, vec![drawing]))
    }

    /// How much longer it goes on when pushed, `[push][situation]` in tokens; nothing where lengths are not counted.
    fn lengths(&self, lengths: &[Vec<f64>], form: Form) -> Vec<Figure> {
        let counted = self.length.is_some();
        let emotions = self.emotions.iter().enumerate().filter(|_| counted);
        let one = |(at, (emotion, _)): (usize, &(String, usize))| {
            let pairs = lengths[at + 1].iter().zip(&lengths[0]);
            let longer: Vec<f64> = pairs.map(|(pushed, plain)| pushed - plain).collect();
            let name = Name::new(
                format!("free-length-{emotion}/{}", form.name()),
                format!(
                    "{emotion}: how much longer it goes on before it ends, of {} at most",
                    self.tokens
                ),
                "tokens",
            );
            paired(name, &longer, &[], u64::from(self.seed))
        };
        emotions.map(one).collect()
    }

    fn score(&self, places: &[Vec<f64>], readings: &[Vec<Vec<f64>>], form: Form) -> Vec<Figure> {
        let seed = u64::from(self.seed);
        let form = form.name();
        let mut figures = vec![];
        for (at, (emotion, _)) in self.emotions.iter().enumerate() {
            let (plain, pushed) = (&places[0], &places[at + 1]);
            let moved: Vec<f64> = pushed.iter().zip(plain).map(|(a, b)| a - b).collect();
            let name = Name::new(
                format!("free-{emotion}/{form}"),
                format!("{emotion}: what it writes by itself, towards the bad endings"),
                "cosine",
            );
            figures.push(paired(name, &moved, &[], seed));
            let read: Vec<f64> = (readings[at + 1].iter().zip(&readings[0]))
                .map(|(pushed, plain)| pushed[at] - plain[at])
                .collect();
            let name = Name::new(
                format!("free-reads-{emotion}/{form}"),
                format!("{emotion}: read back in what it writes"),
                "residual along the vector",
            );
            figures.push(paired(name, &read, &[], seed));
        }
        figures
    }
}

/// Tokens that end a turn or a text.
fn stops(subject: &Subject) -> Vec<u32> {
    let end = ["<|im_end|>", "<|endoftext|>", "</s>"];
    end.iter().filter_map(|t| subject.tokenizer.id(t)).collect()
}

/// What stands before the first of some tokens.
fn before<'t>(text: &'t [u32], stops: &[u32]) -> &'t [u32] {
    text.split(|t| stops.contains(t)).next().unwrap_or(text)
}

/// From the good endings to the bad ones.
struct Axis {
    middle: Vec<f64>,
    towards_bad: Vec<f64>,
}

impl Axis {
    /// Good first, then bad, as many of each.
    fn new(options: &[Vec<f64>]) -> Self {
        let (good, bad) = options.split_at(options.len() / 2);
        let width = options.first().map_or(0, Vec::len);
        let of = |rows: &[Vec<f64>]| -> Vec<f64> {
            (0..width)
                .map(|i| mean(&rows.iter().map(|row| row[i]).collect::<Vec<_>>()))
                .collect()
        };
        let (good, bad) = (of(good), of(bad));
        let pairs = || good.iter().zip(&bad);
        Self {
            middle: pairs().map(|(g, b)| (g + b) / 2.0).collect(),
            towards_bad: pairs().map(|(g, b)| b - g).collect(),
        }
    }

    /// Cosine, -1 (like the good ones) to 1 (like the bad ones).
    fn place(&self, text: &[f64]) -> f64 {
        let (mut along, mut text_size, mut axis_size) = (0.0, 0.0, 0.0);
        for ((x, middle), axis) in text.iter().zip(&self.middle).zip(&self.towards_bad) {
            let x = x - middle;
            along += x * axis;
            text_size += x * x;
            axis_size += axis * axis;
        }
        let size = (text_size * axis_size).sqrt();
        if size > 0.0 { along / size } else { 0.0 }
    }
}

/// What was written, up to where the model ended its turn.
fn shown(subject: &Subject, text: &[u32]) -> Result<String, LabError> {
    let whole = before(text, &stops(subject));
    Ok(subject.tokenizer.decode(whole)?.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_ends_before_the_first_stop() {
        assert_eq!(before(&[1, 2, 9, 3, 9], &[9]), [1, 2]);
        assert_eq!(before(&[1, 2], &[9]), [1, 2]);
        assert!(before(&[9, 1], &[9]).is_empty());
    }

    #[test]
    fn a_text_like_the_bad_endings_lies_above_zero() {
        let options = [
            vec![1.0, 5.0],
            vec![1.2, 5.0],
            vec![3.0, 5.0],
            vec![2.8, 5.0],
        ];
        let axis = Axis::new(&options);
        assert!((axis.place(&[3.0, 5.0]) - 1.0).abs() < 1e-9);
        assert!((axis.place(&[0.0, 5.0]) + 1.0).abs() < 1e-9);
        assert!(axis.place(&[2.0, 9.0]).abs() < 1e-9);
        assert_eq!(axis.place(&[2.0, 5.0]), 0.0);
    }
}

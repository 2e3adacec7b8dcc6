//! Whose emotion is it? In dialogues of two people with an emotion each, what the stream holds during a person's turns:
//! the speaker's own emotion, or the other's?

use super::{Plan, Scored};
use crate::figures::{DRAWS, LEVEL, Name, band, figure, mean, paired, standardised};
use crate::spec::lines;
use crate::subject::dot;
use crate::watch::Meter;
use crate::{Form, LabError, Subject, Watch};
use atlas_affect::trust::{sign_flip, span};
use atlas_protocol::{Drawing, Figure, LabSize};
use atlas_units::Layer;
use serde::Deserialize;
use std::ops::Range;

/// What is declared.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Sets of random directions.
    pub random: usize,
    /// Dialogues of a quick run.
    pub quick: usize,
}

#[derive(Deserialize)]
struct Row {
    first: String,
    second: String,
    names: [String; 2],
    lines: Vec<String>,
}

struct Dialogue {
    title: String,
    ids: Vec<u32>,
    /// Emotions of the two, as positions in `names`.
    emotions: [usize; 2],
    /// Tokens of each turn; the two take turns.
    turns: Vec<Range<usize>>,
}

/// Ready to run.
pub struct Ready {
    plan: Plan,
    names: Vec<String>,
    /// Positions in the vectors.
    emotions: Vec<usize>,
    dialogues: Vec<Dialogue>,
    random: usize,
    layer: Layer,
}

impl Ready {
    pub(super) fn new(
        settings: &Settings,
        texts: &str,
        subject: &Subject,
        plan: Plan,
    ) -> Result<Self, LabError> {
        let mut names: Vec<String> = vec![];
        let mut dialogues = vec![];
        let rows = lines::<Row>(texts)?;
        let keep = match plan.size {
            LabSize::Quick => settings.quick,
            LabSize::Full => rows.len(),
        };
        for row in rows.iter().take(keep) {
            let mut emotions = [0; 2];
            for (place, name) in emotions.iter_mut().zip([&row.first, &row.second]) {
                *place = names.iter().position(|n| n == name).unwrap_or_else(|| {
                    names.push(name.clone());
                    names.len() - 1
                });
            }
            let (mut text, mut parts) = (String::new(), vec![]);
            for (line, name) in row.lines.iter().zip(row.names.iter().cycle()) {
                text += &format!("{name}: ");
                // A turn's first words tell little: the name before them is not the speaker's doing.
                parts.push(text.len()..text.len() + line.len());
                text += line;
                text.push('\n');
            }
            let ids = subject.prompt(Form::Story, &text, "", 0..text.len())?.ids;
            let turns = parts.into_iter().map(|part| subject.tokens_of(&text, part));
            dialogues.push(Dialogue {
                title: row.names.join(" and "),
                ids,
                emotions,
                turns: turns.collect::<Result<_, _>>()?,
            });
        }
        if dialogues.len() < 4 || dialogues.iter().any(|d| d.turns.len() < 2) {
            return Err(LabError::TooFew(
                "fewer than four dialogues of two turns at least".into(),
            ));
        }
        let emotions: Result<_, _> = names.iter().map(|n| subject.emotion(n)).collect();
        Ok(Self {
            plan,
            emotions: emotions?,
            names,
            dialogues,
            random: settings.random,
            layer: subject.reading(),
        })
    }

    pub(super) fn work(&self, subject: &Subject) -> u64 {
        let one = |d: &Dialogue| subject.read_work(d.ids.len(), self.layer);
        self.dialogues.iter().map(one).sum()
    }

    pub(super) async fn run<W: Watch>(
        &self,
        subject: &Subject<'_>,
        meter: &mut Meter<'_, W>,
    ) -> Result<Scored, LabError> {
        let mut turns = vec![];
        for (number, dialogue) in self.dialogues.iter().enumerate() {
            // `[speaker]`: mean over that person's turns, at layer 0 and where reading is best.
            let mut sums = [[vec![], vec![]], [vec![], vec![]]];
            let mut counts = [0.0; 2];
            let layers = [Layer::EMBEDDING, self.layer];
            let found = subject
                .means(&dialogue.ids, &dialogue.turns, &layers)
                .await?;
            for (at, means) in found.into_iter().enumerate() {
                for (sum, mean) in sums[at % 2].iter_mut().zip(means) {
                    sum.resize(mean.len(), 0.0);
                    sum.iter_mut().zip(mean).for_each(|(s, x)| *s += x);
                }
                counts[at % 2] += 1.0;
            }
            for (speaker, (sum, count)) in sums.into_iter().zip(counts).enumerate() {
                let [words, stream] = sum.map(|s| s.iter().map(|x| x / count).collect());
                turns.push(Turn {
                    dialogue: number,
                    own: dialogue.emotions[speaker],
                    other: dialogue.emotions[1 - speaker],
                    words,
                    stream,
                });
            }
            let work = subject.read_work(dialogue.ids.len(), self.layer);
            meter.add(work).await?;
            meter.found(&dialogue.title, "read; speakers are compared once all are");
        }
        let some = |layer| -> Vec<Vec<f32>> {
            let all = subject.filters(layer);
            self.emotions.iter().map(|&e| all[e].clone()).collect()
        };
        let random =
            subject.random_filters(self.layer, self.names.len() * self.random, self.plan.seed);
        let scores = Scores {
            binding: readings(&turns, &some(self.layer), |t| &t.stream),
            words: readings(&turns, &some(Layer::EMBEDDING), |t| &t.words),
            random: random
                .chunks(self.names.len())
                .map(|set| readings(&turns, set, |t| &t.stream))
                .collect(),
        };
        let figures = score(&turns, &scores, self.names.len(), u64::from(self.plan.seed));
        Ok(Scored {
            drawings: vec![Drawing::Matrix {
                title: "Reading of each emotion (across) during the turns of a person who feels one (down)"
                    .into(),
                unit: "sd".into(),
                rows: self.names.clone(),
                columns: self.names.clone(),
                values: by_own(&turns, &scores.binding, self.names.len()),
            }],
            figures,
            layers: vec![self.layer],
            of: format!("{} dialogues of two people", self.dialogues.len()),
        })
    }
}

/// One person's turns in one dialogue.
struct Turn {
    dialogue: usize,
    own: usize,
    other: usize,
    /// At layer 0.
    words: Vec<f64>,
    /// Where reading is best.
    stream: Vec<f64>,
}

/// Readings, `[turn][emotion]`, centred and scaled over turns.
struct Scores {
    binding: Vec<Vec<f64>>,
    words: Vec<Vec<f64>>,
    random: Vec<Vec<Vec<f64>>>,
}

fn readings(turns: &[Turn], filters: &[Vec<f32>], of: fn(&Turn) -> &Vec<f64>) -> Vec<Vec<f64>> {
    let rows: Vec<Vec<f64>> = turns
        .iter()
        .map(|turn| filters.iter().map(|f| dot(of(turn), f)).collect())
        .collect();
    standardised(&rows)
}

/// Mean over a dialogue's two people of some value.
fn by_dialogue(turns: &[Turn], value: impl Fn(usize, &Turn) -> f64) -> Vec<f64> {
    let count = turns.iter().map(|t| t.dialogue + 1).max().unwrap_or(0);
    let mut sums = vec![0.0; count];
    for (at, turn) in turns.iter().enumerate() {
        sums[turn.dialogue] += value(at, turn) / 2.0;
    }
    sums
}

fn score(turns: &[Turn], scores: &Scores, emotions: usize, seed: u64) -> Vec<Figure> {
    let binding =
        |rows: &[Vec<f64>]| by_dialogue(turns, |at, t| rows[at][t.own] - rows[at][t.other]);
    let null: Vec<f64> = scores
        .random
        .iter()
        .map(|rows| mean(&binding(rows)))
        .collect();
    let unit = "sd";
    let label = "the speaker's own emotion less the other's, during the speaker's turns";
    let rest = |rows: &[Vec<f64>]| {
        by_dialogue(turns, |at, t| {
            let others = (0..emotions).filter(|&e| e != t.own && e != t.other);
            let others: Vec<f64> = others.map(|e| rows[at][e]).collect();
            rows[at][t.other] - mean(&others)
        })
    };
    let bound = binding(&scores.binding);
    let words = binding(&scores.words);
    let beyond: Vec<f64> = bound.iter().zip(&words).map(|(a, b)| a - b).collect();
    let mut figures = vec![
        paired(Name::new("binding", label, unit), &bound, &null, seed),
        paired(
            Name::new(
                "binding-tokens",
                "the same at layer 0, by words alone",
                unit,
            ),
            &words,
            &[],
            seed,
        ),
        paired(
            Name::new("beyond-words", "more than by words alone", unit),
            &beyond,
            &[],
            seed,
        ),
        paired(
            Name::new(
                "other",
                "the other's emotion above the rest, during the speaker's turns",
                unit,
            ),
            &rest(&scores.binding),
            &[],
            seed,
        ),
    ];
    figures.extend(vectors(turns, emotions, seed));
    figures
}

/// Vectors of the speaker's emotion and of the other's: do they point the same way?
fn vectors(turns: &[Turn], emotions: usize, seed: u64) -> Vec<Figure> {
    let width = turns.first().map_or(0, |t| t.stream.len());
    let middle = mean_of(turns.iter(), width);
    let vector = |keep: &dyn Fn(&Turn) -> bool| -> Vec<f64> {
        let mean = mean_of(turns.iter().filter(|t| keep(t)), width);
        mean.iter().zip(&middle).map(|(a, b)| a - b).collect()
    };
    // Halves by dialogue, so that what one dialogue tells of both people makes no agreement.
    let half = |t: &Turn| t.dialogue % 2;
    let (mut same, mut across) = (vec![], vec![]);
    for e in 0..emotions {
        let present = [0, 1].map(|h| vector(&|t| t.own == e && half(t) == h));
        let other = [0, 1].map(|h| vector(&|t| t.other == e && half(t) == h));
        same.push(cosine(&present[0], &present[1]));
        across.push((cosine(&present[0], &other[1]) + cosine(&present[1], &other[0])) / 2.0);
    }
    let apart: Vec<f64> = same.iter().zip(&across).map(|(a, b)| a - b).collect();
    let unit = "cosine";
    let over = |id: &str, label: &str, values: &[f64]| {
        let found = span(values.len(), DRAWS, LEVEL, seed, |drawn| {
            mean(&drawn.iter().map(|&i| values[i]).collect::<Vec<_>>())
        });
        let p = sign_flip(values, DRAWS, seed).p;
        let test = "sign-flip test over emotions";
        figure(
            Name::new(id, label, unit),
            found,
            p,
            test,
            values.len(),
            band(&[]),
        )
    };
    vec![
        over(
            "apart",
            "speaker's vectors agree with each other more than with the other's",
            &apart,
        ),
        over(
            "present",
            "speaker's vectors of two halves of the dialogues",
            &same,
        ),
        over(
            "across",
            "speaker's vectors and the other's, from different halves",
            &across,
        ),
    ]
}

fn mean_of<'a>(turns: impl Iterator<Item = &'a Turn>, width: usize) -> Vec<f64> {
    let (mut sum, mut count) = (vec![0.0; width], 0.0);
    for turn in turns {
        sum.iter_mut().zip(&turn.stream).for_each(|(s, x)| *s += x);
        count += 1.0;
    }
    sum.iter().map(|s| s / f64::max(count, 1.0)).collect()
}

fn cosine(a: &[f64], b: &[f64]) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    let size = (dot(a, a) * dot(b, b)).sqrt();
    if size > 0.0 { dot(a, b) / size } else { 0.0 }
}

/// Mean reading by the speaker's own emotion, `[own, emotion]`.
fn by_own(turns: &[Turn], rows: &[Vec<f64>], emotions: usize) -> Vec<f64> {
    (0..emotions)
        .flat_map(|own| (0..emotions).map(move |e| (own, e)))
        .map(|(own, e)| {
            let some = turns.iter().zip(rows).filter(|(t, _)| t.own == own);
            mean(&some.map(|(_, row)| row[e]).collect::<Vec<_>>())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::tests::noise;

    /// Turns of width 8, whose first four coordinates hold the speaker's emotion and the last four the other's.
    fn turns(own: f64, other: f64) -> Vec<Turn> {
        let mut noise = noise(8);
        (0..80)
            .map(|i| {
                let dialogue = i / 2;
                let pair = [dialogue % 4, (dialogue + 1 + dialogue / 4 % 3) % 4];
                let (e, f) = (pair[i % 2], pair[1 - i % 2]);
                let mut stream: Vec<f64> = (0..8).map(|_| noise()).collect();
                stream[e] += own;
                stream[4 + f] += other;
                let words = (0..8).map(|_| noise()).collect();
                Turn {
                    dialogue,
                    own: e,
                    other: f,
                    words,
                    stream,
                }
            })
            .collect()
    }

    fn figures(own: f64, other: f64) -> Vec<Figure> {
        let turns = turns(own, other);
        let filters: Vec<Vec<f32>> = (0..4)
            .map(|e| (0..8).map(|i| if i == e { 1.0 } else { 0.0 }).collect())
            .collect();
        let mut noise = noise(9);
        let mut any = || -> Vec<Vec<f32>> {
            (0..4)
                .map(|_| (0..8).map(|_| noise() as f32).collect())
                .collect()
        };
        let scores = Scores {
            binding: readings(&turns, &filters, |t| &t.stream),
            words: readings(&turns, &filters, |t| &t.words),
            random: (0..20)
                .map(|_| readings(&turns, &any(), |t| &t.stream))
                .collect(),
        };
        score(&turns, &scores, 4, 1)
    }

    #[test]
    fn a_speakers_emotion_is_bound_to_the_speaker() {
        let found = figures(2.0, 2.0);
        let of = |id: &str| found.iter().find(|f| f.id == id).unwrap();
        assert!(of("binding").low > 0.5 && of("binding").p < 0.01);
        assert!(of("binding-tokens").p > 0.05 && of("beyond-words").low > 0.0);
        // Speaker and other lie in different coordinates: their vectors are apart.
        assert!(
            of("present").estimate > 0.6 && of("apart").low > 0.2,
            "{:?}",
            of("apart")
        );
    }

    #[test]
    fn noise_is_bound_to_nobody() {
        let found = figures(0.0, 0.0);
        for id in ["binding", "apart", "other"] {
            let f = found.iter().find(|f| f.id == id).unwrap();
            assert!(f.p > 0.05, "{f:?}");
        }
    }
}

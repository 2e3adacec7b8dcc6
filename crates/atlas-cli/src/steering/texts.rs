//! Texts written under a push, and what is seen in them.

use super::Args;
use super::plan::{PROMPTS, Plan, RANDOM, SAMPLING, SEED};
use crate::kept::Kept;
use crate::material::CORPORA;
use crate::open::Opened;
use crate::{corpus, files, stored};
use anyhow::{Context, Result};
use atlas_affect::steering::{Coherence, Place, limits};
use atlas_affect::words::{self, SHOWCASE};
use atlas_lab::{
    Diagonal, Draft, Lexicon, PROMPTS as WORD_PROMPTS, Push, Span, Writing, Written, read_through,
};
use atlas_probe::Vectors;
use atlas_units::{Layer, Strength};
use indicatif::{ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A token that ends texts where the weights name fewer stop tokens than the model knows.
const END_OF_TEXT: &str = "<|endoftext|>";
/// Where a story is cut: so many tokens before what is looked at, about as many as a prompt has.
const BEFORE: usize = 8;
/// Every how many stories one is looked at.
const EVERY: usize = 16;

/// What is pushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Subject {
    /// An emotion, by its number.
    Emotion(usize),
    /// One of the random vectors.
    Random(usize),
}

impl Subject {
    /// Every emotion.
    pub fn emotions() -> Vec<Self> {
        (0..words::emotions().len()).map(Self::Emotion).collect()
    }

    /// The twelve shown first.
    pub fn showcase() -> Result<Vec<Self>> {
        let number = |name: &&str| words::index_of(name).context("not among the emotions");
        let each = SHOWCASE.iter().map(|name| Ok(Self::Emotion(number(name)?)));
        each.collect()
    }

    /// Every random vector.
    pub fn random() -> Vec<Self> {
        (0..RANDOM).map(Self::Random).collect()
    }

    fn number(self) -> usize {
        match self {
            Self::Emotion(e) => e,
            Self::Random(r) => words::emotions().len() + r,
        }
    }
}

/// What is seen in one text.
#[derive(Clone, Debug)]
pub struct Seen {
    /// How fluent it is.
    pub coherence: Coherence,
    /// Every emotion's activation, in units of its 99th percentile, from an arbitrary zero.
    pub probe: Vec<f32>,
}

/// Unsteered texts of every subject, and what is usual.
pub struct Usual {
    /// By number of the subject, then by text.
    plain: Vec<Vec<Seen>>,
    /// Their mean.
    pub plain_mean: Coherence,
    /// Mean of the stories, cut to the same length.
    pub stories_mean: Coherence,
    /// What is still fluent.
    pub limits: Coherence,
}

impl Usual {
    /// A subject's unsteered texts: those of its steered ones' prompts and seeds.
    pub fn of(&self, subject: Subject) -> &[Seen] {
        &self.plain[subject.number()]
    }
}

/// What was written together, as it is kept.
#[derive(Serialize, Deserialize)]
struct Part {
    texts: Vec<Vec<u32>>,
    surprise: Vec<Option<f32>>,
    probe: Vec<Vec<f32>>,
}

/// Everything that decides a part.
#[derive(Serialize)]
struct Of<'a> {
    place: &'a Place,
    strength: f32,
    subjects: &'a [Subject],
    prompt: &'a str,
    round: usize,
    seed: u64,
    tokens: usize,
    sampling: [f32; 4],
    probe_layer: Layer,
}

/// Every emotion's activation, `[text][emotion]`.
type Activations = Vec<Vec<f32>>;

/// Writes and reads.
pub struct Desk<'a> {
    pub opened: &'a Opened,
    pub plan: &'a Plan,
    pub lexicon: Lexicon,
    pub model_sha256: String,
    pub vectors_sha256: String,
    args: &'a Args,
    vectors: &'a Vectors,
    kept: Kept,
    writing: Writing,
    /// Random directions by layer.
    random: BTreeMap<Layer, Vec<Vec<f32>>>,
    /// `[emotion][width]`: reading directions at the probe's layer, divided by their 99th percentiles.
    probe: Vec<Vec<f32>>,
    diagonal: Diagonal,
    bar: ProgressBar,
}

impl<'a> Desk<'a> {
    pub fn new(
        args: &'a Args,
        opened: &'a Opened,
        vectors: &'a Vectors,
        plan: &'a Plan,
    ) -> Result<Self> {
        let model_sha256 = files::sha256(&opened.weights)?;
        let vectors_sha256 = stored::sha256(&args.model)?;
        let mut texts = corpus::neutral(&args.corpus.join("neutral.jsonl"))?;
        for told in CORPORA {
            let stories = corpus::stories(&[args.corpus.join(told.file)])?;
            texts.extend(stories.into_iter().map(|s| s.text));
        }
        let names = words::emotions().iter().map(|e| e.name.as_str());
        let lexicon = Lexicon::of(texts.iter().map(String::as_str).chain(names));
        let span = Span::random(RANDOM, vectors.emotions, SEED);
        let each = vectors.emotions * vectors.width;
        let at = |layer: Layer| &vectors.emotion[layer.index() * each..][..each];
        let layers = plan.places.iter().flat_map(|p| &p.layers);
        let random = layers.map(|&layer| (layer, span.of(at(layer)))).collect();
        let layer = plan.probe_layer;
        let probe = (0..vectors.emotions).map(|emotion| {
            let unit = vectors.reading_direction(layer, emotion);
            let p99 = vectors.p99[layer.index() * vectors.emotions + emotion];
            let scale = |x: f32| if p99 > 0.0 { x / p99 } else { 0.0 };
            let unit = unit.unwrap_or_else(|| vec![0.0; vectors.width]);
            unit.into_iter().map(scale).collect()
        });
        let mut stops = opened.model.config().stop_tokens.clone();
        stops.extend(opened.tokenizer.id(END_OF_TEXT));
        let showcase = 2 * SHOWCASE.len() + RANDOM;
        let count = plan.places.len() * plan.strengths.len() * showcase
            + (2 * plan.strengths.len() + 1) * vectors.emotions
            + RANDOM * plan.strengths.len()
            + RANDOM;
        let (weights, tensors) = (&model_sha256[..8], &vectors_sha256[..8]);
        let name = format!("steering-{}-{weights}-{tensors}", opened.id);
        let bar = ProgressBar::new((count * args.texts) as u64).with_style(
            ProgressStyle::with_template("steered texts {wide_bar} {pos}/{len}, {eta} left")?,
        );
        Ok(Self {
            kept: Kept::new(&args.work, &name)?,
            opened,
            plan,
            lexicon,
            model_sha256,
            vectors_sha256,
            args,
            vectors,
            writing: Writing {
                tokens: args.tokens,
                sampling: SAMPLING,
                stops,
            },
            random,
            probe: probe.collect(),
            diagonal: Diagonal::new(&opened.tokenizer, &SHOWCASE)?,
            bar,
        })
    }

    /// Unsteered texts, stories cut to their length, and the limits that follow.
    pub fn usual(&self) -> Result<Usual> {
        let subjects = [Subject::emotions(), Subject::random()].concat();
        let plain = self.written(&subjects, &Place::of(vec![]), 0.0)?;
        let stories = self.stories()?;
        let texts: Vec<Coherence> = plain.iter().flatten().map(|s| s.coherence).collect();
        let mean = |of: &[Coherence]| Coherence::mean(of).context("no texts");
        Ok(Usual {
            plain_mean: mean(&texts)?,
            stories_mean: mean(&stories)?,
            limits: limits(&[&stories, &texts], self.args.texts, SEED),
            plain,
        })
    }

    /// Texts written under a push, by subject.
    pub fn written(
        &self,
        subjects: &[Subject],
        place: &Place,
        strength: f32,
    ) -> Result<Vec<Vec<Seen>>> {
        let mut found: Vec<Vec<Seen>> = vec![vec![]; subjects.len()];
        for round in 0..self.args.texts {
            let of = Of {
                place,
                strength,
                subjects,
                prompt: PROMPTS[round % PROMPTS.len()],
                round,
                seed: SEED,
                tokens: self.args.tokens,
                sampling: [
                    SAMPLING.temperature,
                    SAMPLING.top_k as f32,
                    SAMPLING.top_p,
                    SAMPLING.repetition_penalty,
                ],
                probe_layer: self.plan.probe_layer,
            };
            let part = self.kept.part(&of, || self.write(&of))?;
            let parts = part.texts.iter().zip(part.surprise).zip(part.probe);
            for (((tokens, surprise), probe), found) in parts.zip(&mut found) {
                let text = self.opened.tokenizer.decode(tokens)?;
                found.push(Seen {
                    coherence: self.lexicon.coherence(&text, surprise.unwrap_or(0.0)),
                    probe,
                });
            }
            self.bar.inc(subjects.len() as u64);
        }
        Ok(found)
    }

    /// Changes of the showcase words' log-probability under each push, `[subject][word]`.
    pub fn words(
        &self,
        subjects: &[Subject],
        place: &Place,
        strength: f32,
    ) -> Result<Vec<Vec<f32>>> {
        let of = (
            "words",
            place,
            strength,
            subjects,
            WORD_PROMPTS,
            SHOWCASE,
            SEED,
        );
        self.kept.part(&of, || {
            let pushes: Vec<Push> = subjects
                .iter()
                .map(|s| self.push(*s, place, strength))
                .collect();
            let shifts = self.diagonal.shifts(&self.opened.model, &pushes);
            let shifts = pollster::block_on(shifts)?;
            #[expect(clippy::cast_possible_truncation, reason = "figures to read")]
            let row = |row: &[f64]| row.iter().map(|x| *x as f32).collect();
            Ok(shifts.chunks(SHOWCASE.len()).map(row).collect())
        })
    }

    fn push(&self, subject: Subject, place: &Place, strength: f32) -> Push {
        let layers = (place.layers.as_slice(), place.scale);
        let strength = Strength::new(strength);
        match subject {
            Subject::Emotion(e) => Push::along(self.vectors, layers, strength, |layer| {
                self.vectors.direction(layer, e)
            }),
            Subject::Random(r) => Push::along(self.vectors, layers, strength, |layer| {
                self.random.get(&layer)?.get(r).cloned()
            }),
        }
    }

    fn write(&self, of: &Of) -> Result<Part> {
        let prompt = self.opened.tokenizer.encode(of.prompt)?;
        let mut part = Part {
            texts: vec![],
            surprise: vec![],
            probe: vec![],
        };
        for subjects in of.subjects.chunks(self.args.batch.max(1)) {
            let draft = |subject: &Subject| Draft {
                prompt: prompt.clone(),
                push: self.push(*subject, of.place, of.strength),
                // A subject's texts differ, and its first is drawn alike at every strength and place.
                seed: (SEED * 1000 + of.round as u64) * 1000 + subject.number() as u64,
            };
            let drafts: Vec<Draft> = subjects.iter().map(draft).collect();
            let texts = pollster::block_on(self.writing.write(&self.opened.model, &drafts))?;
            let written: Vec<Written> = texts
                .iter()
                .map(|text| Written {
                    prompt: prompt.clone(),
                    text: text.clone(),
                })
                .collect();
            let (surprise, probe) = self.read(&written)?;
            part.texts.extend(texts);
            part.surprise.extend(surprise);
            part.probe.extend(probe);
        }
        Ok(part)
    }

    /// Surprise and activations of texts, unsteered.
    fn read(&self, written: &[Written]) -> Result<(Vec<Option<f32>>, Activations)> {
        let model = &self.opened.model;
        let found = read_through(model, self.plan.probe_layer, written);
        let found = pollster::block_on(found)?;
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| x * y).sum();
        let rows = found.residual.chunks(self.vectors.width);
        let probe = rows.map(|row| self.probe.iter().map(|p| dot(row, p)).collect());
        Ok((found.surprise, probe.collect()))
    }

    /// Stories of every corpus, cut to the length of what is written.
    fn stories(&self) -> Result<Vec<Coherence>> {
        let mut pieces = vec![];
        for told in CORPORA {
            let stories = corpus::stories(&[self.args.corpus.join(told.file)])?;
            for story in stories.iter().step_by(EVERY) {
                let tokens = self.opened.tokenizer.encode(&story.text)?;
                if let Some(piece) = tokens.get(BEFORE..BEFORE + self.args.tokens) {
                    pieces.push(Written {
                        prompt: tokens[..BEFORE].to_vec(),
                        text: piece.to_vec(),
                    });
                }
            }
        }
        let of: Vec<(&[u32], &[u32])> = pieces
            .iter()
            .map(|p| (p.prompt.as_slice(), p.text.as_slice()))
            .collect();
        let of = ("stories", self.plan.probe_layer, of);
        let surprise: Vec<Option<f32>> = self.kept.part(&of, || {
            let mut all = vec![];
            for batch in pieces.chunks(self.args.batch.max(1)) {
                all.extend(self.read(batch)?.0);
            }
            Ok(all)
        })?;
        pieces
            .iter()
            .zip(surprise)
            .map(|(piece, surprise)| {
                let text = self.opened.tokenizer.decode(&piece.text)?;
                Ok(self.lexicon.coherence(&text, surprise.unwrap_or(0.0)))
            })
            .collect()
    }
}

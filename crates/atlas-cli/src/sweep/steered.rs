//! Steering with candidates: what is pushed is looked for in what is then written.

use crate::open::Opened;
use anyhow::Result;
use atlas_affect::method::{Blind, Made, Steered};
use atlas_affect::words;
use atlas_lab::{Draft, Push, Span, Writing, Written, read_back};
use atlas_lm::SamplingConfig;

/// Strength that vectors are steered with, in parts of the layer's mean residual norm.
pub const STRENGTH: f32 = 0.2;
/// What every text begins with: somebody, and nothing felt yet.
pub const PROMPT: &str = "When she came home that evening, she";
/// Tokens written.
pub const TOKENS: usize = 16;
/// Seed of the texts and of the random vectors.
const SEED: u64 = 7;
/// An emotion counts as read back if it is among so many.
const FIVE: usize = 5;

/// Pushes every emotion, and reads what is written.
pub struct Steering<'a> {
    opened: &'a Opened,
    prompt: Vec<u32>,
    writing: Writing,
    judge: &'a Made,
    /// Mean residual over unsteered texts at the judge's layer.
    plain: Vec<f32>,
}

impl<'a> Steering<'a> {
    /// With the directions that read what was written.
    pub fn new(opened: &'a Opened, judge: &'a Blind) -> Result<Self> {
        let writing = Writing {
            tokens: TOKENS,
            // The first sixteen tokens are looked at, whatever they are.
            stops: vec![],
            sampling: SamplingConfig {
                seed: SEED,
                temperature: 0.7,
                top_k: 40,
                top_p: 1.0,
                repetition_penalty: 1.1,
            },
        };
        let mut steering = Self {
            opened,
            prompt: opened.tokenizer.encode(PROMPT)?,
            writing,
            judge: judge.made(),
            plain: vec![],
        };
        let width = opened.model.config().width;
        let none = vec![Push::none(); words::emotions().len()];
        let rows = steering.written(&none)?;
        steering.plain = vec![0.0; width];
        for row in rows.chunks(width) {
            let each = steering.plain.iter_mut().zip(row);
            each.for_each(|(mean, x)| *mean += x / none.len() as f32);
        }
        Ok(steering)
    }

    /// With vectors as they were made; `norm` is the layer's mean residual norm.
    pub fn measure(&self, made: &Made, norm: f32) -> Result<Steered> {
        self.push(made, &made.patterns.rows, norm)
    }

    /// With random vectors of the same length from the emotions' own span.
    pub fn random(&self, made: &Made, norm: f32) -> Result<Steered> {
        let rows = &made.patterns.rows;
        let emotions = words::emotions().len();
        let random = Span::random(emotions, emotions, SEED).of(rows).concat();
        self.push(made, &random, norm)
    }

    fn push(&self, made: &Made, rows: &[f32], norm: f32) -> Result<Steered> {
        let pushes: Vec<Push> = rows
            .chunks(made.patterns.width)
            .map(|row| {
                let length = row.iter().map(|x| x * x).sum::<f32>().sqrt();
                let factor = STRENGTH * norm / length.max(f32::MIN_POSITIVE);
                let vector = row.iter().map(|x| x * factor).collect();
                Push::at(made.options.layer, vector)
            })
            .collect();
        let mut rows = self.written(&pushes)?;
        // What the judge takes away from a text is the stories' centre; here it is to be the unsteered texts'.
        let shift = self.judge.centre.iter().zip(&self.plain).cycle();
        rows.iter_mut()
            .zip(shift)
            .for_each(|(x, (centre, plain))| *x += centre - plain);
        let cosines = self.judge.cosines_alone(&rows)?;
        let read_back = cosines
            .chunks(pushes.len())
            .enumerate()
            .map(|(own, row)| {
                let higher = row.iter().filter(|c| **c > row[own]).count();
                if higher < FIVE { 1.0 } else { 0.0 }
            })
            .collect();
        Ok(Steered { read_back })
    }

    /// Mean residuals of texts written while something is pushed.
    fn written(&self, pushes: &[Push]) -> Result<Vec<f32>> {
        let model = &self.opened.model;
        let drafts: Vec<Draft> = (SEED..)
            .zip(pushes)
            .map(|(seed, push)| Draft {
                prompt: self.prompt.clone(),
                push: push.clone(),
                seed,
            })
            .collect();
        let texts = pollster::block_on(self.writing.write(model, &drafts))?;
        let texts: Vec<Written> = texts
            .into_iter()
            .map(|text| Written {
                prompt: self.prompt.clone(),
                text,
            })
            .collect();
        let at = self.judge.options.layer;
        Ok(pollster::block_on(read_back(model, at, &texts))?)
    }
}

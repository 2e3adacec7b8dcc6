//! Steering with candidates: what is pushed is looked for in what is then written.

use crate::open::Opened;
use anyhow::Result;
use atlas_affect::method::{Blind, Made, Steered};
use atlas_affect::words;
use atlas_lab::Writing;
use atlas_lm::SamplingConfig;
use atlas_units::Layer;
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;

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
    writing: Writing,
    judge: &'a Made,
    /// Mean residual over unsteered texts at the judge's layer.
    plain: Vec<f32>,
}

impl<'a> Steering<'a> {
    /// With the directions that read what was written.
    pub fn new(opened: &'a Opened, judge: &'a Blind) -> Result<Self> {
        let writing = Writing {
            prompt: opened.tokenizer.encode(PROMPT)?,
            tokens: TOKENS,
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
            writing,
            judge: judge.made(),
            plain: vec![],
        };
        let width = opened.model.config().width;
        let none = vec![vec![0.0; width]; words::emotions().len()];
        let rows = steering.written(Layer::EMBEDDING, &none)?;
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
        let (width, rows) = (made.patterns.width, &made.patterns.rows);
        let mut rng = Pcg64Mcg::seed_from_u64(SEED);
        let mut random = vec![0.0; rows.len()];
        for out in random.chunks_mut(width) {
            for row in rows.chunks(width) {
                // Sums of some even draws are normal enough.
                let weight: f32 = (0..6).map(|_| rng.random::<f32>() - 0.5).sum();
                out.iter_mut().zip(row).for_each(|(o, r)| *o += weight * r);
            }
        }
        self.push(made, &random, norm)
    }

    fn push(&self, made: &Made, rows: &[f32], norm: f32) -> Result<Steered> {
        let pushes: Vec<Vec<f32>> = rows
            .chunks(made.patterns.width)
            .map(|row| {
                let length = row.iter().map(|x| x * x).sum::<f32>().sqrt();
                let factor = STRENGTH * norm / length.max(f32::MIN_POSITIVE);
                row.iter().map(|x| x * factor).collect()
            })
            .collect();
        let mut rows = self.written(made.options.layer, &pushes)?;
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
    fn written(&self, layer: Layer, pushes: &[Vec<f32>]) -> Result<Vec<f32>> {
        let model = &self.opened.model;
        let texts = pollster::block_on(self.writing.write(model, layer, pushes))?;
        let at = self.judge.options.layer;
        Ok(pollster::block_on(self.writing.read(model, at, &texts))?)
    }
}

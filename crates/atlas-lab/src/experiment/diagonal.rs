//! Does pushing an emotion make its own word likelier than the others' words? By layer and strength, beside random
//! vectors.

use super::{Plan, Scored};
use crate::figures::{DRAWS, Name, band, mean, mean_span, share};
use crate::watch::Meter;
use crate::{Form, LabError, Pushes, Subject, Watch, random_weights};
use atlas_affect::trust::{Tail, permutation_null};
use atlas_protocol::{Drawing, Figure, Series};
use atlas_units::{Layer, Strength};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64Mcg;
use serde::Deserialize;

/// What is declared.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What the words are to follow.
    pub prompts: Vec<String>,
    /// The emotions, whose names are the words.
    pub emotions: Vec<String>,
    /// Strengths, in parts of the safe one, ascending; the last gives the figures.
    pub strengths: Vec<f32>,
    /// Other layers to push at alone, in parts of the depth.
    pub depths: Vec<f32>,
    /// Random vectors.
    pub random: usize,
}

struct Asked {
    prompt: String,
    ids: Vec<u32>,
    endings: Vec<Vec<u32>>,
}

/// One place and strength to push at.
struct Setting<'a> {
    layers: String,
    strength: f32,
    /// Emotions, then random vectors.
    pushes: Pushes<'a>,
}

/// Ready to run.
pub struct Ready<'a> {
    plan: Plan,
    names: Vec<String>,
    asked: Vec<Asked>,
    /// The first gives the figures.
    settings: Vec<Setting<'a>>,
    random: usize,
}

impl<'a> Ready<'a> {
    pub(super) fn new(
        settings: &'a Settings,
        subject: &Subject<'a>,
        plan: Plan,
    ) -> Result<Self, LabError> {
        let names = settings.emotions.clone();
        let emotions: Vec<usize> = names
            .iter()
            .map(|n| subject.emotion(n))
            .collect::<Result<_, _>>()?;
        if names.len() < 2 || settings.random < names.len() {
            return Err(LabError::TooFew(
                "a diagonal needs two emotions and as many random vectors".into(),
            ));
        }
        let endings: Vec<Vec<u32>> = names
            .iter()
            .map(|name| subject.tokenizer.encode(&format!(" {name}")))
            .collect::<Result<_, _>>()?;
        let asked = settings.prompts.iter().map(|prompt| {
            let ids = subject
                .prompt(Form::Story, prompt, "", 0..prompt.len())?
                .ids;
            Ok(Asked {
                prompt: prompt.clone(),
                ids,
                endings: endings.clone(),
            })
        });
        let weights = random_weights(
            subject.vectors.emotions,
            settings.random,
            u64::from(plan.seed),
        );
        let one = |mut pushes: Pushes<'a>, part: f32| {
            let strength = Strength::new(part * subject.safe());
            for &emotion in &emotions {
                pushes.emotion(emotion, strength);
            }
            for weights in &weights {
                pushes.mixture(weights, strength);
            }
            let layers: Vec<String> = pushes.layers().iter().map(ToString::to_string).collect();
            Setting {
                layers: layers.join(" + "),
                strength: part,
                pushes,
            }
        };
        let Some((&most, less)) = settings.strengths.split_last() else {
            return Err(LabError::TooFew("no strengths".into()));
        };
        let mut list = vec![one(subject.pushes(), most)];
        let less = plan.pick(&[][..], less);
        list.extend(less.iter().map(|&part| one(subject.pushes(), part)));
        let blocks = subject.model.config().blocks;
        let mut seen: Vec<Layer> = subject.card.steering.layers.clone();
        for depth in plan.pick(&[][..], &settings.depths) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a layer's number"
            )]
            let layer = Layer::new((depth * blocks as f32).round() as u16);
            if layer.index() <= blocks && !seen.contains(&layer) {
                seen.push(layer);
                list.push(one(Pushes::new(subject.vectors, &[layer], 1.0), most));
            }
        }
        Ok(Self {
            plan,
            asked: asked.collect::<Result<_, LabError>>()?,
            names,
            settings: list,
            random: settings.random,
        })
    }

    fn one(subject: &Subject, setting: &Setting, asked: &Asked) -> u64 {
        let endings = asked.endings.iter().map(Vec::len).sum();
        subject.trunk_work(&setting.pushes, asked.ids.len(), endings)
    }

    pub(super) fn work(&self, subject: &Subject) -> u64 {
        let all = self
            .settings
            .iter()
            .flat_map(|s| self.asked.iter().map(move |a| (s, a)));
        all.map(|(s, a)| Self::one(subject, s, a)).sum()
    }

    pub(super) async fn run<W: Watch>(
        &self,
        subject: &Subject<'_>,
        meter: &mut Meter<'_, W>,
    ) -> Result<Scored, LabError> {
        let words = self.names.len();
        let seed = u64::from(self.plan.seed);
        let (mut figures, mut drawings) = (vec![], vec![]);
        let mut points: Vec<(String, [f64; 4])> = vec![];
        for (at, setting) in self.settings.iter().enumerate() {
            // `[push][word]`, mean over prompts.
            let mut shifts = vec![vec![0.0; words]; words + self.random];
            for asked in &self.asked {
                let found = subject
                    .endings(&asked.ids, &setting.pushes, &asked.endings)
                    .await?;
                let (plain, pushed) = found.split_at(words);
                for (row, pushed) in shifts.iter_mut().zip(pushed.chunks(words)) {
                    for ((shift, pushed), plain) in row.iter_mut().zip(pushed).zip(plain) {
                        *shift += (pushed - plain) / self.asked.len() as f64;
                    }
                }
                let raised = (0..words)
                    .filter(|&e| pushed[e * words + e] > plain[e])
                    .count();
                meter.found(
                    &asked.prompt,
                    &format!("{raised} of {words} emotions raise their own word"),
                );
                meter.add(Self::one(subject, setting, asked)).await?;
            }
            let (own, random) = shifts.split_at(words);
            if at == 0 {
                figures = score(own, random, seed);
                drawings.push(Drawing::Matrix {
                    title: "Change of a word's log-probability (across) when an emotion is pushed (down)"
                        .into(),
                    unit: "nats".into(),
                    rows: self.names.clone(),
                    columns: self.names.clone(),
                    values: own.concat(),
                });
            }
            let found = mean_span(&own_first(own), seed);
            let label = format!("layer {}", setting.layers);
            let y = [found.estimate, found.low, found.high];
            points.push((label, [f64::from(setting.strength), y[0], y[1], y[2]]));
        }
        let mut series: Vec<Series> = vec![];
        for (label, point) in points {
            match series.iter_mut().find(|s| s.label == label) {
                Some(series) => series.points.push(point),
                None => series.push(Series {
                    label,
                    points: vec![point],
                }),
            }
        }
        for one in &mut series {
            one.points.sort_by(|a, b| a[0].total_cmp(&b[0]));
        }
        if self.settings.len() > 1 {
            drawings.push(Drawing::Curves {
                title: "Emotions whose own word rises most, by layer and strength".into(),
                x: "strength, in parts of the safe one".into(),
                y: "share of emotions".into(),
                series,
            });
        }
        Ok(Scored {
            figures,
            drawings,
            layers: self.settings[0].pushes.layers().to_vec(),
            of: format!(
                "{} emotions after {} prompts, {} settings, {} random vectors",
                words,
                self.asked.len(),
                self.settings.len(),
                self.random
            ),
        })
    }
}

/// 1 for each push whose own word rises most.
fn own_first(rows: &[Vec<f64>]) -> Vec<f64> {
    rows.iter()
        .enumerate()
        .map(|(own, row)| {
            if row.iter().all(|x| *x <= row[own]) {
                1.0
            } else {
                0.0
            }
        })
        .collect()
}

/// 1 for each word that its own push raises most.
fn own_push(rows: &[Vec<f64>]) -> Vec<f64> {
    (0..rows.len())
        .map(|word| {
            if rows.iter().all(|row| row[word] <= rows[word][word]) {
                1.0
            } else {
                0.0
            }
        })
        .collect()
}

/// `own`: `[emotion][word]`; `random`: `[vector][word]`.
fn score(own: &[Vec<f64>], random: &[Vec<f64>], seed: u64) -> Vec<Figure> {
    /// Sets of random vectors that are put in the emotions' place.
    const SETS: usize = 500;
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let mut order: Vec<usize> = (0..random.len()).collect();
    let sets: Vec<Vec<Vec<f64>>> = (0..SETS)
        .map(|_| {
            order.shuffle(&mut rng);
            order
                .iter()
                .take(own.len())
                .map(|&i| random[i].clone())
                .collect()
        })
        .collect();
    [
        (
            "rows",
            "emotions whose own word rises most of all words",
            own_first as fn(&[Vec<f64>]) -> Vec<f64>,
        ),
        (
            "columns",
            "words that their own emotion raises most of all emotions",
            own_push,
        ),
    ]
    .map(|(id, label, hits)| {
        let null = permutation_null(own.len(), DRAWS, Tail::Greater, seed, |dealt| {
            let rows: Vec<Vec<f64>> = dealt.iter().map(|&i| own[i].clone()).collect();
            mean(&hits(&rows))
        });
        let mut figure = share(
            Name::new(id, label, "share of emotions"),
            &hits(own),
            &null,
            seed,
        );
        let by_chance: Vec<f64> = sets.iter().map(|rows| mean(&hits(rows))).collect();
        figure.null = band(&by_chance);
        if let Some(null) = &mut figure.null {
            null.of = format!("{} random vectors in the emotions' place", random.len());
        }
        figure
    })
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::tests::noise;

    #[test]
    fn a_diagonal_is_found_and_noise_is_not() {
        let mut noise = noise(4);
        let mut rows = |count: usize, effect: f64| -> Vec<Vec<f64>> {
            (0..count)
                .map(|e| {
                    (0..12)
                        .map(|w| noise() + if e == w { effect } else { 0.0 })
                        .collect()
                })
                .collect()
        };
        let random = rows(20, 0.0);
        let found = score(&rows(12, 2.0), &random, 1);
        for figure in &found {
            assert!(figure.estimate > 0.7 && figure.p < 0.001, "{figure:?}");
            assert!(figure.estimate > figure.null.as_ref().unwrap().high);
            assert!((figure.chance - 1.0 / 12.0).abs() < 0.03);
        }
        assert!(score(&rows(12, 0.0), &random, 1)[0].p > 0.05);
    }
}

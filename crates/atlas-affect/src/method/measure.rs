//! How well do options do, on selection topics alone?
//!
//! *Retrieval*: topics are dealt into folds; vectors made without a fold's topics are tried on its stories, of
//! every corpus, in the mix or not. *Stability*: topics are halved at random, both halves make vectors from the
//! start (components and covariance, too), and the cosine of an emotion's two vectors is averaged over emotions.
//! By topics and not by stories, since stories of a topic share persons and places: halves that share topics
//! would agree too well.
//! Mind that a cosine of halves is larger where few directions dominate the vectors, whatever these are: compare
//! options of one space and similar `within` with it, and leave the rest to retrieval.

use std::collections::{BTreeMap, BTreeSet};

use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;
use serde::{Deserialize, Serialize};

use crate::matrix::{dot, unit_rows};
use crate::method::fit::{Basis, Components, Prepared, agree};
use crate::method::place::Plane;
use crate::method::{Material, MethodOptions, Selection, Space};
use crate::retrieval::{Retrieval, Tally};
use crate::{AffectError, EmotionVectors};

/// What a story is compared after taking away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Against {
    /// The mean of the stories on its topic by its writer: what is left is what tells it from its like.
    Group,
    /// The centre of the stories that made the vectors: as a text that stands alone is read.
    Making,
}

/// How options are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialPlan {
    /// Folds that topics are dealt into.
    pub folds: usize,
    /// How stories are centred when they are tried; the same for all options, or they would not sit one test.
    pub against: Against,
    /// Random halvings that stability is averaged over.
    pub halvings: usize,
    /// Seed of the halvings.
    pub seed: u64,
}

impl Default for TrialPlan {
    fn default() -> Self {
        Self {
            folds: 4,
            against: Against::Group,
            halvings: 1,
            seed: 1,
        }
    }
}

/// What options are chosen by. No rating is in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// The options.
    pub options: MethodOptions,
    /// Retrieval of held-out selection topics for each corpus.
    pub retrieval: BTreeMap<String, Retrieval>,
    /// The same for every topic, in order of corpus and topic.
    pub by_topic: Vec<TopicScore>,
    /// Mean over corpora of the share of stories whose emotion is among the first five: every corpus counts alike.
    pub top5: f32,
    /// Mean cosine of an emotion's vectors from two halves of the topics.
    pub stability: f32,
    /// What steering with these vectors does, where it was measured.
    pub steering: Option<Steered>,
    /// Mean over corpora of [`TopicScore::nearness`], where it was measured.
    #[serde(default)]
    pub nearness: Option<f32>,
}

/// What steering does to the texts that a model writes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Steered {
    /// Per emotion: share of the texts written while it was pushed in which it is read among the first five.
    pub read_back: Vec<f32>,
}

impl Steered {
    /// Mean over emotions, 0 to 1.
    #[must_use]
    pub fn mean(&self) -> f32 {
        mean(&self.read_back)
    }
}

/// Retrieval on one topic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TopicScore {
    /// The corpus.
    pub corpus: String,
    /// The topic.
    pub topic: u32,
    /// Share of its stories whose emotion is among the first five, 0 to 1.
    pub top5: f32,
    /// Of the places of its stories on the map: mean share of the other emotions that lie farther than a story's own,
    /// 0 to 1, 0.5 by chance. Only of differences of means, since only those draw a map that texts can be drawn on.
    #[serde(default)]
    pub nearness: Option<f32>,
}

/// A sum and what its mean is taken over.
#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    sum: f64,
    count: f64,
}

impl Mean {
    fn add(&mut self, value: f64) {
        self.sum += value;
        self.count += 1.0;
    }

    fn value(self) -> Option<f32> {
        (self.count > 0.0).then(|| (self.sum / self.count) as f32)
    }
}

/// Measures options on selection topics; the results are in their order.
///
/// Options that differ only in `within` and `space` share most of the work if they stand side by side, as
/// [`jobs`](crate::method::jobs) puts them.
///
/// # Errors
/// As [`make`](crate::method::make) but for emotions without stories, which are no candidates;
/// [`AffectError::Options`] with fewer than two folds; [`AffectError::Empty`] if a fold or half leaves nothing to make
/// vectors from.
pub fn measure(
    selection: &Selection,
    options: &[MethodOptions],
    emotions: usize,
    plan: &TrialPlan,
) -> Result<Vec<Scores>, AffectError> {
    if plan.folds < 2 || plan.halvings == 0 {
        return Err(AffectError::Options(
            "two folds and one halving at least".into(),
        ));
    }
    let material = selection.material();
    let mut out = Vec::new();
    for alike in options.chunk_by(same_basis) {
        out.extend(measure_alike(material, alike, emotions, plan)?);
    }
    Ok(out)
}

/// Whether options differ in `within` and `space` only.
pub(crate) fn same_basis(a: &MethodOptions, b: &MethodOptions) -> bool {
    let bare = |o: &MethodOptions| MethodOptions {
        within: a.within,
        space: a.space,
        ..o.clone()
    };
    bare(a) == bare(b)
}

fn measure_alike(
    material: &Material,
    options: &[MethodOptions],
    emotions: usize,
    plan: &TrialPlan,
) -> Result<Vec<Scores>, AffectError> {
    let Some(first) = options.first() else {
        return Ok(Vec::new());
    };
    options.iter().try_for_each(|o| agree(material, o))?;
    let prepared = Prepared::of(material, first.layer, first.centring)?;
    let neutral = Components::of_neutral(material, first)?;
    let width = prepared.width;
    let topics = topics(&prepared);
    let fold = |corpus: usize, topic: u32| {
        topics[corpus].iter().position(|t| *t == topic).unwrap_or(0) % plan.folds
    };
    // Per option, per corpus and topic.
    let mut tallies = vec![BTreeMap::<(usize, u32), (Tally, Mean)>::new(); options.len()];
    for held_out in 0..plan.folds {
        let basis = Basis::fit(&prepared, &neutral, first, emotions, |c, t| {
            fold(c, t) != held_out
        })?;
        let mut rows = Vec::new();
        let mut tried = Vec::new();
        for (c, corpus) in prepared.corpora.iter().enumerate() {
            let stories = &corpus.stories;
            let centred = match plan.against {
                Against::Group => stories.centred(),
                Against::Making => {
                    let centre = basis.centre.iter().cycle();
                    stories
                        .rows
                        .iter()
                        .zip(centre)
                        .map(|(&v, m)| f64::from(v) - m)
                        .collect()
                }
            };
            for s in (0..stories.len()).filter(|&s| fold(c, stories.topic[s]) == held_out) {
                rows.extend_from_slice(&centred[s * width..][..width]);
                tried.push((c, stories.topic[s], usize::from(stories.emotion[s])));
            }
        }
        let along = basis.along(&rows);
        for (option, tallies) in options.iter().zip(&mut tallies) {
            let factors = basis.factors(option).each;
            let rulers = basis.rulers(&factors);
            let scores = crate::matrix::product(&along, &rulers, width);
            let plane = (option.space == Space::Mean).then(|| Plane::of(&basis.seen(&factors)));
            let stories = along.chunks_exact(width);
            for ((row, story), &(c, topic, own)) in
                scores.chunks_exact(emotions).zip(stories).zip(&tried)
            {
                let (tally, near) = tallies.entry((c, topic)).or_default();
                tally.add_story(row, own, |e| basis.told[e]);
                if let Some(plane) = &plane {
                    let seen: Vec<f64> = story.iter().zip(&factors).map(|(x, f)| x * f).collect();
                    near.add(plane.nearness(&seen, own, |e| basis.told[e]));
                }
            }
        }
    }
    let stable = halved(&prepared, &neutral, options, emotions, plan)?;
    let each = options.iter().zip(tallies).zip(stable);
    each.map(|((option, tallies), stability)| {
        let mut by_topic = Vec::new();
        let mut by_corpus = BTreeMap::<String, Tally>::new();
        let mut near = BTreeMap::<usize, Mean>::new();
        for ((c, topic), (tally, placed)) in tallies {
            let corpus = prepared.corpora[c].name.clone();
            by_corpus.entry(corpus.clone()).or_default().merge(&tally);
            if let Some(nearness) = placed.value() {
                near.entry(c).or_default().add(f64::from(nearness));
            }
            // A topic of which no story has a vector to find says nothing.
            if let Ok(found) = tally.finish() {
                by_topic.push(TopicScore {
                    corpus,
                    topic,
                    top5: found.top5,
                    nearness: placed.value(),
                });
            }
        }
        let retrieval = by_corpus
            .into_iter()
            .map(|(name, tally)| Ok((name, tally.finish()?)))
            .collect::<Result<BTreeMap<_, _>, AffectError>>()?;
        let top5 = retrieval.values().map(|r| r.top5).sum::<f32>() / retrieval.len() as f32;
        Ok(Scores {
            options: option.clone(),
            retrieval,
            by_topic,
            top5,
            stability: mean(&stability),
            steering: None,
            nearness: near
                .values()
                .map(|m| m.value())
                .collect::<Option<Vec<_>>>()
                .filter(|each| !each.is_empty())
                .map(|each| mean(&each)),
        })
    })
    .collect()
}

/// Cosine of each emotion's vectors from two halves of the topics, averaged over `halvings` random halvings;
/// 0 for an emotion that a half does not tell.
///
/// # Errors
/// As [`measure()`].
pub fn stability(
    material: &Material,
    options: &MethodOptions,
    emotions: usize,
    plan: &TrialPlan,
) -> Result<Vec<f32>, AffectError> {
    agree(material, options)?;
    let prepared = Prepared::of(material, options.layer, options.centring)?;
    let neutral = Components::of_neutral(material, options)?;
    let of = halved(
        &prepared,
        &neutral,
        std::slice::from_ref(options),
        emotions,
        plan,
    )?;
    Ok(of.into_iter().next().unwrap_or_default())
}

/// Per option, per emotion.
fn halved(
    prepared: &Prepared,
    neutral: &Components,
    options: &[MethodOptions],
    emotions: usize,
    plan: &TrialPlan,
) -> Result<Vec<Vec<f32>>, AffectError> {
    let mut rng = Pcg64Mcg::seed_from_u64(plan.seed);
    let mut sums = vec![vec![0.0; emotions]; options.len()];
    let Some(first) = options.first() else {
        return Ok(sums);
    };
    for _ in 0..plan.halvings {
        let half = halves(&topics(prepared), &mut rng);
        let of = |which: bool| {
            Basis::fit(prepared, neutral, first, emotions, |c, t| {
                half[c].contains(&t) == which
            })
        };
        let (a, b) = (of(true)?, of(false)?);
        for (option, sums) in options.iter().zip(&mut sums) {
            let vectors = |basis: &Basis| basis.vectors(&basis.factors(option).each, 0.0);
            for (sum, cosine) in sums.iter_mut().zip(cosines(&vectors(&a), &vectors(&b))) {
                *sum += cosine / plan.halvings as f32;
            }
        }
    }
    Ok(sums)
}

/// One half of each corpus's topics; of an odd number the middle one goes to either side.
fn halves(topics: &[Vec<u32>], rng: &mut Pcg64Mcg) -> Vec<BTreeSet<u32>> {
    let each = topics.iter().map(|topics| {
        let mut topics = topics.clone();
        topics.shuffle(rng);
        let half = (topics.len() + usize::from(rng.random::<bool>())) / 2;
        topics[..half].iter().copied().collect()
    });
    each.collect()
}

/// Topics of each corpus, ascending.
fn topics(prepared: &Prepared) -> Vec<Vec<u32>> {
    let each = prepared.corpora.iter().map(|c| {
        let topics: BTreeSet<u32> = c.stories.topic.iter().copied().collect();
        topics.into_iter().collect()
    });
    each.collect()
}

/// Cosine of vector `e` of one set with vector `e` of another.
fn cosines(a: &EmotionVectors, b: &EmotionVectors) -> Vec<f32> {
    let (a, b) = (
        unit_rows(&a.rows, a.width),
        (unit_rows(&b.rows, b.width), b.width),
    );
    let pairs = a.chunks_exact(b.1).zip(b.0.chunks_exact(b.1));
    pairs.map(|(a, b)| dot(a, b) as f32).collect()
}

fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / values.len().max(1) as f32
}

#[cfg(test)]
mod tests;

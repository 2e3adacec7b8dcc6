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
use crate::method::{Material, MethodOptions, Selection};
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
    /// Share of showcase emotions that steering with these vectors raises most, where it was measured.
    pub steering: Option<f32>,
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
    let mut tallies = vec![BTreeMap::<(usize, u32), Tally>::new(); options.len()];
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
            let rulers = basis.rulers(&basis.factors(option).each);
            let scores = crate::matrix::product(&along, &rulers, width);
            for (row, &(c, topic, own)) in scores.chunks_exact(emotions).zip(&tried) {
                tallies
                    .entry((c, topic))
                    .or_default()
                    .add_story(row, own, |e| basis.told[e]);
            }
        }
    }
    let stable = halved(&prepared, &neutral, options, emotions, plan)?;
    let each = options.iter().zip(tallies).zip(stable);
    each.map(|((option, tallies), stability)| {
        let mut by_topic = Vec::new();
        let mut by_corpus = BTreeMap::<String, Tally>::new();
        for ((c, topic), tally) in tallies {
            let corpus = prepared.corpora[c].name.clone();
            by_corpus.entry(corpus.clone()).or_default().merge(&tally);
            // A topic of which no story has a vector to find says nothing.
            if let Ok(found) = tally.finish() {
                by_topic.push(TopicScore {
                    corpus,
                    topic,
                    top5: found.top5,
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
mod tests {
    use super::*;
    use crate::method::samples::material;
    use crate::method::{KeptTopics, Mix, Space, split};
    use crate::{StoryMeans, retrieval};

    fn selection(strength: f32, topics: u32, seed: u64) -> Selection {
        let all = material(12, topics, 16, strength, seed);
        split(&all, &KeptTopics::of([("told", [0])]))
            .expect("sound")
            .0
    }

    fn plain() -> MethodOptions {
        MethodOptions {
            within: 0.0,
            ..MethodOptions::plain("told", 2)
        }
    }

    #[test]
    fn what_is_told_is_found_in_every_corpus_and_is_stable() {
        let options = [
            plain(),
            MethodOptions {
                within: 0.1,
                space: Space::Whitened { shrinkage: 0.5 },
                ..plain()
            },
            MethodOptions {
                mix: Mix::of([("told", 1.0), ("inner", 1.0)]),
                neutral: 0.1,
                ..plain()
            },
        ];
        let selection = selection(6.0, 9, 1);
        for against in [Against::Group, Against::Making] {
            let plan = TrialPlan {
                against,
                ..TrialPlan::default()
            };
            let found = measure(&selection, &options, 12, &plan).expect("sound");
            assert_eq!(found.len(), 3);
            for (scores, options) in found.iter().zip(&options) {
                assert_eq!(&scores.options, options);
                assert_eq!(
                    (
                        scores.retrieval["told"].stories,
                        scores.retrieval["inner"].stories
                    ),
                    (8 * 12, 9 * 12)
                );
                assert!(
                    scores.top5 > 0.98 && scores.retrieval["inner"].top1 > 0.9,
                    "{scores:?}"
                );
                assert!(scores.stability > 0.85, "{}", scores.stability);
                assert_eq!(scores.by_topic.len(), 8 + 9);
            }
        }
    }

    #[test]
    fn noise_is_neither_found_nor_stable() {
        let found = measure(
            &selection(0.0, 40, 2),
            &[plain()],
            12,
            &TrialPlan::default(),
        )
        .expect("sound");
        let told = &found[0].retrieval["told"];
        assert!((told.top1 - told.chance.top1).abs() < 0.05, "{told:?}");
        assert!((told.mean_rank - 6.5).abs() < 0.5, "{told:?}");
        assert!(found[0].stability.abs() < 0.15, "{}", found[0].stability);
    }

    #[test]
    fn as_many_folds_as_topics_give_what_holding_out_each_topic_gives() {
        let all = material(12, 6, 16, 1.0, 3);
        let only = Material {
            corpora: all
                .corpora
                .iter()
                .filter(|(n, _)| *n == "told")
                .map(|(n, c)| (n.clone(), c.clone()))
                .collect(),
            ..all
        };
        let (selection, _) = split(&only, &KeptTopics::of([("told", [0])])).expect("sound");
        let stories: StoryMeans = selection.material().corpora["told"]
            .at(atlas_units::Layer::new(2))
            .expect("there");
        let expected = retrieval::held_out_topics(&stories, 12, 0).expect("sound");
        let plan = TrialPlan {
            folds: 5,
            ..TrialPlan::default()
        };
        let found = measure(&selection, &[plain()], 12, &plan).expect("sound");
        assert_eq!(found[0].retrieval["told"], expected);
        let mean = found[0].by_topic.iter().map(|t| t.top5).sum::<f32>() / 5.0;
        assert!((mean - expected.top5).abs() < 1e-6);
    }

    #[test]
    fn sharing_work_changes_nothing() {
        let options: Vec<MethodOptions> = [0.0, 0.2, 0.5]
            .map(|within| MethodOptions { within, ..plain() })
            .into();
        let (selection, plan) = (selection(2.0, 9, 4), TrialPlan::default());
        let together = measure(&selection, &options, 12, &plan).expect("sound");
        for (option, scores) in options.iter().zip(&together) {
            let alone =
                measure(&selection, std::slice::from_ref(option), 12, &plan).expect("sound");
            assert_eq!(&alone[0], scores);
            let stable = stability(selection.material(), option, 12, &plan).expect("sound");
            assert!((mean(&stable) - scores.stability).abs() < 1e-6);
        }
    }

    #[test]
    fn more_stories_are_more_stable() {
        let of = |topics| {
            let all = material(12, topics, 16, 0.8, 5);
            mean(
                &stability(
                    &all,
                    &plain(),
                    12,
                    &TrialPlan {
                        halvings: 4,
                        ..TrialPlan::default()
                    },
                )
                .expect("sound"),
            )
        };
        assert!(of(40) > of(6) + 0.1);
    }

    #[test]
    fn halves_share_no_topic_and_differ_by_one_at_most() {
        let mut rng = Pcg64Mcg::seed_from_u64(6);
        for _ in 0..20 {
            let half = halves(&[(0..11).collect(), (0..4).collect()], &mut rng);
            assert!((5..=6).contains(&half[0].len()) && half[1].len() == 2);
        }
    }

    #[test]
    fn plans_that_leave_nothing_are_refused() {
        let (selection, plan) = (selection(1.0, 9, 7), TrialPlan::default());
        let of = |plan| measure(&selection, &[plain()], 12, &plan).map(|_| ());
        assert!(matches!(
            of(TrialPlan { folds: 1, ..plan }),
            Err(AffectError::Options(_))
        ));
        let one = material(12, 1, 16, 1.0, 8);
        assert!(matches!(
            stability(&one, &plain(), 12, &plan),
            Err(AffectError::Empty(_))
        ));
    }
}

//! Which activities the model prefers, whether that goes with what it represents on reading of them, and whether
//! pushing an emotion moves it.

use super::{Plan, Scored};
use crate::endings::log_sum;
use crate::figures::{
    DRAWS, LEVEL, Name, band, bar, both_ways, correlation, figure, mean, mean_span, paired,
};
use crate::spec::lines;
use crate::subject::dot;
use crate::watch::Meter;
use crate::{Form, LabError, Pushes, Subject, Watch};
use atlas_affect::stats::pearson;
use atlas_affect::trust::{Tail, permutation_null, span};
use atlas_protocol::{Drawing, Figure};
use atlas_units::{Layer, Strength};
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ops::Range;

/// What is declared.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How a model that knows chat is asked.
    pub chat: Questions,
    /// How one that continues stories is asked.
    pub story: Questions,
    /// Categories that should be liked, and those that should not.
    pub liked: Vec<String>,
    /// See `liked`.
    pub disliked: Vec<String>,
    /// Emotions to push.
    pub emotions: Vec<String>,
    /// How hard, in parts of the safe strength.
    pub strength: f32,
    /// Random vectors.
    pub random: usize,
    /// Others that each activity is set against.
    pub rivals: usize,
    /// A quick run's share.
    pub quick: Quick,
}

/// How much of it a quick run takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quick {
    /// Activities of each category.
    pub activities: usize,
    /// Of these, how many are pushed.
    pub pushed: usize,
    /// Emotions, from the first.
    pub emotions: usize,
    /// Random vectors.
    pub random: usize,
    /// Rivals.
    pub rivals: usize,
}

/// Three ways to ask for a preference.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Questions {
    /// Loving over hating it.
    pub love: Question,
    /// Yes over no.
    pub yes: Question,
    /// The first of two over the second.
    pub pair: Question,
}

/// A question and the answers that count.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// With `{activity}`, or `{a}` and `{b}`.
    pub ask: String,
    /// What the answer begins with.
    #[serde(default)]
    pub begins: String,
    /// Ways in which it goes on in favour.
    pub plus: Vec<String>,
    /// And against.
    pub minus: Vec<String>,
}

#[derive(Clone, Deserialize)]
struct Activity {
    category: String,
    activity: String,
}

/// A question as tokens.
struct Asked {
    ids: Vec<u32>,
    /// Tokens of the activity.
    activity: Range<usize>,
    endings: Vec<Vec<u32>>,
    /// So many of the endings are in favour.
    plus: usize,
}

impl Asked {
    fn new(
        question: &Question,
        subject: &Subject,
        form: Form,
        fill: &[(&str, &str)],
    ) -> Result<Self, LabError> {
        let mut text = question.ask.clone();
        for (place, words) in fill {
            text = text.replace(place, words);
        }
        let words = fill.first().map_or("", |(_, words)| words);
        let from = text.find(words).unwrap_or(0);
        let prompt = subject.prompt(form, &text, &question.begins, from..from + words.len())?;
        let both = question.plus.iter().chain(&question.minus);
        let endings = both.map(|e| subject.tokenizer.encode(e));
        Ok(Self {
            ids: prompt.ids,
            activity: prompt.text,
            endings: endings.collect::<Result<_, _>>()?,
            plus: question.plus.len(),
        })
    }

    /// Log-odds in favour, for each push.
    async fn odds(&self, subject: &Subject<'_>, pushes: &Pushes<'_>) -> Result<Vec<f64>, LabError> {
        let found = subject.endings(&self.ids, pushes, &self.endings).await?;
        let one = |row: &[f64]| log_sum(&row[..self.plus]) - log_sum(&row[self.plus..]);
        Ok(found.chunks(self.endings.len()).map(one).collect())
    }

    fn work(&self, subject: &Subject, pushes: &Pushes) -> u64 {
        let endings = self.endings.iter().map(Vec::len).sum();
        subject.trunk_work(pushes, self.ids.len(), endings)
    }
}

/// Ready to run.
pub struct Ready<'a> {
    settings: &'a Settings,
    plan: Plan,
    activities: Vec<Activity>,
    love: Vec<Asked>,
    yes: Vec<Asked>,
    /// Which two, and the question both ways round.
    pairs: Vec<([usize; 2], [Asked; 2])>,
    none: Pushes<'a>,
    pushes: Pushes<'a>,
    /// Which activities are pushed.
    pushed: Vec<usize>,
    emotions: Vec<(String, usize)>,
    random: usize,
    layer: Layer,
}

impl<'a> Ready<'a> {
    pub(super) fn new(
        settings: &'a Settings,
        texts: &str,
        subject: &Subject<'a>,
        plan: Plan,
    ) -> Result<Self, LabError> {
        let quick = settings.quick;
        let mut taken: BTreeMap<String, usize> = BTreeMap::new();
        let each = plan.pick(quick.activities, usize::MAX);
        let mut activities = lines::<Activity>(texts)?;
        activities.retain(|a| {
            let taken = taken.entry(a.category.clone()).or_default();
            *taken += 1;
            *taken <= each
        });
        if activities.len() < 4 {
            return Err(LabError::TooFew("fewer than four activities".into()));
        }
        let form = subject.best_form();
        let questions = match form {
            Form::Chat => &settings.chat,
            Form::Story => &settings.story,
        };
        let ask = |question: &Question| -> Result<Vec<Asked>, LabError> {
            let one = |a: &Activity| {
                let fill = [("{activity}", a.activity.as_str())];
                Asked::new(question, subject, form, &fill)
            };
            activities.iter().map(one).collect()
        };
        let (love, yes) = (ask(&questions.love)?, ask(&questions.yes)?);
        let rivals = plan.pick(quick.rivals, settings.rivals);
        let pairs = pairs(activities.len(), rivals, plan.seed)
            .into_iter()
            .map(|[i, j]| {
                let (a, b) = (&activities[i].activity, &activities[j].activity);
                let both = [[a, b], [b, a]].map(|[a, b]| {
                    let fill = [("{a}", a.as_str()), ("{b}", b.as_str())];
                    Asked::new(&questions.pair, subject, form, &fill)
                });
                let [there, back] = both;
                Ok(([i, j], [there?, back?]))
            })
            .collect::<Result<_, LabError>>()?;

        let mut pushes = subject.pushes();
        let strength = settings.strength * subject.safe();
        let count = plan.pick(quick.emotions, settings.emotions.len());
        let mut emotions = vec![];
        for name in settings.emotions.iter().take(count) {
            let emotion = subject.emotion(name)?;
            pushes.emotion(emotion, Strength::new(strength));
            emotions.push((name.clone(), emotion));
        }
        let random = plan.pick(quick.random, settings.random);
        let weights = crate::random_weights(subject.vectors.emotions, random, u64::from(plan.seed));
        for weights in &weights {
            pushes.mixture(weights, Strength::new(strength));
        }
        // Spread over all categories.
        let pushed = plan
            .pick(quick.pushed, activities.len())
            .clamp(1, activities.len());
        let pushed = (0..pushed).map(|i| i * activities.len() / pushed).collect();
        Ok(Self {
            settings,
            plan,
            activities,
            love,
            yes,
            pairs,
            none: subject.pushes(),
            pushes,
            pushed,
            emotions,
            random,
            layer: subject.reading(),
        })
    }

    pub(super) fn work(&self, subject: &Subject) -> u64 {
        let plain = self.love.iter().chain(&self.yes);
        let plain = plain.chain(self.pairs.iter().flat_map(|(_, both)| both));
        let asked: u64 = plain.map(|a| a.work(subject, &self.none)).sum();
        let read = self
            .love
            .iter()
            .map(|a| subject.read_work(a.ids.len(), self.layer));
        let pushed = self
            .pushed
            .iter()
            .map(|&i| self.love[i].work(subject, &self.pushes));
        asked + read.sum::<u64>() + pushed.sum::<u64>()
    }

    pub(super) async fn run<W: Watch>(
        &self,
        subject: &Subject<'_>,
        meter: &mut Meter<'_, W>,
    ) -> Result<Scored, LabError> {
        let filters = subject.filters(self.layer);
        let random = subject.random_filters(self.layer, self.settings.random, self.plan.seed);
        let mut scores = Scores {
            liked: self.activities.iter().map(|a| self.sign(a)).collect(),
            ..Scores::default()
        };
        for (asked, activity) in self.love.iter().zip(&self.activities) {
            scores.love.push(asked.odds(subject, &self.none).await?[0]);
            let (stretch, layers) = ([asked.activity.clone()], [self.layer]);
            let means = subject.means(&asked.ids, &stretch, &layers).await?;
            let mean = means.concat().concat();
            let project = |rows: &[Vec<f32>]| rows.iter().map(|r| dot(&mean, r)).collect();
            scores.activation.push(project(&filters));
            scores.random_activation.push(project(&random));
            let read = subject.read_work(asked.ids.len(), self.layer);
            meter.add(asked.work(subject, &self.none) + read).await?;
            if let Some(odds) = scores.love.last() {
                meter.found(
                    &activity.activity,
                    &format!("loving over hating it: {odds:+.2} nats"),
                );
            }
        }
        for &i in &self.pushed {
            let odds = self.love[i].odds(subject, &self.pushes).await?;
            scores
                .shifts
                .push(odds[1..].iter().map(|o| o - odds[0]).collect());
            meter.add(self.love[i].work(subject, &self.pushes)).await?;
        }
        for asked in &self.yes {
            scores.yes.push(asked.odds(subject, &self.none).await?[0]);
            meter.add(asked.work(subject, &self.none)).await?;
        }
        for (which, [there, back]) in &self.pairs {
            let there_odds = there.odds(subject, &self.none).await?[0];
            let back_odds = back.odds(subject, &self.none).await?[0];
            // Whatever is first is liked for being first: that cancels.
            scores.pairs.push((*which, (there_odds - back_odds) / 2.0));
            let work = there.work(subject, &self.none) + back.work(subject, &self.none);
            meter.add(work).await?;
        }
        let names: Vec<&str> = subject
            .card
            .emotions
            .iter()
            .map(|e| e.name.as_str())
            .collect();
        let valence: Vec<f64> = subject
            .card
            .emotions
            .iter()
            .map(|e| f64::from(e.valence))
            .collect();
        let seed = u64::from(self.plan.seed);
        let (figures, drawings) = self.score(&scores, &names, &valence, seed);
        Ok(Scored {
            figures,
            drawings,
            layers: [&[self.layer], self.pushes.layers()].concat(),
            of: format!(
                "{} activities, {} pairs both ways round, {} activities under {} emotions and {} random vectors",
                self.activities.len(),
                self.pairs.len(),
                self.pushed.len(),
                self.emotions.len(),
                self.random
            ),
        })
    }

    fn sign(&self, activity: &Activity) -> f64 {
        if self.settings.liked.contains(&activity.category) {
            1.0
        } else if self.settings.disliked.contains(&activity.category) {
            -1.0
        } else {
            0.0
        }
    }

    fn score(
        &self,
        scores: &Scores,
        names: &[&str],
        valence: &[f64],
        seed: u64,
    ) -> (Vec<Figure>, Vec<Drawing>) {
        let mut figures = vec![];
        let elo = elo(self.activities.len(), &scores.pairs);
        let forms = [
            ("love", "loving over hating it", &scores.love),
            ("yes", "yes over no", &scores.yes),
            ("elo", "chosen of two (Elo)", &elo),
        ];
        for (id, label, preference) in forms {
            figures.push(categories(id, label, &scores.liked, preference, seed));
        }
        for (id, label, other) in &forms[1..] {
            let name = Name::new(
                format!("{id}-love"),
                format!("r: {label}, and loving it"),
                "r",
            );
            figures.push(correlation(name, other, &scores.love, 1.0, &[], seed));
        }
        let (with_emotions, mut bars) = with_preference(
            &scores.activation,
            &scores.random_activation,
            &scores.love,
            names,
            seed,
        );
        figures.extend(with_emotions);
        figures.push(over_all(&scores.activation, &scores.love, valence, seed));

        let pushed = self.emotions.len();
        let column = |at: usize| -> Vec<f64> { scores.shifts.iter().map(|s| s[at]).collect() };
        let random: Vec<f64> = (0..self.random)
            .map(|at| mean(&column(pushed + at)))
            .collect();
        let mut shift_bars = vec![];
        for (at, (emotion, _)) in self.emotions.iter().enumerate() {
            let name = Name::new(format!("push-{emotion}"), emotion.clone(), "nats");
            let found = paired(name, &column(at), &random, seed);
            shift_bars.push(bar(&found));
            figures.push(found);
        }
        let pushed_valence: Vec<f64> = self.emotions.iter().map(|&(_, e)| valence[e]).collect();
        figures.push(in_order(&scores.shifts, &pushed_valence, seed));
        shift_bars.sort_by(|a, b| b.value.total_cmp(&a.value));
        bars.sort_by(|a, b| b.value.total_cmp(&a.value));
        let drawings = vec![
            Drawing::Bars {
                title: "Preference by category (loving over hating it)".into(),
                unit: "nats".into(),
                bars: self.by_category(&scores.love, seed),
                null: None,
            },
            Drawing::Bars {
                title:
                    "Correlation of an emotion's activation with preference: the ends of the list"
                        .into(),
                unit: "r".into(),
                bars: [
                    &bars[..bars.len().min(8)],
                    &bars[bars.len().saturating_sub(8)..],
                ]
                .concat(),
                null: None,
            },
            Drawing::Bars {
                title: "Change of preference when an emotion is pushed".into(),
                unit: "nats".into(),
                bars: shift_bars,
                null: band(&random),
            },
        ];
        (figures, drawings)
    }

    fn by_category(&self, love: &[f64], seed: u64) -> Vec<atlas_protocol::Bar> {
        let mut by: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for (activity, odds) in self.activities.iter().zip(love) {
            by.entry(&activity.category).or_default().push(*odds);
        }
        let bar = |(category, odds): (&str, Vec<f64>)| {
            let found = mean_span(&odds, seed);
            atlas_protocol::Bar {
                label: category.to_owned(),
                value: found.estimate,
                low: found.low,
                high: found.high,
            }
        };
        let mut bars: Vec<_> = by.into_iter().map(bar).collect();
        bars.sort_by(|a, b| b.value.total_cmp(&a.value));
        bars
    }
}

#[derive(Default)]
struct Scores {
    /// 1: should be liked, -1: should not, 0: neither.
    liked: Vec<f64>,
    love: Vec<f64>,
    yes: Vec<f64>,
    pairs: Vec<([usize; 2], f64)>,
    /// `[activity][emotion]`.
    activation: Vec<Vec<f64>>,
    /// `[activity][random]`.
    random_activation: Vec<Vec<f64>>,
    /// `[pushed activity][push]`: emotions, then random vectors.
    shifts: Vec<Vec<f64>>,
}

/// Liked categories against disliked ones, in standard deviations of the preference.
fn categories(id: &str, label: &str, liked: &[f64], preference: &[f64], seed: u64) -> Figure {
    let some: Vec<(f64, f64)> = liked
        .iter()
        .zip(preference)
        .filter(|(l, _)| **l != 0.0)
        .map(|(l, p)| (*l, *p))
        .collect();
    let (liked, preference): (Vec<f64>, Vec<f64>) = some.into_iter().unzip();
    let name = Name::new(
        format!("category-{id}"),
        format!("r: kind of activity, and {label}"),
        "r",
    );
    correlation(name, &liked, &preference, 1.0, &[], seed)
}

/// Every emotion's correlation with preference, as figures and bars.
fn with_preference(
    activation: &[Vec<f64>],
    random: &[Vec<f64>],
    love: &[f64],
    names: &[&str],
    seed: u64,
) -> (Vec<Figure>, Vec<atlas_protocol::Bar>) {
    let column =
        |rows: &[Vec<f64>], at: usize| -> Vec<f64> { rows.iter().map(|r| r[at]).collect() };
    let null: Vec<f64> = (0..random.first().map_or(0, Vec::len))
        .map(|at| pearson(&column(random, at), love))
        .collect();
    let null = both_ways(&null);
    let mut figures = vec![];
    let mut bars = vec![];
    for (at, name) in names.iter().enumerate() {
        let own = column(activation, at);
        let r = pearson(&own, love);
        bars.push(atlas_protocol::Bar {
            label: (*name).to_owned(),
            value: r,
            low: r,
            high: r,
        });
        // Intervals and tests for those that the paper names.
        if ["blissful", "hostile"].contains(name) {
            let label = format!("r: {name} on the activity, and loving it");
            let expect = if *name == "blissful" { 1.0 } else { -1.0 };
            figures.push(correlation(
                Name::new(*name, label, "r"),
                &own,
                love,
                expect,
                &null,
                seed,
            ));
        }
    }
    (figures, bars)
}

/// Do the correlations with preference follow the emotions' valence? Over activities, not over emotions: vectors are
/// far from independent.
fn over_all(activation: &[Vec<f64>], love: &[f64], valence: &[f64], seed: u64) -> Figure {
    let follow = |drawn: &[usize], dealt: &[usize]| {
        let love: Vec<f64> = dealt.iter().map(|&i| love[i]).collect();
        let r: Vec<f64> = (0..valence.len())
            .map(|e| {
                let own: Vec<f64> = drawn.iter().map(|&i| activation[i][e]).collect();
                pearson(&own, &love)
            })
            .collect();
        pearson(&r, valence)
    };
    // Each draw takes one correlation per emotion: a quarter of the draws will do.
    let draws = DRAWS / 4;
    let n = love.len();
    let found = span(n, draws, LEVEL, seed, |drawn| follow(drawn, drawn));
    let all: Vec<usize> = (0..n).collect();
    let test = permutation_null(n, draws, Tail::Greater, seed, |order| follow(&all, order));
    let name = Name::new(
        "valence",
        "r over all emotions: correlation with preference, and valence",
        "r",
    );
    figure(name, found, test.p, "preferences permuted", n, None)
}

/// Do the shifts follow the pushed emotions' valence?
fn in_order(shifts: &[Vec<f64>], valence: &[f64], seed: u64) -> Figure {
    let means = |drawn: &[usize]| -> Vec<f64> {
        (0..valence.len())
            .map(|e| mean(&drawn.iter().map(|&i| shifts[i][e]).collect::<Vec<_>>()))
            .collect()
    };
    let found = span(shifts.len(), DRAWS, LEVEL, seed, |drawn| {
        pearson(&means(drawn), valence)
    });
    let all: Vec<usize> = (0..shifts.len()).collect();
    let means = means(&all);
    let test = permutation_null(valence.len(), DRAWS, Tail::Greater, seed, |order| {
        let dealt: Vec<f64> = order.iter().map(|&i| valence[i]).collect();
        pearson(&means, &dealt)
    });
    let name = Name::new(
        "push",
        "r: what pushing an emotion changes, and its valence",
        "r",
    );
    figure(
        name,
        found,
        test.p,
        "emotions' valence permuted",
        shifts.len(),
        None,
    )
}

/// Each activity against `rivals` others, no pair twice.
fn pairs(n: usize, rivals: usize, seed: u32) -> Vec<[usize; 2]> {
    let mut rng = Pcg64Mcg::seed_from_u64(u64::from(seed));
    let mut order: Vec<usize> = (0..n).collect();
    order.shuffle(&mut rng);
    let mut pairs = vec![];
    // A circle of shuffled places: neighbours at distance 1, 2, ... meet, so that everybody has as many rivals.
    for distance in 1..=rivals.div_ceil(2).min((n - 1) / 2) {
        for at in 0..n {
            let [a, b] = [order[at], order[(at + distance) % n]];
            // Who is named first is a matter of chance.
            pairs.push(if rng.random() { [a, b] } else { [b, a] });
        }
    }
    pairs
}

/// Elo ratings (mean 0) that fit log-odds of the first over the second best: Bradley-Terry with soft outcomes.
fn elo(n: usize, pairs: &[([usize; 2], f64)]) -> Vec<f64> {
    const STEPS: usize = 400;
    let chance = |x: f64| 1.0 / (1.0 + (-x).exp());
    let mut strength = vec![0.0; n];
    for _ in 0..STEPS {
        let mut step = vec![0.0; n];
        for &([a, b], odds) in pairs {
            let off = chance(odds) - chance(strength[a] - strength[b]);
            step[a] += off;
            step[b] -= off;
        }
        strength
            .iter_mut()
            .zip(&step)
            .for_each(|(s, d)| *s += 0.5 * d);
    }
    let middle = mean(&strength);
    strength
        .iter()
        .map(|s| 400.0 / std::f64::consts::LN_10 * (s - middle))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::tests::noise;

    #[test]
    fn elo_puts_the_better_first() {
        // 2 beats 1 beats 0 by one nat each.
        let pairs = [([1, 0], 1.0), ([2, 1], 1.0), ([0, 2], -2.0)];
        let found = elo(3, &pairs);
        assert!((found[2] - found[1] - 400.0 / std::f64::consts::LN_10).abs() < 1.0);
        assert!((found[1] + found[0] + found[2]).abs() < 1e-6);
        assert_eq!(elo(2, &[]), [0.0, 0.0]);
    }

    #[test]
    fn everybody_meets_as_many_rivals() {
        let pairs = pairs(10, 4, 1);
        let mut met = [0; 10];
        let mut seen = std::collections::BTreeSet::new();
        for [a, b] in &pairs {
            assert!(a != b && seen.insert([*a.min(b), *a.max(b)]));
            met[*a] += 1;
            met[*b] += 1;
        }
        assert_eq!(met, [4; 10]);
    }

    #[test]
    fn a_preference_built_into_activations_is_found_and_noise_is_not() {
        let mut noise = noise(5);
        let valence: Vec<f64> = (0..30).map(f64::from).collect();
        let love: Vec<f64> = (0..40).map(|_| noise()).collect();
        let mut rows = |share: f64| -> Vec<Vec<f64>> {
            love.iter()
                .map(|l| {
                    valence
                        .iter()
                        .map(|v| noise() + share * l * (v - 15.0) / 10.0)
                        .collect()
                })
                .collect()
        };
        let (built, none) = (rows(1.0), rows(0.0));
        let found = over_all(&built, &love, &valence, 1);
        assert!(
            found.estimate > 0.8 && found.low > 0.5 && found.p < 0.01,
            "{found:?}"
        );
        let found = over_all(&none, &love, &valence, 1);
        assert!(found.p > 0.05, "{found:?}");
        let names: Vec<String> = (0..30)
            .map(|i| {
                if i == 29 {
                    "blissful".into()
                } else {
                    format!("e{i}")
                }
            })
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let (figures, bars) = with_preference(&built, &none, &love, &names, 1);
        assert_eq!((figures.len(), bars.len()), (1, 30));
        let blissful = &figures[0];
        assert!(blissful.low > 0.0 && blissful.estimate > blissful.null.as_ref().unwrap().high);
    }

    #[test]
    fn shifts_in_the_order_of_valence_are_found() {
        let mut noise = noise(6);
        let valence: Vec<f64> = (0..12).map(f64::from).collect();
        let shifts = |share: f64, noise: &mut dyn FnMut() -> f64| -> Vec<Vec<f64>> {
            (0..16)
                .map(|_| valence.iter().map(|v| share * v / 6.0 + noise()).collect())
                .collect()
        };
        let built = in_order(&shifts(1.0, &mut noise), &valence, 1);
        assert!(built.estimate > 0.8 && built.p < 0.01, "{built:?}");
        assert!(in_order(&shifts(0.0, &mut noise), &valence, 1).p > 0.05);
    }
}

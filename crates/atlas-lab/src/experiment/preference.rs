//! Which activities the model prefers, whether that goes with what it represents on reading of them, and whether
//! pushing an emotion moves it.

mod elo;
mod relate;

use super::{Plan, Scored};
use crate::endings::log_sum;
use crate::figures::{Name, band, bar, correlation, mean, mean_span, paired};
use crate::spec::lines;
use crate::subject::dot;
use crate::watch::Meter;
use crate::{Form, LabError, Pushes, Subject, Watch};
use atlas_protocol::{Drawing, Figure};
use atlas_units::{Layer, Strength};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ops::Range;

use elo::{elo, pairs};
use relate::{categories, in_order, over_all, with_preference};

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

#[cfg(test)]
mod tests;

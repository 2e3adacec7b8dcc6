//! Which of two kinds of endings is likelier (a cut corner or the honest way, a threat or a fair word), with pressure
//! and without, pushed and not.
//!
//! The score of a situation is the mean over wordings of `ln p(bad) / tokens - ln p(good) / tokens`: how much likelier
//! the bad ending is, per token. What pushing an emotion does is the score at the upper end of the safe range less
//! that at the lower end.

use super::free::{self, Free};
use super::{Plan, Scored};
use crate::figures::{Name, band, bar, both_ways, mean, mean_span, paired};
use crate::spec::lines;
use crate::watch::Meter;
use crate::{Form, LabError, Pushes, Subject, Watch};
use atlas_protocol::{Drawing, Figure, LabSize, Series};
use atlas_units::Strength;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// What is declared.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Field of the texts that holds the good endings.
    pub good: String,
    /// Field that holds the bad ones, in the same order.
    pub bad: String,
    /// What a positive score means, in words.
    pub means: String,
    /// Emotions to push, those that matter most first.
    pub emotions: Vec<String>,
    /// Strengths, in parts of the safe one, ascending; the first and the last give the effect.
    pub strengths: Vec<f32>,
    /// Random vectors.
    pub random: usize,
    /// The free form, if there is one.
    #[serde(default)]
    pub free: Option<free::Settings>,
    /// A quick run's share.
    pub quick: Quick,
}

/// How much of it a quick run takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quick {
    /// Situations of one form.
    pub situations: usize,
    /// Emotions, from the first.
    pub emotions: usize,
    /// Random vectors.
    pub random: usize,
}

#[derive(Deserialize)]
struct Row {
    pair: String,
    form: Form,
    title: String,
    context: String,
    context_easy: String,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

impl Row {
    fn endings(&self, field: &str) -> Result<Vec<String>, LabError> {
        let wrong = || {
            let what = format!(
                "{} ({}): no list of texts in `{field}`",
                self.pair,
                self.form.name()
            );
            LabError::Texts { line: 0, what }
        };
        let found = self.rest.get(field).and_then(Value::as_array);
        let texts = found.ok_or_else(wrong)?.iter().map(|v| v.as_str());
        let texts: Option<Vec<String>> = texts.map(|t| t.map(str::to_owned)).collect();
        texts.filter(|t| !t.is_empty()).ok_or_else(wrong)
    }
}

/// A situation as tokens.
pub(super) struct Situation {
    pub title: String,
    pub pressed: Vec<u32>,
    easy: Vec<u32>,
    /// Good, then bad, as many of each.
    pub endings: Vec<Vec<u32>>,
}

/// Numbers of the pushes.
struct Layout {
    emotions: Vec<String>,
    /// In parts of the whole strength.
    strengths: Vec<f32>,
    /// `[emotion][strength]`.
    doses: Vec<Vec<usize>>,
    random: Vec<[usize; 2]>,
}

/// Ready to run.
pub struct Ready<'a> {
    settings: &'a Settings,
    plan: Plan,
    forms: Vec<(Form, Vec<Situation>)>,
    pushes: Pushes<'a>,
    layout: Layout,
    /// Without pressure: nothing, and the first emotions at both ends.
    easy: Pushes<'a>,
    free: Option<Free<'a>>,
}

impl<'a> Ready<'a> {
    pub(super) fn new(
        settings: &'a Settings,
        texts: &str,
        subject: &Subject<'a>,
        plan: Plan,
    ) -> Result<Self, LabError> {
        let quick = plan.size == LabSize::Quick;
        let mut forms: Vec<(Form, Vec<Situation>)> = vec![];
        for form in [Form::Story, Form::Chat] {
            // Every model takes stories, so that quick runs can be compared.
            if subject.takes(form) && (!quick || form == Form::Story) {
                forms.push((form, vec![]));
            }
        }
        for row in lines::<Row>(texts)? {
            let Some((form, list)) = forms.iter_mut().find(|(form, _)| *form == row.form) else {
                continue;
            };
            if quick && list.len() >= settings.quick.situations {
                continue;
            }
            list.push(situation(settings, subject, *form, &row)?);
        }
        if forms.iter().any(|(_, list)| list.len() < 2) {
            return Err(LabError::TooFew("fewer than two situations".into()));
        }
        let (low, high) = ends(&settings.strengths)?;
        let strengths = plan.pick(vec![low, high], settings.strengths.clone());
        let emotions = plan.pick(settings.quick.emotions, settings.emotions.len());
        let emotions: Vec<String> = settings.emotions.iter().take(emotions).cloned().collect();
        let (mut pushes, mut easy) = (subject.pushes(), subject.pushes());
        let safe = subject.safe();
        let mut doses = vec![];
        for (at, name) in emotions.iter().enumerate() {
            let emotion = subject.emotion(name)?;
            let dose = |s: &f32| pushes.emotion(emotion, Strength::new(s * safe));
            doses.push(strengths.iter().map(dose).collect());
            if at < CONTROLLED {
                for end in [low, high] {
                    easy.emotion(emotion, Strength::new(end * safe));
                }
            }
        }
        let random = plan.pick(settings.quick.random, settings.random);
        let random = subject.random_pairs(&mut pushes, random, high * safe, plan.seed);
        let free = settings.free.as_ref();
        let free = free.map(|f| Free::new(f, subject, plan)).transpose()?;
        Ok(Self {
            settings,
            plan,
            forms,
            pushes,
            layout: Layout {
                emotions,
                strengths,
                doses,
                random,
            },
            easy,
            free,
        })
    }

    pub(super) fn work(&self, subject: &Subject) -> u64 {
        let one = |s: &Situation| {
            let ending = s.endings.iter().map(Vec::len).sum();
            subject.trunk_work(&self.pushes, s.pressed.len(), ending)
                + subject.trunk_work(&self.easy, s.easy.len(), ending)
        };
        let all = self.forms.iter().flat_map(|(_, list)| list).map(one);
        let free = self.free.as_ref().map_or(0, |free| {
            let lists = self.forms.iter().map(|(_, list)| list.as_slice());
            lists.map(|list| free.work(subject, list)).sum()
        });
        all.sum::<u64>() + free
    }

    pub(super) async fn run<W: Watch>(
        &self,
        subject: &Subject<'_>,
        meter: &mut Meter<'_, W>,
    ) -> Result<Scored, LabError> {
        let (mut figures, mut drawings) = (vec![], vec![]);
        for (form, list) in &self.forms {
            let mut scores = Scores::default();
            for s in list {
                let ending = s.endings.iter().map(Vec::len).sum();
                for (prompt, pushes, into, pressed) in [
                    (&s.pressed, &self.pushes, &mut scores.pressed, true),
                    (&s.easy, &self.easy, &mut scores.easy, false),
                ] {
                    let tell = |plain: &[f64]| {
                        if pressed {
                            let (means, odds) = (&self.settings.means, score(plain, &s.endings));
                            meter.found(&s.title, &format!("{means}: {odds:+.2} nats per token"));
                        }
                    };
                    let found = subject
                        .endings_early(prompt, pushes, &s.endings, tell)
                        .await?;
                    let each = found.chunks(s.endings.len());
                    into.push(each.map(|row| score(row, &s.endings)).collect());
                    let work = subject.trunk_work(pushes, prompt.len(), ending);
                    meter.add(work).await?;
                }
            }
            let seed = u64::from(self.plan.seed);
            let (found, drawn) = self
                .layout
                .score(&scores, *form, &self.settings.means, seed);
            figures.extend(found);
            drawings.extend(drawn);
            if let Some(free) = &self.free {
                let (found, drawn) = free.run(subject, meter, *form, list).await?;
                figures.extend(found);
                drawings.extend(drawn);
            }
        }
        let each: Vec<String> = self
            .forms
            .iter()
            .map(|(form, list)| format!("{} situations ({})", list.len(), form.name()))
            .collect();
        Ok(Scored {
            figures,
            drawings,
            layers: self.pushes.layers().to_vec(),
            of: format!(
                "{}, {} random vectors",
                each.join(", "),
                self.layout.random.len()
            ),
        })
    }
}

/// So many emotions are pushed without pressure too.
const CONTROLLED: usize = 2;

fn ends(strengths: &[f32]) -> Result<(f32, f32), LabError> {
    match (strengths.first(), strengths.last()) {
        (Some(&low), Some(&high)) if low < high => Ok((low, high)),
        _ => Err(LabError::TooFew(
            "an effect of pushing needs two strengths, the lower first".into(),
        )),
    }
}

fn situation(
    settings: &Settings,
    subject: &Subject,
    form: Form,
    row: &Row,
) -> Result<Situation, LabError> {
    let (good, bad) = (row.endings(&settings.good)?, row.endings(&settings.bad)?);
    if good.len() != bad.len() {
        let what = format!("{}: as many good endings as bad ones are needed", row.pair);
        return Err(LabError::Texts { line: 0, what });
    }
    let prompt = |text: &str| -> Result<Vec<u32>, LabError> {
        Ok(subject.prompt(form, text, "", 0..text.len())?.ids)
    };
    // A story goes on behind a space, an answer begins its line.
    let space = if form == Form::Story { " " } else { "" };
    let ending = |text: &String| subject.tokenizer.encode(&format!("{space}{text}"));
    let endings: Result<Vec<Vec<u32>>, _> = good.iter().chain(&bad).map(ending).collect();
    Ok(Situation {
        title: row.title.clone(),
        pressed: prompt(&row.context)?,
        easy: prompt(&row.context_easy)?,
        endings: endings?,
    })
}

/// How much likelier the bad endings are, in nats per token: good first, then bad, in pairs.
fn score(log_probabilities: &[f64], endings: &[Vec<u32>]) -> f64 {
    let per_token: Vec<f64> = log_probabilities
        .iter()
        .zip(endings)
        .map(|(p, ending)| p / ending.len() as f64)
        .collect();
    let (good, bad) = per_token.split_at(per_token.len() / 2);
    mean(bad) - mean(good)
}

/// Scores of one form, `[situation][push]`.
#[derive(Default)]
struct Scores {
    pressed: Vec<Vec<f64>>,
    easy: Vec<Vec<f64>>,
}

impl Layout {
    fn score(
        &self,
        scores: &Scores,
        form: Form,
        means: &str,
        seed: u64,
    ) -> (Vec<Figure>, Vec<Drawing>) {
        let unit = "nats per token";
        let form = form.name();
        let between = |of: &[Vec<f64>], low: usize, high: usize| -> Vec<f64> {
            of.iter().map(|row| row[high] - row[low]).collect()
        };
        let pressure: Vec<f64> = (scores.pressed.iter().zip(&scores.easy))
            .map(|(pressed, easy)| pressed[0] - easy[0])
            .collect();
        let name = Name::new(
            format!("pressure/{form}"),
            "pressure, nothing pushed",
            "nats per token",
        );
        let mut figures = vec![paired(name, &pressure, &[], seed)];
        let random: Vec<f64> = self
            .random
            .iter()
            .map(|&[low, high]| mean(&between(&scores.pressed, low, high)))
            .collect();
        let random = both_ways(&random);
        let mut bars = vec![];
        for (at, (emotion, doses)) in self.emotions.iter().zip(&self.doses).enumerate() {
            let (Some(&low), Some(&high)) = (doses.first(), doses.last()) else {
                continue;
            };
            let id = format!("{emotion}/{form}");
            let name = Name::new(id, emotion.clone(), unit);
            let effect = paired(name, &between(&scores.pressed, low, high), &random, seed);
            bars.push(bar(&effect));
            figures.push(effect);
            if at < CONTROLLED {
                let (id, label) = (
                    format!("{emotion}-easy/{form}"),
                    format!("{emotion}, without pressure"),
                );
                let effect = between(&scores.easy, 1 + 2 * at, 2 + 2 * at);
                figures.push(paired(Name::new(id, label, unit), &effect, &[], seed));
            }
        }
        let drawings = vec![
            Drawing::Bars {
                title: format!("{means}: from the least to the most of an emotion ({form})"),
                unit: unit.into(),
                bars,
                null: band(&random),
            },
            Drawing::Curves {
                title: format!("{means}, by strength ({form})"),
                x: "strength, in parts of the safe one".into(),
                y: unit.into(),
                series: self.curves(scores, seed),
            },
        ];
        (figures, drawings)
    }

    fn curves(&self, scores: &Scores, seed: u64) -> Vec<Series> {
        let curve = |(emotion, doses): (&String, &Vec<usize>)| {
            let mut points: Vec<[f64; 4]> = self
                .strengths
                .iter()
                .zip(doses)
                .map(|(&strength, &push)| {
                    let shifts: Vec<f64> = (scores.pressed.iter())
                        .map(|row| row[push] - row[0])
                        .collect();
                    let found = mean_span(&shifts, seed);
                    [f64::from(strength), found.estimate, found.low, found.high]
                })
                .collect();
            points.push([0.0; 4]);
            points.sort_by(|a, b| a[0].total_cmp(&b[0]));
            Series {
                label: emotion.clone(),
                points,
            }
        };
        self.emotions.iter().zip(&self.doses).map(curve).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::tests::noise;

    /// Desperate raises the bad ending by `effect` from end to end, calm does nothing.
    fn scores(effect: f64) -> (Layout, Scores) {
        let layout = Layout {
            emotions: vec!["desperate".into(), "calm".into()],
            strengths: vec![-1.0, 1.0],
            doses: vec![vec![1, 2], vec![3, 4]],
            random: (0..20).map(|i| [5 + 2 * i, 6 + 2 * i]).collect(),
        };
        let mut noise = noise(3);
        let mut scores = Scores::default();
        for _ in 0..24 {
            let own = noise();
            let mut row: Vec<f64> = (0..45).map(|_| own + 0.2 * noise()).collect();
            row[1] -= effect / 2.0;
            row[2] += effect / 2.0;
            scores.pressed.push(row);
            scores
                .easy
                .push((0..5).map(|_| own - 0.5 + 0.1 * noise()).collect());
        }
        (layout, scores)
    }

    #[test]
    fn an_effect_built_in_is_found_and_noise_is_not() {
        let (layout, built) = scores(0.6);
        let (figures, drawings) = layout.score(&built, Form::Story, "cutting", 1);
        let of = |id: &str| figures.iter().find(|f| f.id == id).unwrap();
        let desperate = of("desperate/story");
        let null = desperate.null.as_ref().unwrap();
        assert!((desperate.estimate - 0.6).abs() < 0.15 && desperate.low > null.high);
        assert!(desperate.p < 0.005);
        let calm = of("calm/story");
        assert!(calm.p > 0.05 && calm.low < 0.0 && calm.high > 0.0);
        assert!((of("pressure/story").estimate - 0.5).abs() < 0.1);
        assert!(of("desperate-easy/story").p > 0.05);
        let Drawing::Curves { series, .. } = &drawings[1] else {
            panic!()
        };
        assert_eq!(series[0].points.len(), 3);
        assert!(series[0].points[0][1] < 0.0 && series[0].points[2][1] > 0.0);
    }

    #[test]
    fn longer_endings_do_not_lose_for_being_long() {
        let endings = [vec![1; 4], vec![1; 8], vec![1; 8], vec![1; 4]];
        // Half a nat per token for all: no preference.
        assert_eq!(score(&[-2.0, -4.0, -4.0, -2.0], &endings), 0.0);
        assert_eq!(score(&[-4.0, -8.0, -4.0, -2.0], &endings), 0.5);
    }

    #[test]
    fn a_row_without_endings_is_named() {
        let row = r#"{"pair":"p-1","form":"story","title":"t","context":"c","context_easy":"e","good":[]}"#;
        let row: Row = serde_json::from_str(row).unwrap();
        for field in ["good", "bad"] {
            let error = row.endings(field).unwrap_err().to_string();
            assert!(error.contains("p-1") && error.contains(field), "{error}");
        }
    }
}

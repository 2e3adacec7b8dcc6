//! Does a reading follow a number in the text, in the direction that was declared before? Beside it: the same
//! numbers where they do not matter.

use super::{Plan, Scored};
use crate::figures::{DRAWS, LEVEL, Name, band, both_ways, figure, mean, paired};
use crate::spec::lines;
use crate::subject::dot;
use crate::watch::Meter;
use crate::{Form, LabError, Subject, Watch};
use atlas_affect::stats::{pearson, ranks};
use atlas_affect::trust::{sign_test, span};
use atlas_protocol::{Drawing, Figure, LabSize, Series};
use atlas_units::Layer;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ops::Range;

/// What is declared.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What is put behind a text whose own number is the middle one, with `{n}`: a number that does not matter.
    pub control_story: String,
    /// The same for a chat turn.
    pub control_chat: String,
    /// Random directions.
    pub random: usize,
    /// Numbers per template in a quick run: the least, the greatest, and some between.
    pub quick: usize,
}

#[derive(Deserialize)]
struct Row {
    title: String,
    form: Form,
    template: String,
    values: Vec<f64>,
    expect: BTreeMap<String, i8>,
}

struct Text {
    ids: Vec<u32>,
    /// From the number on: what stands before cannot know it.
    tokens: Range<usize>,
}

struct Template {
    title: String,
    values: Vec<f64>,
    /// Name, position, declared direction.
    expect: Vec<(String, usize, f64)>,
    own: Vec<Text>,
    control: Vec<Text>,
}

/// Ready to run.
pub struct Ready {
    plan: Plan,
    templates: Vec<Template>,
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
        let mut templates = vec![];
        for row in lines::<Row>(texts)? {
            if !subject.takes(row.form) {
                continue;
            }
            let keep = if plan.size == LabSize::Quick {
                settings.quick.max(3)
            } else {
                usize::MAX
            };
            let values = spread(&row.values, keep);
            let control = match row.form {
                Form::Story => &settings.control_story,
                Form::Chat => &settings.control_chat,
            };
            let text = |template: &str, n: f64| -> Result<Text, LabError> {
                let at = template.find("{n}").unwrap_or(0);
                let text = template.replace("{n}", &n.to_string());
                let prompt = subject.prompt(row.form, &text, "", at..text.len())?;
                Ok(Text {
                    ids: prompt.ids,
                    tokens: prompt.text,
                })
            };
            let middle = row.values.get(row.values.len() / 2).copied().unwrap_or(0.0);
            let beside = format!(
                "{}{control}",
                row.template.replace("{n}", &middle.to_string())
            );
            let expect = row
                .expect
                .iter()
                .map(|(name, &sign)| Ok((name.clone(), subject.emotion(name)?, f64::from(sign))));
            templates.push(Template {
                title: row.title.clone(),
                own: values
                    .iter()
                    .map(|&n| text(&row.template, n))
                    .collect::<Result<_, _>>()?,
                control: values
                    .iter()
                    .map(|&n| text(&beside, n))
                    .collect::<Result<_, _>>()?,
                values,
                expect: expect.collect::<Result<_, LabError>>()?,
            });
        }
        if templates.len() < 2 {
            return Err(LabError::TooFew("fewer than two templates".into()));
        }
        Ok(Self {
            plan,
            templates,
            random: settings.random,
            layer: subject.reading(),
        })
    }

    pub(super) fn work(&self, subject: &Subject) -> u64 {
        let texts = self
            .templates
            .iter()
            .flat_map(|t| t.own.iter().chain(&t.control));
        texts
            .map(|t| subject.read_work(t.tokens.end, self.layer))
            .sum()
    }

    pub(super) async fn run<W: Watch>(
        &self,
        subject: &Subject<'_>,
        meter: &mut Meter<'_, W>,
    ) -> Result<Scored, LabError> {
        let filters = subject.filters(self.layer);
        let random = subject.random_filters(self.layer, self.random, self.plan.seed);
        let mut scores = vec![];
        for template in &self.templates {
            let mut means = [vec![], vec![]];
            for (texts, means) in [&template.own, &template.control]
                .into_iter()
                .zip(&mut means)
            {
                for text in texts {
                    let (stretch, layers) = ([text.tokens.clone()], [self.layer]);
                    let found = subject.means(&text.ids, &stretch, &layers).await?;
                    means.push(found.concat().concat());
                    meter
                        .add(subject.read_work(text.tokens.end, self.layer))
                        .await?;
                }
            }
            let curve = |means: &[Vec<f64>], row: &[f32]| -> Vec<f64> {
                means.iter().map(|m| dot(m, row)).collect()
            };
            let curves = |means: &[Vec<f64>]| -> Vec<Vec<f64>> {
                let of = template.expect.iter();
                of.map(|(_, emotion, _)| curve(means, &filters[*emotion]))
                    .collect()
            };
            scores.push(Curves {
                signs: template.expect.iter().map(|(.., sign)| *sign).collect(),
                own: curves(&means[0]),
                control: curves(&means[1]),
                random: random.iter().map(|row| curve(&means[0], row)).collect(),
                values: template.values.clone(),
            });
            if let Some(curves) = scores.last() {
                let r = curves.agreement(&curves.own);
                let found = format!("rank correlation, as declared: {r:+.2}");
                meter.found(&template.title, &found);
            }
        }
        let mut drawings = vec![];
        for (template, scores) in self.templates.iter().zip(&scores) {
            let series = template
                .expect
                .iter()
                .zip(&scores.own)
                .map(|((name, _, sign), curve)| {
                    let low = curve.iter().copied().fold(f64::INFINITY, f64::min);
                    let high = curve.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                    let size = (high - low).max(f64::MIN_POSITIVE);
                    let points = template.values.iter().zip(curve).map(|(&n, &y)| {
                        let y = (y - low) / size;
                        [n, y, y, y]
                    });
                    let goes = if *sign > 0.0 { "up" } else { "down" };
                    Series {
                        label: format!("{name} (should go {goes})"),
                        points: points.collect(),
                    }
                });
            drawings.push(Drawing::Curves {
                title: template.title.clone(),
                x: "number in the text".into(),
                y: "reading, from its least to its greatest".into(),
                series: series.collect(),
            });
        }
        Ok(Scored {
            figures: score(&scores, u64::from(self.plan.seed)),
            drawings,
            layers: vec![self.layer],
            of: format!(
                "{} templates, {} texts, {} random directions",
                self.templates.len(),
                self.templates
                    .iter()
                    .map(|t| t.own.len() + t.control.len())
                    .sum::<usize>(),
                self.random
            ),
        })
    }
}

/// Readings of one template, `[emotion][value]`.
struct Curves {
    values: Vec<f64>,
    signs: Vec<f64>,
    own: Vec<Vec<f64>>,
    control: Vec<Vec<f64>>,
    /// `[random][value]`.
    random: Vec<Vec<f64>>,
}

impl Curves {
    /// Rank correlation with the number, positive where it goes as declared, mean over emotions.
    fn agreement(&self, curves: &[Vec<f64>]) -> f64 {
        let each = curves.iter().zip(&self.signs);
        let each: Vec<f64> = each
            .map(|(c, sign)| sign * follow(&self.values, c))
            .collect();
        mean(&each)
    }

    /// The same of random directions: each in the place of every emotion, with its declared direction.
    fn by_chance(&self, at: usize) -> f64 {
        // Other directions for other emotions, so that opposite declarations do not cancel.
        let picked: Vec<Vec<f64>> = (0..self.signs.len())
            .map(|e| self.random[(at + 7 * e) % self.random.len()].clone())
            .collect();
        self.agreement(&picked)
    }
}

fn follow(values: &[f64], curve: &[f64]) -> f64 {
    pearson(&ranks(values), &ranks(curve))
}

fn score(scores: &[Curves], seed: u64) -> Vec<Figure> {
    let own: Vec<f64> = scores.iter().map(|s| s.agreement(&s.own)).collect();
    let control: Vec<f64> = scores.iter().map(|s| s.agreement(&s.control)).collect();
    let random = scores.first().map_or(0, |s| s.random.len());
    let null: Vec<f64> = (0..random)
        .map(|at| mean(&scores.iter().map(|s| s.by_chance(at)).collect::<Vec<_>>()))
        .collect();
    let unit = "rank correlation, as declared";
    let signed = |id: &str, label: &str, values: &[f64]| {
        let found = span(values.len(), DRAWS, LEVEL, seed, |drawn| {
            mean(&drawn.iter().map(|&i| values[i]).collect::<Vec<_>>())
        });
        let agree = values.iter().filter(|v| **v > 0.0).count();
        let p = sign_test(agree, values.len());
        let test = format!("sign test: {agree} of {} templates", values.len());
        figure(
            Name::new(id, label, unit),
            found,
            p,
            &test,
            values.len(),
            None,
        )
    };
    let mut follows = signed("follows", "readings follow the number as declared", &own);
    follows.null = band(&both_ways(&null));
    let apart: Vec<f64> = own.iter().zip(&control).map(|(a, b)| a - b).collect();
    let each: Vec<f64> = scores
        .iter()
        .flat_map(|s| {
            s.own
                .iter()
                .zip(&s.signs)
                .map(|(c, sign)| sign * follow(&s.values, c))
        })
        .collect();
    let right: Vec<f64> = each
        .iter()
        .map(|r| if *r > 0.0 { 1.0 } else { 0.0 })
        .collect();
    let label =
        "share of single curves that go as declared (curves of a template are not independent)";
    let agree = right.iter().filter(|r| **r > 0.0).count();
    let found = crate::figures::mean_span(&right, seed);
    let p = sign_test(agree, right.len());
    let mut curves = figure(
        Name::new("curves", label, "share"),
        found,
        p,
        "sign test",
        right.len(),
        None,
    );
    curves.chance = 0.5;
    vec![
        follows,
        signed(
            "control",
            "the same where the number does not matter",
            &control,
        ),
        paired(
            Name::new(
                "apart",
                "follows where it matters, less where it does not",
                unit,
            ),
            &apart,
            &[],
            seed,
        ),
        curves,
    ]
}

/// At most `keep` of the values: ends and an even choice between.
fn spread(values: &[f64], keep: usize) -> Vec<f64> {
    if values.len() <= keep {
        return values.to_vec();
    }
    (0..keep)
        .map(|i| values[i * (values.len() - 1) / (keep - 1)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::tests::noise;

    fn curves(effect: f64, seed: u64) -> Vec<Curves> {
        let mut noise = noise(seed);
        (0..12)
            .map(|_| {
                let values: Vec<f64> = (0..7).map(|i| f64::from(1 << i)).collect();
                let signs = vec![1.0, 1.0, -1.0];
                let mut any = |effect: f64, sign: f64| -> Vec<f64> {
                    (0..7)
                        .map(|i| noise() + sign * effect * f64::from(i))
                        .collect()
                };
                Curves {
                    own: signs.iter().map(|s| any(effect, *s)).collect(),
                    control: signs.iter().map(|s| any(0.0, *s)).collect(),
                    random: (0..20).map(|_| any(0.0, 1.0)).collect(),
                    values,
                    signs,
                }
            })
            .collect()
    }

    #[test]
    fn curves_that_go_as_declared_are_found_and_noise_is_not() {
        let built = score(&curves(0.5, 2), 1);
        assert!(
            built[0].estimate > 0.6 && built[0].p < 0.001,
            "{:?}",
            built[0]
        );
        assert!(built[0].estimate > built[0].null.as_ref().unwrap().high);
        assert!(built[2].low > 0.2 && built[2].p < 0.01);
        let none = score(&curves(0.0, 3), 1);
        assert!(none[0].p > 0.05 && none[2].p > 0.05, "{none:?}");
        // Declared the other way round, it is no success.
        let wrong = score(&curves(-0.5, 2), 1);
        assert!(wrong[0].p > 0.9 && wrong[0].estimate < 0.0);
    }

    #[test]
    fn a_quick_run_keeps_both_ends() {
        assert_eq!(
            spread(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], 4),
            [1.0, 3.0, 5.0, 7.0]
        );
        assert_eq!(spread(&[1.0, 2.0], 4), [1.0, 2.0]);
    }
}

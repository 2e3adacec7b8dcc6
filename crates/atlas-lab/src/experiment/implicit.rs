//! Do texts that never name an emotion raise its vector? Each text's reading is compared among the emotions, once each
//! emotion's readings are centred and scaled over the texts.

use super::{Plan, Scored};
use crate::figures::{DRAWS, Name, band, mean, share, standardised};
use crate::spec::lines;
use crate::subject::dot;
use crate::watch::Meter;
use crate::{Form, LabError, Subject, Watch};
use atlas_affect::trust::{Null, Tail, permutation_null};
use atlas_protocol::{Drawing, Figure, LabSize};
use atlas_units::Layer;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ops::Range;

/// What is declared.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How often each word stands in stories of each emotion, for the bag of words: a file beside the spec.
    #[serde(default)]
    pub words: Option<String>,
    /// Tokens at the end that are also read alone.
    pub end: usize,
    /// Texts of each emotion in a quick run.
    pub quick: usize,
}

#[derive(Deserialize)]
struct Row {
    emotion: String,
    form: Form,
    text: String,
}

struct Text {
    ids: Vec<u32>,
    tokens: Range<usize>,
    form: Form,
    emotion: usize,
    /// What the bag of words takes it for: a score per emotion.
    bag: Option<Vec<f64>>,
}

/// Ready to run.
pub struct Ready {
    plan: Plan,
    names: Vec<String>,
    /// Positions in the vectors.
    emotions: Vec<usize>,
    texts: Vec<Text>,
    end: usize,
    layer: Layer,
}

impl Ready {
    pub(super) fn new(
        settings: &Settings,
        texts: &str,
        words: Option<&str>,
        subject: &Subject,
        plan: Plan,
    ) -> Result<Self, LabError> {
        let mut names: Vec<String> = vec![];
        let mut taken: Vec<usize> = vec![];
        let mut out = vec![];
        let bag = words.map(Bag::parse).transpose()?;
        for row in lines::<Row>(texts)? {
            if !subject.takes(row.form) {
                continue;
            }
            let emotion = names.iter().position(|n| *n == row.emotion);
            let emotion = emotion.unwrap_or_else(|| {
                names.push(row.emotion.clone());
                taken.push(0);
                names.len() - 1
            });
            taken[emotion] += 1;
            if plan.size == LabSize::Quick && taken[emotion] > settings.quick {
                continue;
            }
            let prompt = subject.prompt(row.form, &row.text, "", 0..row.text.len())?;
            out.push(Text {
                ids: prompt.ids,
                tokens: prompt.text,
                form: row.form,
                emotion,
                bag: bag.as_ref().map(|bag| bag.scores(&row.text)),
            });
        }
        if let Some(bag) = &bag {
            let order: Option<Vec<usize>> = names
                .iter()
                .map(|n| bag.emotions.iter().position(|e| e == n))
                .collect();
            let order = order.ok_or_else(|| {
                LabError::TooFew("the bag of words lacks an emotion of the texts".into())
            })?;
            for text in &mut out {
                let scores = text.bag.take();
                text.bag = scores.map(|s| order.iter().map(|&at| s[at]).collect());
            }
        }
        if names.len() < 2 || out.len() < 2 * names.len() {
            return Err(LabError::TooFew("fewer than two texts per emotion".into()));
        }
        Ok(Self {
            plan,
            emotions: names
                .iter()
                .map(|n| subject.emotion(n))
                .collect::<Result<_, _>>()?,
            names,
            texts: out,
            end: settings.end,
            layer: subject.reading(),
        })
    }

    pub(super) fn work(&self, subject: &Subject) -> u64 {
        let one = |t: &Text| subject.read_work(t.tokens.end, self.layer);
        self.texts.iter().map(one).sum()
    }

    pub(super) async fn run<W: Watch>(
        &self,
        subject: &Subject<'_>,
        meter: &mut Meter<'_, W>,
    ) -> Result<Scored, LabError> {
        let some = |all: &[Vec<f32>]| self.emotions.iter().map(|&e| all[e].clone()).collect();
        let filters: Vec<Vec<f32>> = some(&subject.filters(self.layer));
        let words: Vec<Vec<f32>> = some(&subject.filters(Layer::EMBEDDING));
        let random =
            subject.random_filters(self.layer, self.names.len() * RANDOM_SETS, self.plan.seed);
        let mut scores = Scores {
            own: self.texts.iter().map(|t| t.emotion).collect(),
            form: self.texts.iter().map(|t| t.form).collect(),
            ..Scores::default()
        };
        for text in &self.texts {
            let layers = [Layer::EMBEDDING, self.layer];
            let end = text.tokens.end.saturating_sub(self.end)..text.tokens.end;
            let stretches = [text.tokens.clone(), end];
            let found = subject.means(&text.ids, &stretches, &layers).await?;
            let (means, at_end) = (&found[0], &found[1]);
            let project = |mean: &[f64], rows: &[Vec<f32>]| -> Vec<f64> {
                rows.iter().map(|r| dot(mean, r)).collect()
            };
            scores.words.push(project(&means[0], &words));
            scores.whole.push(project(&means[1], &filters));
            scores.random.push(project(&means[1], &random));
            scores.end.push(project(&at_end[1], &filters));
            scores.bag.extend(text.bag.clone());
            let work = subject.read_work(text.tokens.end, self.layer);
            meter.add(work).await?;
            meter.found(
                &self.names[text.emotion],
                "read; emotions are compared once all texts are",
            );
        }
        let (figures, drawings) = scores.score(&self.names, u64::from(self.plan.seed));
        Ok(Scored {
            figures,
            drawings,
            layers: vec![self.layer],
            of: format!("{} texts, {} emotions", self.texts.len(), self.names.len()),
        })
    }
}

/// Sets of random vectors, as many as there are emotions in each.
const RANDOM_SETS: usize = 20;

/// Scores, `[text][emotion]`.
#[derive(Default)]
struct Scores {
    own: Vec<usize>,
    form: Vec<Form>,
    whole: Vec<Vec<f64>>,
    end: Vec<Vec<f64>>,
    words: Vec<Vec<f64>>,
    /// `[text][set and emotion]`.
    random: Vec<Vec<f64>>,
    /// Empty without a bag of words.
    bag: Vec<Vec<f64>>,
}

impl Scores {
    /// Centred and scaled over the texts of each form: a chat's template would else count as a difference of feeling.
    fn standard(&self, rows: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let mut out = rows.to_vec();
        for form in [Form::Story, Form::Chat] {
            let which: Vec<usize> = (0..rows.len()).filter(|&t| self.form[t] == form).collect();
            let some: Vec<Vec<f64>> = which.iter().map(|&t| rows[t].clone()).collect();
            for (row, at) in standardised(&some).into_iter().zip(which) {
                out[at] = row;
            }
        }
        out
    }

    fn score(&self, names: &[String], seed: u64) -> (Vec<Figure>, Vec<Drawing>) {
        let emotions = names.len();
        let whole = self.standard(&self.whole);
        let random = self.standard(&self.random);
        let sets: Vec<f64> = (0..random.first().map_or(0, Vec::len) / emotions)
            .map(|set| {
                let of = |row: &Vec<f64>| row[set * emotions..(set + 1) * emotions].to_vec();
                let rows: Vec<Vec<f64>> = random.iter().map(of).collect();
                mean(&hits(&rows, &self.own, 1))
            })
            .collect();
        let name = |id: &str, label: &str| Name::new(id, label, "share of texts");
        let mut first = accuracy(
            name("first", "own emotion comes first"),
            &whole,
            &self.own,
            1,
            seed,
        );
        first.null = band(&sets);
        let mut figures = vec![
            first,
            accuracy(
                name("three", "own emotion among the first three"),
                &whole,
                &self.own,
                3,
                seed,
            ),
            accuracy(
                name("end", "own emotion comes first, the text's end read alone"),
                &self.standard(&self.end),
                &self.own,
                1,
                seed,
            ),
        ];
        for form in [Form::Story, Form::Chat] {
            let which: Vec<usize> = (0..whole.len()).filter(|&t| self.form[t] == form).collect();
            if !which.is_empty() {
                let rows: Vec<Vec<f64>> = which.iter().map(|&t| whole[t].clone()).collect();
                let own: Vec<usize> = which.iter().map(|&t| self.own[t]).collect();
                let label = format!("own emotion comes first ({})", form.name());
                let id = format!("only-{}", form.name());
                figures.push(accuracy(name(&id, &label), &rows, &own, 1, seed));
            }
        }
        let layer0 = self.standard(&self.words);
        let base = name(
            "tokens",
            "baseline: the same at layer 0, where a token knows no other",
        );
        figures.push(accuracy(base, &layer0, &self.own, 1, seed));
        let mut best = hits(&layer0, &self.own, 1);
        if self.bag.len() == self.own.len() {
            let base = name("bag", "baseline: bag of words, learnt from the stories");
            let found = accuracy(base, &self.bag, &self.own, 1, seed);
            let bag = hits(&self.bag, &self.own, 1);
            if mean(&bag) > mean(&best) {
                best = bag;
            }
            figures.push(found);
        }
        let more: Vec<f64> = (hits(&whole, &self.own, 1).iter().zip(&best))
            .map(|(a, b)| a - b)
            .collect();
        let label = "own emotion comes first, less the better baseline";
        figures.push(crate::figures::paired(
            name("beyond-words", label),
            &more,
            &[],
            seed,
        ));
        let drawing = Drawing::Matrix {
            title: "Reading of each emotion (across) in texts that imply one (down), in standard deviations".into(),
            unit: "sd".into(),
            rows: names.to_vec(),
            columns: names.to_vec(),
            values: by_emotion(&whole, &self.own, emotions),
        };
        (figures, vec![drawing])
    }
}

/// 1 for each text whose own emotion is among the `top` highest.
fn hits(rows: &[Vec<f64>], own: &[usize], top: usize) -> Vec<f64> {
    rows.iter()
        .zip(own)
        .map(|(row, &own)| {
            let above = row
                .iter()
                .enumerate()
                .filter(|&(e, x)| e != own && *x >= row[own]);
            if above.count() < top { 1.0 } else { 0.0 }
        })
        .collect()
}

fn accuracy(name: Name, rows: &[Vec<f64>], own: &[usize], top: usize, seed: u64) -> Figure {
    let null: Null = permutation_null(own.len(), DRAWS, Tail::Greater, seed, |order| {
        let dealt: Vec<usize> = order.iter().map(|&i| own[i]).collect();
        mean(&hits(rows, &dealt, top))
    });
    share(name, &hits(rows, own, top), &null, seed)
}

/// Mean score by emotion of the text and of the vector, `[text's, vector's]`.
fn by_emotion(rows: &[Vec<f64>], own: &[usize], emotions: usize) -> Vec<f64> {
    let mut sums = vec![0.0; emotions * emotions];
    for (row, &own) in rows.iter().zip(own) {
        for (sum, x) in sums[own * emotions..(own + 1) * emotions]
            .iter_mut()
            .zip(row)
        {
            *sum += x;
        }
    }
    for (e, row) in sums.chunks_mut(emotions).enumerate() {
        let count = own.iter().filter(|&&o| o == e).count().max(1) as f64;
        row.iter_mut().for_each(|x| *x /= count);
    }
    sums
}

/// Naive Bayes on words: how often each stands in stories of each emotion.
struct Bag {
    emotions: Vec<String>,
    /// Log-probability of each word by emotion.
    words: BTreeMap<String, Vec<f64>>,
}

impl Bag {
    /// From a table: a line of emotions, then lines of a word and its counts, separated by tabs.
    fn parse(table: &str) -> Result<Self, LabError> {
        let mut lines = table.lines();
        let head = lines.next().unwrap_or_default();
        let emotions: Vec<String> = head.split('\t').skip(1).map(str::to_owned).collect();
        let mut counts: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for (at, line) in lines.enumerate() {
            let mut fields = line.split('\t');
            let word = fields.next().unwrap_or_default().to_owned();
            let row: Option<Vec<f64>> = fields.map(|f| f.parse().ok()).collect();
            match row {
                Some(row) if row.len() == emotions.len() => counts.insert(word, row),
                _ => {
                    let what = "not a word and a count for each emotion".to_owned();
                    return Err(LabError::Texts { line: at + 2, what });
                }
            };
        }
        let mut totals = vec![0.0; emotions.len()];
        for row in counts.values() {
            totals.iter_mut().zip(row).for_each(|(t, n)| *t += n);
        }
        let known = counts.len() as f64;
        let smooth = |row: Vec<f64>| -> Vec<f64> {
            let each = row.iter().zip(&totals);
            each.map(|(n, total)| ((n + 1.0) / (total + known)).ln())
                .collect()
        };
        let words = counts
            .into_iter()
            .map(|(word, row)| (word, smooth(row)))
            .collect();
        Ok(Self { emotions, words })
    }

    fn scores(&self, text: &str) -> Vec<f64> {
        let mut sums = vec![0.0; self.emotions.len()];
        for word in words_of(text) {
            if let Some(row) = self.words.get(&word) {
                sums.iter_mut().zip(row).for_each(|(s, x)| *s += x);
            }
        }
        sums
    }
}

/// Words of a text, in small letters.
pub fn words_of(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphabetic() && c != '\'')
        .map(|w| w.trim_matches('\'').to_lowercase())
        .filter(|w| !w.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::tests::noise;

    fn scores(effect: f64) -> Scores {
        let mut noise = noise(9);
        let mut rows = |effect: f64| -> Vec<Vec<f64>> {
            (0..48)
                .map(|t| {
                    (0..12)
                        .map(|e| noise() + if e == t % 12 { effect } else { 0.0 })
                        .collect()
                })
                .collect()
        };
        let (whole, end, words) = (rows(effect), rows(effect / 2.0), rows(0.0));
        let random: Vec<Vec<f64>> =
            (0..20)
                .map(|_| rows(0.0))
                .fold(vec![vec![]; 48], |all, set| {
                    all.into_iter()
                        .zip(set)
                        .map(|(a, s)| [a, s].concat())
                        .collect()
                });
        Scores {
            own: (0..48).map(|t| t % 12).collect(),
            form: (0..48)
                .map(|t| if t % 2 == 0 { Form::Story } else { Form::Chat })
                .collect(),
            whole,
            end,
            words,
            random,
            bag: vec![],
        }
    }

    #[test]
    fn implied_emotions_are_found_and_noise_is_not() {
        let names: Vec<String> = (0..12).map(|i| format!("e{i}")).collect();
        let (figures, drawings) = scores(2.0).score(&names, 1);
        let of = |id: &str| figures.iter().find(|f| f.id == id).unwrap();
        let first = of("first");
        assert!(
            first.estimate > 0.6 && first.p < 0.001 && (first.chance - 1.0 / 12.0).abs() < 0.02
        );
        assert!(first.estimate > first.null.as_ref().unwrap().high);
        assert!(of("three").estimate > first.estimate && (of("three").chance - 0.25).abs() < 0.03);
        assert!(of("tokens").p > 0.05 && of("beyond-words").low > 0.0);
        let Drawing::Matrix { values, .. } = &drawings[0] else {
            panic!()
        };
        assert!(
            (0..12).all(|e| (0..12).all(|o| o == e || values[e * 12 + e] > values[e * 12 + o]))
        );
        let (none, _) = scores(0.0).score(&names, 1);
        assert!(none[0].p > 0.05, "{:?}", none[0]);
    }

    #[test]
    fn a_template_is_no_feeling() {
        // All chats lie far off: the emotion still shows.
        let mut built = scores(3.0);
        for (row, form) in built.whole.iter_mut().zip(&built.form) {
            if *form == Form::Chat {
                row.iter_mut()
                    .enumerate()
                    .for_each(|(e, x)| *x += 50.0 * e as f64);
            }
        }
        let names: Vec<String> = (0..12).map(|i| format!("e{i}")).collect();
        assert!(built.score(&names, 1).0[0].estimate > 0.8);
    }

    #[test]
    fn a_bag_of_words_knows_its_words() {
        let bag = Bag::parse("word\tsad\thappy\nrain\t9\t1\nfair\t1\t9\nthe\t50\t50\n").unwrap();
        let best = |text: &str| {
            let scores = bag.scores(text);
            if scores[0] > scores[1] {
                "sad"
            } else {
                "happy"
            }
        };
        assert_eq!(
            (best("The rain fell."), best("They ran to the FAIR.")),
            ("sad", "happy")
        );
        assert!(Bag::parse("word\tsad\nrain\tmuch\n").is_err());
        assert_eq!(
            words_of("Don't 'stop', now.").collect::<Vec<_>>(),
            ["don't", "stop", "now"]
        );
    }
}

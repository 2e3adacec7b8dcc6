//! Which stories make the vectors? The same method on one kind of stories at a time: how well the map agrees with
//! people's ratings, and whether vectors from one kind find the emotion of stories of another.
//!
//! A quick run reads a sample of the stories then and there ([`sample`]). A full one needs the model's means over all of
//! them, which `atlas extract` leaves behind: it is not run in a browser.

mod sample;

use super::{Plan, Scored, Sources};
use crate::figures::{Name, figure, mean_span};
use crate::spec::lines;
use crate::watch::Meter;
use crate::{LabError, Subject, Watch};
use atlas_affect::card::EmotionEntry;
use atlas_affect::method::{Layered, Made, Material, MethodOptions, Mix, make};
use atlas_affect::trust::rating_null;
use atlas_affect::{StoryMeans, geometry, words};
use atlas_protocol::{Drawing, Figure, LabSize};
use atlas_units::Layer;
use serde::Deserialize;

/// What is declared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Kinds of stories, the first of which is expected to do best on the map.
    pub corpora: Vec<String>,
    /// Tokens of each story of the sample that a quick run reads.
    pub quick: usize,
}

/// Ready to run.
pub struct Ready<'a> {
    settings: &'a Settings,
    plan: Plan,
    means: Means<'a>,
    options: MethodOptions,
}

/// Where means come from.
enum Means<'a> {
    /// All stories, run before.
    Kept(&'a Material),
    /// Some stories of some emotions, read now.
    Sample(sample::Sample),
}

/// Stories' means, and whom they are about.
struct Told<'a> {
    material: &'a Material,
    emotions: &'a [EmotionEntry],
    /// Among how many first ones a story's own emotion counts as found.
    first: usize,
}

impl Told<'_> {
    fn chance(&self) -> f64 {
        self.first as f64 / self.emotions.len() as f64
    }

    /// Where an own emotion counts as found, in words.
    fn place(&self) -> String {
        let all = self.emotions.len();
        match self.first {
            1 => format!("first of {all}"),
            n => format!("among the first {n} of {all}"),
        }
    }
}

impl<'a> Ready<'a> {
    pub(super) fn new(
        settings: &'a Settings,
        texts: &str,
        sources: &'a Sources,
        subject: &Subject,
        plan: Plan,
    ) -> Result<Self, LabError> {
        let options = subject.card.method.map.clone();
        let means = match plan.size {
            LabSize::Quick => {
                Means::Sample(sample::Sample::new(lines(texts)?, settings, &options, subject)?)
            }
            LabSize::Full => Means::Kept(sources.stories.as_ref().ok_or_else(|| {
                LabError::TooFew(
                    "all of it needs what the model made of all stories: run `atlas extract`, then `atlas lab stories --full` in a terminal"
                        .into(),
                )
            })?),
        };
        Ok(Self {
            settings,
            plan,
            means,
            options,
        })
    }

    pub(super) fn work(&self, subject: &Subject) -> u64 {
        let n = self.settings.corpora.len();
        match &self.means {
            Means::Kept(_) => (n * n) as u64,
            Means::Sample(sample) => sample.work(subject),
        }
    }

    pub(super) async fn run<W: Watch>(
        &self,
        subject: &Subject<'_>,
        meter: &mut Meter<'_, W>,
    ) -> Result<Scored, LabError> {
        match &self.means {
            Means::Kept(material) => {
                let told = Told {
                    material,
                    emotions: words::emotions(),
                    first: 5,
                };
                let of = format!("stories of {} kinds", self.settings.corpora.len());
                self.score(&told, of, 1, meter).await
            }
            Means::Sample(sample) => {
                let material = sample.read(subject, meter).await?;
                let told = Told {
                    material: &material,
                    emotions: sample.emotions(),
                    first: 1,
                };
                self.score(&told, sample.of(), 0, meter).await
            }
        }
    }

    /// Makes vectors of each kind and compares them; each comparison counts as `work`.
    async fn score<W: Watch>(
        &self,
        told: &Told<'_>,
        of_what: String,
        work: u64,
        meter: &mut Meter<'_, W>,
    ) -> Result<Scored, LabError> {
        let seed = u64::from(self.plan.seed);
        let (mut figures, mut found) = (vec![], vec![]);
        let names = &self.settings.corpora;
        for from in names {
            let options = MethodOptions {
                mix: Mix::of([(from.as_str(), 1.0)]),
                nuisance_mix: None,
                ..self.options.clone()
            };
            let made = make(told.material, &options, told.emotions.len())?;
            let rated = ratings(from, &made, told.emotions, seed)?;
            for figure in &rated {
                meter.found(&figure.label, &format!("{:.2}", figure.estimate));
            }
            figures.extend(rated);
            for of in names {
                let retrieved = retrieved(told, &made, from, of, options.layer)?;
                if from != of {
                    let hits = mean_span(&retrieved, seed);
                    let label = format!(
                        "vectors from {from} stories, texts of {of} ones: own emotion {}",
                        told.place()
                    );
                    let name = Name::new(format!("finds-{from}-{of}"), label, "share of stories");
                    let p = share_p(&retrieved, told.chance());
                    let mut figure = figure(
                        name,
                        hits,
                        p,
                        "bound on the binomial tail",
                        retrieved.len(),
                        None,
                    );
                    figure.chance = told.chance();
                    figures.push(figure);
                }
                found.push(crate::figures::mean(&retrieved));
                meter.add(work).await?;
            }
        }
        let drawing = Drawing::Matrix {
            title: format!(
                "Own emotion {}: vectors from (down), stories of (across). On the diagonal a story's own topic is left out.",
                told.place()
            ),
            unit: "share of stories".into(),
            rows: names.clone(),
            columns: names.clone(),
            values: found,
        };
        Ok(Scored {
            figures,
            drawings: vec![drawing],
            layers: vec![self.options.layer],
            of: of_what,
        })
    }
}

/// First components' correlations with people's ratings.
fn ratings(
    from: &str,
    made: &Made,
    emotions: &[EmotionEntry],
    seed: u64,
) -> Result<Vec<Figure>, LabError> {
    const DRAWS: usize = 1000;
    let place = geometry(&made.patterns, emotions)?.layer;
    let on =
        |axis: usize| -> Vec<f64> { place.coords.iter().map(|c| f64::from(c[axis])).collect() };
    let rated = |of: fn(&EmotionEntry) -> f32| -> Vec<f64> {
        emotions.iter().map(|e| f64::from(of(e))).collect()
    };
    let both = [
        ("valence", on(0), rated(|e| e.valence)),
        ("arousal", on(1), rated(|e| e.arousal)),
    ];
    Ok(both
        .into_iter()
        .map(|(what, x, y)| {
            let test = rating_null(&x, &y, DRAWS, seed);
            let found = atlas_affect::trust::span(x.len(), DRAWS, 0.95, seed, |drawn| {
                let of = |v: &[f64]| -> Vec<f64> { drawn.iter().map(|&i| v[i]).collect() };
                atlas_affect::stats::pearson(&of(&x), &of(&y))
            });
            let axis = if what == "valence" { "first" } else { "second" };
            let label = format!("{from} stories: r of the {axis} axis with rated {what}");
            figure(
                Name::new(format!("{what}-{from}"), label, "r"),
                found,
                test.p,
                "ratings permuted",
                x.len(),
                None,
            )
        })
        .collect())
}

/// 1 for each story of `of` whose own emotion is found.
fn retrieved(
    told: &Told,
    made: &Made,
    from: &str,
    of: &str,
    layer: Layer,
) -> Result<Vec<f64>, LabError> {
    let (material, emotions) = (told.material, told.emotions.len());
    let corpus = material
        .corpora
        .get(of)
        .ok_or_else(|| LabError::TooFew(format!("there are no {of} stories")))?;
    if from != of {
        return hits(made, &corpus.at(layer)?, told);
    }
    // Topic by topic, with vectors that have not seen it.
    let mut topics = corpus.topic.clone();
    topics.sort_unstable();
    topics.dedup();
    // Each fold makes vectors anew: the last three topics will do.
    let mut found = vec![];
    for &topic in topics.iter().rev().take(3) {
        let mut without = Material {
            first_token: material.first_token,
            corpora: [(of.to_owned(), corpus.on_topics(|t| t != topic))].into(),
            neutral: material.neutral.clone(),
        };
        let fold = make(&without, &made.options, emotions)?;
        without.corpora.clear();
        let kept: Layered = corpus.on_topics(|t| t == topic);
        found.extend(hits(&fold, &kept.at(layer)?, told)?);
    }
    Ok(found)
}

fn hits(made: &Made, stories: &StoryMeans, told: &Told) -> Result<Vec<f64>, LabError> {
    let cosines = made.cosines_among(stories)?;
    Ok(cosines
        .chunks(told.emotions.len())
        .zip(&stories.emotion)
        .map(|(row, &own)| {
            let higher = row.iter().filter(|c| **c > row[usize::from(own)]).count();
            if higher < told.first { 1.0 } else { 0.0 }
        })
        .collect())
}

/// One-sided p of so many hits where each has this chance; never below what 2,000 draws could tell.
fn share_p(hits: &[f64], chance: f64) -> f64 {
    let n = hits.len().max(1) as f64;
    let z = (hits.iter().sum::<f64>() - 0.5 - n * chance) / (n * chance * (1.0 - chance)).sqrt();
    // Chernoff's bound on the normal tail is above it, so that nothing is claimed too easily.
    let p = if z > 0.0 { (-z * z / 2.0).exp() } else { 1.0 };
    p.clamp(1.0 / 2001.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_hits_than_chance_are_told() {
        let hits = |share: usize| -> Vec<f64> {
            (0..400)
                .map(|i| if i % 100 < share { 1.0 } else { 0.0 })
                .collect()
        };
        assert!(share_p(&hits(40), 0.03) < 0.001);
        assert!(share_p(&hits(3), 0.03) > 0.5);
    }
}

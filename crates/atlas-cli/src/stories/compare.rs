//! A model's own stories beside the project's: what vectors are they good for?

use super::{Args, Counts, counts_of};
use crate::chosen::Chosen;
use crate::material::{self, Places};
use crate::open::Opened;
use crate::{files, stored};
use anyhow::{Context, Result, ensure};
use atlas_affect::card::EmotionEntry;
use atlas_affect::method::{Layered, Material, MethodOptions, Mix, Neutral, make};
use atlas_affect::{geometry, words};
use atlas_units::Layer;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;

/// The corpus of a model's own stories, in mixes and tables.
pub const OWN: &str = "own";

/// Vectors from one corpus, and what they find.
struct Row {
    name: String,
    stories: usize,
    topics: usize,
    valence: f32,
    arousal: f32,
    /// Share of stories whose emotion is among the first five, by corpus.
    top5: BTreeMap<String, f32>,
}

/// Prints the table, and writes it into the model's folder.
pub fn run(args: &Args, opened: &Opened) -> Result<()> {
    let options = Chosen::of(&args.model, opened.model.config().layers())?.map;
    let places = Places {
        corpus: &args.corpus,
        work: &args.work,
        batch: args.batch.min(16),
    };
    let first = options.first_token;
    let mut told = material::gather(opened, &places, first)?.material;
    let (own, _) = material::stories(opened, &places, first, &args.out, OWN)?;
    let topics = topics(&own).len();
    told.corpora.insert(OWN.to_owned(), own);
    let (told, emotions) = common(at(told, options.layer)?)?;
    let rows = rows(&told, &options, &emotions, topics)?;
    let counts = std::fs::read(counts_of(args)).ok();
    let counts: Option<Counts> = counts.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let page = page(opened, &options, counts.as_ref(), emotions.len(), &rows);
    if args.model.join(stored::CARD).exists() {
        files::write(&args.model.join("STORIES.md"), page.as_bytes())?;
    }
    std::io::stdout().write_all(page.as_bytes())?;
    Ok(())
}

/// One layer alone: all of them together are half a gigabyte.
fn at(told: Material, layer: Layer) -> Result<Material> {
    let corpora = told.corpora.into_iter().map(|(name, stories)| {
        let rows = stories.at(layer)?.rows;
        let layers = vec![layer];
        Ok((
            name,
            Layered {
                layers,
                rows,
                ..stories
            },
        ))
    });
    let neutral = Neutral {
        layers: vec![layer],
        width: told.neutral.width,
        rows: told.neutral.at(layer)?,
    };
    Ok(Material {
        first_token: told.first_token,
        corpora: corpora.collect::<Result<_>>()?,
        neutral,
    })
}

fn topics(stories: &Layered) -> BTreeSet<u32> {
    stories.topic.iter().copied().collect()
}

/// The emotions that the model's own stories tell, and all stories about them, numbered anew.
fn common(mut told: Material) -> Result<(Material, Vec<EmotionEntry>)> {
    let own = told.corpora.get(OWN).context("no own stories")?;
    let there: BTreeSet<u16> = own.emotion.iter().copied().collect();
    ensure!(
        there.len() > 20,
        "the model's own stories tell {} emotions: too few to compare",
        there.len()
    );
    let number: BTreeMap<u16, u16> = there.iter().copied().zip(0..).collect();
    for stories in told.corpora.values_mut() {
        *stories = kept(stories, |s| number.contains_key(&stories.emotion[s]));
        stories.emotion.iter_mut().for_each(|e| *e = number[e]);
    }
    let all = words::emotions();
    let emotions = there.iter().map(|e| all[usize::from(*e)].clone());
    Ok((told, emotions.collect()))
}

/// Some of the stories.
fn kept(stories: &Layered, keep: impl Fn(usize) -> bool) -> Layered {
    let kept: Vec<usize> = (0..stories.len()).filter(|s| keep(*s)).collect();
    let each = stories.layers.len() * stories.width;
    Layered {
        emotion: kept.iter().map(|&s| stories.emotion[s]).collect(),
        topic: kept.iter().map(|&s| stories.topic[s]).collect(),
        writer: kept.iter().map(|&s| stories.writer[s]).collect(),
        layers: stories.layers.clone(),
        width: stories.width,
        rows: kept
            .iter()
            .flat_map(|&s| &stories.rows[s * each..][..each])
            .copied()
            .collect(),
    }
}

/// One row per corpus, on all of its topics that may make vectors, and on as many as the model wrote on.
fn rows(
    told: &Material,
    options: &MethodOptions,
    emotions: &[EmotionEntry],
    count: usize,
) -> Result<Vec<Row>> {
    let kept_out = material::kept_out().0;
    let out = |name: &str| kept_out.get(name).cloned().unwrap_or_default();
    let mut found = vec![];
    for (name, stories) in &told.corpora {
        let making: Vec<u32> = topics(stories).difference(&out(name)).copied().collect();
        let few: Vec<u32> = making.iter().copied().take(count).collect();
        let sets = if name == OWN || few == making {
            vec![making]
        } else {
            vec![making, few]
        };
        for set in sets {
            let makers = kept(stories, |s| set.contains(&stories.topic[s]));
            let told_here = Material {
                corpora: [(name.clone(), makers)].into(),
                ..told.clone()
            };
            let options = MethodOptions {
                mix: Mix::of([(name.as_str(), 1.0)]),
                nuisance_mix: None,
                ..options.clone()
            };
            let made = make(&told_here, &options, emotions.len())?;
            let seen = geometry(&made.patterns, emotions)?.layer;
            let mut top5 = BTreeMap::new();
            for (other, stories) in &told.corpora {
                // Its own stories would find themselves; the corpora have topics kept out, the model's stories none.
                if other == OWN && name == OWN {
                    continue;
                }
                let unseen = kept(stories, |s| {
                    other == OWN || out(other).contains(&stories.topic[s])
                });
                let found = made.found_among(&unseen.at(options.layer)?)?;
                top5.insert(other.clone(), found.top5);
            }
            found.push(Row {
                name: name.clone(),
                stories: made.stories,
                topics: set.len(),
                valence: seen.r_valence[0],
                arousal: seen.r_arousal[1],
                top5,
            });
        }
    }
    Ok(found)
}

fn page(
    opened: &Opened,
    options: &MethodOptions,
    counts: Option<&Counts>,
    emotions: usize,
    rows: &[Row],
) -> String {
    let mut out = format!(
        "# Stories that {} wrote itself\n\nWritten by `atlas stories --compare`. Vectors made of one corpus each, in one way \
         ({options}, but for the corpora), for the {emotions} emotions that the model's own stories tell. *Own* are the stories that it \
         wrote on request; the others are the project's.\n\n",
        opened.id
    );
    if let Some(counts) = counts {
        let _ = write!(
            out,
            "{}\nThe request, for one emotion and topic:\n\n```\n{}\n```\n\n",
            counts.told(),
            counts.request.trim_end()
        );
    }
    out += "| vectors from | topics | stories | PC1~valence | PC2~arousal | told | inner | original | own |\n\
            |---|--:|--:|--:|--:|--:|--:|--:|--:|\n";
    for row in rows {
        let _ = write!(
            out,
            "| {} | {} | {} | {:.2} | {:.2} |",
            row.name,
            row.topics,
            row.stories,
            row.valence.abs(),
            row.arousal.abs()
        );
        for corpus in ["told", "inner", "original", OWN] {
            match row.top5.get(corpus) {
                Some(share) => {
                    let _ = write!(out, " {:.1} % |", share * 100.0);
                }
                None => out += " - |",
            }
        }
        out.push('\n');
    }
    let _ = write!(
        out,
        "\n~: size of Pearson's r with the ratings. The last four columns: stories that made no vector (the corpora's kept-out topics; \
         all of the model's own) whose emotion is among the first five of {emotions}, each minus the mean of its topic and writer; chance \
         {:.1} %. Where a corpus stands twice, the second line has as many topics as the model wrote on.\n",
        500.0 / emotions as f32
    );
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_emotions_that_the_model_told_are_compared() {
        let stories = |emotions: std::ops::Range<u16>| Layered {
            topic: emotions.clone().map(u32::from).collect(),
            writer: emotions.clone().map(|_| 0).collect(),
            rows: emotions.clone().map(f32::from).collect(),
            emotion: emotions.collect(),
            layers: vec![Layer::new(1)],
            width: 1,
        };
        let material = |own| Material {
            first_token: 20,
            corpora: [("told".into(), stories(0..171)), (OWN.into(), stories(own))].into(),
            neutral: Neutral {
                layers: vec![],
                width: 1,
                rows: vec![],
            },
        };
        let (told, emotions) = common(material(10..40)).expect("thirty");
        assert_eq!(emotions.len(), 30);
        assert_eq!(emotions[0].name, words::emotions()[10].name);
        let all = &told.corpora["told"];
        assert_eq!((all.emotion[0], all.topic[0], all.rows[0]), (0, 10, 10.0));
        assert_eq!(all.len(), 30);
        assert!(common(material(0..5)).is_err());
    }
}

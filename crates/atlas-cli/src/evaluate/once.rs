//! Figures of the chosen layer only.

use super::Args;
use super::figures::Measure;
use crate::chosen::Chosen;
use crate::corpus;
use crate::material::{CORPORA, Gathered, Places};
use crate::open::Opened;
use crate::stored;
use anyhow::{Context, Result};
use atlas_affect::geometry::cosines;
use atlas_affect::method::{MethodOptions, Mix, make};
use atlas_affect::report::{FalsePositives, Lens, Once};
use atlas_affect::trust::{self, Correlation, rsa_null};
use atlas_affect::{EmotionVectors, geometry, neighbours, words};
use atlas_lm::Edits;
use atlas_probe::{Reader, SKIPPED, logit_lens};
use std::collections::BTreeMap;
use std::path::Path;

/// Draws of a null of two matrices.
const DRAWS: usize = 1000;
/// Seed of everything drawn.
const SEED: u64 = 1;
/// Words shown of each end of a lens.
const WORDS: usize = 8;

pub fn measure(
    args: &Args,
    opened: &Opened,
    gathered: &BTreeMap<usize, Gathered>,
    chosen: &Chosen,
    measured: &Measure,
) -> Result<Once> {
    let emotions = words::emotions();
    let options = &chosen.map;
    let told = &gathered[&options.first_token].material;
    let of = |options: &MethodOptions| make(told, options, emotions.len());
    let made = of(options)?;
    let found = geometry(&made.patterns, emotions)?;
    let steering = &gathered[&chosen.steering.first_token].material;
    let steering = make(steering, &chosen.steering, emotions.len())?;
    let compare =
        |a: &[f32], b: &[f32]| rsa_null(a, b, emotions.len(), Correlation::Spearman, DRAWS, SEED);
    let alone: Vec<(&str, Vec<f32>)> = CORPORA
        .iter()
        .map(|corpus| {
            let options = MethodOptions {
                mix: Mix::of([(corpus.name, 1.0)]),
                nuisance_mix: None,
                ..options.clone()
            };
            Ok((corpus.name, cosines(&of(&options)?.patterns)))
        })
        .collect::<Result<_>>()?;
    let mut between_corpora = BTreeMap::new();
    for (at, (name, own)) in alone.iter().enumerate() {
        for (other, theirs) in &alone[at + 1..] {
            between_corpora.insert(format!("{name}, {other}"), compare(own, theirs)?);
        }
    }
    let mut between_models = BTreeMap::new();
    if let Some(beside) = &args.beside {
        let (name, vectors) = stored(beside)?;
        between_models.insert(name, compare(&found.cosine, &cosines(&vectors))?);
    }
    Ok(Once {
        layer: options.layer,
        neighbours: neighbours(&found, emotions),
        lens: lens(opened, &steering.patterns)?,
        between_corpora,
        between_models,
        across: measured.across()?,
        areas: measured.areas()?,
    })
}

/// A model's stored vectors at the layer its map starts at.
fn stored(folder: &Path) -> Result<(String, EmotionVectors)> {
    let (card, vectors) = stored::vectors(folder)?;
    let each = vectors.emotions * vectors.width;
    let rows = vectors.emotion[card.layer.index() * each..][..each].to_vec();
    Ok((
        card.model,
        EmotionVectors {
            width: vectors.width,
            rows,
            nuisance_share: 0.0,
        },
    ))
}

fn lens(opened: &Opened, vectors: &EmotionVectors) -> Result<Vec<Lens>> {
    let shown = words::SHOWCASE.iter();
    shown
        .map(|name| {
            let emotion = words::index_of(name).context("not among the emotions")?;
            let logits = pollster::block_on(logit_lens(&opened.model, vectors.row(emotion)))?;
            let mut order: Vec<u32> = (0..u32::try_from(logits.len())?).collect();
            order.sort_by(|a, b| logits[*b as usize].total_cmp(&logits[*a as usize]));
            let words = |ids: &mut dyn Iterator<Item = u32>| -> Result<Vec<String>> {
                ids.take(WORDS)
                    .map(|id| Ok(opened.tokenizer.decode(&[id])?))
                    .collect()
            };
            Ok(Lens {
                emotion: (*name).to_owned(),
                up: words(&mut order.iter().copied())?,
                down: words(&mut order.iter().rev().copied())?,
            })
        })
        .collect()
}

/// Reads the neutral passages with the stored vectors; `None` where none are stored yet.
pub fn false_positives(
    opened: &Opened,
    folder: &Path,
    places: &Places,
) -> Result<Option<FalsePositives>> {
    if !folder.join("vectors.json").exists() {
        return Ok(None);
    }
    let (card, vectors) = stored::vectors(folder)?;
    let reader = Reader::new(&vectors, opened.model.device());
    let mut values = vec![];
    for text in corpus::neutral(&places.corpus.join("neutral.jsonl"))? {
        let tokens = opened.tokenizer.encode(&text)?;
        let (mut cache, edits) = (opened.model.cache(), Edits::none());
        let mut pass = opened.model.begin(&[&tokens], &mut cache, &edits)?;
        while pass.layer() != card.layer && pass.step() {}
        let projected = reader.project(card.layer, pass.residual());
        let reading = pollster::block_on(reader.finish(card.layer, projected))?;
        values.extend_from_slice(&reading.values[SKIPPED * vectors.emotions..]);
    }
    let found = trust::false_positives(&values, &vec![1.0; vectors.emotions])?;
    Ok(Some(FalsePositives {
        layer: card.layer,
        tokens: values.len() / vectors.emotions,
        mean: found.mean,
        most: found.each.iter().copied().fold(0.0, f32::max),
    }))
}

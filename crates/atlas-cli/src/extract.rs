//! `atlas extract`.

use crate::chosen::Chosen;
use crate::material::{self, Places};
use crate::open::{self, Opened};
use crate::parallel::in_parallel;
use crate::stories::OWN;
use crate::{corpus, files, map, means, scale, steering, stored};
use anyhow::{Context, Result, ensure};
use atlas_affect::card::{LayerGeometry, Method, Steering, VectorsCard};
use atlas_affect::method::{Made, MethodOptions, make};
use atlas_affect::{geometry, words};
use atlas_lm::device;
use atlas_probe::{SKIPPED, StoryMean, Vectors};
use atlas_units::Layer;
use std::path::{Path, PathBuf};

/// Every how many texts one enters the sample that sets the reading scale.
const SCALE_SAMPLE: usize = 24;

/// Options of `atlas extract`.
#[derive(clap::Args)]
pub struct Args {
    /// The model: its folder, or a GGUF file.
    #[arg(long)]
    pub model: PathBuf,
    /// Folder of the story files.
    #[arg(long, default_value = "models/corpus")]
    pub corpus: PathBuf,
    /// Stories that the model wrote itself (`atlas stories`): vectors are made of them alone.
    #[arg(long)]
    pub own: Option<PathBuf>,
    /// Layer that the map and the reading start at; the one that was chosen for the map if not given.
    #[arg(long)]
    pub layer: Option<u16>,
    /// Layers that steering pushes at; the one that was chosen for it if not given.
    #[arg(long, value_delimiter = ',')]
    pub steer_layers: Vec<u16>,
    /// Strength up to which text stayed fluent.
    #[arg(long, default_value_t = 0.3)]
    pub safe: f32,
    /// Strength that presets use.
    #[arg(long, default_value_t = 0.25)]
    pub preset: f32,
    /// What the safe strength rests on, in words.
    #[arg(long, default_value = "not measured for this model")]
    pub basis: String,
    /// Stories that run together.
    #[arg(long, default_value_t = 16)]
    pub batch: usize,
    /// Where parts are kept, so that an interrupted run goes on.
    #[arg(long, default_value = "target/atlas")]
    pub work: PathBuf,
    /// Where to write; the model's folder if not given.
    #[arg(long)]
    pub out: Option<PathBuf>,
}

/// Extracts and writes.
pub fn run(args: &Args) -> Result<()> {
    let opened = open::open(&args.model, device::cpu())?;
    let (layers, width) = (opened.model.config().layers(), opened.model.config().width);
    let mut options = Chosen::of(&args.model, layers)?;
    let chosen = args.layer.map_or(options.map.layer, Layer::new);
    ensure!(
        chosen.index() < layers,
        "layer {chosen}: this model has layers 0 to {}",
        layers - 1
    );
    let places = Places {
        corpus: &args.corpus,
        work: &args.work,
        batch: args.batch,
    };
    let mut gathered = material::gather_all(&opened, &places, options.first_tokens())?;
    let mut corpus = material::files_of(&places)?;
    if let Some(own) = &args.own {
        for (&first, gathered) in &mut gathered {
            let (told, _) = material::stories(&opened, &places, first, own, OWN)?;
            every_emotion(&told.emotion, own)?;
            gathered.material.corpora.insert(OWN.to_owned(), told);
        }
        options.make_of(OWN);
        corpus.push(material::file(own)?);
    }
    let neutral = neutral(&opened, &places)?;

    let emotions = words::emotions();
    let every: Vec<u16> = (0..u16::try_from(layers)?).collect();
    let made = in_parallel(&every, |&layer| {
        let options = options.at(Layer::new(layer));
        let make = |options: &MethodOptions| {
            make(
                &gathered[&options.first_token].material,
                options,
                emotions.len(),
            )
        };
        let (map, steering, reading) = (
            make(&options.map)?,
            make(&options.steering)?,
            make(&options.reading)?,
        );
        let found = geometry(&map.patterns, emotions)?;
        Ok((map, steering, reading, found))
    })?;
    let of_map = &gathered[&options.map.first_token];
    let mut vectors = Vectors {
        layers,
        emotions: emotions.len(),
        width,
        emotion: vec![],
        filter: vec![],
        mean: mean_of(&neutral, |m| (&m.mean, m.tokens)),
        norm: of_map.norm.clone(),
        p99: vec![],
        axes: vec![],
        unit: vec![],
    };
    let mut geometries = vec![];
    let mut of_the_map: Vec<f32> = vec![];
    let mut at_chosen: Option<&Made> = None;
    for (layer, (map, steering, reading, found)) in made.iter().enumerate() {
        if layer == chosen.index() {
            at_chosen = Some(map);
        }
        of_the_map.extend(&map.patterns.rows);
        vectors.emotion.extend(&steering.patterns.rows);
        vectors.filter.extend(&reading.filters.rows);
        vectors.axes.extend(found.axes[..2].iter().flatten());
        vectors.unit.push(found.layer.unit);
        geometries.push(rounded(found.layer.clone()));
    }
    let sample = sample(&opened, &places)?;
    let sample: Vec<&[u32]> = sample.iter().map(Vec::as_slice).collect();
    scale::set_p99(&mut vectors, &opened.model, &sample)?;

    let steer_layers: Vec<Layer> = match args.steer_layers.as_slice() {
        [] => vec![options.steering.layer],
        some => some.iter().map(|&l| Layer::new(l)).collect(),
    };
    let at_chosen = at_chosen.context("no vectors at the chosen layer")?;
    let mut card = VectorsCard {
        format: VectorsCard::FORMAT,
        model: opened.id.clone(),
        model_sha256: files::sha256(&opened.weights)?,
        layer: chosen,
        steering: Steering {
            #[expect(clippy::cast_precision_loss, reason = "a handful of layers")]
            scale: 1.0 / steer_layers.len() as f32,
            layers: steer_layers,
            safe: args.safe,
            limit: 2.0 * args.safe,
            preset: args.preset,
            basis: args.basis.clone(),
            ranges: vec![],
        },
        emotions: emotions.to_vec(),
        geometry: geometries,
        method: Method {
            map: at_chosen.options.clone(),
            steering: options.steering.clone(),
            reading: options.reading.clone(),
            nuisance: at_chosen.removed.within,
            nuisance_share: at_chosen.removed.within_share,
            stories: at_chosen.stories,
            tokens: of_map.tokens,
            made_by: concat!("atlas extract ", env!("CARGO_PKG_VERSION")).into(),
        },
        corpus,
    };
    let out = args.out.as_deref().unwrap_or(&args.model);
    files::write(&out.join(stored::VECTORS), &vectors.to_bytes()?)?;
    map::store_vectors(out, &vectors, &of_the_map)?;
    // The same vectors again: what was measured with them still holds.
    if args.steer_layers.is_empty()
        && let Some(outcome) = steering::measured(out)?
    {
        card.steering = outcome.steering;
    }
    files::write(&out.join(stored::CARD), &serde_json::to_vec(&card)?)?;
    Ok(())
}

/// Vectors need a story about each.
fn every_emotion(told: &[u16], path: &Path) -> Result<()> {
    let all = words::emotions().iter().enumerate();
    let missing: Vec<&str> = all
        .filter(|(emotion, _)| told.iter().all(|t| usize::from(*t) != *emotion))
        .map(|(_, e)| e.name.as_str())
        .collect();
    ensure!(
        missing.is_empty(),
        "{} has no story about {}: let the model write on more topics (`atlas stories --topics`) or try again more often (`--again`)",
        path.display(),
        missing.join(", ")
    );
    Ok(())
}

/// Means of passages without feeling, from the first token that is read.
fn neutral(opened: &Opened, places: &Places) -> Result<Vec<StoryMean>> {
    let path = places.corpus.join("neutral.jsonl");
    let texts = corpus::neutral(&path)?
        .iter()
        .map(|text| Ok(opened.tokenizer.encode(text)?))
        .collect::<Result<Vec<_>>>()?;
    let (model, sha256) = (files::sha256(&opened.weights)?, files::sha256(&[&path])?);
    let extractor = means::extractor(&opened.model, SKIPPED);
    let firsts = extractor.first_tokens();
    let folder = means::folder(places.work, &opened.id, &model, &sha256, firsts);
    means::run(
        &extractor,
        SKIPPED,
        &texts,
        places.batch,
        &folder,
        "neutral",
    )
}

/// Texts of every kind, in proportion to their number.
fn sample(opened: &Opened, places: &Places) -> Result<Vec<Vec<u32>>> {
    let mut texts = corpus::neutral(&places.corpus.join("neutral.jsonl"))?;
    for told in material::CORPORA {
        let stories = corpus::stories(&[places.corpus.join(told.file)])?;
        texts.extend(stories.into_iter().map(|s| s.text));
    }
    texts
        .iter()
        .step_by(SCALE_SAMPLE)
        .map(|text| Ok(opened.tokenizer.encode(text)?))
        .collect()
}

/// Mean over texts, each with the weight of its tokens.
fn mean_of(means: &[StoryMean], part: impl Fn(&StoryMean) -> (&Vec<f32>, usize)) -> Vec<f32> {
    let mut sum: Vec<f64> = vec![];
    let mut total = 0.0;
    for mean in means {
        let (values, tokens) = part(mean);
        #[expect(clippy::cast_precision_loss, reason = "counts are small")]
        let weight = tokens as f64;
        total += weight;
        sum.resize(values.len(), 0.0);
        for (s, &v) in sum.iter_mut().zip(values) {
            *s += weight * f64::from(v);
        }
    }
    #[expect(clippy::cast_possible_truncation, reason = "stored as f32")]
    sum.into_iter().map(|s| (s / total) as f32).collect()
}

/// Four digits are more than a screen shows, and keep the file small.
fn rounded(mut geometry: LayerGeometry) -> LayerGeometry {
    let round = |x: &mut f32| *x = (*x * 1e4).round() / 1e4;
    geometry.coords.iter_mut().flatten().for_each(round);
    for list in [
        &mut geometry.share,
        &mut geometry.r_valence,
        &mut geometry.r_arousal,
    ] {
        list.iter_mut().for_each(round);
    }
    geometry
}

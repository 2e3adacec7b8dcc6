//! `atlas extract`.

use crate::{corpus, files, means, open, scale};
use anyhow::{Context, Result, ensure};
use atlas_affect::card::{CorpusFile, Method, Steering, VectorsCard};
use atlas_affect::{EmotionVectors, StoryMeans, geometry, words};
use atlas_lm::device;
use atlas_probe::{Extractor, SKIPPED, StoryMean, Vectors};
use atlas_units::Layer;
use std::path::{Path, PathBuf};

/// Every how many stories one enters the sample that sets the reading scale.
const SCALE_SAMPLE: usize = 12;

/// Options of `atlas extract`.
#[derive(clap::Args)]
pub struct Args {
    /// The model: its folder, or a GGUF file.
    #[arg(long)]
    pub model: PathBuf,
    /// Folder of the story files.
    #[arg(long, default_value = "models/corpus")]
    pub corpus: PathBuf,
    /// Story files that make the vectors.
    #[arg(long, value_delimiter = ',', default_value = "told-stories.jsonl")]
    pub stories: Vec<String>,
    /// Layer that the map and the reading start at; two thirds of the depth if not given.
    #[arg(long)]
    pub layer: Option<u16>,
    /// First token of a story that enters its mean.
    #[arg(long, default_value_t = 20)]
    pub first_token: usize,
    /// Nuisance components to project out.
    #[arg(long, default_value_t = 50)]
    pub nuisance: usize,
    /// Layers that steering pushes at; the chosen layer if not given.
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
    let layers = opened.model.config().layers();
    let chosen = args.layer.map_or(layers * 2 / 3, usize::from);
    ensure!(
        chosen < layers,
        "layer {chosen}: this model has layers 0 to {}",
        layers - 1
    );
    let files: Vec<PathBuf> = args.stories.iter().map(|f| args.corpus.join(f)).collect();
    let stories = corpus::stories(&files)?;
    let neutral_file = args.corpus.join("neutral.jsonl");
    let neutral = corpus::neutral(&neutral_file)?;
    let encode = |text: &str| Ok(opened.tokenizer.encode(text)?);
    let texts: Vec<Vec<u32>> = stories
        .iter()
        .map(|s| encode(&s.text))
        .collect::<Result<_>>()?;
    let passages: Vec<Vec<u32>> = neutral.iter().map(|t| encode(t)).collect::<Result<_>>()?;

    let model_sha256 = files::sha256(&opened.weights)?;
    let story_sha256 = files::sha256(&files)?;
    let folder = |corpus: &str, first: usize| {
        means::folder(&args.work, &opened.id, &model_sha256, corpus, first)
    };
    let extractor = Extractor::new(&opened.model, args.first_token);
    let told_in = folder(&story_sha256, args.first_token);
    let told = means::run(&extractor, &texts, args.batch, &told_in, "stories")?;
    let extractor = Extractor::new(&opened.model, SKIPPED);
    let neutral_sha256 = files::sha256(&[&neutral_file])?;
    let plain_in = folder(&neutral_sha256, SKIPPED);
    let plain = means::run(&extractor, &passages, args.batch, &plain_in, "neutral")?;

    let emotions = words::emotions();
    let width = opened.model.config().width;
    let mut vectors = Vectors {
        layers,
        emotions: emotions.len(),
        width,
        emotion: vec![],
        mean: mean_of(&plain, |m| (&m.mean, m.tokens)),
        norm: mean_of(&told, |m| (&m.norm, m.tokens)),
        p99: vec![],
        axes: vec![],
        unit: vec![],
    };
    let mut geometries = vec![];
    let mut nuisance_share = 0.0;
    for layer in 0..layers {
        let made = EmotionVectors::build(
            &at_layer(&stories, &told, layer, width)?,
            emotions.len(),
            args.nuisance,
        )?;
        let found = geometry(&made, emotions)?;
        if layer == chosen {
            nuisance_share = made.nuisance_share;
        }
        vectors.emotion.extend(&made.rows);
        vectors.axes.extend(found.axes[..2].iter().flatten());
        vectors.unit.push(found.layer.unit);
        geometries.push(rounded(found.layer));
    }
    let sample: Vec<&[u32]> = texts
        .iter()
        .step_by(SCALE_SAMPLE)
        .map(Vec::as_slice)
        .collect();
    scale::set_p99(&mut vectors, &opened.model, &sample)?;

    let chosen = Layer::new(u16::try_from(chosen)?);
    let steer_layers: Vec<Layer> = match args.steer_layers.as_slice() {
        [] => vec![chosen],
        some => some.iter().map(|&l| Layer::new(l)).collect(),
    };
    let listed = |file: &Path, sha256: String| CorpusFile {
        file: file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        sha256,
    };
    let mut corpus = vec![];
    for file in &files {
        corpus.push(listed(file, files::sha256(&[file])?));
    }
    corpus.push(listed(&neutral_file, neutral_sha256));
    let card = VectorsCard {
        format: VectorsCard::FORMAT,
        model: opened.id.clone(),
        model_sha256,
        layer: chosen,
        steering: Steering {
            #[expect(clippy::cast_precision_loss, reason = "a handful of layers")]
            scale: 1.0 / steer_layers.len() as f32,
            layers: steer_layers,
            safe: args.safe,
            limit: 2.0 * args.safe,
            preset: args.preset,
            basis: args.basis.clone(),
        },
        emotions: emotions.to_vec(),
        geometry: geometries,
        method: Method {
            first_token: args.first_token,
            nuisance: args.nuisance,
            nuisance_share,
            centred_by: "topic and writer".into(),
            stories: stories.len(),
            tokens: told.iter().map(|m| m.tokens).sum(),
            made_by: concat!("atlas extract ", env!("CARGO_PKG_VERSION")).into(),
        },
        corpus,
    };
    let out = args.out.as_deref().unwrap_or(&args.model);
    files::write(&out.join("vectors.safetensors"), &vectors.to_bytes()?)?;
    files::write(&out.join("vectors.json"), &serde_json::to_vec(&card)?)?;
    Ok(())
}

/// The means of one layer, as the maths wants them.
pub fn at_layer(
    stories: &[corpus::Story],
    means: &[StoryMean],
    layer: usize,
    width: usize,
) -> Result<StoryMeans> {
    let rows = means
        .iter()
        .flat_map(|m| &m.mean[layer * width..(layer + 1) * width])
        .copied();
    let writers: Vec<u32> = stories.iter().map(|s| s.writer).collect();
    StoryMeans::new(
        stories.iter().map(|s| s.emotion).collect(),
        stories.iter().map(|s| s.topic).collect(),
        &writers,
        width,
        rows.collect(),
    )
    .context("the story means do not fit together")
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
fn rounded(mut geometry: atlas_affect::card::LayerGeometry) -> atlas_affect::card::LayerGeometry {
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

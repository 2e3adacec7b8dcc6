//! The project's corpora as a model sees them.

use crate::open::Opened;
use crate::{corpus, files, means};
use anyhow::Result;
use atlas_affect::card::CorpusFile;
use atlas_affect::method::{KeptTopics, Layered, Material, Neutral};
use atlas_lm::LlamaConfig;
use atlas_probe::StoryMean;
use atlas_units::Layer;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::Path;

/// A corpus of stories.
pub struct Corpus {
    /// Its name in mixes and tables.
    pub name: &'static str,
    /// Its file.
    pub file: &'static str,
    /// Topics that choose nothing: figures are reported on them.
    pub kept_out: &'static [u32],
}

/// All of them. About a quarter of each corpus's topics, the last by number, is kept out.
pub const CORPORA: [Corpus; 3] = [
    Corpus {
        name: "told",
        file: "told-stories.jsonl",
        kept_out: &[39, 40, 41],
    },
    Corpus {
        name: "inner",
        file: "inner-stories.jsonl",
        kept_out: &[26, 27],
    },
    Corpus {
        name: "original",
        file: "original-stories.jsonl",
        kept_out: &[13, 14, 15, 16],
    },
];

/// The topics kept out of selection.
pub fn kept_out() -> KeptTopics {
    let each = CORPORA.iter().map(|c| {
        let topics = c.kept_out.iter().copied().collect();
        (c.name.to_owned(), topics)
    });
    KeptTopics(each.collect())
}

/// Where stories lie and what is kept of them.
pub struct Places<'a> {
    /// Folder of the story files.
    pub corpus: &'a Path,
    /// Folder of what has been computed.
    pub work: &'a Path,
    /// Stories that run together.
    pub batch: usize,
}

/// What a model made of all corpora.
pub struct Gathered {
    /// Means at every layer.
    pub material: Material,
    /// Mean residual norm of each layer over stories, first token left out.
    pub norm: Vec<f32>,
    /// Tokens that entered the means of stories.
    pub tokens: usize,
}

/// Means of all corpora from each first token on.
pub fn gather_all(
    opened: &Opened,
    places: &Places,
    first_tokens: impl IntoIterator<Item = usize>,
) -> Result<BTreeMap<usize, Gathered>> {
    let mut gathered = BTreeMap::new();
    for first in first_tokens {
        if let Entry::Vacant(slot) = gathered.entry(first) {
            slot.insert(gather(opened, places, first)?);
        }
    }
    Ok(gathered)
}

/// Means of all corpora from `first_token` on.
pub fn gather(opened: &Opened, places: &Places, first_token: usize) -> Result<Gathered> {
    let config = opened.model.config();
    let width = config.width;
    let layers = layers_of(config)?;
    let mut norm = vec![0.0; layers.len()];
    let (mut count, mut tokens) = (0, 0);
    let mut corpora = vec![];
    for Corpus { name, file, .. } in CORPORA {
        let path = places.corpus.join(file);
        let (layered, means) = stories(opened, places, first_token, &path, name)?;
        for mean in &means {
            count += 1;
            tokens += mean.tokens;
            for (sum, norm) in norm.iter_mut().zip(&mean.norm) {
                *sum += norm;
            }
        }
        corpora.push((name.to_owned(), layered));
    }
    let path = places.corpus.join("neutral.jsonl");
    let passages = corpus::neutral(&path)?;
    let texts = passages.iter().map(String::as_str).collect();
    let neutral = Neutral {
        rows: rows(&run(opened, places, first_token, &path, texts, "neutral")?),
        layers,
        width,
    };
    #[expect(clippy::cast_precision_loss, reason = "a few thousand stories")]
    norm.iter_mut().for_each(|sum| *sum /= count as f32);
    let material = Material {
        first_token,
        corpora: corpora.into_iter().collect(),
        neutral,
    };
    Ok(Gathered {
        material,
        norm,
        tokens,
    })
}

/// Means of one file's stories, at every layer.
pub fn stories(
    opened: &Opened,
    places: &Places,
    first_token: usize,
    path: &Path,
    name: &str,
) -> Result<(Layered, Vec<StoryMean>)> {
    let config = opened.model.config();
    let stories = corpus::stories(&[path])?;
    let texts = stories.iter().map(|s| s.text.as_str()).collect();
    let means = run(opened, places, first_token, path, texts, name)?;
    let layered = Layered {
        emotion: stories.iter().map(|s| s.emotion).collect(),
        topic: stories.iter().map(|s| s.topic).collect(),
        writer: stories.iter().map(|s| s.writer).collect(),
        layers: layers_of(config)?,
        width: config.width,
        rows: rows(&means),
    };
    Ok((layered, means))
}

fn layers_of(config: &LlamaConfig) -> Result<Vec<Layer>> {
    (0..config.layers())
        .map(|layer| Ok(Layer::new(u16::try_from(layer)?)))
        .collect()
}

fn rows(means: &[StoryMean]) -> Vec<f32> {
    means.iter().flat_map(|m| m.mean.iter().copied()).collect()
}

/// Means of the texts of a file.
fn run(
    opened: &Opened,
    places: &Places,
    first_token: usize,
    path: &Path,
    texts: Vec<&str>,
    what: &str,
) -> Result<Vec<StoryMean>> {
    let texts = texts
        .into_iter()
        .map(|text| Ok(opened.tokenizer.encode(text)?))
        .collect::<Result<Vec<_>>>()?;
    let extractor = means::extractor(&opened.model, first_token);
    let (model, sha256) = (files::sha256(&opened.weights)?, files::sha256(&[path])?);
    let firsts = extractor.first_tokens();
    let folder = means::folder(places.work, &opened.id, &model, &sha256, firsts);
    means::run(&extractor, first_token, &texts, places.batch, &folder, what)
}

/// Every corpus and the neutral passages: files and hashes.
pub fn files_of(places: &Places) -> Result<Vec<CorpusFile>> {
    let names = CORPORA.iter().map(|c| c.file).chain(["neutral.jsonl"]);
    names.map(|name| file(&places.corpus.join(name))).collect()
}

/// A story file and its hash.
pub fn file(path: &Path) -> Result<CorpusFile> {
    let name = path.file_name().unwrap_or(path.as_os_str());
    Ok(CorpusFile {
        file: name.to_string_lossy().into_owned(),
        sha256: files::sha256(&[path])?,
    })
}

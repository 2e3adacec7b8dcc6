//! The files the page is drawn from: the list of models, a model's vectors card and its stored outputs.

use atlas_affect::card::VectorsCard;
use atlas_affect::map::MapFile;
use atlas_affect::report::Report;
use atlas_protocol::{CACHE_NAME, Catalogue, Examples, LabFile, ModelManifest, cache_key};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Cache, Response, Url};

use crate::text::{fill, t};

/// A file that did not arrive or cannot be read, in words for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    /// It did not arrive.
    #[error("{}", fill("missing.fetch", &[("file", file), ("reason", reason)]))]
    Fetch {
        /// Its path.
        file: String,
        /// What the browser or the server said.
        reason: String,
    },
    /// It is not what it should be.
    #[error("{}", fill("missing.read", &[("file", file), ("reason", reason)]))]
    Read {
        /// Its path.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// What a file of any layout says of itself.
#[derive(serde::Deserialize)]
struct Layout {
    format: Option<u64>,
}

/// `models/index.json`.
///
/// # Errors
/// [`Missing`], also when it lists no model.
pub async fn catalogue() -> Result<Catalogue, Missing> {
    let file = "models/index.json";
    let catalogue: Catalogue = parse(file, &content(file).await?)?;
    if catalogue.models.is_empty() {
        return Err(Missing::Read {
            file: file.to_owned(),
            reason: t("missing.no-model").to_owned(),
        });
    }
    Ok(catalogue)
}

/// A model's `vectors.json`.
///
/// # Errors
/// [`Missing`], also for another layout or one that does not hold together.
pub async fn card(model: &str) -> Result<VectorsCard, Missing> {
    let file = format!("models/{model}/vectors.json");
    let json = content(&file).await?;
    let broken = |reason: String| Missing::Read {
        file: file.clone(),
        reason,
    };
    let read = parse::<VectorsCard>(&file, &json);
    // A file of another layout is called that, whatever else is wrong with it.
    if !read.as_ref().is_ok_and(|c| c.format == VectorsCard::FORMAT) {
        let found = parse::<Layout>(&file, &json)?.format;
        if found != Some(u64::from(VectorsCard::FORMAT)) {
            return Err(broken(fill(
                "missing.layout",
                &[
                    ("found", &format!("{found:?}")),
                    ("wanted", &VectorsCard::FORMAT),
                ],
            )));
        }
    }
    let card = read?;
    let n = card.emotions.len();
    let whole = n > 0
        && card.layer.index() < card.geometry.len()
        && card.geometry.iter().all(|g| {
            g.coords.len() == n
                && g.near.len() == n
                && g.near.iter().flatten().all(|e| usize::from(*e) < n)
        });
    if whole {
        Ok(card)
    } else {
        Err(broken(t("missing.lists").to_owned()))
    }
}

/// A model's stored outputs; none if it has none that fit its card.
pub async fn examples(model: &str) -> Option<Examples> {
    let file = format!("models/{model}/examples.json");
    let json = content(&file).await.ok()?;
    parse::<Examples>(&file, &json)
        .map_err(|e| leptos::logging::warn!("{e}"))
        .ok()
}

/// A model's `map.json`: what its map shows beyond principal components.
///
/// # Errors
/// [`Missing`], also for another layout or vectors other than the card's.
pub async fn map(model: &str, card: &VectorsCard) -> Result<MapFile, Missing> {
    let file = format!("models/{model}/map.json");
    let map: MapFile = parse(&file, &content(&file).await?)?;
    if map.fits(card) {
        Ok(map)
    } else {
        Err(Missing::Read {
            file,
            reason: t("missing.vectors").to_owned(),
        })
    }
}

/// How far a model's vectors can be trusted: its `evaluation.json`, if it has one that this page can read.
pub async fn report(model: &str) -> Option<Report> {
    let file = format!("models/{model}/evaluation.json");
    let json = content(&file).await.ok()?;
    parse::<Report>(&file, &json)
        .map_err(|e| leptos::logging::warn!("{e}"))
        .ok()
}

/// The texts of a language.
///
/// # Errors
/// [`Missing`].
pub async fn texts(language: &str) -> Result<crate::text::Texts, Missing> {
    let file = format!("text/{language}.json");
    parse(&file, &content(&file).await?)
}

/// What the lab's experiments found on a model: its `lab.json`, if it has one that this page can read.
pub async fn lab(model: &str) -> Option<LabFile> {
    let file = format!("models/{model}/lab.json");
    let json = content(&file).await.ok()?;
    parse::<LabFile>(&file, &json)
        .map_err(|e| leptos::logging::warn!("{e}"))
        .ok()
        .filter(|lab| lab.format == LabFile::FORMAT)
}

/// Whether every file of a model lies in the browser's cache.
pub async fn cached(model: &str) -> bool {
    kept(model).await.is_some_and(|(here, all)| here == all)
}

/// Bytes of a model that lie in the browser's cache, and bytes of all its files; none where there is no cache or no
/// such model.
pub async fn kept(model: &str) -> Option<(u64, u64)> {
    if !crate::engine::has("caches") {
        return None;
    }
    let file = format!("models/{model}/model.json");
    let manifest: ModelManifest = parse(&file, &content(&file).await.ok()?).ok()?;
    let cache: Cache = JsFuture::from(window().caches().ok()?.open(CACHE_NAME))
        .await
        .ok()?
        .dyn_into()
        .ok()?;
    let files = [&manifest.tokenizer, &manifest.vectors]
        .into_iter()
        .chain(&manifest.config)
        .chain(&manifest.weights);
    let (mut here, mut all) = (0, 0);
    for entry in files {
        let url = absolute(&format!("models/{model}/{}", entry.file))?;
        let found = JsFuture::from(cache.match_with_str(&cache_key(&url, &entry.sha256)))
            .await
            .ok()?;
        all += entry.bytes;
        if !found.is_undefined() {
            here += entry.bytes;
        }
    }
    Some((here, all))
}

/// Address of a path of this site.
pub fn absolute(path: &str) -> Option<String> {
    let base = document().base_uri().ok()??;
    Some(Url::new_with_base(path, &base).ok()?.href())
}

fn parse<T: serde::de::DeserializeOwned>(file: &str, json: &str) -> Result<T, Missing> {
    serde_json::from_str(json).map_err(|e| Missing::Read {
        file: file.to_owned(),
        reason: e.to_string(),
    })
}

/// The content of a file; as bytes it comes out of the browser faster than as a text.
async fn content(file: &str) -> Result<String, Missing> {
    let lost = |reason: String| Missing::Fetch {
        file: file.to_owned(),
        reason,
    };
    let response = JsFuture::from(window().fetch_with_str(file))
        .await
        .map_err(|_| lost(t("missing.no-answer").to_owned()))?;
    let response: Response = response
        .dyn_into()
        .map_err(|_| lost(t("missing.no-answer").to_owned()))?;
    if !response.ok() {
        return Err(lost(fill(
            "missing.status",
            &[("status", &response.status())],
        )));
    }
    let body = response
        .array_buffer()
        .map_err(|_| lost(t("missing.no-content").to_owned()))?;
    JsFuture::from(body)
        .await
        .ok()
        .and_then(|buffer| String::from_utf8(js_sys::Uint8Array::new(&buffer).to_vec()).ok())
        .ok_or_else(|| lost(t("missing.broke-off").to_owned()))
}

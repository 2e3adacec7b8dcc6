//! The files the page is drawn from: the list of models, a model's vectors card and its stored outputs.

use atlas_affect::card::VectorsCard;
use atlas_protocol::{CACHE_NAME, Catalogue, Examples, ModelManifest, cache_key};
use leptos::prelude::*;
use serde_json::Value;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Cache, Response, Url};

/// A file that did not arrive or cannot be read, in words for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    /// It did not arrive.
    #[error("“{file}” could not be fetched ({reason}). Check the connection and reload the page.")]
    Fetch {
        /// Its path.
        file: String,
        /// What the browser or the server said.
        reason: String,
    },
    /// It is not what it should be.
    #[error("“{file}” cannot be read ({reason}). The site's copy is broken or of another version.")]
    Read {
        /// Its path.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// `models/index.json`.
///
/// # Errors
/// [`Missing`], also when it lists no model.
pub async fn catalogue() -> Result<Catalogue, Missing> {
    let file = "models/index.json";
    let catalogue: Catalogue = parse(file, &text(file).await?)?;
    if catalogue.models.is_empty() {
        return Err(Missing::Read {
            file: file.to_owned(),
            reason: "it lists no model".to_owned(),
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
    let text = text(&file).await?;
    let value: Value = parse(&file, &text)?;
    let broken = |reason: String| Missing::Read {
        file: file.clone(),
        reason,
    };
    match value.get("format").and_then(Value::as_u64) {
        Some(f) if f == u64::from(VectorsCard::FORMAT) => {}
        other => {
            return Err(broken(format!(
                "layout {other:?}, this page reads {}",
                VectorsCard::FORMAT
            )));
        }
    }
    let card: VectorsCard = serde_json::from_value(value).map_err(|e| broken(e.to_string()))?;
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
        Err(broken("its lists do not fit together".to_owned()))
    }
}

/// A model's stored outputs; none if it has none that fit its card.
pub async fn examples(model: &str) -> Option<Examples> {
    let file = format!("models/{model}/examples.json");
    let text = text(&file).await.ok()?;
    parse::<Examples>(&file, &text)
        .map_err(|e| leptos::logging::warn!("{e}"))
        .ok()
}

/// Whether every file of a model lies in the browser's cache.
pub async fn cached(model: &str) -> bool {
    all_cached(model).await.unwrap_or(false)
}

async fn all_cached(model: &str) -> Option<bool> {
    if !crate::engine::has("caches") {
        return None;
    }
    let file = format!("models/{model}/model.json");
    let manifest: ModelManifest = parse(&file, &text(&file).await.ok()?).ok()?;
    let cache: Cache = JsFuture::from(window().caches().ok()?.open(CACHE_NAME))
        .await
        .ok()?
        .dyn_into()
        .ok()?;
    let files = [&manifest.tokenizer, &manifest.vectors]
        .into_iter()
        .chain(&manifest.config)
        .chain(&manifest.weights);
    for entry in files {
        let url = absolute(&format!("models/{model}/{}", entry.file))?;
        let found = JsFuture::from(cache.match_with_str(&cache_key(&url, &entry.sha256)))
            .await
            .ok()?;
        if found.is_undefined() {
            return Some(false);
        }
    }
    Some(true)
}

fn absolute(path: &str) -> Option<String> {
    let base = document().base_uri().ok()??;
    Some(Url::new_with_base(path, &base).ok()?.href())
}

fn parse<T: serde::de::DeserializeOwned>(file: &str, text: &str) -> Result<T, Missing> {
    serde_json::from_str(text).map_err(|e| Missing::Read {
        file: file.to_owned(),
        reason: e.to_string(),
    })
}

async fn text(file: &str) -> Result<String, Missing> {
    let lost = |reason: String| Missing::Fetch {
        file: file.to_owned(),
        reason,
    };
    let response = JsFuture::from(window().fetch_with_str(file))
        .await
        .map_err(|_| lost("no answer".to_owned()))?;
    let response: Response = response
        .dyn_into()
        .map_err(|_| lost("no answer".to_owned()))?;
    if !response.ok() {
        return Err(lost(format!("the server said {}", response.status())));
    }
    let body = response.text().map_err(|_| lost("no content".to_owned()))?;
    JsFuture::from(body)
        .await
        .ok()
        .and_then(|t| t.as_string())
        .ok_or_else(|| lost("it broke off".to_owned()))
}

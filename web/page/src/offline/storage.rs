//! What the browser keeps of this site, and the button that frees it.

use atlas_protocol::CACHE_NAME;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Cache, CacheStorage, Request, Response};

use super::{Offline, worker};
use crate::library;
use crate::models::megabytes;
use crate::state::atlas;
use crate::text::{fill, t};

/// The page's caches begin with this (`web/service.js`).
const PAGE: &str = "emotion-atlas-page ";

/// What lies in a cache below this site's folder.
struct Entry {
    cache: Cache,
    request: Request,
    /// Path below the site's folder.
    path: String,
}

/// Bytes that are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Kept {
    models: u64,
    page: u64,
}

fn caches() -> Option<CacheStorage> {
    if crate::engine::has("caches") {
        window().caches().ok()
    } else {
        None
    }
}

/// The entries of all caches whose name begins so.
async fn entries(prefix: &str) -> Vec<Entry> {
    let mut found = Vec::new();
    let (Some(caches), Some(base)) = (caches(), library::absolute("./")) else {
        return found;
    };
    let Ok(names) = JsFuture::from(caches.keys()).await else {
        return found;
    };
    for name in js_sys::Array::from(&names)
        .iter()
        .filter_map(|n| n.as_string())
    {
        if !name.starts_with(prefix) {
            continue;
        }
        let Ok(Ok(cache)) = JsFuture::from(caches.open(&name))
            .await
            .map(JsCast::dyn_into::<Cache>)
        else {
            continue;
        };
        let Ok(keys) = JsFuture::from(cache.keys()).await else {
            continue;
        };
        for request in js_sys::Array::from(&keys).iter() {
            let Ok(request) = request.dyn_into::<Request>() else {
                continue;
            };
            // Other sites of the same host may have a copy of their own.
            if let Some(path) = request.url().strip_prefix(&base) {
                let path = path.to_owned();
                found.push(Entry {
                    cache: cache.clone(),
                    request,
                    path,
                });
            }
        }
    }
    found
}

/// The service worker notes each file's length.
async fn length(entry: &Entry) -> u64 {
    let found = JsFuture::from(entry.cache.match_with_request(&entry.request)).await;
    found
        .ok()
        .and_then(|r| r.dyn_into::<Response>().ok())
        .and_then(|r| r.headers().get("Content-Length").ok().flatten())
        .and_then(|n| n.parse().ok())
        .unwrap_or(0)
}

async fn count(models: Vec<String>) -> Kept {
    let mut kept = Kept::default();
    for model in models {
        kept.models += library::kept(&model).await.map_or(0, |(here, _)| here);
    }
    for entry in entries(PAGE).await {
        kept.page += length(&entry).await;
    }
    kept
}

/// Drops models and engines; the page itself, a small part, stays.
async fn free() {
    let models = entries(CACHE_NAME).await;
    let large = entries(PAGE).await;
    let large = large.into_iter().filter(|e| e.path.starts_with("engine/"));
    for entry in models.into_iter().chain(large) {
        let _ = JsFuture::from(entry.cache.delete_with_request(&entry.request)).await;
    }
}

/// The lines below the list of models.
#[component]
pub fn Storage() -> impl IntoView {
    let atlas = atlas();
    let offline = expect_context::<Offline>();
    let kept = RwSignal::new(None::<Kept>);
    Effect::new(move |_| {
        offline.changes.track();
        atlas.phase.track();
        let models = atlas
            .catalogue
            .with_untracked(|c| c.models.iter().map(|m| m.id.clone()).collect());
        leptos::task::spawn_local(async move {
            let found = count(models).await;
            // The dialog may be closed by then.
            let _ = kept.try_set(Some(found));
        });
    });
    let press = move |_| {
        leptos::task::spawn_local(async move {
            free().await;
            offline.changes.update(|n| *n += 1);
        });
    };
    let possible = caches().is_some() && worker::container().is_some();
    let words = move || match kept.get() {
        _ if !possible => t("storage.none").to_owned(),
        None => t("storage.counting").to_owned(),
        Some(k) if k == Kept::default() => t("storage.empty").to_owned(),
        Some(k) => fill(
            "storage.kept",
            &[
                ("all", &megabytes(k.models + k.page)),
                ("models", &megabytes(k.models)),
                ("page", &megabytes(k.page)),
            ],
        ),
    };
    view! {
        <div class="storage">
            <p class="num" id="kept" role="status">{words}</p>
            <button class="btn" id="free" hidden=move || kept.get().is_none_or(|k| k.models == 0) on:click=press>{t("storage.free")}</button>
        </div>
    }
}

//! Files kept in the browser between visits.
//!
//! A file's key is its address with its hash, so a changed file is another entry and the old one goes.
//! Where there is no cache (an address without https, a private window, no room), all goes on without.

use crate::host;
use atlas_protocol::{CACHE_NAME, cache_key};
use js_sys::Uint8Array;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Cache, CacheQueryOptions, Response};

/// The cache, where there is one.
pub async fn open() -> Option<Cache> {
    let scope = host::scope()?;
    let cache = JsFuture::from(scope.caches().ok()?.open(CACHE_NAME))
        .await
        .ok()?;
    cache.dyn_into().ok()
}

/// A stored file.
pub async fn get(cache: &Cache, url: &str, sha256: &str) -> Option<Vec<u8>> {
    let found = JsFuture::from(cache.match_with_str(&cache_key(url, sha256)))
        .await
        .ok()?;
    let response: Response = found.dyn_into().ok()?;
    let buffer = JsFuture::from(response.array_buffer().ok()?).await.ok()?;
    Some(Uint8Array::new(&buffer).to_vec())
}

/// Stores a file; older versions of it go.
pub async fn put(cache: &Cache, url: &str, sha256: &str, bytes: &[u8]) {
    forget(cache, url).await;
    let bytes = Uint8Array::from(bytes);
    if let Ok(response) = Response::new_with_opt_js_u8_array(Some(&bytes)) {
        // A full disk costs the next visit some time, and this one nothing.
        let _ = JsFuture::from(cache.put_with_str(&cache_key(url, sha256), &response)).await;
    }
}

/// Drops every version of a file.
pub async fn forget(cache: &Cache, url: &str) {
    let any = CacheQueryOptions::new();
    any.set_ignore_search(true);
    let _ = JsFuture::from(cache.delete_with_str_and_options(url, &any)).await;
}

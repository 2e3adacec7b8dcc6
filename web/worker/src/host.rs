//! What a session needs, from a web worker.

use crate::pulse::{self, Pulse};
use crate::{cache, fetch, gpu, jobs, out};
use atlas_protocol::{Event, FileEntry, JobId, Problem, Why};
use atlas_session::Host;
use std::cell::RefCell;
use wasm_bindgen::JsCast;
use web_sys::{Cache, RequestCache, WorkerGlobalScope};

/// The worker's global scope.
pub fn scope() -> Option<WorkerGlobalScope> {
    js_sys::global().dyn_into().ok()
}

/// Files over HTTP, kept in the browser's cache.
pub struct WorkerHost {
    /// Opened with the first file. `Some(None)`: there is none.
    cache: RefCell<Option<Option<Cache>>>,
    pulse: Pulse,
    /// Address of the folder of all models.
    models: String,
}

impl WorkerHost {
    pub fn new(models: String) -> Self {
        Self {
            cache: RefCell::new(None),
            pulse: Pulse::new(),
            models,
        }
    }

    fn address(&self, path: &str) -> String {
        format!("{}{path}", self.models)
    }

    async fn cache(&self) -> Option<Cache> {
        if let Some(cache) = &*self.cache.borrow() {
            return cache.clone();
        }
        let cache = cache::open().await;
        *self.cache.borrow_mut() = Some(cache.clone());
        cache
    }
}

impl Host for WorkerHost {
    fn emit(&self, event: Event) {
        out::emit(&event);
    }

    async fn json(&self, path: &str) -> Result<Vec<u8>, Problem> {
        // Asked for anew each time, but sent again only when it changed.
        let job = jobs::outstanding().first().copied().unwrap_or(JobId(0));
        let url = self.address(path);
        let most = 1 << 20;
        fetch::file(job, &url, path, most, RequestCache::NoCache, &mut |_| ()).await
    }

    async fn file(
        &self,
        job: JobId,
        path: &str,
        entry: &FileEntry,
        on_bytes: &mut dyn FnMut(u64, bool),
    ) -> Result<Vec<u8>, Problem> {
        let url = self.address(path);
        let cache = self.cache().await;
        if let Some(cache) = &cache
            && let Some(bytes) = cache::get(cache, &url, &entry.sha256).await
        {
            on_bytes(bytes.len() as u64, true);
            return Ok(bytes);
        }
        // What is kept here need not be kept a second time by the browser.
        let mode = if cache.is_some() {
            RequestCache::NoStore
        } else {
            RequestCache::Default
        };
        let mut fetched = |bytes| on_bytes(bytes, false);
        let bytes = fetch::file(job, &url, path, entry.bytes, mode, &mut fetched).await?;
        if let Some(cache) = &cache
            && bytes.len() as u64 == entry.bytes
        {
            cache::put(cache, &url, &entry.sha256, &bytes).await;
        }
        Ok(bytes)
    }

    async fn forget(&self, path: &str, _entry: &FileEntry) {
        if let Some(cache) = self.cache().await {
            cache::forget(&cache, &self.address(path)).await;
        }
    }

    async fn breathe(&self) {
        self.pulse.beat().await;
    }

    fn cancelled(&self, job: JobId) -> bool {
        jobs::cancelled(job)
    }

    fn now(&self) -> f64 {
        pulse::now() / 1000.0
    }

    async fn gpu_adapter(&self, software: bool) -> Result<String, Why> {
        gpu::adapter(software).await
    }

    fn hand_over(&self, gpu: bool, failed: Option<&Why>) -> bool {
        // This build is for the one, the other for the other.
        gpu != cfg!(feature = "gpu") && jobs::hand_over(gpu, failed.map(Why::code).as_deref())
    }
}

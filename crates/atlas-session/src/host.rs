//! What a session needs from the place it runs in.

use atlas_protocol::{Event, FileEntry, JobId, Problem, Why};

/// Files, clock, event loop and the way out for events.
///
/// Paths are relative to the folder of all models, e.g. `atlas-lite/weights/000.bin`. The futures need
/// not be `Send`: a session lives on one thread.
#[expect(
    async_fn_in_trait,
    reason = "a session lives on one thread, so no bound is missing"
)]
pub trait Host {
    /// Sends an event to whoever asked.
    fn emit(&self, event: Event);

    /// A small file that may change at any time, fetched anew.
    ///
    /// # Errors
    /// [`Problem::Fetch`] when it does not arrive.
    async fn json(&self, path: &str) -> Result<Vec<u8>, Problem>;

    /// A listed file, whole, from a cache or from its source; the session checks it.
    /// `on_bytes` hears how many bytes are there and whether they came from a cache.
    ///
    /// # Errors
    /// [`Problem::Fetch`] when it does not arrive, [`Problem::Cancelled`] when `job` was cancelled.
    async fn file(
        &self,
        job: JobId,
        path: &str,
        entry: &FileEntry,
        on_bytes: &mut dyn FnMut(u64, bool),
    ) -> Result<Vec<u8>, Problem>;

    /// Drops a damaged file from the cache, so that the next [`Host::file`] asks its source.
    async fn forget(&self, path: &str, entry: &FileEntry);

    /// Lets the event loop run, so that `Cancel` is heard.
    async fn breathe(&self);

    /// Whether a job was cancelled.
    fn cancelled(&self, job: JobId) -> bool;

    /// Seconds since some fixed moment.
    fn now(&self) -> f64;

    /// Name of the GPU, or why there is none to use. Asked before the engine touches it,
    /// which would panic without one. Unless `software` is allowed, a GPU that is none does not count.
    ///
    /// # Errors
    /// The reason why there is none.
    async fn gpu_adapter(&self, software: bool) -> Result<String, Why>;

    /// Whether another build of the engine is better at running a model on the GPU (or, if not `gpu`, on the CPU).
    /// If so, that takes over the running job and those that wait, and nothing is heard of this session any
    /// more. `failed` is what is wrong with the GPU, should it have turned out to be of no use.
    fn hand_over(&self, gpu: bool, failed: Option<&Why>) -> bool {
        let _ = (gpu, failed);
        false
    }
}

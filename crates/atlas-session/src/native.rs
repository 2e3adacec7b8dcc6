//! A host on a folder of this machine: for the command line program and for tests.

use crate::host::Host;
use atlas_protocol::{Event, FileEntry, JobId, Problem, Why};
use std::cell::RefCell;
use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Instant;

/// Serves models from a folder and hands events to a function.
pub struct FolderHost {
    root: PathBuf,
    on_event: Box<dyn Fn(Event)>,
    cancelled: Rc<RefCell<HashSet<JobId>>>,
    start: Instant,
    gpu: bool,
}

impl FolderHost {
    /// Models are folders in `root`; they run on the CPU.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "native only: here there is such a clock"
    )]
    pub fn new(root: impl Into<PathBuf>, on_event: impl Fn(Event) + 'static) -> Self {
        Self {
            root: root.into(),
            on_event: Box::new(on_event),
            cancelled: Rc::default(),
            start: Instant::now(),
            gpu: false,
        }
    }

    /// Lets models run on the GPU where the request allows it. There must be one.
    #[must_use]
    pub fn with_gpu(self) -> Self {
        Self { gpu: true, ..self }
    }

    /// The jobs to stop; add to them at any time, e.g. when an event arrives.
    #[must_use]
    pub fn cancelled_jobs(&self) -> Rc<RefCell<HashSet<JobId>>> {
        Rc::clone(&self.cancelled)
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, Problem> {
        std::fs::read(self.root.join(path)).map_err(|error| Problem::Fetch {
            file: path.to_owned(),
            reason: match error.kind() {
                ErrorKind::NotFound => "there is no such file".into(),
                _ => error.to_string(),
            },
        })
    }
}

impl Host for FolderHost {
    fn emit(&self, event: Event) {
        (self.on_event)(event);
    }

    async fn json(&self, path: &str) -> Result<Vec<u8>, Problem> {
        self.read(path)
    }

    async fn file(
        &self,
        _job: JobId,
        path: &str,
        _entry: &FileEntry,
        on_bytes: &mut dyn FnMut(u64, bool),
    ) -> Result<Vec<u8>, Problem> {
        let bytes = self.read(path)?;
        on_bytes(bytes.len() as u64, true);
        Ok(bytes)
    }

    async fn forget(&self, _path: &str, _entry: &FileEntry) {}

    async fn breathe(&self) {}

    fn cancelled(&self, job: JobId) -> bool {
        self.cancelled.borrow().contains(&job)
    }

    fn now(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }

    async fn gpu_adapter(&self, _software: bool) -> Result<String, Why> {
        if self.gpu {
            Ok("GPU".into())
        } else {
            Err(Why::Chosen)
        }
    }
}

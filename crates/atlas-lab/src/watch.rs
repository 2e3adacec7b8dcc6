//! How far an experiment is, and the way to stop it.

use crate::LabError;

/// Whoever waits for an experiment.
#[expect(
    async_fn_in_trait,
    reason = "an experiment lives on one thread, so no bound is missing"
)]
pub trait Watch {
    /// Hears how much of the work is done; `false` stops it.
    async fn hears(&self, done: u64, total: u64) -> bool;

    /// Hears what was found on one text, long before everything is.
    fn found(&self, label: &str, found: &str) {
        let _ = (label, found);
    }
}

/// Nobody waits.
#[derive(Clone, Copy, Debug)]
pub struct Unwatched;

impl Watch for Unwatched {
    async fn hears(&self, _done: u64, _total: u64) -> bool {
        true
    }
}

/// Counts work. A unit is one token through one block.
#[derive(Debug)]
pub struct Meter<'a, W> {
    watch: &'a W,
    done: u64,
    total: u64,
}

impl<'a, W: Watch> Meter<'a, W> {
    /// For so much work.
    pub fn new(watch: &'a W, total: u64) -> Self {
        Self {
            watch,
            done: 0,
            total,
        }
    }

    /// Tells what was found on one text.
    pub fn found(&self, label: &str, found: &str) {
        self.watch.found(label, found);
    }

    /// Counts work done.
    ///
    /// # Errors
    /// [`LabError::Stopped`] if it is no longer wanted.
    pub async fn add(&mut self, work: u64) -> Result<(), LabError> {
        self.done += work;
        if self.watch.hears(self.done, self.total.max(self.done)).await {
            Ok(())
        } else {
            Err(LabError::Stopped)
        }
    }
}

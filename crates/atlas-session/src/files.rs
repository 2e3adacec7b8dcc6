//! Files with length and hash: fetched, checked, fetched once more when damaged.

use crate::host::Host;
use atlas_protocol::{Event, FileEntry, JobId, Problem, Stage};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Least time between two progress events, seconds.
const PROGRESS_INTERVAL: f64 = 0.05;

/// Fetches the files of one load and tells how far it is.
pub(crate) struct Files<'a, H> {
    host: &'a H,
    job: JobId,
    folder: &'a str,
    /// Bytes of files that are done.
    done: u64,
    total: u64,
    last_told: f64,
}

impl<'a, H: Host> Files<'a, H> {
    pub fn new(host: &'a H, job: JobId, folder: &'a str, total: u64) -> Self {
        Self {
            host,
            job,
            folder,
            done: 0,
            total,
            last_told: f64::NEG_INFINITY,
        }
    }

    /// The next file, as listed.
    pub async fn get(&mut self, entry: &FileEntry) -> Result<Vec<u8>, Problem> {
        let path = format!("{}/{}", self.folder, entry.file);
        let mut bytes = self.fetch(&path, entry).await?;
        if check(entry, &bytes).is_err() {
            drop(std::mem::take(&mut bytes));
            self.host.forget(&path, entry).await;
            bytes = self.fetch(&path, entry).await?;
            if let Err(problem) = check(entry, &bytes) {
                // A damaged file must not wait in the cache for the next visit.
                self.host.forget(&path, entry).await;
                return Err(problem);
            }
        }
        self.done += entry.bytes;
        Ok(bytes)
    }

    /// Progress starts again where the weights start: they are needed a second time.
    pub fn back(&mut self, bytes: u64) {
        self.done = self.done.saturating_sub(bytes);
    }

    /// Everything is there; the self-test runs.
    pub fn testing(&self) {
        self.tell(Stage::SelfTest, self.total);
    }

    /// The GPU compiles what the first texts will need.
    pub fn compiling(&self) {
        self.tell(Stage::Compiling, self.total);
    }

    async fn fetch(&mut self, path: &str, entry: &FileEntry) -> Result<Vec<u8>, Problem> {
        self.host.breathe().await;
        if self.host.cancelled(self.job) {
            return Err(Problem::Cancelled);
        }
        let (host, job) = (self.host, self.job);
        let mut on_bytes = |bytes: u64, cached: bool| {
            let now = self.host.now();
            if bytes >= entry.bytes || now - self.last_told >= PROGRESS_INTERVAL {
                self.last_told = now;
                let stage = if cached {
                    Stage::FromCache
                } else {
                    Stage::Fetching
                };
                self.tell(stage, self.done + bytes.min(entry.bytes));
            }
        };
        host.file(job, path, entry, &mut on_bytes).await
    }

    fn tell(&self, stage: Stage, done: u64) {
        let (job, total) = (self.job, self.total);
        self.host.emit(Event::Loading {
            job,
            stage,
            done,
            total,
        });
    }
}

/// Compares length and hash.
fn check(entry: &FileEntry, bytes: &[u8]) -> Result<(), Problem> {
    let damaged = |reason: String| Problem::Damaged {
        file: entry.file.clone(),
        reason,
    };
    let found = bytes.len() as u64;
    if found < entry.bytes {
        return Err(damaged(format!(
            "{} of {} bytes are missing",
            entry.bytes - found,
            entry.bytes
        )));
    }
    if found > entry.bytes {
        return Err(damaged(format!(
            "it has {} bytes too many",
            found - entry.bytes
        )));
    }
    if sha256(bytes) != entry.sha256.to_ascii_lowercase() {
        return Err(damaged("its contents differ from what was listed".into()));
    }
    Ok(())
}

/// SHA-256 in lower-case hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_standard_one() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(sha256(b""), empty);
    }

    #[test]
    fn damage_is_named() {
        let entry = FileEntry {
            file: "a.bin".into(),
            bytes: 3,
            sha256: sha256(b"abc"),
        };
        assert_eq!(check(&entry, b"abc"), Ok(()));
        for (bytes, words) in [
            (&b"ab"[..], "1 of 3 bytes are missing"),
            (b"abcd", "1 bytes too many"),
            (b"abd", "differ"),
        ] {
            let problem = check(&entry, bytes).unwrap_err();
            assert!(problem.to_string().contains(words), "{problem}");
        }
    }
}

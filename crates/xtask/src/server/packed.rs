//! Files as most hosts send them: gzipped, if the browser takes that.

use flate2::{Compression, write::GzEncoder};
use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// What gains by it. Weights and pictures do not.
const KINDS: [&str; 8] = [
    "css",
    "html",
    "js",
    "json",
    "svg",
    "txt",
    "wasm",
    "webmanifest",
];

type Kept = (SystemTime, Arc<Vec<u8>>);

/// What was packed, until the file changes.
#[derive(Debug, Default)]
pub(super) struct Packed(Mutex<HashMap<PathBuf, Kept>>);

impl Packed {
    /// A file, packed; none if it gains nothing.
    pub fn get(&self, path: &Path) -> io::Result<Option<Arc<Vec<u8>>>> {
        let kind = path.extension().and_then(|e| e.to_str()).unwrap_or("");
        if !KINDS.contains(&kind) {
            return Ok(None);
        }
        let changed = fs::metadata(path)?.modified()?;
        let kept = |(at, bytes): &Kept| (*at == changed).then(|| bytes.clone());
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bytes) = all.get(path).and_then(kept) {
            return Ok(Some(bytes));
        }
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&fs::read(path)?)?;
        let bytes = Arc::new(encoder.finish()?);
        all.insert(path.to_owned(), (changed, bytes.clone()));
        Ok(Some(bytes))
    }
}

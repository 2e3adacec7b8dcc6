//! Parts of a run, kept by what they are made of: an interrupted run goes on, and a changed one starts anew.

use crate::files;
use anyhow::{Context, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// A folder of parts.
pub struct Kept {
    folder: PathBuf,
}

impl Kept {
    /// The folder `name` of `work`: the name stands for what no part's description tells, as the model.
    pub fn new(work: &Path, name: &str) -> Result<Self> {
        let folder = work.join(name);
        std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        Ok(Self { folder })
    }

    /// The part that `of` describes in full: from its file, or made and kept.
    pub fn part<T: Serialize + DeserializeOwned>(
        &self,
        of: &impl Serialize,
        make: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        let hash = Sha256::digest(serde_json::to_vec(of)?);
        let name: String = hash.iter().take(8).map(|b| format!("{b:02x}")).collect();
        let path = self.folder.join(format!("{name}.json"));
        let known = std::fs::read(&path).ok();
        if let Some(part) = known.and_then(|bytes| serde_json::from_slice(&bytes).ok()) {
            return Ok(part);
        }
        let part = make()?;
        files::write(&path, &serde_json::to_vec(&part)?)?;
        Ok(part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_made_once_for_what_it_is_made_of() {
        let work = std::env::temp_dir().join(format!("atlas-kept-{}", std::process::id()));
        let kept = Kept::new(&work, "of-a-model").expect("a folder");
        let never = || -> Result<Vec<f32>> { anyhow::bail!("made again") };
        // A third is no round number: what is kept is exact.
        let third = 1.0_f32 / 3.0;
        assert_eq!(
            kept.part(&("a", 1), || Ok(vec![third])).expect("made"),
            [third]
        );
        assert_eq!(kept.part(&("a", 1), never).expect("kept"), [third]);
        assert!(kept.part(&("a", 2), never).is_err());
        std::fs::remove_dir_all(work).expect("removed");
    }
}

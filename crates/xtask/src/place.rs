//! Where things are.

use anyhow::{Context, Result};
use std::path::PathBuf;

/// The folders that every command works in.
#[derive(Clone, Debug)]
pub struct Place {
    /// The repository.
    pub root: PathBuf,
    /// Cargo's target folder: `CARGO_TARGET_DIR`, or `target/`.
    pub target: PathBuf,
    /// Where set-up installs tools, shared by all clones.
    pub tools: PathBuf,
}

impl Place {
    /// Finds the folders.
    ///
    /// # Errors
    /// When the repository or the home folder cannot be found.
    pub fn find() -> Result<Self> {
        // Cargo says where this crate is now: the program may lie in a target folder that another clone uses, too.
        let here = std::env::var_os("CARGO_MANIFEST_DIR");
        let here = here.map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
        let root = here
            .ancestors()
            .nth(2)
            .context("the repository")?
            .to_path_buf();
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(dir) => std::path::absolute(PathBuf::from(dir))?,
            None => root.join("target"),
        };
        let tools = cache_dir()?.join("emotion-atlas").join("tools");
        Ok(Self {
            root,
            target,
            tools,
        })
    }

    /// The finished site.
    #[must_use]
    pub fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// The engine's own target folder: its flags differ from the page's.
    #[must_use]
    pub fn engine_target(&self) -> PathBuf {
        self.target.join("engine")
    }

    /// That of the engine with threads, for the same reason.
    #[must_use]
    pub fn threads_target(&self) -> PathBuf {
        self.target.join("engine-threads")
    }
}

fn cache_dir() -> Result<PathBuf> {
    let var = |name| {
        std::env::var_os(name)
            .filter(|v| !v.is_empty())
            .map(PathBuf::from)
    };
    var("XDG_CACHE_HOME")
        .or_else(|| var("LOCALAPPDATA"))
        .or_else(|| var("HOME").map(|home| home.join(".cache")))
        .context("neither XDG_CACHE_HOME, LOCALAPPDATA nor HOME is set")
}

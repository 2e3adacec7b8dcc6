//! Which file an address means, and what goes wrong with it.

use super::{Fault, packed::Packed};
use std::fmt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// With these a page may share memory between threads.
const ISOLATION: &str = "Cross-Origin-Opener-Policy: same-origin\r\n\
    Cross-Origin-Embedder-Policy: require-corp\r\n\
    Cross-Origin-Resource-Policy: same-origin\r\n";

type Faults = Arc<dyn Fn(&str) -> Fault + Send + Sync>;

/// A folder as a site.
#[derive(Clone)]
pub struct Site {
    root: PathBuf,
    /// Folders served in place of a folder of the same name in `root`.
    folders: Vec<(String, PathBuf)>,
    prefix: String,
    faults: Faults,
    isolated: bool,
    packed: Option<Arc<Packed>>,
}

impl Site {
    /// The files of a folder, at the server's root.
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Self {
            root,
            folders: Vec::new(),
            prefix: "/".into(),
            faults: Arc::new(|_| Fault::None),
            isolated: true,
            packed: None,
        }
    }

    /// The same under a sub-path, as on hosts that give each project a folder.
    #[must_use]
    pub fn under(mut self, sub_path: &str) -> Self {
        let name = sub_path.trim_matches('/');
        self.prefix = if name.is_empty() {
            "/".into()
        } else {
            format!("/{name}/")
        };
        self
    }

    /// Takes `name/...` from another folder.
    #[must_use]
    pub fn with_folder(mut self, name: &str, folder: PathBuf) -> Self {
        self.folders.push((name.to_owned(), folder));
        self
    }

    /// Asks, per file (its path relative to the site), what should go wrong.
    #[must_use]
    pub fn with_faults(mut self, faults: impl Fn(&str) -> Fault + Send + Sync + 'static) -> Self {
        self.faults = Arc::new(faults);
        self
    }

    /// Leaves out the headers that isolate the page, as hosts do on which one cannot set any.
    #[must_use]
    pub fn without_isolation(mut self) -> Self {
        self.isolated = false;
        self
    }

    /// Sends files gzipped to browsers that take it.
    #[must_use]
    pub fn gzipped(mut self) -> Self {
        self.packed = Some(Arc::default());
        self
    }

    pub(super) fn packed(&self) -> Option<&Packed> {
        self.packed.as_deref()
    }

    /// Headers that come with every answer.
    pub(super) fn headers(&self) -> &'static str {
        if self.isolated { ISOLATION } else { "" }
    }

    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }

    pub(super) fn fault(&self, path: &str) -> Fault {
        (self.faults)(path.strip_prefix(&self.prefix).unwrap_or(path))
    }

    /// The file of an address, or none.
    pub(super) fn file(&self, path: &str) -> Option<PathBuf> {
        let inside = Path::new(path.strip_prefix(&self.prefix)?);
        if inside
            .components()
            .any(|part| !matches!(part, Component::Normal(_)))
        {
            return None;
        }
        let elsewhere = self
            .folders
            .iter()
            .find_map(|(name, folder)| Some(folder.join(inside.strip_prefix(name).ok()?)));
        let file = elsewhere.unwrap_or_else(|| self.root.join(inside));
        let file = if path.ends_with('/') {
            file.join("index.html")
        } else {
            file
        };
        file.is_file().then_some(file)
    }
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Site({} at {})", self.root.display(), self.prefix)
    }
}

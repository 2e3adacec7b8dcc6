//! How much memory a browser's tabs ever took, as Linux tells it.

use std::collections::HashMap;
use std::fs;

/// The largest peak (bytes) of any process below `root` that draws a page, without the pages of files (the browser's
/// own program) that it maps; none where that is not told.
pub(crate) fn peak_of_tabs(root: u32) -> Option<u64> {
    let mut parents = HashMap::new();
    for entry in fs::read_dir("/proc").ok()?.flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|n| n.parse().ok()) else {
            continue;
        };
        if let Some(parent) = status(id, "PPid:") {
            parents.insert(id, u32::try_from(parent).unwrap_or_default());
        }
    }
    let below = |mut id: u32| {
        // No chain of parents is longer than there are processes.
        for _ in 0..parents.len() {
            match parents.get(&id) {
                Some(parent) if *parent == root => return true,
                Some(parent) => id = *parent,
                None => return false,
            }
        }
        false
    };
    let draws = |id: u32| {
        let line = fs::read_to_string(format!("/proc/{id}/cmdline")).unwrap_or_default();
        line.contains("--type=renderer")
    };
    let tabs = parents.keys().filter(|id| below(**id) && draws(**id));
    let own = |id: u32| Some(status(id, "VmHWM:")?.saturating_sub(status(id, "RssFile:")?));
    tabs.filter_map(|id| Some(1024 * own(*id)?)).max()
}

/// A number in a process's `status`.
fn status(id: u32, key: &str) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let rest = text.lines().find_map(|line| line.strip_prefix(key))?;
    rest.split_whitespace().next()?.parse().ok()
}

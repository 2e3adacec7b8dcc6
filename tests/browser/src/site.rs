//! The site under test.

use anyhow::{Result, ensure};
use std::path::PathBuf;
use xtask::place::Place;
use xtask::server::{Fault, Server, Site};

/// `dist/`, as `cargo xtask build` left it.
///
/// # Errors
/// When it was not built.
pub fn built_site() -> Result<Site> {
    let dist = Place::find()?.dist();
    ensure!(
        dist.join("index.html").exists(),
        "no dist/: run `cargo xtask build` first"
    );
    Ok(Site::new(dist))
}

/// Serves the built site under a sub-path, as a host of many projects would.
///
/// # Errors
/// When it was not built, or there is no port.
pub fn serve() -> Result<Server> {
    Server::on_free_port(built_site()?.under("some/where"))
}

/// Serves the built site with faults; see [`Fault`]. The path is relative to the site.
///
/// # Errors
/// When it was not built, or there is no port.
pub fn serve_with(faults: impl Fn(&str) -> Fault + Send + Sync + 'static) -> Result<Server> {
    Server::on_free_port(built_site()?.under("some/where").with_faults(faults))
}

/// The folder that screenshots are kept in.
///
/// # Errors
/// When it cannot be made.
pub fn screenshots() -> Result<PathBuf> {
    let folder = Place::find()?.target.join("browser-tests");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

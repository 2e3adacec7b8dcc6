//! A Chromium to test in.

use super::apt;
use crate::shell;
use anyhow::{Result, bail};
use std::path::PathBuf;

const PACKAGES: [&str; 4] = [
    "chromium",
    "chromium-driver",
    "libvulkan1",
    "mesa-vulkan-drivers",
];
const NAMES: [&str; 5] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
];
const PLACES: [&str; 3] = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
];

/// The browser and, where there is one, its driver.
#[derive(Clone, Debug)]
pub struct Chromium {
    /// The browser.
    pub browser: PathBuf,
    /// `chromedriver`; only the wasm tests need it.
    pub driver: Option<PathBuf>,
}

/// The browser that is here: `$CHROME`, on PATH, or in the usual places.
#[must_use]
pub fn find() -> Option<Chromium> {
    let named = std::env::var_os("CHROME").map(PathBuf::from);
    let browser = named
        .into_iter()
        .chain(NAMES.into_iter().filter_map(shell::on_path))
        .chain(PLACES.into_iter().map(PathBuf::from))
        .find(|candidate| candidate.is_file())?;
    let driver = std::env::var_os("CHROMEDRIVER").map(PathBuf::from);
    Some(Chromium {
        browser,
        driver: driver.or_else(|| shell::on_path("chromedriver")),
    })
}

/// Takes what is there, else installs Debian's.
///
/// # Errors
/// When there is none and none can be installed; the message says what to install.
pub fn find_or_install() -> Result<Chromium> {
    let found = find();
    if let Some(chromium) = found
        .clone()
        .filter(|c| c.driver.is_some() || !apt::is_here())
    {
        return Ok(chromium);
    }
    if apt::is_here() {
        println!("setup: installing Chromium for the browser tests");
        match (apt::install(&PACKAGES), find()) {
            (_, Some(chromium)) => return Ok(chromium),
            (Err(error), None) => eprintln!("{error:#}"),
            (Ok(()), None) => {}
        }
    }
    bail!(
        "no browser for the tests. Install Chromium or Google Chrome, with chromedriver of the same version, \
         and set CHROME (and CHROMEDRIVER) to where they are; on Debian: apt-get install {}",
        PACKAGES.join(" ")
    )
}

//! Finds what building and testing need, and installs what is missing, without a question.

mod apt;
pub mod chromium;
mod tools;
pub mod wasm;

use crate::place::Place;
use anyhow::Result;

/// What the site is built with.
#[derive(Debug)]
pub(crate) struct Kit {
    pub wasm: wasm::Toolchain,
    pub tools: tools::Tools,
}

/// Everything that building needs.
pub(crate) fn for_building(place: &Place) -> Result<Kit> {
    Ok(Kit {
        wasm: wasm::find_or_install()?,
        tools: tools::find_or_install(place)?,
    })
}

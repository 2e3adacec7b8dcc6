//! A headless Chromium, driven over its DevTools protocol, a Firefox beside it, and the built site, served well or badly.
//!
//! The suite in `tests/suite` uses these; `cargo xtask test --browser` builds the site and runs it.

mod browser;
mod cdp;
mod child;
mod firefox;
mod memory;
mod site;
mod tab;

pub use browser::{Browser, Gpu};
pub use firefox::Firefox;
pub use site::{built_site, screenshots, serve, serve_with};
pub use tab::Tab;
pub use xtask::server::{Fault, Server, Site};

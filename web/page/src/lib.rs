//! The page: a map of emotion vectors, a text to read with them, and a bench to steer by.
//!
//! It links no engine: it draws what `vectors.json` and `examples.json` hold, and speaks
//! [`atlas_protocol`] with the engine's worker.

pub mod about;
pub mod app;
pub mod bench;
pub mod class;
mod clock;
pub mod embed;
pub mod engine;
pub mod icons;
pub mod lab;
pub mod lesson;
pub mod library;
pub mod link;
pub mod map;
pub mod masthead;
pub mod modal;
pub mod models;
pub mod offline;
pub mod projector;
pub mod quality;
pub mod query;
pub mod read;
pub mod roving;
pub mod search;
pub mod selection;
pub mod session;
pub mod share;
pub mod stages;
pub mod starter;
pub mod state;
pub mod steer;
pub mod tabs;
pub mod teach;
pub mod text;
pub mod theme;
pub mod trouble;

/// Starts the page.
pub fn start() {
    console_error_panic_hook::set_once();
    // Leptos has no executor before it is mounted.
    wasm_bindgen_futures::spawn_local(app::boot());
}

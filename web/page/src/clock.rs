//! The page's clock: `std` has none on wasm.

use leptos::prelude::window;

/// Milliseconds since the page was opened.
pub fn clock() -> f64 {
    window().performance().map_or(0.0, |p| p.now())
}

//! For a beamer: large type and high contrast, with `?projector` in the address.

use leptos::prelude::*;

use crate::query;

/// The name in the query.
pub const NAME: &str = "projector";

/// Sets the page up as the address asks.
pub fn apply() {
    if query::of_page(NAME).is_some()
        && let Some(root) = document().document_element()
    {
        let _ = root.set_attribute("data-projector", "");
    }
}

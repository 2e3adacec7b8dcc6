//! Fetches `map.json` when something on show is drawn from it.

use std::sync::Arc;

use leptos::prelude::*;

use crate::library;
use crate::state::Atlas;

use super::state::Fetched;

/// Fetches as long as the page is there.
pub fn keep(atlas: Atlas) {
    let state = atlas.map;
    Effect::new(move |before: Option<Arc<_>>| {
        let card = atlas.card.get();
        if let Some(before) = before.filter(|b| !Arc::ptr_eq(b, &card)) {
            state.renumber(&before, &card);
        }
        card
    });
    Effect::new(move |_| {
        if !state.wants_file() || state.file.with(|f| *f != Fetched::No) {
            return;
        }
        state.file.set(Fetched::Coming);
        let (model, card) = (atlas.model.get_untracked(), atlas.card.get_untracked());
        leptos::task::spawn_local(async move {
            let got = library::map(&model, &card).await;
            let current = atlas.card.try_get_untracked();
            if current.is_some_and(|c| Arc::ptr_eq(&c, &card)) {
                state.file.set(match got {
                    Ok(file) => Fetched::Here(Arc::new(file)),
                    Err(missing) => Fetched::Missing(missing.to_string()),
                });
            }
        });
    });
}

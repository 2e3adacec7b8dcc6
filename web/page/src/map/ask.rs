//! What the map asks of the running model.

use atlas_affect::report::Lens;
use atlas_protocol::Request;
use leptos::prelude::*;

use crate::engine;
use crate::state::Atlas;

use super::state::{Fetched, LensOf};

/// Asks the model which words an emotion's direction speaks for.
pub fn lens(atlas: Atlas, emotion: usize) {
    let Ok(number) = u16::try_from(emotion) else {
        return;
    };
    engine::with(atlas.engine, |e| {
        e.cancel(e.lens);
        let job = e.next();
        e.lens = Some(job);
        e.send(&Request::Lens {
            job,
            emotion: number,
        });
    });
    atlas.map.lens.set(LensOf {
        emotion,
        words: Fetched::Coming,
    });
}

/// Takes the answer.
pub fn told(atlas: Atlas, up: Vec<String>, down: Vec<String>) {
    let emotion = atlas.name_of(atlas.map.lens.with_untracked(|l| l.emotion));
    let words = Fetched::Here(Lens { emotion, up, down });
    atlas.map.lens.update(|l| l.words = words);
}

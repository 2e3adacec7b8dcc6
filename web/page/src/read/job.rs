//! What the Read panel asks of the engine besides the text itself: the second text, and every layer.

use std::sync::Arc;

use atlas_protocol::{Event, JobId, Request, Slot};
use leptos::prelude::*;

use super::look::View;
use super::shown::Shown;
use crate::engine;
use crate::state::{Atlas, Phase};

/// One emotion at every layer of the text on the page.
#[derive(Clone, Debug, PartialEq)]
pub struct Depth {
    /// The emotion.
    pub emotion: usize,
    /// Row-major `[layer, token]`.
    pub values: Arc<Vec<f32>>,
}

/// Whether the text on the page is the engine's latest reading.
fn live(atlas: Atlas) -> bool {
    atlas.phase.get() == Phase::Ready
        && atlas
            .shown
            .with(|s| s.as_ref().is_some_and(|s| !s.stored && !s.waiting))
}

/// Brings what the panel shows to what it should show. Called whenever text, view, emotion or layer change.
pub fn follow(atlas: Atlas) {
    let layers = atlas.look.with(|l| l.view == View::Layers);
    let emotion = atlas.selected.get();
    let ready = live(atlas);
    atlas.shown.track();
    let versus = atlas.look.with(|l| l.versus.clone());
    let setting = atlas.setting.get();
    let layer = atlas.layer.get();
    let reading = atlas.reading.with(Option::is_some);
    untrack(|| {
        if layers && ready && !reading {
            ask_depth(atlas, emotion);
        }
        match versus {
            None => {
                if atlas.second.with(Option::is_some) {
                    atlas.second.set(None);
                }
            }
            Some(text) => {
                let fits = atlas.second.with(|s| {
                    s.as_ref().is_some_and(|s| {
                        s.source == text
                            && s.setting == setting
                            && (s.waiting || s.reading.layer == layer)
                    })
                });
                if !fits {
                    atlas
                        .second
                        .set(Some(Arc::new(Shown::waiting(text.clone(), setting, layer))));
                }
                let waits = atlas.second.with(|s| s.as_ref().is_some_and(|s| s.waiting));
                if waits && atlas.phase.get() == Phase::Ready && !reading {
                    ask_second(atlas, text);
                }
            }
        }
    });
}

fn ask_depth(atlas: Atlas, emotion: usize) {
    let Ok(wanted) = u16::try_from(emotion) else {
        return;
    };
    engine::with(atlas.engine, |e| {
        let job = e.next();
        e.depth = Some(job);
        e.send(&Request::Depth {
            job,
            slot: Slot::First,
            emotion: wanted,
        });
    });
}

fn ask_second(atlas: Atlas, text: String) {
    if text.trim().is_empty() {
        return;
    }
    let (setting, layer) = (atlas.setting.get(), atlas.layer.get());
    engine::with(atlas.engine, |e| {
        e.cancel(e.second);
        let job = e.next();
        e.second = Some(job);
        e.send(&Request::Read {
            job,
            text,
            setting,
            slot: Slot::Second,
            layer,
        });
    });
}

/// Takes an answer; gives it back if it is for somebody else.
pub fn heard(atlas: Atlas, event: Event) -> Option<Event> {
    let (second, depth) = engine::with(atlas.engine, |e| (e.second, e.depth)).unwrap_or_default();
    match event {
        Event::Reading { job, reading, .. } if second == Some(job) => {
            engine::with(atlas.engine, |e| e.second = None);
            let source = atlas
                .second
                .with_untracked(|s| s.as_ref().map(|s| s.source.clone()));
            if let Some(source) = source {
                let shown = Shown::new(reading, source, atlas.setting.get_untracked());
                atlas.second.set(Some(Arc::new(shown)));
            }
        }
        Event::ReadingProgress { job, .. } if second == Some(job) => {}
        Event::Depth {
            job,
            emotion,
            values,
        } if depth == Some(job) => {
            engine::with(atlas.engine, |e| e.depth = None);
            atlas.depth.set(Some(Depth {
                emotion: usize::from(emotion),
                values: Arc::new(values),
            }));
        }
        other => return Some(other),
    }
    None
}

/// A job failed: whether it was one of these.
pub fn failed(atlas: Atlas, job: JobId) -> bool {
    let mine = engine::with(atlas.engine, |e| {
        let mine = [&mut e.second, &mut e.depth];
        let hit = mine.into_iter().find(|slot| **slot == Some(job));
        hit.map(|slot| *slot = None).is_some()
    });
    mine == Some(true)
}

//! The page is drawn a part at a time, so that no task keeps the visitor waiting: what is seen first comes first, and
//! every other part has a frame of its own.

use std::time::Duration;

use leptos::prelude::*;

/// Does something once what has changed until now is on the screen.
pub fn after_paint(then: impl FnOnce() + 'static) {
    let soon = move || set_timeout(then, Duration::ZERO);
    // A page in the background has no frames.
    if document().hidden() {
        soon();
    } else {
        request_animation_frame(soon);
    }
}

/// Raises `drawn` to `parts`, by one with every frame.
pub fn count(drawn: RwSignal<u8>, parts: u8) {
    after_paint(move || {
        // The page may be gone.
        if drawn.try_update(|n| *n += 1).is_some() && drawn.get_untracked() < parts {
            count(drawn, parts);
        }
    });
}

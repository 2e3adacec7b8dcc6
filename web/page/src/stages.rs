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

/// What is made only after the part it stands in is on the screen. One within another makes a third frame, and so on.
#[component]
pub fn Late(
    /// What comes then.
    children: ChildrenFn,
) -> impl IntoView {
    let drawn = RwSignal::new(false);
    after_paint(move || {
        // It may be gone by then.
        let _ = drawn.try_set(true);
    });
    view! { <Show when=move || drawn.get()>{children()}</Show> }
}

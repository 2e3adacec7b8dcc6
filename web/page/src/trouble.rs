//! What went wrong, said where it happened.

use leptos::prelude::*;

use crate::state::{Place, atlas};

/// The line for one place on the page; there is one problem at a time.
#[component]
pub fn Trouble(
    /// Where it stands.
    place: Place,
) -> impl IntoView {
    let atlas = atlas();
    let words = move || {
        atlas.problem.with(|p| {
            p.as_ref()
                .filter(|(at, _)| *at == place)
                .map(|(_, w)| w.clone())
        })
    };
    move || {
        words().map(|w| {
            view! {
                <p class="problem" id="problem" role="alert">
                    {w}
                </p>
            }
        })
    }
}

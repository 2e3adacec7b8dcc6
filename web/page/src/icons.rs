//! Line drawings on controls.

use leptos::prelude::*;

/// An icon of one path on an 18 x 18 sheet.
#[component]
pub fn Icon(
    /// The path.
    #[prop(into)]
    d: Signal<&'static str>,
) -> impl IntoView {
    view! {
        <svg class="ico" viewBox="0 0 18 18" aria-hidden="true">
            <path d=move || d.get()></path>
        </svg>
    }
}

/// A cross.
pub const CROSS: &str = "M5 5l8 8M13 5l-8 8";
/// A plus sign.
pub const PLUS: &str = "M9 4v10M4 9h10";
/// A tick.
pub const TICK: &str = "M3.5 9.5 7.5 13.5 14.5 5";
/// A flask: experiments.
pub const FLASK: &str =
    "M7 2h4M7.8 2v5L3.4 14.6A1 1 0 0 0 4.3 16h9.4a1 1 0 0 0 .9-1.4L10.2 7V2M5.6 11.2h6.8";
/// A book.
pub const BOOK: &str =
    "M9 4.5C7.5 3.3 5 3 2 3v11c3 0 5.5.3 7 1.5C10.5 14.3 13 14 16 14V3c-3 0-5.5.3-7 1.5zM9 4.5v11";
/// An arrow out of a tray.
pub const SHARE: &str = "M9 11V2M5.5 5 9 1.8 12.5 5M4 8.5H3V16h12V8.5h-1";
/// A question mark in a circle.
pub const ABOUT: &str = "M9 2.2a6.8 6.8 0 1 0 .01 0zM9 8v4.6M9 5.3v.2";

//! A QR code, for a class that looks at the projector.

use std::fmt::Write;

use leptos::prelude::*;
use qrcodegen::{QrCode, QrCodeEcc};

use crate::stages::after_paint;
use crate::text::t;

/// White around the code, in modules, as the standard asks.
const QUIET: i32 = 4;

/// The black modules of a text's code as an SVG path, and the side of the square with its white rim; none if the text
/// is too long.
#[must_use]
pub fn path(text: &str) -> Option<(String, i32)> {
    let code = QrCode::encode_text(text, QrCodeEcc::Low).ok()?;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            let _ = write!(path, "M{} {}h1v1h-1z", x + QUIET, y + QUIET);
        }
    }
    Some((path, code.size() + 2 * QUIET))
}

/// The code of an address; black on white in every theme, for that is what cameras read. It takes some time to find, so
/// that what it stands in is drawn first.
#[component]
pub fn Qr(
    /// What it says.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    let begun = RwSignal::new(false);
    after_paint(move || {
        // It may be closed by then.
        let _ = begun.try_set(true);
    });
    move || {
        let found = if begun.get() {
            path(&text.get())
        } else {
            Some((String::new(), 1))
        };
        match found {
            Some((d, side)) => view! {
                <svg class="qr" viewBox=format!("0 0 {side} {side}") role="img" aria-label=t("share.qr") shape-rendering="crispEdges">
                    <rect class="qr__paper" width=side height=side></rect>
                    <path class="qr__ink" d=d></path>
                </svg>
            }
            .into_any(),
            None => view! { <p class="qr__none">{t("share.qr-long")}</p> }.into_any(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn a_short_text_has_a_code_and_a_book_has_none() {
        let (d, side) = path("https://example.org/#lesson=1").unwrap();
        // The upper left corner is the corner of a finder pattern.
        assert!(d.starts_with("M4 4h1v1h-1z") && side == 25 + 8, "{side}");
        assert_eq!(path(&"x".repeat(3000)), None);
    }
}

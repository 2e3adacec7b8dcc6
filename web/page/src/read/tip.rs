//! What the pointer is on: the token, the number, and the five strongest emotions.

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use crate::map::Glyph;
use crate::selection::Pick;
use crate::state::atlas;

/// What a tip is about, and where it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TipAt {
    /// The piece of text.
    pub piece: usize,
    /// Client coordinates.
    pub x: f64,
    /// Client coordinates.
    pub y: f64,
    /// Whether it stays, and its names can be pressed.
    pub pinned: bool,
    /// The emotion of the row that is hovered; the tip is then short.
    pub row: Option<usize>,
}

/// A value with its sign.
#[must_use]
pub fn figure(value: f32) -> String {
    let rounded = (value * 100.0).round() / 100.0;
    let sign = if rounded > 0.0 {
        "+"
    } else if rounded < 0.0 {
        "\u{2212}"
    } else {
        ""
    };
    format!("{sign}{:.2}", rounded.abs())
}

/// The tip of the text and of the rows.
#[component]
pub fn Tip() -> impl IntoView {
    let atlas = atlas();
    let tip = expect_context::<RwSignal<Option<TipAt>>>();
    let shell = NodeRef::<Div>::new();
    let hide = move || {
        if tip.with_untracked(Option::is_some) {
            tip.set(None);
            atlas.hot.set(None);
        }
    };
    let click = window_event_listener(leptos::ev::click, move |ev| {
        let inside = ev
            .target()
            .and_then(|t| t.dyn_into::<Element>().ok())
            .and_then(|e| e.closest(".tip").ok().flatten())
            .is_some();
        if !inside && tip.with_untracked(|t| t.as_ref().is_some_and(|t| t.pinned)) {
            hide();
        }
    });
    let escape = window_event_listener(leptos::ev::keydown, move |ev| {
        if ev.key() == "Escape" {
            hide();
        }
    });
    on_cleanup(move || {
        click.remove();
        escape.remove();
    });
    // A new text has other pieces; another selection is another question.
    Effect::new(move |before: Option<()>| {
        atlas.shown.track();
        atlas.tab.track();
        if before.is_some() {
            hide();
        }
    });
    Effect::new(move |_| {
        if let (Some(shell), Some(at)) = (shell.get(), tip.get()) {
            request_animation_frame(move || place(&shell, at));
        }
    });
    let content = move || {
        let at = tip.get()?;
        let shown = atlas.shown.get()?;
        let piece = shown.pieces.get(at.piece)?.clone();
        let word = piece.text.trim().to_owned();
        if let Some(row) = at.row {
            let words = format!(
                "{} {}",
                atlas.name_of(row),
                figure(shown.value(at.piece, row))
            );
            return Some(view! { <b>{word}</b><div class="num">{words}</div> }.into_any());
        }
        if !piece.read {
            let why = if shown.waiting {
                "Not read yet."
            } else {
                "Not read: the first tokens of a text have no context yet."
            };
            return Some(view! { <b>{word}</b><div class="sub">{why}</div> }.into_any());
        }
        let chosen = atlas.selected.get();
        let value = format!(
            "{} {}",
            atlas.name_of(chosen),
            figure(shown.value(at.piece, chosen))
        );
        let list = shown
            .top(at.piece, 5)
            .into_iter()
            .enumerate()
            .map(|(i, e)| {
                let cluster = atlas.card.with(|c| {
                    c.emotions
                        .get(e)
                        .map(|e| e.cluster.clone())
                        .unwrap_or_default()
                });
                let name = if at.pinned {
                    view! { <Pick emotion=e /> }.into_any()
                } else {
                    atlas.name_of(e).into_any()
                };
                view! {
                    <li>
                        <span class="num">{i + 1}</span>
                        <Glyph cluster=cluster size=11.0 />
                        {name}
                        <span class="num val">{figure(shown.value(at.piece, e))}</span>
                    </li>
                }
            })
            .collect_view();
        Some(
            view! {
                <b>{word}</b>
                <div class="sub num">{value}</div>
                <div class="tip__lead">"Strongest here"</div>
                <ol>{list}</ol>
            }
            .into_any(),
        )
    };
    view! {
        <div class="tip" id="tip" node_ref=shell class:pin=move || tip.with(|t| t.as_ref().is_some_and(|t| t.pinned)) hidden=move || tip.with(Option::is_none)>
            {content}
        </div>
    }
}

/// Beside the place, inside the window.
fn place(tip: &HtmlElement, at: TipAt) {
    let side =
        |v: Result<wasm_bindgen::JsValue, _>| v.ok().and_then(|v| v.as_f64()).unwrap_or(1000.0);
    let (width, height) = (side(window().inner_width()), side(window().inner_height()));
    let own = tip.get_bounding_client_rect();
    let low = height - if width < 720.0 { 68.0 } else { 8.0 };
    let (mut x, mut y) = (at.x + 16.0, at.y + 14.0);
    if x + own.width() > width - 8.0 {
        x = (at.x - own.width() - 16.0).max(8.0);
    }
    if y + own.height() > low {
        y = (at.y - own.height() - 34.0).max(8.0);
    }
    let _ = tip.style().set_property("left", &format!("{x:.0}px"));
    let _ = tip.style().set_property("top", &format!("{y:.0}px"));
}

#[cfg(test)]
mod tests {
    use super::figure;

    #[test]
    fn figures_have_signs_and_no_minus_zero() {
        assert_eq!(
            [0.514, -0.2, -0.001, 1.0].map(figure),
            ["+0.51", "\u{2212}0.20", "0.00", "+1.00"]
        );
    }
}

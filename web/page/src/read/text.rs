//! The text, one element per piece. Elements are made once per text; a selection changes only their colours.

use std::sync::Arc;

use leptos::ev::{FocusEvent, KeyboardEvent, MouseEvent, PointerEvent};
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::pieces::Piece;
use super::shown::Shown;
use super::tip::TipAt;
use crate::state::atlas;

/// Below this a value is not drawn.
const FAINT: f32 = 0.08;

/// Colour of a value: alpha is its size, so that zero is the paper itself.
fn colour(value: f32) -> String {
    let alpha = value.abs().min(1.0);
    if alpha < FAINT {
        return String::new();
    }
    format!(
        "--rgb:var(--{}-rgb);--a:{alpha:.2}",
        if value < 0.0 { "less" } else { "more" }
    )
}

/// What is drawn, and whether it waits to be read.
type Pieces = (Arc<Vec<Piece>>, bool);

/// The coloured text.
#[component]
pub fn Text(
    /// Hidden while the visitor types another.
    hidden: Signal<bool>,
) -> impl IntoView {
    let atlas = atlas();
    let tip = expect_context::<RwSignal<Option<TipAt>>>();
    let shell = NodeRef::<Div>::new();
    let elements = StoredValue::new_local(Vec::<HtmlElement>::new());
    let pieces = Memo::new(move |_| -> Option<Pieces> {
        atlas
            .shown
            .with(|s| s.as_ref().map(|s| (s.pieces.clone(), s.waiting)))
    });

    // One effect, so that elements are always made before they are coloured.
    Effect::new(move |before: Option<Option<Pieces>>| {
        let shell = shell.get()?;
        let now = pieces.get();
        let chosen = atlas.selected.get();
        atlas.shown.with(|s| {
            let Some(s) = s.as_ref() else {
                shell.set_text_content(None);
                return elements.set_value(Vec::new());
            };
            if before.flatten() != now {
                elements.set_value(build(&shell, s).unwrap_or_default());
            }
            elements.with_value(|all| {
                for (i, element) in all.iter().enumerate() {
                    let style = if s.pieces.get(i).is_some_and(|p| p.read) {
                        colour(s.value(i, chosen))
                    } else {
                        String::new()
                    };
                    let _ = element.set_attribute("style", &style);
                }
            });
        });
        now
    });
    Effect::new(move |before: Option<Option<usize>>| {
        let now = atlas.hot.get();
        elements.with_value(|all| {
            let mark = |i: Option<usize>, on| {
                if let Some(element) = i.and_then(|i| all.get(i)) {
                    let _ = element.class_list().toggle_with_force("on", on);
                }
            };
            mark(before.flatten(), false);
            mark(now, true);
        });
        now
    });

    let pinned = move || tip.with_untracked(|t| t.as_ref().is_some_and(|t| t.pinned));
    let show = move |piece: usize, pin: bool| {
        atlas.hot.set(Some(piece));
        let at = elements.with_value(|all| {
            all.get(piece)
                .and_then(|e| e.get_client_rects().item(0))
                .map(|r| (r.left(), r.bottom() - 4.0))
        });
        if let Some((x, y)) = at {
            tip.set(Some(TipAt {
                piece,
                x,
                y,
                pinned: pin,
                row: None,
            }));
        }
    };
    let hide = move || {
        atlas.hot.set(None);
        tip.set(None);
    };
    let on_move = move |ev: PointerEvent| {
        if pinned() || ev.pointer_type() == "touch" {
            return;
        }
        match piece_at(ev.target()) {
            Some(piece) if atlas.hot.get_untracked() != Some(piece) => show(piece, false),
            None if atlas.hot.get_untracked().is_some() => hide(),
            _ => {}
        }
    };
    let on_click = move |ev: MouseEvent| {
        if let Some(piece) = piece_at(ev.target()) {
            ev.stop_propagation();
            show(piece, true);
        }
    };
    let on_key = move |ev: KeyboardEvent| {
        let Some(piece) = piece_at(ev.target()) else {
            return;
        };
        let step = match ev.key().as_str() {
            "ArrowRight" => piece + 1,
            "ArrowLeft" => piece.wrapping_sub(1),
            "Enter" | " " => {
                ev.prevent_default();
                return show(piece, true);
            }
            _ => return,
        };
        elements.with_value(|all| {
            if let (Some(old), Some(new)) = (all.get(piece), all.get(step)) {
                ev.prevent_default();
                old.set_tab_index(-1);
                new.set_tab_index(0);
                let _ = new.focus();
            }
        });
    };
    let on_focus = move |ev: FocusEvent| {
        let by_key = |e: &Element| e.matches(":focus-visible").unwrap_or(false);
        if let Some(piece) = ev
            .target()
            .and_then(|t| t.dyn_into::<Element>().ok())
            .filter(by_key)
            .and_then(|e| piece_at(Some(e.into())))
        {
            show(piece, false);
        }
    };
    view! {
        <div class="text" id="text" role="group" aria-label="The text, token by token. Left and right arrow keys move, Enter opens a token."
            class:waiting=move || atlas.shown.with(|s| s.as_ref().is_some_and(|s| s.waiting))
            node_ref=shell hidden=move || hidden.get() on:pointermove=on_move
            on:pointerleave=move |_| if !pinned() { hide() } on:click=on_click on:keydown=on_key on:focusin=on_focus
            on:focusout=move |_| if !pinned() { hide() }></div>
    }
}

fn piece_at(target: Option<web_sys::EventTarget>) -> Option<usize> {
    let element = target?.dyn_into::<Element>().ok()?.closest(".tok").ok()??;
    element.get_attribute("data-i")?.parse().ok()
}

/// Fills the shell with the text's pieces and sentence numbers.
fn build(shell: &Element, shown: &Shown) -> Option<Vec<HtmlElement>> {
    let document = document();
    shell.set_text_content(None);
    let fragment = document.create_document_fragment();
    let mut made = Vec::with_capacity(shown.pieces.len());
    let numbered = shown.sentences.len() > 1;
    let mut reachable = false;
    for (i, piece) in shown.pieces.iter().enumerate() {
        let first = shown
            .sentences
            .get(piece.sentence)
            .is_some_and(|s| s.start == i);
        let lead = if i == 0 { "" } else { piece.lead.as_str() };
        if !lead.is_empty() {
            fragment
                .append_child(&document.create_text_node(lead))
                .ok()?;
        }
        if first && numbered {
            let number = document.create_element("span").ok()?;
            number.set_class_name("sn");
            number.set_attribute("aria-hidden", "true").ok()?;
            number.set_text_content(Some(&(piece.sentence + 1).to_string()));
            fragment.append_child(&number).ok()?;
        }
        let element: HtmlElement = document.create_element("span").ok()?.dyn_into().ok()?;
        let joins_before = i > 0 && lead.is_empty() && !first;
        let joins_after = shown
            .pieces
            .get(i + 1)
            .is_some_and(|p| p.lead.is_empty() && p.sentence == piece.sentence);
        let mut class = "tok".to_owned();
        for (on, name) in [
            (!piece.read, " skip"),
            (joins_before, " sub"),
            (joins_after, " pre"),
        ] {
            class.push_str(if on { name } else { "" });
        }
        element.set_class_name(&class);
        element.set_attribute("data-i", &i.to_string()).ok()?;
        element.set_tab_index(if piece.read && !reachable { 0 } else { -1 });
        reachable |= piece.read;
        element.set_text_content(Some(&piece.text));
        fragment.append_child(&element).ok()?;
        made.push(element);
    }
    shell.append_child(&fragment).ok()?;
    Some(made)
}

#[cfg(test)]
mod tests {
    use super::colour;

    #[test]
    fn faint_values_are_paper() {
        assert_eq!(colour(0.05), "");
        assert_eq!(colour(-0.5), "--rgb:var(--less-rgb);--a:0.50");
        assert_eq!(colour(7.0), "--rgb:var(--more-rgb);--a:1.00");
    }
}

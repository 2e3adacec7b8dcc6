//! A generated text token by token: each opens what it might have been.

use std::sync::Arc;

use atlas_protocol::{Choice, Side};
use leptos::ev::{FocusEvent, KeyboardEvent, MouseEvent, PointerEvent};
use leptos::html::Span;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::choice::ChoiceAt;
use crate::text::t;

/// The first token that differs from the other text's, if any does.
#[must_use]
pub fn parting(own: &[Choice], other: &[Choice]) -> Option<usize> {
    let at = own
        .iter()
        .zip(other)
        .take_while(|(a, b)| a.drawn.text == b.drawn.text)
        .count();
    (at < own.len()).then_some(at)
}

/// The tokens, made once.
#[component]
pub fn Tokens(
    /// Which text.
    side: Side,
    /// Its tokens.
    choices: Arc<Vec<Choice>>,
    /// The first that differs from the plain text's.
    parts: Option<usize>,
) -> impl IntoView {
    let tip = expect_context::<RwSignal<Option<ChoiceAt>>>();
    let shell = NodeRef::<Span>::new();
    Effect::new(move |_| {
        if let Some(shell) = shell.get() {
            let _ = build(&shell, &choices, parts);
        }
    });
    let show = move |element: &Element, pinned: bool| {
        let Some(token) = index(element) else { return };
        let Some(rect) = element.get_client_rects().item(0) else {
            return;
        };
        tip.set(Some(ChoiceAt {
            side,
            token,
            x: rect.left(),
            y: rect.bottom() - 4.0,
            pinned,
        }));
    };
    let pinned = move || tip.with_untracked(|t| t.is_some_and(|t| t.pinned));
    let on_move = move |ev: PointerEvent| {
        if pinned() || ev.pointer_type() == "touch" {
            return;
        }
        match token_at(ev.target()) {
            Some(element) => {
                let same = tip.with_untracked(|t| {
                    t.is_some_and(|t| t.side == side && Some(t.token) == index(&element))
                });
                if !same {
                    show(&element, false);
                }
            }
            None => tip.set(None),
        }
    };
    let on_click = move |ev: MouseEvent| {
        if let Some(element) = token_at(ev.target()) {
            ev.stop_propagation();
            show(&element, true);
        }
    };
    let on_key = move |ev: KeyboardEvent| {
        let Some(element) = token_at(ev.target()) else {
            return;
        };
        let next = match ev.key().as_str() {
            "ArrowRight" => element.next_element_sibling(),
            "ArrowLeft" => element.previous_element_sibling(),
            "Enter" | " " => {
                ev.prevent_default();
                return show(&element, true);
            }
            _ => return,
        };
        ev.prevent_default();
        if let (Some(next), Ok(old)) = (
            next.and_then(|n| n.dyn_into::<HtmlElement>().ok()),
            element.dyn_into::<HtmlElement>(),
        ) {
            old.set_tab_index(-1);
            next.set_tab_index(0);
            let _ = next.focus();
        }
    };
    let on_focus = move |ev: FocusEvent| {
        if let Some(element) = token_at(ev.target())
            && element.matches(":focus-visible").unwrap_or(false)
        {
            show(&element, false);
        }
    };
    let leave = move || {
        if !pinned() {
            tip.set(None);
        }
    };
    view! {
        <span class="toks" node_ref=shell role="group" aria-label=t("steer.tokens-label")
            on:pointermove=on_move on:pointerleave=move |_| leave() on:click=on_click on:keydown=on_key on:focusin=on_focus on:focusout=move |_| leave()></span>
    }
}

fn token_at(target: Option<web_sys::EventTarget>) -> Option<Element> {
    target?.dyn_into::<Element>().ok()?.closest(".gen").ok()?
}

fn index(element: &Element) -> Option<usize> {
    element.get_attribute("data-i")?.parse().ok()
}

/// One element per token; a token that is part of a character stands in the one that completes it.
fn build(shell: &Element, choices: &[Choice], parts: Option<usize>) -> Option<()> {
    let document = document();
    shell.set_text_content(None);
    let fragment = document.create_document_fragment();
    let mut reachable = false;
    for (at, choice) in choices
        .iter()
        .enumerate()
        .filter(|(_, c)| !c.text.is_empty())
    {
        let name = if parts == Some(at) { "mark" } else { "span" };
        let element: HtmlElement = document.create_element(name).ok()?.dyn_into().ok()?;
        let before = parts.is_none_or(|parts| at < parts);
        element.set_class_name(if before { "gen same" } else { "gen" });
        if parts == Some(at) {
            element
                .set_attribute("title", t("steer.first-token"))
                .ok()?;
        }
        element.set_attribute("data-i", &at.to_string()).ok()?;
        element.set_tab_index(if reachable { -1 } else { 0 });
        reachable = true;
        element.set_text_content(Some(&choice.text));
        fragment.append_child(&element).ok()?;
    }
    shell.append_child(&fragment).ok()?;
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use atlas_protocol::Candidate;

    fn text(tokens: &[&str]) -> Vec<Choice> {
        let choice = |t: &&str| Choice {
            text: (*t).to_owned(),
            drawn: Candidate {
                text: (*t).to_owned(),
                plain: 0.5,
                steered: 0.5,
            },
            top: vec![],
        };
        tokens.iter().map(choice).collect()
    }

    #[test]
    fn texts_part_at_the_first_token_that_differs() {
        let a = text(&["a", "b", "c"]);
        assert_eq!(parting(&a, &text(&["a", "x"])), Some(1));
        assert_eq!(parting(&a, &a), None);
        assert_eq!(parting(&a, &text(&["a"])), Some(1), "one goes on");
        assert_eq!(parting(&text(&["a"]), &a), None);
    }
}

//! Arrow keys in a row of buttons of which one is on: focus and choice go round.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Left and right (or up and down) go to the next button of the row and press it.
pub fn arrows(ev: &KeyboardEvent) {
    let step = match ev.key().as_str() {
        "ArrowRight" | "ArrowDown" => 1,
        "ArrowLeft" | "ArrowUp" => -1,
        _ => return,
    };
    let Some(list) = ev
        .current_target()
        .and_then(|t| t.dyn_into::<HtmlElement>().ok())
    else {
        return;
    };
    let buttons = list.children();
    let (active, count) = (document().active_element(), buttons.length());
    let Some(at) = (0..count).find(|i| buttons.item(*i) == active) else {
        return;
    };
    ev.prevent_default();
    let next = (i64::from(at) + step).rem_euclid(i64::from(count));
    let next = u32::try_from(next).ok().and_then(|n| buttons.item(n));
    if let Some(button) = next.and_then(|t| t.dyn_into::<HtmlElement>().ok()) {
        let _ = button.focus();
        button.click();
    }
}

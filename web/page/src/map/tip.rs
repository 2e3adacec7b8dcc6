//! The tip beside the point under the mouse.

use atlas_affect::card::VectorsCard;
use atlas_units::Layer;
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::plot::neighbours;
use super::view::Xy;

/// Name, cluster and neighbours of the emotion under the pointer.
pub fn tip_of(card: &VectorsCard, layer: Layer, emotion: usize) -> Option<impl IntoView + use<>> {
    let entry = card.emotions.get(emotion)?;
    let near: Vec<&str> = neighbours(card, layer, emotion)
        .into_iter()
        .map(|n| card.emotions[n].name.as_str())
        .collect();
    Some(view! {
        <b>{entry.name.clone()}</b>
        <div class="sub">{entry.cluster.clone()}</div>
        <div>{format!("Nearest: {}", near.join(", "))}</div>
    })
}

/// Puts the tip beside a point, inside the sheet's box.
pub fn place_tip(tip: NodeRef<Div>, frame: NodeRef<Div>, at: Option<Xy>) {
    let (Some(tip), Some(frame), Some(at)) = (tip.get_untracked(), frame.get_untracked(), at)
    else {
        return;
    };
    let (tip, frame): (HtmlElement, HtmlElement) = (tip.unchecked_into(), frame.unchecked_into());
    let (own, box_) = (
        tip.get_bounding_client_rect(),
        frame.get_bounding_client_rect(),
    );
    let (x, y) = (
        box_.left() + f64::from(at[0]),
        box_.top() + f64::from(at[1]),
    );
    let (mut left, mut top) = (x + 16.0, y + 14.0);
    if left + own.width() > box_.right() {
        left = (x - own.width() - 16.0).max(8.0);
    }
    if top + own.height() > box_.bottom() {
        top = (y - own.height() - 14.0).max(8.0);
    }
    let style = tip.style();
    let _ = style.set_property("left", &format!("{left:.0}px"));
    let _ = style.set_property("top", &format!("{top:.0}px"));
}

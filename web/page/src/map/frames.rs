//! When the map draws: once per frame at most, and when its sheet or the fonts change.

use leptos::prelude::*;
use leptos::svg::Svg;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{EventTarget, HtmlElement, ResizeObserver};

use super::plot::{Now, Plot};
use super::view::Xy;

/// What the page's fonts say when some have arrived.
const ARRIVED: &str = "loadingdone";

/// Draws once in the next frame, and goes on while something moves.
pub fn queue_frame(
    plot: StoredValue<Option<Plot>, LocalStorage>,
    queued: StoredValue<bool>,
    now: impl Fn() -> Now + Copy + 'static,
) {
    // Already asked for, or the component is gone.
    if queued.try_get_value() != Some(false) {
        return;
    }
    queued.set_value(true);
    request_animation_frame(move || {
        if queued.try_set_value(false).is_some() {
            return;
        }
        let mut again = false;
        plot.try_update_value(|p| {
            if let Some(p) = p {
                let now = now();
                let ran = p.draw(&now);
                again = ran || (p.stale && !now.moving);
            }
        });
        if again {
            queue_frame(plot, queued, now);
        }
    });
}

/// Raises `resized` whenever the sheet changes its size, and when the fonts have arrived.
pub fn observe(frame: &HtmlElement, resized: RwSignal<u32>) {
    let raise = move || {
        resized.try_update(|n| *n += 1);
    };
    let on_size = Closure::<dyn Fn()>::new(raise);
    if let Ok(observer) = ResizeObserver::new(on_size.as_ref().unchecked_ref()) {
        observer.observe(frame);
        let kept = StoredValue::new_local((observer, on_size));
        on_cleanup(move || {
            kept.try_with_value(|(observer, _)| observer.disconnect());
        });
    }
    let fonts: EventTarget = document().fonts().into();
    let on_fonts = Closure::<dyn Fn()>::new(raise);
    let listens = on_fonts.as_ref().unchecked_ref();
    if fonts
        .add_event_listener_with_callback(ARRIVED, listens)
        .is_ok()
    {
        let kept = StoredValue::new_local((fonts, on_fonts));
        on_cleanup(move || {
            kept.try_with_value(|(fonts, on_fonts)| {
                let listens = on_fonts.as_ref().unchecked_ref();
                let _ = fonts.remove_event_listener_with_callback(ARRIVED, listens);
            });
        });
    }
}

/// Client coordinates to the sheet's.
pub fn local(svg: NodeRef<Svg>, x: i32, y: i32) -> Xy {
    let Some(svg) = svg.get_untracked() else {
        return [0.0, 0.0];
    };
    let rect = svg.get_bounding_client_rect();
    [x as f32 - rect.left() as f32, y as f32 - rect.top() as f32]
}

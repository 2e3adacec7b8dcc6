//! The map: 171 emotions on a sheet like an atlas plate.
//!
//! Pure parts decide (`view`, `labels`, `regions`, `axes`, `pointer`), `plot` joins them, `draw` writes SVG.

mod axes;
pub mod clusters;
mod draw;
mod frames;
mod labels;
mod legend;
mod measure;
mod naming;
mod plot;
mod pointer;
mod regions;
#[cfg(test)]
mod samples;
mod tip;
mod view;

use std::sync::Arc;
use std::time::Duration;

use atlas_affect::card::VectorsCard;
use atlas_units::Layer;
use leptos::ev;
use leptos::html::Div;
use leptos::prelude::*;
use leptos::svg::Svg;
use wasm_bindgen::JsCast;
use web_sys::{Element, PointerEvent};

pub use clusters::Glyph;

use frames::{local, observe, queue_frame};
use legend::Legend;
use plot::{Now, Plot};
use pointer::{Act, Gesture, REACH_MOUSE, REACH_TOUCH};
use tip::{place_tip, tip_of};
use view::{View, Xy};

/// Where a text went, in map units; the map scales it down if it does not fit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TextPath {
    /// Mean position of every sentence.
    pub stops: Vec<[f32; 2]>,
    /// Position of every token.
    pub tokens: Vec<[f32; 2]>,
    /// Sentence of every token, an index into `stops`.
    pub sentence_of: Vec<usize>,
}

/// The map stays unsettled this long after the last wheel event.
const REST: Duration = Duration::from_millis(140);

/// The sheet with its buttons, tip and legend.
#[component]
pub fn Map(
    /// The emotions and where they lie.
    card: Signal<Arc<VectorsCard>>,
    /// Layer whose map is drawn.
    layer: Signal<Layer>,
    /// The one selection of the page: index of an emotion.
    selected: RwSignal<usize>,
    /// Emotions in the Steer rack.
    rack: Signal<Vec<usize>>,
    /// The text's path at this layer.
    path: Signal<Option<Arc<TextPath>>>,
    /// Token under the pointer.
    here: Signal<Option<usize>>,
) -> impl IntoView {
    let (svg, frame, tip) = (
        NodeRef::<Svg>::new(),
        NodeRef::<Div>::new(),
        NodeRef::<Div>::new(),
    );
    let view = RwSignal::new(View::default());
    let hover = RwSignal::new(None::<usize>);
    let only = RwSignal::new(None::<&'static str>);
    let show_path = RwSignal::new(true);
    let moving = RwSignal::new(false);
    let scale_words = RwSignal::new("half scale");
    // Raised when sizes or fonts changed.
    let resized = RwSignal::new(0_u32);
    let plot = StoredValue::new_local(None::<Plot>);
    let gesture = StoredValue::new_local(Gesture::default());
    let queued = StoredValue::new(false);

    let now = move || Now {
        view: view.get_untracked(),
        selected: selected.get_untracked(),
        hover: hover.get_untracked(),
        rack: rack.get_untracked(),
        only: only.get_untracked(),
        path: path
            .get_untracked()
            .filter(|p| show_path.get_untracked() && !p.stops.is_empty()),
        here: here.get_untracked(),
        moving: moving.get_untracked(),
    };
    let queue = move || queue_frame(plot, queued, now);

    // The sheet is made once its element is there, and follows card and layer.
    Effect::new(move |_| {
        let (Some(svg), Some(frame)) = (svg.get(), frame.get()) else {
            return;
        };
        let (card, layer) = (card.get(), layer.get());
        plot.update_value(|plot| match plot {
            Some(plot) => plot.follow(&card, layer),
            None => {
                *plot = Some(Plot::new(
                    frame.unchecked_into::<Element>(),
                    &svg,
                    card,
                    layer,
                ))
            }
        });
        queue();
    });
    // Sizes: the sheet's own, and the fonts' when they arrive.
    Effect::new(move |_| {
        if let Some(frame) = frame.get() {
            observe(&frame, resized);
        }
    });
    Effect::new(move |before: Option<u32>| {
        let count = resized.get();
        if before.is_some() {
            plot.update_value(|p| {
                if let Some(p) = p {
                    p.resize();
                }
            });
            queue();
        }
        count
    });
    // Everything else only draws.
    Effect::new(move |_| {
        view.track();
        selected.track();
        hover.track();
        rack.track();
        only.track();
        path.track();
        show_path.track();
        moving.track();
        queue();
    });
    Effect::new(move |_| {
        here.track();
        plot.with_value(|p| {
            if let Some(p) = p {
                p.here(&now());
            }
        });
    });
    // What the path button says, and the width it takes from the names.
    Effect::new(move |_| {
        resized.track();
        layer.track();
        card.track();
        let Some(path) = path.get() else { return };
        let scale = plot.with_value(|p| p.as_ref().and_then(|p| p.path_scale(&path)));
        if let Some(scale) = scale {
            scale_words.set(view::scale_words(scale));
        }
    });
    Effect::new(move |_| {
        scale_words.track();
        request_animation_frame(move || {
            plot.try_update_value(|p| {
                if let Some(p) = p {
                    p.read_buttons();
                }
            });
            queue();
        });
    });
    // A selection made elsewhere must be seen here.
    Effect::new(move |before: Option<usize>| {
        let chosen = selected.get();
        if before.is_some_and(|b| b != chosen) {
            let seen = plot.with_value(|p| {
                let p = p.as_ref()?;
                let old = view.get_untracked();
                Some(old.revealing(p.place(&old, chosen)?, p.frame()?))
            });
            if let Some(seen) = seen.filter(|s| *s != view.get_untracked()) {
                view.set(seen);
            }
        }
        chosen
    });
    Effect::new(move |_| {
        if hover.get().is_some() {
            request_animation_frame(move || {
                place_tip(
                    tip,
                    frame,
                    hover
                        .try_get_untracked()
                        .flatten()
                        .and_then(|i| pixel_of(plot, i)),
                );
            });
        }
    });

    let spot = move |ev: &PointerEvent| local(svg, ev.client_x(), ev.client_y());
    let point_at = move |at: Xy, reach| {
        plot.with_value(|p| {
            p.as_ref()
                .and_then(|p| pointer::nearest(p.pixels(), at, reach))
        })
    };
    let reframe = move |change: &dyn Fn(View, view::Rect) -> View| {
        if let Some(frame) = plot.with_value(|p| p.as_ref().and_then(Plot::frame)) {
            let (old, new) = (view.get_untracked(), change(view.get_untracked(), frame));
            if new != old {
                view.set(new);
            }
        }
    };
    // Buttons, keys and the wheel have no end of their own.
    let rest = StoredValue::new_local(None::<TimeoutHandle>);
    let stir = move || {
        if !moving.get_untracked() {
            moving.set(true);
        }
        rest.update_value(|timer| {
            if let Some(timer) = timer.take() {
                timer.clear();
            }
            let settle = move || {
                if !gesture.try_with_value(Gesture::busy).unwrap_or(false) {
                    moving.try_set(false);
                }
            };
            *timer = set_timeout_with_handle(settle, REST).ok();
        });
    };
    let zoom_middle =
        move |factor: f32| reframe(&|v, frame| v.zoomed(factor, frame.centre(), frame));

    let on_down = move |ev: PointerEvent| {
        if ev.button() > 0 {
            return;
        }
        if let Some(svg) = svg.get_untracked() {
            let _ = svg.set_pointer_capture(ev.pointer_id());
        }
        gesture.update_value(|g| g.press(ev.pointer_id(), spot(&ev)));
        hover.set(None);
    };
    let on_move = move |ev: PointerEvent| {
        let mut act = Act::None;
        gesture.update_value(|g| {
            act = g.moved(ev.pointer_id(), spot(&ev), ev.pointer_type() == "touch")
        });
        match act {
            Act::Hover(at) => {
                let found = point_at(at, REACH_MOUSE);
                if found != hover.get_untracked() {
                    hover.set(found);
                }
            }
            Act::Pan(by) => {
                stir();
                reframe(&|v, frame| v.panned(by, frame));
            }
            Act::Pinch { factor, at, by } => {
                stir();
                reframe(&|v, frame| v.panned(by, frame).zoomed(factor, at, frame));
            }
            Act::Click(_) | Act::None => {}
        }
    };
    let on_up = move |ev: PointerEvent, cancelled: bool| {
        let mut act = Act::None;
        gesture.update_value(|g| act = g.release(ev.pointer_id(), spot(&ev), cancelled));
        let reach = if ev.pointer_type() == "touch" {
            REACH_TOUCH
        } else {
            REACH_MOUSE
        };
        if let Act::Click(at) = act
            && let Some(found) = point_at(at, reach)
        {
            selected.set(found);
        }
        if moving.get_untracked() {
            stir();
        }
    };
    let on_wheel = move |ev: ev::WheelEvent| {
        ev.prevent_default();
        let factor = pointer::wheel_factor(ev.delta_y(), ev.delta_mode(), ev.ctrl_key());
        let at = local(svg, ev.client_x(), ev.client_y());
        hover.set(None);
        stir();
        reframe(&|v, frame| v.zoomed(factor, at, frame));
    };
    let on_double = move |ev: ev::MouseEvent| {
        let at = local(svg, ev.client_x(), ev.client_y());
        if point_at(at, REACH_MOUSE).is_none() {
            reframe(&|v, frame| v.zoomed(1.8, at, frame));
        }
    };
    let on_key = move |ev: ev::KeyboardEvent| {
        if ev.ctrl_key() || ev.meta_key() || ev.alt_key() {
            return;
        }
        let way = match ev.key().as_str() {
            "ArrowRight" => [1.0, 0.0],
            "ArrowLeft" => [-1.0, 0.0],
            "ArrowUp" => [0.0, 1.0],
            "ArrowDown" => [0.0, -1.0],
            "+" | "=" => return zoom_middle(1.5),
            "-" => return zoom_middle(1.0 / 1.5),
            "0" => return view.set(View::default()),
            _ => return,
        };
        ev.prevent_default();
        let next = plot.with_value(|p| {
            p.as_ref()
                .and_then(|p| pointer::towards(p.points(), selected.get_untracked(), way))
        });
        if let Some(next) = next {
            selected.set(next);
        }
    };

    let spoken = move || {
        let [x, y] = plot::axes(&card.get(), layer.get());
        format!(
            "Map of {} emotion vectors. Left to right: {}. Bottom to top: {}. Arrow keys move the selection to the \
             nearest emotion in that direction. Plus and minus zoom, 0 shows the whole map.",
            card.get().emotions.len(),
            x.spoken(),
            y.spoken()
        )
    };
    let pathless = move || path.get().is_none_or(|p| p.stops.is_empty());

    view! {
        <section class="map" aria-label="Map">
            <div class="plot" id="plot" node_ref=frame>
                <svg
                    class="sheet"
                    id="map-sheet"
                    node_ref=svg
                    tabindex="0"
                    role="application"
                    aria-roledescription="map"
                    aria-label=spoken
                    style:cursor=move || if hover.get().is_some() { "pointer" } else { "" }
                    on:pointerdown=on_down
                    on:pointermove=on_move
                    on:pointerup=move |ev| on_up(ev, false)
                    on:pointercancel=move |ev| on_up(ev, true)
                    on:pointerleave=move |_| hover.set(None)
                    on:wheel=on_wheel
                    on:dblclick=on_double
                    on:keydown=on_key
                ></svg>
                // Keeps its room while there is no text, so that the map does not jump when one comes.
                <button
                    class="pathbtn"
                    id="pathbtn"
                    style:visibility=move || if pathless() { "hidden" } else { "" }
                    aria-pressed=move || show_path.get().to_string()
                    title=move || format!("Mean position of each sentence, drawn at {}", scale_words.get())
                    on:click=move |_| show_path.update(|s| *s = !*s)
                >
                    <svg viewBox="0 0 26 14" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.5">
                        <path d="M4 10C9 2 15 13 22 4"></path>
                        <circle cx="4" cy="10" r="2.8" fill="var(--paper-raised)"></circle>
                        <circle cx="22" cy="4" r="2.8" fill="currentColor"></circle>
                    </svg>
                    <span>"Path of the text "<small>{move || scale_words.get()}</small></span>
                </button>
                <div class="zoom">
                    <ZoomButton id="zin" label="Zoom in" icon="M9 4v10M4 9h10" press=move || zoom_middle(1.6) />
                    <ZoomButton id="zout" label="Zoom out" icon="M4 9h10" press=move || zoom_middle(1.0 / 1.6) />
                    <ZoomButton
                        id="zfit"
                        label="Whole map"
                        icon="M3 6.5V3h3.5M11.5 3H15v3.5M15 11.5V15h-3.5M6.5 15H3v-3.5"
                        press=move || view.set(View::default())
                    />
                </div>
            </div>
            <Legend card=card only=only />
            <div class="tip" id="map-tip" aria-hidden="true" node_ref=tip hidden=move || hover.get().is_none()>
                {move || hover.get().and_then(|i| tip_of(&card.get(), layer.get(), i))}
            </div>
        </section>
    }
}

/// One of the three buttons in the corner.
#[component]
fn ZoomButton(
    id: &'static str,
    label: &'static str,
    icon: &'static str,
    press: impl Fn() + 'static,
) -> impl IntoView {
    view! {
        <button id=id aria-label=label title=label on:click=move |_| press()>
            <svg class="ico" viewBox="0 0 18 18" aria-hidden="true">
                <path d=icon></path>
            </svg>
        </button>
    }
}

fn pixel_of(plot: StoredValue<Option<Plot>, LocalStorage>, emotion: usize) -> Option<Xy> {
    plot.try_with_value(|p| p.as_ref().and_then(|p| p.pixels().get(emotion).copied()))
        .flatten()
}

//! One sheet with its points: listens to mouse, fingers and keys, and has `plot` draw.

use std::sync::Arc;
use std::time::Duration;

use leptos::ev;
use leptos::html::Div;
use leptos::prelude::*;
use leptos::svg::Svg;
use wasm_bindgen::JsCast;
use web_sys::PointerEvent;

use crate::stages::in_turn;
use crate::text::t;

use super::TextPath;
use super::frames::{local, observe, queue_frame};
use super::lasso::inside;
use super::plot::{Now, Plot};
use super::pointer::{self, Act, Gesture, REACH_MOUSE, REACH_TOUCH};
use super::scene::Scene;
use super::tip::{place_tip, tip_of};
use super::view::{self, Rect, View, Xy};

/// The map stays unsettled this long after the last wheel event.
const REST: Duration = Duration::from_millis(140);

/// What two sheets side by side have in common.
#[derive(Clone, Copy)]
pub struct Common {
    /// Zoom and pan.
    pub view: RwSignal<View>,
    /// Emotion under the pointer.
    pub hover: RwSignal<Option<usize>>,
    /// The group that the legend isolates.
    pub only: RwSignal<Option<usize>>,
    /// The one selection of the page.
    pub selected: RwSignal<usize>,
    /// Emotions in the Steer rack.
    pub rack: Signal<Vec<usize>>,
    /// Emotions with a dark rim.
    pub lit: Signal<Arc<Vec<usize>>>,
    /// Drags draw a lasso instead of moving the map.
    pub lasso: RwSignal<bool>,
    /// Emotions that a lasso was drawn around, or one that was taken with shift.
    pub taken: Callback<Taken>,
}

/// What was picked for the comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// One more, or one less.
    One(usize),
    /// These and no others.
    These(Vec<usize>),
}

/// A text's way across this sheet.
#[derive(Clone, Copy)]
pub struct Route {
    /// The path, if it is to be drawn.
    pub path: Signal<Option<Arc<TextPath>>>,
    /// Token under the pointer.
    pub here: Signal<Option<usize>>,
    /// Last token that the player has passed.
    pub played: Signal<Option<usize>>,
    /// The scale it is drawn at, in words.
    pub scale_words: RwSignal<&'static str>,
}

/// The sheet, with buttons (`children`) on it and the tip beside the pointer.
#[component]
pub fn Plate(
    /// `id` of its SVG.
    id: &'static str,
    /// What is drawn.
    scene: Signal<Arc<Scene>>,
    /// What it shares with the sheet beside it.
    common: Common,
    /// The text's way.
    route: Route,
    /// Buttons on the sheet.
    children: Children,
) -> impl IntoView {
    let (svg, frame, tip) = (
        NodeRef::<Svg>::new(),
        NodeRef::<Div>::new(),
        NodeRef::<Div>::new(),
    );
    let Common {
        view,
        hover,
        only,
        selected,
        rack,
        lit,
        lasso,
        taken,
    } = common;
    let Route {
        path,
        here,
        played,
        scale_words,
    } = route;
    let moving = RwSignal::new(false);
    // Whether the pointer is over this sheet, and the tip with it.
    let over = RwSignal::new(false);
    // Raised when sizes or fonts changed.
    let resized = RwSignal::new(0_u32);
    let plot = StoredValue::new_local(None::<Plot>);
    let gesture = StoredValue::new_local(Gesture::default());
    let queued = StoredValue::new(false);
    // The line around points that is being drawn.
    let around = StoredValue::new_local(None::<Vec<Xy>>);

    let now = move || Now {
        view: view.get_untracked(),
        selected: selected.get_untracked(),
        hover: hover.get_untracked(),
        rack: rack.get_untracked(),
        only: only.get_untracked(),
        lit: lit.get_untracked(),
        path: path.get_untracked().filter(|p| !p.stops.is_empty()),
        here: here.get_untracked(),
        played: played.get_untracked(),
        moving: moving.get_untracked(),
    };
    let queue = move || queue_frame(plot, queued, now);

    // The sheet follows the scene.
    Effect::new(move |_| {
        let scene = scene.get();
        plot.update_value(|plot| {
            if let Some(plot) = plot {
                plot.follow(&scene);
            }
        });
        queue();
    });
    // It is made when its turn has come. Its sizes, and fonts that arrive, are told by the browser once it has laid the
    // page out: to ask for them before would have the page laid out in the task that asks.
    let owner = Owner::current();
    in_turn(move || {
        let (Some(Some(svg)), Some(Some(frame))) =
            (svg.try_get_untracked(), frame.try_get_untracked())
        else {
            return;
        };
        let scene = scene.get_untracked();
        let sheet = frame.clone().unchecked_into();
        plot.set_value(Some(Plot::new(sheet, &svg, scene)));
        if let Some(owner) = owner {
            owner.with(|| observe(&frame, resized));
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
        lit.track();
        path.track();
        moving.track();
        queue();
    });
    Effect::new(move |_| {
        here.track();
        played.track();
        plot.with_value(|p| {
            if let Some(p) = p {
                p.here(&now());
            }
        });
    });
    // What the path button says, and the width it takes from the names.
    Effect::new(move |_| {
        resized.track();
        scene.track();
        let Some(path) = path.get() else { return };
        let scale = plot.with_value(|p| p.as_ref().and_then(|p| p.path_scale(&path)));
        let words = scale.map(view::scale_words);
        if let Some(words) = words.filter(|w| *w != scale_words.get_untracked()) {
            scale_words.set(words);
        }
    });
    Effect::new(move |before: Option<()>| {
        scale_words.track();
        if before.is_none() {
            return;
        }
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
        if over.get() && hover.get().is_some() {
            request_animation_frame(move || {
                let at = hover.try_get_untracked().flatten();
                place_tip(tip, frame, at.and_then(|i| pixel_of(plot, i)));
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
    let reframe = move |change: &dyn Fn(View, Rect) -> View| {
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
    let draw_lasso = move |line: &[Xy]| {
        plot.with_value(|p| {
            if let Some(p) = p {
                p.sheet.lasso(line);
            }
        });
    };

    let on_down = move |ev: PointerEvent| {
        if ev.button() > 0 {
            return;
        }
        if let Some(svg) = svg.get_untracked() {
            let _ = svg.set_pointer_capture(ev.pointer_id());
        }
        hover.set(None);
        if ev.shift_key() || lasso.get_untracked() {
            around.set_value(Some(vec![spot(&ev)]));
            return;
        }
        gesture.update_value(|g| g.press(ev.pointer_id(), spot(&ev)));
    };
    let on_move = move |ev: PointerEvent| {
        let drawing = around.try_update_value(|line| {
            let line = line.as_mut()?;
            line.push(spot(&ev));
            draw_lasso(line);
            Some(())
        });
        if drawing.flatten().is_some() {
            return;
        }
        over.set(true);
        let mut act = Act::None;
        gesture.update_value(|g| {
            act = g.moved(ev.pointer_id(), spot(&ev), ev.pointer_type() == "touch");
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
        let reach = if ev.pointer_type() == "touch" {
            REACH_TOUCH
        } else {
            REACH_MOUSE
        };
        if let Some(line) = around.try_update_value(Option::take).flatten() {
            draw_lasso(&[]);
            let pixels = plot.with_value(|p| p.as_ref().map(|p| p.pixels().to_vec()));
            let (false, Some(pixels)) = (cancelled, pixels) else {
                return;
            };
            if line.iter().all(|at| near(*at, line[0])) {
                if let Some(one) = point_at(line[0], reach) {
                    taken.run(Taken::One(one));
                }
            } else {
                taken.run(Taken::These(inside(&line, &pixels)));
            }
            return;
        }
        let mut act = Act::None;
        gesture.update_value(|g| act = g.release(ev.pointer_id(), spot(&ev), cancelled));
        if let Act::Click(at) = act
            && let Some(found) = point_at(at, reach)
        {
            // Not now: the click that follows would have the browser lay out what this changes, and the frame once more.
            request_animation_frame(move || {
                let _ = selected.try_set(found);
            });
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
            "+" | "=" => return view.update(|v| *v = v.zoomed_in_place(1.5)),
            "-" => return view.update(|v| *v = v.zoomed_in_place(1.0 / 1.5)),
            "0" => return view.set(View::default()),
            "c" => return taken.run(Taken::One(selected.get_untracked())),
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

    view! {
        <div class="plot" node_ref=frame>
            <svg
                class="sheet"
                id=id
                node_ref=svg
                tabindex="0"
                role="application"
                aria-roledescription=t("map.role")
                aria-label=move || scene.get().spoken()
                style:cursor=move || match (lasso.get(), hover.get()) {
                    (true, _) => "crosshair",
                    (_, Some(_)) => "pointer",
                    _ => "",
                }
                on:pointerdown=on_down
                on:pointermove=on_move
                on:pointerup=move |ev| on_up(ev, false)
                on:pointercancel=move |ev| on_up(ev, true)
                on:pointerleave=move |_| {
                    hover.set(None);
                    over.set(false);
                }
                on:wheel=on_wheel
                on:dblclick=on_double
                on:keydown=on_key
            ></svg>
            {children()}
            <div class="tip" aria-hidden="true" node_ref=tip hidden=move || !over.get() || hover.get().is_none()>
                {move || {
                    let scene = scene.get();
                    hover.get().and_then(|i| tip_of(&scene.card, scene.layer, &scene.grouping, i))
                }}
            </div>
        </div>
    }
}

/// Less than the shake of a hand.
fn near(a: Xy, b: Xy) -> bool {
    (a[0] - b[0]).abs() + (a[1] - b[1]).abs() < 6.0
}

fn pixel_of(plot: StoredValue<Option<Plot>, LocalStorage>, emotion: usize) -> Option<Xy> {
    plot.try_with_value(|p| p.as_ref().and_then(|p| p.pixels().get(emotion).copied()))
        .flatten()
}

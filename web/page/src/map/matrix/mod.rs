//! The second face of the map: how alike every two emotions are, in the order of their tree.

mod layout;
mod paint;

use std::sync::Arc;

use atlas_affect::map::MapFile;
use leptos::ev;
use leptos::html::{Canvas, Div};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{HtmlCanvasElement, MutationObserver, MutationObserverInit, PointerEvent};

use crate::state::atlas;
use crate::text::{fill, t};

use super::frames::observe;
use super::grouping::Grouping;
use super::pointer::{self, Act, Gesture};
use super::tools::signed;
use super::view::{View, Xy};
use layout::{Branch, Layout, branches, places};
use paint::{FULL, Ink, Picture, cells, context, paint};

/// What is made once per file and theme.
struct Made {
    file: Arc<MapFile>,
    ink: Ink,
    cells: HtmlCanvasElement,
    branches: Vec<Branch>,
    places: Vec<usize>,
}

/// The matrix.
#[component]
pub fn Matrix(
    /// Cosines and tree.
    file: Arc<MapFile>,
    /// By what the strips are coloured.
    grouping: Signal<Arc<Grouping>>,
) -> impl IntoView {
    let atlas = atlas();
    let (canvas, frame) = (NodeRef::<Canvas>::new(), NodeRef::<Div>::new());
    let view = RwSignal::new(View::default());
    let hover = RwSignal::new(None::<[usize; 2]>);
    let resized = RwSignal::new(0_u32);
    let themed = RwSignal::new(0_u32);
    // The emotion that the selected one is held against; the most alike at first.
    let against = RwSignal::new(None::<usize>);
    let gesture = StoredValue::new_local(Gesture::default());
    let made = StoredValue::new_local(None::<Made>);
    let queued = StoredValue::new(false);
    let count = file.tree.order.len();
    let kept = StoredValue::new(file);

    let emotion =
        move |place: usize| kept.with_value(|f| f.tree.order.get(place).map(|e| usize::from(*e)));
    let place = move |emotion: usize| {
        made.with_value(|m| m.as_ref().and_then(|m| m.places.get(emotion).copied()))
            .unwrap_or(0)
    };
    let cosine = move |a: usize, b: usize| kept.with_value(|f| f.cosines.of(a, b));
    let column = move || {
        let row = atlas.selected.get();
        against.get().unwrap_or_else(|| {
            kept.with_value(|f| {
                (0..count)
                    .filter(|e| *e != row)
                    .max_by(|a, b| f.cosines.of(row, *a).total_cmp(&f.cosines.of(row, *b)))
                    .unwrap_or(row)
            })
        })
    };
    let size = move || {
        frame.get_untracked().map(|f| {
            let rect = f.get_bounding_client_rect();
            [rect.width() as f32, rect.height() as f32]
        })
    };
    let layout = move || Layout::new(size()?, count, &view.get_untracked());

    let draw = move || {
        let (Some(canvas), Some(size), Some(layout)) = (canvas.get_untracked(), size(), layout())
        else {
            return;
        };
        let ratio = window().device_pixel_ratio().max(1.0);
        let pixels = size.map(|s| (f64::from(s) * ratio).round() as u32);
        if (canvas.width(), canvas.height()) != (pixels[0], pixels[1]) {
            canvas.set_width(pixels[0]);
            canvas.set_height(pixels[1]);
        }
        let Some(to) = context(&canvas) else { return };
        let chosen = [
            place(atlas.selected.get_untracked()),
            place(untrack(column)),
        ];
        made.with_value(|m| {
            let Some(m) = m else { return };
            let picture = Picture {
                size,
                ratio,
                layout,
                cells: &m.cells,
                branches: &m.branches,
                order: &m.file.tree.order,
                grouping: &grouping.get_untracked(),
                chosen,
                hover: hover.get_untracked(),
                names: &|e| untrack(|| atlas.name_of(e)),
            };
            paint(&to, &m.ink, &picture);
        });
    };
    let queue = move || {
        if queued.try_get_value() != Some(false) {
            return;
        }
        queued.set_value(true);
        request_animation_frame(move || {
            if queued.try_set_value(false).is_none() {
                draw();
            }
        });
    };

    Effect::new(move |_| {
        if let Some(frame) = frame.get() {
            observe(&frame, resized);
        }
    });
    Effect::new(move |_| watch_theme(themed));
    Effect::new(move |_| {
        themed.track();
        let file = kept.get_value();
        let ink = Ink::read();
        made.set_value(ink.and_then(|ink| {
            Some(Made {
                cells: cells(&file, &ink)?,
                branches: branches(&file.tree),
                places: places(&file.tree.order),
                file,
                ink,
            })
        }));
        queue();
    });
    Effect::new(move |_| {
        view.track();
        hover.track();
        resized.track();
        grouping.track();
        atlas.selected.track();
        against.track();
        canvas.track();
        queue();
    });

    let spot = move |ev: &PointerEvent| at_frame(frame, ev.client_x(), ev.client_y());
    let reframe = move |change: &dyn Fn(View, Layout) -> View| {
        if let Some(layout) = layout() {
            let (old, new) = (view.get_untracked(), change(view.get_untracked(), layout));
            if new != old {
                view.set(new);
            }
        }
    };
    let choose = move |row: usize, column: usize| {
        if let (Some(row), Some(column)) = (emotion(row), emotion(column)) {
            against.set(Some(column));
            atlas.selected.set(row);
        }
    };
    let on_down = move |ev: PointerEvent| {
        if ev.button() > 0 {
            return;
        }
        if let Some(canvas) = canvas.get_untracked() {
            let _ = canvas.set_pointer_capture(ev.pointer_id());
        }
        gesture.update_value(|g| g.press(ev.pointer_id(), spot(&ev)));
    };
    let on_move = move |ev: PointerEvent| {
        let mut act = Act::None;
        gesture.update_value(|g| {
            act = g.moved(ev.pointer_id(), spot(&ev), ev.pointer_type() == "touch");
        });
        match act {
            Act::Hover(at) => {
                let found = layout().and_then(|l| l.at(at));
                if found != hover.get_untracked() {
                    hover.set(found);
                }
            }
            Act::Pan(by) => reframe(&|v, l| v.panned(by, l.square)),
            Act::Pinch { factor, at, by } => {
                reframe(&|v, l| v.panned(by, l.square).zoomed(factor, at, l.square));
            }
            Act::Click(_) | Act::None => {}
        }
    };
    let on_up = move |ev: PointerEvent, cancelled: bool| {
        let mut act = Act::None;
        gesture.update_value(|g| act = g.release(ev.pointer_id(), spot(&ev), cancelled));
        if let Act::Click(at) = act
            && let Some([row, column]) = layout().and_then(|l| l.at(at))
        {
            choose(row, column);
        }
    };
    let on_wheel = move |ev: ev::WheelEvent| {
        ev.prevent_default();
        let factor = pointer::wheel_factor(ev.delta_y(), ev.delta_mode(), ev.ctrl_key());
        let at = at_frame(frame, ev.client_x(), ev.client_y());
        reframe(&|v, l| v.zoomed(factor, at, l.square));
    };
    let on_key = move |ev: ev::KeyboardEvent| {
        if ev.ctrl_key() || ev.meta_key() || ev.alt_key() {
            return;
        }
        let (row, column) = (
            place(atlas.selected.get_untracked()),
            place(untrack(column)),
        );
        let last = count.saturating_sub(1);
        let (row, column) = match ev.key().as_str() {
            "ArrowDown" => ((row + 1).min(last), column),
            "ArrowUp" => (row.saturating_sub(1), column),
            "ArrowRight" => (row, (column + 1).min(last)),
            "ArrowLeft" => (row, column.saturating_sub(1)),
            "Enter" => (column, row),
            "+" | "=" => {
                view.update(|v| *v = v.zoomed_in_place(1.5));
                return reframe(&|v, l| l.revealing(v, [row, column]));
            }
            "-" => return view.update(|v| *v = v.zoomed_in_place(1.0 / 1.5)),
            "0" => return view.set(View::default()),
            _ => return,
        };
        ev.prevent_default();
        choose(row, column);
        reframe(&|v, l| l.revealing(v, [row, column]));
    };
    let said = move || {
        let (a, b) = match hover.get() {
            Some([row, column]) => (emotion(row)?, emotion(column)?),
            None => (atlas.selected.get(), column()),
        };
        Some((atlas.name_of(a), atlas.name_of(b), signed(cosine(a, b))))
    };
    let layer = kept.with_value(|f| f.layer);
    let spoken = fill("map.matrix.spoken", &[("count", &count), ("layer", &layer)]);
    view! {
        <div class="plot matrix" node_ref=frame>
            <canvas id="matrix" node_ref=canvas tabindex="0" role="application" aria-roledescription=t("map.matrix.role") aria-label=spoken
                aria-describedby="cellsay"
                on:pointerdown=on_down on:pointermove=on_move
                on:pointerup=move |ev| on_up(ev, false) on:pointercancel=move |ev| on_up(ev, true)
                on:pointerleave=move |_| hover.set(None) on:wheel=on_wheel on:keydown=on_key></canvas>
            <p class="cellsay" id="cellsay" role="status">
                {move || said().map(|(a, b, c)| view! { <b>{a}</b>{t("map.matrix.and")}<b>{b}</b>{t("map.matrix.cosine")}<span class="num">{c}</span> })}
                <small>{fill("map.matrix.scale", &[("layer", &layer), ("full", &FULL)])}</small>
            </p>
        </div>
    }
}

/// Client coordinates to the frame's.
fn at_frame(frame: NodeRef<Div>, x: i32, y: i32) -> Xy {
    let Some(frame) = frame.get_untracked() else {
        return [0.0, 0.0];
    };
    let rect = frame.get_bounding_client_rect();
    [x as f32 - rect.left() as f32, y as f32 - rect.top() as f32]
}

/// Raises `themed` when the page changes between light and dark: a canvas keeps the colours it was drawn in.
fn watch_theme(themed: RwSignal<u32>) {
    let changed = Closure::<dyn Fn()>::new(move || {
        themed.try_update(|n| *n += 1);
    });
    let (Ok(observer), Some(root)) = (
        MutationObserver::new(changed.as_ref().unchecked_ref()),
        document().document_element(),
    ) else {
        return;
    };
    let what = MutationObserverInit::new();
    what.set_attributes(true);
    let _ = observer.observe_with_options(&root, &what);
    let kept = StoredValue::new_local((observer, changed));
    on_cleanup(move || {
        kept.try_with_value(|(observer, _)| observer.disconnect());
    });
}

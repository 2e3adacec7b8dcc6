//! Emotions or layers by tokens, on a canvas.

use std::sync::Arc;

use leptos::ev::{KeyboardEvent, MouseEvent, PointerEvent};
use leptos::html::Canvas;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::export::{Export, ink};
use super::heat::{self, Heat, TOP};
use super::look::View;
use super::tip::{TipAt, figure};
use crate::session;
use crate::state::{Phase, atlas};
use crate::text::{self, t};

/// Height of a row, and of one where there are many.
const HIGH: f64 = 17.0;
/// Room for names.
const NAMES: f64 = 108.0;
/// Below this share of full colour a cell is not drawn.
const FAINT: f32 = 0.03;
/// Canvas text.
const TYPE: &str = "12px \"Atlas UI\", sans-serif";

/// The matrix of the view chosen, with its state in words.
#[component]
pub fn Matrix() -> impl IntoView {
    let atlas = atlas();
    let heat = Memo::new(move |_| -> Option<Arc<Heat>> {
        let look = atlas.look.get();
        let shown = atlas.shown.get().filter(|s| !s.waiting)?;
        match look.view {
            View::Rows => None,
            View::Matrix => {
                let count = if look.all { usize::MAX } else { TOP };
                let wanted = heat::by_peak(&shown, count);
                let card = atlas.card.get();
                let name = |e: usize| {
                    card.emotions
                        .get(e)
                        .map_or_else(String::new, |e| e.name.clone())
                };
                let heat = heat::emotions(&shown, &wanted, name, look.scale, look.sentences);
                Some(Arc::new(heat))
            }
            View::Layers => {
                let depth = atlas.depth.get()?;
                let layers = atlas.card.with(|c| c.geometry.len());
                let fits = depth.emotion == atlas.selected.get()
                    && depth.values.len() == layers * shown.reading.tokens.len();
                fits.then(|| {
                    Arc::new(heat::layers(
                        &shown,
                        &depth.values,
                        look.scale,
                        look.sentences,
                    ))
                })
            }
        }
    });
    let stored = move || atlas.shown.with(|s| s.as_ref().is_some_and(|s| s.stored));
    // It is read anew only when asked for: whoever stops a reading does not want it at once again.
    let again = move || {
        atlas.look.with(|l| l.view == View::Layers)
            && stored()
            && atlas.phase.get() == Phase::Ready
            && atlas.reading.with(Option::is_none)
    };
    let words = move || {
        let look = atlas.look.get();
        match look.view {
            View::Rows => None,
            View::Matrix if look.all => Some(t("read.matrix.all").to_owned()),
            View::Matrix => Some(text::fill("read.matrix.top", &[("n", &TOP)])),
            View::Layers if heat.with(Option::is_some) => Some(text::fill(
                "read.matrix.layers",
                &[("name", &atlas.name_of(atlas.selected.get()))],
            )),
            View::Layers if stored() && atlas.phase.get() == Phase::Ready => {
                Some(t("read.matrix.one-layer").to_owned())
            }
            View::Layers if atlas.phase.get() == Phase::Ready => Some(t("read.reading").to_owned()),
            View::Layers => Some(t("read.matrix.start").to_owned()),
        }
    };
    move || {
        words().map(|words| {
            view! {
                <div class="matrix" id="matrix">
                    <div class="matrix__say">
                        <p role="status">{words}</p>
                        <Show when=again>
                            <button class="link" id="readagain" on:click=move |_| session::read(atlas)>{t("read.matrix.again")}</button>
                        </Show>
                        <Show when=move || heat.with(Option::is_some)>
                            <Export heat=heat />
                        </Show>
                    </div>
                    {move || heat.get().map(|heat| view! { <Plot heat=heat /> })}
                </div>
            }
        })
    }
}

#[component]
fn Plot(heat: Arc<Heat>) -> impl IntoView {
    let atlas = atlas();
    let tip = expect_context::<RwSignal<Option<TipAt>>>();
    let canvas = NodeRef::<Canvas>::new();
    // Row and column under the keys.
    let at = RwSignal::new((0_usize, 0_usize));
    let many = heat.rows.len() > 40;
    let high = if many { HIGH - 4.0 } else { HIGH };
    let tall = high * heat.rows.len() as f64;
    let theme = crate::theme::watched();
    let cells = StoredValue::new_local(None::<Cells>);
    let to_draw = heat.clone();
    Effect::new(move |_| {
        atlas.screen.track();
        let theme = theme.get();
        let (chosen, layer) = (atlas.selected.get(), atlas.layer.get().index());
        let strong = match atlas.look.with_untracked(|l| l.view) {
            View::Layers => layer,
            _ => chosen,
        };
        let hot = atlas.hot.get();
        if let Some(canvas) = canvas.get() {
            cells.update_value(|cells| {
                let _ = draw(&canvas, &to_draw, high, strong, hot, theme, cells);
            });
        }
    });
    let of = heat.clone();
    let cell = move |ev: &MouseEvent| {
        let target = ev.current_target()?.dyn_into::<HtmlCanvasElement>().ok()?;
        let rect = target.get_bounding_client_rect();
        let (x, y) = (
            f64::from(ev.client_x()) - rect.left() - NAMES,
            f64::from(ev.client_y()) - rect.top(),
        );
        let row = index(y / high, of.rows.len())?;
        let column = index(
            x / (rect.width() - NAMES) * of.columns.len() as f64,
            of.columns.len(),
        );
        Some((row, column))
    };
    let select = move |row: usize, heat: &Heat| {
        let Some(row) = heat.rows.get(row) else {
            return;
        };
        if atlas.look.with_untracked(|l| l.view) == View::Layers {
            let layer = u16::try_from(row.key).unwrap_or(u16::MAX);
            atlas.layer.set(atlas_units::Layer::new(layer));
        } else {
            atlas.selected.set(row.key);
        }
    };
    let point = move |heat: &Heat, (row, column): (usize, usize), x: f64, y: f64, pinned: bool| {
        let Some(piece) = heat.columns.get(column).map(|c| c.pieces.start) else {
            return;
        };
        atlas.hot.set(Some(piece));
        tip.set(Some(TipAt {
            piece,
            x,
            y,
            pinned,
            second: false,
            row: heat.rows.get(row).map(|r| r.key).filter(|_| {
                !pinned
                    && atlas
                        .look
                        .with_untracked(|l| l.view == View::Matrix && !l.sentences)
            }),
        }));
    };
    let spoken = {
        let heat = heat.clone();
        move || {
            let (row, column) = at.get();
            let Some((row, column)) = heat
                .rows
                .get(row)
                .zip(heat.columns.get(column).map(|c| (column, c)))
            else {
                return String::new();
            };
            let value = row.values.get(column.0).copied().flatten();
            let value = value.map_or_else(|| t("read.matrix.unread").to_owned(), figure);
            format!("{}, {}: {value}", column.1.name, row.name)
        }
    };
    let pinned = move || tip.with_untracked(|t| t.as_ref().is_some_and(|t| t.pinned));
    let on_move = {
        let (heat, cell) = (heat.clone(), cell.clone());
        move |ev: PointerEvent| {
            if pinned() {
                return;
            }
            match cell(&ev) {
                Some((row, Some(column))) => {
                    if at.get_untracked() != (row, column) || tip.with_untracked(Option::is_none) {
                        at.set((row, column));
                        let place = (f64::from(ev.client_x()), f64::from(ev.client_y()));
                        point(&heat, (row, column), place.0, place.1, false);
                    }
                }
                _ => {
                    atlas.hot.set(None);
                    tip.set(None);
                }
            }
        }
    };
    let on_click = {
        let heat = heat.clone();
        move |ev: MouseEvent| {
            let Some((row, column)) = cell(&ev) else {
                return;
            };
            ev.stop_propagation();
            select(row, &heat);
            if let Some(column) = column {
                at.set((row, column));
                let place = (f64::from(ev.client_x()), f64::from(ev.client_y()));
                point(&heat, (row, column), place.0, place.1, true);
            }
        }
    };
    let on_key = {
        let heat = heat.clone();
        move |ev: KeyboardEvent| {
            let (row, column) = at.get_untracked();
            let (rows, columns) = (heat.rows.len().max(1), heat.columns.len().max(1));
            let next = match ev.key().as_str() {
                "ArrowRight" => (row, (column + 1).min(columns - 1)),
                "ArrowLeft" => (row, column.saturating_sub(1)),
                "ArrowDown" => ((row + 1).min(rows - 1), column),
                "ArrowUp" => (row.saturating_sub(1), column),
                "Enter" | " " => {
                    ev.prevent_default();
                    select(row, &heat);
                    if let Some(canvas) = canvas.get_untracked() {
                        let rect = canvas.get_bounding_client_rect();
                        let wide = (rect.width() - NAMES) / columns as f64;
                        let x = rect.left() + NAMES + wide * column as f64;
                        point(
                            &heat,
                            (row, column),
                            x,
                            rect.top() + high * (row as f64 + 1.0),
                            true,
                        );
                    }
                    return;
                }
                _ => return,
            };
            ev.prevent_default();
            at.set(next);
            atlas
                .hot
                .set(heat.columns.get(next.1).map(|c| c.pieces.start));
        }
    };
    let leave = move |_| {
        if !pinned() {
            atlas.hot.set(None);
            tip.set(None);
        }
    };
    let label = text::fill(
        "read.matrix.label",
        &[("rows", &heat.rows.len()), ("columns", &heat.columns.len())],
    );
    view! {
        <div class="matrix__shell">
            <canvas node_ref=canvas tabindex="0" role="img" aria-label=label style=format!("height:{tall}px") on:pointermove=on_move on:pointerleave=leave
                on:click=on_click on:keydown=on_key></canvas>
        </div>
        <p class="matrix__at num" role="status">{spoken}</p>
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to lie among them"
)]
fn index(place: f64, count: usize) -> Option<usize> {
    (place >= 0.0 && place < count as f64).then_some(place as usize)
}

/// The cells as they were drawn last, for a width and a theme.
type Cells = ((u32, u32), HtmlCanvasElement);

/// The cells, drawn once for a size and a theme; then lines and names.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sizes on a screen, and parts of a colour"
)]
fn draw(
    canvas: &HtmlCanvasElement,
    heat: &Heat,
    high: f64,
    strong: usize,
    hot: Option<usize>,
    theme: u32,
    cells: &mut Option<Cells>,
) -> Option<()> {
    let rect = canvas.get_bounding_client_rect();
    let (wide, tall) = (rect.width(), high * heat.rows.len() as f64);
    let dense = window().device_pixel_ratio().clamp(1.0, 3.0);
    canvas.set_width((wide * dense) as u32);
    canvas.set_height((tall * dense) as u32);
    let (columns, rows) = (heat.columns.len() as u32, heat.rows.len() as u32);
    if columns == 0 || rows == 0 || wide <= NAMES {
        return Some(());
    }
    let colours = ink();
    let paint = context(canvas)?;
    let key = ((wide * dense) as u32, theme);
    if cells.as_ref().is_none_or(|(of, _)| *of != key) {
        let sheet: HtmlCanvasElement = document().create_element("canvas").ok()?.dyn_into().ok()?;
        sheet.set_width(((wide - NAMES) * dense) as u32);
        sheet.set_height((tall * dense) as u32);
        fill(
            &context(&sheet)?,
            heat,
            high * dense,
            &colours.less,
            &colours.more,
        );
        *cells = Some((key, sheet));
    }
    paint.scale(dense, dense).ok()?;
    if let Some((_, sheet)) = cells {
        paint
            .draw_image_with_html_canvas_element_and_dw_and_dh(
                sheet,
                NAMES,
                0.0,
                wide - NAMES,
                tall,
            )
            .ok()?;
    }
    paint.set_stroke_style_str(&colours.soft);
    paint.set_fill_style_str(&colours.soft);
    paint.set_line_width(0.5);
    paint.stroke_rect(NAMES, 0.0, wide - NAMES, tall);
    let cell = (wide - NAMES) / f64::from(columns);
    let mut sentence = 0;
    for (x, column) in heat.columns.iter().enumerate() {
        if column.sentence != sentence {
            sentence = column.sentence;
            paint.fill_rect(NAMES + cell * x as f64 - 0.25, 0.0, 0.5, tall);
        }
    }
    if let Some(x) =
        hot.and_then(|piece| heat.columns.iter().position(|c| c.pieces.contains(&piece)))
    {
        paint.set_stroke_style_str(&colours.ink);
        paint.set_line_width(1.0);
        paint.stroke_rect(NAMES + cell * x as f64, 0.5, cell, tall - 1.0);
    }
    paint.set_text_align("right");
    paint.set_text_baseline("middle");
    for (y, row) in heat.rows.iter().enumerate() {
        let chosen = row.key == strong;
        paint.set_font(&if chosen {
            format!("bold {TYPE}")
        } else {
            TYPE.to_owned()
        });
        paint.set_fill_style_str(if chosen { &colours.ink } else { &colours.soft });
        paint
            .fill_text_with_max_width(
                &row.name,
                NAMES - 8.0,
                high * (y as f64 + 0.5),
                NAMES - 10.0,
            )
            .ok()?;
    }
    Some(())
}

/// The cells: one colour for more and one for less, as strong as the value.
fn fill(paint: &CanvasRenderingContext2d, heat: &Heat, high: f64, less: &str, more: &str) {
    let Some(canvas) = paint.canvas() else { return };
    let wide = f64::from(canvas.width()) / heat.columns.len().max(1) as f64;
    for (colour, negative) in [(less, true), (more, false)] {
        paint.set_fill_style_str(colour);
        for (y, row) in heat.rows.iter().enumerate() {
            for (x, value) in row.values.iter().enumerate() {
                let Some(value) = value.filter(|v| (*v < 0.0) == negative) else {
                    continue;
                };
                let alpha = (value.abs() / row.full).min(1.0);
                if alpha >= FAINT {
                    paint.set_global_alpha(f64::from(alpha));
                    paint.fill_rect(wide * x as f64, high * y as f64, wide, high);
                }
            }
        }
    }
}

fn context(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok()??.dyn_into().ok()
}

//! Draws the matrix on its canvas. No decisions here.

use atlas_affect::map::MapFile;
use leptos::prelude::*;
use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, CssStyleDeclaration, HtmlCanvasElement, ImageData};

use super::super::grouping::Grouping;
use super::super::view::Rect;
use super::layout::{Branch, Layout, NAMED, STRIP};

/// The cosine from which on the colour is full: few pairs are closer, and most would be paper else.
pub const FULL: f32 = 0.6;

/// The page's colours and faces, as they are now.
pub struct Ink {
    style: CssStyleDeclaration,
}

impl Ink {
    /// Reads them.
    pub fn read() -> Option<Self> {
        let root = document().document_element()?;
        let style = window().get_computed_style(&root).ok()??;
        Some(Self { style })
    }

    fn token(&self, name: &str) -> String {
        let value = self.style.get_property_value(name).unwrap_or_default();
        value.trim().to_owned()
    }

    fn rgb(&self, name: &str) -> [u8; 3] {
        let mut parts = self
            .token(name)
            .split_whitespace()
            .map(|p| p.parse().unwrap_or(0))
            .collect::<Vec<u8>>()
            .into_iter();
        std::array::from_fn(|_| parts.next().unwrap_or(0))
    }
}

/// One pixel per cell, in the tree's order: orange for alike, blue for opposite, nothing for neither.
pub fn cells(file: &MapFile, ink: &Ink) -> Option<HtmlCanvasElement> {
    let order = &file.tree.order;
    let n = order.len();
    let (more, less) = (ink.rgb("--more-rgb"), ink.rgb("--less-rgb"));
    let mut bytes = Vec::with_capacity(4 * n * n);
    for row in order {
        for column in order {
            let c = file.cosines.of(usize::from(*row), usize::from(*column));
            let [r, g, b] = if c < 0.0 { less } else { more };
            bytes.extend([r, g, b, ((c.abs() / FULL).min(1.0) * 255.0) as u8]);
        }
    }
    let side = u32::try_from(n).ok()?;
    let image = ImageData::new_with_u8_clamped_array(Clamped(&bytes), side).ok()?;
    let canvas: HtmlCanvasElement = document().create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width(side);
    canvas.set_height(side);
    context(&canvas)?.put_image_data(&image, 0.0, 0.0).ok()?;
    Some(canvas)
}

/// The canvas's way to draw.
pub fn context(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok()??.dyn_into().ok()
}

/// What one drawing shows.
pub struct Picture<'a> {
    /// Size of the canvas in CSS pixels.
    pub size: [f32; 2],
    /// Device pixels per CSS pixel.
    pub ratio: f64,
    /// Where things lie.
    pub layout: Layout,
    /// One pixel per cell.
    pub cells: &'a HtmlCanvasElement,
    /// The tree.
    pub branches: &'a [Branch],
    /// Emotions in the tree's order.
    pub order: &'a [u16],
    /// By what the strips are coloured.
    pub grouping: &'a Grouping,
    /// The cell of the selection, row and column.
    pub chosen: [usize; 2],
    /// The cell under the pointer.
    pub hover: Option<[usize; 2]>,
    /// Names of emotions.
    pub names: &'a dyn Fn(usize) -> String,
}

/// Draws it.
pub fn paint(to: &CanvasRenderingContext2d, ink: &Ink, picture: &Picture) {
    let (l, s) = (&picture.layout, picture.layout.square);
    let [width, height] = picture.size;
    let _ = to.set_transform(picture.ratio, 0.0, 0.0, picture.ratio, 0.0, 0.0);
    to.clear_rect(0.0, 0.0, f64::from(width), f64::from(height));
    to.set_fill_style_str(&ink.token("--paper-raised"));
    fill(to, s);
    to.save();
    clip(to, s);
    to.set_image_smoothing_enabled(false);
    let side = f64::from(l.cell) * picture.order.len() as f64;
    let [x, y] = l.origin.map(f64::from);
    let _ = to.draw_image_with_html_canvas_element_and_dw_and_dh(picture.cells, x, y, side, side);
    cross(to, ink, picture);
    to.restore();
    to.set_stroke_style_str(&ink.token("--rule-strong"));
    to.set_line_width(1.0);
    stroke(to, s);
    strips(to, ink, picture);
    if l.cell >= NAMED {
        names(to, ink, picture);
    } else {
        tree(to, ink, picture);
    }
}

/// Row and column of the selection and of the pointer.
fn cross(to: &CanvasRenderingContext2d, ink: &Ink, picture: &Picture) {
    let (l, s) = (&picture.layout, picture.layout.square);
    to.set_stroke_style_str(&ink.token("--ink"));
    let frame = |place: usize, axis: usize| {
        let at = l.start(place, axis);
        if axis == 0 {
            Rect::new(at, s.y0, at + l.cell, s.y1)
        } else {
            Rect::new(s.x0, at, s.x1, at + l.cell)
        }
    };
    if let Some([row, column]) = picture.hover {
        to.set_line_width(0.6);
        stroke(to, frame(row, 1));
        stroke(to, frame(column, 0));
    }
    let [row, column] = picture.chosen;
    to.set_line_width(1.2);
    stroke(to, frame(row, 1));
    let cell = Rect::new(
        l.start(column, 0),
        l.start(row, 1),
        l.start(column, 0) + l.cell,
        l.start(row, 1) + l.cell,
    );
    to.set_line_width(2.0);
    stroke(to, cell.grown(1.5, 1.5));
}

/// The groups along two sides.
fn strips(to: &CanvasRenderingContext2d, ink: &Ink, picture: &Picture) {
    let (l, s) = (&picture.layout, picture.layout.square);
    for axis in [0, 1] {
        for place in l.visible(axis) {
            let Some(emotion) = picture.order.get(place) else {
                continue;
            };
            let Some(group) = picture.grouping.group(usize::from(*emotion)) else {
                continue;
            };
            to.set_fill_style_str(&ink.token(&format!("--c-{}", group.marker.key)));
            let (from, until) = (l.start(place, axis), l.start(place, axis) + l.cell);
            let strip = if axis == 0 {
                Rect::new(from.max(s.x0), s.y0 - STRIP, until.min(s.x1), s.y0 - 1.0)
            } else {
                Rect::new(s.x0 - STRIP, from.max(s.y0), s.x0 - 1.0, until.min(s.y1))
            };
            fill(to, strip);
        }
    }
}

/// Names of the rows and columns in sight.
fn names(to: &CanvasRenderingContext2d, ink: &Ink, picture: &Picture) {
    let (l, s) = (&picture.layout, picture.layout.square);
    let px = (l.cell - 1.0).clamp(9.0, 13.0);
    to.set_fill_style_str(&ink.token("--ink"));
    to.set_font(&format!("500 {px}px {}", ink.token("--font-ui")));
    to.set_text_align("right");
    to.set_text_baseline("middle");
    let most = f64::from(s.x0 - STRIP - 4.0);
    for place in l.visible(1) {
        let at = l.start(place, 1) + l.cell / 2.0;
        if let Some(emotion) = picture.order.get(place)
            && at > s.y0
            && at < s.y1
        {
            let name = (picture.names)(usize::from(*emotion));
            let (x, y) = (f64::from(s.x0 - STRIP - 3.0), f64::from(at));
            let _ = to.fill_text_with_max_width(&name, x, y, most);
        }
    }
}

/// The tree to the left of the square, its root outside.
fn tree(to: &CanvasRenderingContext2d, ink: &Ink, picture: &Picture) {
    let (l, s) = (&picture.layout, picture.layout.square);
    let (leaf, root) = (s.x0 - STRIP - 3.0, 4.0);
    let x = |height: f32| f64::from(leaf - (leaf - root) * height);
    let y = |row: f32| f64::from(l.origin[1] + row * l.cell);
    to.save();
    clip(to, Rect::new(0.0, s.y0, s.x0, s.y1));
    to.set_stroke_style_str(&ink.token("--ink-faint"));
    to.set_line_width(0.8);
    to.begin_path();
    for b in picture.branches {
        to.move_to(x(b.from[0]), y(b.rows[0]));
        to.line_to(x(b.height), y(b.rows[0]));
        to.line_to(x(b.height), y(b.rows[1]));
        to.line_to(x(b.from[1]), y(b.rows[1]));
    }
    to.stroke();
    to.restore();
}

fn fill(to: &CanvasRenderingContext2d, r: Rect) {
    let [w, h] = r.size().map(f64::from);
    to.fill_rect(f64::from(r.x0), f64::from(r.y0), w, h);
}

fn stroke(to: &CanvasRenderingContext2d, r: Rect) {
    let [w, h] = r.size().map(f64::from);
    to.stroke_rect(f64::from(r.x0), f64::from(r.y0), w, h);
}

fn clip(to: &CanvasRenderingContext2d, r: Rect) {
    let [w, h] = r.size().map(f64::from);
    to.begin_path();
    to.rect(f64::from(r.x0), f64::from(r.y0), w, h);
    to.clip();
}

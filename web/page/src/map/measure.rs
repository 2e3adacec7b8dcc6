//! What the style sheet and the fonts make of the map: sizes, widths of names, where the buttons are.

use std::cell::RefCell;
use std::collections::HashMap;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, Element, HtmlCanvasElement};

use super::draw::Weight;
use super::view::Rect;

/// Height of the selected emotion's name.
pub const SELECTED_PX: f32 = 17.0;
/// Height of the axis texts.
pub const AXIS_PX: f32 = 13.0;

/// Widths of names in one font, by emotion.
#[derive(Debug)]
struct Widths {
    font: String,
    px: f32,
    of: HashMap<usize, f32>,
}

/// Sizes read from the page; read again when the sheet is resized or the fonts arrive.
#[derive(Debug)]
pub struct Look {
    /// The neatline.
    pub frame: Rect,
    /// Phone layout.
    pub compact: bool,
    /// Half the width of a point.
    pub mark: f32,
    /// Height of ordinary names.
    pub label_px: f32,
    /// Height of region names.
    pub region_px: f32,
    /// The buttons that lie on the sheet.
    pub buttons: Vec<Rect>,
    names: RefCell<[Widths; 3]>,
    /// Widths of the region names, in the order of the groups.
    pub regions: Vec<f32>,
    read_family: String,
    canvas: Option<CanvasRenderingContext2d>,
}

impl Look {
    /// Reads everything; none while the sheet is not shown.
    pub fn read<'a>(plot: &Element, regions: impl Iterator<Item = &'a str>) -> Option<Self> {
        let here = plot.get_bounding_client_rect();
        let (width, height) = (here.width() as f32, here.height() as f32);
        if width < 80.0 || height < 80.0 {
            return None;
        }
        let compact = window()
            .inner_width()
            .ok()
            .and_then(|w| w.as_f64())
            .unwrap_or(1440.0)
            < 720.0;
        let style = window().get_computed_style(plot).ok().flatten();
        let token = |name: &str, default: &str| {
            style
                .as_ref()
                .and_then(|s| s.get_property_value(name).ok())
                .map(|v| v.trim().to_owned())
                .filter(|v| !v.is_empty())
                .unwrap_or_else(|| default.to_owned())
        };
        let pixels = |name: &str, default: f32| {
            token(name, "")
                .trim_end_matches("px")
                .parse()
                .unwrap_or(default)
        };
        let (ui, read_family) = (
            token("--font-ui", "sans-serif"),
            token("--font-read", "serif"),
        );
        let (label_px, mark) = (pixels("--map-label", 13.0), pixels("--mark", 5.2));
        let region_px = if compact { 15.0 } else { 17.0 };
        let (axis, edge) = if compact { (24.0, 1.0) } else { (26.0, 1.5) };
        let canvas = canvas();
        let names = [
            (format!("500 {label_px}px {ui}"), label_px),
            (format!("600 {label_px}px {ui}"), label_px),
            (format!("600 {SELECTED_PX}px {read_family}"), SELECTED_PX),
        ];
        let mut look = Self {
            frame: Rect::new(axis, edge, width - edge, height - axis),
            compact,
            mark,
            label_px,
            region_px,
            buttons: buttons(plot),
            names: RefCell::new(names.map(|(font, px)| Widths {
                font,
                px,
                of: HashMap::new(),
            })),
            regions: Vec::new(),
            read_family,
            canvas,
        };
        look.read_regions(regions);
        Some(look)
    }

    /// Width of an emotion's name. Bold ones are few, so that each is measured when it is first asked for.
    pub fn name_width(&self, weight: Weight, emotion: usize, name: &str) -> f32 {
        let mut names = self.names.borrow_mut();
        let widths = &mut names[match weight {
            Weight::Plain => 0,
            Weight::Near => 1,
            Weight::Selected => 2,
        }];
        let (font, px) = (&widths.font, widths.px);
        *widths.of.entry(emotion).or_insert_with(|| {
            text_widths(self.canvas.as_ref(), font, px, std::iter::once(name))
                .into_iter()
                .sum()
        })
    }

    /// Measures the names of regions.
    pub fn read_regions<'a>(&mut self, names: impl Iterator<Item = &'a str>) {
        let font = format!("italic 400 {}px {}", self.region_px, self.read_family);
        let names: Vec<&str> = names.collect();
        let widths = text_widths(
            self.canvas.as_ref(),
            &font,
            self.region_px,
            names.iter().copied(),
        );
        // The style sheet spaces these letters by 0.045 em.
        let spaced = |(width, name): (f32, &&str)| {
            width + name.chars().count() as f32 * self.region_px * 0.045
        };
        self.regions = widths.into_iter().zip(&names).map(spaced).collect();
    }

    /// Width of an axis text.
    pub fn axis_width(&self, text: &str) -> f32 {
        let font = format!("italic 400 {AXIS_PX}px {}", self.read_family);
        text_widths(self.canvas.as_ref(), &font, AXIS_PX, std::iter::once(text))
            .into_iter()
            .sum()
    }
}

/// Where the sheet's buttons lie, in the sheet's pixels.
pub fn buttons(plot: &Element) -> Vec<Rect> {
    let here = plot.get_bounding_client_rect();
    let (left, top) = (here.left(), here.top());
    [".pathbtn", ".zoom"]
        .iter()
        .filter_map(|which| plot.query_selector(which).ok().flatten())
        .map(|b| b.get_bounding_client_rect())
        .filter(|r| r.width() > 0.0)
        .map(|r| {
            let edge = |v: f64| v as f32;
            Rect::new(
                edge(r.left() - left),
                edge(r.top() - top),
                edge(r.right() - left),
                edge(r.bottom() - top),
            )
            .grown(3.0, 3.0)
        })
        .collect()
}

fn canvas() -> Option<CanvasRenderingContext2d> {
    let canvas: HtmlCanvasElement = document().create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.get_context("2d").ok()??.dyn_into().ok()
}

/// Widths in pixels; guesses where there is no canvas.
fn text_widths<'a>(
    canvas: Option<&CanvasRenderingContext2d>,
    font: &str,
    px: f32,
    texts: impl Iterator<Item = &'a str>,
) -> Vec<f32> {
    if let Some(canvas) = canvas {
        canvas.set_font(font);
    }
    let guess = |text: &str| text.chars().count() as f32 * px * 0.56;
    texts
        .map(|text| {
            canvas
                .and_then(|c| c.measure_text(text).ok())
                .map_or_else(|| guess(text), |m| m.width() as f32)
        })
        .collect()
}

//! The sheet's SVG: made once, then only moved. No decisions here.

use std::cell::{OnceCell, RefCell};

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, SvgElement};

use super::axes::Axis;
use super::clusters::Marker;
use super::grouping::Group;
use super::measure::{AXIS_PX, Look, SELECTED_PX};
use super::regions::Region;
use super::swarm::Swarm;
use super::view::{Projection, Xy};

/// Handles to what is drawn.
#[derive(Debug)]
pub struct Sheet {
    clip: Element,
    frame: [Element; 2],
    ticks: Element,
    zero: Element,
    axes: Element,
    regions: Element,
    hair: Element,
    near: Element,
    points_group: Element,
    points: Vec<Element>,
    /// The same points while they move.
    swarm: Swarm,
    /// Only changes reach the page.
    drawn: RefCell<Drawn>,
    pub(super) path: Element,
    pub(super) path_lines: [Element; 2],
    pub(super) trail: Element,
    pub(super) lasso: Element,
    pub(super) stops: Vec<Element>,
    ring: Element,
    labels_group: Element,
    /// The names; most are never shown, and made only then.
    labels: Vec<(String, OnceCell<Element>)>,
    pub(super) here: Element,
    pub(super) here_dot: Element,
    pub(super) here_arrow: Element,
}

/// What the label of one emotion looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// As most.
    Plain,
    /// A neighbour of the selected one.
    Near,
    /// The selected one.
    Selected,
}

/// The class of most points.
const PLAIN: &str = "pt";

/// What stands on the sheet. To write it once more would have the browser lay it out once more.
#[derive(Debug, Default)]
struct Drawn {
    /// Place and size of every point in steps, and its class.
    points: Vec<Option<([i32; 3], &'static str)>>,
    /// The same of every name that is shown.
    labels: Vec<Option<([i32; 2], &'static str)>>,
    /// The regions, the groups they are named after, and their size.
    regions: (Vec<Region>, Vec<Group>, f32),
    /// Whether the regions are moved along with the map.
    shifted: bool,
    /// Whether most points are drawn by the swarm.
    moving: bool,
}

impl Sheet {
    /// Makes the layers inside an empty `svg`, lowest first.
    pub fn new(svg: &SvgElement) -> Self {
        svg.set_inner_html("");
        let root: &Element = svg.unchecked_ref();
        // Two sheets may be on the page.
        let clip_id = format!("{}-clip", root.id());
        let clip_path = add(root, "clipPath", &[("id", &clip_id)]);
        let clip = add(&clip_path, "rect", &[]);
        let frame = ["frame", "frame2"].map(|class| add(root, "rect", &[("class", class)]));
        let ticks = add(root, "path", &[("class", "tick")]);
        let inside = add(root, "g", &[("clip-path", &format!("url(#{clip_id})"))]);
        let zero = add(&inside, "path", &[("class", "zero")]);
        let regions = add(&inside, "g", &[]);
        let hair = add(&inside, "path", &[("class", "hair"), ("fill", "none")]);
        let near = add(&inside, "path", &[("class", "nearline"), ("fill", "none")]);
        let swarm = Swarm::new(&inside);
        let points_group = add(&inside, "g", &[]);
        let trail = add(&inside, "path", &[("class", "trail")]);
        let path = add(&inside, "g", &[]);
        let path_lines =
            ["steps-halo", "steps"].map(|class| add(&path, "path", &[("class", class)]));
        let ring = add(&inside, "circle", &[("class", "ring")]);
        let labels_group = add(&inside, "g", &[]);
        let here = add(&inside, "g", &[]);
        let here_dot = add(&here, "circle", &[("class", "here"), ("r", "6.5")]);
        let here_arrow = add(&here, "path", &[("class", "here"), ("d", "M9 0L-6-7V7Z")]);
        let lasso = add(&inside, "path", &[("class", "lasso")]);
        let axes = add(root, "g", &[]);
        for part in [&path, &here, &ring, &trail, &lasso] {
            set(part, "pointer-events", "none");
        }
        Self {
            clip,
            frame,
            ticks,
            zero,
            axes,
            regions,
            hair,
            near,
            points_group,
            points: Vec::new(),
            swarm,
            drawn: RefCell::default(),
            path,
            path_lines,
            trail,
            lasso,
            stops: Vec::new(),
            ring,
            labels_group,
            labels: Vec::new(),
            here,
            here_dot,
            here_arrow,
        }
    }

    /// Makes a point for every emotion.
    pub fn emotions<'a>(&mut self, names: impl Iterator<Item = &'a str>) {
        self.rest();
        self.points_group.set_inner_html("");
        self.labels_group.set_inner_html("");
        (self.points, self.labels) = names
            .map(|name| {
                let kind = [("class", PLAIN), ("data-n", name)];
                let point = add(&self.points_group, "path", &kind);
                (point, (name.to_owned(), OnceCell::new()))
            })
            .unzip();
        *self.drawn.borrow_mut() = Drawn {
            points: vec![None; self.points.len()],
            labels: vec![None; self.labels.len()],
            ..Drawn::default()
        };
    }

    /// Gives the groups their colours and shapes.
    pub fn groups(&mut self, groups: &[Group]) {
        self.swarm.groups(groups);
    }

    /// Draws points that move, each with its group.
    pub fn swarm(&self, points: &[(usize, Xy)], size: f32) {
        self.swarm.draw(points, size);
        if !std::mem::replace(&mut self.drawn.borrow_mut().moving, true) {
            set(&self.points_group, "class", "moving");
        }
    }

    /// Every point is drawn by itself.
    pub fn rest(&self) {
        if std::mem::take(&mut self.drawn.borrow_mut().moving) {
            set(&self.points_group, "class", "");
            self.swarm.rest();
        }
    }

    /// Gives a point its colour and shape.
    pub fn mark(&self, i: usize, marker: &Marker) {
        if let Some(point) = self.points.get(i) {
            set(point, "d", marker.shape);
            set(point, "fill", &marker.colour());
        }
    }

    /// Neatline and axis texts.
    pub fn margins(&self, look: &Look, axes: &[Axis; 2]) {
        let f = look.frame;
        let [w, h] = f.size();
        for (rect, inset) in [
            (&self.clip, 0.0),
            (&self.frame[0], 0.0),
            (&self.frame[1], 4.0),
        ] {
            set_all(
                rect,
                &[
                    ("x", f.x0 + inset),
                    ("y", f.y0 + inset),
                    ("width", w - 2.0 * inset),
                    ("height", h - 2.0 * inset),
                ],
            );
        }
        self.axes.set_inner_html("");
        let sides = [
            (
                w - 2.0,
                format!("translate({} {})", f.x0 + 1.0, f.y1 + 19.0),
            ),
            (
                h - 2.0,
                format!("translate({} {}) rotate(-90)", f.x0 - 11.0, f.y1 - 1.0),
            ),
        ];
        for (axis, (length, transform)) in axes.iter().zip(sides) {
            let g = add(&self.axes, "g", &[("transform", &transform)]);
            // Where there is no room, the share of variance goes first, then r.
            let room = length - look.axis_width(&axis.low) - 12.0;
            let mut high = axis.high.as_str();
            for end in [", ", " ("] {
                if look.axis_width(high) > room {
                    high = high.rsplit_once(end).map_or(high, |cut| cut.0);
                }
            }
            add(&g, "text", &[("class", "axis")]).set_text_content(Some(&axis.low));
            add(
                &g,
                "text",
                &[
                    ("class", "axis"),
                    ("x", &length.to_string()),
                    ("text-anchor", "end"),
                ],
            )
            .set_text_content(Some(high));
            let (a, b) = (
                look.axis_width(&axis.low) + 10.0,
                length - look.axis_width(high) - 10.0,
            );
            let y = -AXIS_PX * 0.31;
            if b - a > 16.0 && !high.is_empty() {
                let head = |x: f32, by: f32| {
                    format!("M{} {}L{x} {y}L{} {}", x + by, y - 3.5, x + by, y + 3.5)
                };
                let d = format!("M{a} {y}H{b}{}{}", head(a, 5.0), head(b, -5.0));
                add(&g, "path", &[("class", "axisline"), ("d", &d)]);
            }
        }
    }

    /// Ticks and the lines through the origin, where they measure something.
    pub fn graticule(&self, p: &Projection, measured: bool) {
        if !measured {
            set(&self.ticks, "d", "");
            set(&self.zero, "d", "");
            return;
        }
        let f = p.frame;
        let mut d = String::new();
        for x in p.ticks(0) {
            d += &format!("M{x:.1} {}v4M{x:.1} {}v4", f.y0, f.y1 - 4.0);
        }
        for y in p.ticks(1) {
            d += &format!("M{} {y:.1}h4M{} {y:.1}h4", f.x0, f.x1 - 4.0);
        }
        set(&self.ticks, "d", &d);
        let [x, y] = p.pixel([0.0, 0.0]);
        let d = format!(
            "M{x:.1} {}V{}M{} {y:.1}H{}",
            f.y0 + 6.0,
            f.y1 - 6.0,
            f.x0 + 6.0,
            f.x1 - 6.0
        );
        set(&self.zero, "d", &d);
    }

    /// Leaves one point to the swarm.
    pub fn leave(&self, i: usize) {
        let mut drawn = self.drawn.borrow_mut();
        if let (Some(point), Some(Some((_, class)))) = (self.points.get(i), drawn.points.get_mut(i))
            && *class != PLAIN
        {
            *class = PLAIN;
            set(point, "class", PLAIN);
        }
    }

    /// Moves one point. `size` is half its width; `lit` draws it with a dark rim; `own` shows it while others move.
    pub fn point(&self, i: usize, [x, y]: Xy, size: f32, [dim, lit, own]: [bool; 3]) {
        let mut drawn = self.drawn.borrow_mut();
        let (Some(point), Some(drawn)) = (self.points.get(i), drawn.points.get_mut(i)) else {
            return;
        };
        let class = match (dim, lit, own) {
            (false, false, false) => PLAIN,
            (true, false, false) => "pt dim",
            (_, true, false) => "pt lit",
            (false, false, true) => "pt own",
            (true, false, true) => "pt dim own",
            (_, true, true) => "pt lit own",
        };
        let place = [steps(x, 10.0), steps(y, 10.0), steps(size, 100.0)];
        let before = drawn.replace((place, class));
        if before.is_none_or(|(before, _)| before != place) {
            set(
                point,
                "transform",
                &format!("translate({x:.1} {y:.1}) scale({size:.2})"),
            );
        }
        if before.is_none_or(|(_, before)| before != class) {
            set(point, "class", class);
        }
    }

    /// Draws a point above the others.
    pub fn raise(&self, i: usize) {
        if let Some(point) = self.points.get(i)
            && self.points_group.last_element_child().as_ref() != Some(point)
        {
            let _ = self.points_group.append_child(point);
        }
    }

    /// The ring around the selected point, its hairlines to axes that measure something, lines to its neighbours.
    pub fn selection(
        &self,
        p: &Projection,
        [x, y]: Xy,
        radius: f32,
        near: impl Iterator<Item = Xy>,
        measured: bool,
    ) {
        set_all(&self.ring, &[("cx", x), ("cy", y), ("r", radius)]);
        let f = p.frame;
        let hair = if measured {
            let (y1, x0) = (f.y1, f.x0);
            format!("M{x:.1} {y1}V{:.1}M{x0} {y:.1}H{:.1}", y + 14.0, x - 14.0)
        } else {
            String::new()
        };
        set(&self.hair, "d", &hair);
        let d: String = near
            .map(|[a, b]| format!("M{x:.1} {y:.1}L{a:.1} {b:.1}"))
            .collect();
        set(&self.near, "d", &d);
    }

    /// Shows a name starting at `x` with its middle line at `y`.
    pub fn label(&self, i: usize, [x, y]: Xy, weight: Weight, label_px: f32) {
        let Some((name, label)) = self.labels.get(i) else {
            return;
        };
        let label = label.get_or_init(|| {
            let label = make("text", &[]);
            label.set_text_content(Some(name));
            label
        });
        let (class, px) = match weight {
            Weight::Plain => ("pl", label_px),
            Weight::Near => ("pl near", label_px),
            Weight::Selected => ("pl sel", SELECTED_PX),
        };
        let mut drawn = self.drawn.borrow_mut();
        let Some(drawn) = drawn.labels.get_mut(i) else {
            return;
        };
        let y = y + px * 0.33;
        let place = [steps(x, 10.0), steps(y, 10.0)];
        let before = drawn.replace((place, class));
        if before.is_none_or(|(before, _)| before != place) {
            // Not as a transform: a text that is transformed anew in every frame measured twice as slow.
            set_all(label, &[("x", x), ("y", y)]);
        }
        if before.is_none_or(|(_, before)| before != class) {
            set(label, "class", class);
        }
        if before.is_none() {
            let _ = self.labels_group.append_child(label);
        }
    }

    /// Takes a name off the sheet.
    pub fn unlabel(&self, i: usize) {
        if let Some(label) = self.labels.get(i).and_then(|l| l.1.get()) {
            label.remove();
        }
        if let Some(drawn) = self.drawn.borrow_mut().labels.get_mut(i) {
            *drawn = None;
        }
    }

    /// The region names.
    pub fn regions(&self, regions: &[Region], groups: &[Group], px: f32) {
        let mut drawn = self.drawn.borrow_mut();
        if std::mem::take(&mut drawn.shifted) {
            set(&self.regions, "transform", "");
        }
        if drawn.regions.0 == regions && drawn.regions.1 == groups && drawn.regions.2 == px {
            return;
        }
        drawn.regions = (regions.to_vec(), groups.to_vec(), px);
        self.regions.set_inner_html("");
        for region in regions {
            let Some(group) = groups.get(region.cluster) else {
                continue;
            };
            let style = format!(
                "font-size:{px}px;fill:color-mix(in oklab,{} 72%,var(--ink))",
                group.marker.colour()
            );
            let text = add(
                &self.regions,
                "text",
                &[("class", "region"), ("style", &style)],
            );
            set_all(&text, &[("x", region.at[0]), ("y", region.at[1])]);
            text.set_text_content(Some(&group.name));
        }
    }

    /// Moves the region names along with the map until they are placed anew.
    pub fn shift_regions(&self, [x, y]: Xy) {
        self.drawn.borrow_mut().shifted = true;
        set(
            &self.regions,
            "transform",
            &format!("translate({x:.1} {y:.1})"),
        );
    }
}

/// A length in steps of what is written of it: equal ones are written alike.
fn steps(length: f32, per_unit: f32) -> i32 {
    (length * per_unit).round() as i32
}

fn make(tag: &str, attributes: &[(&str, &str)]) -> Element {
    #[expect(clippy::expect_used, reason = "the tags are constants of this file")]
    let element = document()
        .create_element_ns(Some("http://www.w3.org/2000/svg"), tag)
        .expect("a valid tag");
    for (name, value) in attributes {
        set(&element, name, value);
    }
    element
}

pub(super) fn add(to: &Element, tag: &str, attributes: &[(&str, &str)]) -> Element {
    let element = make(tag, attributes);
    let _ = to.append_child(&element);
    element
}

pub(super) fn set(element: &Element, name: &str, value: &str) {
    let _ = element.set_attribute(name, value);
}

fn set_all(element: &Element, values: &[(&str, f32)]) {
    for (name, value) in values {
        set(element, name, &format!("{value:.1}"));
    }
}

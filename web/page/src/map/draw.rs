//! The sheet's SVG: made once, then only moved. No decisions here.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, SvgElement};

use super::axes::Axis;
use super::clusters::{CLUSTERS, Cluster};
use super::measure::{AXIS_PX, Look, SELECTED_PX};
use super::regions::Region;
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
    path: Element,
    path_lines: [Element; 2],
    stops: Vec<Element>,
    ring: Element,
    labels_group: Element,
    labels: Vec<Element>,
    here: Element,
    here_dot: Element,
    here_arrow: Element,
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

impl Sheet {
    /// Makes the layers inside an empty `svg`, lowest first.
    pub fn new(svg: &SvgElement) -> Self {
        svg.set_inner_html("");
        let root: &Element = svg.unchecked_ref();
        let clip_path = add(root, "clipPath", &[("id", "map-clip")]);
        let clip = add(&clip_path, "rect", &[]);
        let frame = ["frame", "frame2"].map(|class| add(root, "rect", &[("class", class)]));
        let ticks = add(root, "path", &[("class", "tick")]);
        let inside = add(root, "g", &[("clip-path", "url(#map-clip)")]);
        let zero = add(&inside, "path", &[("class", "zero")]);
        let regions = add(&inside, "g", &[]);
        let hair = add(&inside, "path", &[("class", "hair"), ("fill", "none")]);
        let near = add(&inside, "path", &[("class", "nearline"), ("fill", "none")]);
        let points_group = add(&inside, "g", &[]);
        let path = add(&inside, "g", &[]);
        let path_lines =
            ["steps-halo", "steps"].map(|class| add(&path, "path", &[("class", class)]));
        let ring = add(&inside, "circle", &[("class", "ring")]);
        let labels_group = add(&inside, "g", &[]);
        let here = add(&inside, "g", &[]);
        let here_dot = add(&here, "circle", &[("class", "here"), ("r", "6.5")]);
        let here_arrow = add(&here, "path", &[("class", "here"), ("d", "M9 0L-6-7V7Z")]);
        let axes = add(root, "g", &[]);
        for part in [&path, &here, &ring] {
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
            path,
            path_lines,
            stops: Vec::new(),
            ring,
            labels_group,
            labels: Vec::new(),
            here,
            here_dot,
            here_arrow,
        }
    }

    /// Makes a point and a (still hidden) label for every emotion.
    pub fn emotions<'a>(&mut self, emotions: impl Iterator<Item = (&'a str, &'a Cluster)>) {
        self.points_group.set_inner_html("");
        self.labels_group.set_inner_html("");
        (self.points, self.labels) = emotions
            .map(|(name, cluster)| {
                let point = add(
                    &self.points_group,
                    "path",
                    &[
                        ("class", "pt"),
                        ("data-n", name),
                        ("d", cluster.shape),
                        ("fill", &cluster.colour()),
                        ("fill-rule", "evenodd"),
                        ("vector-effect", "non-scaling-stroke"),
                    ],
                );
                let label = make("text", &[("class", "pl")]);
                label.set_text_content(Some(name));
                (point, label)
            })
            .unzip();
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
            .set_text_content(Some(&axis.high));
            let (a, b) = (
                look.axis_width(&axis.low) + 10.0,
                length - look.axis_width(&axis.high) - 10.0,
            );
            let y = -AXIS_PX * 0.31;
            if b - a > 16.0 {
                let head = |x: f32, by: f32| {
                    format!("M{} {}L{x} {y}L{} {}", x + by, y - 3.5, x + by, y + 3.5)
                };
                let d = format!("M{a} {y}H{b}{}{}", head(a, 5.0), head(b, -5.0));
                add(&g, "path", &[("class", "axisline"), ("d", &d)]);
            }
        }
    }

    /// Ticks and the lines through the origin.
    pub fn graticule(&self, p: &Projection) {
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

    /// Moves one point. `size` is half its width.
    pub fn point(&self, i: usize, [x, y]: Xy, size: f32, dim: bool) {
        if let Some(point) = self.points.get(i) {
            set(
                point,
                "transform",
                &format!("translate({x:.1} {y:.1}) scale({size:.2})"),
            );
            let _ = point.class_list().toggle_with_force("dim", dim);
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

    /// The ring around the selected point, its hairlines to the axes, lines to its neighbours.
    pub fn selection(
        &self,
        p: &Projection,
        [x, y]: Xy,
        radius: f32,
        near: impl Iterator<Item = Xy>,
    ) {
        set_all(&self.ring, &[("cx", x), ("cy", y), ("r", radius)]);
        let f = p.frame;
        set(
            &self.hair,
            "d",
            &format!(
                "M{x:.1} {}V{:.1}M{} {y:.1}H{:.1}",
                f.y1,
                y + 14.0,
                f.x0,
                x - 14.0
            ),
        );
        let d: String = near
            .map(|[a, b]| format!("M{x:.1} {y:.1}L{a:.1} {b:.1}"))
            .collect();
        set(&self.near, "d", &d);
    }

    /// The path of the text with one numbered stop per sentence; no stops, no path.
    pub fn path(&mut self, stops: &[Xy]) {
        let d: String = stops
            .iter()
            .enumerate()
            .map(|(i, [x, y])| format!("{}{x:.1} {y:.1}", if i == 0 { 'M' } else { 'L' }))
            .collect();
        for line in &self.path_lines {
            set(line, "d", &d);
        }
        while self.stops.len() > stops.len() {
            if let Some(stop) = self.stops.pop() {
                stop.remove();
            }
        }
        while self.stops.len() < stops.len() {
            let stop = add(&self.path, "g", &[("class", "stop")]);
            add(&stop, "circle", &[("r", "8.5")]);
            let number = (self.stops.len() + 1).to_string();
            add(&stop, "text", &[("y", "3.9")]).set_text_content(Some(&number));
            self.stops.push(stop);
        }
        for (stop, [x, y]) in self.stops.iter().zip(stops) {
            set(stop, "transform", &format!("translate({x:.1} {y:.1})"));
        }
    }

    /// Where the token under the pointer is, and its sentence's stop; outside the frame an arrow points to it.
    pub fn here(&self, p: &Projection, at: Option<Xy>, stop: Option<usize>) {
        for (i, element) in self.stops.iter().enumerate() {
            let _ = element
                .class_list()
                .toggle_with_force("on", stop == Some(i));
        }
        let Some([x, y]) = at.filter(|at| at.iter().all(|v| v.is_finite())) else {
            set(&self.here, "display", "none");
            return;
        };
        let inner = p.frame.grown(-12.0, -12.0);
        let edge = [x.clamp(inner.x0, inner.x1), y.clamp(inner.y0, inner.y1)];
        let outside = edge != [x, y];
        let turn = (y - edge[1]).atan2(x - edge[0]).to_degrees();
        set(&self.here, "display", "inline");
        set(
            &self.here,
            "transform",
            &format!("translate({:.1} {:.1})", edge[0], edge[1]),
        );
        set(&self.here_arrow, "transform", &format!("rotate({turn:.0})"));
        set(
            &self.here_arrow,
            "display",
            if outside { "inline" } else { "none" },
        );
        set(
            &self.here_dot,
            "display",
            if outside { "none" } else { "inline" },
        );
    }

    /// Shows a name starting at `x` with its middle line at `y`.
    pub fn label(&self, i: usize, [x, y]: Xy, weight: Weight, label_px: f32) {
        let Some(label) = self.labels.get(i) else {
            return;
        };
        let (class, px) = match weight {
            Weight::Plain => ("pl", label_px),
            Weight::Near => ("pl near", label_px),
            Weight::Selected => ("pl sel", SELECTED_PX),
        };
        set(label, "class", class);
        set_all(label, &[("x", x), ("y", y + px * 0.33)]);
        if label.parent_element().is_none() {
            let _ = self.labels_group.append_child(label);
        }
    }

    /// Takes a name off the sheet.
    pub fn unlabel(&self, i: usize) {
        if let Some(label) = self.labels.get(i) {
            label.remove();
        }
    }

    /// The region names; indices into [`CLUSTERS`].
    pub fn regions(&self, regions: &[Region], px: f32) {
        self.regions.set_inner_html("");
        set(&self.regions, "transform", "");
        for region in regions {
            let cluster = CLUSTERS[region.cluster % CLUSTERS.len()];
            let style = format!(
                "font-size:{px}px;fill:color-mix(in oklab,{} 72%,var(--ink))",
                cluster.colour()
            );
            let text = add(
                &self.regions,
                "text",
                &[("class", "region"), ("style", &style)],
            );
            set_all(&text, &[("x", region.at[0]), ("y", region.at[1])]);
            text.set_text_content(Some(cluster.name));
        }
    }

    /// Moves the region names along with the map until they are placed anew.
    pub fn shift_regions(&self, [x, y]: Xy) {
        set(
            &self.regions,
            "transform",
            &format!("translate({x:.1} {y:.1})"),
        );
    }
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

fn add(to: &Element, tag: &str, attributes: &[(&str, &str)]) -> Element {
    let element = make(tag, attributes);
    let _ = to.append_child(&element);
    element
}

fn set(element: &Element, name: &str, value: &str) {
    let _ = element.set_attribute(name, value);
}

fn set_all(element: &Element, values: &[(&str, f32)]) {
    for (name, value) in values {
        set(element, name, &format!("{value:.1}"));
    }
}

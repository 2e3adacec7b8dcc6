//! Where the map lies on the sheet: pixels, map units, zoom and pan. Pure.
//!
//! Both axes always have the same scale, so that distances can be compared by eye.

use crate::text::t;

/// A point or a vector, in map units or in CSS pixels.
pub type Xy = [f32; 2];

/// A rectangle in CSS pixels, `y` downwards.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub x0: f32,
    /// Upper edge.
    pub y0: f32,
    /// Right edge.
    pub x1: f32,
    /// Lower edge.
    pub y1: f32,
}

impl Rect {
    /// From its edges.
    #[must_use]
    pub const fn new(x0: f32, y0: f32, x1: f32, y1: f32) -> Self {
        Self { x0, y0, x1, y1 }
    }

    /// The square around a point.
    #[must_use]
    pub fn around(at: Xy, half: f32) -> Self {
        Self::new(at[0] - half, at[1] - half, at[0] + half, at[1] + half)
    }

    /// Width and height.
    #[must_use]
    pub fn size(&self) -> Xy {
        [self.x1 - self.x0, self.y1 - self.y0]
    }

    /// The point in the middle.
    #[must_use]
    pub fn centre(&self) -> Xy {
        [(self.x0 + self.x1) / 2.0, (self.y0 + self.y1) / 2.0]
    }

    /// The same rectangle with every edge moved outwards (negative: inwards).
    #[must_use]
    pub fn grown(&self, x: f32, y: f32) -> Self {
        Self::new(self.x0 - x, self.y0 - y, self.x1 + x, self.y1 + y)
    }

    /// The same rectangle elsewhere.
    #[must_use]
    pub fn moved(&self, [x, y]: Xy) -> Self {
        Self::new(self.x0 + x, self.y0 + y, self.x1 + x, self.y1 + y)
    }

    /// Whether the two come closer than `gap`; touching edges do not count.
    #[must_use]
    pub fn hits(&self, other: &Self, gap: f32) -> bool {
        self.x0 < other.x1 + gap
            && self.x1 > other.x0 - gap
            && self.y0 < other.y1 + gap
            && self.y1 > other.y0 - gap
    }

    /// Whether the point is inside.
    #[must_use]
    pub fn contains(&self, at: Xy) -> bool {
        at[0] > self.x0 && at[0] < self.x1 && at[1] > self.y0 && at[1] < self.y1
    }

    /// Whether the whole of `inner` is inside.
    #[must_use]
    pub fn holds(&self, inner: &Self) -> bool {
        inner.x0 >= self.x0 && inner.x1 <= self.x1 && inner.y0 >= self.y0 && inner.y1 <= self.y1
    }
}

/// The whole map laid into the frame: one scale, and the map point that sits at the frame's centre.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// Pixels per map unit.
    pub scale: f32,
    /// Map point at the centre of the frame.
    pub centre: Xy,
}

impl Fit {
    /// Lays points into `frame` as large as they fit, with room at the sides for labels.
    ///
    /// Corner buttons (`blocked`) cost room only where a point would come to lie beneath one.
    #[must_use]
    pub fn new(points: &[Xy], frame: Rect, blocked: &[Rect]) -> Self {
        let Some((low, high)) = bounds(points) else {
            return Self {
                scale: 1.0,
                centre: [0.0, 0.0],
            };
        };
        let size = frame.size();
        let side = (size[0] * 0.075).clamp(18.0, 56.0);
        // Ordinary labels stand to the right of their points.
        let (left, right) = (side * 0.8, side * 1.2);
        let (mut top, mut bottom) = (size[1] * 0.055, size[1] * 0.055);
        let lay = |top: f32, bottom: f32| {
            let inner = Rect::new(
                frame.x0 + left,
                frame.y0 + top,
                frame.x1 - right,
                frame.y1 - bottom,
            );
            let room = inner.size();
            let span = [(high[0] - low[0]).max(1e-3), (high[1] - low[1]).max(1e-3)];
            let scale = (room[0] / span[0]).min(room[1] / span[1]).max(1e-3);
            let (data, at, mid) = (
                [(low[0] + high[0]) / 2.0, (low[1] + high[1]) / 2.0],
                inner.centre(),
                frame.centre(),
            );
            Self {
                scale,
                centre: [
                    data[0] - (at[0] - mid[0]) / scale,
                    data[1] + (at[1] - mid[1]) / scale,
                ],
            }
        };
        let mut fit = lay(top, bottom);
        for _ in 0..24 {
            let under = |button: &Rect| {
                points
                    .iter()
                    .any(|p| button.grown(9.0, 9.0).contains(fit.pixel(frame, *p)))
            };
            let (mut above, mut below) = (false, false);
            for button in blocked.iter().filter(|b| under(b)) {
                if button.centre()[1] < frame.centre()[1] {
                    above = true
                } else {
                    below = true
                }
            }
            if !above && !below {
                break;
            }
            top += if above { 5.0 } else { 0.0 };
            bottom += if below { 5.0 } else { 0.0 };
            fit = lay(top, bottom);
        }
        fit
    }

    /// Between two fits: 0 is `self`, 1 is `to`.
    #[must_use]
    pub fn towards(&self, to: &Self, share: f32) -> Self {
        let mix = |a: f32, b: f32| a + (b - a) * share;
        Self {
            scale: mix(self.scale, to.scale),
            centre: [
                mix(self.centre[0], to.centre[0]),
                mix(self.centre[1], to.centre[1]),
            ],
        }
    }

    fn pixel(&self, frame: Rect, at: Xy) -> Xy {
        let mid = frame.centre();
        [
            mid[0] + (at[0] - self.centre[0]) * self.scale,
            mid[1] - (at[1] - self.centre[1]) * self.scale,
        ]
    }
}

/// Lowest and highest corner of the points; none for no points or for one that is not a number.
fn bounds(points: &[Xy]) -> Option<(Xy, Xy)> {
    let first = *points.first()?;
    let (low, high) = points.iter().fold((first, first), |(l, h), p| {
        (
            [l[0].min(p[0]), l[1].min(p[1])],
            [h[0].max(p[0]), h[1].max(p[1])],
        )
    });
    [low, high]
        .iter()
        .flatten()
        .all(|v| v.is_finite())
        .then_some((low, high))
}

/// How the reader has zoomed and panned; independent of layer and size of the sheet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// 1 = the whole map.
    pub zoom: f32,
    /// Shift in shares of the frame's width and height.
    pub shift: Xy,
}

impl Default for View {
    fn default() -> Self {
        Self {
            zoom: 1.0,
            shift: [0.0, 0.0],
        }
    }
}

impl View {
    /// The nearest one can get.
    pub const MOST: f32 = 9.0;

    /// Zooms by `factor`, so that the map under the pixel `at` stays under it.
    #[must_use]
    pub fn zoomed(self, factor: f32, at: Xy, frame: Rect) -> Self {
        let zoom = (self.zoom * factor).clamp(1.0, Self::MOST);
        let (by, mid, size) = (zoom / self.zoom, frame.centre(), frame.size());
        let axis = |i: usize| {
            let off = (at[i] - mid[i]) / size[i].max(1.0);
            (self.shift[i] - off) * by + off
        };
        Self {
            zoom,
            shift: [axis(0), axis(1)],
        }
        .clamped()
    }

    /// Zooms by `factor`, so that the middle of the frame stays.
    #[must_use]
    pub fn zoomed_in_place(self, factor: f32) -> Self {
        let frame = Rect::around([0.0, 0.0], 1.0);
        self.zoomed(factor, frame.centre(), frame)
    }

    /// Moves the map by pixels.
    #[must_use]
    pub fn panned(self, by: Xy, frame: Rect) -> Self {
        let size = frame.size();
        let axis = |i: usize| self.shift[i] + by[i] / size[i].max(1.0);
        Self {
            zoom: self.zoom,
            shift: [axis(0), axis(1)],
        }
        .clamped()
    }

    /// The same view moved by as little as brings the pixel `at` inside the frame.
    #[must_use]
    pub fn revealing(self, at: Xy, frame: Rect) -> Self {
        let safe = frame.grown(-44.0, -44.0);
        let need = |v: f32, low: f32, high: f32| v.clamp(low.min(high), high.max(low)) - v;
        if self.zoom <= 1.0 || safe.contains(at) {
            return self;
        }
        self.panned(
            [need(at[0], safe.x0, safe.x1), need(at[1], safe.y0, safe.y1)],
            frame,
        )
    }

    /// Never beyond the edges of the whole map.
    fn clamped(self) -> Self {
        let most = (self.zoom - 1.0) / 2.0;
        Self {
            zoom: self.zoom,
            shift: self.shift.map(|s| s.clamp(-most, most)),
        }
    }
}

/// From map units to pixels and back, for one frame, fit and view.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Projection {
    /// The neatline.
    pub frame: Rect,
    /// Pixels per map unit, on both axes.
    pub scale: f32,
    origin: Xy,
}

impl Projection {
    /// Joins the three.
    #[must_use]
    pub fn new(frame: Rect, fit: &Fit, view: &View) -> Self {
        let (mid, size, scale) = (frame.centre(), frame.size(), fit.scale * view.zoom);
        let origin = [
            mid[0] - fit.centre[0] * scale + view.shift[0] * size[0],
            mid[1] + fit.centre[1] * scale + view.shift[1] * size[1],
        ];
        Self {
            frame,
            scale,
            origin,
        }
    }

    /// Map units to pixels.
    #[must_use]
    pub fn pixel(&self, at: Xy) -> Xy {
        [
            self.origin[0] + at[0] * self.scale,
            self.origin[1] - at[1] * self.scale,
        ]
    }

    /// Pixels to map units.
    #[must_use]
    pub fn map(&self, at: Xy) -> Xy {
        [
            (at[0] - self.origin[0]) / self.scale,
            (self.origin[1] - at[1]) / self.scale,
        ]
    }

    /// Positions of the neatline's ticks along one axis (0 = x, 1 = y), one per round step.
    #[must_use]
    pub fn ticks(&self, axis: usize) -> Vec<f32> {
        let step = TICK_STEPS
            .into_iter()
            .find(|s| s * self.scale >= 36.0)
            .unwrap_or(2.0);
        let (low, high) = if axis == 0 {
            (
                self.map([self.frame.x0, 0.0])[0],
                self.map([self.frame.x1, 0.0])[0],
            )
        } else {
            (
                self.map([0.0, self.frame.y1])[1],
                self.map([0.0, self.frame.y0])[1],
            )
        };
        let (first, last) = ((low / step).ceil(), (high / step).floor());
        if !(last - first).is_finite() || last - first > 200.0 {
            return Vec::new();
        }
        let mut ticks = Vec::new();
        let mut i = first;
        while i <= last {
            ticks.push(self.pixel([i * step, i * step])[axis]);
            i += 1.0;
        }
        ticks
    }
}

/// Distances between ticks in map units.
const TICK_STEPS: [f32; 6] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.0];

/// The largest of 1, 1/2, 1/4 and 1/8 at which all stops lie inside the whole map.
#[must_use]
pub fn path_scale(stops: &[Xy], frame: Rect, fit: &Fit, blocked: &[Rect]) -> f32 {
    let whole = Projection::new(frame, fit, &View::default());
    let inner = frame.grown(-14.0, -14.0);
    let fits = |scale: f32| {
        stops.iter().all(|s| {
            let at = whole.pixel([s[0] * scale, s[1] * scale]);
            inner.contains(at) && !blocked.iter().any(|b| b.grown(6.0, 6.0).contains(at))
        })
    };
    [1.0, 0.5, 0.25]
        .into_iter()
        .find(|s| fits(*s))
        .unwrap_or(0.125)
}

/// Words for a path scale, as the button says them.
#[must_use]
pub fn scale_words(scale: f32) -> &'static str {
    match scale {
        s if s >= 1.0 => t("map.scale.full"),
        s if s >= 0.5 => t("map.scale.half"),
        s if s >= 0.25 => t("map.scale.quarter"),
        _ => t("map.scale.eighth"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Rect = Rect::new(26.0, 1.5, 582.0, 600.0);

    fn near(a: Xy, b: Xy) -> bool {
        (a[0] - b[0]).abs() < 0.01 && (a[1] - b[1]).abs() < 0.01
    }

    #[test]
    fn pixels_and_map_units_are_inverse_and_equal_on_both_axes() {
        let fit = Fit::new(&[[-1.0, -2.0], [3.0, 1.0]], FRAME, &[]);
        let view = View::default().zoomed(3.0, [100.0, 200.0], FRAME);
        let p = Projection::new(FRAME, &fit, &view);
        assert!(near(p.map(p.pixel([0.3, -0.7])), [0.3, -0.7]));
        let (o, e, n) = (
            p.pixel([0.0, 0.0]),
            p.pixel([1.0, 0.0]),
            p.pixel([0.0, 1.0]),
        );
        assert!((e[0] - o[0] - (o[1] - n[1])).abs() < 1e-3 && e[0] > o[0]);
    }

    #[test]
    fn every_point_lies_in_the_frame_and_under_no_button() {
        let buttons = [
            Rect::new(34.0, 10.0, 230.0, 42.0),
            Rect::new(540.0, 10.0, 572.0, 102.0),
        ];
        let points: Vec<Xy> = (0..80)
            .map(|i| [(i % 9) as f32 - 4.0, (i / 9) as f32 - 4.0])
            .collect();
        let fit = Fit::new(&points, FRAME, &buttons);
        for p in &points {
            let at = Projection::new(FRAME, &fit, &View::default()).pixel(*p);
            assert!(FRAME.contains(at));
            assert!(!buttons.iter().any(|b| b.contains(at)), "{at:?}");
        }
    }

    #[test]
    fn zoom_keeps_the_place_under_the_pointer_and_pan_stops_at_the_edge() {
        let fit = Fit::new(&[[-2.0, -2.0], [2.0, 2.0]], FRAME, &[]);
        let (at, before) = (
            [150.0, 400.0],
            View::default().zoomed(2.0, [300.0, 300.0], FRAME),
        );
        let held = Projection::new(FRAME, &fit, &before).map(at);
        let after = before.zoomed(1.7, at, FRAME);
        assert!(near(Projection::new(FRAME, &fit, &after).pixel(held), at));
        let far = before.panned([1e6, -1e6], FRAME);
        assert_eq!(far.shift, [0.5, -0.5]);
        assert_eq!(View::default().panned([50.0, 50.0], FRAME), View::default());
        assert_eq!(View::default().zoomed(1e9, at, FRAME).zoom, View::MOST);
    }

    #[test]
    fn a_selected_point_outside_is_brought_in() {
        let view = View::default().zoomed(4.0, FRAME.centre(), FRAME);
        let fit = Fit::new(&[[-2.0, -2.0], [2.0, 2.0]], FRAME, &[]);
        let at = |v: &View| Projection::new(FRAME, &fit, v).pixel([1.6, 1.6]);
        assert!(!FRAME.contains(at(&view)));
        assert!(FRAME.contains(at(&view.revealing(at(&view), FRAME))));
    }

    #[test]
    fn the_path_takes_the_largest_scale_that_fits() {
        let fit = Fit::new(&[[-2.0, -2.0], [2.0, 2.0]], FRAME, &[]);
        assert_eq!(path_scale(&[[1.0, 1.0]], FRAME, &fit, &[]), 1.0);
        assert_eq!(path_scale(&[[1.0, 1.0], [3.5, 0.0]], FRAME, &fit, &[]), 0.5);
        assert_eq!(path_scale(&[[8.0, -7.0]], FRAME, &fit, &[]), 0.25);
        assert_eq!(path_scale(&[[90.0, -7.0]], FRAME, &fit, &[]), 0.125);
        assert_eq!(scale_words(0.25), "quarter scale");
    }

    #[test]
    fn odd_data_does_not_break_the_fit() {
        for points in [vec![], vec![[0.0, 0.0]], vec![[f32::NAN, 1.0], [1.0, 2.0]]] {
            let fit = Fit::new(&points, FRAME, &[]);
            assert!(fit.scale.is_finite() && fit.scale > 0.0);
            let _ = Projection::new(FRAME, &fit, &View::default()).ticks(0);
        }
    }
}

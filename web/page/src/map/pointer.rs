//! What mouse, fingers and arrow keys mean on the map. Pure; the listeners are in `mod.rs`.

use super::view::Xy;

/// How close a mouse must be to a point, in pixels.
pub const REACH_MOUSE: f32 = 16.0;
/// How close a finger must be.
pub const REACH_TOUCH: f32 = 28.0;
/// A press that travels less is a click.
const STILL: f32 = 5.0;

/// What a pointer event asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Act {
    /// Nothing.
    None,
    /// A mouse or pen is over this pixel without a button.
    Hover(Xy),
    /// Move the map by pixels.
    Pan(Xy),
    /// Two fingers: zoom about a pixel, and move.
    Pinch {
        /// Ratio of distances.
        factor: f32,
        /// Midpoint of the fingers.
        at: Xy,
        /// How far the midpoint went.
        by: Xy,
    },
    /// Select what is nearest to this pixel.
    Click(Xy),
}

/// The fingers or the button that are down.
#[derive(Debug, Default)]
pub struct Gesture {
    down: Vec<(i32, Xy)>,
    travelled: f32,
}

impl Gesture {
    /// A button or a finger goes down.
    pub fn press(&mut self, id: i32, at: Xy) {
        self.down.retain(|d| d.0 != id);
        if self.down.is_empty() {
            self.travelled = 0.0;
        }
        self.down.push((id, at));
    }

    /// A pointer moves; `touch` has no hover.
    pub fn moved(&mut self, id: i32, at: Xy, touch: bool) -> Act {
        let before = pair(&self.down);
        let Some(own) = self.down.iter_mut().find(|d| d.0 == id) else {
            return if touch || !self.down.is_empty() {
                Act::None
            } else {
                Act::Hover(at)
            };
        };
        let by = [at[0] - own.1[0], at[1] - own.1[1]];
        own.1 = at;
        if let (Some((d0, m0)), Some((d1, m1))) = (before, pair(&self.down)) {
            self.travelled = f32::INFINITY;
            let factor = if d0 > 1.0 { d1 / d0 } else { 1.0 };
            return Act::Pinch {
                factor,
                at: m1,
                by: [m1[0] - m0[0], m1[1] - m0[1]],
            };
        }
        self.travelled += by[0].abs() + by[1].abs();
        if self.travelled > STILL {
            Act::Pan(by)
        } else {
            Act::None
        }
    }

    /// A button or a finger goes up, or (`cancelled`) the browser took the pointer away.
    pub fn release(&mut self, id: i32, at: Xy, cancelled: bool) -> Act {
        let alone = self.down.len() == 1 && self.down[0].0 == id;
        self.down.retain(|d| d.0 != id);
        if alone && !cancelled && self.travelled <= STILL {
            Act::Click(at)
        } else {
            Act::None
        }
    }

    /// Whether the map is being dragged or pinched.
    #[must_use]
    pub fn busy(&self) -> bool {
        !self.down.is_empty() && self.travelled > STILL
    }
}

/// Distance and midpoint of exactly two fingers.
fn pair(down: &[(i32, Xy)]) -> Option<(f32, Xy)> {
    let [(_, a), (_, b)] = down else { return None };
    Some((
        (a[0] - b[0]).hypot(a[1] - b[1]),
        [(a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0],
    ))
}

/// Zoom factor of a wheel event; `mode` and `pinch` (a trackpad's pinch comes as ctrl + wheel) as the browser tells.
#[must_use]
pub fn wheel_factor(delta: f64, mode: u32, pinch: bool) -> f32 {
    let pixels = delta * [1.0, 16.0, 400.0][(mode as usize).min(2)];
    let rate = if pinch { 0.01 } else { 0.0016 };
    ((-pixels * rate).clamp(-1.0, 1.0)).exp() as f32
}

/// The point nearest to `at` within `reach`.
#[must_use]
pub fn nearest(points: &[Xy], at: Xy, reach: f32) -> Option<usize> {
    points
        .iter()
        .enumerate()
        .map(|(i, p)| (i, (p[0] - at[0]).hypot(p[1] - at[1])))
        .filter(|(_, d)| *d < reach)
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(i, _)| i)
}

/// Where an arrow key leads: the nearest point in that direction (`way` is a unit vector, map units, `y` up);
/// what lies straight ahead comes before what lies aside.
#[must_use]
pub fn towards(points: &[Xy], from: usize, way: Xy) -> Option<usize> {
    let start = *points.get(from)?;
    let ahead = |slack: f32| {
        points
            .iter()
            .enumerate()
            .filter(|(i, _)| *i != from)
            .filter_map(|(i, p)| {
                let (dx, dy) = (p[0] - start[0], p[1] - start[1]);
                let along = dx * way[0] + dy * way[1];
                let aside = (dx * way[1]).abs() + (dy * way[0]).abs();
                (along > 0.005 && aside <= along * slack).then_some((i, along + aside * 1.6))
            })
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(i, _)| i)
    };
    ahead(1.2).or_else(|| ahead(4.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_press_is_a_click_and_a_long_one_a_drag() {
        let mut g = Gesture::default();
        g.press(1, [10.0, 10.0]);
        assert_eq!(g.moved(1, [12.0, 10.0], false), Act::None);
        assert_eq!(g.release(1, [12.0, 10.0], false), Act::Click([12.0, 10.0]));
        g.press(1, [10.0, 10.0]);
        assert_eq!(g.moved(1, [30.0, 15.0], false), Act::Pan([20.0, 5.0]));
        assert!(g.busy());
        assert_eq!(g.release(1, [30.0, 15.0], false), Act::None);
        assert!(!g.busy());
        g.press(1, [10.0, 10.0]);
        assert_eq!(g.release(1, [10.0, 10.0], true), Act::None);
    }

    #[test]
    fn two_fingers_zoom_and_never_click() {
        let mut g = Gesture::default();
        g.press(1, [100.0, 100.0]);
        g.press(2, [200.0, 100.0]);
        assert_eq!(
            g.moved(2, [300.0, 100.0], true),
            Act::Pinch {
                factor: 2.0,
                at: [200.0, 100.0],
                by: [50.0, 0.0]
            }
        );
        assert_eq!(g.release(2, [300.0, 100.0], false), Act::None);
        assert_eq!(g.release(1, [100.0, 100.0], false), Act::None);
        assert_eq!(
            g.moved(3, [0.0, 0.0], true),
            Act::None,
            "a finger does not hover"
        );
        assert_eq!(g.moved(3, [0.0, 0.0], false), Act::Hover([0.0, 0.0]));
    }

    #[test]
    fn arrows_prefer_straight_ahead_and_lead_somewhere() {
        let points = [[0.0, 0.0], [1.0, 0.9], [1.3, 0.0], [0.0, -1.0], [-0.5, 2.0]];
        assert_eq!(towards(&points, 0, [1.0, 0.0]), Some(2));
        assert_eq!(towards(&points, 0, [0.0, -1.0]), Some(3));
        assert_eq!(towards(&points, 0, [-1.0, 0.0]), Some(4));
        assert_eq!(towards(&points, 2, [1.0, 0.0]), None);
        assert_eq!(towards(&points, 99, [1.0, 0.0]), None);
    }

    #[test]
    fn the_nearest_point_counts_only_within_reach() {
        let points = [[0.0, 0.0], [30.0, 0.0]];
        assert_eq!(nearest(&points, [18.0, 0.0], REACH_MOUSE), Some(1));
        assert_eq!(nearest(&points, [30.0, 17.0], REACH_MOUSE), None);
        assert_eq!(nearest(&points, [30.0, 17.0], REACH_TOUCH), Some(1));
    }

    #[test]
    fn the_wheel_zooms_in_upwards_and_never_jumps() {
        assert!(wheel_factor(-100.0, 0, false) > 1.1);
        assert!(wheel_factor(3.0, 1, false) < 1.0);
        assert!(wheel_factor(-1e9, 2, true) < 3.0);
    }
}

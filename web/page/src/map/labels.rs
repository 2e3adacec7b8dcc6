//! Which names are written, and where: greedy, most important first. Pure.
//!
//! Eight places around each point are tried. A name never lies over another name, a stop or a button.
//! The many ordinary names also keep off every other point, and do not stand right beside one, where
//! they would read as its name.

use super::view::{Rect, Xy};

/// What gets its name first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// The selected emotion; it is tried further out as well.
    Selected,
    /// Under the pointer.
    Hovered,
    /// In the Steer rack.
    Rack,
    /// A near neighbour of the selected one.
    Near,
    /// In the cluster that the legend isolates.
    Isolated,
    /// All others.
    Ordinary,
}

impl Tier {
    /// Whether the name may touch other points if there is no better place.
    pub fn pressing(self) -> bool {
        self <= Self::Near
    }
}

/// A point on the sheet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mark {
    /// Where, in pixels.
    pub at: Xy,
    /// Half the width of its shape.
    pub half: f32,
    /// Distance from the point to its name.
    pub gap: f32,
    /// Its importance.
    pub tier: Tier,
    /// Order within its tier, higher first.
    pub rank: f32,
    /// Drawn faintly and without a name.
    pub dim: bool,
    /// Place of its name in the last drawing: kept if it is still about as good.
    pub before: Option<u8>,
}

/// A name and its place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placed {
    /// Index of the mark.
    pub mark: usize,
    /// Which of the eight places.
    pub place: u8,
    /// Where the text starts, and its middle line.
    pub text: Xy,
    /// What it covers.
    pub rect: Rect,
}

/// Space between two names.
const APART: f32 = 2.0;
/// A cost that rules a place out for an ordinary name.
const NEVER: f32 = 99.0;

/// Places names. `size` tells width and height of the name of a mark; `taken` are stops and buttons;
/// `most` is how many ordinary names a sheet of this size bears.
pub fn place(
    marks: &[Mark],
    frame: Rect,
    taken: &[Rect],
    most: usize,
    mut size: impl FnMut(usize) -> Xy,
) -> Vec<Placed> {
    let inner = frame.grown(-7.0, -7.0);
    let near_frame = frame.grown(9.0, 9.0);
    let obstacles: Vec<(usize, Rect, bool)> = marks
        .iter()
        .enumerate()
        .filter(|(_, m)| near_frame.contains(m.at))
        .map(|(i, m)| (i, Rect::around(m.at, m.half), m.dim))
        .collect();
    let mut order: Vec<usize> = (0..marks.len())
        .filter(|i| !marks[*i].dim && frame.contains(marks[*i].at))
        .collect();
    order.sort_by(|a, b| {
        let (a, b) = (&marks[*a], &marks[*b]);
        a.tier.cmp(&b.tier).then(b.rank.total_cmp(&a.rank))
    });
    let mut placed: Vec<Placed> = Vec::with_capacity(most.min(marks.len()));
    for i in order {
        let mark = &marks[i];
        if mark.tier == Tier::Ordinary && placed.len() >= most {
            break;
        }
        let [width, height] = size(i);
        let rings: &[f32] = if mark.tier == Tier::Selected {
            &[0.0, 12.0, 26.0]
        } else {
            &[0.0]
        };
        let mut best: Option<(f32, Placed)> = None;
        for (ring, out) in rings.iter().enumerate() {
            for (place, text) in places(mark.at, mark.gap + out, width, height)
                .into_iter()
                .enumerate()
            {
                let rect = Rect::new(
                    text[0] - 1.0,
                    text[1] - height / 2.0 - 0.5,
                    text[0] + width + 1.0,
                    text[1] + height / 2.0 + 0.5,
                );
                if !inner.holds(&rect)
                    || taken.iter().any(|t| t.hits(&rect, APART))
                    || placed.iter().any(|p| p.rect.hits(&rect, APART))
                {
                    continue;
                }
                let habit = if ring == 0 && mark.before == Some(place as u8) {
                    -0.35
                } else {
                    0.0
                };
                let cost = ring as f32 * 2.5
                    + place as f32 * 0.1
                    + habit
                    + crowding(i, &rect, mark.tier, &obstacles);
                if best.is_none_or(|(c, _)| cost < c) {
                    best = Some((
                        cost,
                        Placed {
                            mark: i,
                            place: place as u8,
                            text,
                            rect,
                        },
                    ));
                }
            }
        }
        let bearable = match mark.tier {
            Tier::Selected => f32::INFINITY,
            tier if tier.pressing() => 5.0,
            _ => NEVER,
        };
        if let Some((_, found)) = best.filter(|(cost, _)| *cost < bearable) {
            placed.push(found);
        }
    }
    placed
}

/// What it costs to lie over, or right beside, other points.
fn crowding(mark: usize, rect: &Rect, tier: Tier, obstacles: &[(usize, Rect, bool)]) -> f32 {
    let beside = rect.grown(5.0, -3.0);
    let over_gap = if tier.pressing() { -1.0 } else { 0.5 };
    let mut cost = 0.0;
    for (_, other, dim) in obstacles.iter().filter(|o| o.0 != mark) {
        let (over, next) = match (dim, tier.pressing()) {
            (true, _) => (0.5, 0.0),
            (false, true) => (1.0, 0.3),
            (false, false) => (NEVER, NEVER),
        };
        if rect.hits(other, over_gap) {
            cost += over;
        } else if beside.hits(other, 0.0) {
            cost += next;
        }
    }
    cost
}

/// Start and middle line of a text at the eight places around a point, best first.
fn places([x, y]: Xy, gap: f32, width: f32, height: f32) -> [Xy; 8] {
    let (above, below) = (y - gap - height / 2.0 + 1.0, y + gap + height / 2.0 - 1.0);
    let (aside, up, down) = (gap * 0.75, y - gap * 0.95, y + gap * 0.95);
    [
        [x + gap, y],
        [x - gap - width, y],
        [x - width / 2.0, above],
        [x - width / 2.0, below],
        [x + aside, up],
        [x + aside, down],
        [x - aside - width, up],
        [x - aside - width, down],
    ]
}

/// How many ordinary names a sheet bears.
#[must_use]
pub fn bearable(frame: Rect, compact: bool) -> usize {
    let [width, height] = frame.size();
    (width * height / if compact { 6200.0 } else { 5200.0 })
        .round()
        .max(0.0) as usize
}

/// The well-known words, named first; then the others, the further out the sooner.
const COMMON: [&str; 51] = [
    "happy",
    "sad",
    "angry",
    "afraid",
    "calm",
    "desperate",
    "excited",
    "proud",
    "joyful",
    "lonely",
    "tired",
    "furious",
    "peaceful",
    "loving",
    "hopeful",
    "guilty",
    "grateful",
    "ashamed",
    "jealous",
    "bored",
    "surprised",
    "worried",
    "hurt",
    "delighted",
    "terrified",
    "serene",
    "ecstatic",
    "depressed",
    "anxious",
    "relaxed",
    "disgusted",
    "nervous",
    "thrilled",
    "content",
    "gloomy",
    "kind",
    "playful",
    "enraged",
    "blissful",
    "sleepy",
    "resentful",
    "triumphant",
    "nostalgic",
    "hateful",
    "compassionate",
    "weary",
    "shocked",
    "suspicious",
    "embarrassed",
    "energized",
    "heartbroken",
];

/// Names of lower rank give way to a region's name.
pub const WELL_KNOWN: f32 = 500.0;

/// Rank of an emotion among ordinary names; `at` in map units.
#[must_use]
pub fn rank(name: &str, at: Xy) -> f32 {
    match COMMON.iter().position(|w| *w == name) {
        Some(i) => 1000.0 - 9.0 * i as f32,
        None => 200.0 + 100.0 * at[0].hypot(at[1]).min(3.0),
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::super::view::{Fit, Projection, View};
    use super::*;

    const BUTTONS: [Rect; 2] = [
        Rect::new(34.0, 10.0, 230.0, 42.0),
        Rect::new(540.0, 10.0, 572.0, 102.0),
    ];

    fn width(name: &str) -> f32 {
        name.len() as f32 * 6.7
    }

    /// All that the module promises, for any sheet.
    fn check(marks: &[Mark], names: &[String], frame: Rect, taken: &[Rect]) -> Vec<Placed> {
        let placed = place(marks, frame, taken, bearable(frame, false), |i| {
            [width(&names[i]), 12.0]
        });
        for (i, a) in placed.iter().enumerate() {
            assert!(frame.holds(&a.rect));
            assert!(
                placed[..i].iter().all(|b| !a.rect.hits(&b.rect, 0.0)),
                "{} over a name",
                names[a.mark]
            );
            assert!(
                taken.iter().all(|t| !a.rect.hits(t, 0.0)),
                "{} over a stop or a button",
                names[a.mark]
            );
            let ordinary = !marks[a.mark].tier.pressing();
            let over = |(j, m): (usize, &Mark)| {
                j != a.mark && !m.dim && a.rect.hits(&Rect::around(m.at, m.half), 0.0)
            };
            assert!(
                !ordinary || !marks.iter().enumerate().any(over),
                "{} over a point",
                names[a.mark]
            );
        }
        placed
    }

    fn marks(points: &[Xy], names: &[String], p: &Projection, selected: usize) -> Vec<Mark> {
        let tier = |i: usize| match (i + points.len() - selected) % points.len() {
            0 => Tier::Selected,
            1 => Tier::Hovered,
            2 | 3 => Tier::Rack,
            4..=8 => Tier::Near,
            _ => Tier::Ordinary,
        };
        points
            .iter()
            .enumerate()
            .map(|(i, at)| Mark {
                at: p.pixel(*at),
                half: 5.2,
                gap: if i == selected { 15.0 } else { 8.7 },
                tier: tier(i),
                rank: rank(&names[i], *at),
                dim: false,
                before: None,
            })
            .collect()
    }

    #[test]
    fn no_two_names_overlap_on_the_real_map() {
        let (points, names) = samples::smollm2();
        let frame = Rect::new(26.0, 1.5, 582.0, 600.0);
        let fit = Fit::new(&points, frame, &BUTTONS);
        for selected in (0..points.len()).step_by(9) {
            for zoom in [1.0, 1.4, 2.0, 3.5, 9.0] {
                let at = Projection::new(frame, &fit, &View::default()).pixel(points[selected]);
                let view = View::default().zoomed(zoom, at, frame);
                let p = Projection::new(frame, &fit, &view);
                let stops: Vec<Rect> = [[0.4, 0.9], [-0.6, -0.2], [1.1, 0.0]]
                    .map(|s| Rect::around(p.pixel(s), 9.5))
                    .to_vec();
                let taken = [&BUTTONS[..], &stops[..]].concat();
                let placed = check(&marks(&points, &names, &p, selected), &names, frame, &taken);
                assert!(
                    placed.iter().any(|l| l.mark == selected),
                    "{} has no name",
                    names[selected]
                );
                assert!(
                    zoom > 1.0 || placed.len() > 35,
                    "only {} names",
                    placed.len()
                );
            }
        }
    }

    #[test]
    fn no_two_names_overlap_on_random_maps() {
        let mut random = samples::Random(7);
        for round in 0..120 {
            let n = 1 + (random.next() * 200.0) as usize;
            let spread = 0.05 + random.next() * 2.0;
            let points: Vec<Xy> = (0..n)
                .map(|_| {
                    [
                        (random.next() - 0.5) * spread,
                        (random.next() - 0.5) * spread,
                    ]
                })
                .collect();
            let names: Vec<String> = (0..n)
                .map(|i| "x".repeat(2 + (i * 7 + round) % 14))
                .collect();
            let frame = Rect::new(
                20.0,
                2.0,
                120.0 + random.next() * 900.0,
                90.0 + random.next() * 700.0,
            );
            let fit = Fit::new(&points, frame, &BUTTONS);
            let view = View::default().zoomed(1.0 + random.next() * 6.0, frame.centre(), frame);
            let p = Projection::new(frame, &fit, &view);
            check(
                &marks(&points, &names, &p, round % n),
                &names,
                frame,
                &BUTTONS,
            );
        }
    }

    #[test]
    fn the_more_important_name_wins_the_only_place() {
        let mark = |x: f32, tier| Mark {
            at: [x, 30.0],
            half: 5.0,
            gap: 8.0,
            tier,
            rank: 0.0,
            dim: false,
            before: None,
        };
        let marks = [
            mark(60.0, Tier::Ordinary),
            mark(60.5, Tier::Near),
            mark(61.0, Tier::Selected),
        ];
        let placed = place(&marks, Rect::new(0.0, 0.0, 150.0, 60.0), &[], 50, |_| {
            [60.0, 12.0]
        });
        assert_eq!(placed[0].mark, 2);
        assert!(placed.iter().all(|p| p.mark != 0));
    }

    #[test]
    fn a_name_stays_where_it_was_if_that_is_as_good() {
        let mut mark = Mark {
            at: [100.0, 100.0],
            half: 5.0,
            gap: 8.0,
            tier: Tier::Ordinary,
            rank: 0.0,
            dim: false,
            before: None,
        };
        let frame = Rect::new(0.0, 0.0, 200.0, 200.0);
        let at = |m: Mark| place(&[m], frame, &[], 9, |_| [40.0, 12.0])[0].place;
        assert_eq!(at(mark), 0);
        mark.before = Some(2);
        assert_eq!(at(mark), 2);
    }
}

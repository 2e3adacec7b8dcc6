//! Points in motion, drawn as one path per group.
//!
//! To move 171 elements, a browser computes the style, the layout and the place in the stack of each, and paints each by
//! itself: more than half of a frame. At rest every point is an element of its own again (`draw`).

use std::cell::RefCell;

use web_sys::Element;

use super::draw::{add, set};
use super::grouping::Group;
use super::view::Xy;

/// Handles to the paths.
#[derive(Debug)]
pub struct Swarm {
    layer: Element,
    groups: Vec<One>,
}

/// One group.
#[derive(Debug)]
struct One {
    path: Element,
    shape: &'static str,
    /// The shape around a point, for the size that it was last drawn in.
    around: RefCell<(f32, String)>,
}

impl Swarm {
    /// A layer without groups.
    pub fn new(to: &Element) -> Self {
        Self {
            layer: add(to, "g", &[("class", "swarm")]),
            groups: Vec::new(),
        }
    }

    /// Takes the groups' colours and shapes.
    pub fn groups(&mut self, groups: &[Group]) {
        self.layer.set_inner_html("");
        let one = |group: &Group| One {
            path: add(&self.layer, "path", &[("fill", &group.marker.colour())]),
            shape: group.marker.shape,
            around: RefCell::default(),
        };
        self.groups = groups.iter().map(one).collect();
    }

    /// Draws points, each with its group; `size` is half the width of all.
    pub fn draw(&self, points: &[(usize, Xy)], size: f32) {
        for (k, group) in self.groups.iter().enumerate() {
            let mut around = group.around.borrow_mut();
            if around.0 != size {
                *around = (size, about(group.shape, size));
            }
            let d: String = points
                .iter()
                .filter(|(of, _)| *of == k)
                .map(|(_, [x, y])| format!("M{x:.1} {y:.1}{}", around.1))
                .collect();
            set(&group.path, "d", &d);
        }
    }

    /// Takes all of them away.
    pub fn rest(&self) {
        for group in &self.groups {
            set(&group.path, "d", "");
        }
    }
}

/// A path of absolute M, L, H, V, A and Z as one relative to a point, `size` times as large.
fn about(shape: &str, size: f32) -> String {
    let (mut here, mut start) = ([0.0_f32; 2], [0.0_f32; 2]);
    let mut turned = String::new();
    for (command, numbers) in commands(shape) {
        let to = match (command, numbers.as_slice()) {
            ('H', [x]) => [*x, here[1]],
            ('V', [y]) => [here[0], *y],
            ('M' | 'L' | 'A', [.., x, y]) => [*x, *y],
            _ => start,
        };
        let [x, y] = [to[0] - here[0], to[1] - here[1]].map(|v| v * size);
        turned += &match (command, numbers.as_slice()) {
            ('M', _) => format!("m{x:.2} {y:.2}"),
            ('A', [rx, ry, turn, large, sweep, ..]) => {
                let (rx, ry) = (rx * size, ry * size);
                format!("a{rx:.2} {ry:.2} {turn} {large} {sweep} {x:.2} {y:.2}")
            }
            ('Z', _) => "z".to_owned(),
            _ => format!("l{x:.2} {y:.2}"),
        };
        here = to;
        if command == 'M' {
            start = to;
        }
    }
    turned
}

/// Every command with its numbers.
fn commands(path: &str) -> Vec<(char, Vec<f32>)> {
    let mut found: Vec<(char, Vec<f32>)> = Vec::new();
    let mut number = String::new();
    for c in path.chars().chain([' ']) {
        let more = c.is_ascii_digit() || (c == '.' && !number.contains('.'));
        if more {
            number.push(c);
            continue;
        }
        if let (Ok(value), Some((_, numbers))) = (number.parse(), found.last_mut()) {
            numbers.push(value);
        }
        number.clear();
        match c {
            '-' | '.' => number.push(c),
            c if c.is_ascii_alphabetic() => found.push((c, Vec::new())),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::clusters::CLUSTERS;
    use super::{about, commands};

    #[test]
    fn compact_numbers_are_told_apart() {
        assert_eq!(
            commands("M0-1.25L1.17.82H-1.17Z"),
            [
                ('M', vec![0.0, -1.25]),
                ('L', vec![1.17, 0.82]),
                ('H', vec![-1.17]),
                ('Z', vec![]),
            ]
        );
    }

    #[test]
    fn a_shape_around_a_point_is_relative_and_as_large_as_asked() {
        assert_eq!(
            about("M-.88-.88H.88V.88H-.88Z", 10.0),
            "m-8.80 -8.80l17.60 0.00l0.00 17.60l-17.60 0.00z"
        );
        assert_eq!(
            about("M.5 0A.5 .5 0 1 0-.5 0Z", 2.0),
            "m1.00 0.00a1.00 1.00 0 1 0 -2.00 0.00z"
        );
    }

    #[test]
    fn a_second_outline_begins_where_the_first_was_closed() {
        assert_eq!(
            about("M1 0L0 1ZM2 0L3 0Z", 1.0),
            "m1.00 0.00l-1.00 1.00zm1.00 0.00l1.00 0.00z"
        );
    }

    #[test]
    fn every_cluster_s_shape_is_understood() {
        for cluster in CLUSTERS {
            let known = |(c, n): &(char, Vec<f32>)| match c {
                'M' | 'L' => n.len() == 2,
                'H' | 'V' => n.len() == 1,
                'A' => n.len() == 7,
                'Z' => n.is_empty(),
                _ => false,
            };
            let all = commands(cluster.shape);
            assert!(all.iter().all(known), "{}: {all:?}", cluster.name);
        }
    }
}

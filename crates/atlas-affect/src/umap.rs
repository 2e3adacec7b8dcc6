//! UMAP: a map that keeps near things near (McInnes, Healy and Melville, 2018, arXiv 1802.03426).
//!
//! Written out for a few hundred points: exact neighbours, a start that is given, one thread, and no function
//! whose last bit differs between platforms, so that the same vectors give the same map everywhere.
//! What lies far apart on such a map is not thereby unlike, and its axes mean nothing.

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// What decides the map beside the distances.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Neighbours of a point that count as near, itself included.
    pub neighbours: usize,
    /// Passes over the graph's edges.
    pub epochs: u32,
    /// Length of a step in the first pass; it falls to 0.
    pub rate: f64,
    /// Seed of the random numbers.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            neighbours: 15,
            epochs: 500,
            rate: 1.0,
            seed: 1,
        }
    }
}

/// Least distance of points on the map for which `A` and `B` hold.
pub const MIN_DIST: f64 = 0.1;
/// Nearness on the map is `1 / (1 + A d^(2 B))`, fitted to `exp(MIN_DIST - d)` beyond the least distance.
const A: f64 = 1.576_943_46;
const B: f64 = 0.895_060_88;
/// Random points each edge pushes away.
const PUSHED: u32 = 5;
/// No step is longer, on either axis.
const LONGEST: f64 = 4.0;

/// Lays points out by their `distances`, `[n, n]`, from a `start`, `[n]`; the result has its scale and place.
///
/// # Panics
/// If the lists do not belong together.
#[must_use]
pub fn umap(distances: &[f32], start: &[[f32; 2]], options: &Options) -> Vec<[f32; 2]> {
    let n = start.len();
    assert_eq!(distances.len(), n * n, "distances of {n} points");
    let Ok(count) = u32::try_from(n) else {
        return start.to_vec();
    };
    let edges = edges(distances, n, options.neighbours);
    let most = edges.iter().map(|e| e.weight).fold(0.0, f64::max);
    let mut at = spread_out(start);
    let mut rng = Pcg64Mcg::seed_from_u64(options.seed);
    // An edge's turn comes the more often, the heavier it is.
    let pace: Vec<f64> = edges.iter().map(|e| most / e.weight).collect();
    let mut due = pace.clone();
    for epoch in 0..options.epochs {
        let done = f64::from(epoch) / f64::from(options.epochs);
        let rate = options.rate * (1.0 - done);
        for (edge, (due, pace)) in edges.iter().zip(due.iter_mut().zip(&pace)) {
            if *due > f64::from(epoch) + 1.0 {
                continue;
            }
            *due += pace;
            let (i, j) = (edge.from, edge.to);
            let pull = attraction(squared(at[i], at[j]));
            for axis in [0, 1] {
                let step = (pull * (at[i][axis] - at[j][axis])).clamp(-LONGEST, LONGEST) * rate;
                at[i][axis] += step;
                at[j][axis] -= step;
            }
            for _ in 0..PUSHED {
                let other = rng.random_range(0..count) as usize;
                if other == i {
                    continue;
                }
                let push = repulsion(squared(at[i], at[other]));
                for axis in [0, 1] {
                    let apart = at[i][axis] - at[other][axis];
                    let step = if push > 0.0 {
                        (push * apart).clamp(-LONGEST, LONGEST)
                    } else {
                        LONGEST
                    };
                    at[i][axis] += step * rate;
                }
            }
        }
    }
    at.into_iter().map(|p| p.map(single)).collect()
}

/// Share of each point's `count` nearest that are among its `count` nearest on the map too, 0 to 1.
#[must_use]
pub fn kept(distances: &[f32], map: &[[f32; 2]], count: usize) -> f32 {
    let n = map.len();
    let nearest = |own: usize, to: &dyn Fn(usize) -> f64| {
        let mut others: Vec<usize> = (0..n).filter(|o| *o != own).collect();
        others.sort_by(|a, b| to(*a).total_cmp(&to(*b)));
        others.truncate(count);
        others
    };
    let mut same = 0_usize;
    for own in 0..n {
        let real = nearest(own, &|o| f64::from(distances[own * n + o]));
        let drawn = nearest(own, &|o| {
            squared(map[own].map(f64::from), map[o].map(f64::from))
        });
        same += real.iter().filter(|o| drawn.contains(o)).count();
    }
    single(same as f64 / (n * count).max(1) as f64)
}

struct Edge {
    from: usize,
    to: usize,
    weight: f64,
}

/// The fuzzy graph of neighbours: every edge both ways, in a fixed order.
fn edges(distances: &[f32], n: usize, neighbours: usize) -> Vec<Edge> {
    let mut near = vec![0.0; n * n];
    for (own, row) in distances.chunks_exact(n.max(1)).enumerate() {
        let mut order: Vec<usize> = (0..n).filter(|o| *o != own).collect();
        order.sort_by(|a, b| row[*a].total_cmp(&row[*b]));
        order.truncate(neighbours.saturating_sub(1));
        let found: Vec<f64> = order.iter().map(|o| f64::from(row[*o])).collect();
        for (other, value) in order.iter().zip(nearness(&found, neighbours)) {
            near[own * n + other] = value;
        }
    }
    let mut edges = Vec::new();
    for from in 0..n {
        for to in 0..n {
            let (a, b) = (near[from * n + to], near[to * n + from]);
            let weight = a + b - a * b;
            // Weaker ones would never have their turn.
            if weight > 1e-3 {
                edges.push(Edge { from, to, weight });
            }
        }
    }
    edges
}

/// How near each neighbour is, 0 to 1: the nearest fully, and all together `log2(neighbours)`.
fn nearness(distances: &[f64], neighbours: usize) -> Vec<f64> {
    let nearest = distances.iter().copied().find(|d| *d > 0.0).unwrap_or(0.0);
    let value = |d: f64, width: f64| {
        if d > nearest {
            libm::exp(-(d - nearest) / width)
        } else {
            1.0
        }
    };
    let wanted = libm::log2(neighbours as f64);
    let (mut low, mut high, mut width) = (0.0, f64::INFINITY, 1.0);
    for _ in 0..64 {
        let sum: f64 = distances.iter().map(|d| value(*d, width)).sum();
        if sum > wanted {
            high = width;
            width = (low + high) / 2.0;
        } else {
            low = width;
            width = if high.is_finite() {
                (low + high) / 2.0
            } else {
                width * 2.0
            };
        }
    }
    let mean = distances.iter().sum::<f64>() / distances.len().max(1) as f64;
    let width = width.max(1e-3 * mean).max(f64::MIN_POSITIVE);
    distances.iter().map(|d| value(*d, width)).collect()
}

/// What pulls two points of an edge together, per distance; negative.
fn attraction(squared: f64) -> f64 {
    if squared > 0.0 {
        let power = libm::pow(squared, B);
        -2.0 * A * B * power / squared / (1.0 + A * power)
    } else {
        0.0
    }
}

/// What pushes a random point away, per distance; 0 where they coincide.
fn repulsion(squared: f64) -> f64 {
    if squared > 0.0 {
        2.0 * B / ((0.001 + squared) * (1.0 + A * libm::pow(squared, B)))
    } else {
        0.0
    }
}

/// The start brought to the size in which steps are measured: 10 from end to end of its longer side.
fn spread_out(start: &[[f32; 2]]) -> Vec<[f64; 2]> {
    let points: Vec<[f64; 2]> = start.iter().map(|p| p.map(f64::from)).collect();
    let span = [0, 1].map(|axis: usize| {
        let values = points.iter().map(|p| p[axis]);
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| {
            (l.min(v), h.max(v))
        });
        (low, high - low)
    });
    let longest = span[0].1.max(span[1].1);
    let scale = if longest > 0.0 && longest.is_finite() {
        10.0 / longest
    } else {
        1.0
    };
    let place = |p: [f64; 2]| [(p[0] - span[0].0) * scale, (p[1] - span[1].0) * scale];
    points.into_iter().map(place).collect()
}

fn squared(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1])
}

#[expect(clippy::cast_possible_truncation, reason = "drawn in single precision")]
fn single(value: f64) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three heaps of 20 points in ten dimensions, the third nearer to the second; their distances and a poor start.
    fn heaps() -> (Vec<f32>, Vec<[f32; 2]>) {
        let mut rng = Pcg64Mcg::seed_from_u64(7);
        let centre = [0.0, 6.0, 9.0];
        let rows: Vec<[f32; 10]> = (0..60)
            .map(|i| {
                std::array::from_fn(|d| {
                    rng.random::<f32>() + if d < 3 { centre[i / 20] } else { 0.0 }
                })
            })
            .collect();
        let far = |a: &[f32; 10], b: &[f32; 10]| {
            a.iter()
                .zip(b)
                .map(|(x, y)| (x - y) * (x - y))
                .sum::<f32>()
                .sqrt()
        };
        let distances = rows
            .iter()
            .flat_map(|a| rows.iter().map(|b| far(a, b)))
            .collect();
        let start = (0..60).map(|_| [rng.random(), rng.random()]).collect();
        (distances, start)
    }

    #[test]
    fn heaps_come_apart_and_the_same_input_gives_the_same_map() {
        let (distances, start) = heaps();
        let map = umap(&distances, &start, &Options::default());
        assert_eq!(map, umap(&distances, &start, &Options::default()));
        for own in 0..60 {
            let to = |o: &usize| squared(map[own].map(f64::from), map[*o].map(f64::from));
            let mut others: Vec<usize> = (0..60).filter(|o| *o != own).collect();
            others.sort_by(|a, b| to(a).total_cmp(&to(b)));
            assert!(others[..10].iter().all(|o| o / 20 == own / 20), "{own}");
        }
        // 10 of 59 by chance.
        assert!(kept(&distances, &start, 10) < 0.3);
        assert!(kept(&distances, &map, 10) > 0.5);
    }

    #[test]
    fn the_curve_is_the_best_fit_for_its_least_distance() {
        let error = |a: f64, b: f64| -> f64 {
            (0..300)
                .map(|i| {
                    let d = 3.0 * f64::from(i) / 299.0;
                    let wanted = if d < MIN_DIST {
                        1.0
                    } else {
                        (MIN_DIST - d).exp()
                    };
                    (1.0 / (1.0 + a * d.powf(2.0 * b)) - wanted).powi(2)
                })
                .sum()
        };
        let best = error(A, B);
        for (a, b) in [(1.01, 1.0), (0.99, 1.0), (1.0, 1.01), (1.0, 0.99)] {
            assert!(error(A * a, B * b) > best);
        }
    }

    #[test]
    fn awkward_points_give_finite_places() {
        for n in [0, 1, 2, 5] {
            let map = umap(&vec![0.0; n * n], &vec![[1.0, 1.0]; n], &Options::default());
            assert!(map.len() == n && map.iter().flatten().all(|v| v.is_finite()));
        }
    }
}

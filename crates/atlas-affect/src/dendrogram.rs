//! A tree of emotions by average linkage, and the order in which its leaves stand best beside each other.

use kodama::{Method, linkage};
use serde::{Deserialize, Serialize};

/// Two branches that become one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Merge(
    /// A leaf below `n`, or the merge of number `this - n`.
    pub u16,
    /// The other.
    pub u16,
    /// Mean distance between the leaves of the two.
    pub f32,
);

/// The whole tree.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tree {
    /// Merges, the nearest first; one fewer than leaves.
    pub merges: Vec<Merge>,
    /// All leaves from one end of the tree to the other.
    pub order: Vec<u16>,
}

/// The tree of things by their `distances`, `[n, n]`, symmetric.
///
/// # Panics
/// If `distances` is not a square, or there are more than 32,767 leaves.
#[must_use]
pub fn tree(distances: &[f32], n: usize) -> Tree {
    assert_eq!(distances.len(), n * n, "distances of {n} leaves");
    assert!(n <= usize::from(u16::MAX / 2), "{n} leaves");
    if n == 0 {
        return Tree::default();
    }
    let between = |a: u16, b: u16| distances[usize::from(a) * n + usize::from(b)];
    let mut upper: Vec<f32> = (0..n)
        .flat_map(|i| distances[i * n + i + 1..(i + 1) * n].iter().copied())
        .collect();
    let found = linkage(&mut upper, n, Method::Average);
    let mut branches: Vec<Vec<u16>> = (0..n).map(|i| vec![number(i)]).collect();
    let mut merges = Vec::with_capacity(n - 1);
    for step in found.steps() {
        merges.push(Merge(
            number(step.cluster1),
            number(step.cluster2),
            step.dissimilarity,
        ));
        let (a, b) = (
            std::mem::take(&mut branches[step.cluster1]),
            std::mem::take(&mut branches[step.cluster2]),
        );
        branches.push(joined(a, b, &between));
    }
    Tree {
        merges,
        order: branches.pop().unwrap_or_default(),
    }
}

/// Two branches side by side, each turned so that the ends that meet are nearest.
fn joined(mut a: Vec<u16>, mut b: Vec<u16>, between: &impl Fn(u16, u16) -> f32) -> Vec<u16> {
    let (Some((a0, a1)), Some((b0, b1))) = (ends(&a), ends(&b)) else {
        a.append(&mut b);
        return a;
    };
    let ways = [(a1, b0), (a1, b1), (a0, b0), (a0, b1)];
    let best = (0..4)
        .min_by(|x, y| between(ways[*x].0, ways[*x].1).total_cmp(&between(ways[*y].0, ways[*y].1)))
        .unwrap_or(0);
    if best >= 2 {
        a.reverse();
    }
    if best % 2 == 1 {
        b.reverse();
    }
    a.append(&mut b);
    a
}

fn ends(branch: &[u16]) -> Option<(u16, u16)> {
    Some((*branch.first()?, *branch.last()?))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "checked when the tree is begun"
)]
const fn number(at: usize) -> u16 {
    at as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distances(places: &[f32]) -> Vec<f32> {
        let row = |a: &f32| places.iter().map(|b| (a - b).abs()).collect::<Vec<_>>();
        places.iter().flat_map(row).collect()
    }

    #[test]
    fn things_on_a_line_come_out_in_their_order() {
        let places = [5.0, 0.0, 9.0, 1.0, 5.5, 9.1, 0.2];
        let found = tree(&distances(&places), places.len());
        let mut line: Vec<f32> = found
            .order
            .iter()
            .map(|i| places[usize::from(*i)])
            .collect();
        if line[0] > line[6] {
            line.reverse();
        }
        assert!(line.is_sorted(), "{line:?}");
        assert_eq!(found.merges.len(), 6);
        assert!(found.merges.is_sorted_by(|a, b| a.2 <= b.2));
        let Merge(a, b, height) = found.merges[0];
        assert_eq!((a.min(b), a.max(b)), (2, 5));
        assert!((height - 0.1).abs() < 1e-5);
        // 0 and 0.2 against 1: the mean of both distances.
        let Merge(.., height) = found.merges[3];
        assert!((height - 0.9).abs() < 1e-5, "{height}");
    }

    #[test]
    fn small_trees() {
        assert_eq!(tree(&[], 0), Tree::default());
        assert_eq!(tree(&[0.0], 1).order, [0]);
        assert_eq!(tree(&[0.0, 1.0, 1.0, 0.0], 2).merges, [Merge(0, 1, 1.0)]);
    }
}

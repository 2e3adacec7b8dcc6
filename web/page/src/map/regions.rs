//! Names of clusters set like seas: only where there is room, and only over their own. Pure.

use super::view::{Rect, Xy};

/// Fewer members than this make no region.
const LEAST: usize = 9;

/// A region's name and where it starts (baseline).
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    /// Index of the cluster in the caller's list.
    pub cluster: usize,
    /// Left end of the baseline, in pixels.
    pub at: Xy,
    /// What it covers.
    pub rect: Rect,
}

/// Places the names of clusters that have room. `marks` are all points in pixels with the index of their
/// cluster; `wanted` are the clusters to name; `reach` is how far a name may stand from its cluster's
/// centre; `size` tells width and height of a name.
pub fn place(
    marks: &[(Xy, usize)],
    half: f32,
    wanted: &[usize],
    frame: Rect,
    taken: &[Rect],
    reach: f32,
    size: impl Fn(usize) -> Xy,
) -> Vec<Region> {
    let centres: Vec<(usize, Xy)> = centres(marks);
    let middle = frame.centre();
    let far = |c: Xy| (c[0] - middle[0]).hypot(c[1] - middle[1]);
    let mut order: Vec<(usize, Xy)> = centres
        .iter()
        .copied()
        .filter(|(k, _)| wanted.contains(k))
        .collect();
    // The outer ones first: around the middle there is rarely room, and a name would say little.
    order.sort_by(|a, b| far(b.1).total_cmp(&far(a.1)));
    let mut found: Vec<Region> = Vec::new();
    for (cluster, centre) in order {
        let [width, height] = size(cluster);
        let mut best: Option<(f32, Region)> = None;
        for x in steps(frame.x0 + 14.0, frame.x1 - width - 10.0, 12.0) {
            for y in steps(frame.y0 + height + 8.0, frame.y1 - 12.0, 9.0) {
                let rect = Rect::new(
                    x - 4.0,
                    y - height * 0.85,
                    x + width + 4.0,
                    y + height * 0.35,
                );
                // Right beside a point it would read as that point's name.
                let clear = rect.grown(9.0, 0.0);
                let mid = [x + width / 2.0, y - height * 0.35];
                let away = ((mid[0] - centre[0]) * 0.8).hypot(mid[1] - centre[1]);
                if away > reach || best.as_ref().is_some_and(|(b, _)| away >= *b) {
                    continue;
                }
                let to = |c: Xy| (c[0] - mid[0]).hypot(c[1] - mid[1]);
                if centres
                    .iter()
                    .any(|(k, c)| *k != cluster && to(*c) < to(centre) * 1.02)
                    || taken.iter().any(|t| t.hits(&rect, 3.0))
                    || found.iter().any(|r| r.rect.hits(&rect, 3.0))
                    || marks
                        .iter()
                        .any(|(m, _)| Rect::around(*m, half).hits(&clear, 1.0))
                    || !at_home(marks, cluster, &rect)
                {
                    continue;
                }
                best = Some((
                    away,
                    Region {
                        cluster,
                        at: [x, y],
                        rect,
                    },
                ));
            }
        }
        found.extend(best.map(|(_, region)| region));
    }
    found
}

/// Mean position of every cluster that is large enough.
fn centres(marks: &[(Xy, usize)]) -> Vec<(usize, Xy)> {
    let clusters = marks.iter().map(|m| m.1).max().map_or(0, |m| m + 1);
    (0..clusters)
        .filter_map(|k| {
            let own: Vec<Xy> = marks.iter().filter(|m| m.1 == k).map(|m| m.0).collect();
            let n = own.len() as f32;
            let sum = own
                .iter()
                .fold([0.0, 0.0], |s, p| [s[0] + p[0], s[1] + p[1]]);
            (own.len() >= LEAST).then(|| (k, [sum[0] / n, sum[1] / n]))
        })
        .collect()
}

/// Whether the points nearest to the name are its own more than any other cluster's.
fn at_home(marks: &[(Xy, usize)], cluster: usize, rect: &Rect) -> bool {
    const NEAREST: usize = 6;
    let mut nearest = [(f32::INFINITY, usize::MAX); NEAREST];
    for (at, k) in marks {
        let (dx, dy) = (
            (rect.x0 - at[0]).max(at[0] - rect.x1).max(0.0),
            (rect.y0 - at[1]).max(at[1] - rect.y1).max(0.0),
        );
        let mut here = (dx.hypot(dy), *k);
        for slot in &mut nearest {
            if here.0 < slot.0 {
                std::mem::swap(slot, &mut here);
            }
        }
    }
    let count = |k: usize| nearest.iter().filter(|n| n.1 == k).count();
    let own = count(cluster);
    own >= 2 && nearest.iter().all(|n| n.1 == cluster || count(n.1) <= own)
}

fn steps(from: f32, to: f32, by: f32) -> impl Iterator<Item = f32> + Clone {
    let n = if to > from {
        ((to - from) / by) as usize + 1
    } else {
        0
    };
    (0..n).map(move |i| from + i as f32 * by)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(x: f32, y: f32, cluster: usize, n: usize) -> impl Iterator<Item = (Xy, usize)> {
        (0..n).map(move |i| {
            (
                [x + (i % 4) as f32 * 16.0, y + (i / 4) as f32 * 16.0],
                cluster,
            )
        })
    }

    #[test]
    fn names_stand_near_their_own_and_cover_nothing() {
        let marks: Vec<_> = group(120.0, 120.0, 0, 12)
            .chain(group(420.0, 380.0, 1, 12))
            .chain(group(300.0, 60.0, 2, 4))
            .collect();
        let frame = Rect::new(20.0, 0.0, 600.0, 500.0);
        let taken = [Rect::new(100.0, 180.0, 200.0, 200.0)];
        let found = place(&marks, 5.0, &[0, 1, 2], frame, &taken, 160.0, |_| {
            [130.0, 17.0]
        });
        assert_eq!(found.len(), 2, "the third is too small to name");
        for region in &found {
            assert!(frame.holds(&region.rect) && !region.rect.hits(&taken[0], 0.0));
            assert!(
                marks
                    .iter()
                    .all(|m| !Rect::around(m.0, 5.0).hits(&region.rect, 0.0))
            );
            assert!(at_home(&marks, region.cluster, &region.rect));
        }
    }

    #[test]
    fn without_room_there_is_no_name() {
        let marks: Vec<_> = group(20.0, 20.0, 0, 12).collect();
        assert!(
            place(
                &marks,
                5.0,
                &[0],
                Rect::new(0.0, 0.0, 100.0, 90.0),
                &[],
                160.0,
                |_| [130.0, 17.0]
            )
            .is_empty()
        );
        assert!(
            place(
                &[],
                5.0,
                &[0],
                Rect::new(0.0, 0.0, 100.0, 90.0),
                &[],
                160.0,
                |_| [30.0, 17.0]
            )
            .is_empty()
        );
    }
}

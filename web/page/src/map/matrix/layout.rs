//! Where the cells of the matrix, its tree and its names lie. Pure.

use atlas_affect::dendrogram::Tree;

use super::super::view::{Rect, View, Xy};

/// Room for the tree, or for names once cells are large enough.
const MARGIN: f32 = 74.0;
/// Width of the strip that shows the groups.
pub const STRIP: f32 = 6.0;
/// Room above for the line that says what the cell is.
const HEAD: f32 = 30.0;
/// From this size of a cell on there are names.
pub const NAMED: f32 = 11.0;

/// The square on its sheet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layout {
    /// The square.
    pub square: Rect,
    /// Size of a cell.
    pub cell: f32,
    /// Left and upper edge of the first cell.
    pub origin: Xy,
    count: usize,
}

impl Layout {
    /// Lays `count` rows into a sheet of this size; none where there is no room.
    #[must_use]
    pub fn new(size: Xy, count: usize, view: &View) -> Option<Self> {
        let margin = MARGIN.min(size[0] * 0.2);
        let side = (size[0] - margin - STRIP - 6.0).min(size[1] - HEAD - STRIP - 6.0);
        if side < 60.0 || count == 0 {
            return None;
        }
        let left = margin + STRIP + ((size[0] - margin - STRIP - side) / 2.0).max(0.0);
        let square = Rect::new(left, HEAD + STRIP, left + side, HEAD + STRIP + side);
        let cell = side * view.zoom / count as f32;
        let middle = square.centre();
        let origin = [0, 1]
            .map(|axis: usize| middle[axis] - side * view.zoom / 2.0 + view.shift[axis] * side);
        Some(Self {
            square,
            cell,
            origin,
            count,
        })
    }

    /// Row and column under a pixel, as places in the order.
    #[must_use]
    pub fn at(&self, pixel: Xy) -> Option<[usize; 2]> {
        if !self.square.contains(pixel) {
            return None;
        }
        let place = |axis: usize| {
            let at = ((pixel[axis] - self.origin[axis]) / self.cell).floor();
            (at >= 0.0 && at < self.count as f32).then_some(at as usize)
        };
        Some([place(1)?, place(0)?])
    }

    /// Where a row (or column) begins.
    #[must_use]
    pub fn start(&self, place: usize, axis: usize) -> f32 {
        self.origin[axis] + place as f32 * self.cell
    }

    /// Rows (axis 1) or columns (axis 0) within the square.
    #[must_use]
    pub fn visible(&self, axis: usize) -> std::ops::Range<usize> {
        let (low, high) = if axis == 0 {
            (self.square.x0, self.square.x1)
        } else {
            (self.square.y0, self.square.y1)
        };
        let first = ((low - self.origin[axis]) / self.cell).floor().max(0.0) as usize;
        let last = ((high - self.origin[axis]) / self.cell).ceil().max(0.0) as usize;
        first..last.min(self.count)
    }

    /// The view moved by as little as shows a cell, given as row and column.
    #[must_use]
    pub fn revealing(&self, view: View, [row, column]: [usize; 2]) -> View {
        if view.zoom <= 1.0 {
            return view;
        }
        let need = |axis: usize, place: usize, low: f32, high: f32| {
            let middle = self.start(place, axis) + self.cell / 2.0;
            middle.clamp(low + self.cell, high - self.cell) - middle
        };
        let s = self.square;
        let by = [need(0, column, s.x0, s.x1), need(1, row, s.y0, s.y1)];
        if by == [0.0, 0.0] {
            view
        } else {
            view.panned(by, s)
        }
    }
}

/// The place in the order of every emotion.
#[must_use]
pub fn places(order: &[u16]) -> Vec<usize> {
    let mut places = vec![0; order.len()];
    for (place, emotion) in order.iter().enumerate() {
        if let Some(slot) = places.get_mut(usize::from(*emotion)) {
            *slot = place;
        }
    }
    places
}

/// One merge as three lines: two branches and the bar that joins them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Branch {
    /// Places of the two branches, in rows.
    pub rows: [f32; 2],
    /// Heights of the two branches, 0 (a leaf) to 1 (the root).
    pub from: [f32; 2],
    /// Height of the bar.
    pub height: f32,
}

/// The tree as it is drawn beside the rows.
#[must_use]
pub fn branches(tree: &Tree) -> Vec<Branch> {
    let top = tree.merges.last().map_or(1.0, |m| m.2).max(1e-6);
    let mut nodes: Vec<(f32, f32)> = places(&tree.order)
        .into_iter()
        .map(|place| (place as f32 + 0.5, 0.0))
        .collect();
    let mut found = Vec::with_capacity(tree.merges.len());
    for merge in &tree.merges {
        let node = |n: u16| nodes.get(usize::from(n)).copied().unwrap_or_default();
        let (a, b, height) = (node(merge.0), node(merge.1), merge.2 / top);
        found.push(Branch {
            rows: [a.0, b.0],
            from: [a.1, b.1],
            height,
        });
        nodes.push(((a.0 + b.0) / 2.0, height));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::super::samples;
    use super::*;

    #[test]
    fn a_pixel_belongs_to_the_cell_drawn_there() {
        for zoom in [1.0, 4.0] {
            let view = View::default().zoomed_in_place(zoom);
            let layout = Layout::new([600.0, 560.0], 171, &view).unwrap();
            for place in layout.visible(0) {
                let middle = |axis| layout.start(place, axis) + layout.cell / 2.0;
                let at = [middle(0), middle(1)];
                if layout.square.contains(at) {
                    assert_eq!(layout.at(at), Some([place, place]));
                }
            }
            assert_eq!(layout.at([2.0, 2.0]), None);
        }
        assert_eq!(
            Layout::new([600.0, 560.0], 171, &View::default())
                .unwrap()
                .visible(1),
            0..171
        );
        assert_eq!(Layout::new([90.0, 80.0], 171, &View::default()), None);
    }

    #[test]
    fn a_cell_out_of_sight_is_brought_in() {
        let view = View::default().zoomed_in_place(5.0);
        let layout = Layout::new([600.0, 560.0], 171, &view).unwrap();
        let moved = layout.revealing(view, [0, 170]);
        let after = Layout::new([600.0, 560.0], 171, &moved).unwrap();
        assert!(after.visible(1).contains(&0) && after.visible(0).contains(&170));
        assert!(!layout.visible(1).contains(&0));
    }

    #[test]
    fn branches_join_from_the_leaves_to_the_root() {
        let file = samples::fan_file();
        let found = branches(&file.tree);
        assert_eq!(found.len(), 3);
        assert_eq!(found[0].from, [0.0, 0.0]);
        assert!((found[2].height - 1.0).abs() < 1e-6);
        assert!(found.is_sorted_by(|a, b| a.height <= b.height));
        let places = places(&file.tree.order);
        assert!(
            (found[0].rows[0] - found[0].rows[1]).abs() == 1.0,
            "{places:?}"
        );
    }
}

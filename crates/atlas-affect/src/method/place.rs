//! Does a story that made no vector land near its own emotion on the map?
//!
//! The map is the plane of the first two principal components, and the page draws texts on it. What varies from story
//! to story but not between emotions moves a story's place and no emotion's, so options that leave much of it in the
//! plane place stories badly.

use crate::EmotionVectors;
use crate::geometry::principal;
use crate::matrix::dot;

/// The plane of the map, and where the emotions lie in it.
pub(crate) struct Plane {
    axes: [Vec<f64>; 2],
    emotions: Vec<[f64; 2]>,
}

impl Plane {
    /// Of emotion vectors, in whatever coordinates.
    pub(crate) fn of(vectors: &EmotionVectors) -> Self {
        let [first, second, _] = principal(vectors);
        let axes = [first.axis, second.axis];
        let place = |row: &[f64]| axes.each_ref().map(|axis| dot(row, axis));
        let emotions = vectors
            .rows
            .chunks_exact(vectors.width)
            .map(|row| place(&row.iter().map(|&v| f64::from(v)).collect::<Vec<_>>()))
            .collect();
        Self { axes, emotions }
    }

    /// Share of the other emotions (of those that `counts` says yes to) that lie farther from a story than its own:
    /// 1 if its own is the nearest, 0.5 by chance. `story` is in the coordinates of the vectors.
    pub(crate) fn nearness(
        &self,
        story: &[f64],
        own: usize,
        counts: impl Fn(usize) -> bool,
    ) -> f64 {
        let at = self.axes.each_ref().map(|axis| dot(story, axis));
        let distance = |e: usize| {
            let [x, y] = self.emotions[e];
            (x - at[0]).hypot(y - at[1])
        };
        let to_own = distance(own);
        let (mut farther, mut others) = (0.0, 0.0);
        for other in (0..self.emotions.len()).filter(|&e| e != own && counts(e)) {
            others += 1.0;
            farther += match distance(other).total_cmp(&to_own) {
                std::cmp::Ordering::Greater => 1.0,
                std::cmp::Ordering::Equal => 0.5,
                std::cmp::Ordering::Less => 0.0,
            };
        }
        if others > 0.0 { farther / others } else { 0.5 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_emotion_is_nearest_in_the_plane_and_what_is_off_it_counts_nothing() {
        let vectors = EmotionVectors {
            width: 3,
            rows: vec![
                3.0, 0.0, 0.1, -3.0, 0.0, -0.1, 0.0, 2.0, -0.1, 0.0, -2.0, 0.1,
            ],
            nuisance_share: 0.0,
        };
        let plane = Plane::of(&vectors);
        let all = |_| true;
        assert!((plane.nearness(&[2.5, 0.2, 9.0], 0, all) - 1.0).abs() < 1e-12);
        assert!(plane.nearness(&[2.5, 0.2, 9.0], 1, all).abs() < 1e-12);
        // Only emotions that count are compared.
        let third = plane.nearness(&[2.5, 0.2, 0.0], 2, |e| e != 0);
        assert!((third - 1.0).abs() < 1e-12);
        assert!((plane.nearness(&[0.0; 3], 0, |e| e == 0) - 0.5).abs() < 1e-12);
    }
}

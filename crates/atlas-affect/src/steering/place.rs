//! Where to steer.

use super::shifts::above;
use serde::{Deserialize, Serialize};

/// How the place to steer at is taken.
pub const PLACE_RULE: &str = "At each place (one layer, or three that share the strength) the twelve showcase emotions are pushed, \
towards and away. A place is judged at its own reach: the middle one of these 24 safe strengths. There, the share of the other \
eleven emotions that move less than the pushed one is averaged over the pushes, over the emotions' own words and over the probe \
at another layer. The place with the highest share is taken, or the layer that the sweep chose, if it is within one standard \
error of it.";

/// What the pushes do at one place and one strength; both matrices `[pushed][seen]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tried {
    /// Safe strengths of the pushes, both signs.
    pub safe: Vec<f32>,
    /// Their middle: where the place is judged.
    pub reach: f32,
    /// Share of the others that move less, there.
    pub above: f32,
    /// Standard error of it, over pushes.
    pub error: f32,
}

impl Tried {
    /// `measured` holds, by size of strength in ascending order, whether the push was towards the emotions, and the
    /// changes.
    #[must_use]
    pub fn new(mut safe: Vec<f32>, measured: &[(f32, bool, &[Vec<f32>])]) -> Self {
        safe.sort_by(f32::total_cmp);
        let reach = safe.get(safe.len() / 2).copied().unwrap_or(0.0);
        let mut strengths: Vec<f32> = measured.iter().map(|(s, ..)| *s).collect();
        strengths.dedup();
        let last = strengths.len().saturating_sub(1);
        let high = strengths.iter().position(|s| *s >= reach).unwrap_or(last);
        let low = high.saturating_sub(1);
        let at = |which: usize| -> Vec<f32> {
            let here = strengths.get(which);
            let those = measured.iter().filter(|(s, ..)| Some(s) == here);
            those.flat_map(|(_, up, rows)| above(rows, *up)).collect()
        };
        let part = match strengths.get(low..=high) {
            Some([from, .., to]) => ((reach - from) / (to - from)).clamp(0.0, 1.0),
            _ => 0.0,
        };
        let each: Vec<f32> = at(low)
            .iter()
            .zip(at(high))
            .map(|(low, high)| low + part * (high - low))
            .collect();
        let count = each.len().max(1) as f32;
        let above = each.iter().sum::<f32>() / count;
        let variance = each.iter().map(|x| (x - above).powi(2)).sum::<f32>() / count;
        Self {
            safe,
            reach,
            above,
            error: (variance / count).sqrt(),
        }
    }
}

/// Which of the places is taken by [`PLACE_RULE`]; `swept` is the one that the sweep chose.
#[must_use]
pub fn take(tried: &[Tried], swept: usize) -> usize {
    let best = (0..tried.len())
        .max_by(|&a, &b| tried[a].above.total_cmp(&tried[b].above))
        .unwrap_or(swept);
    match (tried.get(swept), tried.get(best)) {
        (Some(own), Some(best)) if own.above >= best.above - best.error => swept,
        _ => best,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_judged_where_half_of_its_pushes_are_still_fluent() {
        let sharp = [vec![2.0, 1.0], vec![1.0, 2.0]];
        let blunt = [vec![1.0, 2.0], vec![2.0, 1.0]];
        let measured: [(f32, bool, &[Vec<f32>]); 4] = [
            (0.1, true, &sharp),
            (0.1, true, &sharp),
            (0.3, true, &blunt),
            (0.3, true, &blunt),
        ];
        let tried = Tried::new(vec![0.3, 0.15, 0.1], &measured);
        assert!((tried.reach - 0.15).abs() < 1e-6);
        assert!(
            (tried.above - 0.75).abs() < 1e-5,
            "a quarter of the way down"
        );
        let weak = Tried::new(vec![0.02], &measured);
        assert_eq!((weak.above, weak.error), (1.0, 0.0));
        assert_eq!(Tried::new(vec![0.5], &measured).above, 0.0);
    }

    #[test]
    fn the_swept_layer_stays_unless_another_is_clearly_better() {
        let of = |above| Tried {
            safe: vec![],
            reach: 0.2,
            above,
            error: 0.03,
        };
        assert_eq!(take(&[of(0.8), of(0.82), of(0.7)], 0), 0);
        assert_eq!(take(&[of(0.8), of(0.85), of(0.7)], 0), 1);
        assert_eq!(take(&[], 3), 3);
    }
}

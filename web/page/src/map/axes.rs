//! What the two axes say: only what the components measurably correlate with. Pure.

/// Words at the two ends of an axis.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Axis {
    /// At the left or lower end.
    pub low: String,
    /// At the right or upper end.
    pub high: String,
}

/// The rating an axis is to be named after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rating {
    /// Unpleasant to pleasant.
    Valence,
    /// Quiet to excited.
    Arousal,
}

/// Below this |r| an axis is not named after a rating.
const LEAST: f32 = 0.3;

impl Axis {
    /// Names component `number` (from 1) after `rating` if that is the rating it correlates with most,
    /// and enough; else numbers it and tells its best correlation.
    #[must_use]
    pub fn new(number: usize, rating: Rating, r_valence: f32, r_arousal: f32) -> Self {
        let (own, other) = match rating {
            Rating::Valence => (r_valence, r_arousal),
            Rating::Arousal => (r_arousal, r_valence),
        };
        if own.abs() >= LEAST && own.abs() >= other.abs() {
            let (low, high) = match rating {
                Rating::Valence => ("unpleasant", "pleasant"),
                Rating::Arousal => ("quiet", "excited"),
            };
            let (low, high) = if own < 0.0 { (high, low) } else { (low, high) };
            return Self {
                low: low.into(),
                high: format!("{high} (r = {})", signed(own.abs())),
            };
        }
        let best = if r_valence.abs() >= r_arousal.abs() {
            ("valence", r_valence)
        } else {
            ("arousal", r_arousal)
        };
        let high = if best.1.is_finite() {
            format!("{}: r = {}", best.0, signed(best.1))
        } else {
            String::new()
        };
        Self {
            low: format!("component {number}"),
            high,
        }
    }

    /// For a screen reader.
    #[must_use]
    pub fn spoken(&self) -> String {
        if self.high.contains('(') {
            format!("{} to {}", self.low, self.high)
        } else {
            format!("{}, {}", self.low, self.high)
        }
    }
}

fn signed(r: f32) -> String {
    format!("{}{:.2}", if r < 0.0 { "\u{2212}" } else { "" }, r.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(rating: Rating, v: f32, a: f32) -> (String, String) {
        let axis = Axis::new(1, rating, v, a);
        (axis.low, axis.high)
    }

    #[test]
    fn an_axis_is_named_only_after_what_it_correlates_with_most() {
        let is = |got: (String, String), low: &str, high: &str| {
            assert_eq!((got.0.as_str(), got.1.as_str()), (low, high))
        };
        is(
            ends(Rating::Valence, 0.91, -0.1),
            "unpleasant",
            "pleasant (r = 0.91)",
        );
        is(
            ends(Rating::Arousal, 0.1, 0.84),
            "quiet",
            "excited (r = 0.84)",
        );
        is(
            ends(Rating::Arousal, 0.5, 0.4),
            "component 1",
            "valence: r = 0.50",
        );
        is(
            ends(Rating::Valence, 0.2, -0.25),
            "component 1",
            "arousal: r = \u{2212}0.25",
        );
        is(
            ends(Rating::Valence, -0.7, 0.1),
            "pleasant",
            "unpleasant (r = 0.70)",
        );
        assert_eq!(ends(Rating::Valence, f32::NAN, f32::NAN).0, "component 1");
    }
}

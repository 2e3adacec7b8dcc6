//! What the two axes say: only what the components measurably correlate with. Pure.

use crate::text::{fill, t};

/// Words at the two ends of an axis.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Axis {
    /// At the left or lower end.
    pub low: String,
    /// At the right or upper end; without it there is no arrow either.
    pub high: String,
    /// For a screen reader.
    pub spoken: String,
}

/// Below this |r| an axis is not named after a rating.
const LEAST: f32 = 0.3;

impl Axis {
    /// Names component `number` (from 1) after the rating it correlates with most, if enough; with r and its share
    /// of variance.
    #[must_use]
    pub fn component(number: usize, r_valence: f32, r_arousal: f32, share: f32) -> Self {
        let share = if share.is_finite() {
            fill(
                "axis.share",
                &[("percent", &format_args!("{:.0}", share * 100.0))],
            )
        } else {
            String::new()
        };
        let valence = r_arousal.is_nan() || r_valence.abs() >= r_arousal.abs();
        let (name, r, low, high) = if valence {
            (
                t("axis.valence"),
                r_valence,
                t("axis.unpleasant"),
                t("axis.pleasant"),
            )
        } else {
            (
                t("axis.arousal"),
                r_arousal,
                t("axis.quiet"),
                t("axis.excited"),
            )
        };
        let component = fill("axis.component", &[("n", &number)]);
        let (low, high) = if r.abs() >= LEAST {
            let (low, high) = if r < 0.0 { (high, low) } else { (low, high) };
            let r = signed(r.abs());
            (low.to_owned(), format!("{high} (r = {r}), {share}"))
        } else if r.is_finite() {
            (component, format!("{name}: r = {}, {share}", signed(r)))
        } else {
            (component, share.clone())
        };
        let spoken = fill(
            "axis.spoken",
            &[
                ("n", &number),
                ("share", &share),
                ("valence", &signed(r_valence)),
                ("arousal", &signed(r_arousal)),
            ],
        );
        Self { low, high, spoken }
    }

    /// An axis that is what its ends say.
    #[must_use]
    pub fn between(low: &str, high: &str) -> Self {
        Self {
            low: low.to_owned(),
            high: high.to_owned(),
            spoken: fill("axis.between", &[("low", &low), ("high", &high)]),
        }
    }

    /// No axis, but something to know about it.
    #[must_use]
    pub fn note(words: &str) -> Self {
        Self {
            low: words.to_owned(),
            high: String::new(),
            spoken: words.to_owned(),
        }
    }
}

fn signed(r: f32) -> String {
    if r.is_finite() {
        format!("{}{:.2}", if r < 0.0 { "\u{2212}" } else { "" }, r.abs())
    } else {
        t("axis.unknown").to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(v: f32, a: f32) -> (String, String) {
        let axis = Axis::component(2, v, a, 0.097);
        (axis.low, axis.high)
    }

    #[test]
    fn an_axis_is_named_only_after_what_it_correlates_with_most() {
        let is = |got: (String, String), low: &str, high: &str| {
            assert_eq!((got.0.as_str(), got.1.as_str()), (low, high))
        };
        is(
            ends(0.91, -0.1),
            "unpleasant",
            "pleasant (r = 0.91), 10 % of variance",
        );
        is(
            ends(0.1, 0.84),
            "quiet",
            "excited (r = 0.84), 10 % of variance",
        );
        is(
            ends(0.2, -0.25),
            "component 2",
            "arousal: r = \u{2212}0.25, 10 % of variance",
        );
        is(
            ends(-0.7, 0.1),
            "pleasant",
            "unpleasant (r = 0.70), 10 % of variance",
        );
        is(ends(f32::NAN, f32::NAN), "component 2", "10 % of variance");
    }

    #[test]
    fn both_correlations_are_spoken() {
        let spoken = Axis::component(1, 0.9, -0.04, 0.1).spoken;
        assert!(spoken.contains("valence 0.90") && spoken.contains("arousal \u{2212}0.04"));
        assert_eq!(Axis::note("near is alike").high, "");
    }
}

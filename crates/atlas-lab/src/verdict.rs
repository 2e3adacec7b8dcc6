//! The verdict: computed from claims that were stated before the run.

use crate::Spec;
use atlas_affect::trust::holm;
use atlas_protocol::{Claim, Figure, Verdict};

/// Chance of a mistake that is allowed for all claims of an experiment together.
pub const LEVEL: f64 = 0.05;

/// The rule, in words.
pub const RULE: &str = "A claim holds if its figure lies on the expected side, at least so far from no effect as was \
    stated before, p < 0.05 after Holm's correction for the number of claims, its 95 % interval leaves out no \
    effect, and it lies outside the middle 95 % of random vectors where there are such. All claims hold: replicates. \
    Some: weak. None: does not replicate.";

/// What becomes of a spec's claims.
#[must_use]
pub fn judge(spec: &Spec, figures: &[Figure]) -> (Vec<Claim>, Verdict) {
    let pairs: Vec<_> = spec
        .claim
        .iter()
        .flat_map(|claim| {
            let own = move |f: &&Figure| {
                let rest = f.id.strip_prefix(claim.figure.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            figures.iter().filter(own).map(move |f| (claim, f))
        })
        .collect();
    let p: Vec<f64> = pairs.iter().map(|(_, f)| f.p).collect();
    let claims: Vec<Claim> = pairs
        .into_iter()
        .zip(holm(&p))
        .map(|((claim, figure), p)| {
            let why = objection(figure, f64::from(claim.expect), claim.least, p);
            let form = figure
                .id
                .split_once('/')
                .map_or(String::new(), |(_, form)| format!(" ({form})"));
            Claim {
                words: format!("{}{form}", claim.words),
                paper: claim.paper.clone(),
                figure: figure.id.clone(),
                expect: claim.expect,
                least: claim.least,
                p,
                holds: why.is_empty(),
                why: why.to_owned(),
            }
        })
        .collect();
    let held = claims.iter().filter(|c| c.holds).count();
    let verdict = match held {
        0 => Verdict::DoesNotReplicate,
        some if some == claims.len() => Verdict::Replicates,
        _ => Verdict::Weak,
    };
    (claims, verdict)
}

/// The first reason why a claim does not hold; empty if it does.
fn objection(figure: &Figure, sign: f64, least: f64, p: f64) -> &'static str {
    let effect = sign * (figure.estimate - figure.chance);
    let near = sign * (if sign > 0.0 { figure.low } else { figure.high } - figure.chance);
    let inside = figure.null.as_ref().is_some_and(|null| {
        if sign > 0.0 {
            figure.estimate <= null.high
        } else {
            figure.estimate >= null.low
        }
    });
    // Not a number is no effect.
    if effect.is_nan() || effect <= 0.0 {
        "no effect, or the other way round"
    } else if effect < least {
        "smaller than what was said to count"
    } else if p.is_nan() || p >= LEVEL {
        "chance gives as much too often"
    } else if near <= 0.0 {
        "the interval holds no effect"
    } else if inside {
        "random vectors do as much"
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{ClaimSpec, Measure, Says};
    use atlas_protocol::NullBand;

    fn figure(id: &str, estimate: f64, p: f64) -> Figure {
        Figure {
            id: id.into(),
            label: String::new(),
            unit: String::new(),
            estimate,
            low: estimate - 0.1,
            high: estimate + 0.1,
            chance: 0.0,
            null: None,
            p,
            test: String::new(),
            n: 20,
        }
    }

    fn spec(figures: &[(&str, i8)]) -> Spec {
        let claim = |&(figure, expect): &(&str, i8)| ClaimSpec {
            figure: figure.into(),
            words: "it does".into(),
            expect,
            least: 0.15,
            paper: String::new(),
        };
        Spec {
            name: "x".into(),
            title: String::new(),
            question: String::new(),
            paper: String::new(),
            texts: None,
            measure: Measure::Stories(crate::experiment::stories::Settings::default()),
            claim: figures.iter().map(claim).collect(),
            says: Says {
                replicates: String::new(),
                weak: String::new(),
                does_not: String::new(),
            },
        }
    }

    #[test]
    fn a_claim_has_to_pass_everything() {
        let band = |low, high| NullBand {
            low,
            high,
            of: String::new(),
        };
        let good = figure("a", 0.3, 0.001);
        assert_eq!(objection(&good, 1.0, 0.15, 0.001), "");
        assert_ne!(objection(&good, -1.0, 0.15, 0.001), "");
        assert_ne!(objection(&good, 1.0, 0.4, 0.001), "");
        assert_ne!(objection(&good, 1.0, 0.15, 0.06), "");
        assert_ne!(objection(&good, 1.0, 0.15, f64::NAN), "");
        let wide = Figure {
            low: -0.01,
            ..good.clone()
        };
        assert_ne!(objection(&wide, 1.0, 0.15, 0.001), "");
        for (null, holds) in [(band(-0.5, 0.29), true), (band(-0.1, 0.31), false)] {
            let null = Some(null);
            let beside = Figure {
                null,
                ..good.clone()
            };
            assert_eq!(objection(&beside, 1.0, 0.15, 0.001).is_empty(), holds);
        }
        let down = Figure {
            null: Some(band(-0.29, 0.5)),
            ..figure("a", -0.3, 0.001)
        };
        assert_eq!(objection(&down, -1.0, 0.15, 0.001), "");
        let unknown = figure("a", f64::NAN, 0.001);
        assert_ne!(objection(&unknown, 1.0, 0.15, 0.001), "");
    }

    #[test]
    fn all_some_or_none() {
        let figures = [
            figure("a/story", 0.3, 0.001),
            figure("a/chat", 0.3, 0.001),
            figure("ab", 0.0, 0.9),
            figure("b", 0.0, 0.9),
        ];
        let verdict = |claims: &[(&str, i8)]| judge(&spec(claims), &figures).1;
        assert_eq!(verdict(&[("a", 1)]), Verdict::Replicates);
        assert_eq!(judge(&spec(&[("a", 1)]), &figures).0.len(), 2);
        assert_eq!(verdict(&[("a", 1), ("b", 1)]), Verdict::Weak);
        assert_eq!(verdict(&[("b", 1)]), Verdict::DoesNotReplicate);
        assert_eq!(verdict(&[("missing", 1)]), Verdict::DoesNotReplicate);
    }

    #[test]
    fn many_claims_need_more() {
        // 0.02 alone passes; one of four at 0.02 does not.
        let one = [figure("a", 0.3, 0.02)];
        assert_eq!(judge(&spec(&[("a", 1)]), &one).1, Verdict::Replicates);
        let four: Vec<Figure> = ["a", "b", "c", "d"]
            .map(|id| figure(id, 0.3, if id == "a" { 0.02 } else { 0.5 }))
            .into();
        let claims = [("a", 1), ("b", 1), ("c", 1), ("d", 1)];
        assert_eq!(judge(&spec(&claims), &four).1, Verdict::DoesNotReplicate);
    }
}

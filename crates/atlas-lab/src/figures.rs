//! Numbers with interval, null band and test.

use atlas_affect::stats::pearson;
use atlas_affect::trust::{Null, middle95, permutation_null, sign_flip, span};
use atlas_affect::trust::{Span, Tail};
use atlas_protocol::{Bar, Figure, NullBand};

/// Draws of every interval and test.
pub(crate) const DRAWS: usize = 2000;
/// Share of draws within an interval.
pub(crate) const LEVEL: f64 = 0.95;

/// Mean.
pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// What random vectors give.
pub(crate) fn band(values: &[f64]) -> Option<NullBand> {
    let (low, high) = middle95(values)?;
    let of = "random vectors".to_owned();
    Some(NullBand { low, high, of })
}

/// Values and their opposites: a random vector turned round is as random, and what is measured from end to end turns
/// its sign with it.
pub(crate) fn both_ways(values: &[f64]) -> Vec<f64> {
    values.iter().flat_map(|v| [*v, -v]).collect()
}

/// A name, a label and a unit.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    pub id: String,
    pub label: String,
    pub unit: &'static str,
}

impl Name {
    pub fn new(id: impl Into<String>, label: impl Into<String>, unit: &'static str) -> Self {
        Self {
            id: id.into(),
            label: label.into(),
            unit,
        }
    }
}

/// Mean interval of values of some units.
pub(crate) fn mean_span(values: &[f64], seed: u64) -> Span {
    span(values.len(), DRAWS, LEVEL, seed, |drawn| {
        drawn.iter().map(|&i| values[i]).sum::<f64>() / drawn.len().max(1) as f64
    })
}

/// Mean of paired differences, one per unit: bootstrap over units, sign-flip test; `null` are the same means of random
/// vectors.
pub(crate) fn paired(name: Name, differences: &[f64], null: &[f64], seed: u64) -> Figure {
    let found = mean_span(differences, seed);
    let test = sign_flip(differences, DRAWS, seed);
    let of = "sign-flip test over units";
    figure(name, found, test.p, of, differences.len(), band(null))
}

/// Correlation of two lists over units: bootstrap over units, permutation test, one-sided in `expect`'s direction.
pub(crate) fn correlation(
    name: Name,
    x: &[f64],
    y: &[f64],
    expect: f64,
    null: &[f64],
    seed: u64,
) -> Figure {
    let found = span(x.len(), DRAWS, LEVEL, seed, |drawn| {
        let (x, y) = pick(x, y, drawn);
        pearson(&x, &y)
    });
    let test = permutation_null(x.len(), DRAWS, Tail::Greater, seed, |order| {
        let dealt: Vec<f64> = order.iter().map(|&i| y[i]).collect();
        expect * pearson(x, &dealt)
    });
    let of = "permutation test over units";
    figure(name, found, test.p, of, x.len(), band(null))
}

fn pick(x: &[f64], y: &[f64], drawn: &[usize]) -> (Vec<f64>, Vec<f64>) {
    let of = |values: &[f64]| drawn.iter().map(|&i| values[i]).collect();
    (of(x), of(y))
}

/// A figure from its parts; no effect is 0.
pub(crate) fn figure(
    name: Name,
    found: Span,
    p: f64,
    test: &str,
    n: usize,
    null: Option<NullBand>,
) -> Figure {
    Figure {
        id: name.id,
        label: name.label,
        unit: name.unit.to_owned(),
        estimate: found.estimate,
        low: found.low,
        high: found.high,
        chance: 0.0,
        null,
        p,
        test: test.to_owned(),
        n: u32::try_from(n).unwrap_or(u32::MAX),
    }
}

/// A share of units that hit, against permuted labels: `hits` are 0 or 1, `null` the permutation.
pub(crate) fn share(name: Name, hits: &[f64], null: &Null, seed: u64) -> Figure {
    let found = mean_span(hits, seed);
    let mut figure = figure(name, found, null.p, "labels permuted", hits.len(), None);
    figure.chance = null.mean;
    figure
}

/// A figure as a bar.
pub(crate) fn bar(figure: &Figure) -> Bar {
    Bar {
        label: figure.label.clone(),
        value: figure.estimate,
        low: figure.low,
        high: figure.high,
    }
}

/// Centred, and in units of the own spread: columns of `[row][column]`.
pub(crate) fn standardised(rows: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let columns = rows.first().map_or(0, Vec::len);
    let mut out = rows.to_vec();
    for column in 0..columns {
        let values: Vec<f64> = rows.iter().map(|r| r[column]).collect();
        let middle = mean(&values);
        let spread = mean(
            &values
                .iter()
                .map(|v| (v - middle).powi(2))
                .collect::<Vec<_>>(),
        )
        .sqrt();
        for row in &mut out {
            row[column] = if spread > 0.0 {
                (row[column] - middle) / spread
            } else {
                0.0
            };
        }
    }
    out
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use rand::{Rng, SeedableRng};
    use rand_pcg::Pcg64Mcg;

    /// Even noise between -1 and 1.
    pub(crate) fn noise(seed: u64) -> impl FnMut() -> f64 {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        move || rng.random::<f64>() * 2.0 - 1.0
    }

    #[test]
    fn columns_are_centred_and_scaled() {
        let found = standardised(&[vec![1.0, 5.0], vec![3.0, 5.0]]);
        assert_eq!(found, [vec![-1.0, 0.0], vec![1.0, 0.0]]);
    }

    #[test]
    fn a_correlation_is_tested_in_the_expected_direction() {
        let mut noise = noise(1);
        let x: Vec<f64> = (0..40).map(|_| noise()).collect();
        let y: Vec<f64> = x.iter().map(|x| noise() - x).collect();
        let name = || Name::new("r", "r", "r");
        let down = correlation(name(), &x, &y, -1.0, &[], 1);
        assert!(down.p < 0.01 && down.high < 0.0 && down.estimate < -0.4);
        assert!(correlation(name(), &x, &y, 1.0, &[], 1).p > 0.9);
    }
}

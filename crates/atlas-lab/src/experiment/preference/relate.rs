//! How preferences go with activations, kinds of activity and valence.

use crate::figures::{DRAWS, LEVEL, Name, both_ways, correlation, figure, mean};
use atlas_affect::stats::pearson;
use atlas_affect::trust::{Tail, permutation_null, span};
use atlas_protocol::Figure;

/// Liked categories against disliked ones, in standard deviations of the preference.
pub(super) fn categories(
    id: &str,
    label: &str,
    liked: &[f64],
    preference: &[f64],
    seed: u64,
) -> Figure {
    let some: Vec<(f64, f64)> = liked
        .iter()
        .zip(preference)
        .filter(|(l, _)| **l != 0.0)
        .map(|(l, p)| (*l, *p))
        .collect();
    let (liked, preference): (Vec<f64>, Vec<f64>) = some.into_iter().unzip();
    let name = Name::new(
        format!("category-{id}"),
        format!("r: kind of activity, and {label}"),
        "r",
    );
    correlation(name, &liked, &preference, 1.0, &[], seed)
}

/// Every emotion's correlation with preference, as figures and bars.
pub(super) fn with_preference(
    activation: &[Vec<f64>],
    random: &[Vec<f64>],
    love: &[f64],
    names: &[&str],
    seed: u64,
) -> (Vec<Figure>, Vec<atlas_protocol::Bar>) {
    let column =
        |rows: &[Vec<f64>], at: usize| -> Vec<f64> { rows.iter().map(|r| r[at]).collect() };
    let null: Vec<f64> = (0..random.first().map_or(0, Vec::len))
        .map(|at| pearson(&column(random, at), love))
        .collect();
    let null = both_ways(&null);
    let mut figures = vec![];
    let mut bars = vec![];
    for (at, name) in names.iter().enumerate() {
        let own = column(activation, at);
        let r = pearson(&own, love);
        bars.push(atlas_protocol::Bar {
            label: (*name).to_owned(),
            value: r,
            low: r,
            high: r,
        });
        // Intervals and tests for those that the paper names.
        if ["blissful", "hostile"].contains(name) {
            let label = format!("r: {name} on the activity, and loving it");
            let expect = if *name == "blissful" { 1.0 } else { -1.0 };
            figures.push(correlation(
                Name::new(*name, label, "r"),
                &own,
                love,
                expect,
                &null,
                seed,
            ));
        }
    }
    (figures, bars)
}

/// Do the correlations with preference follow the emotions' valence? Over activities, not over emotions: vectors are
/// far from independent.
pub(super) fn over_all(
    activation: &[Vec<f64>],
    love: &[f64],
    valence: &[f64],
    seed: u64,
) -> Figure {
    let follow = |drawn: &[usize], dealt: &[usize]| {
        let love: Vec<f64> = dealt.iter().map(|&i| love[i]).collect();
        let r: Vec<f64> = (0..valence.len())
            .map(|e| {
                let own: Vec<f64> = drawn.iter().map(|&i| activation[i][e]).collect();
                pearson(&own, &love)
            })
            .collect();
        pearson(&r, valence)
    };
    // Each draw takes one correlation per emotion: a quarter of the draws will do.
    let draws = DRAWS / 4;
    let n = love.len();
    let found = span(n, draws, LEVEL, seed, |drawn| follow(drawn, drawn));
    let all: Vec<usize> = (0..n).collect();
    let test = permutation_null(n, draws, Tail::Greater, seed, |order| follow(&all, order));
    let name = Name::new(
        "valence",
        "r over all emotions: correlation with preference, and valence",
        "r",
    );
    figure(name, found, test.p, "preferences permuted", n, None)
}

/// Do the shifts follow the pushed emotions' valence?
pub(super) fn in_order(shifts: &[Vec<f64>], valence: &[f64], seed: u64) -> Figure {
    let means = |drawn: &[usize]| -> Vec<f64> {
        (0..valence.len())
            .map(|e| mean(&drawn.iter().map(|&i| shifts[i][e]).collect::<Vec<_>>()))
            .collect()
    };
    let found = span(shifts.len(), DRAWS, LEVEL, seed, |drawn| {
        pearson(&means(drawn), valence)
    });
    let all: Vec<usize> = (0..shifts.len()).collect();
    let means = means(&all);
    let test = permutation_null(valence.len(), DRAWS, Tail::Greater, seed, |order| {
        let dealt: Vec<f64> = order.iter().map(|&i| valence[i]).collect();
        pearson(&means, &dealt)
    });
    let name = Name::new(
        "push",
        "r: what pushing an emotion changes, and its valence",
        "r",
    );
    figure(
        name,
        found,
        test.p,
        "emotions' valence permuted",
        shifts.len(),
        None,
    )
}

use super::*;
use crate::figures::tests::noise;

#[test]
fn elo_puts_the_better_first() {
    // 2 beats 1 beats 0 by one nat each.
    let pairs = [([1, 0], 1.0), ([2, 1], 1.0), ([0, 2], -2.0)];
    let found = elo(3, &pairs);
    assert!((found[2] - found[1] - 400.0 / std::f64::consts::LN_10).abs() < 1.0);
    assert!((found[1] + found[0] + found[2]).abs() < 1e-6);
    assert_eq!(elo(2, &[]), [0.0, 0.0]);
}

#[test]
fn everybody_meets_as_many_rivals() {
    let pairs = pairs(10, 4, 1);
    let mut met = [0; 10];
    let mut seen = std::collections::BTreeSet::new();
    for [a, b] in &pairs {
        assert!(a != b && seen.insert([*a.min(b), *a.max(b)]));
        met[*a] += 1;
        met[*b] += 1;
    }
    assert_eq!(met, [4; 10]);
}

#[test]
fn a_preference_built_into_activations_is_found_and_noise_is_not() {
    let mut noise = noise(5);
    let valence: Vec<f64> = (0..30).map(f64::from).collect();
    let love: Vec<f64> = (0..40).map(|_| noise()).collect();
    let mut rows = |share: f64| -> Vec<Vec<f64>> {
        love.iter()
            .map(|l| {
                valence
                    .iter()
                    .map(|v| noise() + share * l * (v - 15.0) / 10.0)
                    .collect()
            })
            .collect()
    };
    let (built, none) = (rows(1.0), rows(0.0));
    let found = over_all(&built, &love, &valence, 1);
    assert!(
        found.estimate > 0.8 && found.low > 0.5 && found.p < 0.01,
        "{found:?}"
    );
    let found = over_all(&none, &love, &valence, 1);
    assert!(found.p > 0.05, "{found:?}");
    let names: Vec<String> = (0..30)
        .map(|i| {
            if i == 29 {
                "blissful".into()
            } else {
                format!("e{i}")
            }
        })
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (figures, bars) = with_preference(&built, &none, &love, &names, 1);
    assert_eq!((figures.len(), bars.len()), (1, 30));
    let blissful = &figures[0];
    assert!(blissful.low > 0.0 && blissful.estimate > blissful.null.as_ref().unwrap().high);
}

#[test]
fn shifts_in_the_order_of_valence_are_found() {
    let mut noise = noise(6);
    let valence: Vec<f64> = (0..12).map(f64::from).collect();
    let shifts = |share: f64, noise: &mut dyn FnMut() -> f64| -> Vec<Vec<f64>> {
        (0..16)
            .map(|_| valence.iter().map(|v| share * v / 6.0 + noise()).collect())
            .collect()
    };
    let built = in_order(&shifts(1.0, &mut noise), &valence, 1);
    assert!(built.estimate > 0.8 && built.p < 0.01, "{built:?}");
    assert!(in_order(&shifts(0.0, &mut noise), &valence, 1).p > 0.05);
}

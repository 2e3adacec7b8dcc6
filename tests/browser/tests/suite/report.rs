//! Numbers that the project promises: printed, and asserted.

/// Says a measurement beside its limit.
pub fn at_most(what: &str, value: f64, limit: f64, unit: &str) {
    println!("measured: {what}: {value:.1} {unit} (at most {limit})");
    assert!(
        value <= limit,
        "{what}: {value} {unit}, allowed are {limit}"
    );
}

/// Says a measurement beside its floor.
pub fn at_least(what: &str, value: f64, limit: f64, unit: &str) {
    println!("measured: {what}: {value:.1} {unit} (at least {limit})");
    assert!(value >= limit, "{what}: {value} {unit}, asked are {limit}");
}

/// Nothing in the console.
pub fn quiet(tab: &mut atlas_browser_tests::Tab) {
    let complaints = tab.complaints();
    assert!(complaints.is_empty(), "console: {complaints:#?}");
}

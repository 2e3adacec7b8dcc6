//! What steering does, as a table.

use atlas_affect::steering::{Coherence, Shifts, Summary};
use std::fmt::Write as _;

/// The part of a model's card.
pub fn table(out: &mut String, found: &Summary) {
    let _ = write!(
        out,
        "| steering, {}, pushed at {:+.0} % | pushed emotion | the other eleven | {} random vectors | pushed one first of twelve |\n\
         |---|--:|--:|--:|--:|\n",
        found.place,
        found.strength * 100.0,
        found.words.random.vectors
    );
    row(
        out,
        "own word after \"He feels\", \"I feel\", \"She looked\", nats",
        &found.words,
    );
    let probe = format!(
        "own activation in what is then written, read at layer {}",
        found.probe_layer
    );
    row(out, &probe, &found.probe);
    out.push_str("| chance | | | | 8.3 % |\n\n");
    let _ = write!(
        out,
        "| strength, all 171 emotions | perplexity | random vectors' | repeated 4-grams | distinct words | strange words | still fluent | \
         read back among five |\n|--:|--:|--:|--:|--:|--:|--:|--:|\n"
    );
    for point in &found.coherence {
        let _ = writeln!(
            out,
            "| {:+.0} % | {:.1} | {:.1} | {} | {:.0} % | {:.0} % |",
            point.strength * 100.0,
            point.pushed.perplexity(),
            point.random.perplexity(),
            shares(&point.pushed),
            point.fluent * 100.0,
            point.read_back * 100.0
        );
    }
    for (what, of) in [("limit", &found.limits), ("stories", &found.usual[1])] {
        let _ = writeln!(
            out,
            "| {what} | {:.1} | | {} | | |",
            of.perplexity(),
            shares(of)
        );
    }
    let [away, towards] = found
        .safe
        .map(|ends| ends.map(|e| format!("{:.0} %", e * 100.0)));
    let _ = write!(
        out,
        "\nSafe ranges ({} texts of {} tokens each): pushing away, to {} in the middle (a tenth stop by {}, a tenth reach {}); pushing towards, \
         {} ({}, {}). {}\n\n",
        found.texts[0],
        found.texts[1],
        away[1],
        away[0],
        away[2],
        towards[1],
        towards[0],
        towards[2],
        found.rule
    );
}

fn row(out: &mut String, what: &str, shifts: &Shifts) {
    let _ = writeln!(
        out,
        "| {what} | {:+.2} | {:+.2} | {:+.2} ± {:.2} | {:.0} % |",
        shifts.own,
        shifts.others,
        shifts.random.mean,
        shifts.random.sd,
        shifts.first * 100.0
    );
}

fn shares(of: &Coherence) -> String {
    format!(
        "{:.1} % | {:.1} % | {:.1} %",
        of.repeated * 100.0,
        of.distinct * 100.0,
        of.strange * 100.0
    )
}

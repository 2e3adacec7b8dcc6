//! The figures for people.

use super::outcome::Outcome;
use atlas_affect::steering::Coherence;
use std::fmt::Write as _;

/// Every place, then the one taken.
pub fn text(outcome: &Outcome) -> String {
    let mut out = format!(
        "# Steering {}\n\n{} texts of {} tokens per emotion and strength; what was written is read at layer {}. Random: {} vectors \
         from the emotions' own span, of the same length.\n\n",
        outcome.model, outcome.texts[0], outcome.texts[1], outcome.probe_layer, outcome.random
    );
    out += "| | perplexity | repeated 4-grams | distinct words | strange words |\n|---|--:|--:|--:|--:|\n";
    for (what, of) in [
        ("unsteered texts", &outcome.usual[0]),
        ("stories, cut alike", &outcome.usual[1]),
        ("still fluent", &outcome.limits),
    ] {
        let _ = writeln!(out, "| {what} | {} |", cells(of));
    }
    out += "\n| place | reach | moves less than the pushed one, there | |\n|---|--:|--:|---|\n";
    for (at, tested) in outcome.places.iter().enumerate() {
        let _ = writeln!(
            out,
            "| {} | {:.0} % | {:.1} ± {:.1} % | {} |",
            tested.place,
            tested.tried.reach * 100.0,
            tested.tried.above * 100.0,
            tested.tried.error * 100.0,
            if at == outcome.taken { "taken" } else { "" }
        );
    }
    let _ = write!(out, "\n{}\n", outcome.place_rule);
    out += "\n| place | strength | own word (nats) | others' | random | first of 12 | own probe | others' | random | first of 12 | perplexity \
            | random |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n";
    for tested in &outcome.places {
        for at in &tested.at {
            let _ = write!(out, "| {} | {:+.0} % |", tested.place, at.strength * 100.0);
            for shifts in [&at.words, &at.probe] {
                let _ = write!(
                    out,
                    " {:.2} | {:.2} | {:+.2} ± {:.2} | {:.0} % |",
                    shifts.own,
                    shifts.others,
                    shifts.random.mean,
                    shifts.random.sd,
                    shifts.first * 100.0
                );
            }
            let _ = writeln!(
                out,
                " {:.1} | {:.1} |",
                at.pushed.perplexity(),
                at.random.perplexity()
            );
        }
    }
    out += "\n| all 171, strength | perplexity | repeated 4-grams | distinct words | strange words | random: perplexity | still fluent | read back \
            among 5 |\n|--:|--:|--:|--:|--:|--:|--:|--:|\n";
    for point in &outcome.curve {
        let _ = writeln!(
            out,
            "| {:+.0} % | {} | {:.1} | {:.0} % | {:.0} % |",
            point.strength * 100.0,
            cells(&point.pushed),
            point.random.perplexity(),
            point.fluent * 100.0,
            point.read_back * 100.0
        );
    }
    let steering = &outcome.steering;
    let _ = write!(
        out,
        "\n{}\n\n{} Safe {:.0} %, preset {:.0} %, slider to {:.0} %.\n\n",
        outcome.safe_rule,
        outcome.strength_rule,
        steering.safe * 100.0,
        steering.preset * 100.0,
        steering.limit * 100.0
    );
    for emotion in &outcome.emotions {
        let [low, high] = emotion.safe.map(|s| s * 100.0);
        let _ = write!(out, "{} {low:.0} to {high:+.0}, ", emotion.emotion);
    }
    out.truncate(out.len() - 2);
    out.push('\n');
    out
}

fn cells(of: &Coherence) -> String {
    format!(
        "{:.1} | {:.1} % | {:.1} % | {:.1} %",
        of.perplexity(),
        of.repeated * 100.0,
        of.distinct * 100.0,
        of.strange * 100.0
    )
}

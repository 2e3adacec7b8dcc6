//! `BENCHMARKS.md`, and the table for the terminal.

use super::rows::{Book, Goal, Part, Row};
use crate::place::Place;
use anyhow::{Context, Result};
use std::fmt::Write;
use std::fs;

/// The page, in the repository's root.
pub(super) const PAGE: &str = "BENCHMARKS.md";
/// What is written by hand stands behind this line.
const KEPT: &str = "<!-- What follows is written by hand; `cargo xtask bench` keeps it. -->";
const NOTHING_YET: &str = "## Where a goal is not reached

How far, what the profile shows, what was tried: nothing is written here yet.
";

/// Writes both files.
pub(super) fn write(place: &Place, book: &Book) -> Result<()> {
    book.write(place)?;
    let file = place.root.join(PAGE);
    let old = fs::read_to_string(&file).unwrap_or_default();
    let kept = old.split_once(KEPT).map_or(NOTHING_YET, |(_, kept)| kept);
    fs::write(
        file,
        format!("{}{KEPT}\n\n{}\n", page(book), kept.trim_matches('\n')),
    )
    .context(PAGE)
}

/// The page up to what is kept.
fn page(book: &Book) -> String {
    let mut out = String::from(
        "# Benchmarks

Written by `cargo xtask bench` (and `benchmarks.json` with it). Everybody has the same weights
(SmolLM2-135M-Instruct, Q4_1; PyTorch widens them to f32), a prompt of 200 tokens and writes 64, one text at a time, on the
CPU. They take turns; figures are medians, a ratio is ours divided by theirs in the same run.

Ours writes in four ways that take turns token by token (plain, read, steered, both). Read: all 171 emotions of every new
token at the layer that the page shows; steered: three emotions pushed. Their cost is the median over all tokens of the extra
time. Memory bandwidth is measured on the spot, with as many threads, by summing 64 MiB.

| machine | |
|---|---|
",
    );
    for (key, value) in &book.machine {
        let _ = writeln!(out, "| {key} | {} |", cell(value));
    }
    for (name, title) in [
        ("browser", "In headless Chromium"),
        ("native", "Natively"),
        (
            "extract",
            "Extraction: every layer's mean over 107-token stories",
        ),
    ] {
        if let Some((_, part)) = book.parts.iter().find(|(other, _)| other == name) {
            let _ = write!(out, "\n## {title}\n\n{}", section(part));
        }
    }
    out.push('\n');
    out
}

fn section(part: &Part) -> String {
    let mut out = String::from(
        "| what | ours | theirs | | ratio | goal | |\n|---|--:|--:|---|--:|---|---|\n",
    );
    let mut notes: Vec<&str> = vec![];
    for row in &part.rows {
        let mark = if row.note.is_empty() {
            String::new()
        } else {
            let at = notes
                .iter()
                .position(|note| *note == row.note)
                .unwrap_or_else(|| {
                    notes.push(&row.note);
                    notes.len() - 1
                });
            format!(" ({})", letter(at))
        };
        let _ = writeln!(
            out,
            "| {} | {} | {} | {}{mark} | {} | {} | {} |",
            cell(&named(row)),
            number(row.ours),
            number(row.theirs),
            cell(&row.against),
            row.ratio()
                .map_or(String::new(), |ratio| format!("{ratio:.2}")),
            goal(row),
            verdict(row),
        );
    }
    for (at, note) in notes.iter().enumerate() {
        let _ = writeln!(out, "\n({}) {note}.", letter(at));
    }
    let quick = if part.quick {
        ", with `--quick`: one round only"
    } else {
        ""
    };
    let _ = writeln!(
        out,
        "\nMeasured {} in {} s{quick}; the machine's load in the minute before was {}.",
        part.date, part.seconds, part.load
    );
    if !part.versions.is_empty() {
        out.push_str("\n| with | |\n|---|---|\n");
        for (name, version) in &part.versions {
            let _ = writeln!(out, "| {} | {} |", cell(name), cell(version));
        }
    }
    if !part.commands.is_empty() {
        let _ = writeln!(out, "\n```\n{}\n```", part.commands.join("\n"));
    }
    out
}

fn letter(at: usize) -> char {
    char::from(b'a' + u8::try_from(at % 26).unwrap_or(0))
}

fn named(row: &Row) -> String {
    if row.unit.is_empty() {
        row.what.clone()
    } else {
        format!("{} ({})", row.what, row.unit)
    }
}

fn number(x: Option<f64>) -> String {
    match x {
        None => String::new(),
        Some(x) if x.abs() >= 100.0 => format!("{x:.0}"),
        Some(x) => format!("{x:.1}"),
    }
}

fn goal(row: &Row) -> String {
    match row.goal {
        None => String::new(),
        Some(Goal::Ratio(least)) => format!("≥ {least}×"),
        Some(Goal::AtMost(most)) => format!("≤ {most}"),
    }
}

fn verdict(row: &Row) -> &'static str {
    match (row.goal, row.reached()) {
        (None, _) => "",
        (_, None) => "not measured",
        (_, Some(true)) => "reached",
        (_, Some(false)) => "**not reached**",
    }
}

/// Text that does not break a table.
fn cell(text: &str) -> String {
    text.replace('|', "/").replace('\n', " ")
}

/// Everything, for the terminal.
pub(super) fn table(book: &Book) -> String {
    let mut out = String::new();
    for (name, part) in &book.parts {
        let _ = writeln!(out, "{name}, {}", part.date);
        for row in &part.rows {
            let ratio = row
                .ratio()
                .map_or(String::new(), |ratio| format!("{ratio:.2}x"));
            let _ = writeln!(
                out,
                "  {:<52} {:>8} {:>8} {:<16} {ratio:>7} {:>8} {}",
                named(row),
                number(row.ours),
                number(row.theirs),
                row.against,
                goal(row),
                verdict(row).trim_matches('*'),
            );
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_says_whether_its_goal_is_reached() {
        let row = Row {
            what: "decode, 2 threads".into(),
            unit: "tokens/s".into(),
            ours: Some(30.04),
            against: "wllama".into(),
            theirs: Some(20.0),
            goal: Some(Goal::Ratio(2.0)),
            note: "it rained".into(),
        };
        let part = Part {
            rows: vec![row.clone(), row],
            ..Part::default()
        };
        let text = section(&part);
        let line = "| decode, 2 threads (tokens/s) | 30.0 | 20.0 | wllama (a) | 1.50 | ≥ 2× | **not reached** |";
        assert_eq!(text.matches(line).count(), 2, "{text}");
        assert_eq!(text.matches("it rained").count(), 1);
        let book = Book {
            machine: vec![("x".into(), "a|b".into())],
            parts: vec![("native".into(), part)],
        };
        assert!(page(&book).contains("| x | a/b |") && page(&book).contains("## Natively"));
        assert!(table(&book).contains("1.50x"));
    }

    #[test]
    fn what_is_written_by_hand_stays() {
        let root = std::env::temp_dir().join(format!("atlas-bench-{}", std::process::id()));
        fs::create_dir_all(&root).unwrap();
        let place = Place {
            root: root.clone(),
            target: root.clone(),
            tools: root.clone(),
        };
        let book = Book::default();
        write(&place, &book).unwrap();
        let file = root.join(PAGE);
        let first = fs::read_to_string(&file).unwrap();
        assert!(first.contains("nothing is written here yet"));
        fs::write(
            &file,
            first.replace("nothing is written here yet", "a reason"),
        )
        .unwrap();
        write(&place, &book).unwrap();
        write(&place, &book).unwrap();
        let last = fs::read_to_string(&file).unwrap();
        assert_eq!(
            (last.matches("a reason").count(), last.matches(KEPT).count()),
            (1, 1)
        );
        assert!(last.ends_with("a reason.\n"), "{last}");
        fs::remove_dir_all(root).unwrap();
    }
}

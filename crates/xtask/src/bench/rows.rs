//! What was measured, as `benchmarks.json` keeps it.

use crate::place::Place;
use anyhow::{Context, Result};
use serde_json::{Map, Value, json};
use std::fs;

/// Where the rows are kept, in the repository's root.
pub(super) const BOOK: &str = "benchmarks.json";

/// What should be reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Goal {
    /// Ours divided by theirs.
    Ratio(f64),
    /// Ours, at most.
    AtMost(f64),
}

/// One line of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Row {
    pub what: String,
    pub unit: String,
    pub ours: Option<f64>,
    /// Whom it is compared with; empty where with nobody.
    pub against: String,
    pub theirs: Option<f64>,
    pub goal: Option<Goal>,
    /// Why something is missing, or what is to be known of it.
    pub note: String,
}

impl Row {
    pub fn ratio(&self) -> Option<f64> {
        Some(self.ours? / self.theirs.filter(|theirs| *theirs > 0.0)?)
    }

    /// Whether the goal is reached; none where there is no goal, or not enough was measured.
    pub fn reached(&self) -> Option<bool> {
        Some(match self.goal? {
            Goal::Ratio(least) => self.ratio()? >= least,
            Goal::AtMost(most) => self.ours? <= most,
        })
    }

    fn json(&self) -> Value {
        let goal = self.goal.map(|goal| match goal {
            Goal::Ratio(least) => json!({ "ratio_at_least": least }),
            Goal::AtMost(most) => json!({ "ours_at_most": most }),
        });
        json!({
            "what": self.what,
            "unit": self.unit,
            "ours": self.ours.map(rounded),
            "against": self.against,
            "theirs": self.theirs.map(rounded),
            "ratio": self.ratio().map(rounded),
            "goal": goal,
            "reached": self.reached(),
            "note": self.note,
        })
    }

    fn read(value: &Value) -> Self {
        let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
        let goal = &value["goal"];
        let ratio = goal["ratio_at_least"].as_f64().map(Goal::Ratio);
        Self {
            what: text("what"),
            unit: text("unit"),
            ours: value["ours"].as_f64(),
            against: text("against"),
            theirs: value["theirs"].as_f64(),
            goal: ratio.or(goal["ours_at_most"].as_f64().map(Goal::AtMost)),
            note: text("note"),
        }
    }
}

/// Four digits: more is noise.
fn rounded(x: f64) -> f64 {
    if x == 0.0 || !x.is_finite() {
        return x;
    }
    #[expect(clippy::cast_possible_truncation, reason = "a small exponent")]
    let scale = 10f64.powi(3 - x.abs().log10().floor() as i32);
    (x * scale).round() / scale
}

/// What was measured at one go.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Part {
    pub date: String,
    /// What else the machine did in the minute before.
    pub load: String,
    pub seconds: u64,
    /// With few runs only.
    pub quick: bool,
    /// Names and versions.
    pub versions: Vec<(String, String)>,
    /// What was run, as one would type it.
    pub commands: Vec<String>,
    pub rows: Vec<Row>,
}

impl Part {
    /// Names a version once.
    pub fn version(&mut self, name: &str, version: &str) {
        let known = self.versions.iter().any(|(other, _)| other == name);
        if !known && !version.is_empty() {
            self.versions.push((name.into(), version.into()));
        }
    }

    fn json(&self) -> Value {
        let versions: Map<String, Value> = self
            .versions
            .iter()
            .map(|(k, v)| (k.clone(), json!(v)))
            .collect();
        json!({
            "date": self.date,
            "load": self.load,
            "seconds": self.seconds,
            "quick": self.quick,
            "versions": versions,
            "commands": self.commands,
        })
    }

    fn read(value: &Value, rows: Vec<Row>) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let versions = value["versions"].as_object().into_iter().flatten();
        Self {
            date: text(&value["date"]),
            load: text(&value["load"]),
            seconds: value["seconds"].as_u64().unwrap_or(0),
            quick: value["quick"] == true,
            versions: versions.map(|(k, v)| (k.clone(), text(v))).collect(),
            commands: value["commands"]
                .as_array()
                .into_iter()
                .flatten()
                .map(text)
                .collect(),
            rows,
        }
    }
}

/// Everything that was measured so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Book {
    pub machine: Vec<(String, String)>,
    pub parts: Vec<(String, Part)>,
}

impl Book {
    /// What earlier runs left; nothing where there is none.
    pub fn open(place: &Place) -> Self {
        let text = fs::read_to_string(place.root.join(BOOK)).unwrap_or_default();
        serde_json::from_str(&text).map_or_else(|_| Self::default(), |value| Self::read(&value))
    }

    /// Replaces a part.
    pub fn put(&mut self, name: &str, part: Part) {
        match self.parts.iter_mut().find(|(other, _)| other == name) {
            Some((_, old)) => *old = part,
            None => self.parts.push((name.into(), part)),
        }
    }

    pub fn write(&self, place: &Place) -> Result<()> {
        let text = serde_json::to_string_pretty(&self.json())?;
        fs::write(place.root.join(BOOK), text + "\n").context(BOOK)
    }

    fn json(&self) -> Value {
        let machine: Map<String, Value> = self
            .machine
            .iter()
            .map(|(k, v)| (k.clone(), json!(v)))
            .collect();
        let parts: Map<String, Value> = self
            .parts
            .iter()
            .map(|(name, part)| (name.clone(), part.json()))
            .collect();
        let rows: Vec<Value> = self
            .parts
            .iter()
            .flat_map(|(name, part)| {
                part.rows.iter().map(move |row| {
                    let mut row = row.json();
                    row["part"] = json!(name);
                    row
                })
            })
            .collect();
        json!({ "machine": machine, "parts": parts, "rows": rows })
    }

    fn read(value: &Value) -> Self {
        let rows: Vec<&Value> = value["rows"].as_array().into_iter().flatten().collect();
        let of = |name: &str| {
            let own = rows.iter().filter(|row| row["part"] == name);
            own.map(|row| Row::read(row)).collect()
        };
        let machine = value["machine"].as_object().into_iter().flatten();
        let parts = value["parts"].as_object().into_iter().flatten();
        Self {
            machine: machine
                .map(|(k, v)| (k.clone(), v.as_str().unwrap_or_default().to_owned()))
                .collect(),
            parts: parts
                .map(|(name, part)| (name.clone(), Part::read(part, of(name))))
                .collect(),
        }
    }
}

/// The middle one.
pub(super) fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().filter(|x| x.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    match values.len() {
        0 => None,
        n if n % 2 == 1 => Some(values[half]),
        _ => Some(f64::midpoint(values[half - 1], values[half])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        Row {
            what: "decode".into(),
            unit: "tokens/s".into(),
            ours: Some(30.0),
            against: "wllama".into(),
            theirs: Some(12.0),
            goal: Some(Goal::Ratio(2.0)),
            note: String::new(),
        }
    }

    #[test]
    fn goals_are_judged_by_what_was_measured() {
        assert_eq!((row().ratio(), row().reached()), (Some(2.5), Some(true)));
        let dear = Row {
            ours: Some(4.0),
            goal: Some(Goal::AtMost(3.0)),
            ..Row::default()
        };
        assert_eq!(dear.reached(), Some(false));
        let alone = Row {
            theirs: None,
            ..row()
        };
        assert_eq!((alone.ratio(), alone.reached()), (None, None));
    }

    #[test]
    fn what_is_written_is_read() {
        let mut part = Part {
            date: "2026-01-02".into(),
            quick: true,
            ..Part::default()
        };
        part.version("wllama", "3.8.1");
        part.version("wllama", "again");
        part.commands.push("cargo xtask bench".into());
        part.rows = vec![
            row(),
            Row {
                goal: Some(Goal::AtMost(3.0)),
                ..Row::default()
            },
        ];
        let mut book = Book {
            machine: vec![("cpu".into(), "x".into())],
            parts: vec![],
        };
        book.put("browser", Part::default());
        book.put("browser", part);
        book.put("native", Part::default());
        assert_eq!(Book::read(&book.json()), book);
        assert_eq!(book.json()["rows"][0]["ratio"], 2.5);
    }

    #[test]
    fn figures_have_four_digits() {
        assert_eq!(
            [rounded(123_456.0), rounded(0.012_345_6)],
            [123_500.0, 0.012_35]
        );
        assert_eq!(median([3.0, f64::NAN, 1.0]), Some(2.0));
    }
}

//! Our engine in headless Chromium beside wllama, which is llama.cpp in a browser.

use super::kit;
use super::native::{counted, own_rows};
use super::rows::{Goal, Part, Row, median};
use super::{Effort, MODEL, THREADS};
use crate::{place::Place, setup, shell, site};
use anyhow::Result;
use serde_json::Value;

const WLLAMA: &str = "wllama";
/// Why transformers.js is not compared with.
const NO_TRANSFORMERS: &str = "not measured: transformers.js runs ONNX models, which it fetches from huggingface.co; \
    no npm package holds SmolLM2-135M as ONNX, and converting it ourselves would not be what its visitors run";

/// Builds the site and lets both run.
pub(super) fn run(place: &Place, effort: Effort) -> Result<Part> {
    let wllama = match kit::wllama(place) {
        Ok(package) => package,
        Err(error) => {
            return Ok(without(&format!(
                "{WLLAMA} could not be installed here: {error:#}"
            )));
        }
    };
    let gguf = kit::gguf(place)?;
    let chromium = setup::chromium::find_or_install()?;
    site::build(place, &setup::for_building(place)?)?;

    let mut driver = shell::cargo();
    driver
        .current_dir(&place.root)
        .env("CARGO_TARGET_DIR", &place.target)
        .env("CHROME", &chromium.browser)
        .args([
            "run",
            "--quiet",
            "--release",
            "-p",
            "atlas-browser-tests",
            "--bin",
            "side_by_side",
            "--",
        ])
        .arg(&wllama)
        .arg(&gguf)
        .args([
            MODEL,
            &THREADS.map(|n| n.to_string()).join(","),
            &effort.rounds.to_string(),
        ]);
    let answer = kit::json(&mut driver)?;

    let mut part = Part::default();
    part.commands.push(shell::shown(&driver));
    part.version(
        "@wllama/wllama",
        answer["version"].as_str().unwrap_or_default(),
    );
    for run in answer["runs"].as_array().into_iter().flatten() {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        part.version("wllama's llama.cpp", &text(&run["loaded"]["llama"]));
        part.version("browser", &text(&run["agent"]));
        part.version("our instructions", &text(&run["ours"][0]["unit"]));
        part.rows.extend(rows(run));
    }
    part.rows.push(Row {
        what: "prompt and decode".into(),
        against: "transformers.js".into(),
        note: NO_TRANSFORMERS.into(),
        ..Row::default()
    });
    Ok(part)
}

/// The rows of one number of threads.
fn rows(run: &Value) -> Vec<Row> {
    let middle = |side: &str, at: &str| {
        let runs = run[side].as_array().into_iter().flatten();
        median(runs.filter_map(|run| run.pointer(at)?.as_f64()))
    };
    let count = u32::try_from(run["threads"].as_u64().unwrap_or(0)).unwrap_or(0);
    let mine = |key: &str| middle("ours", &format!("/{key}"));
    let note = unlike(run, count);
    let beside = |what: &str, ours: &str, theirs: &str, least: f64| Row {
        what: format!("{what}, {}", counted(count)),
        unit: "tokens/s".into(),
        ours: mine(ours),
        against: WLLAMA.into(),
        theirs: middle("theirs", &format!("/timings/{theirs}")),
        goal: Some(Goal::Ratio(least)),
        note: note.clone(),
    };
    let mut rows = vec![
        beside("prompt", "prompt", "prompt_per_second", 3.0),
        beside("decode", "plain", "predicted_per_second", 2.0),
    ];
    rows.extend(own_rows(count, mine));
    let megabytes = |key: &str| Some(run[key].as_f64()? / 1e6);
    rows.push(Row {
        what: format!("peak memory of the tab, {}", counted(count)),
        unit: "MB".into(),
        ours: megabytes("our_peak"),
        against: WLLAMA.into(),
        theirs: megabytes("their_peak"),
        goal: Some(Goal::AtMost(350.0)),
        note:
            "resident memory of the process that draws the page, at its peak, without the browser's program file; prompt and plain writing only"
                .into(),
    });
    rows
}

/// Whether both did what they were asked.
fn unlike(run: &Value, threads: u32) -> String {
    let mut notes = vec![];
    let differs = |value: &Value, wanted: u64| value.as_u64().is_some_and(|found| found != wanted);
    if differs(&run["ours"][0]["threads"], threads.into()) {
        notes.push(format!("ours had {}", run["ours"][0]["threads"]));
    }
    if differs(&run["loaded"]["threads"], threads.into()) {
        notes.push(format!("wllama had {}", run["loaded"]["threads"]));
    }
    let tokens = &run["theirs"][0]["timings"]["prompt_n"];
    let ours = run["ours"][0]["prompt_tokens"].as_u64().unwrap_or(0);
    if differs(tokens, ours) {
        notes.push(format!("wllama's prompt had {tokens} tokens"));
    }
    if notes.is_empty() {
        String::new()
    } else {
        format!("unlike: {}", notes.join(", "))
    }
}

/// The rows without anybody to compare with.
fn without(why: &str) -> Part {
    let row = |what: &str| Row {
        what: what.into(),
        against: WLLAMA.into(),
        note: why.into(),
        ..Row::default()
    };
    Part {
        rows: vec![row("prompt"), row("decode")],
        ..Part::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn medians_of_both_make_a_row() {
        let ours = |pace: f64| json!({ "prompt": pace, "plain": 20.0, "threads": 2, "prompt_tokens": 200 });
        let theirs = json!({ "timings": { "prompt_per_second": 30.0, "predicted_per_second": 10.0, "prompt_n": 200 } });
        let mut run = json!({
            "threads": 2, "ours": [ours(80.0), ours(100.0), ours(90.0)], "theirs": [theirs],
            "loaded": { "threads": 2 }, "our_peak": 300e6,
        });
        let found = rows(&run);
        assert_eq!(
            (found[0].ratio(), found[0].reached()),
            (Some(3.0), Some(true))
        );
        assert_eq!(
            (found[1].what.as_str(), found[1].ratio()),
            ("decode, 2 threads", Some(2.0))
        );
        assert!(found.iter().all(|row| !row.note.starts_with("unlike")));
        assert_eq!(found.last().and_then(Row::reached), Some(true));
        run["ours"][0]["threads"] = json!(1);
        assert_eq!(rows(&run)[0].note, "unlike: ours had 1");
    }
}

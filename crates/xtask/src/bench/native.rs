//! `atlas bench` beside llama.cpp and PyTorch.

use super::kit::{self, Rival};
use super::rows::{Goal, Part, Row, median};
use super::{DECODE, Effort, MODEL, THREADS};
use crate::{place::Place, shell};
use anyhow::Result;
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;

const LLAMA: &str = "llama.cpp";
const TORCH: &str = "PyTorch f32";
/// Stories that run together.
const BATCH: u32 = 16;
/// First token of a story that enters its mean.
const FIRST_TOKEN: u32 = 20;

/// Somebody's answers, one per round.
type Answers = Vec<Value>;

/// Median over the rounds of what `pick` finds in each answer.
fn middle(answers: &Answers, pick: impl Fn(&Value) -> Option<f64>) -> Option<f64> {
    median(answers.iter().filter_map(pick))
}

/// A figure of the run with so many threads.
fn figure(answers: &Answers, list: &str, threads: u32, key: &str) -> Option<f64> {
    middle(answers, |answer| {
        let runs = answer[list].as_array()?;
        let run = runs.iter().find(|run| run["threads"] == threads)?;
        run[key].as_f64()
    })
}

fn threads() -> String {
    THREADS.map(|n| n.to_string()).join(",")
}

/// Our program, for the CPU only: nothing here touches a GPU, and the rest takes long to build.
fn atlas(place: &Place) -> Result<PathBuf> {
    let mut build = shell::cargo();
    build
        .current_dir(&place.root)
        .env("CARGO_TARGET_DIR", &place.target)
        .args([
            "build",
            "--release",
            "-p",
            "atlas-cli",
            "--no-default-features",
        ]);
    shell::run(&mut build)?;
    Ok(place
        .target
        .join("release")
        .join(format!("atlas{}", std::env::consts::EXE_SUFFIX)))
}

fn ours(place: &Place, atlas: &PathBuf, arguments: &[String]) -> Command {
    let mut command = Command::new(atlas);
    command
        .current_dir(&place.root)
        .args(["bench", "--json", "--model"]);
    command.arg(format!("models/{MODEL}")).args(arguments);
    command
}

fn script(place: &Place, python: &PathBuf, name: &str, arguments: &[String]) -> Command {
    let mut command = Command::new(python);
    command
        .current_dir(&place.root)
        .arg(format!("tests/bench/{name}"))
        .args(arguments);
    command
}

/// A rival's program, given its Python.
type Program = Box<dyn Fn(&PathBuf) -> Command>;

/// Everybody's turn in each round; a rival that fails is out, and the reason is kept.
struct Turns {
    ours: Answers,
    rivals: Vec<(&'static str, Rival, Answers)>,
    commands: Vec<String>,
}

impl Turns {
    fn take(
        rounds: u32,
        ours: &mut Command,
        rivals: Vec<(&'static str, Rival, Program)>,
    ) -> Result<Self> {
        let mut turns = Self {
            ours: vec![],
            commands: vec![shell::shown(ours)],
            rivals: rivals
                .iter()
                .map(|(name, rival, _)| (*name, rival.clone(), vec![]))
                .collect(),
        };
        for round in 0..rounds {
            println!("-- round {} of {rounds}", round + 1);
            turns.ours.push(kit::json(ours)?);
            for ((name, rival, answers), (_, _, command)) in turns.rivals.iter_mut().zip(&rivals) {
                let Ok(python) = rival else { continue };
                let mut command = command(python);
                if round == 0 {
                    turns.commands.push(shell::shown(&command));
                }
                match kit::json(&mut command) {
                    Ok(answer) => answers.push(answer),
                    Err(error) => *rival = Err(format!("{name} failed here: {error:#}")),
                }
            }
        }
        Ok(turns)
    }

    fn answers(&self, name: &str) -> (&Answers, String) {
        static NONE: Answers = Vec::new();
        let found = self.rivals.iter().find(|(other, ..)| *other == name);
        found.map_or((&NONE, String::new()), |(_, rival, answers)| {
            (answers, rival.as_ref().err().cloned().unwrap_or_default())
        })
    }

    /// A part with everybody's versions.
    fn part(&self) -> Part {
        let mut part = Part {
            commands: self.commands.clone(),
            ..Part::default()
        };
        for answer in &self.ours {
            let text = |key: &str| answer[key].as_str().unwrap_or_default();
            part.version("atlas", text("version"));
            part.version("our instructions", text("isa"));
        }
        for (name, _, answers) in &self.rivals {
            for answer in answers {
                for (package, version) in answer["versions"].as_object().into_iter().flatten() {
                    part.version(package, version.as_str().unwrap_or_default());
                }
                let features = answer["features"].as_str().unwrap_or_default();
                part.version(&format!("{name}'s instructions"), features.trim());
            }
        }
        part
    }
}

/// Prompt and decode.
pub(super) fn generation(place: &Place, effort: Effort) -> Result<Part> {
    let atlas = atlas(place)?;
    let gguf = kit::gguf(place)?.display().to_string();
    let (decode, runs) = (DECODE.to_string(), effort.runs.to_string());
    let arguments = [
        "--stories",
        "0",
        "--decode",
        &decode,
        "--runs",
        &runs,
        "--threads",
        &threads(),
    ];
    let mut ours = ours(place, &atlas, &arguments.map(str::to_owned));
    let prompt = "tests/bench/prompt.txt".to_owned();
    let llama = [
        gguf.clone(),
        prompt.clone(),
        decode.clone(),
        runs.clone(),
        threads(),
    ];
    let tokenizer = format!("models/{MODEL}/tokenizer.json");
    let torch = [
        "generate".into(),
        gguf,
        tokenizer,
        prompt,
        decode,
        runs,
        threads(),
    ];
    let (here, there) = (place.clone(), place.clone());
    let turns = Turns::take(
        effort.rounds,
        &mut ours,
        vec![
            (
                LLAMA,
                kit::rival(LLAMA, kit::llama_cpp(place)),
                Box::new(move |python| script(&here, python, "llama.py", &llama)),
            ),
            (
                TORCH,
                kit::rival(TORCH, kit::pytorch(place)),
                Box::new(move |python| script(&there, python, "pytorch.py", &torch)),
            ),
        ],
    )?;
    let mut part = turns.part();
    part.version("llama.cpp's build", &super::machine::llama_flags());
    for count in THREADS {
        let two = count == 2;
        let mine = |key: &str| figure(&turns.ours, "generation", count, key);
        for (what, key, theirs, rival, goal) in [
            ("prompt", "prompt", "prompt", LLAMA, None),
            (
                "prompt",
                "prompt",
                "prompt",
                TORCH,
                two.then_some(Goal::Ratio(1.0)),
            ),
            (
                "decode",
                "plain",
                "decode",
                LLAMA,
                two.then_some(Goal::Ratio(1.0)),
            ),
            ("decode", "plain", "decode", TORCH, None),
        ] {
            let (answers, note) = turns.answers(rival);
            part.rows.push(Row {
                what: format!("{what}, {}", counted(count)),
                unit: "tokens/s".into(),
                ours: mine(key),
                against: rival.into(),
                theirs: figure(answers, "generation", count, theirs),
                goal,
                note,
            });
        }
        part.rows.extend(own_rows(count, mine));
    }
    let megabytes = |answers: &Answers| middle(answers, |a| Some(a["peak_bytes"].as_f64()? / 1e6));
    for rival in [LLAMA, TORCH] {
        let (answers, note) = turns.answers(rival);
        let whole =
            "the whole process, prompt and plain writing only; theirs with Python's".to_owned();
        part.rows.push(Row {
            what: "peak memory".into(),
            unit: "MB".into(),
            ours: megabytes(&turns.ours).filter(|x| *x > 0.0),
            against: rival.into(),
            theirs: megabytes(answers),
            goal: None,
            note: if note.is_empty() { whole } else { note },
        });
    }
    Ok(part)
}

/// What nobody else does: reading and steering, and how near the memory's speed we are.
pub(super) fn own_rows(threads: u32, mine: impl Fn(&str) -> Option<f64>) -> Vec<Row> {
    let row = |what: &str, unit: &str, ours, goal| Row {
        what: format!("{what}, {}", counted(threads)),
        unit: unit.into(),
        ours,
        goal,
        ..Row::default()
    };
    let pace = "tokens/s";
    let cost = mine("cost").map(|cost| 100.0 * cost);
    let share = || {
        Some(
            100.0 * mine("bytes_per_token")? * mine("plain")?
                / mine("bandwidth").filter(|b| *b > 0.0)?,
        )
    };
    vec![
        row("decode and read", pace, mine("reading"), None),
        row("decode and steer", pace, mine("steering"), None),
        row("decode, read and steer", pace, mine("both"), None),
        row(
            "cost of reading and steering",
            "% of decode",
            cost,
            Some(Goal::AtMost(3.0)),
        ),
        row(
            "weights read in decode",
            "% of memory bandwidth",
            share(),
            None,
        ),
    ]
}

/// So many threads, in words.
pub(super) fn counted(threads: u32) -> String {
    match threads {
        1 => "1 thread".into(),
        n => format!("{n} threads"),
    }
}

/// `atlas extract`'s work beside PyTorch's with forward hooks.
pub(super) fn extraction(place: &Place, effort: Effort) -> Result<Part> {
    let atlas = atlas(place)?;
    let gguf = kit::gguf(place)?.display().to_string();
    let (stories, batch, runs) = (
        effort.stories.to_string(),
        BATCH.to_string(),
        effort.runs.to_string(),
    );
    let arguments = [
        "--only-extract",
        "--stories",
        &stories,
        "--batch",
        &batch,
        "--runs",
        &runs,
        "--threads",
        &threads(),
    ];
    let mut ours = ours(place, &atlas, &arguments.map(str::to_owned));
    let (tokenizer, corpus) = (
        format!("models/{MODEL}/tokenizer.json"),
        "models/corpus/told-stories.jsonl".to_owned(),
    );
    let first = FIRST_TOKEN.to_string();
    let torch = [
        "extract".into(),
        gguf,
        tokenizer,
        corpus,
        stories,
        batch,
        first,
        runs,
        threads(),
    ];
    let here = place.clone();
    let rival: Program = Box::new(move |python| script(&here, python, "pytorch.py", &torch));
    let rivals = vec![(TORCH, kit::rival(TORCH, kit::pytorch(place)), rival)];
    let turns = Turns::take(effort.rounds, &mut ours, rivals)?;
    let mut part = turns.part();
    let (answers, note) = turns.answers(TORCH);
    for count in THREADS {
        let pace = |answers| figure(answers, "extraction", count, "tokens_per_second");
        part.rows.push(Row {
            what: format!("extraction, {}", counted(count)),
            unit: "tokens/s".into(),
            ours: pace(&turns.ours),
            against: TORCH.into(),
            theirs: pace(answers),
            goal: Some(Goal::Ratio(1.0)),
            note: note.clone(),
        });
    }
    Ok(part)
}

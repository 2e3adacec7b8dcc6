//! Experiments from end to end on a tiny checkpoint with random vectors.
#![cfg(not(target_family = "wasm"))]
#![allow(clippy::unwrap_used, reason = "tests")]

#[allow(dead_code, reason = "the other tests read and generate")]
mod common;

use atlas_protocol::{Drawing, Event, LabResult, LabSize, Problem, Request, Verdict};
use common::{Bench, Models, problem};
use std::fmt::Write as _;

const MODEL: &str = "tiny-gqa";

/// Models with experiments of every kind that a browser runs.
fn models() -> Models {
    let models = Models::with(MODEL);
    let lab = models.folder("lab");
    std::fs::create_dir_all(&lab).unwrap();
    let write = |name: &str, text: String| std::fs::write(lab.join(name), text).unwrap();
    let head = |name: &str, texts: &str| {
        format!(
            "name = \"{name}\"\ntitle = \"{name}\"\nquestion = \"?\"\npaper = \"yes\"\n{texts}\n\
             [says]\nreplicates = \"yes\"\nweak = \"partly\"\ndoes_not = \"no\"\n"
        )
    };
    let claim = |figure: &str| {
        format!(
            "[[claim]]\nfigure = \"{figure}\"\nwords = \"it does\"\nexpect = 1\nleast = 0.1\npaper = \"yes\"\n"
        )
    };
    let (mut situations, mut implied, mut activities) =
        (String::new(), String::new(), String::new());
    for i in 0..4 {
        for form in ["story", "chat"] {
            writeln!(
                situations,
                r#"{{"pair":"p{i}","form":"{form}","title":"t{i}","context":"It was {i}, and late.","context_easy":"It was {i}, and early.","good":["He went home.","She sang."],"bad":["He ran off.","She lied to them."]}}"#
            )
            .unwrap();
        }
        for emotion in ["calm", "happy"] {
            writeln!(
                implied,
                r#"{{"emotion":"{emotion}","form":"story","text":"The {emotion} tree number {i} was green."}}"#
            )
            .unwrap();
        }
        for kind in ["good", "bad"] {
            writeln!(
                activities,
                r#"{{"category":"{kind}","activity":"walking {i} {kind} dogs"}}"#
            )
            .unwrap();
        }
    }
    write("choice.jsonl", situations);
    write("implicit.jsonl", implied);
    write("preference.jsonl", activities);
    let template = |title: &str| {
        format!(
            r#"{{"title":"{title}","form":"story","template":"She waited {{n}} days there.","values":[1,2,4,8],"expect":{{"sad":1,"calm":-1}}}}"#
        )
    };
    write("intensity.jsonl", [template("a"), template("b")].join("\n"));
    write(
        "words.tsv",
        "word\tcalm\thappy\ntree\t3\t4\ncalm\t9\t1\n".into(),
    );
    write(
        "choice.toml",
        head("choice", "texts = \"choice.jsonl\"")
            + "[measure]\nkind = \"choice\"\ngood = \"good\"\nbad = \"bad\"\nmeans = \"Being bad\"\n\
               emotions = [\"angry\", \"calm\", \"sad\"]\nstrengths = [-1.0, -0.5, 0.5, 1.0]\nrandom = 5\n\
               quick = { situations = 3, emotions = 2, random = 3 }\n\
               free = { emotions = [\"angry\"], seeds = 3, tokens = 6, quick = [2, 2, 4] }\n"
            + &claim("angry"),
    );
    write(
        "implicit.toml",
        head("implicit", "texts = \"implicit.jsonl\"")
            + "[measure]\nkind = \"implicit\"\nwords = \"words.tsv\"\nend = 3\nquick = 3\n"
            + &claim("first"),
    );
    write(
        "intensity.toml",
        head("intensity", "texts = \"intensity.jsonl\"")
            + "[measure]\nkind = \"intensity\"\ncontrol_story = \" Page {n}.\"\ncontrol_chat = \" Line {n}.\"\nrandom = 6\nquick = 3\n"
            + &claim("follows"),
    );
    write(
        "diagonal.toml",
        head("diagonal", "")
            + "[measure]\nkind = \"diagonal\"\nprompts = [\"He feels\"]\nemotions = [\"calm\", \"happy\", \"sad\"]\n\
               strengths = [0.5, 1.0]\ndepths = [0.4, 0.9]\nrandom = 4\n"
            + &claim("rows"),
    );
    let ask = |form: &str| {
        format!(
            "[measure.{form}.love]\nask = \"And {{activity}}?\"\nbegins = \"I\"\nplus = [\" love\"]\nminus = [\" hate it\"]\n\
             [measure.{form}.yes]\nask = \"{{activity}}?\"\nplus = [\"Yes\"]\nminus = [\"No\"]\n\
             [measure.{form}.pair]\nask = \"{{a}} or {{b}}?\"\nplus = [\"A\"]\nminus = [\"B\"]\n"
        )
    };
    write(
        "preference.toml",
        head("preference", "texts = \"preference.jsonl\"")
            + "[measure]\nkind = \"preference\"\nliked = [\"good\"]\ndisliked = [\"bad\"]\nemotions = [\"calm\", \"happy\", \"sad\"]\n\
               strength = 1.0\nrandom = 3\nrivals = 4\nquick = { activities = 3, pushed = 3, emotions = 2, random = 2, rivals = 2 }\n"
            + &ask("chat")
            + &ask("story")
            + &claim("valence"),
    );
    let mut stories = String::new();
    for corpus in ["told", "inner"] {
        for emotion in ["calm", "happy", "sad", "angry", "afraid"] {
            for topic in 1..4 {
                writeln!(
                    stories,
                    r#"{{"corpus":"{corpus}","emotion":"{emotion}","topic":{topic},"writer":0,"text":"A {corpus} day, number {topic}: he was {emotion} and said so to all."}}"#
                )
                .unwrap();
            }
        }
    }
    write("stories.jsonl", stories);
    write(
        "stories.toml",
        head("stories", "texts = \"stories.jsonl\"")
            + "[measure]\nkind = \"stories\"\ncorpora = [\"told\", \"inner\"]\nquick = 24\n"
            + &claim("finds-told-inner"),
    );
    models
}

fn ready(models: &Models) -> Bench {
    let mut bench = models.session();
    let events = bench.load(MODEL);
    assert!(
        matches!(events.last(), Some(Event::Ready { .. })),
        "{events:?}"
    );
    bench
}

fn run(bench: &mut Bench, name: &str, size: LabSize) -> (Vec<Event>, LabResult) {
    let experiment = name.to_owned();
    let mut events = bench.ask(|job| Request::Lab {
        job,
        experiment,
        size,
        seed: 1,
    });
    match events.pop() {
        Some(Event::Lab { result, .. }) => (events, *result),
        other => panic!("{name} ended with {other:?}"),
    }
}

#[test]
fn every_kind_runs_to_a_verdict_that_follows_from_its_claims() {
    let models = models();
    let mut bench = ready(&models);
    for (name, figure) in [
        ("choice", "angry/story"),
        ("implicit", "first"),
        ("intensity", "follows"),
        ("diagonal", "rows"),
        ("preference", "valence"),
        ("stories", "valence-told"),
    ] {
        for size in [LabSize::Quick, LabSize::Full] {
            // All of it rests on means that `atlas extract` leaves behind.
            if name == "stories" && size == LabSize::Full {
                continue;
            }
            let (events, result) = run(&mut bench, name, size);
            assert!(
                matches!(events.first(), Some(Event::LabPlanned { seconds, .. }) if *seconds > 0.0),
                "{name}: {:?}",
                events.first()
            );
            let shares: Vec<f32> = events
                .iter()
                .filter_map(|e| match e {
                    Event::LabProgress { share, .. } => Some(*share),
                    _ => None,
                })
                .collect();
            assert!(
                shares.is_sorted() && *shares.last().unwrap() > 0.999,
                "{name}: {shares:?}"
            );
            assert!(*shares.last().unwrap() <= 1.0);

            assert_eq!((result.size, result.experiment.as_str()), (size, name));
            let held = result.claims.iter().filter(|c| c.holds).count();
            let verdict = match held {
                0 => Verdict::DoesNotReplicate,
                n if n == result.claims.len() => Verdict::Replicates,
                _ => Verdict::Weak,
            };
            assert_eq!(result.verdict, verdict);
            assert!(
                !result.claims.is_empty() && !result.drawings.is_empty(),
                "{name}"
            );
            let found = result.figures.iter().find(|f| f.id == figure);
            let found = found.unwrap_or_else(|| panic!("{name} has no {figure}"));
            assert!(found.low <= found.estimate && found.estimate <= found.high);
            for f in &result.figures {
                assert!(
                    f.estimate.is_finite() && (0.0..=1.0).contains(&f.p),
                    "{name}: {f:?}"
                );
            }
            // The same seed gives the same result.
            assert_eq!(run(&mut bench, name, size).1, result);
        }
    }
}

#[test]
fn a_full_run_holds_more_than_a_quick_one() {
    let models = models();
    let mut bench = ready(&models);
    let forms = |result: &LabResult| {
        let is = |f: &&str| result.figures.iter().any(|g| g.id.ends_with(*f));
        ["/story", "/chat"].iter().filter(|f| is(f)).count()
    };
    let (_, quick) = run(&mut bench, "choice", LabSize::Quick);
    let (_, full) = run(&mut bench, "choice", LabSize::Full);
    assert_eq!((forms(&quick), forms(&full)), (1, 2));
    let texts = |result: &LabResult| {
        let texts = result.drawings.iter().map(|d| match d {
            Drawing::Texts { texts, .. } => texts.len(),
            _ => 0,
        });
        texts.sum::<usize>()
    };
    assert!(texts(&quick) > 0 && texts(&full) > texts(&quick));
    assert!(quick.figures.iter().any(|f| f.id == "free-angry/story"));
}

#[test]
fn it_can_be_stopped_and_names_what_is_wrong() {
    let models = models();
    let mut bench = models.session_with(|event, cancelled| {
        if let Event::LabProgress { job, .. } = event {
            cancelled.insert(*job);
        }
    });
    assert!(matches!(
        bench.load(MODEL).last(),
        Some(Event::Ready { .. })
    ));
    let mut ask_for = |name: &str, size: LabSize| {
        let experiment = name.to_owned();
        bench.ask(|job| Request::Lab {
            job,
            experiment,
            size,
            seed: 1,
        })
    };
    let said = problem(&ask_for("stories", LabSize::Full)).to_string();
    assert!(said.contains("atlas extract"), "{said}");
    let mut ask = |name: &str| ask_for(name, LabSize::Quick);
    let events = ask("choice");
    let steps = events
        .iter()
        .filter(|e| matches!(e, Event::LabProgress { .. }));
    assert_eq!(steps.count(), 1);
    assert_eq!(problem(&events), Problem::Cancelled);
    assert!(matches!(
        problem(&ask("../secret")),
        Problem::Unknown { .. }
    ));
    assert!(matches!(problem(&ask("missing")), Problem::Fetch { .. }));
    let lab = models.folder("lab");
    let spec = std::fs::read_to_string(lab.join("choice.toml")).unwrap();
    let strange = spec.replace("\"angry\", \"calm\"", "\"wistful\", \"calm\"");
    std::fs::write(lab.join("choice.toml"), strange).unwrap();
    let said = problem(&ask("choice")).to_string();
    assert!(said.contains("wistful"), "{said}");
}

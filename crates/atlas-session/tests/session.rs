//! Sessions on tiny checkpoints with random vectors: every request, and what may be wrong with files and texts.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use atlas_protocol::{
    Event, JobId, Problem, Request, Sampling, Setting, Side, Slot, Steer, Stop, Why,
};
use atlas_units::Layer;
use common::{Bench, EMOTIONS, LAYERS, Models, generation, problem, reading, texts};
use std::fs;

const TEXT: &str = "She opened the letter, and her hands began to shake.";

fn ready(model: &str) -> (Models, Bench) {
    let models = Models::with(model);
    let mut bench = models.session();
    let events = bench.load(model);
    assert!(
        matches!(events.last(), Some(Event::Ready { .. })),
        "{:?}",
        events.last()
    );
    (models, bench)
}

#[test]
fn loading_tells_how_far_it_is_and_what_runs() {
    for (model, width) in [("tiny-gqa", 32), ("tiny-q", 64)] {
        let models = Models::with(model);
        let events = models.session().load(model);
        let mut last = 0;
        for event in &events[..events.len() - 1] {
            let Event::Loading { done, total, .. } = event else {
                panic!("{event:?}")
            };
            assert!(last <= *done && done <= total);
            last = *done;
        }
        let Some(Event::Ready {
            model: report,
            backend,
            ..
        }) = events.last()
        else {
            panic!("{:?}", events.last())
        };
        assert_eq!(
            (usize::from(report.layers), report.width, report.context),
            (LAYERS, width, 256)
        );
        assert!(report.chat);
        assert!(!backend.gpu && backend.why == Why::Chosen);
        assert!(backend.self_test < 1e-5);
    }
}

#[test]
fn reading_gives_every_layer() {
    let (_models, mut bench) = ready("tiny-gqa");
    let read = bench.read(TEXT, Setting::Plain, 2).unwrap();
    assert_eq!(read.tokens.concat(), TEXT);
    assert_eq!((read.skipped, read.emotions as usize), (3, EMOTIONS));
    assert_eq!(read.values.len(), read.tokens.len() * EMOTIONS);
    assert_eq!(read.path.len(), read.tokens.len());
    let (skipped, rest) = read.values.split_at(3 * EMOTIONS);
    assert!(skipped.iter().all(|&x| x == 0.0));
    assert!(rest.iter().all(|x| x.is_finite()) && rest.iter().any(|&x| x != 0.0));

    let at = |bench: &mut Bench, layer| {
        reading(bench.ask(|job| Request::Relayer {
            job,
            slot: Slot::First,
            layer: Layer::new(layer),
        }))
        .unwrap()
    };
    assert_eq!(at(&mut bench, 2), read);
    let first = at(&mut bench, 0);
    assert_ne!(first.values, read.values);
    assert_eq!(first, bench.read(TEXT, Setting::Plain, 0).unwrap());
}

#[test]
fn a_chat_turn_shows_the_users_words_and_what_follows() {
    for model in ["tiny-gqa", "tiny-q"] {
        let (_models, mut bench) = ready(model);
        // The template's head holds these words too.
        let read = bench.read("user", Setting::Chat, 1).unwrap();
        assert_eq!(
            read.tokens.concat(),
            "user<|im_end|>\n<|im_start|>assistant\n"
        );
        assert!(read.tokens.iter().any(|t| t == "<|im_end|>"));
        assert_eq!(read.skipped, 0);
        assert_eq!(read.values.len(), read.tokens.len() * EMOTIONS);
        assert_eq!(read.path.len(), read.tokens.len());
    }
}

#[test]
fn odd_texts_join_back_to_themselves() {
    let (_models, mut bench) = ready("tiny-q");
    for text in [
        "I \u{1f600}\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} am",
        "Grüße aus Köln, 1984!",
        "这是一个故事。",
        "שלום עולם",
        "  two\n\n\tspaces  ",
        "a",
        "ab",
    ] {
        let read = bench.read(text, Setting::Plain, 1).unwrap();
        assert_eq!(read.tokens.concat(), text);
        let chat = bench.read(text, Setting::Chat, 1).unwrap();
        assert_eq!(
            chat.tokens.concat(),
            format!("{text}<|im_end|>\n<|im_start|>assistant\n")
        );
    }
}

#[test]
fn texts_that_cannot_be_read_say_why() {
    let (_models, mut bench) = ready("tiny-gqa");
    assert_eq!(
        bench.read(" \n ", Setting::Plain, 1),
        Err(Problem::EmptyText)
    );
    let long = "word ".repeat(10_000);
    for text in [&long, &long.repeat(20)] {
        let Err(Problem::TooLong { tokens, limit }) = bench.read(text, Setting::Plain, 1) else {
            panic!("read 10,000 words")
        };
        assert!(tokens > 10_000);
        assert_eq!(limit, 256, "the context of this model");
    }
    let unknown = bench.read(TEXT, Setting::Plain, 99);
    assert_eq!(
        unknown,
        Err(Problem::Unknown {
            what: "layer 99".into()
        })
    );
    assert!(
        bench.read(TEXT, Setting::Plain, 1).is_ok(),
        "and it goes on"
    );
}

#[test]
fn before_a_model_is_there() {
    let models = Models::with("tiny-gqa");
    let mut bench = models.session();
    assert_eq!(bench.read(TEXT, Setting::Plain, 1), Err(Problem::NotReady));
    for name in ["", "..", "../tiny-gqa", "tiny gqa", ".hidden"] {
        assert!(
            matches!(problem(&bench.load(name)), Problem::Unusable { .. }),
            "{name}"
        );
    }
    assert!(matches!(
        problem(&bench.load("absent")),
        Problem::Fetch { .. }
    ));
    bench.load("tiny-gqa");
    let relayer = |job| Request::Relayer {
        job,
        slot: Slot::First,
        layer: Layer::new(1),
    };
    assert_eq!(
        problem(&bench.ask(relayer)),
        Problem::EmptyText,
        "nothing was read yet"
    );
}

#[test]
fn the_same_seed_gives_the_same_text() {
    for model in ["tiny-gqa", "tiny-q"] {
        let (_models, mut bench) = ready(model);
        let push = [(1, 0.5), (3, -0.2)];
        let [plain, steered] = bench.generate(&push, 7);
        assert!(!plain.is_empty());
        assert_ne!(plain, steered);
        assert_eq!(bench.generate(&push, 7), [plain.clone(), steered]);
        let [alone, other] = bench.generate(&[], 7);
        assert_eq!(alone, other, "nothing is pushed");
        assert_eq!(alone, plain, "what is pushed does not touch the plain side");
        assert_eq!(
            bench.generate(&[(1, 0.0)], 7),
            [plain.clone(), plain.clone()]
        );
        assert_ne!(bench.generate(&[], 8)[0], plain);
    }
}

#[test]
fn generation_counts_and_ends() {
    let (_models, mut bench) = ready("tiny-q");
    for setting in [Setting::Plain, Setting::Chat] {
        let sampling = Sampling {
            max_tokens: 5,
            temperature: 0.0,
            ..Sampling::default()
        };
        let events = bench.write(generation("Hello", setting, Steer::default(), sampling));
        let counts: Vec<u32> = events
            .iter()
            .filter_map(|event| match event {
                Event::Text {
                    side: Side::Plain,
                    tokens,
                    ..
                } => Some(*tokens),
                _ => None,
            })
            .collect();
        assert!(counts.is_sorted_by(|a, b| a < b), "{counts:?}");
        assert!(counts.iter().all(|&n| (1..=5).contains(&n)), "{counts:?}");
        let Some(Event::Finished {
            plain,
            steered,
            tokens_per_second,
            ..
        }) = events.last()
        else {
            panic!("{:?}", events.last())
        };
        assert_eq!(plain, steered);
        assert_ne!(*plain, Stop::Cancelled);
        assert!(*tokens_per_second >= 0.0);
    }
}

#[test]
fn hostile_numbers_are_survived() {
    let (_models, mut bench) = ready("tiny-gqa");
    let generate = |bench: &mut Bench, emotion, strength: &str, sampling: Sampling| {
        // Numbers from a link come unchecked.
        let strength = serde_json::from_str(strength).unwrap();
        let pushes = vec![atlas_protocol::Push { emotion, strength }];
        let steer = Steer {
            pushes,
            ..Steer::default()
        };
        bench.write(generation("Hello", Setting::Plain, steer, sampling))
    };
    let short = Sampling {
        max_tokens: 4,
        ..Sampling::default()
    };
    let unknown = generate(&mut bench, 9999, "0.1", short);
    assert!(matches!(problem(&unknown), Problem::Unknown { .. }));
    texts(&generate(&mut bench, 0, "1e38", short));
    texts(&generate(
        &mut bench,
        0,
        "0.1",
        Sampling {
            temperature: f32::NAN,
            top_p: f32::NAN,
            ..short
        },
    ));
    texts(&generate(
        &mut bench,
        0,
        "0.1",
        Sampling {
            temperature: -1.0,
            top_p: 0.0,
            top_k: u32::MAX,
            ..short
        },
    ));
    let endless = Sampling {
        max_tokens: u32::MAX,
        temperature: 0.0,
        ..short
    };
    texts(&generate(&mut bench, 0, "0.1", endless));
    texts(&generate(
        &mut bench,
        0,
        "0.1",
        Sampling {
            max_tokens: 0,
            ..short
        },
    ));
}

#[test]
fn a_generation_stops_when_cancelled() {
    let models = Models::with("tiny-gqa");
    let mut bench = models.session_with(|event, cancelled| {
        if let Event::Text {
            job,
            side: Side::Steered,
            ..
        } = event
        {
            cancelled.insert(*job);
        }
    });
    bench.load("tiny-gqa");
    let sampling = Sampling {
        max_tokens: 200,
        temperature: 1.0,
        ..Sampling::default()
    };
    let events = bench.write(generation(
        "Hello",
        Setting::Plain,
        Steer::default(),
        sampling,
    ));
    let Some(Event::Finished { plain, .. }) = events.last() else {
        panic!("{:?}", events.last())
    };
    assert_eq!(*plain, Stop::Cancelled);
    assert_eq!(events.len(), 2 + 1, "nothing is sent after the first text");
}

#[test]
fn a_reading_and_a_load_stop_when_cancelled() {
    let models = Models::with("tiny-gqa");
    let mut bench = models.session_with(|event, cancelled| match event {
        Event::ReadingProgress { job, done: 1, .. }
        | Event::Loading {
            job: job @ JobId(2),
            ..
        } => {
            cancelled.insert(*job);
        }
        _ => {}
    });
    bench.load("tiny-gqa");
    assert_eq!(problem(&bench.load("tiny-gqa")), Problem::Cancelled);
    assert_eq!(bench.read(TEXT, Setting::Plain, 1), Err(Problem::Cancelled));
    assert!(
        !bench.generate(&[], 1)[0].is_empty(),
        "the model is still there"
    );
}

#[test]
fn broken_files_are_named() {
    let models = Models::with("tiny-q");
    let mut bench = models.session();
    bench.load("tiny-q");
    let folder = models.folder("tiny-q");
    for file in [
        "weights/001.bin",
        "tokenizer.json",
        "vectors.safetensors",
        "vectors.json",
    ] {
        let path = folder.join(file);
        let good = fs::read(&path).unwrap();
        let mut bad = good.clone();
        bad[good.len() / 2] ^= 1;
        for (bytes, words) in [
            (&bad[..], "differ"),
            (&good[..good.len() - 7], "7 of"),
            (b"", "missing"),
        ] {
            fs::write(&path, bytes).unwrap();
            let Problem::Damaged {
                file: named,
                reason,
            } = problem(&bench.load("tiny-q"))
            else {
                panic!("{file} was taken")
            };
            assert_eq!(named, file);
            assert!(reason.contains(words), "{reason}");
        }
        fs::remove_file(&path).unwrap();
        let gone = problem(&bench.load("tiny-q"));
        assert!(
            matches!(&gone, Problem::Fetch { file: named, .. } if named.ends_with(file)),
            "{gone}"
        );
        fs::write(&path, good).unwrap();
    }
    fs::write(folder.join("model.json"), "<html>not found</html>").unwrap();
    assert!(matches!(
        problem(&bench.load("tiny-q")),
        Problem::Damaged { .. }
    ));
    assert!(
        bench.read(TEXT, Setting::Plain, 1).is_ok(),
        "the old model is still there"
    );
}

#[test]
fn a_model_that_computes_something_else_is_refused() {
    let models = Models::with("tiny-gqa");
    let path = models.folder("tiny-gqa").join("model.json");
    let mut manifest: atlas_protocol::ModelManifest =
        serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    assert_eq!(manifest.self_test.tokens.len(), 12);
    assert!(manifest.self_test.ids.len() >= 56);
    manifest.self_test.logits[3] += 1.0;
    fs::write(&path, serde_json::to_vec(&manifest).unwrap()).unwrap();
    let refused = problem(&models.session().load("tiny-gqa"));
    let Problem::Unusable { reason } = refused else {
        panic!("{refused}")
    };
    assert!(reason.contains("self-test"), "{reason}");
}

#[test]
fn vectors_of_another_model_are_refused() {
    let models = Models::with("tiny-gqa");
    let other = Models::with("tiny-q");
    let folder = models.folder("tiny-gqa");
    fs::copy(
        other.folder("tiny-q").join("vectors.safetensors"),
        folder.join("vectors.safetensors"),
    )
    .unwrap();
    pollster::block_on(atlas_session::write_manifest(&folder)).unwrap();
    let refused = problem(&models.session().load("tiny-gqa"));
    assert!(refused.to_string().contains("another model"), "{refused}");
}

#[test]
fn the_lens_tells_words_from_both_ends_of_the_vocabulary() {
    let (_models, mut bench) = ready("tiny-gqa");
    let mut lens = |emotion| match bench.ask(|job| Request::Lens { job, emotion }).pop() {
        Some(Event::Lens { up, down, .. }) => (up, down),
        other => panic!("ended with {other:?}"),
    };
    let (up, down) = lens(1);
    assert_eq!((up.len(), down.len()), (12, 12));
    assert_eq!(lens(1), (up.clone(), down));
    assert_ne!(lens(2).0, up, "another emotion, other words");
    let events = bench.ask(|job| Request::Lens { job, emotion: 999 });
    assert!(matches!(problem(&events), Problem::Unknown { what } if what.contains("999")));
}

//! Ways to steer, on tiny checkpoints with random vectors: methods, layers, spans, the control, batches, conversations,
//! and what might have been drawn.
#![allow(clippy::unwrap_used, reason = "tests")]

#[allow(dead_code, reason = "shared with the other tests")]
mod common;

use atlas_protocol::{
    Choice, Event, Exchange, Generation, Method, Problem, Request, Sample, Sampling, Setting, Side,
    Slot, Span, Steer, Stop,
};
use atlas_units::Layer;
use common::{Bench, EMOTIONS, LAYERS, Models, generation, problem, steer};

const PUSH: [(u16, f32); 2] = [(1, 0.5), (3, -0.2)];

fn ready() -> (Models, Bench) {
    let models = Models::with("tiny-gqa");
    let mut bench = models.session();
    bench.load("tiny-gqa");
    (models, bench)
}

fn of(steer: Steer) -> Generation {
    let sampling = Sampling {
        seed: 7,
        max_tokens: 16,
        temperature: 1.0,
        ..Sampling::default()
    };
    generation("Once upon a time", Setting::Plain, steer, sampling)
}

/// Plain, steered, random.
fn three(events: &[Event]) -> [String; 3] {
    assert!(
        matches!(events.last(), Some(Event::Finished { .. })),
        "{:?}",
        events.last()
    );
    [Side::Plain, Side::Steered, Side::Random].map(|wanted| {
        let part = |event: &Event| match event {
            Event::Text { side, text, .. } if *side == wanted => Some(text.clone()),
            _ => None,
        };
        events.iter().filter_map(part).collect()
    })
}

fn write(bench: &mut Bench, steer: Steer) -> [String; 3] {
    three(&bench.write(of(steer)))
}

#[test]
fn every_way_of_steering_is_its_own_and_leaves_the_plain_text_alone() {
    let (_models, mut bench) = ready();
    let [plain, same, none] = write(&mut bench, Steer::default());
    assert_eq!((&same, none.as_str()), (&plain, ""));
    let own = |change: fn(&mut Steer)| {
        let mut own = steer(&PUSH);
        change(&mut own);
        own
    };
    let ways = [
        own(|_| ()),
        own(|s| s.method = Method::ProjectOut),
        own(|s| s.method = Method::Clamp),
        own(|s| s.layers = vec![Layer::new(3)]),
        own(|s| s.span = Span::Prompt),
        own(|s| s.span = Span::New),
    ];
    let mut seen = vec![plain.clone()];
    for way in ways {
        let [own_plain, steered, _] = write(&mut bench, way.clone());
        assert_eq!(own_plain, plain, "{way:?}");
        assert!(!seen.contains(&steered), "{way:?} wrote {steered}");
        assert_eq!(write(&mut bench, way)[1], steered, "the same again");
        seen.push(steered);
    }
    let unknown = own(|s| s.layers = vec![Layer::new(99)]);
    assert!(matches!(
        problem(&bench.write(of(unknown))),
        Problem::Unknown { .. }
    ));
}

#[test]
fn a_level_of_zero_steers_and_a_push_of_zero_does_not() {
    let (_models, mut bench) = ready();
    let mut zero = steer(&[(1, 0.0)]);
    let [plain, added, _] = write(&mut bench, zero.clone());
    assert_eq!(added, plain);
    zero.method = Method::Clamp;
    assert_ne!(write(&mut bench, zero)[1], plain);
}

#[test]
fn the_control_is_a_third_text_that_follows_the_seed() {
    let (_models, mut bench) = ready();
    let [plain, steered, _] = write(&mut bench, steer(&PUSH));
    for method in [Method::Add, Method::Clamp] {
        let with = Steer {
            control: true,
            method,
            ..steer(&PUSH)
        };
        let events = bench.write(of(with.clone()));
        let [a, b, random] = three(&events);
        assert_eq!(a, plain);
        assert_eq!(b == steered, method == Method::Add);
        assert!(!random.is_empty() && random != plain && random != b);
        assert_eq!(three(&bench.write(of(with)))[2], random);
        let Some(Event::Finished { random: end, .. }) = events.last() else {
            panic!("{:?}", events.last())
        };
        assert!(end.is_some());
    }
    let idle = Steer {
        control: true,
        ..Steer::default()
    };
    assert_eq!(write(&mut bench, idle)[2], "", "nothing to compare with");
}

fn seeds(events: &[Event]) -> Vec<(u32, Sample, Sample, Option<Sample>)> {
    let seed = |event: &Event| match event {
        Event::Seed {
            seed,
            plain,
            steered,
            random,
            ..
        } => Some((*seed, plain.clone(), steered.clone(), random.clone())),
        _ => None,
    };
    events.iter().filter_map(seed).collect()
}

#[test]
fn a_batch_writes_what_single_runs_write() {
    let (_models, mut bench) = ready();
    let with = Steer {
        control: true,
        ..steer(&PUSH)
    };
    let all = of(with.clone());
    let events = bench.ask(|job| Request::Batch {
        job,
        generation: all,
        seeds: 6,
    });
    assert!(matches!(
        events.last(),
        Some(Event::Finished {
            plain: Stop::Length,
            ..
        })
    ));
    let found = seeds(&events);
    assert_eq!(
        found.iter().map(|s| s.0).collect::<Vec<_>>(),
        [7, 8, 9, 10, 11, 12]
    );
    for (seed, plain, steered, random) in &found {
        let mut one = of(with.clone());
        one.sampling.seed = *seed;
        let [a, b, c] = three(&bench.write(one));
        // A single run holds back what is no whole character yet.
        let whole = |sample: &Sample| sample.text.trim_end_matches('\u{fffd}').to_owned();
        let random = random.as_ref().unwrap();
        assert_eq!([whole(plain), whole(steered), whole(random)], [a, b, c]);
        for sample in [plain, steered, random] {
            assert_eq!(sample.means.len(), EMOTIONS);
            assert!(sample.means.iter().all(|m| m.is_finite()));
        }
    }
    assert_ne!(found[0].1.means, found[0].2.means);
    let idle = bench.ask(|job| Request::Batch {
        job,
        generation: of(Steer::default()),
        seeds: 1,
    });
    let idle = seeds(&idle);
    assert_eq!(idle[0].1, idle[0].2);
}

#[test]
fn the_means_of_a_batch_are_those_of_a_reading() {
    let (_models, mut bench) = ready();
    let prompt = "Once upon a time";
    let before = bench.read(prompt, Setting::Plain, 2).unwrap().tokens.len();
    let mut batch = |tokens| {
        let mut short = of(steer(&PUSH));
        short.sampling.max_tokens = tokens;
        let events = bench.ask(|job| Request::Batch {
            job,
            generation: short,
            seeds: 64,
        });
        seeds(&events)
    };
    let (ones, twos) = (batch(1), batch(2));
    let mut compared = 0;
    for ((_, _, one, _), (_, _, steered, _)) in ones.iter().zip(&twos) {
        let text = format!("{prompt}{}", steered.text);
        let read = bench.read(&text, Setting::Plain, 2).unwrap();
        // Only where a text is cut into the tokens that were drawn can the two be compared.
        let cut = read.tokens.len() == before + 2 && read.tokens[before] == one.text;
        if steered.tokens != 2 || !cut || text.contains('\u{fffd}') {
            continue;
        }
        compared += 1;
        for emotion in 0..EMOTIONS {
            let mean = (read.value(before, emotion) + read.value(before + 1, emotion)) / 2.0;
            assert!((mean - steered.means[emotion]).abs() < 1e-4, "{text}");
        }
    }
    assert!(compared > 5, "{compared}");
}

#[test]
fn a_batch_stops_when_cancelled_and_keeps_what_is_done() {
    let models = Models::with("tiny-gqa");
    let mut bench = models.session_with(|event, cancelled| {
        if let Event::Seed { job, .. } = event {
            cancelled.insert(*job);
        }
    });
    bench.load("tiny-gqa");
    let events = bench.ask(|job| Request::Batch {
        job,
        generation: of(steer(&PUSH)),
        seeds: 8,
    });
    let found = seeds(&events).len();
    assert!((1..8).contains(&found), "{found}");
    assert!(matches!(
        events.last(),
        Some(Event::Finished {
            plain: Stop::Cancelled,
            ..
        })
    ));
}

fn choices(bench: &mut Bench, side: Side) -> Result<Vec<Choice>, Problem> {
    match bench.ask(|job| Request::Explain { job, side }).pop() {
        Some(Event::Choices { choices, .. }) => Ok(choices),
        Some(Event::Failed { problem, .. }) => Err(problem),
        other => panic!("ended with {other:?}"),
    }
}

#[test]
fn choices_are_those_of_the_text() {
    let (_models, mut bench) = ready();
    assert_eq!(choices(&mut bench, Side::Plain), Err(Problem::EmptyText));
    for (span, first_changes) in [(Span::All, true), (Span::New, false)] {
        let with = Steer {
            span,
            control: true,
            ..steer(&PUSH)
        };
        let texts = write(&mut bench, with);
        for (text, side) in texts.iter().zip([Side::Plain, Side::Steered, Side::Random]) {
            let found = choices(&mut bench, side).unwrap();
            let joined: String = found.iter().map(|c| c.text.as_str()).collect();
            assert_eq!(joined, *text);
            let own = |c: &atlas_protocol::Candidate| match side {
                Side::Plain => c.plain,
                _ => c.steered,
            };
            for choice in &found {
                assert_eq!(choice.top.len(), 10);
                assert!(choice.top.is_sorted_by(|a, b| own(a) >= own(b)));
                assert!(choice.top.iter().map(own).sum::<f32>() <= 1.0001);
                assert!(own(&choice.drawn) > 0.0);
            }
            let moved = |c: &Choice| c.top.iter().any(|t| (t.plain - t.steered).abs() > 1e-6);
            assert_eq!(moved(&found[0]), first_changes, "{span:?} {side:?}");
            assert!(found[1..].iter().any(moved));
        }
    }
    // The likeliest is what temperature 0 draws.
    let mut greedy = of(steer(&PUSH));
    greedy.sampling.temperature = 0.0;
    greedy.sampling.repetition_penalty = 1.0;
    bench.write(greedy);
    for choice in choices(&mut bench, Side::Steered).unwrap() {
        assert_eq!(choice.drawn, choice.top[0]);
    }
}

#[test]
fn a_chat_goes_on_with_each_sides_own_answers() {
    let (_models, mut bench) = ready();
    let chat = |before: Vec<Exchange>, steer: Steer| {
        let mut one = of(steer);
        one.setting = Setting::Chat;
        one.before = before;
        one
    };
    let before = |steered: &str| {
        vec![Exchange {
            user: "Hello".into(),
            plain: "Yes.".into(),
            steered: steered.into(),
            random: None,
        }]
    };
    let [alone, ..] = three(&bench.write(chat(vec![], steer(&[]))));
    let [plain, steered, _] = three(&bench.write(chat(before("Yes."), steer(&[]))));
    assert_ne!(plain, alone, "what was said before is heard");
    assert_eq!(plain, steered);
    // Answers of another length: the sides are no longer one batch.
    let [still, other, _] = three(&bench.write(chat(before("No, never again."), steer(&[]))));
    assert_eq!(still, plain);
    assert_ne!(other, plain);
    assert!(!choices(&mut bench, Side::Steered).unwrap().is_empty());
}

#[test]
fn a_conversation_is_read_with_its_roles() {
    let (_models, mut bench) = ready();
    let text = "User: Hello there\nAssistant: Good day";
    let read = bench.read(text, Setting::Dialogue, 1).unwrap();
    assert_eq!(
        read.tokens.concat(),
        "Hello there<|im_end|>\n<|im_start|>assistant\nGood day<|im_end|>\n"
    );
    let turn = |at: usize| read.tokens[read.turns[at].0 as usize..].concat();
    assert_eq!(read.turns[0].1, "user");
    assert!(turn(0).starts_with("Hello"));
    assert_eq!(read.turns[1].1, "assistant");
    assert!(turn(1).starts_with("<|im_start|>assistant"));
}

#[test]
fn depth_is_every_layer_of_either_reading() {
    let (_models, mut bench) = ready();
    let depth = |bench: &mut Bench, slot, emotion| {
        bench
            .ask(|job| Request::Depth { job, slot, emotion })
            .pop()
            .unwrap()
    };
    assert!(matches!(
        depth(&mut bench, Slot::First, 1),
        Event::Failed { .. }
    ));
    let first = bench
        .read("She was so happy today", Setting::Plain, 2)
        .unwrap();
    let other = bench.ask(|job| Request::Read {
        job,
        text: "He was not".into(),
        setting: Setting::Plain,
        slot: Slot::Second,
        layer: Layer::new(2),
    });
    let other = common::reading(other).unwrap();
    for (slot, reading) in [(Slot::First, first), (Slot::Second, other)] {
        let Event::Depth { values, .. } = depth(&mut bench, slot, 3) else {
            panic!("no depth")
        };
        let tokens = reading.tokens.len();
        assert_eq!(values.len(), tokens * LAYERS);
        let at_two: Vec<f32> = (0..tokens).map(|t| reading.value(t, 3)).collect();
        assert_eq!(values[2 * tokens..3 * tokens], at_two);
    }
    assert!(matches!(
        depth(&mut bench, Slot::First, 99),
        Event::Failed { .. }
    ));
}

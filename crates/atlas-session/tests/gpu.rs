//! A session on the GPU: its kernels are compiled before it is ready. One test, for drivers dislike several devices.
#![cfg(feature = "gpu")]
#![allow(clippy::unwrap_used, reason = "tests")]

#[allow(dead_code, reason = "shared with the other tests")]
mod common;

use atlas_protocol::{BackendChoice, Event, Problem, Setting, Stage};
use burn_cubecl::cubecl::launched::LaunchedKernels;
use common::{Models, problem};

const TEXT: &str = "She opened the letter, and her hands began to shake.";

fn compiling(events: &[Event]) -> usize {
    let is = |event: &&Event| {
        matches!(
            event,
            Event::Loading {
                stage: Stage::Compiling,
                ..
            }
        )
    };
    events.iter().filter(is).count()
}

#[test]
fn the_first_text_finds_every_kernel_compiled() {
    let models = Models::with("tiny-gqa");
    let mut bench = models.gpu_session_with(|event, cancelled| {
        // The second load is cancelled as it compiles.
        if let Event::Loading {
            job,
            stage: Stage::Compiling,
            ..
        } = event
            && job.0 == 2
        {
            cancelled.insert(*job);
        }
    });
    let before = LaunchedKernels::new();
    let events = bench.load_on("tiny-gqa", BackendChoice::Gpu);
    let before = before.finish();
    let Some(Event::Ready { backend, .. }) = events.last() else {
        panic!("{:?}", events.last())
    };
    assert!(backend.gpu, "{backend:?}");
    assert_eq!(compiling(&events), 1);

    assert_eq!(
        problem(&bench.load_on("tiny-gqa", BackendChoice::Gpu)),
        Problem::Cancelled
    );

    let after = LaunchedKernels::new();
    let mut read = vec![];
    for text in ["a", "ab", "I am", "I am sad", TEXT, &TEXT.repeat(3)] {
        read.push(bench.read(text, Setting::Plain, 2).unwrap());
    }
    for (setting, seed) in [(Setting::Plain, 1), (Setting::Chat, 2)] {
        bench.read(TEXT, setting, 1).unwrap();
        bench.generate(&[], seed);
        bench.generate(&[(1, 0.5), (3, -0.2)], seed);
    }
    let after = after.finish();
    assert!(!after.is_empty());
    let new = after.difference(&before).count();
    assert_eq!(
        new,
        0,
        "of {} kernels are compiled when they are needed",
        after.len()
    );

    // After a rehearsal the numbers are those of the CPU, which compiles nothing.
    assert_eq!(compiling(&bench.load_on("tiny-gqa", BackendChoice::Cpu)), 0);
    for (text, gpu) in [("I am", &read[2]), (TEXT, &read[4])] {
        let cpu = bench.read(text, Setting::Plain, 2).unwrap();
        assert_eq!(cpu.values.len(), gpu.values.len());
        for (a, b) in cpu.values.iter().zip(&gpu.values) {
            assert!((a - b).abs() < 1e-3, "{a} and {b}");
        }
    }
}

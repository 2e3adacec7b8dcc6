//! Measuring: progress, a whole report, stopping, and nothing without a model.
#![allow(clippy::unwrap_used, reason = "tests")]

#[allow(dead_code, reason = "shared with the other tests")]
mod common;

use atlas_protocol::{BenchPlan, BenchReport, Event, Problem, Request};
use common::{Models, problem};

fn plan() -> BenchPlan {
    BenchPlan {
        prompt: 20,
        decode: 6,
        rounds: 2,
        threads: 1,
        plain_only: false,
    }
}

fn report(model: &str, plan: BenchPlan) -> (BenchReport, Vec<(u32, u32)>) {
    let models = Models::with(model);
    let mut session = models.session();
    session.load(model);
    let mut events = session.ask(|job| Request::Bench { job, plan });
    let Some(Event::Bench { report, .. }) = events.pop() else {
        panic!("{events:?}")
    };
    let progress = events.iter().map(|event| match event {
        Event::BenchProgress { done, total, .. } => (*done, *total),
        other => panic!("{other:?}"),
    });
    (report, progress.collect())
}

#[test]
fn every_figure_is_there() {
    for model in ["tiny-gqa", "tiny-q"] {
        let (report, progress) = report(model, plan());
        assert_eq!((report.prompt_tokens, report.decode_tokens), (20, 6));
        let paces = [
            report.prompt,
            report.plain,
            report.reading,
            report.steering,
            report.both,
        ];
        assert!(paces.iter().all(|pace| *pace > 0.0), "{report:?}");
        assert!(report.cost.is_finite());
        assert!(!report.gpu && report.threads >= 1 && !report.unit.is_empty());
        assert!(report.bytes_per_token > 0 && report.bandwidth > 0.0);
        assert!(report.share().is_some_and(|share| share > 0.0));
        assert!(progress.iter().all(|(done, total)| done <= total));
        assert_eq!(progress.first().map(|p| p.0), Some(0));
    }
}

#[test]
fn a_plan_beyond_the_model_is_cut_to_what_it_holds() {
    let plan = BenchPlan {
        prompt: u32::MAX,
        decode: 250,
        rounds: 1,
        threads: 0,
        plain_only: false,
    };
    let (report, _) = report("tiny-gqa", plan);
    assert!(report.prompt_tokens + report.decode_tokens < 256);
    assert!(report.threads >= 1);
}

#[test]
fn plain_writing_alone_can_be_asked_for() {
    let plain_only = BenchPlan {
        plain_only: true,
        ..plan()
    };
    let (report, _) = report("tiny-q", plain_only);
    assert!(report.prompt > 0.0 && report.plain > 0.0);
    let others = [report.reading, report.steering, report.both];
    assert_eq!(
        (others, report.cost, report.bandwidth),
        ([0.0; 3], 0.0, 0.0)
    );
}

#[test]
fn it_can_be_stopped() {
    let models = Models::with("tiny-gqa");
    let mut session = models.session_with(|event, cancelled| {
        if let Event::BenchProgress { job, .. } = event {
            cancelled.insert(*job);
        }
    });
    session.load("tiny-gqa");
    let events = session.ask(|job| Request::Bench { job, plan: plan() });
    assert_eq!(problem(&events), Problem::Cancelled);
    // And the model is still there.
    assert!(
        session
            .read("Again.", atlas_protocol::Setting::Plain, 2)
            .is_ok()
    );
}

#[test]
fn it_needs_a_model() {
    let models = Models::with("tiny-gqa");
    let events = models
        .session()
        .ask(|job| Request::Bench { job, plan: plan() });
    assert_eq!(problem(&events), Problem::NotReady);
}

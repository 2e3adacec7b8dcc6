//! Loading a model and measuring it.

use std::time::Duration;

use atlas_protocol::{Event, Problem, Request};
use leptos::prelude::*;

use super::{Bench, Found, Step};
use crate::engine::{self, Engine, Said};
use crate::text::{fill, t};
use crate::trouble;

/// Measures the chosen model; loads it first unless it runs.
pub(super) fn start(bench: Bench) {
    if let Some(words) = engine::unsupported() {
        return bench.step.set(Step::Failed(words.to_owned()));
    }
    let model = bench.model.get_untracked();
    let there = bench
        .loaded
        .with_untracked(|l| l.as_ref().is_some_and(|(id, _)| *id == model));
    if there {
        return measure(bench);
    }
    bench.loaded.set(None);
    bench.step.set(Step::Loading(t("stage.start"), 0.0));
    let spawned = engine::with(bench.engine, |e| {
        e.spawn(move |said| match said {
            Said::Event(event) => on_event(bench, event),
            Said::Crashed(reason) => on_crash(bench, &reason),
        })?;
        let job = e.next();
        e.load = Some(job);
        let backend = bench.query.backend;
        e.send(&Request::Load {
            job,
            model,
            backend,
        });
        Ok::<_, String>(())
    });
    if let Some(Err(reason)) = spawned {
        on_crash(bench, &reason);
    }
}

/// Stops what is under way.
pub(super) fn stop(bench: Bench) {
    engine::with(bench.engine, |e| {
        for job in [e.load.take(), e.run.take()] {
            e.cancel(job);
        }
    });
    bench.step.set(Step::Idle);
}

fn measure(bench: Bench) {
    bench.step.set(Step::Measuring(0.0));
    engine::with(bench.engine, |e| {
        let job = e.next();
        e.run = Some(job);
        let plan = bench.query.plan;
        e.send(&Request::Bench { job, plan });
    });
}

fn on_event(bench: Bench, event: Event) {
    let (load, run) = engine::with(bench.engine, |e| (e.load, e.run)).unwrap_or_default();
    match event {
        Event::Loading {
            job,
            stage,
            done,
            total,
        } if load == Some(job) => {
            let words = engine::stage_words(stage);
            let share = done as f64 / total.max(1) as f64;
            bench.step.set(Step::Loading(words, share));
        }
        Event::Ready {
            job,
            model,
            backend,
        } if load == Some(job) => {
            engine::with(bench.engine, |e| e.load = None);
            bench.loaded.set(Some((model.id, backend)));
            measure(bench);
        }
        Event::BenchProgress { job, done, total } if run == Some(job) => {
            let share = f64::from(done) / f64::from(total.max(1));
            bench.step.set(Step::Measuring(share));
        }
        Event::Bench { job, report } if run == Some(job) => {
            engine::with(bench.engine, |e| e.run = None);
            let Some((model, backend)) = bench.loaded.get_untracked() else {
                return;
            };
            bench.step.set(Step::Done(Found {
                model: bench.name_of(&model),
                backend,
                report,
            }));
        }
        Event::Failed { job, problem } if load == Some(job) || run == Some(job) => {
            engine::with(bench.engine, |e| (e.load, e.run) = (None, None));
            // A worker whose module died begins anew, without a model.
            if matches!(
                problem,
                Problem::Engine { .. } | Problem::OutOfMemory | Problem::NotReady
            ) {
                bench.loaded.set(None);
            }
            bench.step.set(Step::Failed(trouble::words(&problem)));
        }
        _ => {} // An answer to something that is no longer wanted.
    }
}

fn on_crash(bench: Bench, reason: &str) {
    // Not inside the worker's own call.
    set_timeout(
        move || {
            engine::with(bench.engine, Engine::stop);
        },
        Duration::ZERO,
    );
    bench.loaded.set(None);
    let words = if reason.is_empty() {
        t("engine.no-files").to_owned()
    } else {
        fill("bench.stopped", &[("reason", &reason)])
    };
    bench.step.set(Step::Failed(words));
}

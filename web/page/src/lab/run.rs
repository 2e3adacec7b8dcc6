//! Loading a model and running an experiment on it.

use std::time::Duration;

use atlas_protocol::{BackendChoice, Event, LabSize, Problem, Request};
use leptos::prelude::*;

use super::{Found, Lab, Step};
use crate::engine::{self, Engine, Said};
use crate::text::{fill, t};
use crate::trouble;

/// Runs an experiment on the chosen model; loads it first unless it runs.
pub(super) fn start(lab: Lab, experiment: String, size: LabSize) {
    if let Some(words) = engine::unsupported() {
        return lab.step.set(Step::Failed(words.to_owned()));
    }
    lab.chosen.set(Some(experiment.clone()));
    lab.rows.set(vec![]);
    let model = lab.model.get_untracked();
    if lab.loaded.with_untracked(|l| l.as_ref() == Some(&model)) {
        return ask(lab, experiment, size);
    }
    lab.loaded.set(None);
    lab.step.set(Step::Loading(t("stage.start"), 0.0));
    let then = (experiment, size);
    let spawned = engine::with(lab.engine, |e| {
        // A worker of an earlier run heard another experiment.
        e.stop();
        e.spawn(move |said| match said {
            Said::Event(event) => on_event(lab, event, &then),
            Said::Crashed(reason) => on_crash(lab, &reason),
        })?;
        let job = e.next();
        e.load = Some(job);
        e.send(&Request::Load {
            job,
            model,
            backend: BackendChoice::Auto,
        });
        Ok::<_, String>(())
    });
    if let Some(Err(reason)) = spawned {
        on_crash(lab, &reason);
    }
}

/// Stops what is under way.
pub(super) fn stop(lab: Lab) {
    engine::with(lab.engine, |e| {
        for job in [e.load.take(), e.run.take()] {
            e.cancel(job);
        }
    });
    lab.step.set(Step::Idle);
}

fn ask(lab: Lab, experiment: String, size: LabSize) {
    lab.step.set(Step::Running(0.0, String::new()));
    engine::with(lab.engine, |e| {
        let job = e.next();
        e.run = Some(job);
        let seed = lab.seed;
        e.send(&Request::Lab {
            job,
            experiment,
            size,
            seed,
        });
    });
}

fn on_event(lab: Lab, event: Event, then: &(String, LabSize)) {
    let (load, run) = engine::with(lab.engine, |e| (e.load, e.run)).unwrap_or_default();
    match event {
        Event::Loading {
            job,
            stage,
            done,
            total,
        } if load == Some(job) => {
            let words = engine::stage_words(stage);
            let share = done as f64 / total.max(1) as f64;
            lab.step.set(Step::Loading(words, share));
        }
        Event::Ready { job, model, .. } if load == Some(job) => {
            engine::with(lab.engine, |e| e.load = None);
            lab.loaded.set(Some(model.id));
            ask(lab, then.0.clone(), then.1);
        }
        Event::LabPlanned { job, seconds } if run == Some(job) => {
            let words = fill("lab.takes", &[("time", &duration(f64::from(seconds)))]);
            lab.step.set(Step::Running(0.0, words));
        }
        Event::LabProgress { job, share } if run == Some(job) => lab.step.update(|step| {
            if let Step::Running(done, _) = step {
                *done = f64::from(share);
            }
        }),
        Event::LabRow { job, label, found } if run == Some(job) => {
            lab.rows.update(|rows| rows.insert(0, (label, found)));
        }
        Event::Lab { job, result } if run == Some(job) => {
            engine::with(lab.engine, |e| e.run = None);
            let Some(model) = lab.loaded.get_untracked() else {
                return;
            };
            lab.rows.set(vec![]);
            lab.found.update(|all| {
                all.push(Found {
                    model,
                    result: *result,
                    live: true,
                });
            });
            lab.step.set(Step::Idle);
        }
        Event::Failed { job, problem } if load == Some(job) || run == Some(job) => {
            engine::with(lab.engine, |e| (e.load, e.run) = (None, None));
            if matches!(
                problem,
                Problem::Engine { .. } | Problem::OutOfMemory | Problem::NotReady
            ) {
                lab.loaded.set(None);
            }
            lab.step.set(Step::Failed(trouble::words(&problem)));
        }
        _ => {} // An answer to something that is no longer wanted.
    }
}

fn on_crash(lab: Lab, reason: &str) {
    // Not inside the worker's own call.
    set_timeout(
        move || {
            engine::with(lab.engine, Engine::stop);
        },
        Duration::ZERO,
    );
    lab.loaded.set(None);
    let words = if reason.is_empty() {
        t("engine.no-files").to_owned()
    } else {
        fill("lab.stopped", &[("reason", &reason)])
    };
    lab.step.set(Step::Failed(words));
}

fn duration(seconds: f64) -> String {
    let whole = |x: f64| format!("{x:.0}");
    if seconds < 90.0 {
        fill("lab.seconds", &[("n", &whole(seconds.max(2.0)))])
    } else {
        fill("lab.minutes", &[("n", &whole(seconds / 60.0))])
    }
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn long_times_are_told_in_minutes() {
        assert_eq!(
            [0.2, 42.0, 600.0].map(duration),
            ["2 seconds", "42 seconds", "10 minutes"]
        );
    }
}

//! What the page asks of the engine, and what it does with the answers.

use std::sync::Arc;
use std::time::Duration;

use atlas_protocol::{BackendChoice, Event, JobId, Problem, Request, Setting, Side, Stage, Stop};
use leptos::prelude::*;

use crate::engine::{self, Said};
use crate::library;
use crate::read::shown::Shown;
use crate::state::{Atlas, Phase, Place, RackItem};
use crate::steer::recipe::Run;

/// A model up to this size starts by itself, in bytes.
const SMALL: u64 = 20_000_000;

/// Starts the model if that costs the visitor nothing: it is in the cache, or small on an unmetered line.
pub fn start_if_cheap(atlas: Atlas) {
    if engine::unsupported().is_some() {
        return;
    }
    let Some(entry) = atlas.entry() else { return };
    leptos::task::spawn_local(async move {
        let cheap = (1..=SMALL).contains(&entry.bytes) && !metered();
        if (cheap || library::cached(&entry.id).await)
            && atlas.phase.get_untracked() == Phase::First
            && atlas.model.get_untracked() == entry.id
        {
            start(atlas);
        }
    });
}

/// Whether the visitor asked to save data.
fn metered() -> bool {
    let connection = js_sys::Reflect::get(&window().navigator(), &"connection".into());
    connection
        .and_then(|c| js_sys::Reflect::get(&c, &"saveData".into()))
        .is_ok_and(|v| v.is_truthy())
}

/// Starts the model of the page.
pub fn start(atlas: Atlas) {
    if let Some(words) = engine::unsupported() {
        atlas.phase.set(Phase::Failed);
        return atlas.trouble(Place::Start, words);
    }
    let model = atlas.model.get_untracked();
    let total = atlas.entry().map_or(0, |e| e.bytes);
    atlas.problem.set(None);
    atlas.phase.set(Phase::Loading(Stage::Fetching, 0, total));
    let spawned = engine::with(atlas.engine, |e| {
        e.spawn(move |said| match said {
            Said::Event(event) => on_event(atlas, event),
            Said::Crashed(reason) => on_crash(atlas, &reason),
        })?;
        e.cancel(e.load);
        let job = e.next();
        e.load = Some(job);
        e.send(&Request::Load {
            job,
            model,
            backend: backend_choice(),
        });
        Ok::<_, String>(())
    });
    if let Some(Err(reason)) = spawned {
        on_crash(atlas, &reason);
    }
}

/// `?backend=cpu` keeps to the CPU; `?backend=gpu` takes WebGPU even where it runs in software.
fn backend_choice() -> BackendChoice {
    let query = window().location().search().unwrap_or_default();
    let mut wanted = query
        .trim_start_matches('?')
        .split('&')
        .filter_map(|part| part.strip_prefix("backend="));
    match wanted.next() {
        Some("cpu") => BackendChoice::Cpu,
        Some("gpu") => BackendChoice::Gpu,
        _ => BackendChoice::Auto,
    }
}

/// Stops a start under way.
pub fn cancel_start(atlas: Atlas) {
    engine::with(atlas.engine, |e| {
        let job = e.load.take();
        e.cancel(job);
    });
    atlas.phase.set(Phase::First);
}

/// Shows another model (map, example) and starts it.
pub fn choose(atlas: Atlas, model: String, begin: bool) {
    leptos::task::spawn_local(async move {
        let card = match library::card(&model).await {
            Ok(card) => card,
            Err(missing) => return atlas.trouble(Place::Start, missing),
        };
        let examples = library::examples(&model).await;
        engine::with(atlas.engine, |e| {
            for job in [e.load.take(), e.read.take(), e.run.take()] {
                e.cancel(job);
            }
        });
        let old = atlas.card.get_untracked();
        let moved = |i: usize| old.emotions.get(i).and_then(|e| card.index_of(&e.name));
        let limit = (card.steering.limit * 100.0).round();
        let rack: Vec<RackItem> = atlas
            .rack
            .get_untracked()
            .into_iter()
            .filter_map(|i| {
                Some(RackItem {
                    emotion: moved(i.emotion)?,
                    percent: i.percent.clamp(-limit, limit),
                    ..i
                })
            })
            .collect();
        let selected = moved(atlas.selected.get_untracked()).unwrap_or(0);
        let chat = atlas
            .catalogue
            .with_untracked(|c| c.models.iter().any(|m| m.id == model && m.chat));
        {
            atlas.phase.set(Phase::First);
            atlas.report.set(None);
            atlas.backend.set(None);
            atlas.reading.set(None);
            atlas.running.set(false);
            atlas.run.set(None);
            atlas.problem.set(None);
            atlas.hot.set(None);
            atlas.model.set(model);
            // The card first: the slider's end must be there before its place.
            let layer = card.layer;
            atlas.card.set(Arc::new(card));
            atlas.layer.set(layer);
            atlas.selected.set(selected);
            atlas.rack.set(rack);
            if !chat {
                atlas.setting.set(Setting::Plain);
                atlas.prompt_setting.set(Setting::Plain);
            }
            atlas.set_examples(examples);
            show_waiting(atlas);
        }
        if begin {
            start(atlas)
        } else {
            start_if_cheap(atlas)
        }
    });
}

/// Reads the page's text, or keeps it until the model is there.
pub fn read(atlas: Atlas) {
    let Some(text) = atlas.text.get_untracked().or_else(|| {
        atlas
            .shown
            .with_untracked(|s| s.as_ref().map(|s| s.source.clone()))
    }) else {
        return;
    };
    atlas.settled(Place::Read);
    show_waiting(atlas);
    if text.trim().is_empty() {
        return atlas.trouble(Place::Read, Problem::EmptyText);
    }
    if atlas.phase.get_untracked() != Phase::Ready {
        return atlas.trouble(Place::Read, "The model is not running yet. Start it; your text is kept and read as soon as it runs.");
    }
    atlas.reading.set(Some((0, 0)));
    engine::with(atlas.engine, |e| {
        e.cancel(e.read);
        let job = e.next();
        e.read = Some(job);
        e.send(&Request::Read {
            job,
            text,
            setting: atlas.setting.get_untracked(),
            layer: atlas.layer.get_untracked(),
        });
    });
}

/// Shows the visitor's text as it is, until it is read.
pub fn show_waiting(atlas: Atlas) {
    let Some(text) = atlas.text.get_untracked() else {
        return;
    };
    let setting = atlas.setting.get_untracked();
    let there = atlas.shown.with_untracked(|s| {
        s.as_ref()
            .is_some_and(|s| s.source == text && s.setting == setting && !s.stored)
    });
    if !there {
        atlas.hot.set(None);
        atlas.shown.set(Some(Arc::new(Shown::waiting(
            text,
            setting,
            atlas.layer.get_untracked(),
        ))));
    }
}

/// Goes back to the text that came with the page.
pub fn show_stored(atlas: Atlas) {
    engine::with(atlas.engine, |e| {
        let job = e.read.take();
        e.cancel(job);
    });
    atlas.reading.set(None);
    atlas.settled(Place::Read);
    atlas.text.set(None);
    atlas.setting.set(Setting::Plain);
    atlas.hot.set(None);
    let stored = atlas.examples.with_untracked(|e| {
        e.as_ref()
            .map(|e| Arc::new(Shown::stored(e.reading.clone())))
    });
    atlas.shown.set(stored);
    relayer(atlas);
}

/// Stops a reading under way.
pub fn stop_reading(atlas: Atlas) {
    engine::with(atlas.engine, |e| {
        let job = e.read.take();
        e.cancel(job);
    });
    atlas.reading.set(None);
}

/// Brings the reading to the page's layer, if a model is there and nothing else is under way.
pub fn relayer(atlas: Atlas) {
    let layer = atlas.layer.get_untracked();
    let Some(shown) = atlas.shown.get_untracked() else {
        return;
    };
    if atlas.phase.get_untracked() != Phase::Ready || shown.reading.layer == layer {
        return;
    }
    if engine::with(atlas.engine, |e| e.read.is_some()).unwrap_or(true) {
        return; // The answer will be followed by another request.
    }
    if shown.stored || shown.waiting {
        return read(atlas);
    }
    engine::with(atlas.engine, |e| {
        let job = e.next();
        e.read = Some(job);
        e.send(&Request::Relayer { job, layer });
    });
}

/// Generates what the Steer panel says.
pub fn run(atlas: Atlas) {
    let recipe = untrack(|| atlas.recipe());
    atlas.settled(Place::Steer);
    if recipe.prompt.trim().is_empty() {
        return atlas.trouble(Place::Steer, Problem::EmptyText);
    }
    if atlas.phase.get_untracked() != Phase::Ready {
        return atlas.trouble(Place::Steer, Problem::NotReady);
    }
    atlas.running.set(true);
    atlas.run.set(Some(Run::empty(recipe.clone())));
    engine::with(atlas.engine, |e| {
        e.cancel(e.run);
        let job = e.next();
        e.run = Some(job);
        let (pushes, sampling) = (recipe.requested(), recipe.sampling);
        e.send(&Request::Generate {
            job,
            prompt: recipe.prompt,
            setting: recipe.setting,
            pushes,
            sampling,
        });
    });
}

/// Stops the generation; what there is stays.
pub fn stop(atlas: Atlas) {
    engine::with(atlas.engine, |e| e.cancel(e.run));
}

fn on_event(atlas: Atlas, event: Event) {
    let jobs = engine::with(atlas.engine, |e| (e.load, e.read, e.run)).unwrap_or_default();
    let (load, reading, run) = jobs;
    match event {
        Event::Loading {
            job,
            stage,
            done,
            total,
        } if load == Some(job) => atlas.phase.set(Phase::Loading(stage, done, total)),
        Event::Ready {
            job,
            model,
            backend,
        } if load == Some(job) => {
            engine::with(atlas.engine, |e| e.load = None);
            atlas.report.set(Some(model));
            atlas.backend.set(Some(backend));
            atlas.phase.set(Phase::Ready);
            catch_up(atlas);
        }
        Event::ReadingProgress { job, done, total } if reading == Some(job) => {
            atlas.reading.set(Some((done, total)))
        }
        Event::Reading { job, reading: new } if reading == Some(job) => {
            engine::with(atlas.engine, |e| e.read = None);
            atlas.reading.set(None);
            let source = atlas.text.get_untracked().or_else(|| {
                atlas
                    .shown
                    .with_untracked(|s| s.as_ref().map(|s| s.source.clone()))
            });
            let shown = Shown::new(
                new,
                source.unwrap_or_default(),
                atlas.setting.get_untracked(),
            );
            atlas.hot.set(None);
            atlas.shown.set(Some(Arc::new(shown)));
            relayer(atlas);
        }
        Event::Text {
            job,
            side,
            text,
            tokens_per_second,
            ..
        } if run == Some(job) => atlas.run.update(|r| {
            if let Some(r) = r {
                match side {
                    Side::Plain => r.plain.push_str(&text),
                    Side::Steered => r.steered.push_str(&text),
                }
                r.speed = Some(tokens_per_second);
            }
        }),
        Event::Finished {
            job,
            plain,
            steered,
            tokens_per_second,
        } if run == Some(job) => {
            engine::with(atlas.engine, |e| e.run = None);
            atlas.run.update(|r| {
                if let Some(r) = r {
                    r.speed = Some(tokens_per_second);
                    r.cut = [plain != Stop::EndOfText, steered != Stop::EndOfText];
                }
            });
            atlas.running.set(false);
        }
        Event::Failed { job, problem } => on_failure(atlas, job, problem, jobs),
        _ => {} // An answer to something that is no longer wanted.
    }
}

/// What a link or a visitor asked for while the model was not there.
fn catch_up(atlas: Atlas) {
    let text = atlas.text.get_untracked();
    let deadly =
        engine::with(atlas.engine, |e| e.avoid.is_some() && e.avoid == text).unwrap_or(false);
    if deadly {
        atlas.trouble(Place::Read, "The engine stopped while it read this text, so it waits. Press Own text and Read it to try again.");
    } else if text.is_some() {
        read(atlas);
    } else {
        relayer(atlas);
    }
    if atlas.wants_run.get_untracked() {
        atlas.wants_run.set(false);
        run(atlas);
    }
}

fn on_failure(
    atlas: Atlas,
    job: JobId,
    problem: Problem,
    (load, reading, running): (Option<JobId>, Option<JobId>, Option<JobId>),
) {
    let cancelled = problem == Problem::Cancelled;
    let place = if load == Some(job) {
        engine::with(atlas.engine, |e| e.load = None);
        atlas.phase.set(if cancelled {
            Phase::First
        } else {
            Phase::Failed
        });
        Place::Start
    } else if reading == Some(job) {
        engine::with(atlas.engine, |e| e.read = None);
        atlas.reading.set(None);
        Place::Read
    } else if running == Some(job) {
        engine::with(atlas.engine, |e| e.run = None);
        atlas.running.set(false);
        Place::Steer
    } else {
        return;
    };
    // A worker whose module died begins anew, without a model.
    if matches!(
        problem,
        Problem::Engine { .. } | Problem::OutOfMemory | Problem::NotReady
    ) {
        engine::with(atlas.engine, |e| {
            if place == Place::Read && problem != Problem::NotReady {
                e.avoid = atlas.text.get_untracked();
            }
            (e.load, e.read, e.run) = (None, None, None);
        });
        atlas.running.set(false);
        atlas.reading.set(None);
        atlas.phase.set(Phase::Failed);
    }
    if !cancelled {
        atlas.trouble(place, problem);
    }
}

/// The worker is gone: say so, and start again once if it had been running.
fn on_crash(atlas: Atlas, reason: &str) {
    let was = engine::with(atlas.engine, |e| {
        if e.run.is_some() {
            Place::Steer
        } else if e.read.is_some() {
            Place::Read
        } else {
            Place::Start
        }
    })
    .unwrap_or(Place::Start);
    let ready = atlas.phase.get_untracked() == Phase::Ready;
    if was == Place::Read {
        engine::with(atlas.engine, |e| e.avoid = atlas.text.get_untracked());
    }
    // Not inside the worker's own call.
    set_timeout(
        move || {
            engine::with(atlas.engine, engine::Engine::stop);
        },
        Duration::ZERO,
    );
    atlas.running.set(false);
    atlas.reading.set(None);
    atlas.backend.set(None);
    atlas.phase.set(Phase::Failed);
    // The browser and start.js each put words of their own before the cause.
    let reason = reason
        .trim_start_matches("Uncaught ")
        .trim_start_matches("Error: ")
        .trim_start_matches("The engine could not start: ");
    let lower = reason.to_lowercase();
    let words = if lower.contains("memory") || lower.contains("allocation") {
        Problem::OutOfMemory.to_string()
    } else if reason.is_empty() {
        "The engine's files could not be loaded. Check the connection and press Start again."
            .to_owned()
    } else if ready {
        format!(
            "The engine stopped unexpectedly ({reason}). Press Start to run it again: the model is kept, and so is your text."
        )
    } else {
        format!(
            "The engine could not start ({reason}). Press Start to try again, or use the light model."
        )
    };
    atlas.trouble(if ready { was } else { Place::Start }, words);
}

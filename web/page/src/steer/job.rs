//! What the Steer panel asks of the engine, and what it does with the answers.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use atlas_protocol::{Event, JobId, Problem, Request, Side, Stop};
use leptos::prelude::*;

use super::recipe::{Run, place};
use super::seeds::{Batch, Seed};
use crate::engine;
use crate::state::{Atlas, Phase, Place};
use crate::trouble;

/// Seeds of a batch.
pub const SEEDS: u32 = 8;
/// An engine that writes so many tokens per second tells the choices of a text unasked.
const QUICK: f32 = 10.0;

/// A growing text is shown this often at most.
const BEAT: Duration = Duration::from_millis(50);

/// Whether there is something to write, and a model to write it; says so if not.
fn can(atlas: Atlas, prompt: &str) -> bool {
    atlas.settled(Place::Steer);
    if prompt.trim().is_empty() {
        atlas.trouble(Place::Steer, trouble::words(&Problem::EmptyText));
        return false;
    }
    if atlas.phase.get_untracked() != Phase::Ready {
        atlas.trouble(Place::Steer, trouble::words(&Problem::NotReady));
        return false;
    }
    true
}

/// Generates what the Steer panel says.
pub fn run(atlas: Atlas) {
    let recipe = untrack(|| atlas.recipe());
    if !can(atlas, &recipe.prompt) {
        return;
    }
    atlas.running.set(true);
    atlas.run.set(Some(Run::empty(recipe.clone())));
    engine::with(atlas.engine, |e| {
        for old in [e.run, e.batch, e.explain.take()] {
            e.cancel(old);
        }
        let job = e.next();
        e.run = Some(job);
        e.written = None;
        e.send(&Request::Generate {
            job,
            generation: recipe.requested(),
        });
    });
}

/// Writes the same from several seeds.
pub fn batch(atlas: Atlas) {
    let recipe = untrack(|| atlas.recipe());
    if !can(atlas, &recipe.prompt) {
        return;
    }
    atlas.batch.set(Some(Batch::new(recipe.clone())));
    engine::with(atlas.engine, |e| {
        for old in [e.batch, e.explain.take()] {
            e.cancel(old);
        }
        let job = e.next();
        e.batch = Some(job);
        e.send(&Request::Batch {
            job,
            generation: recipe.requested(),
            seeds: SEEDS,
        });
    });
}

/// Stops a batch; the seeds that are done stay.
pub fn stop_batch(atlas: Atlas) {
    engine::with(atlas.engine, |e| e.cancel(e.batch));
}

/// Stops the generation; what there is stays.
pub fn stop(atlas: Atlas) {
    engine::with(atlas.engine, |e| e.cancel(e.run));
}

/// Whether the engine can still tell the choices of the texts on the page.
#[must_use]
pub fn explainable(atlas: Atlas) -> bool {
    atlas.phase.get() == Phase::Ready
        && !atlas.running.get()
        && atlas.run.with(|r| {
            r.as_ref().is_some_and(|r| {
                engine::with(atlas.engine, |e| e.written.as_ref() == Some(&r.recipe))
                    .unwrap_or(false)
            })
        })
}

/// Asks for the choices of the next side that has a text and no choices yet.
pub fn explain(atlas: Atlas) {
    if !untrack(|| explainable(atlas)) {
        return;
    }
    let next = atlas.run.with_untracked(|r| {
        let r = r.as_ref()?;
        let open = |side: &Side| !r.text(*side).is_empty() && r.choices[place(*side)].is_none();
        [Side::Steered, Side::Plain, Side::Random]
            .into_iter()
            .find(open)
    });
    let Some(side) = next else { return };
    engine::with(atlas.engine, |e| {
        if e.explain.is_some() {
            return;
        }
        let job = e.next();
        e.explain = Some(job);
        e.send(&Request::Explain { job, side });
    });
}

/// What of a growing text is on the page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// All, for a beat or longer.
    Long,
    /// All, for less than a beat.
    Just,
    /// Not all: the beat's end will show it.
    Behind,
}

thread_local! {
    static SHOWN: Cell<Shown> = const { Cell::new(Shown::Long) };
}

/// Shows a text that has grown: at once, or with what else comes within a beat. To lay it out anew for each of eighty
/// tokens a second kept the main thread busy, and who presses something waiting.
fn show_soon(atlas: Atlas) {
    if SHOWN.get() != Shown::Long {
        return SHOWN.set(Shown::Behind);
    }
    SHOWN.set(Shown::Just);
    atlas.run.notify();
    let again = move || {
        if SHOWN.replace(Shown::Long) == Shown::Behind {
            show_soon(atlas);
        }
    };
    set_timeout(again, BEAT);
}

/// Takes an answer; gives it back if it is for somebody else.
pub fn heard(atlas: Atlas, event: Event) -> Option<Event> {
    let (run, batch, explain) =
        engine::with(atlas.engine, |e| (e.run, e.batch, e.explain)).unwrap_or_default();
    match event {
        Event::Text {
            job,
            side,
            text,
            tokens_per_second,
            ..
        } if run == Some(job) => {
            atlas.run.update_untracked(|r| {
                if let Some(r) = r {
                    r.text_mut(side).push_str(&text);
                    r.speed = Some(tokens_per_second);
                }
            });
            show_soon(atlas);
        }
        Event::Finished {
            job,
            plain,
            steered,
            random,
            tokens_per_second,
        } if run == Some(job) => {
            atlas.run.update(|r| {
                if let Some(r) = r {
                    r.speed = Some(tokens_per_second);
                    r.cut = [Some(plain), Some(steered), random]
                        .map(|stop| stop.is_some_and(|stop| stop != Stop::EndOfText));
                }
            });
            let recipe = atlas
                .run
                .with_untracked(|r| r.as_ref().map(|r| r.recipe.clone()));
            engine::with(atlas.engine, |e| {
                e.run = None;
                e.written = recipe;
            });
            atlas.running.set(false);
            if tokens_per_second >= QUICK {
                explain_next(atlas);
            }
        }
        Event::Choices { job, side, choices } if explain == Some(job) => {
            engine::with(atlas.engine, |e| e.explain = None);
            let fits = untrack(|| explainable(atlas));
            if fits {
                atlas.run.update(|r| {
                    if let Some(r) = r {
                        r.choices[place(side)] = Some(Arc::new(choices));
                    }
                });
                explain_next(atlas);
            }
        }
        Event::BatchProgress { job, done, total } if batch == Some(job) => {
            atlas.batch.update(|b| {
                if let Some(b) = b {
                    b.progress = Some((done, total));
                }
            });
        }
        Event::Seed {
            job,
            seed,
            plain,
            steered,
            random,
        } if batch == Some(job) => atlas.batch.update(|b| {
            if let Some(b) = b {
                b.seeds.push(Seed {
                    seed,
                    plain,
                    steered,
                    random,
                });
            }
        }),
        Event::Finished { job, .. } if batch == Some(job) => {
            engine::with(atlas.engine, |e| e.batch = None);
            atlas.batch.update(|b| {
                if let Some(b) = b {
                    b.progress = None;
                }
            });
        }
        other => return Some(other),
    }
    None
}

/// Not inside the engine's own call.
fn explain_next(atlas: Atlas) {
    set_timeout(move || explain(atlas), std::time::Duration::ZERO);
}

/// A job failed: whether it was one of this panel's.
pub fn failed(atlas: Atlas, job: JobId) -> bool {
    let mine = engine::with(atlas.engine, |e| {
        let mine = [&mut e.run, &mut e.batch, &mut e.explain];
        let hit = mine.into_iter().find(|slot| **slot == Some(job));
        hit.map(|slot| *slot = None).is_some()
    });
    if mine != Some(true) {
        return false;
    }
    let running = engine::with(atlas.engine, |e| e.run.is_some()).unwrap_or(false);
    atlas.running.set(running);
    settle(atlas);
    true
}

/// No batch is under way any more.
pub fn settle(atlas: Atlas) {
    let under_way = engine::with(atlas.engine, |e| e.batch.is_some()).unwrap_or(false);
    if !under_way
        && atlas
            .batch
            .with_untracked(|b| b.as_ref().is_some_and(|b| b.progress.is_some()))
    {
        atlas.batch.update(|b| {
            if let Some(b) = b {
                b.progress = None;
            }
        });
    }
}

//! The way out: events to the page, and last words.

use crate::{jobs, shell};
use atlas_protocol::{Event, JobId, Problem, wire};
use js_sys::{Array, Uint8Array};

/// Sends an event.
pub fn emit(event: &Event) {
    shell::post(&bytes(event));
}

/// Leaves with JavaScript what is to be said if this instance dies without a panic: that only happens
/// when an allocation fails. The first is the job being done, the others wait.
pub fn remember(jobs: impl Iterator<Item = JobId>) {
    let words = Array::new();
    for (i, job) in jobs.enumerate() {
        let problem = if i == 0 {
            Problem::OutOfMemory
        } else {
            Problem::NotReady
        };
        words.push(&bytes(&Event::Failed { job, problem }));
    }
    shell::remember(&words);
}

/// Tells the page of a panic in the job being done, and that those that wait will not be done.
pub fn panicked(message: &str) {
    let problem = atlas_session::panicked(message);
    for (i, job) in jobs::outstanding().into_iter().enumerate() {
        let problem = if i == 0 {
            problem.clone()
        } else {
            Problem::NotReady
        };
        emit(&Event::Failed { job, problem });
    }
    remember(std::iter::empty());
}

fn bytes(event: &Event) -> Uint8Array {
    Uint8Array::from(wire::encode(event).as_slice())
}

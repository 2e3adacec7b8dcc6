//! The way out: events to the page, and last words.

use crate::jobs;
use atlas_protocol::{Event, JobId, Problem, wire};
use js_sys::{Array, Function, Uint8Array};
use std::cell::RefCell;
use wasm_bindgen::JsValue;

thread_local! {
    static OUT: RefCell<Option<(Function, Function)>> = const { RefCell::new(None) };
}

/// Where events go, and where last words are kept.
pub fn set(post: Function, remember: Function) {
    OUT.with_borrow_mut(|out| *out = Some((post, remember)));
}

/// Sends an event.
pub fn emit(event: &Event) {
    let bytes = bytes(event);
    OUT.with_borrow(|out| {
        if let Some((post, _)) = out {
            // What can fail here is a page that is gone.
            let _ = post.call1(&JsValue::NULL, &bytes);
        }
    });
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
    OUT.with_borrow(|out| {
        if let Some((_, remember)) = out {
            let _ = remember.call1(&JsValue::NULL, &words);
        }
    });
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

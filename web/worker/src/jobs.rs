//! The queue of jobs, and which of them are cancelled.

use crate::{out, shell};
use atlas_protocol::{JobId, Request, wire};
use js_sys::{Array, Function, Uint8Array};
use std::cell::RefCell;
use std::collections::{HashSet, VecDeque};
use std::future::poll_fn;
use std::task::{Poll, Waker};

#[derive(Default)]
struct Jobs {
    running: Option<Request>,
    waiting: VecDeque<Request>,
    cancelled: HashSet<JobId>,
    /// Stops what the running job is fetching.
    abort: Option<Function>,
    waker: Option<Waker>,
}

impl Jobs {
    /// The running one, then those that wait.
    fn all(&self) -> impl Iterator<Item = &Request> {
        self.running.iter().chain(&self.waiting)
    }
}

thread_local! {
    static JOBS: RefCell<Jobs> = RefCell::default();
}

/// Queues a job.
pub fn add(request: Request) {
    let waker = JOBS.with_borrow_mut(|jobs| {
        jobs.waiting.push_back(request);
        jobs.waker.take()
    });
    tell();
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// Waits for the next job and makes it the running one.
pub async fn next() -> Request {
    let request = poll_fn(|context| {
        JOBS.with_borrow_mut(|jobs| match jobs.waiting.pop_front() {
            Some(request) => {
                jobs.running = Some(request.clone());
                Poll::Ready(request)
            }
            None => {
                jobs.waker = Some(context.waker().clone());
                Poll::Pending
            }
        })
    })
    .await;
    tell();
    request
}

/// The running job is over.
pub fn done() {
    JOBS.with_borrow_mut(|jobs| {
        if let Some(request) = jobs.running.take() {
            jobs.cancelled.remove(&job(&request));
        }
        jobs.abort = None;
    });
    tell();
}

/// Cancels a job that runs or waits; any other is over already.
pub fn cancel(which: JobId) {
    let abort = JOBS.with_borrow_mut(|jobs| {
        let running = jobs.running.as_ref().map(job) == Some(which);
        if running || jobs.waiting.iter().any(|request| job(request) == which) {
            jobs.cancelled.insert(which);
        }
        if running { jobs.abort.take() } else { None }
    });
    if let Some(abort) = abort {
        let _ = abort.call0(&wasm_bindgen::JsValue::NULL);
    }
}

/// Whether a job was cancelled.
pub fn cancelled(job: JobId) -> bool {
    JOBS.with_borrow(|jobs| jobs.cancelled.contains(&job))
}

/// What to call when the running job is cancelled; `None` when there is nothing to stop any more.
pub fn on_cancel(abort: Option<Function>) {
    JOBS.with_borrow_mut(|jobs| jobs.abort = abort);
}

/// The running job, then those that wait. Empty when the queue itself is at work (in a panic).
pub fn outstanding() -> Vec<JobId> {
    JOBS.with(|jobs| {
        let Ok(jobs) = jobs.try_borrow() else {
            return Vec::new();
        };
        jobs.all().map(job).collect()
    })
}

/// Whether the other build of the engine takes every job over.
pub fn hand_over(gpu: bool, failed: Option<&str>) -> bool {
    let messages = JOBS.with_borrow(|jobs| {
        let cancels = jobs.cancelled.iter().map(|&job| Request::Cancel { job });
        let message = |request: &Request| Uint8Array::from(wire::encode(request).as_slice());
        let cancels: Vec<_> = cancels.collect();
        jobs.all().chain(&cancels).map(message).collect::<Array>()
    });
    shell::hand_over(gpu, failed, &messages)
}

fn tell() {
    out::remember(outstanding().into_iter());
}

fn job(request: &Request) -> JobId {
    match request {
        Request::Load { job, .. }
        | Request::Read { job, .. }
        | Request::Relayer { job, .. }
        | Request::Generate { job, .. }
        | Request::Batch { job, .. }
        | Request::Explain { job, .. }
        | Request::Depth { job, .. }
        | Request::Lens { job, .. }
        | Request::Bench { job, .. }
        | Request::Lab { job, .. }
        | Request::Cancel { job } => *job,
        // It is never queued.
        Request::GiveWay => JobId(0),
    }
}

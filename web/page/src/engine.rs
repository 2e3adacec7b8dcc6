//! The engine's web worker, and the jobs it is asked to do.

use atlas_protocol::{Event, JobId, Request, Stage, wire};
use js_sys::{Array, Uint8Array};
use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

use crate::clock::clock;
use crate::steer::recipe::Recipe;
use crate::text::t;

/// Where the worker's code lies, relative to the page.
const START: &str = "engine/start.js";

/// The worker, if one was started, and the jobs whose answers are awaited.
#[derive(Default)]
pub struct Engine {
    worker: Option<Running>,
    last: u32,
    /// The load under way.
    pub load: Option<JobId>,
    /// The reading (or its change of layer) under way.
    pub read: Option<JobId>,
    /// The generation under way.
    pub run: Option<JobId>,
    /// The batch of seeds under way.
    pub batch: Option<JobId>,
    /// The choices asked for.
    pub explain: Option<JobId>,
    /// What the engine wrote last: only its choices can be told.
    pub written: Option<Recipe>,
    /// The reading of the second text, when two are compared.
    pub second: Option<JobId>,
    /// The view of all layers asked for.
    pub depth: Option<JobId>,
    /// The words of an emotion that are asked for.
    pub lens: Option<JobId>,
    /// A text that the engine died of: it is not read again unless the visitor asks.
    pub avoid: Option<String>,
}

struct Running {
    worker: Worker,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _error: Closure<dyn FnMut(ErrorEvent)>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

/// What the worker said.
pub enum Said {
    /// A message of the protocol.
    Event(Event),
    /// It stopped, or could not be started.
    Crashed(String),
}

impl Engine {
    /// Whether a worker is there.
    #[must_use]
    pub const fn is_up(&self) -> bool {
        self.worker.is_some()
    }

    /// Starts the worker if there is none.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn spawn(&mut self, heard: impl Fn(Said) + Clone + 'static) -> Result<(), String> {
        if self.worker.is_some() {
            return Ok(());
        }
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(START, &options).map_err(|e| said(&e))?;
        let tell = heard.clone();
        let message = Closure::<dyn FnMut(MessageEvent)>::new(move |ev: MessageEvent| {
            tell(match ev.data().dyn_into::<Uint8Array>() {
                Ok(bytes) => wire::decode::<Event>(&bytes.to_vec())
                    .map_or_else(|e| Said::Crashed(e.to_string()), Said::Event),
                Err(other) => Said::Crashed(said(&other)),
            });
        });
        let error = Closure::<dyn FnMut(ErrorEvent)>::new(move |ev: ErrorEvent| {
            ev.prevent_default();
            // A file that does not arrive has no message.
            let words = js_sys::Reflect::get(&ev, &"message".into())
                .ok()
                .and_then(|m| m.as_string())
                .unwrap_or_default();
            heard(Said::Crashed(words));
        });
        worker.set_onmessage(Some(message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(error.as_ref().unchecked_ref()));
        self.worker = Some(Running {
            worker,
            _message: message,
            _error: error,
        });
        Ok(())
    }

    /// Ends the worker and forgets its jobs.
    pub fn stop(&mut self) {
        self.worker = None;
        self.forget();
    }

    /// No job's answer is awaited any more.
    pub fn forget(&mut self) {
        let (worker, last, avoid) = (self.worker.take(), self.last, self.avoid.take());
        *self = Self {
            worker,
            last,
            avoid,
            ..Self::default()
        };
    }

    /// A new name for a job.
    pub const fn next(&mut self) -> JobId {
        self.last += 1;
        JobId(self.last)
    }

    /// Sends a request; without a worker nothing happens.
    pub fn send(&self, request: &Request) {
        let Some(running) = &self.worker else { return };
        let bytes = Uint8Array::from(wire::encode(request).as_slice());
        let transfer = Array::of1(&bytes.buffer());
        if let Err(error) = running.worker.post_message_with_transfer(&bytes, &transfer) {
            leptos::logging::warn!("{}", said(&error));
        }
    }

    /// Asks for a job to be stopped.
    pub fn cancel(&self, job: Option<JobId>) {
        if let Some(job) = job {
            self.send(&Request::Cancel { job });
        }
    }
}

/// While a text is written, the engine takes every core it gets. Whatever the visitor presses then comes first.
pub fn give_way(engine: StoredValue<Engine, LocalStorage>) {
    /// Between two requests of a drag, in milliseconds.
    const APART: f64 = 50.0;
    let last = StoredValue::new(f64::NEG_INFINITY);
    let ask = move || {
        let now = clock();
        with(engine, |e| {
            let busy = e.run.is_some() || e.batch.is_some();
            if busy && now - last.get_value() > APART {
                last.set_value(now);
                e.send(&Request::GiveWay);
            }
        });
    };
    let handles = [
        window_event_listener(leptos::ev::pointerdown, move |_| ask()),
        window_event_listener(leptos::ev::keydown, move |_| ask()),
        window_event_listener(leptos::ev::click, move |_| ask()),
        window_event_listener(leptos::ev::input, move |_| ask()),
    ];
    on_cleanup(move || {
        for handle in handles {
            handle.remove();
        }
    });
}

/// A JavaScript value in words.
fn said(value: &JsValue) -> String {
    let field = |name: &str| {
        js_sys::Reflect::get(value, &name.into())
            .ok()
            .and_then(|v| v.as_string())
    };
    value
        .as_string()
        .or_else(|| field("message"))
        .or_else(|| field("error"))
        .unwrap_or_else(|| t("engine.no-reason").to_owned())
}

/// Why the engine cannot run in this browser, if it cannot; in words for people.
#[must_use]
pub fn unsupported() -> Option<&'static str> {
    if !has("Worker") {
        return Some(t("engine.no-workers"));
    }
    if !simd() {
        return Some(t("engine.no-simd"));
    }
    None
}

/// A stage of the start in words.
#[must_use]
pub fn stage_words(stage: Stage) -> &'static str {
    match stage {
        Stage::Fetching => t("stage.fetching"),
        Stage::FromCache => t("stage.cache"),
        Stage::SelfTest => t("stage.test"),
        Stage::Compiling => t("stage.compiling"),
    }
}

/// Whether the window has something of that name.
#[must_use]
pub fn has(name: &str) -> bool {
    js_sys::Reflect::get(&js_sys::global(), &name.into())
        .is_ok_and(|v| !v.is_undefined() && !v.is_null())
}

/// Asks the browser to check the smallest module that makes a vector.
fn simd() -> bool {
    const MODULE: [u8; 31] = [
        0, 97, 115, 109, 1, 0, 0, 0, // magic, version
        1, 5, 1, 96, 0, 1, 123, // one type: () -> v128
        3, 2, 1, 0, // one function of it
        10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98,
        11, // i32.const 0, i8x16.splat, i8x16.popcnt
    ];
    js_sys::WebAssembly::validate(&Uint8Array::from(MODULE.as_slice())).unwrap_or(false)
}

/// Changes the engine's record; the closure may send.
pub fn with<T>(
    engine: StoredValue<Engine, LocalStorage>,
    change: impl FnOnce(&mut Engine) -> T,
) -> Option<T> {
    let mut out = None;
    engine.try_update_value(|e| out = Some(change(e)));
    out
}

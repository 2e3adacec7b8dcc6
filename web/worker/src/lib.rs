//! The engine's module: [`atlas_session`] behind `postMessage`.
//!
//! `engine.js` loads it in a worker, then calls [`start`] once and [`receive`] for every message. Messages
//! are [`atlas_protocol`]'s, as bytes. Jobs wait in a queue and run one after another; `Cancel`
//! overtakes them.
//!
//! It is built twice: for the GPU and one thread, and, with `--no-default-features` and atomics, for the CPU
//! and many threads ([`threads`]). `start.js` chooses; when a job turns out to need the other build, it is handed
//! over ([`jobs::hand_over`]).
//!
//! A trap (out of memory, or a bug) ends this instance of the module for good. What the page is told
//! then lies ready on the JavaScript side (see [`jobs`]), and `start.js` starts a fresh instance.

#![cfg(target_family = "wasm")]

mod cache;
mod fetch;
mod gpu;
mod host;
mod jobs;
mod out;
mod pulse;
mod shell;
#[cfg(target_feature = "atomics")]
mod threads;

use atlas_protocol::{Request, wire};
use atlas_session::Session;
use wasm_bindgen::prelude::*;

/// Sets the worker up. `models` is the address of the folder of all models.
#[wasm_bindgen]
pub fn start(shell: shell::Shell, models: String) {
    shell::set(shell);
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        out::panicked(&info.to_string());
    }));
    wasm_bindgen_futures::spawn_local(async move {
        let mut session = Session::new(host::WorkerHost::new(models));
        loop {
            let request = jobs::next().await;
            session.handle(request).await;
            jobs::done();
        }
    });
}

/// Takes a message from the page.
///
/// # Errors
/// When it is not one of this version, e.g. because page and engine come from different releases.
#[wasm_bindgen]
pub fn receive(message: &[u8]) -> Result<(), JsError> {
    match wire::decode::<Request>(message) {
        Ok(Request::Cancel { job }) => jobs::cancel(job),
        Ok(Request::GiveWay) => pulse::give_way(),
        Ok(request) => jobs::add(request),
        Err(error) => return Err(JsError::new(&error.to_string())),
    }
    Ok(())
}

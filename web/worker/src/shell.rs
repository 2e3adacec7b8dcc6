//! What JavaScript around this module does for it: see `engine.js`.

use js_sys::{Array, Uint8Array};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    /// The object that `engine.js` gives to [`start`](crate::start).
    #[derive(Clone)]
    pub type Shell;

    /// Sends an event's bytes to the page.
    #[wasm_bindgen(method, catch)]
    fn post(this: &Shell, event: &Uint8Array) -> Result<(), JsValue>;

    /// Keeps the events to send should this instance die.
    #[wasm_bindgen(method, catch)]
    fn remember(this: &Shell, words: &Array) -> Result<(), JsValue>;

    /// Looks for a GPU: `{ name }` or `{ why }`.
    #[wasm_bindgen(method, catch)]
    fn look(this: &Shell, software: bool) -> Result<js_sys::Promise, JsValue>;

    /// Gives all messages to the other build, if there is one.
    #[wasm_bindgen(method, catch, js_name = handOver)]
    fn hand_over(
        this: &Shell,
        gpu: bool,
        failed: Option<&str>,
        messages: &Array,
    ) -> Result<bool, JsValue>;
}

thread_local! {
    static SHELL: RefCell<Option<Shell>> = const { RefCell::new(None) };
}

/// The shell of this thread from now on. Threads of the pool have none.
pub fn set(shell: Shell) {
    SHELL.set(Some(shell));
}

/// What can fail in the shell is a page that is gone: then nobody is there to be told.
fn with<T>(ask: impl FnOnce(&Shell) -> Result<T, JsValue>) -> Option<T> {
    let shell = SHELL.with_borrow(Clone::clone)?;
    ask(&shell).ok()
}

/// Sends an event's bytes to the page.
pub fn post(event: &Uint8Array) {
    with(|shell| shell.post(event));
}

/// Leaves the events to send should this instance die.
pub fn remember(words: &Array) {
    with(|shell| shell.remember(words));
}

/// Looks for a GPU.
pub async fn look(software: bool) -> Option<JsValue> {
    let promise = with(|shell| shell.look(software))?;
    JsFuture::from(promise).await.ok()
}

/// Whether the other build takes the messages; then nothing of this instance is heard any more.
pub fn hand_over(gpu: bool, failed: Option<&str>, messages: &Array) -> bool {
    with(|shell| shell.hand_over(gpu, failed, messages)).unwrap_or(false)
}

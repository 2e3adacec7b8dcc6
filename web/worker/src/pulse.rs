//! Letting the event loop run.

use std::cell::Cell;

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageChannel, MessagePort};

/// How long the engine gives way, in milliseconds: a page that has the processor draws its answer within this time.
const MOMENT: f64 = 100.0;

thread_local! {
    /// Until when it gives way, in milliseconds since the worker began.
    static UNTIL: Cell<f64> = const { Cell::new(0.0) };
}

/// The next beats take a moment: the page needs the processor.
pub fn give_way() {
    UNTIL.set(now() + MOMENT);
}

/// Milliseconds since the worker began.
pub fn now() -> f64 {
    crate::host::scope()
        .and_then(|s| s.performance())
        .map_or(0.0, |p| p.now())
}

/// A message to oneself: it comes behind those that are waiting, without the 4 ms that timers take.
pub struct Pulse {
    ports: Option<(MessagePort, MessagePort)>,
}

impl Pulse {
    pub fn new() -> Self {
        let channel = MessageChannel::new().ok();
        Self {
            ports: channel.map(|c| (c.port1(), c.port2())),
        }
    }

    /// Waits until what is queued has been heard, and as long as the page needs the processor.
    pub async fn beat(&self) {
        self.hear().await;
        loop {
            let left = (UNTIL.get() - now()).min(MOMENT);
            if left <= 0.0 {
                return;
            }
            pause(left.ceil() as i32).await;
        }
    }

    async fn hear(&self) {
        let Some((here, there)) = &self.ports else {
            return pause(0).await;
        };
        let heard = Promise::new(&mut |resolve, _| {
            here.set_onmessage(Some(&resolve));
            let _ = there.post_message(&JsValue::NULL);
        });
        let _ = JsFuture::from(heard).await;
    }
}

/// Waits some milliseconds.
pub async fn pause(milliseconds: i32) {
    let Some(scope) = crate::host::scope() else {
        return;
    };
    let over = Promise::new(&mut |resolve, _| {
        let _ = scope.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds);
    });
    let _ = JsFuture::from(over).await;
}

//! Letting the event loop run.

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageChannel, MessagePort};

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

    /// Waits until what is queued has been heard.
    pub async fn beat(&self) {
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

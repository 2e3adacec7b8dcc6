//! Is there a GPU? `adapter.js` looks.

use crate::shell;
use atlas_protocol::Why;
use js_sys::Reflect;
use wasm_bindgen::JsValue;

/// Name of the WebGPU adapter, or why there is none to use.
pub async fn adapter(software: bool) -> Result<String, Why> {
    let found = shell::look(software).await.ok_or(Why::Silent)?;
    let text = |key: &str| {
        Reflect::get(&found, &JsValue::from(key))
            .ok()
            .and_then(|value| value.as_string())
    };
    let why = || text("why").map_or(Why::Silent, |code| Why::of_code(&code));
    text("name").ok_or_else(why)
}

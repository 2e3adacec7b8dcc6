//! Is there a GPU? `adapter.js` looks.

use crate::shell;
use js_sys::Reflect;
use wasm_bindgen::JsValue;

/// Name of the WebGPU adapter, or why there is none to use.
pub async fn adapter(software: bool) -> Result<String, String> {
    let found = shell::look(software)
        .await
        .ok_or("WebGPU could not be asked")?;
    let text = |key: &str| {
        Reflect::get(&found, &JsValue::from(key))
            .ok()
            .and_then(|value| value.as_string())
    };
    let why = || text("why").unwrap_or_else(|| "WebGPU did not answer".into());
    text("name").ok_or_else(why)
}

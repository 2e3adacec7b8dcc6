//! Is there a GPU? Asked here first, for the engine's runtime panics without one.

use crate::host;
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Name of the WebGPU adapter, or why there is none.
pub async fn adapter() -> Result<String, String> {
    let scope = host::scope().ok_or("this is no web worker")?;
    if !scope.is_secure_context() {
        return Err("WebGPU needs an https address".into());
    }
    let gpu = member(&scope.navigator(), "gpu").ok_or("this browser has no WebGPU")?;
    let found = call(&gpu, "requestAdapter")
        .await
        .ok_or("WebGPU did not answer")?;
    if found.is_null() || found.is_undefined() {
        return Err("WebGPU found no graphics card it can use".into());
    }
    let info = member(&found, "info");
    let text = |key| {
        info.as_ref()
            .and_then(|info| member(info, key)?.as_string())
    };
    let one = ["description", "device"]
        .into_iter()
        .filter_map(text)
        .find(|t| !t.is_empty());
    let kind = || {
        ["vendor", "architecture"]
            .map(|key| text(key).unwrap_or_default())
            .join(" ")
    };
    let name = one.unwrap_or_else(kind);
    Ok(if name.trim().is_empty() {
        "GPU".into()
    } else {
        name.trim().into()
    })
}

fn member(of: &JsValue, key: &str) -> Option<JsValue> {
    let value = Reflect::get(of, &key.into()).ok()?;
    (!value.is_null() && !value.is_undefined()).then_some(value)
}

async fn call(of: &JsValue, method: &str) -> Option<JsValue> {
    let function: Function = member(of, method)?.dyn_into().ok()?;
    let promise: Promise = function.call0(of).ok()?.dyn_into().ok()?;
    JsFuture::from(promise).await.ok()
}

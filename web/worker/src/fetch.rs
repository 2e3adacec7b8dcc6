//! Fetching with progress.

use crate::{host, jobs, pulse};
use atlas_protocol::{JobId, Problem};
use js_sys::{Function, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, ReadableStreamDefaultReader, RequestCache, RequestInit, Response};

/// Pauses before a dropped file is asked for again, milliseconds.
const PAUSES: [i32; 2] = [500, 2000];

/// How a fetch failed.
struct Failure {
    reason: String,
    /// Whether asking again may help.
    again: bool,
}

/// Fetches a file of about `expected` bytes, if need be three times.
pub async fn file(
    job: JobId,
    url: &str,
    name: &str,
    expected: u64,
    cache: RequestCache,
    on_bytes: &mut dyn FnMut(u64),
) -> Result<Vec<u8>, Problem> {
    let mut pauses = PAUSES.into_iter();
    loop {
        if jobs::cancelled(job) {
            return Err(Problem::Cancelled);
        }
        let failure = match once(url, expected, cache, on_bytes).await {
            Ok(bytes) => return Ok(bytes),
            Err(failure) => failure,
        };
        if jobs::cancelled(job) {
            return Err(Problem::Cancelled);
        }
        match pauses.next() {
            Some(pause) if failure.again => pulse::pause(pause).await,
            _ => {
                return Err(Problem::Fetch {
                    file: name.to_owned(),
                    reason: failure.reason,
                });
            }
        }
    }
}

async fn once(
    url: &str,
    expected: u64,
    cache: RequestCache,
    on_bytes: &mut dyn FnMut(u64),
) -> Result<Vec<u8>, Failure> {
    let scope = host::scope().ok_or_else(|| dropped(&JsValue::NULL))?;
    let abort = AbortController::new().map_err(|e| dropped(&e))?;
    let stop = Reflect::get(&abort, &"abort".into())
        .ok()
        .and_then(|f| f.dyn_into::<Function>().ok());
    jobs::on_cancel(stop.map(|f| f.bind0(&abort)));

    let options = RequestInit::new();
    options.set_cache(cache);
    options.set_signal(Some(&abort.signal()));
    let response = JsFuture::from(scope.fetch_with_str_and_init(url, &options)).await;
    let response: Response = response
        .and_then(JsCast::dyn_into)
        .map_err(|e| dropped(&e))?;
    if !response.ok() {
        let status = response.status();
        let reason = match status {
            404 => "the site has no such file".into(),
            _ => format!("the server answered {status}"),
        };
        return Err(Failure {
            reason,
            again: status >= 500 || status == 429,
        });
    }
    let capacity = usize::try_from(expected).unwrap_or(0);
    let mut bytes = Vec::with_capacity(capacity);
    let Some(body) = response.body() else {
        return Ok(bytes);
    };
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    loop {
        let read = JsFuture::from(reader.read())
            .await
            .map_err(|e| dropped(&e))?;
        let value = Reflect::get(&read, &"value".into()).unwrap_or(JsValue::UNDEFINED);
        if let Ok(chunk) = value.dyn_into::<Uint8Array>() {
            let start = bytes.len();
            bytes.resize(start + chunk.length() as usize, 0);
            chunk.copy_to(&mut bytes[start..]);
            on_bytes(bytes.len() as u64);
        }
        let done = Reflect::get(&read, &"done".into()).is_ok_and(|d| d.is_truthy());
        if done || bytes.len() > capacity {
            // More than was listed is not the file: the caller will see so.
            if !done {
                abort.abort();
            }
            break;
        }
    }
    jobs::on_cancel(None);
    Ok(bytes)
}

/// The connection failed.
fn dropped(error: &JsValue) -> Failure {
    let said = error
        .dyn_ref::<js_sys::Error>()
        .map(|e| String::from(e.message()));
    let reason = match said.filter(|s| !s.is_empty()) {
        Some(said) => format!("the connection failed: {}", said.trim_end_matches('.')),
        None => "the connection failed".into(),
    };
    Failure {
        reason,
        again: true,
    }
}

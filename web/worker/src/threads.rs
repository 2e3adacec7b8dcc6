//! Threads: only in the build whose memory can be shared.

use atlas_kernels::Pool;
use js_sys::Array;
use wasm_bindgen::prelude::*;

/// What another worker needs to join: the compiled module and its memory.
#[wasm_bindgen]
#[must_use]
pub fn parts() -> Array {
    Array::of2(&wasm_bindgen::module(), &wasm_bindgen::memory())
}

/// Makes the calling worker one of the pool's threads, for ever.
#[wasm_bindgen]
pub fn serve_thread() {
    Pool::global().serve()
}

//! The same bits in a browser as natively (`tests/bits.rs`).

#![cfg(target_family = "wasm")]

mod common;

use atlas_kernels::Pool;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

#[wasm_bindgen_test]
fn a_step_has_the_same_bits_everywhere() {
    let bits = common::step(Pool::global());
    assert_eq!(
        bits,
        common::BITS,
        "{bits:#x} with {}",
        atlas_kernels::isa()
    );
}

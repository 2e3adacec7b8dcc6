//! The same bits on every processor: see `tests/wasm.rs` for the browser's half.

#![cfg(not(target_family = "wasm"))]

mod common;

use atlas_kernels::Pool;

#[test]
fn a_step_has_the_same_bits_everywhere() {
    for threads in 1..=3 {
        let bits = common::step(&Pool::new(threads));
        assert_eq!(
            bits,
            common::BITS,
            "{bits:#x} with {threads} threads, {}",
            atlas_kernels::isa()
        );
    }
}

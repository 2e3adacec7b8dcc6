//! The same bits on every processor: see `tests/wasm.rs` for the browser's half.

#![cfg(not(target_family = "wasm"))]

mod common;

use atlas_kernels::Pool;
use std::process::Command;

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

/// The instruction set is chosen once per process, hence the processes. What this one lacks is the fastest again.
#[test]
fn a_step_has_the_same_bits_on_slower_instructions() {
    for isa in ["scalar", "avx2", "avx512"] {
        let this = std::env::current_exe().expect("a test has a path");
        let run = Command::new(this)
            .args(["--exact", "a_step_has_the_same_bits_everywhere"])
            .env("ATLAS_ISA", isa)
            .output()
            .expect("a test runs twice");
        let said = String::from_utf8_lossy(&run.stdout);
        assert!(run.status.success(), "{isa}: {said}");
        assert!(said.contains("1 passed"), "{isa}: {said}");
    }
}

//! The page in a real browser. One test at a time (`--test-threads 1`): speed is measured, too.
//! Screenshots are kept in `target/browser-tests/`; look at them.
#![allow(clippy::print_stdout, reason = "measurements and sentences are shown")]

mod bad_input;
mod bench;
mod cache;
mod first_visit;
mod harness;
mod journey;
mod report;
mod steps;
mod threads;
mod webgpu;

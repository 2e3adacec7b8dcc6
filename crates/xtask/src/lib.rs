//! Automation of this repository, and the static [`server`] that the browser tests share with it.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool says what it does"
)]

mod bench;
mod checks;
mod cli;
mod engine;
pub mod place;
mod serve;
pub mod server;
pub mod setup;
mod shell;
mod site;
mod test;
mod tidy;
pub mod weight;

pub use cli::main;

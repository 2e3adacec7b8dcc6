//! `cargo xtask`: set-up, building, serving, tidying and testing, each as one command.

use std::process::ExitCode;

fn main() -> ExitCode {
    xtask::main()
}

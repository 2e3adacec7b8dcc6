//! `atlas`: what the page does, and what makes its files, from a terminal.

mod bench;
mod corpus;
mod engine;
mod evaluate;
mod example;
mod extract;
mod files;
mod generate;
mod means;
mod open;
mod pack;
mod read;
mod report;
mod scale;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Emotion vectors of small language models: extract, evaluate, read, steer.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Stories to emotion vectors: writes vectors.safetensors and vectors.json into the model's folder.
    Extract(extract::Args),
    /// Measure vectors: principal components against ratings, retrieval of held-out topics, neighbours.
    Evaluate(evaluate::Args),
    /// Read a text: the strongest emotions of every token.
    Read(read::Args),
    /// Continue a prompt, plain and steered, from one seed.
    Generate(generate::Args),
    /// Store the outputs that the page shows before a model is there: writes examples.json.
    Example(example::Args),
    /// List a model's files with lengths, hashes and self-test: writes model.json.
    Pack(pack::Args),
    /// Measure how fast this machine reads, writes and extracts.
    Bench(bench::Args),
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Extract(args) => extract::run(&args),
        Command::Evaluate(args) => evaluate::run(&args),
        Command::Read(args) => read::run(&args),
        Command::Generate(args) => generate::run(&args),
        Command::Example(args) => example::run(&args),
        Command::Pack(args) => pack::run(&args),
        Command::Bench(args) => bench::run(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        #[expect(
            clippy::print_stderr,
            reason = "a terminal program's one place for errors"
        )]
        Err(error) => {
            eprintln!("atlas: {error:#}");
            ExitCode::FAILURE
        }
    }
}

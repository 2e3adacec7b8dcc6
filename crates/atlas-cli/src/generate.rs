//! `atlas generate`.

use crate::engine::{Engine, parse_push, setting};
use anyhow::Result;
use atlas_protocol::Sampling;
use atlas_units::Strength;
use std::path::PathBuf;

/// Options of `atlas generate`.
#[derive(clap::Args)]
pub struct Args {
    /// The model's folder.
    #[arg(long, default_value = "models/smollm2-135m-instruct")]
    model: PathBuf,
    /// What to push, in percent of the mean residual norm: `--push calm:25 --push angry:-10`.
    #[arg(long, value_parser = parse_push, allow_hyphen_values = true)]
    push: Vec<(String, Strength)>,
    /// Give the prompt as a user's chat turn.
    #[arg(long)]
    chat: bool,
    /// Seed of the random numbers.
    #[arg(long, default_value_t = 3)]
    seed: u32,
    /// 0 takes the most likely token.
    #[arg(long, default_value_t = 0.7)]
    temperature: f32,
    /// Stop after this many tokens.
    #[arg(long, default_value_t = 96)]
    tokens: u32,
    /// The prompt.
    prompt: String,
}

/// Generates and prints.
#[expect(clippy::print_stdout, reason = "what a terminal program is for")]
pub fn run(args: &Args) -> Result<()> {
    let mut engine = Engine::start(&args.model)?;
    let sampling = Sampling {
        seed: args.seed,
        temperature: args.temperature,
        max_tokens: args.tokens,
        ..Sampling::default()
    };
    let (plain, steered, speed) =
        engine.generate(&args.prompt, setting(args.chat), &args.push, sampling)?;
    println!("Plain:\n{plain}\n\nSteered:\n{steered}\n\n{speed:.1} tokens/s, both together");
    Ok(())
}

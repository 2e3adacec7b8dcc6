//! The command line.

use crate::{bench, engine, place::Place, serve, setup, site, test, tidy};
use anyhow::{Context, Result, bail};
use lexopt::prelude::*;
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask <command>

  serve [--port N] [--sub-path NAME] [--no-open] [--dev]
                        set up what is missing, build, serve, open the browser
  build                 the static site, in dist/
  test [--native] [--wasm] [--browser]
                        every test, or only the parts that are named
  tidy                  formatting, clippy (native and wasm), docs, house rules
  bench [--only browser|native|extract] [--quick]
                        ours beside wllama, llama.cpp and PyTorch: BENCHMARKS.md
  setup                 only install what is missing
  engine                only build the engine (web/engine/)

--release is the default and may be left out.
CARGO_TARGET_DIR is respected. CHROME names the browser for the tests.";

/// What was asked for.
#[derive(Debug, Default)]
pub(crate) struct Options {
    command: String,
    pub port: Option<u16>,
    pub sub_path: String,
    pub no_open: bool,
    pub dev: bool,
    pub native: bool,
    pub wasm: bool,
    pub browser: bool,
    pub only: String,
    pub quick: bool,
}

fn parse() -> Result<Options> {
    let mut options = Options::default();
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Short('h') | Long("help") => options.command = "help".into(),
            Long("port") => options.port = Some(parser.value()?.parse()?),
            Long("sub-path") => options.sub_path = parser.value()?.string()?,
            Long("no-open") => options.no_open = true,
            Long("dev") => options.dev = true,
            Long("release") => options.dev = false,
            Long("native") => options.native = true,
            Long("wasm") => options.wasm = true,
            Long("browser") => options.browser = true,
            Long("only") => options.only = parser.value()?.string()?,
            Long("quick") => options.quick = true,
            Value(name) if options.command.is_empty() => options.command = name.string()?,
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(options)
}

fn dispatch() -> Result<()> {
    let options = parse().context("see `cargo xtask help`")?;
    let place = Place::find()?;
    match options.command.as_str() {
        "" | "help" => println!("{HELP}"),
        "setup" => {
            setup::for_building(&place)?;
            setup::chromium::find_or_install()?;
        }
        "engine" => engine::build(&place, &setup::for_building(&place)?)?,
        "build" => site::build(&place, &setup::for_building(&place)?)?,
        "serve" => serve::run(&place, &options)?,
        "tidy" => tidy::run(&place)?,
        "test" => test::run(&place, &options)?,
        "bench" => bench::run(&place, &options)?,
        other => bail!("there is no command `{other}`; see `cargo xtask help`"),
    }
    Ok(())
}

/// Runs the command line.
#[must_use]
pub fn main() -> ExitCode {
    match dispatch() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

//! `cargo xtask bench`: ours beside what else a visitor or a researcher would use, taking turns on one machine.

mod browser;
mod kit;
mod machine;
mod native;
mod page;
mod rows;

use crate::{cli::Options, place::Place};
use anyhow::{Result, bail};
use rows::{Book, Part};
use std::time::Instant;

/// The model that everything is measured with.
const MODEL: &str = "smollm2-135m-instruct";
/// Tokens written after the prompt of 200.
const DECODE: u32 = 64;
/// Numbers of threads.
const THREADS: [u32; 2] = [1, 2];

/// How often everything takes its turn, and how many runs a turn has.
#[derive(Clone, Copy)]
struct Effort {
    rounds: u32,
    runs: u32,
    stories: u32,
}

/// Measures the parts that were asked for, and writes the tables of all.
pub(crate) fn run(place: &Place, options: &Options) -> Result<()> {
    let wanted = |part: &str| options.only.is_empty() || options.only == part;
    if !["", "browser", "native", "extract"].contains(&options.only.as_str()) {
        bail!("--only takes browser, native or extract");
    }
    let effort = if options.quick {
        Effort {
            rounds: 1,
            runs: 1,
            stories: 16,
        }
    } else {
        Effort {
            rounds: 3,
            runs: 3,
            stories: 64,
        }
    };
    let mut book = Book::open(place);
    book.machine = machine::describe();
    type Measure = fn(&Place, Effort) -> Result<Part>;
    let parts: [(&str, Measure); 3] = [
        ("browser", browser::run),
        ("native", native::generation),
        ("extract", native::extraction),
    ];
    for (name, measure) in parts {
        if !wanted(name) {
            continue;
        }
        println!("\n== {name}");
        let (load, start) = (machine::load(), Instant::now());
        let mut part = measure(place, effort)?;
        part.date = machine::today();
        part.load = load;
        part.seconds = start.elapsed().as_secs();
        part.quick = options.quick;
        book.put(name, part);
        // After each part, so that nothing is lost if the next one fails.
        page::write(place, &book)?;
    }
    println!("\n{}", page::table(&book));
    println!("written: {}, {}", page::PAGE, rows::BOOK);
    Ok(())
}

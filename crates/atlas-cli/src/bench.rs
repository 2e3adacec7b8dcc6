//! `atlas bench`: how fast this machine reads, writes and extracts.

use crate::engine::Engine;
use crate::{corpus, open};
use anyhow::{Context, Result, ensure};
use atlas_kernels::{Pool, isa};
use atlas_lm::device;
use atlas_probe::Extractor;
use atlas_protocol::{BenchPlan, BenchReport};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// First token of a story that enters its mean, as `atlas extract` has it.
const FIRST_TOKEN: usize = 20;

/// Options of `atlas bench`.
#[derive(clap::Args)]
pub struct Args {
    /// The model's folder.
    #[arg(long, default_value = "models/smollm2-135m-instruct")]
    model: PathBuf,
    /// Tokens of the prompt.
    #[arg(long, default_value_t = 200)]
    prompt: u32,
    /// Tokens that are written after it.
    #[arg(long, default_value_t = 64)]
    decode: u32,
    /// Runs; medians are shown.
    #[arg(long, default_value_t = 3)]
    runs: u32,
    /// Numbers of threads to try.
    #[arg(long, value_delimiter = ',', default_value = "1,2")]
    threads: Vec<u32>,
    /// Stories to extract; 0 leaves extraction out.
    #[arg(long, default_value_t = 32)]
    stories: usize,
    /// Stories that run together.
    #[arg(long, default_value_t = 16)]
    batch: usize,
    /// Where the stories are.
    #[arg(long, default_value = "models/corpus/told-stories.jsonl")]
    corpus: PathBuf,
    /// Measure extraction alone.
    #[arg(long)]
    only_extract: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Everything that was measured.
#[derive(Serialize)]
struct Found {
    model: String,
    version: &'static str,
    /// Instructions of the CPU's arithmetic.
    isa: &'static str,
    /// One per number of threads.
    generation: Vec<BenchReport>,
    /// One per number of threads.
    extraction: Vec<Extraction>,
    /// Most memory that this process held while it read and wrote plainly, bytes; 0 where that is not told.
    peak_bytes: u64,
}

/// Extraction: every layer's residuals, averaged story by story.
#[derive(Serialize)]
struct Extraction {
    threads: usize,
    stories: usize,
    tokens: usize,
    tokens_per_second: f64,
}

/// Measures and prints.
#[expect(clippy::print_stdout, reason = "what a terminal program is for")]
pub fn run(args: &Args) -> Result<()> {
    ensure!(args.runs > 0, "--runs 0 measures nothing");
    let mut found = Found {
        model: name(&args.model),
        version: env!("CARGO_PKG_VERSION"),
        isa: isa(),
        generation: vec![],
        extraction: vec![],
        peak_bytes: 0,
    };
    if !args.only_extract {
        let mut engine = Engine::start(&args.model)?;
        let plan = BenchPlan {
            prompt: args.prompt,
            decode: args.decode,
            rounds: 1,
            threads: 0,
            plain_only: true,
        };
        // First of all: what follows takes more memory than writing does.
        engine.bench(plan)?;
        found.peak_bytes = peak_bytes();
        for &threads in &args.threads {
            let plan = BenchPlan {
                rounds: args.runs,
                threads,
                plain_only: false,
                ..plan
            };
            found.generation.push(engine.bench(plan)?);
        }
    }
    if args.stories > 0 {
        found.extraction = extraction(args)?;
    }
    if args.json {
        println!("{}", serde_json::to_string(&found)?);
    } else {
        print!("{}", table(&found));
    }
    Ok(())
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(
        || "model".into(),
        |name| name.to_string_lossy().into_owned(),
    )
}

fn extraction(args: &Args) -> Result<Vec<Extraction>> {
    let opened = open::open(&args.model, device::cpu())?;
    let mut texts = corpus::stories(&[&args.corpus])?
        .iter()
        .take(args.stories)
        .map(|story| Ok(opened.tokenizer.encode(&story.text)?))
        .collect::<Result<Vec<_>>>()?;
    // Texts of one length run together, so that little is padded.
    texts.sort_by_key(Vec::len);
    let tokens = texts.iter().map(Vec::len).sum();
    let extractor = Extractor::new(&opened.model, FIRST_TOKEN);
    let warm = texts.first().context("no stories")?;
    pollster::block_on(extractor.run(std::slice::from_ref(warm)))?;
    let mut found = vec![];
    for &threads in &args.threads {
        let all = threads == 0;
        Pool::global().set_threads(if all { usize::MAX } else { threads.try_into()? });
        let mut seconds = vec![];
        for _ in 0..args.runs {
            let start = Instant::now();
            for batch in texts.chunks(args.batch.max(1)) {
                pollster::block_on(extractor.run(batch))?;
            }
            seconds.push(start.elapsed().as_secs_f64());
        }
        seconds.sort_by(f64::total_cmp);
        #[expect(clippy::cast_precision_loss, reason = "a figure to show")]
        found.push(Extraction {
            threads: Pool::global().threads(),
            stories: texts.len(),
            tokens,
            tokens_per_second: tokens as f64 / seconds[seconds.len() / 2],
        });
    }
    Ok(found)
}

/// `VmHWM` of this process, where there is such a file.
fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

/// The figures for people.
fn table(found: &Found) -> String {
    let mut out = format!("{}, {}\n", found.model, found.isa);
    let mut line = |cells: [String; 7]| {
        let [first, rest @ ..] = cells;
        let rest = rest.map(|cell| format!("{cell:>11}")).concat();
        out += &format!("{first:<8}{rest}\n");
    };
    if !found.generation.is_empty() {
        line(
            [
                "threads",
                "prompt",
                "decode",
                "+ reading",
                "+ steering",
                "+ both",
                "cost",
            ]
            .map(Into::into),
        );
    }
    for report in &found.generation {
        let pace = |pace: f32| format!("{pace:.1}/s");
        line([
            report.threads.to_string(),
            pace(report.prompt),
            pace(report.plain),
            pace(report.reading),
            pace(report.steering),
            pace(report.both),
            format!("{:+.1} %", report.cost * 100.0),
        ]);
    }
    for report in &found.generation {
        let gigabytes = |bytes: f32| bytes / 1e9;
        if let Some(share) = report.share() {
            out += &format!(
                "{} threads read {:.1} of {:.1} GB/s of weights while they write ({:.0} %)\n",
                report.threads,
                gigabytes(report.weights_per_second()),
                gigabytes(report.bandwidth),
                share * 100.0
            );
        }
    }
    for run in &found.extraction {
        out += &format!(
            "{} threads extract {:.0} tokens/s ({} stories, {} tokens)\n",
            run.threads, run.tokens_per_second, run.stories, run.tokens
        );
    }
    if found.peak_bytes > 0 {
        let megabytes = found.peak_bytes / 1_000_000;
        out += &format!("peak memory, plain writing: {megabytes} MB\n");
    }
    out
}

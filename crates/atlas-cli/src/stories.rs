//! `atlas stories`: a model writes the stories that its own vectors can be made from.

mod ask;
mod compare;
mod filter;
mod topics;

pub use compare::OWN;

use crate::kept::Kept;
use crate::{files, open};
use anyhow::{Result, bail, ensure};
use ask::{Asked, Way};
use atlas_affect::words;
use atlas_lab::{Draft, Push, Writing};
use atlas_lm::{SamplingConfig, device};
use filter::Fault;
use indicatif::{ProgressBar, ProgressStyle};
use open::Opened;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;

/// A token that ends texts where the weights name fewer stop tokens than the model knows.
const END_OF_TEXT: &str = "<|endoftext|>";
/// How tokens are drawn: a bit more freely than on the page, so that stories differ.
const SAMPLING: SamplingConfig = SamplingConfig {
    seed: 0,
    temperature: 0.8,
    top_k: 50,
    top_p: 0.95,
    repetition_penalty: 1.1,
};

/// Options of `atlas stories`.
#[derive(clap::Args)]
pub struct Args {
    /// The model: its folder, or a GGUF file.
    #[arg(long)]
    pub model: PathBuf,
    /// Where the stories go; with --compare, where they are.
    #[arg(long)]
    pub out: PathBuf,
    /// How many of the topics, from the first on.
    #[arg(long, default_value_t = 2)]
    pub topics: usize,
    /// How often a story that is not kept is asked for again, with other random numbers.
    #[arg(long, default_value_t = 3)]
    pub again: usize,
    /// Tokens of a story at most.
    #[arg(long, default_value_t = 100)]
    pub tokens: usize,
    /// Let the model continue a sentence that names the emotion, instead of asking it in a chat.
    #[arg(long)]
    pub plain: bool,
    /// Seed of the random numbers.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Stories that are written together; the result does not depend on it.
    #[arg(long, default_value_t = 64)]
    pub batch: usize,
    /// Where parts are kept, so that an interrupted run goes on.
    #[arg(long, default_value = "target/atlas")]
    pub work: PathBuf,
    /// Write nothing: compare the stories in --out with the corpora, and write STORIES.md into the model's folder.
    #[arg(long)]
    pub compare: bool,
    /// Folder of the corpora to compare with.
    #[arg(long, default_value = "models/corpus")]
    pub corpus: PathBuf,
}

/// A line of the file.
#[derive(Serialize)]
struct Line<'a> {
    emotion: &'a str,
    topic: u32,
    writer: &'a str,
    text: &'a str,
}

/// What became of everything asked for: beside the stories, as `.counts.json`.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Counts {
    /// The request, with the first emotion and topic.
    pub request: String,
    /// Topics.
    pub topics: usize,
    /// Stories written.
    pub written: usize,
    /// Stories kept.
    pub kept: usize,
    /// By what was wrong with them first.
    pub rejected: BTreeMap<Fault, usize>,
    /// Emotions without any story.
    pub missing: Vec<String>,
}

/// Writes stories, or compares them.
pub fn run(args: &Args) -> Result<()> {
    let opened = open::open(&args.model, device::cpu())?;
    if args.compare {
        return compare::run(args, &opened);
    }
    let way = match (args.plain, &opened.template) {
        (true, _) => Way::Plain,
        (false, Some(_)) => Way::Chat,
        (false, None) => bail!(
            "{} has no chat template, so it cannot be asked for stories. With --plain it continues a sentence that names the emotion \
             instead; what is kept comes after that sentence",
            opened.id
        ),
    };
    ensure!(
        (1..=topics::TOPICS.len()).contains(&args.topics),
        "--topics: 1 to {}",
        topics::TOPICS.len()
    );
    let (stories, counts) = write(args, &opened, way)?;
    let mut lines = String::new();
    for (asked, text) in &stories {
        let line = Line {
            emotion: asked.word(),
            topic: asked.number()?,
            writer: &opened.id,
            text,
        };
        lines += &serde_json::to_string(&line)?;
        lines.push('\n');
    }
    files::write(&args.out, lines.as_bytes())?;
    files::write(&counts_of(args), &serde_json::to_vec_pretty(&counts)?)?;
    std::io::stdout().write_all(counts.told().as_bytes())?;
    Ok(())
}

/// Where the counts lie.
fn counts_of(args: &Args) -> PathBuf {
    args.out.with_extension("counts.json")
}

impl Counts {
    /// For people.
    pub fn told(&self) -> String {
        let mut out = format!(
            "{} stories on {} topics were written, {} kept. Rejected:",
            self.written, self.topics, self.kept
        );
        for fault in Fault::ALL {
            let count = self.rejected.get(&fault).copied().unwrap_or(0);
            let _ = write!(out, " {} {count},", fault.name());
        }
        out.pop();
        if self.missing.is_empty() {
            out += ". Every emotion has a story.\n";
        } else {
            let _ = writeln!(out, ". Without a story: {}.", self.missing.join(", "));
        }
        out
    }
}

/// Asks for every emotion on every topic, and again for what is not kept.
fn write(args: &Args, opened: &Opened, way: Way) -> Result<(Vec<(Asked, String)>, Counts)> {
    let model = files::sha256(&opened.weights)?;
    let kept = Kept::new(
        &args.work,
        &format!("stories-{}-{}", opened.id, &model[..8]),
    )?;
    let mut stops = opened.model.config().stop_tokens.clone();
    stops.extend(opened.tokenizer.id(END_OF_TEXT));
    let writing = Writing {
        tokens: args.tokens,
        sampling: SAMPLING,
        stops,
    };
    let mut wanted: Vec<Asked> = (0..args.topics)
        .flat_map(|topic| {
            (0..words::emotions().len()).map(move |emotion| Asked {
                emotion,
                topic,
                attempt: 0,
            })
        })
        .collect();
    let mut counts = Counts {
        request: ask::prompt(opened, way, wanted[0])?,
        topics: args.topics,
        ..Counts::default()
    };
    let mut stories = vec![];
    for attempt in 0..=args.again {
        let bar = ProgressBar::new(wanted.len() as u64).with_style(ProgressStyle::with_template(
            "{msg} {wide_bar} {pos}/{len} stories, {eta} left",
        )?);
        bar.set_message(format!("attempt {}", attempt + 1));
        let mut left = vec![];
        for (asked, text) in attempt_all(args, opened, way, &kept, &writing, &wanted, &bar)? {
            counts.written += 1;
            match filter::fault(&text, asked.word()) {
                None => stories.push((asked, text)),
                Some(fault) => {
                    *counts.rejected.entry(fault).or_default() += 1;
                    left.push(Asked {
                        attempt: attempt + 1,
                        ..asked
                    });
                }
            }
        }
        bar.finish();
        wanted = left;
    }
    stories.sort_by_key(|(asked, _)| (asked.emotion, asked.topic));
    counts.kept = stories.len();
    let told = |emotion: usize| stories.iter().any(|(asked, _)| asked.emotion == emotion);
    let all = words::emotions().iter().enumerate();
    counts.missing = all
        .filter(|(emotion, _)| !told(*emotion))
        .map(|(_, e)| e.name.clone())
        .collect();
    Ok((stories, counts))
}

/// One attempt at each story: those whose requests have as many tokens are written together.
fn attempt_all(
    args: &Args,
    opened: &Opened,
    way: Way,
    kept: &Kept,
    writing: &Writing,
    wanted: &[Asked],
    bar: &ProgressBar,
) -> Result<Vec<(Asked, String)>> {
    let mut by_length = BTreeMap::<usize, Vec<(Asked, Vec<u32>)>>::new();
    for &asked in wanted {
        let prompt = opened.tokenizer.encode(&ask::prompt(opened, way, asked)?)?;
        by_length
            .entry(prompt.len())
            .or_default()
            .push((asked, prompt));
    }
    let mut found = vec![];
    for (_, alike) in by_length {
        for batch in alike.chunks(args.batch.max(1)) {
            let sampling = (SAMPLING.temperature, SAMPLING.top_k, SAMPLING.top_p);
            let of = (
                batch,
                args.seed,
                args.tokens,
                sampling,
                SAMPLING.repetition_penalty,
            );
            let texts: Vec<Vec<u32>> = kept.part(&of, || {
                let draft = |(asked, prompt): &(Asked, Vec<u32>)| Draft {
                    prompt: prompt.clone(),
                    push: Push::none(),
                    seed: asked.seed(args.seed),
                };
                let drafts: Vec<Draft> = batch.iter().map(draft).collect();
                Ok(pollster::block_on(writing.write(&opened.model, &drafts))?)
            })?;
            for ((asked, _), tokens) in batch.iter().zip(texts) {
                let text = opened.tokenizer.decode(&tokens)?;
                found.push((*asked, filter::tidy(&text, tokens.len() < args.tokens)));
            }
            bar.inc(batch.len() as u64);
        }
    }
    Ok(found)
}

//! `atlas lab`: the paper's experiments on a model.

mod sample;
mod words;

use crate::files;
use crate::material::{self, Places};
use crate::open::{self, Opened};
use anyhow::{Context, Result, bail, ensure};
use atlas_affect::card::VectorsCard;
use atlas_lab::{Experiment, LabError, Measure, Plan, Sources, Spec, Subject, Watch};
use atlas_lm::{ChatTemplate, Edits, Llama, device};
use atlas_probe::Vectors;
use atlas_protocol::{LabFile, LabResult, LabSize, ModelManifest};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Options of `atlas lab`.
#[derive(clap::Args)]
pub struct Args {
    /// Which experiments: names of the files in the folder of specs, without `.toml`.
    #[arg(required_unless_present_any = ["all", "words"])]
    names: Vec<String>,
    /// All of them.
    #[arg(long, conflicts_with = "names")]
    all: bool,
    /// The model's folder; its vectors read and push.
    #[arg(long, default_value = "models/smollm2-135m-instruct")]
    model: PathBuf,
    /// Everything, and not the part that takes under a minute. Says beforehand how long it will take.
    #[arg(long)]
    full: bool,
    /// Seed of random vectors, draws and texts.
    #[arg(long, default_value_t = 1)]
    seed: u32,
    /// Folder of the specs and their texts.
    #[arg(long, default_value = "models/lab")]
    lab: PathBuf,
    /// Where results are kept, those of other experiments among them; `lab.json` in the model's folder if not given.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Also write every figure as CSV.
    #[arg(long)]
    csv: Option<PathBuf>,
    /// Also draw each result, as SVG, into this folder.
    #[arg(long)]
    svg: Option<PathBuf>,
    /// Folder of the stories: for `--words`, and for the experiment on stories.
    #[arg(long, default_value = "models/corpus")]
    corpus: PathBuf,
    /// Where `atlas extract` has left what it computed.
    #[arg(long, default_value = "target/atlas")]
    work: PathBuf,
    /// Count the words of the stories for the bag of words, take the sample of stories, and run nothing.
    #[arg(long, conflicts_with_all = ["names", "all"])]
    words: bool,
}

/// Runs, prints, and keeps the results.
pub fn run(args: &Args) -> Result<()> {
    if args.words {
        words::write(&args.corpus, &args.lab)?;
        return sample::write(&args.corpus, &args.lab);
    }
    let specs = specs(args)?;
    let opened = open::open(&args.model, device::cpu())?;
    let read = |name: &str| {
        let path = args.model.join(name);
        std::fs::read(&path)
            .with_context(|| format!("{}: run `atlas extract` first", path.display()))
    };
    let (card, vectors) = (read("vectors.json")?, read("vectors.safetensors")?);
    let card: VectorsCard = serde_json::from_slice(&card)
        .context("vectors.json is of another version: run `atlas extract` again")?;
    let vectors = Vectors::from_bytes(&vectors)?;
    ensure!(
        vectors.width == opened.model.config().width
            && vectors.layers == opened.model.config().layers(),
        "the vectors in {} were made with another model",
        args.model.display()
    );
    let template = template(&args.model, &opened)?;
    let subject = Subject {
        model: &opened.model,
        tokenizer: &opened.tokenizer,
        template: template.as_ref(),
        vectors: &vectors,
        card: &card,
    };
    let plan = Plan {
        size: if args.full {
            LabSize::Full
        } else {
            LabSize::Quick
        },
        seed: args.seed,
    };
    let mut kept = Kept::open(args, &opened)?;
    let pace = pace(&opened.model)?;
    for spec in &specs {
        let Some(sources) = sources(args, spec, &opened, &card)? else {
            continue;
        };
        let experiment = Experiment::prepare(spec, &sources, subject, plan)
            .with_context(|| format!("{}.toml", spec.name))?;
        let result = one(spec, &experiment, plan.size, pace)?;
        say(&result);
        kept.add(result)?;
    }
    if let Some(path) = &args.csv {
        files::write(
            path,
            atlas_protocol::lab::csv(&kept.file.results).as_bytes(),
        )?;
    }
    if let Some(folder) = &args.svg {
        std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        for result in &kept.file.results {
            let path = folder.join(format!("{}.svg", result.experiment));
            let drawn = atlas_protocol::lab::svg(result, &kept.file.model);
            files::write(&path, drawn.as_bytes())?;
        }
    }
    Ok(())
}

/// The chat template of the weights, or else of `model.json`.
fn template(model: &Path, opened: &Opened) -> Result<Option<ChatTemplate>> {
    if let Some(template) = &opened.template {
        return Ok(Some(template.clone()));
    }
    let manifest = std::fs::read(model.join("model.json")).ok();
    let manifest: Option<ModelManifest> = manifest
        .map(|json| serde_json::from_slice(&json))
        .transpose()
        .context("model.json")?;
    Ok(manifest
        .and_then(|manifest| manifest.chat_template)
        .map(|source| ChatTemplate::new(&source))
        .transpose()?)
}

/// The experiments asked for.
fn specs(args: &Args) -> Result<Vec<Spec>> {
    let folder = &args.lab;
    let mut names = args.names.clone();
    if args.all {
        let entries = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
        let name = |path: PathBuf| {
            let is = path.extension().is_some_and(|e| e == "toml");
            is.then(|| Some(path.file_stem()?.to_string_lossy().into_owned()))?
        };
        names = entries.flatten().filter_map(|e| name(e.path())).collect();
        names.sort();
    }
    ensure!(
        !names.is_empty(),
        "there are no specs in {}",
        folder.display()
    );
    names
        .iter()
        .map(|name| {
            let path = folder.join(format!("{name}.toml"));
            let text = std::fs::read_to_string(&path)
                .with_context(|| format!("there is no experiment {}", path.display()))?;
            Ok(Spec::parse(&text)?)
        })
        .collect()
}

/// What an experiment is fed with; `None` if it is one of all and cannot be run here.
fn sources(
    args: &Args,
    spec: &Spec,
    opened: &Opened,
    card: &VectorsCard,
) -> Result<Option<Sources>> {
    let mut sources = Sources::default();
    for name in spec.files() {
        let path = args.lab.join(name);
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        sources.files.insert(name.to_owned(), text);
    }
    if args.full && matches!(spec.measure, Measure::Stories(_)) {
        let begins = format!("{}-", opened.id);
        let there = std::fs::read_dir(&args.work)
            .into_iter()
            .flatten()
            .flatten();
        let mut there = there.map(|e| e.file_name().to_string_lossy().into_owned());
        if args.all && !there.any(|name| name.starts_with(&begins)) {
            note(&format!(
                "{}: left out, as {} holds no means of this model (run `atlas extract`)",
                spec.name,
                args.work.display()
            ));
            return Ok(None);
        }
        let places = Places {
            corpus: &args.corpus,
            work: &args.work,
            batch: 16,
        };
        let first = card.method.map.first_token;
        sources.stories = Some(material::gather(opened, &places, first)?.material);
    }
    Ok(Some(sources))
}

/// Runs one experiment with a bar.
fn one(spec: &Spec, experiment: &Experiment, size: LabSize, pace: f64) -> Result<LabResult> {
    if size == LabSize::Full && matches!(spec.measure, Measure::Stories(_)) {
        // Arithmetic on what was computed before: the model does not run.
        note(&format!("{}: a minute or so", spec.title));
    } else {
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let seconds = experiment.work() as f64 / pace;
        let time = duration(seconds);
        note(&format!("{}: about {time} on this machine", spec.title));
    }
    let bar = ProgressBar::new(experiment.work());
    bar.set_style(ProgressStyle::with_template(
        "{msg} {wide_bar} {percent} %, {eta} left",
    )?);
    bar.set_message(spec.name.clone());
    let start = Instant::now();
    let result = pollster::block_on(experiment.run(&Bar(bar.clone())));
    bar.finish_and_clear();
    match result {
        Err(LabError::Stopped) => bail!("stopped"),
        other => {
            note(&format!(
                "{}: {}",
                spec.name,
                duration(start.elapsed().as_secs_f64())
            ));
            Ok(other?)
        }
    }
}

struct Bar(ProgressBar);

impl Watch for Bar {
    async fn hears(&self, done: u64, total: u64) -> bool {
        self.0.set_length(total);
        self.0.set_position(done);
        true
    }
}

/// Tokens through one block, per second, as experiments run them: some texts at a time.
fn pace(model: &Llama) -> Result<f64> {
    let text: Vec<u32> = (0..64).map(|i| i * 31 % 1000).collect();
    let rows = [text.as_slice(); 4];
    let edits = Edits::none();
    let mut best = Duration::MAX;
    for _ in 0..3 {
        let start = Instant::now();
        let mut cache = model.cache();
        let mut pass = model.begin(&rows, &mut cache, &edits)?;
        while pass.step() {}
        pollster::block_on(device::read(pass.residual()))?;
        best = best.min(start.elapsed());
    }
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    let work = (4 * 64 * model.config().blocks) as f64;
    Ok(work / best.as_secs_f64())
}

fn duration(seconds: f64) -> String {
    if seconds < 90.0 {
        format!("{seconds:.0} s")
    } else {
        format!("{:.0} min", seconds / 60.0)
    }
}

/// `lab.json`, written after every experiment, so that an interruption loses one at most.
struct Kept {
    path: PathBuf,
    file: LabFile,
}

impl Kept {
    fn open(args: &Args, opened: &Opened) -> Result<Self> {
        let path = args.json.clone();
        let path = path.unwrap_or_else(|| args.model.join("lab.json"));
        let mut file = LabFile {
            format: LabFile::FORMAT,
            model: opened.id.clone(),
            model_sha256: files::sha256(&opened.weights)?,
            vectors_sha256: files::sha256(&[args.model.join("vectors.safetensors")])?,
            made_by: concat!("atlas lab ", env!("CARGO_PKG_VERSION")).into(),
            results: vec![],
        };
        if let Some(old) = old(&path) {
            // Of another model or other vectors, results are no longer true.
            if old.model_sha256 == file.model_sha256 && old.vectors_sha256 == file.vectors_sha256 {
                file.results = old.results;
            }
        }
        Ok(Self { path, file })
    }

    fn add(&mut self, result: LabResult) -> Result<()> {
        let results = &mut self.file.results;
        results.retain(|r| r.experiment != result.experiment);
        results.push(result);
        results.sort_by(|a, b| a.experiment.cmp(&b.experiment));
        files::write(&self.path, &serde_json::to_vec(&self.file)?)
    }
}

fn old(path: &Path) -> Option<LabFile> {
    let file: LabFile = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
    (file.format == LabFile::FORMAT).then_some(file)
}

#[expect(clippy::print_stderr, reason = "what a terminal program is for")]
fn note(words: &str) {
    eprintln!("{words}");
}

/// The verdict and what it rests on.
#[expect(clippy::print_stdout, reason = "what a terminal program is for")]
fn say(result: &LabResult) {
    println!(
        "\n{}: {}",
        result.title.to_uppercase(),
        result.verdict.words()
    );
    println!("{}", result.finding);
    println!("{}", result.of);
    for claim in &result.claims {
        let holds = if claim.holds {
            "holds"
        } else {
            "does not hold"
        };
        let why = if claim.why.is_empty() {
            String::new()
        } else {
            format!(" ({})", claim.why)
        };
        println!("  {}: {holds}{why}; paper: {}", claim.words, claim.paper);
    }
    for f in &result.figures {
        let null = f.null.as_ref().map_or(String::new(), |n| {
            format!("  null {:+.3} to {:+.3}", n.low, n.high)
        });
        println!(
            "  {:<28} {:+.3} [{:+.3}, {:+.3}]{null}  p {:.4}  n {}  {}",
            f.id, f.estimate, f.low, f.high, f.p, f.n, f.unit
        );
    }
}

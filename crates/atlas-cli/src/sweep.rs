//! `atlas evaluate --sweep`: which options make the vectors, chosen on selection topics alone.
//!
//! Three choices from the same means, one for each job. Directions to *read* with may be whitened and are chosen by
//! retrieval; directions to *steer* along are differences of means and are chosen by what steering does; vectors for the
//! *map* are declared beforehand, and compared with what places unseen stories best. The grid of all options is too large to try whole, so each is searched in rounds around what its rule takes of all tried so far.
//! Everything tried stands in the table, and the rule has the last word over all of it.

mod report;
mod rounds;
mod steered;
mod table;

use crate::chosen;
use crate::evaluate::Args;
use crate::material::{self, Gathered, Places};
use crate::open::{self, Opened};
use crate::parallel::in_parallel;
use crate::{files, means};
use anyhow::{Context, Result};
use atlas_affect::method::{
    self, Blind, Choice, MethodOptions, Scores, Selection, TrialPlan, best_map, jobs,
    select_reading, select_steering,
};
use atlas_affect::words;
use atlas_lm::device;
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Mutex;

/// Searches, and writes `SELECTION.md`, `selection.json` and `selection.csv` into the model's folder.
pub fn run(args: &Args) -> Result<()> {
    let opened = open::open(&args.model, device::cpu())?;
    let mut search = Search::new(args, &opened)?;
    let depth = opened.model.config().layers();
    search.measure("corpora and depth", rounds::corpora(depth))?;
    let taken = search.reading()?.0;
    search.measure("reading: what is taken away", rounds::taken_away(&taken))?;
    let taken = search.reading()?.0;
    search.measure("reading: every layer", rounds::layers(&taken, depth))?;
    let declared = chosen::map(depth)?;
    search.measure("map: what is taken away", rounds::taken_away(&declared))?;
    search.measure("map: every layer", rounds::layers(&declared, depth))?;
    search.steer("steering: corpora and depth", rounds::patterns(depth))?;
    let taken = search.steering()?.0;
    search.steer("steering: around", rounds::patterns_around(&taken, depth))?;
    let sweep = report::report(&search)?;
    let page = table::page(&sweep);
    let out = &args.model;
    files::write(
        &out.join("selection.json"),
        &serde_json::to_vec_pretty(&sweep)?,
    )?;
    files::write(&out.join("SELECTION.md"), page.as_bytes())?;
    let csv = table::csv(&search.tried);
    files::write(&out.join("selection.csv"), csv.as_bytes())?;
    std::io::stdout().write_all(page.as_bytes())?;
    Ok(())
}

struct Search<'a> {
    args: &'a Args,
    opened: &'a Opened,
    /// Mean residual norm of each layer.
    norm: Vec<f32>,
    /// By first token.
    selections: BTreeMap<usize, Selection>,
    plan: TrialPlan,
    tried: Vec<Scores>,
    /// Everything tried is kept here, so that an interrupted search goes on.
    kept: PathBuf,
}

impl<'a> Search<'a> {
    fn new(args: &'a Args, opened: &'a Opened) -> Result<Self> {
        let stories: Vec<PathBuf> = material::CORPORA
            .iter()
            .map(|c| args.corpus.join(c.file))
            .collect();
        let (model, corpus) = (files::sha256(&opened.weights)?, files::sha256(&stories)?);
        let name = format!("sweep-{}-{}-{}.jsonl", opened.id, &model[..8], &corpus[..8]);
        let kept = args.work.join(name);
        let lines = std::fs::read_to_string(&kept).unwrap_or_default();
        let mut search = Self {
            args,
            opened,
            norm: vec![],
            selections: BTreeMap::new(),
            plan: TrialPlan::default(),
            tried: vec![],
            kept,
        };
        // A later line about the same options knows more.
        for line in lines.lines() {
            if let Ok(scores) = serde_json::from_str(line) {
                search.put(scores);
            }
        }
        for first in means::USUAL {
            search.selection(first)?;
        }
        Ok(search)
    }

    fn put(&mut self, scores: Scores) {
        let same = |t: &&mut Scores| t.options == scores.options;
        match self.tried.iter_mut().find(same) {
            Some(known) => *known = scores,
            None => self.tried.push(scores),
        }
    }

    /// Means of all corpora from a first token on.
    fn material(&self, first_token: usize) -> Result<Gathered> {
        let places = Places {
            corpus: &self.args.corpus,
            work: &self.args.work,
            batch: self.args.batch,
        };
        material::gather(self.opened, &places, first_token)
    }

    fn selection(&mut self, first_token: usize) -> Result<()> {
        if !self.selections.contains_key(&first_token) {
            let found = self.material(first_token)?;
            let (selection, _) = method::split(&found.material, &material::kept_out())?;
            self.selections.insert(first_token, selection);
            self.norm = found.norm;
        }
        Ok(())
    }

    /// Measures what has not been measured.
    fn measure(&mut self, what: &str, options: Vec<MethodOptions>) -> Result<()> {
        let new: Vec<MethodOptions> = options
            .into_iter()
            .filter(|o| self.tried.iter().all(|t| t.options != *o))
            .collect();
        let jobs = jobs(new);
        let bar = bar(what, jobs.len())?;
        let file = Mutex::new(self.file()?);
        let found = in_parallel(&jobs, |job| {
            let first = job.first().context("a job without options")?;
            let selection = &self.selections[&first.first_token];
            let scores = method::measure(selection, job, words::emotions().len(), &self.plan)?;
            let mut lines = String::new();
            for score in &scores {
                lines += &line(score)?;
            }
            file.lock()
                .map_err(|_| anyhow::anyhow!("another fit failed"))?
                .write_all(lines.as_bytes())?;
            bar.inc(1);
            Ok(scores)
        })?;
        bar.finish();
        found.into_iter().flatten().for_each(|s| self.put(s));
        Ok(())
    }

    /// Steers with what has not been steered with.
    fn steer(&mut self, what: &str, options: Vec<MethodOptions>) -> Result<()> {
        self.measure(what, options.clone())?;
        let judge = self.judge()?;
        let steered = steered::Steering::new(self.opened, &judge)?;
        let mut file = self.file()?;
        let bar = bar(what, options.len())?;
        for option in options {
            let at = self.tried.iter().position(|t| t.options == option);
            let at = at.context("options that were not measured")?;
            if self.tried[at].steering.is_none() {
                let selection = &self.selections[&option.first_token];
                let blind = selection.make(&option, words::emotions().len())?;
                self.tried[at].steering =
                    Some(steered.measure(blind.made(), self.norm[option.layer.index()])?);
                file.write_all(line(&self.tried[at])?.as_bytes())?;
            }
            bar.inc(1);
        }
        bar.finish();
        Ok(())
    }

    /// The directions that read what was written: those chosen for reading.
    fn judge(&self) -> Result<Blind> {
        let (options, _) = self.reading()?;
        let selection = &self.selections[&options.first_token];
        Ok(selection.make(&options, words::emotions().len())?)
    }

    fn file(&self) -> Result<std::fs::File> {
        std::fs::File::options()
            .create(true)
            .append(true)
            .open(&self.kept)
            .with_context(|| self.kept.display().to_string())
    }

    /// What the rule for reading takes of all tried so far.
    fn reading(&self) -> Result<(MethodOptions, Choice)> {
        self.chosen(select_reading(&self.tried))
    }

    /// The map as it was declared, and the best by places of all tried so far.
    fn map(&self) -> Result<Choice> {
        let declared = chosen::map(self.opened.model.config().layers())?;
        let at = self.tried.iter().position(|t| t.options == declared);
        let best = best_map(&self.tried).context("no places were taken")?;
        Ok(Choice {
            taken: at.context("the declared map was not measured")?,
            ..best
        })
    }

    /// What the rule for steering takes of all tried so far.
    fn steering(&self) -> Result<(MethodOptions, Choice)> {
        self.chosen(select_steering(&self.tried))
    }

    fn chosen(&self, choice: Option<Choice>) -> Result<(MethodOptions, Choice)> {
        let choice = choice.context("nothing was tried")?;
        Ok((self.tried[choice.taken].options.clone(), choice))
    }
}

fn line(scores: &Scores) -> Result<String> {
    let mut line = serde_json::to_string(scores)?;
    line.push('\n');
    Ok(line)
}

fn bar(what: &str, count: usize) -> Result<ProgressBar> {
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}, {eta} left")?;
    let bar = ProgressBar::new(count as u64).with_style(style);
    bar.set_message(what.to_owned());
    Ok(bar)
}

//! The model under study, with its vectors: prompts, and what its stream says.

use crate::pushes::{mixture, random_weights};
use crate::{LabError, Pushes, Trunk};
use atlas_affect::card::VectorsCard;
use atlas_lm::{ChatTemplate, Edits, Llama, RunError, Tokenizer, Turn, device};
use atlas_probe::{SKIPPED, Vectors};
use atlas_units::{Layer, Strength};
use serde::Deserialize;
use std::ops::Range;

/// How a text is given to the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// As the start of a story.
    Story,
    /// As a user's turn.
    Chat,
}

impl Form {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Story => "story",
            Self::Chat => "chat",
        }
    }
}

/// A model and its vectors.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The model.
    pub model: &'a Llama,
    /// Its tokenizer.
    pub tokenizer: &'a Tokenizer,
    /// Its chat template, if it knows chat.
    pub template: Option<&'a ChatTemplate>,
    /// Its vectors.
    pub vectors: &'a Vectors,
    /// Their card.
    pub card: &'a VectorsCard,
}

/// Tokens, and those of them that hold the text in question.
pub(crate) struct Prompt {
    pub ids: Vec<u32>,
    pub text: Range<usize>,
}

impl<'a> Subject<'a> {
    /// Whether it can be given texts of this form.
    #[must_use]
    pub fn takes(&self, form: Form) -> bool {
        form == Form::Story || self.template.is_some()
    }

    /// Forms that it can be given: chat where it knows chat.
    pub(crate) fn best_form(&self) -> Form {
        if self.template.is_some() {
            Form::Chat
        } else {
            Form::Story
        }
    }

    /// Layer that reading is best at.
    #[must_use]
    pub fn reading(&self) -> Layer {
        self.card.method.reading.layer
    }

    /// Largest strength that keeps text fluent.
    pub(crate) fn safe(&self) -> f32 {
        self.card.steering.safe
    }

    /// Pushes where its card says.
    pub(crate) fn pushes(&self) -> Pushes<'a> {
        let steering = &self.card.steering;
        Pushes::new(self.vectors, &steering.layers, steering.scale)
    }

    /// Position of an emotion.
    pub(crate) fn emotion(&self, name: &str) -> Result<usize, LabError> {
        let found = self.card.index_of(name);
        found.ok_or_else(|| LabError::NoEmotion(name.to_owned()))
    }

    /// A text in its form, the answer opened where there is one, and what is put at the answer's start; `part` of the
    /// text (bytes) is what [`Prompt::text`] then holds.
    pub(crate) fn prompt(
        &self,
        form: Form,
        text: &str,
        answer: &str,
        part: Range<usize>,
    ) -> Result<Prompt, LabError> {
        let (whole, from) = match (form, self.template) {
            (Form::Chat, Some(template)) => {
                let whole = template.render(&[Turn::user(text)], true)?;
                let from = whole.find(text).unwrap_or(0);
                (format!("{whole}{answer}"), from)
            }
            _ => (format!("{text}{answer}"), 0),
        };
        let ids = self.tokenizer.encode(&whole)?;
        if ids.is_empty() {
            return Err(RunError::Empty.into());
        }
        let text = self.tokens_of(&whole, from + part.start..from + part.end)?;
        Ok(Prompt { ids, text })
    }

    /// Tokens of `whole` that hold the bytes `part` of it.
    pub(crate) fn tokens_of(
        &self,
        whole: &str,
        part: Range<usize>,
    ) -> Result<Range<usize>, LabError> {
        let (mut end, mut first, mut last) = (0, None, 0);
        for (at, piece) in self.tokenizer.pieces(whole)?.iter().enumerate() {
            let from = end;
            end += piece.text.len();
            if from < part.end && end > part.start {
                first.get_or_insert(at);
                last = at + 1;
            }
        }
        let first = first.unwrap_or(last.saturating_sub(1));
        Ok(first..last.max(first + 1))
    }

    /// Mean residual over some stretches of one text at each of `layers` (ascending), `[stretch][layer][width]`. The
    /// first tokens are never among them unless there are no others; what stands behind the last stretch is not run.
    pub(crate) async fn means(
        &self,
        ids: &[u32],
        stretches: &[Range<usize>],
        layers: &[Layer],
    ) -> Result<Vec<Vec<Vec<f64>>>, LabError> {
        let last = stretches.iter().map(|s| s.end).max().unwrap_or(0);
        let ids = &ids[..last.clamp(1, ids.len())];
        let (mut cache, edits) = (self.model.cache(), Edits::none());
        let mut pass = self.model.begin(&[ids], &mut cache, &edits)?;
        let mut means = vec![vec![]; stretches.len()];
        for &layer in layers {
            while pass.layer() < layer && pass.step() {}
            for (stretch, means) in stretches.iter().zip(&mut means) {
                let end = stretch.end.clamp(1, ids.len());
                let start = stretch.start.max(SKIPPED).min(end - 1);
                let some = pass.residual().narrow(1, start, end - start);
                let mean = device::read(some.mean_dim(1)).await?;
                means.push(mean.into_iter().map(f64::from).collect());
            }
        }
        Ok(means)
    }

    /// Mean residual at `layer` over each of some texts that go on from one prompt, `[text][width]`.
    pub(crate) async fn means_after(
        &self,
        prompt: &[u32],
        texts: &[Vec<u32>],
        layer: Layer,
    ) -> Result<Vec<Vec<f64>>, LabError> {
        let longest = texts.iter().map(Vec::len).max().unwrap_or(0);
        let (mut cache, edits) = (self.model.cache(), Edits::none());
        let mut pass = self.model.begin(&[prompt], &mut cache, &edits)?;
        while pass.layer() < layer && pass.step() {}
        drop(pass.leave());
        let padded: Vec<Vec<u32>> = texts
            .iter()
            .map(|text| {
                let mut text = text.clone();
                text.resize(longest, 0);
                text
            })
            .collect();
        let rows: Vec<&[u32]> = padded.iter().map(Vec::as_slice).collect();
        let mut cache = cache.fork(texts.len());
        let mut pass = self.model.begin(&rows, &mut cache, &edits)?;
        while pass.layer() < layer && pass.step() {}
        let stream = device::read(pass.residual()).await?;
        let width = self.model.config().width;
        Ok(stream
            .chunks(longest * width)
            .zip(texts)
            .map(|(rows, text)| {
                let mut mean = vec![0.0; width];
                for row in rows.chunks(width).take(text.len()) {
                    let each = mean.iter_mut().zip(row);
                    each.for_each(|(m, x)| *m += f64::from(*x) / text.len() as f64);
                }
                mean
            })
            .collect())
    }

    /// Reading directions of all emotions at a layer, each of length 1 (or 0 where there is none).
    pub(crate) fn filters(&self, layer: Layer) -> Vec<Vec<f32>> {
        let one = |emotion| self.vectors.reading_direction(layer, emotion);
        (0..self.vectors.emotions)
            .map(|e| one(e).unwrap_or_else(|| vec![0.0; self.vectors.width]))
            .collect()
    }

    /// Random directions in the span of those that read.
    pub(crate) fn random_filters(&self, layer: Layer, count: usize, seed: u32) -> Vec<Vec<f32>> {
        random_weights(self.vectors.emotions, count, u64::from(seed))
            .iter()
            .filter_map(|weights| mixture(&self.vectors.filter, self.vectors, layer, weights))
            .collect()
    }

    /// Work of reading `tokens` up to a layer.
    pub(crate) fn read_work(&self, tokens: usize, layer: Layer) -> u64 {
        (tokens * layer.index().max(1)) as u64
    }

    /// Work of a [`Trunk`] with `tokens` of prompt, and endings of `ending` tokens in all.
    pub(crate) fn trunk_work(&self, pushes: &Pushes, tokens: usize, ending: usize) -> u64 {
        let below = pushes.lowest().index();
        let config = self.model.config();
        let above = config.blocks.saturating_sub(below);
        // The unembedding, in blocks: it is run for the last token of the prompt and for those of the endings.
        let heads = (config.heads + config.kv_heads) * config.head_width;
        let block = (2 * heads + 3 * config.hidden).max(1);
        let unembedding = config.vocabulary.div_ceil(block);
        let logits = pushes.len() * (1 + ending) * unembedding;
        ((tokens + ending) * (below + pushes.len() * above) + logits) as u64
    }

    /// What each push makes of some endings' probability, `[push, ending]`, in nats: [`Trunk::endings`] for all pushes,
    /// a few at a time so that memory stays small.
    pub(crate) async fn endings(
        &self,
        prompt: &[u32],
        pushes: &Pushes<'_>,
        endings: &[Vec<u32>],
    ) -> Result<Vec<f64>, LabError> {
        self.endings_early(prompt, pushes, endings, |_| {}).await
    }

    /// The same; `first` hears what the first push makes of them before the rest is there.
    pub(crate) async fn endings_early(
        &self,
        prompt: &[u32],
        pushes: &Pushes<'_>,
        endings: &[Vec<u32>],
        first: impl Fn(&[f64]),
    ) -> Result<Vec<f64>, LabError> {
        /// Texts at a time.
        const TOGETHER: usize = 32;
        let each = (TOGETHER / endings.len().max(1)).max(1);
        let mut found = vec![];
        for from in (0..pushes.len()).step_by(each) {
            let which = from..(from + each).min(pushes.len());
            let trunk = Trunk::grow(self.model, prompt, pushes, which)?;
            found.extend(trunk.endings(endings).await?);
            if from == 0 {
                first(&found[..endings.len()]);
            }
        }
        Ok(found)
    }

    /// Adds `count` pairs of random pushes at minus and plus `strength`; their numbers.
    pub(crate) fn random_pairs(
        &self,
        pushes: &mut Pushes,
        count: usize,
        strength: f32,
        seed: u32,
    ) -> Vec<[usize; 2]> {
        random_weights(self.vectors.emotions, count, u64::from(seed))
            .iter()
            .map(|weights| [-strength, strength].map(|s| pushes.mixture(weights, Strength::new(s))))
            .collect()
    }
}

/// `a . b`.
pub(crate) fn dot(a: &[f64], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * f64::from(*b)).sum()
}

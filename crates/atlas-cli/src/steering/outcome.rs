//! What was found: `steering.json`, and the parts of it that other files repeat.

use super::Args;
use super::plan::{PROMPTS, RANDOM, SAMPLING};
use super::ranges::Ranges;
use super::texts::{Desk, Usual};
use super::tried::Tested;
use crate::stored;
use anyhow::{Context, Result};
use atlas_affect::card::Steering;
use atlas_affect::stats::quantile;
use atlas_affect::steering::{Coherence, PLACE_RULE, Point, SAFE_RULE, Summary};
use atlas_affect::words::{self, SHOWCASE};
use atlas_lab::PROMPTS as WORD_PROMPTS;
use atlas_units::Layer;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Its file.
pub const FILE: &str = "steering.json";
/// How the card's common strengths follow from the ranges.
pub const STRENGTH_RULE: &str = "The common safe strength is the one that nine of ten ends of all safe ranges reach. Presets use \
it, and a slider ends at the strongest push measured.";
/// In words, what the ranges rest on.
const BASIS: &str = "measured: perplexity, repetition and strange words in what is then written";

/// What `atlas steering` found, with what it needs to be found again.
#[derive(Serialize, Deserialize)]
pub struct Outcome {
    /// The model's name.
    pub model: String,
    /// SHA-256 of its weights.
    pub model_sha256: String,
    /// SHA-256 of the vectors that were pushed.
    pub vectors_sha256: String,
    /// Program and version.
    pub made_by: String,
    /// What texts began with, in turn.
    pub prompts: Vec<String>,
    /// What the emotions' words were to follow.
    pub word_prompts: Vec<String>,
    /// Texts per emotion and strength, and tokens of each.
    pub texts: [usize; 2],
    /// Temperature, top-k, top-p, repetition penalty.
    pub sampling: [f32; 4],
    /// Random vectors.
    pub random: usize,
    /// Words that count as words.
    pub lexicon: usize,
    /// Layer that what was written is read at.
    pub probe_layer: Layer,
    /// How ranges end.
    pub safe_rule: String,
    /// How the place is taken.
    pub place_rule: String,
    /// How common strengths follow.
    pub strength_rule: String,
    /// What is still fluent.
    pub limits: Coherence,
    /// Unsteered texts, and stories of the corpora cut to the same length.
    pub usual: [Coherence; 2],
    /// What was tried where.
    pub places: Vec<Tested>,
    /// Which of them is taken.
    pub taken: usize,
    /// All emotions at the place taken, by strength.
    pub curve: Vec<Point>,
    /// Every emotion.
    pub emotions: Vec<Of>,
    /// The card's part.
    pub steering: Steering,
}

/// One emotion.
#[derive(Serialize, Deserialize)]
pub struct Of {
    /// Its name.
    pub emotion: String,
    /// Its safe range.
    pub safe: [f32; 2],
    /// How fluent its texts are, by strength as in the curve.
    pub coherence: Vec<Coherence>,
}

impl Outcome {
    pub fn new(
        args: &Args,
        desk: &Desk,
        usual: Usual,
        places: Vec<Tested>,
        taken: usize,
        ranges: Ranges,
    ) -> Result<Self> {
        let place = &places.get(taken).context("no place was tried")?.place;
        let mut ends: Vec<f32> = ranges
            .safe
            .iter()
            .flat_map(|[low, high]| [-low, *high])
            .collect();
        let most = desk.plan.strengths.last().copied().unwrap_or(0.0);
        let safe = whole_percent(quantile(&mut ends, 0.1).unwrap_or(0.0)).max(0.01);
        let steering = Steering {
            layers: place.layers.clone(),
            scale: place.scale,
            safe,
            limit: most,
            preset: safe,
            basis: BASIS.into(),
            ranges: ranges.safe.clone(),
        };
        let names = words::emotions().iter().map(|e| e.name.clone());
        let each = names.zip(ranges.safe).zip(ranges.each);
        let strings = |all: &[&str]| all.iter().map(|s| (*s).to_owned()).collect();
        Ok(Self {
            model: desk.opened.id.clone(),
            model_sha256: desk.model_sha256.clone(),
            vectors_sha256: desk.vectors_sha256.clone(),
            made_by: concat!("atlas steering ", env!("CARGO_PKG_VERSION")).into(),
            prompts: strings(&PROMPTS[..args.texts.min(PROMPTS.len())]),
            word_prompts: strings(&WORD_PROMPTS),
            texts: [args.texts, args.tokens],
            sampling: [
                SAMPLING.temperature,
                SAMPLING.top_k as f32,
                SAMPLING.top_p,
                SAMPLING.repetition_penalty,
            ],
            random: RANDOM,
            lexicon: desk.lexicon.len(),
            probe_layer: desk.plan.probe_layer,
            safe_rule: SAFE_RULE.into(),
            place_rule: PLACE_RULE.into(),
            strength_rule: STRENGTH_RULE.into(),
            limits: usual.limits,
            usual: [usual.plain_mean, usual.stories_mean],
            places,
            taken,
            curve: ranges.curve,
            emotions: each
                .map(|((emotion, safe), coherence)| Of {
                    emotion,
                    safe,
                    coherence,
                })
                .collect(),
            steering,
        })
    }

    /// What model card and page tell: the matrices at the measured strength nearest to the common safe one.
    pub fn summary(&self) -> Result<Summary> {
        let tested = self.places.get(self.taken).context("no place was taken")?;
        let far = |strength: f32| (strength - self.steering.safe).abs();
        let towards = tested.at.iter().filter(|a| a.strength > 0.0);
        let shown = towards
            .min_by(|a, b| far(a.strength).total_cmp(&far(b.strength)))
            .context("nothing was pushed")?;
        let ends = |which: usize| {
            let mut ends: Vec<f32> = self.emotions.iter().map(|e| e.safe[which].abs()).collect();
            [0.1, 0.5, 0.9].map(|q| quantile(&mut ends, q).unwrap_or(0.0))
        };
        Ok(Summary {
            place: tested.place.clone(),
            probe_layer: self.probe_layer,
            strength: shown.strength,
            emotions: SHOWCASE.map(String::from).into(),
            words: shown.words.clone(),
            probe: shown.probe.clone(),
            coherence: self.curve.clone(),
            limits: self.limits,
            usual: self.usual,
            safe: [ends(0), ends(1)],
            rule: self.safe_rule.clone(),
            texts: self.texts,
        })
    }
}

/// What was measured with the vectors that lie in a model's folder; `None` where nothing was, or with other vectors.
pub fn measured(folder: &Path) -> Result<Option<Outcome>> {
    let path = folder.join(FILE);
    let Ok(bytes) = std::fs::read(&path) else {
        return Ok(None);
    };
    let outcome: Outcome = serde_json::from_slice(&bytes)
        .with_context(|| format!("{}: run `atlas steering` again", path.display()))?;
    Ok((outcome.vectors_sha256 == stored::sha256(folder)?).then_some(outcome))
}

fn whole_percent(strength: f32) -> f32 {
    (strength * 100.0 + 1e-3).floor() / 100.0
}

/// Four digits are more than anybody reads, and keep the file small.
pub fn rounded(mut value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match &mut value {
        Value::Array(all) => all.iter_mut().for_each(|v| *v = rounded(v.take())),
        Value::Object(all) => all.values_mut().for_each(|v| *v = rounded(v.take())),
        Value::Number(n) if n.is_f64() => {
            let x = n.as_f64().unwrap_or(0.0);
            value = Value::from((x * 1e4).round() / 1e4);
        }
        _ => {}
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_and_counts_are_not() {
        let value = serde_json::json!({"a": [0.123_456, 7], "b": {"c": -2.0}});
        assert_eq!(
            rounded(value).to_string(),
            r#"{"a":[0.1235,7],"b":{"c":-2.0}}"#
        );
    }

    #[test]
    fn strengths_are_whole_percents() {
        assert_eq!(whole_percent(0.299_999_9), 0.3);
        assert_eq!(whole_percent(0.259), 0.25);
    }
}

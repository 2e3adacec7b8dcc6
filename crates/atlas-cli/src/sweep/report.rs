//! What a search found.

use super::steered::{PROMPT, STRENGTH, Steering, TOKENS};
use super::{Search, table};
use crate::material;
use anyhow::Result;
use atlas_affect::method::{
    self, Against, Choice, KeptTopics, MAP_RULE, MethodOptions, READING_RULE, STEERING_RULE,
    Scores, TrialPlan,
};
use atlas_affect::retrieval::Retrieval;
use atlas_affect::{geometry, words};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What was tried, and what was taken.
#[derive(Serialize, Deserialize)]
pub struct Sweep {
    /// The model's name.
    pub model: String,
    /// How it was measured.
    pub plan: TrialPlan,
    /// Topics that nothing here has seen.
    pub kept_out: KeptTopics,
    /// How many options were tried.
    pub tried: usize,
    /// With how many of them the model was steered.
    pub steered: usize,
    /// Directions to read with.
    pub reading: Chosen,
    /// Vectors that the map shows.
    pub map: Chosen,
    /// Directions to steer along.
    pub steering: Chosen,
    /// Strength of the steering.
    pub strength: f32,
    /// What every text began with.
    pub prompt: String,
    /// Tokens written.
    pub tokens: usize,
    /// What random vectors of the same length do, from the emotions' own span.
    pub random: f32,
    /// Some of what was tried, with the correlations that took no part in the choice.
    pub shown: Vec<Shown>,
}

/// A rule and what it took.
#[derive(Serialize, Deserialize)]
pub struct Chosen {
    /// The rule.
    pub rule: String,
    /// How many options count as equally good.
    pub alike: usize,
    /// What it took.
    pub taken: Scores,
    /// Its vectors, made of selection topics, on the topics kept out: by corpus, centred among the stories of a topic
    /// by a writer.
    pub among: BTreeMap<String, Retrieval>,
    /// The same, each story read alone.
    pub alone: BTreeMap<String, Retrieval>,
}

/// One of the options tried.
#[derive(Serialize, Deserialize)]
pub struct Shown {
    /// Which table it stands in.
    pub table: String,
    /// What it is the best of.
    pub of: String,
    /// Options and figures.
    pub scores: Scores,
    /// Pearson r of the first component with valence, computed after the choice.
    pub r_valence: f32,
    /// Pearson r of the second component with arousal.
    pub r_arousal: f32,
}

pub fn report(search: &Search) -> Result<Sweep> {
    let emotions = words::emotions();
    let (_, reading) = search.reading()?;
    let map = search.map()?;
    let (steer_by, steering) = search.steering()?;
    let judge = search.judge()?;
    let steered = Steering::new(search.opened, &judge)?;
    let blind = search.selections[&steer_by.first_token].make(&steer_by, emotions.len())?;
    let random = steered.random(blind.made(), search.norm[steer_by.layer.index()])?;
    let shown = table::shown(&search.tried, [&map, &reading, &steering])
        .into_iter()
        .map(|(table, of, scores)| {
            let (r_valence, r_arousal) = rated(search, &scores.options)?;
            Ok(Shown {
                table,
                of,
                scores: scores.clone(),
                r_valence,
                r_arousal,
            })
        })
        .collect::<Result<_>>()?;
    Ok(Sweep {
        model: search.opened.id.clone(),
        plan: search.plan,
        kept_out: material::kept_out(),
        tried: search.tried.len(),
        steered: search.tried.iter().filter(|t| t.steering.is_some()).count(),
        reading: chosen(search, READING_RULE, &reading)?,
        map: chosen(search, MAP_RULE, &map)?,
        steering: chosen(search, STEERING_RULE, &steering)?,
        strength: STRENGTH,
        prompt: PROMPT.into(),
        tokens: TOKENS,
        random: random.mean(),
        shown,
    })
}

/// Correlations of the map with ratings, for those who read the report.
fn rated(search: &Search, options: &MethodOptions) -> Result<(f32, f32)> {
    let emotions = words::emotions();
    let blind = search.selections[&options.first_token].make(options, emotions.len())?;
    let found = geometry(&blind.made().vectors, emotions)?.layer;
    Ok((found.r_valence[0], found.r_arousal[1]))
}

fn chosen(search: &Search, rule: &str, choice: &Choice) -> Result<Chosen> {
    let taken = &search.tried[choice.taken];
    let found = search.material(taken.options.first_token)?;
    let (selection, kept_out) = method::split(&found.material, &material::kept_out())?;
    let blind = selection.make(&taken.options, words::emotions().len())?;
    Ok(Chosen {
        rule: rule.into(),
        alike: choice.alike.len(),
        taken: taken.clone(),
        among: kept_out.retrieval(&blind, Against::Group)?,
        alone: kept_out.retrieval(&blind, Against::Making)?,
    })
}

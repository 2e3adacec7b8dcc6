//! The figures of every layer.

use crate::chosen::Chosen;
use crate::material::{self, CORPORA, Gathered};
use crate::parallel::in_parallel;
use anyhow::Result;
use atlas_affect::cluster::groups;
use atlas_affect::method::{self, Against, KeptOut, MethodOptions, Mix, Selection, make};
use atlas_affect::report::{Area, Figures};
use atlas_affect::retrieval::Retrieval;
use atlas_affect::trust::{Axis, Resample, Telling, axis_null, bootstrap, rand_null, rating_fit};
use atlas_affect::{geometry, words};
use atlas_units::Layer;
use std::collections::BTreeMap;

/// Share of draws between the ends of an interval.
const LEVEL: f64 = 0.95;
/// Seed of everything drawn.
const SEED: u64 = 1;

/// Takes the figures.
pub struct Measure<'a> {
    gathered: &'a BTreeMap<usize, Gathered>,
    chosen: &'a Chosen,
    selection: Selection,
    kept_out: KeptOut,
    draws: usize,
}

impl<'a> Measure<'a> {
    pub fn new(
        gathered: &'a BTreeMap<usize, Gathered>,
        chosen: &'a Chosen,
        draws: usize,
    ) -> Result<Self> {
        let told = &gathered[&chosen.reading.first_token].material;
        let (selection, kept_out) = method::split(told, &material::kept_out())?;
        Ok(Self {
            gathered,
            chosen,
            selection,
            kept_out,
            draws,
        })
    }

    /// Of one layer.
    pub fn at(&self, layer: Layer) -> Result<Figures> {
        let emotions = words::emotions();
        let options = self.chosen.at(layer);
        let told = &self.gathered[&options.map.first_token].material;
        let made = make(told, &options.map, emotions.len())?;
        let found = geometry(&made.patterns, emotions)?.layer;
        let telling = Telling::of(told, &made)?;
        let fit = |vectors: &_| rating_fit(vectors, emotions).map_or(vec![0.0; 4], |f| f.into());
        let fit = bootstrap(&telling, Resample::Stories, self.draws, LEVEL, SEED, fit)?;
        let scores = |axis: usize| -> Vec<f64> {
            let each = found.coords.iter();
            each.map(|at| f64::from(at[axis])).collect()
        };
        let valence: Vec<f64> = emotions.iter().map(|e| f64::from(e.valence)).collect();
        let arousal: Vec<f64> = emotions.iter().map(|e| f64::from(e.arousal)).collect();
        let places = [scores(0), scores(1)];
        let null = |axis| {
            let places = places.each_ref().map(Vec::as_slice);
            axis_null(axis, places, [&valence, &arousal], self.draws, SEED)
        };
        let paper = words::cluster_numbers(emotions);

        let blind = self.selection.make(&options.reading, emotions.len())?;
        let auc = self.kept_out.auc(&blind, Against::Making)?;
        Ok(Figures {
            layer,
            share: found.share,
            valence: fit[0],
            valence_null: null(Axis::Across),
            arousal: fit[1],
            arousal_null: null(Axis::Up),
            clusters: rand_null(&groups(&made.patterns, SEED), &paper, self.draws, SEED),
            among: self.kept_out.retrieval(&blind, Against::Group)?,
            alone: self.kept_out.retrieval(&blind, Against::Making)?,
            auc: auc
                .into_iter()
                .map(|(corpus, auc)| {
                    let (mean, min) = (auc.mean, auc.min);
                    (corpus, Area { mean, min })
                })
                .collect(),
        })
    }

    /// Directions to read with made of each corpus alone, tried on every corpus.
    pub fn across(&self) -> Result<BTreeMap<String, BTreeMap<String, Retrieval>>> {
        let corpora: Vec<&str> = CORPORA.iter().map(|c| c.name).collect();
        let found = in_parallel(&corpora, |corpus| {
            let options = MethodOptions {
                mix: Mix::of([(*corpus, 1.0)]),
                nuisance_mix: None,
                ..self.chosen.reading.clone()
            };
            let blind = self.selection.make(&options, words::emotions().len())?;
            let found = self.kept_out.retrieval(&blind, Against::Group)?;
            Ok(((*corpus).to_owned(), found))
        })?;
        Ok(found.into_iter().collect())
    }

    /// Area under each emotion's curve, averaged over corpora, at the layer chosen for reading.
    pub fn areas(&self) -> Result<Vec<f32>> {
        let emotions = words::emotions().len();
        let blind = self.selection.make(&self.chosen.reading, emotions)?;
        let found = self.kept_out.auc(&blind, Against::Making)?;
        let mean = |emotion: usize| {
            let each = found.values().filter_map(|auc| auc.each[emotion]);
            let (sum, count) =
                each.fold((0.0, 0.0), |(sum, count), area| (sum + area, count + 1.0));
            if count > 0.0 { sum / count } else { 0.5 }
        };
        Ok((0..emotions).map(mean).collect())
    }
}

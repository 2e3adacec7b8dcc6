//! What is tried.

use super::Args;
use crate::open::Opened;
use anyhow::{Context, Result, ensure};
use atlas_affect::card::VectorsCard;
use atlas_affect::steering::Place;
use atlas_lm::SamplingConfig;
use atlas_units::Layer;

/// What texts begin with, in turn: somebody, and nothing felt yet.
pub const PROMPTS: [&str; 6] = [
    "When she came home that evening, she",
    "It was raining when he opened the door, and",
    "The two friends sat down at the table, and",
    "On Monday morning the teacher walked in, and",
    "He picked up the phone and said",
    "At the end of the road there was a house where",
];
/// Random vectors from the emotions' own span.
pub const RANDOM: usize = 10;
/// Seed of the texts, of the random vectors, and of the limits.
pub const SEED: u64 = 7;
/// How tokens are drawn: as on the page.
pub const SAMPLING: SamplingConfig = SamplingConfig {
    seed: 0,
    temperature: 0.7,
    top_k: 40,
    top_p: 0.95,
    repetition_penalty: 1.1,
};

/// Where is pushed, and where is read.
pub struct Plan {
    /// Places to try.
    pub places: Vec<Place>,
    /// Which of them the sweep chose.
    pub swept: usize,
    /// Layer that what was written is read at: the one chosen for reading, or the nearest where nothing is pushed.
    pub probe_layer: Layer,
    /// Strengths, ascending.
    pub strengths: Vec<f32>,
}

impl Plan {
    pub fn new(args: &Args, opened: &Opened, card: &VectorsCard) -> Result<Self> {
        let blocks = opened.model.config().layers() - 1;
        let swept = card.method.steering.layer;
        let places = match args.layer.as_slice() {
            [] => around(swept.index(), blocks)?,
            some => {
                let one = |l: &u16| Place::of(vec![Layer::new(*l)]);
                some.iter().map(one).collect()
            }
        };
        for layer in places.iter().flat_map(|p| &p.layers) {
            ensure!(
                layer.index() <= blocks,
                "layer {layer}: this model has layers 0 to {blocks}"
            );
        }
        let probe_layer = beside(card.method.reading.layer.index(), blocks, &places)
            .context("every layer is pushed at: none is left to read at")?;
        let own = Place::of(vec![swept]);
        let mut strengths = args.strengths.clone();
        strengths.sort_by(f32::total_cmp);
        strengths.dedup();
        Ok(Self {
            swept: places.iter().position(|p| *p == own).unwrap_or(0),
            places,
            probe_layer,
            strengths,
        })
    }
}

/// The swept layer, two before it, one after it, a tenth of the depth apart, and three of them together.
fn around(swept: usize, blocks: usize) -> Result<Vec<Place>> {
    let step = (blocks / 10).max(1);
    let at = |steps: isize| -> Option<usize> {
        let layer = swept.checked_add_signed(steps * step.cast_signed())?;
        (1..blocks).contains(&layer).then_some(layer)
    };
    let place = |layers: Vec<usize>| -> Result<Place> {
        let layers = layers
            .into_iter()
            .map(|l| Ok(Layer::new(u16::try_from(l)?)));
        Ok(Place::of(layers.collect::<Result<_>>()?))
    };
    let mut singles: Vec<usize> = [-2, -1, 0, 1].into_iter().filter_map(at).collect();
    if !singles.contains(&swept) {
        singles.push(swept);
    }
    let mut places = singles
        .iter()
        .map(|l| place(vec![*l]))
        .collect::<Result<Vec<_>>>()?;
    let last = singles.len().min(4);
    if last >= 3 {
        // Around the swept layer, or up to it where it is the last.
        places.push(place(singles[last - 3..].to_vec())?);
    }
    Ok(places)
}

/// The layer nearest to `reading` (the deeper of two) at which nothing is pushed.
fn beside(reading: usize, blocks: usize, places: &[Place]) -> Option<Layer> {
    let pushed = |layer: &usize| {
        let all = places.iter().flat_map(|p| &p.layers);
        all.map(|l| l.index()).any(|l| l == *layer)
    };
    let free = (1..=blocks).filter(|l| !pushed(l));
    let nearest = free.min_by_key(|l| (l.abs_diff(reading), blocks - l))?;
    Some(Layer::new(u16::try_from(nearest).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers(places: &[Place]) -> Vec<Vec<usize>> {
        let of = |p: &Place| p.layers.iter().map(|l| l.index()).collect();
        places.iter().map(of).collect()
    }

    #[test]
    fn places_stay_within_the_model_and_hold_the_swept_layer() {
        let places = around(18, 30).expect("sound");
        assert_eq!(
            layers(&places),
            [vec![12], vec![15], vec![18], vec![21], vec![15, 18, 21]]
        );
        assert!((places[4].scale - 1.0 / 3.0).abs() < 1e-6);
        let small = around(7, 8).expect("sound");
        assert_eq!(layers(&small), [vec![5], vec![6], vec![7], vec![5, 6, 7]]);
        assert_eq!(
            layers(&around(8, 8).expect("sound"))[2],
            [8],
            "the last block"
        );
    }

    #[test]
    fn nothing_is_read_where_it_is_pushed() {
        let places = around(18, 30).expect("sound");
        assert_eq!(beside(20, 30, &places), Some(Layer::new(20)));
        assert_eq!(beside(18, 30, &places), Some(Layer::new(19)));
        let all: Vec<Place> = (1..=2).map(|l| Place::of(vec![Layer::new(l)])).collect();
        assert_eq!(beside(1, 2, &all), None);
    }
}

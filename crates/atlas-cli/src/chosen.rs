//! Which options make a model's vectors: those that its sweep took, or a start where none was run.

use anyhow::{Context, Result};
use atlas_affect::method::{MethodOptions, Mix, Space};
use atlas_units::Layer;
use serde::Deserialize;
use std::path::Path;

/// Options of every kind of directions, for one layer each.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    /// Vectors that the map shows.
    pub map: MethodOptions,
    /// Directions to steer along.
    pub steering: MethodOptions,
    /// Directions to read with.
    pub reading: MethodOptions,
}

/// The part of `selection.json` that counts here.
#[derive(Deserialize)]
struct File {
    map: Rule,
    steering: Rule,
    reading: Rule,
}

#[derive(Deserialize)]
struct Rule {
    taken: Taken,
}

#[derive(Deserialize)]
struct Taken {
    options: MethodOptions,
}

impl Chosen {
    /// What stands in a model's `selection.json`; without one, what served other models well.
    pub fn of(model: &Path, layers: usize) -> Result<Self> {
        let path = model.join("selection.json");
        let Ok(bytes) = std::fs::read(&path) else {
            return Self::start(layers);
        };
        let file: File = serde_json::from_slice(&bytes)
            .with_context(|| format!("{}: run the sweep again", path.display()))?;
        Ok(Self {
            map: file.map.taken.options,
            steering: file.steering.taken.options,
            reading: file.reading.taken.options,
        })
    }

    fn start(layers: usize) -> Result<Self> {
        let steering = map(layers)?;
        let all = Mix::of([("told", 1.0), ("inner", 1.0), ("original", 1.0)]);
        let reading = MethodOptions {
            mix: all,
            space: Space::Whitened { shrinkage: 0.5 },
            within: 0.0,
            ..steering.clone()
        };
        Ok(Self {
            map: steering.clone(),
            steering,
            reading,
        })
    }

    /// First tokens of all.
    pub fn first_tokens(&self) -> [usize; 3] {
        [&self.map, &self.steering, &self.reading].map(|o| o.first_token)
    }

    /// The same of one corpus.
    pub fn make_of(&mut self, corpus: &str) {
        for options in [&mut self.map, &mut self.steering, &mut self.reading] {
            options.mix = Mix::of([(corpus, 1.0)]);
            options.nuisance_mix = None;
        }
    }

    /// The same at another layer.
    pub fn at(&self, layer: Layer) -> Self {
        let at = |options: &MethodOptions| MethodOptions {
            layer,
            ..options.clone()
        };
        Self {
            map: at(&self.map),
            steering: at(&self.steering),
            reading: at(&self.reading),
        }
    }
}

/// What the map shows, declared as `MAP_RULE` says: plain told stories, half of the variance within emotions projected out, at two
/// thirds of the layers.
pub fn map(layers: usize) -> Result<MethodOptions> {
    let layer = u16::try_from(layers * 2 / 3)?;
    Ok(MethodOptions::plain("told", layer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_sweep_there_is_a_start_at_two_thirds_of_the_depth() {
        let chosen = Chosen::of(Path::new("/nowhere"), 31).expect("a start");
        assert_eq!(chosen.steering.layer.index(), 20);
        assert_eq!(chosen.reading.layer.index(), 20);
        assert_eq!(chosen.at(Layer::new(3)).reading.layer.index(), 3);
        chosen.steering.check().expect("sound");
        chosen.reading.check().expect("sound");
    }
}

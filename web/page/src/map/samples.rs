//! Maps for the tests.

use atlas_affect::card::{EmotionEntry, LayerGeometry, Method, Steering, VectorsCard};
use atlas_affect::cosines::Cosines;
use atlas_affect::dendrogram;
use atlas_affect::map::{Kept, MapFile};
use atlas_affect::method::MethodOptions;
use atlas_units::Layer;

use super::view::Xy;

/// SmolLM2's layer 18 as measured for the design: positions in map units, and names.
pub fn smollm2() -> (Vec<Xy>, Vec<String>) {
    include_str!("samples.txt")
        .lines()
        .map(|line| {
            let mut words = line.split(' ');
            let name = words.next().unwrap().to_owned();
            let mut number = || words.next().unwrap().parse::<f32>().unwrap();
            ([number(), number()], name)
        })
        .unzip()
}

/// A card of two emotions and two layers.
pub fn card() -> VectorsCard {
    let entry = |name: &str, valence, arousal| EmotionEntry {
        name: name.into(),
        cluster: "Fear and Overwhelm".into(),
        valence,
        arousal,
    };
    of(vec![entry("afraid", 2.0, 6.5), entry("calm", 7.0, 1.7)])
}

fn of(emotions: Vec<EmotionEntry>) -> VectorsCard {
    let coords = [[1.0, 2.0, 3.0], [-1.0, 0.5, 0.0]];
    let geometry = LayerGeometry {
        coords: coords.into_iter().cycle().take(emotions.len()).collect(),
        unit: 1.0,
        share: [0.1; 3],
        r_valence: [0.9, 0.1, 0.0],
        r_arousal: [0.0, 0.8, 0.1],
        near: vec![vec![]; emotions.len()],
    };
    let options = MethodOptions::plain("told", 1);
    VectorsCard {
        format: VectorsCard::FORMAT,
        model: "m".into(),
        model_sha256: String::new(),
        layer: Layer::new(1),
        steering: Steering {
            layers: vec![Layer::new(1)],
            scale: 1.0,
            safe: 0.3,
            limit: 0.6,
            preset: 0.25,
            basis: String::new(),
            ranges: vec![],
        },
        emotions,
        geometry: vec![geometry.clone(), geometry],
        method: Method {
            map: options.clone(),
            steering: options.clone(),
            reading: options,
            nuisance: 0,
            nuisance_share: 0.0,
            stories: 1,
            tokens: 1,
            made_by: String::new(),
        },
        corpus: vec![],
    }
}

/// Angles of four directions in the plane, in degrees.
const FAN: [f32; 4] = [0.0, 10.0, 30.0, 180.0];

/// A card of four emotions whose directions lie in a fan.
pub fn fan_card() -> VectorsCard {
    let entry = |i: usize| EmotionEntry {
        name: format!("e{i}"),
        cluster: "Fear and Overwhelm".into(),
        valence: 5.0,
        arousal: 5.0,
    };
    of((0..4).map(entry).collect())
}

/// Its file.
pub fn fan_file() -> MapFile {
    let cos = |a: f32, b: f32| (a - b).to_radians().cos();
    let square: Vec<f32> = FAN
        .iter()
        .flat_map(|a| FAN.iter().map(|b| cos(*a, *b)))
        .collect();
    let far: Vec<f32> = square.iter().map(|c| 1.0 - c).collect();
    MapFile {
        format: MapFile::FORMAT,
        model: "m".into(),
        model_sha256: String::new(),
        layer: Layer::new(1),
        umap: vec![vec![[0.5, 0.5]; 4]; 2],
        kept: Kept {
            pca: 0.3,
            umap: 0.5,
        },
        cosines: Cosines::new(&square, 4).unwrap(),
        tree: dendrogram::tree(&far, 4),
        groups: (2..=20).map(|_| vec![0, 0, 0, 1]).collect(),
    }
}

/// A small generator of numbers in 0..1, the same on every run.
pub struct Random(pub u32);

impl Random {
    /// The next number.
    pub fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as f32 / (1 << 24) as f32
    }
}

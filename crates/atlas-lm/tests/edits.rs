//! Held components against a plain loop over the same numbers, on every device; a text that holds nothing is left as
//! it is.
#![cfg(not(target_family = "wasm"))]
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use atlas_lm::{Device, Edits, Hold, Llama, device};
use atlas_units::Layer;
use common::{distance, load, run};

const TEXT: [u32; 6] = [5, 9, 2, 17, 30, 8];

/// Numbers that are neither round nor random.
fn waves(width: usize, pace: f32) -> Vec<f32> {
    (0..width).map(|i| (i as f32 * pace).sin()).collect()
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn unit(mut v: Vec<f32>) -> Vec<f32> {
    let norm = dot(&v, &v).sqrt();
    v.iter_mut().for_each(|x| *x /= norm);
    v
}

fn two_holds(width: usize) -> Vec<Hold> {
    let (a, b) = (unit(waves(width, 0.7)), unit(waves(width, 1.9)));
    [(a, 0.0), (b, 1.5)]
        .map(|(v, target)| Hold {
            read: v.clone(),
            write: v,
            target,
        })
        .into()
}

/// What [`Edits::hold`] promises, written down as it is said.
fn plain_loop(residual: &mut [f32], width: usize, holds: &[Hold]) {
    for row in residual.chunks_mut(width) {
        let found: Vec<f32> = holds.iter().map(|h| dot(&h.read, row)).collect();
        for (hold, found) in holds.iter().zip(found) {
            for (x, w) in row.iter_mut().zip(&hold.write) {
                *x += w * (hold.target - found);
            }
        }
    }
}

fn check(name: &str, on: Device) {
    let model = load(name, on);
    let width = model.config().width;
    let (at, holds) = (Layer::new(2), two_holds(width));
    let mut edits = Edits::none();
    edits
        .hold(at, std::slice::from_ref(&holds), model.device())
        .unwrap();
    let (plain, _) = run(&model, &TEXT, &Edits::none());
    let (held, _) = run(&model, &TEXT, &edits);
    assert_eq!(plain[..2], held[..2], "no layer below is touched");
    let mut expected = plain[2].clone();
    plain_loop(&mut expected, width, &holds);
    assert!(distance(&held[2], &expected, width) < 1e-4, "{name}");
    assert!(
        distance(&held[3], &plain[3], width) > 1e-2,
        "it is felt above"
    );
    texts_of_a_batch_hold_their_own(&model, &holds);
}

fn texts_of_a_batch_hold_their_own(model: &Llama, holds: &[Hold]) {
    let width = model.config().width;
    let other = vec![Hold {
        target: -2.0,
        ..holds[1].clone()
    }];
    let texts = [vec![], holds.to_vec(), other.clone(), holds.to_vec()];
    let mut edits = Edits::none();
    edits.hold(Layer::new(1), &texts, model.device()).unwrap();
    let mut cache = model.cache();
    let mut pass = model.begin(&[&TEXT[..]; 4], &mut cache, &edits).unwrap();
    pass.step();
    let found = pollster::block_on(device::read(pass.residual())).unwrap();
    let rows: Vec<&[f32]> = found.chunks(TEXT.len() * width).collect();
    let mut cache = model.cache();
    let none = Edits::none();
    let mut pass = model.begin(&[&TEXT[..]; 4], &mut cache, &none).unwrap();
    pass.step();
    let plain = pollster::block_on(device::read(pass.residual())).unwrap();
    assert_eq!(rows[0], &plain[..TEXT.len() * width], "to the bit");
    assert_eq!(rows[1], rows[3]);
    for (row, holds) in [(rows[1], holds), (rows[2], &other)] {
        let mut expected = plain[..TEXT.len() * width].to_vec();
        plain_loop(&mut expected, width, holds);
        assert!(distance(row, &expected, width) < 1e-4);
    }
}

#[test]
fn components_are_held_on_the_cpu() {
    check("tiny-gqa", device::cpu());
    check("tiny-q", device::cpu());
}

#[cfg(feature = "gpu")]
#[test]
fn components_are_held_on_the_gpu() {
    let gpu =
        pollster::block_on(device::gpu()).expect("a Vulkan driver; on Debian: mesa-vulkan-drivers");
    check("tiny-gqa", gpu);
}

/// One token after the other through the cache is the same as all at once.
#[test]
fn cached_is_uncached() {
    let model = load("tiny-gqa", device::cpu());
    let mut edits = Edits::none();
    let holds = two_holds(model.config().width);
    edits.hold(Layer::new(2), &[holds], model.device()).unwrap();
    let (_, whole) = run(&model, &TEXT, &edits);
    let mut cache = model.cache();
    let each: Vec<f32> = TEXT
        .iter()
        .flat_map(|token| {
            let logits = model.logits(&[*token], &mut cache, &edits).unwrap();
            pollster::block_on(device::read(logits)).unwrap()
        })
        .collect();
    assert_eq!(each, whole);
}

#[test]
fn what_does_not_fit_is_refused() {
    let model = load("tiny-gqa", device::cpu());
    let hold = |read: usize, write: usize| Hold {
        read: vec![1.0; read],
        write: vec![1.0; write],
        target: 0.0,
    };
    let mut edits = Edits::none();
    let uneven = edits.hold(Layer::new(1), &[vec![hold(32, 31)]], model.device());
    assert!(uneven.is_err());
    edits
        .hold(Layer::new(1), &[vec![], vec![]], model.device())
        .unwrap();
    assert!(edits.is_empty(), "nothing is held");
    for (layer, width, texts) in [(9, 32, 1), (1, 16, 1), (1, 32, 3)] {
        let mut edits = Edits::none();
        let texts = vec![vec![hold(width, width)]; texts];
        edits
            .hold(Layer::new(layer), &texts, model.device())
            .unwrap();
        let mut cache = model.cache();
        assert!(model.begin(&[&TEXT[..]], &mut cache, &edits).is_err());
    }
}

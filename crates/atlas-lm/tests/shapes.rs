//! Whatever the length, and however a text is cut into passes: on the CPU the same bits.

#![cfg(not(target_family = "wasm"))]
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use atlas_lm::{Edits, Llama, device};
use atlas_units::Layer;
use common::load;

/// Tokens without a pattern.
fn text(model: &Llama, length: usize) -> Vec<u32> {
    let vocabulary = model.config().vocabulary as u32;
    (0..length as u32)
        .map(|i| i.wrapping_mul(2_654_435_761) % vocabulary)
        .collect()
}

fn edits(model: &Llama) -> Edits {
    let config = model.config();
    let mut edits = Edits::none();
    let row: Vec<f32> = (0..config.width).map(|i| (i % 7) as f32 * 0.05).collect();
    let at = Layer::new(u16::try_from(config.blocks / 2).unwrap());
    edits.add(at, &[row], model.device()).unwrap();
    edits
}

/// Logits after the last token, the text run in passes of the given lengths.
fn last(model: &Llama, text: &[u32], cuts: &[usize], edits: &Edits) -> Vec<u32> {
    let mut cache = model.cache();
    let (mut rest, mut bits) = (text, vec![]);
    for &cut in cuts {
        let (now, later) = rest.split_at(cut);
        let mut pass = model.begin(&[now], &mut cache, edits).unwrap();
        while pass.step() {}
        let logits = pollster::block_on(device::read(pass.logits(cut - 1..cut))).unwrap();
        bits = logits.iter().map(|x| x.to_bits()).collect();
        rest = later;
    }
    assert!(rest.is_empty());
    bits
}

fn any_cut_is_the_same(name: &str, cuts: &[&[usize]]) {
    let model = load(name, device::cpu());
    for edits in [Edits::none(), edits(&model)] {
        for cuts in cuts {
            let text = text(&model, cuts.iter().sum());
            let whole = last(&model, &text, &[text.len()], &edits);
            assert_eq!(last(&model, &text, cuts, &edits), whole, "{name} {cuts:?}");
            assert!(whole.iter().all(|&bits| f32::from_bits(bits).is_finite()));
        }
    }
}

#[test]
fn short_and_odd() {
    let cuts: [&[usize]; 5] = [&[1], &[1, 1], &[2, 1], &[17, 1, 13], &[63, 1, 1, 64, 3]];
    for name in ["tiny-gqa", "tiny-untied", "tiny-q", "atlas-lite"] {
        any_cut_is_the_same(name, &cuts);
    }
}

#[test]
fn a_thousand_tokens() {
    let model = load("smollm2-135m-instruct", device::cpu());
    let (text, edits) = (text(&model, 1000), edits(&model));
    let whole = last(&model, &text, &[1000], &edits);
    assert_eq!(last(&model, &text, &[1, 63, 1, 510, 424, 1], &edits), whole);
}

/// What a model takes on its device is what its file holds, the order of the numbers aside.
#[test]
fn weights_stay_as_stored() {
    let model = load("smollm2-135m-instruct", device::cpu());
    let file = 98_362_432;
    assert!(model.bytes() <= file, "{} bytes", model.bytes());
    assert!(model.bytes() > file * 9 / 10, "{} bytes", model.bytes());
}

#[test]
fn what_is_shared_below_a_push_and_before_an_ending_changes_no_bit() {
    for name in ["tiny-gqa", "tiny-q", "atlas-lite"] {
        let model = load(name, device::cpu());
        let config = model.config();
        let at = Layer::new(u16::try_from(config.blocks / 2).unwrap());
        let rows: Vec<Vec<f32>> = [0.0, 0.3, -0.2]
            .map(|size| {
                (0..config.width)
                    .map(|i| size * ((i % 5) as f32 - 2.0))
                    .collect()
            })
            .into();
        let whole = text(&model, 9);
        let (prompt, ends) = (
            &whole[..6],
            [&whole[6..], &[whole[8], whole[7], whole[6]][..]],
        );
        let none = Edits::none();
        let some = |rows: &[Vec<f32>]| {
            let mut edits = Edits::none();
            edits.add(at, rows, model.device()).unwrap();
            edits
        };
        let (mut lower, mut upper) = (model.cache(), model.cache());
        let run = |texts: &[&[u32]], lower: &mut _| {
            let mut pass = model.begin(texts, lower, &none).unwrap();
            while pass.layer() != at && pass.step() {}
            pass.leave()
        };
        let shared = run(&[prompt], &mut lower).repeat_dim(0, rows.len());
        let edits = some(&rows);
        let mut pass = model.resume(at, shared, &mut upper, &edits).unwrap();
        while pass.step() {}
        let (mut lower, mut upper) = (lower.fork(ends.len()), upper.fork(ends.len()));
        let shared = run(&ends, &mut lower).repeat_dim(0, rows.len());
        let each: Vec<Vec<f32>> = rows.iter().flat_map(|r| [r.clone(), r.clone()]).collect();
        let edits = some(&each);
        let mut pass = model.resume(at, shared, &mut upper, &edits).unwrap();
        while pass.step() {}
        let logits = pollster::block_on(device::read(pass.next_logits())).unwrap();
        let found = logits.chunks(config.vocabulary);

        let alone: Vec<Vec<u32>> = rows
            .iter()
            .flat_map(|row| {
                let edits = some(std::slice::from_ref(row));
                ends.map(|end| last(&model, &[prompt, end].concat(), &[9], &edits))
            })
            .collect();
        assert_eq!(found.len(), alone.len());
        for (found, alone) in found.zip(&alone) {
            let found: Vec<u32> = found.iter().map(|x| x.to_bits()).collect();
            assert_eq!(&found, alone, "{name}");
        }
        assert_ne!(alone[0], alone[2], "the push does something");
    }
}

//! What is shared between pushes and endings changes no number.
#![cfg(not(target_family = "wasm"))]
#![allow(clippy::unwrap_used, reason = "tests")]

use atlas_lab::{Endings, Push, Pushes, Trunk, random_weights};
use atlas_lm::{Llama, LlamaConfig, Loader, SamplingConfig, Tokenizer, WeightFormat, device};
use atlas_probe::Vectors;
use atlas_units::{Layer, Strength};
use std::path::Path;

fn open() -> (Llama, Tokenizer) {
    let folder = Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap())
        .join("../../tests/reference/tiny/tiny-gqa");
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let config = String::from_utf8(read("config.json")).unwrap();
    let config = LlamaConfig::from_hugging_face(&config).unwrap();
    let mut loader = Loader::new(WeightFormat::Safetensors, Some(config), device::cpu());
    loader.push(&read("model.safetensors")).unwrap();
    let tokenizer = Tokenizer::from_json(&read("tokenizer.json")).unwrap();
    (loader.finish().unwrap().model, tokenizer)
}

/// Three emotions, a simple pattern each.
fn vectors(model: &Llama) -> Vectors {
    let (layers, width) = (model.config().layers(), model.config().width);
    let emotion: Vec<f32> = (0..layers * 3 * width)
        .map(|i| ((i * 7919) % 13) as f32 - 6.0)
        .collect();
    Vectors {
        layers,
        emotions: 3,
        width,
        filter: emotion.clone(),
        emotion,
        mean: vec![0.0; layers * width],
        norm: vec![3.0; layers],
        p99: vec![1.0; layers * 3],
        axes: vec![1.0; layers * 2 * width],
        unit: vec![1.0; layers],
    }
}

#[test]
fn endings_are_as_likely_as_when_each_is_run_alone() {
    let (model, tokenizer) = open();
    let vectors = vectors(&model);
    for layer in [Layer::EMBEDDING, Layer::new(1), Layer::new(3)] {
        let mut pushes = Pushes::new(&vectors, &[layer], 1.0);
        pushes.emotion(1, Strength::new(0.4));
        pushes.mixture(&random_weights(3, 1, 7)[0], Strength::new(-0.3));
        let texts = [" went home.", " sang", " lied to all of them, and ran."].map(str::to_owned);
        let prompt = "One day the girl";
        let ids = tokenizer.encode(prompt).unwrap();
        let ends: Vec<Vec<u32>> = texts.iter().map(|t| tokenizer.encode(t).unwrap()).collect();
        let trunk = Trunk::grow(&model, &ids, &pushes, 0..pushes.len()).unwrap();
        let found = pollster::block_on(trunk.endings(&ends)).unwrap();
        // The rows as they are added, taken back from the edits.
        let rows: Vec<Push> = (0..pushes.len())
            .map(|push| {
                let edits = pushes.edits(push..push + 1, 1, model.device()).unwrap();
                let row = pollster::block_on(edits.rows(layer)).unwrap();
                if row.is_empty() {
                    Push::none()
                } else {
                    Push::at(layer, row)
                }
            })
            .collect();
        let alone = Endings::new(&tokenizer, prompt, &texts).unwrap();
        let alone = pollster::block_on(alone.log_probabilities(&model, &rows)).unwrap();
        assert_eq!(found.len(), alone.len());
        for (found, alone) in found.iter().zip(&alone) {
            assert!(
                (found - alone).abs() < 1e-4,
                "layer {layer}: {found} and {alone}"
            );
        }
        assert!(
            (found[0] - found[3]).abs() > 1e-3,
            "the push does something"
        );
        // Some pushes at a time give the same as all.
        let some = Trunk::grow(&model, &ids, &pushes, 1..2).unwrap();
        let some = pollster::block_on(some.endings(&ends)).unwrap();
        assert!(
            some.iter()
                .zip(&found[3..6])
                .all(|(a, b)| (a - b).abs() < 1e-6)
        );
    }
}

#[test]
fn texts_of_one_seed_differ_by_the_push_alone() {
    let (model, tokenizer) = open();
    let vectors = vectors(&model);
    let mut pushes = Pushes::new(&vectors, &[Layer::new(2)], 1.0);
    pushes.emotion(0, Strength::new(0.0));
    pushes.emotion(0, Strength::new(5.0));
    let ids = tokenizer.encode("One day").unwrap();
    let trunk = Trunk::grow(&model, &ids, &pushes, 0..3).unwrap();
    let sampling = SamplingConfig {
        seed: 3,
        temperature: 1.0,
        top_k: 20,
        top_p: 1.0,
        repetition_penalty: 1.0,
    };
    let written = pollster::block_on(trunk.write(2, 12, sampling)).unwrap();
    assert!(written.iter().flatten().all(|text| text.len() == 12));
    assert_eq!(written[0], written[1], "a push of nothing");
    assert_ne!(written[0], written[2], "a push");
    assert_ne!(written[0][0], written[0][1], "another seed");
    let again = pollster::block_on(trunk.write(2, 12, sampling)).unwrap();
    assert_eq!(again, written);
}

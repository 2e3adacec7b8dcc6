//! What is computed together is what is computed alone: on atlas-lite, as it lies in `models`.
#![allow(clippy::unwrap_used, reason = "tests")]

use atlas_lab::{Draft, Endings, Push, Writing, Written, read_back, read_through};
use atlas_lm::{
    Edits, Llama, LlamaConfig, Loader, SamplingConfig, Tokenizer, WeightFormat, device,
};
use atlas_units::Layer;
use pollster::block_on;
use std::path::Path;

fn lite() -> (Llama, Tokenizer) {
    let folder =
        Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("../../models/atlas-lite");
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let config = String::from_utf8(read("config.json")).unwrap();
    let config = LlamaConfig::from_hugging_face(&config).unwrap();
    let mut loader = Loader::new(WeightFormat::Safetensors, Some(config), device::cpu());
    loader.push(&read("weights/000.bin")).unwrap();
    let tokenizer = Tokenizer::from_json(&read("tokenizer.json")).unwrap();
    (loader.finish().unwrap().model, tokenizer)
}

/// A push along one coordinate, hard enough to change what is written.
fn push(model: &Llama, layer: u16, at: usize) -> Push {
    let mut vector = vec![0.0; model.config().width];
    vector[at] = 40.0;
    Push::at(Layer::new(layer), vector)
}

#[test]
fn a_text_is_the_same_whoever_is_written_beside_it() {
    let (model, tokenizer) = lite();
    let prompt = tokenizer
        .encode("When she came home that evening, she")
        .unwrap();
    let writing = Writing {
        tokens: 12,
        sampling: SamplingConfig {
            seed: 0,
            temperature: 0.7,
            top_k: 40,
            top_p: 0.95,
            repetition_penalty: 1.1,
        },
        stops: vec![],
    };
    let draft = |push: Push, seed| Draft {
        prompt: prompt.clone(),
        push,
        seed,
    };
    let drafts = [
        draft(Push::none(), 1),
        draft(push(&model, 4, 3), 1),
        draft(push(&model, 6, 9), 2),
        draft(Push::none(), 2),
    ];
    let together = block_on(writing.write(&model, &drafts)).unwrap();
    for (draft, text) in drafts.iter().zip(&together) {
        let alone = block_on(writing.write(&model, std::slice::from_ref(draft))).unwrap();
        assert_eq!(&alone[0], text);
        assert_eq!(text.len(), 12);
    }
    assert_ne!(together[0], together[1], "a push changes the text");
    assert_ne!(together[0], together[3], "so does the seed");

    // A text ends before its first stop token, and the others go on.
    let stop = together[0][5];
    let first = |text: &[u32]| text.iter().position(|t| *t == stop).unwrap_or(text.len());
    let ended = Writing {
        stops: vec![stop],
        ..writing
    };
    let ended = block_on(ended.write(&model, &drafts)).unwrap();
    for (ended, whole) in ended.iter().zip(&together) {
        assert_eq!(ended, &whole[..first(whole)]);
    }

    // Texts of different lengths are read together as alone.
    let written: Vec<Written> = ended
        .into_iter()
        .map(|text| Written {
            prompt: prompt.clone(),
            text,
        })
        .collect();
    let layer = Layer::new(5);
    let read = block_on(read_through(&model, layer, &written)).unwrap();
    let width = model.config().width;
    for (at, text) in written.iter().enumerate() {
        let alone = block_on(read_through(&model, layer, std::slice::from_ref(text))).unwrap();
        let near = |a: f32, b: f32| (a - b).abs() <= 1e-4 * b.abs().max(1.0);
        let row = &read.residual[at * width..][..width];
        assert!(row.iter().zip(&alone.residual).all(|(a, b)| near(*a, *b)));
        let [a, b] = [read.surprise[at], alone.surprise[0]].map(Option::unwrap);
        assert!(near(a, b));
        // By definition: the mean over written tokens of the negative log-probability.
        let whole = [text.prompt.as_slice(), &text.text].concat();
        let logits = model
            .logits(&whole, &mut model.cache(), &Edits::none())
            .unwrap();
        let logits = block_on(device::read(logits)).unwrap();
        let rows: Vec<&[f32]> = logits.chunks(model.config().vocabulary).collect();
        let sum: f64 = (prompt.len()..whole.len())
            .map(|t| {
                let row = rows[t - 1];
                let total: f64 = row.iter().map(|x| f64::from(*x).exp()).sum();
                total.ln() - f64::from(row[whole[t] as usize])
            })
            .sum();
        assert!(near(a, (sum / text.text.len() as f64) as f32));
    }
    let back = block_on(read_back(&model, layer, &written)).unwrap();
    assert_eq!(back, read.residual);
}

#[test]
fn endings_are_asked_together_as_alone() {
    let (model, tokenizer) = lite();
    let words = [" happy", " desperate", " grief-stricken"].map(String::from);
    let endings = Endings::new(&tokenizer, "He feels", &words).unwrap();
    let pushes: Vec<Push> = (0..50)
        .map(|i| {
            if i == 0 {
                Push::none()
            } else {
                push(&model, 5, i)
            }
        })
        .collect();
    let together = block_on(endings.log_probabilities(&model, &pushes)).unwrap();
    assert_eq!(together.len(), 150);
    for (i, push) in pushes.iter().enumerate().step_by(7) {
        let alone =
            block_on(endings.log_probabilities(&model, std::slice::from_ref(push))).unwrap();
        assert_eq!(alone, together[i * 3..][..3]);
    }
    // By definition, unsteered.
    let prompt = tokenizer.encode("He feels").unwrap();
    for (word, found) in words.iter().zip(&together) {
        let ending = tokenizer.encode(word).unwrap();
        let whole = [prompt.as_slice(), &ending].concat();
        let logits = model
            .logits(&whole, &mut model.cache(), &Edits::none())
            .unwrap();
        let logits = block_on(device::read(logits)).unwrap();
        let rows: Vec<&[f32]> = logits.chunks(model.config().vocabulary).collect();
        let sum: f64 = (prompt.len()..whole.len())
            .map(|t| {
                let total: f64 = rows[t - 1].iter().map(|x| f64::from(*x).exp()).sum();
                f64::from(rows[t - 1][whole[t] as usize]) - total.ln()
            })
            .sum();
        assert!((sum - found).abs() < 1e-3, "{word}: {sum} {found}");
    }
}

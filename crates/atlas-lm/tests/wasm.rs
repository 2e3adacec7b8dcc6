//! The engine where it will run: the CPU kernels of a browser against PyTorch, and the tokenizer whose
//! regular expressions are another library's there.

#![cfg(target_family = "wasm")]
#![allow(clippy::unwrap_used, reason = "tests")]

use atlas_lm::{Edits, Llama, Loader, Tokenizer, WeightFormat, device};
use atlas_units::Layer;
use safetensors::SafeTensors;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

const GGUF: &[u8] = include_bytes!("../../../tests/reference/tiny/tiny-q/tiny-q.gguf");
const REFERENCE: &[u8] = include_bytes!("../../../tests/reference/fixtures/tiny-q.safetensors");
const TOKENIZER: &[u8] = include_bytes!("../../../models/atlas-lite/tokenizer.json");
const TOKENS: &str = include_str!("../../../tests/reference/fixtures/tokens.json");

fn model() -> Llama {
    let mut loader = Loader::new(WeightFormat::Gguf, None, device::cpu());
    for piece in GGUF.chunks(10_007) {
        loader.push(piece).unwrap();
    }
    loader.finish().unwrap().model
}

fn floats(name: &str) -> Vec<f32> {
    let file = SafeTensors::deserialize(REFERENCE).unwrap();
    let data = file.tensor(name).unwrap().data();
    data.chunks_exact(4)
        .map(|b| f32::from_le_bytes(b.try_into().unwrap()))
        .collect()
}

fn ids(name: &str) -> Vec<u32> {
    let file = SafeTensors::deserialize(REFERENCE).unwrap();
    let data = file.tensor(name).unwrap().data();
    data.chunks_exact(8)
        .map(|b| u32::try_from(i64::from_le_bytes(b.try_into().unwrap())).unwrap())
        .collect()
}

fn close(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    let rms = (expected.iter().map(|x| x * x).sum::<f32>() / expected.len() as f32).sqrt();
    for (a, b) in found.iter().zip(expected) {
        assert!((a - b).abs() < 1e-3 * rms, "{a} is not {b}");
    }
}

#[wasm_bindgen_test]
async fn logits_steered_and_not_equal_pytorch() {
    let model = model();
    let tokens = ids("long.tokens");
    for (name, edited) in [("long.logits", false), ("long.logits_steered", true)] {
        let mut edits = Edits::none();
        if edited {
            // `edit_layer` of the fixture's JSON.
            edits
                .add(Layer::new(2), &[floats("edit")], model.device())
                .unwrap();
        }
        let logits = model.logits(&tokens, &mut model.cache(), &edits).unwrap();
        close(&device::read(logits).await.unwrap(), &floats(name));
    }
}

#[wasm_bindgen_test]
async fn cached_equals_uncached() {
    let model = model();
    let tokens = ids("short.tokens");
    let whole = model
        .logits(&tokens, &mut model.cache(), &Edits::none())
        .unwrap();
    let whole = device::read(whole).await.unwrap();
    let mut cache = model.cache();
    let mut parts = vec![];
    for token in &tokens {
        let logits = model.logits(&[*token], &mut cache, &Edits::none()).unwrap();
        parts.extend(device::read(logits).await.unwrap());
    }
    close(&parts, &whole);
}

#[wasm_bindgen_test]
fn token_ids_equal_the_reference() {
    let tokenizer = Tokenizer::from_json(TOKENIZER).unwrap();
    let fixture: serde_json::Value = serde_json::from_str(TOKENS).unwrap();
    let rows = fixture
        .as_array()
        .or_else(|| fixture.as_object()?.values().find_map(|v| v.as_array()))
        .unwrap();
    assert!(rows.len() >= 200);
    for row in rows {
        let text = row["text"].as_str().unwrap();
        let expected: Vec<u64> = row["atlas-lite"]
            .as_array()
            .unwrap()
            .iter()
            .map(|v| v.as_u64().unwrap())
            .collect();
        let found: Vec<u64> = tokenizer
            .encode(text)
            .unwrap()
            .into_iter()
            .map(u64::from)
            .collect();
        assert_eq!(found, expected, "{text:?}");
    }
}

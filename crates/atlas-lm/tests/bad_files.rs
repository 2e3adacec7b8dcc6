//! Files that are not what they should be: a clear error, never a panic.

#![cfg(not(target_family = "wasm"))]
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use atlas_lm::{LlamaConfig, LoadError, Loader, WeightFormat, device};
use common::root;

fn gguf() -> Vec<u8> {
    std::fs::read(root().join("tests/reference/tiny/tiny-q/tiny-q.gguf")).unwrap()
}

fn load(bytes: &[u8]) -> Result<(), LoadError> {
    let mut loader = Loader::new(WeightFormat::Gguf, None, device::cpu());
    loader.push(bytes)?;
    loader.finish().map(|_| ())
}

#[test]
fn truncated_anywhere() {
    let bytes = gguf();
    assert!(load(&bytes).is_ok());
    for cut in [0, 3, 30, 5_000, bytes.len() / 2, bytes.len() - 1] {
        let error = load(&bytes[..cut]).unwrap_err();
        assert!(
            matches!(error, LoadError::Header(_) | LoadError::Truncated { .. }),
            "cut at {cut}: {error}"
        );
    }
}

#[test]
fn something_else_entirely() {
    let error = load(b"<!doctype html><title>404</title>").unwrap_err();
    assert!(error.to_string().contains("not a GGUF file"), "{error}");
    let config = std::fs::read_to_string(root().join("models/atlas-lite/config.json")).unwrap();
    let config = LlamaConfig::from_hugging_face(&config).unwrap();
    let mut loader = Loader::new(WeightFormat::Safetensors, Some(config), device::cpu());
    let error = loader
        .push(b"<!doctype html><title>404</title>")
        .unwrap_err();
    assert!(
        error.to_string().contains("not a safetensors file"),
        "{error}"
    );
}

#[test]
fn absurd_lengths_are_not_believed() {
    let mut bytes = gguf();
    bytes[8..16].copy_from_slice(&u64::MAX.to_le_bytes());
    assert!(matches!(load(&bytes), Err(LoadError::Header(_))));
}

#[test]
fn other_architectures_are_named() {
    let error = LlamaConfig::from_hugging_face(r#"{"model_type":"gpt2"}"#).unwrap_err();
    assert!(matches!(error, LoadError::Config(_)));
    let config = std::fs::read_to_string(root().join("models/atlas-lite/config.json")).unwrap();
    let other = config.replace("\"llama\"", "\"mamba\"");
    let error = LlamaConfig::from_hugging_face(&other).unwrap_err();
    assert!(error.to_string().contains("mamba"), "{error}");
}

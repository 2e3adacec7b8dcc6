//! The engine against PyTorch: logits, every layer's residual, cached and uncached, edited and not.

#![cfg(not(target_family = "wasm"))]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "tests, which say what they measured"
)]

mod common;

use atlas_lm::{Device, Edits, Llama, device};
use common::{Reference, distance, load, run};

/// See [`distance`].
const TOLERANCE: f32 = 1e-3;

fn check(name: &str, on: Device) {
    let reference = Reference::open(name);
    let model = load(name, on);
    let edited = reference.edits(model.device());
    for prompt in ["short", "long"] {
        let tokens = reference.ids(&format!("{prompt}.tokens"));
        check_run(&reference, &model, &tokens, prompt, "", &Edits::none());
        check_run(&reference, &model, &tokens, prompt, "_steered", &edited);
    }
    edit_reaches_no_layer_below(&reference, &model, &edited);
}

fn check_run(
    reference: &Reference,
    model: &Llama,
    tokens: &[u32],
    prompt: &str,
    suffix: &str,
    edits: &Edits,
) {
    let name = |what: &str| format!("{prompt}.{what}{suffix}");
    let (residuals, logits) = run(model, tokens, edits);
    let expected = reference.floats(&name("residuals"));
    let mut worst = 0f32;
    for (layer, (found, expected)) in residuals
        .iter()
        .zip(expected.chunks(residuals[0].len()))
        .enumerate()
    {
        let off = distance(found, expected, model.config().width);
        worst = worst.max(off);
        assert!(
            off < TOLERANCE,
            "{} layer {layer}: {off}",
            name("residuals")
        );
    }
    let vocabulary = model.config().vocabulary;
    let ids_name = format!("{prompt}.logit_ids");
    let kept: Vec<usize> = if reference.has(&ids_name) {
        reference
            .ids(&ids_name)
            .iter()
            .map(|&i| i as usize)
            .collect()
    } else {
        (0..vocabulary).collect()
    };
    let found: Vec<f32> = logits
        .chunks(vocabulary)
        .flat_map(|row| kept.iter().map(|&i| row[i]))
        .collect();
    let off = distance(&found, &reference.floats(&name("logits")), kept.len());
    assert!(off < TOLERANCE, "{}: {off}", name("logits"));
    println!(
        "measured: {}: residuals off by {worst:.1e} at most, logits by {off:.1e}",
        name("")
    );

    let (text, uneven) = (
        reference.ids(&name("greedy")),
        cached_logits(model, tokens, edits),
    );
    // On the CPU to the bit (`shapes.rs`).
    let off = distance(&uneven, &logits, vocabulary);
    assert!(off < 1e-4, "cached against uncached: {off}");
    assert_eq!(
        greedy(model, tokens, edits, text.len()),
        text,
        "{}",
        name("greedy")
    );
}

/// The same text in three unequal passes through one cache.
fn cached_logits(model: &Llama, tokens: &[u32], edits: &Edits) -> Vec<f32> {
    let mut cache = model.cache();
    let (first, rest) = tokens.split_at(tokens.len() / 2);
    let (second, third) = rest.split_at(rest.len() - 1);
    [first, second, third]
        .iter()
        .flat_map(|part| {
            let logits = model.logits(part, &mut cache, edits).unwrap();
            pollster::block_on(device::read(logits)).unwrap()
        })
        .collect()
}

fn greedy(model: &Llama, tokens: &[u32], edits: &Edits, count: usize) -> Vec<u32> {
    let mut cache = model.cache();
    let mut next = tokens.to_vec();
    let mut out = vec![];
    for _ in 0..count {
        let mut pass = model.begin(&[&next], &mut cache, edits).unwrap();
        while pass.step() {}
        let last = pass.logits(next.len() - 1..next.len());
        let logits = pollster::block_on(device::read(last)).unwrap();
        let best = (0..logits.len())
            .max_by(|&a, &b| logits[a].total_cmp(&logits[b]))
            .unwrap();
        next = vec![u32::try_from(best).unwrap()];
        out.push(next[0]);
    }
    out
}

fn edit_reaches_no_layer_below(reference: &Reference, model: &Llama, edited: &Edits) {
    let tokens = reference.ids("short.tokens");
    let (plain, _) = run(model, &tokens, &Edits::none());
    let (steered, _) = run(model, &tokens, edited);
    let at = reference.edit_layer.index();
    assert_eq!(plain[..at], steered[..at]);
    let change: Vec<f32> = steered[at]
        .iter()
        .zip(&plain[at])
        .map(|(s, p)| s - p)
        .collect();
    let edit = reference.floats("edit").repeat(tokens.len());
    assert!(
        distance(&change, &edit, model.config().width) < 1e-3,
        "the edit itself is what is added at its layer"
    );
}

#[test]
fn tiny_grouped_queries_on_the_cpu() {
    check("tiny-gqa", device::cpu());
}

#[test]
fn tiny_untied_sharded_bf16_on_the_cpu() {
    check("tiny-untied", device::cpu());
}

#[test]
fn tiny_quantised_gguf_on_the_cpu() {
    check("tiny-q", device::cpu());
}

#[test]
fn atlas_lite_on_the_cpu() {
    check("atlas-lite", device::cpu());
}

#[test]
fn smollm2_on_the_cpu() {
    check("smollm2-135m-instruct", device::cpu());
}

/// One test for all GPU runs: drivers do not take kindly to several devices at once.
#[cfg(feature = "gpu")]
#[test]
fn tiny_checkpoints_on_the_gpu() {
    let gpu =
        pollster::block_on(device::gpu()).expect("a Vulkan driver; on Debian: mesa-vulkan-drivers");
    check("tiny-gqa", gpu.clone());
    check("tiny-q", gpu);
}

/// Texts run together are the same as texts run alone.
#[test]
fn a_batch_is_its_rows() {
    let model = load("tiny-gqa", device::cpu());
    let rows: [&[u32]; 2] = [&[5, 6, 7, 8], &[9, 10, 11, 12]];
    let mut cache = model.cache();
    let edits = Edits::none();
    let mut pass = model.begin(&rows, &mut cache, &edits).unwrap();
    while pass.step() {}
    let both = pollster::block_on(device::read(pass.logits(0..4))).unwrap();
    let alone: Vec<f32> = rows
        .iter()
        .flat_map(|row| run(&model, row, &Edits::none()).1)
        .collect();
    assert!(distance(&both, &alone, model.config().vocabulary) < 1e-4);
}

//! Writing `model.json`: hashes of a model's files, and logits for the self-test.

use crate::files::sha256;
use crate::{load, self_test, words};
use atlas_lm::{LlamaConfig, Loader, Tokenizer, device};
use atlas_protocol::{FileEntry, ModelManifest, Problem, SelfTest, WeightsFormat};
use std::collections::BTreeSet;
use std::path::Path;

/// Name of the file that lists a model's files.
pub const MANIFEST: &str = "model.json";

/// What the self-test reads; its first tokens, that is.
const SENTENCE: &str = "She waited by the window while the rain fell on the quiet garden road.";
/// So many of them.
const TOKENS: usize = 12;
/// Vocabulary entries whose logits are stored, and how many of them are the likeliest.
const IDS: usize = 64;
const LIKELIEST: usize = 8;

/// Writes `model.json` of a model's folder and returns it.
///
/// The folder holds `weights/000.bin`, `weights/001.bin` ... (joined they are one GGUF or safetensors
/// file), `tokenizer.json`, `vectors.json`, `vectors.safetensors`, for safetensors `config.json`, and
/// where the weights carry no chat template, `tokenizer_config.json` may. Logits are computed on the CPU.
///
/// # Errors
/// When a file is missing or the weights cannot be used.
pub async fn write_manifest(folder: &Path) -> Result<ModelManifest, Problem> {
    let mut names: Vec<String> = std::fs::read_dir(folder.join("weights"))
        .map_err(|e| unreadable("weights", &e))?
        .filter_map(|file| file.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".bin"))
        .map(|name| format!("weights/{name}"))
        .collect();
    names.sort();

    let mut weights = Vec::new();
    let mut loader = None;
    let mut stored = WeightsFormat::Safetensors;
    let config = folder
        .join("config.json")
        .exists()
        .then(|| read(folder, "config.json"))
        .transpose()?;
    for name in &names {
        let bytes = read(folder, name)?;
        weights.push(entry(name, &bytes));
        if loader.is_none() {
            if bytes.starts_with(b"GGUF") {
                stored = WeightsFormat::Gguf;
            }
            let config = config.as_ref().map(|json| {
                LlamaConfig::from_hugging_face(&String::from_utf8_lossy(json))
                    .map_err(|e| words::load(&e))
            });
            loader = Some(Loader::new(
                load::format(stored),
                config.transpose()?,
                device::cpu(),
            ));
        }
        if let Some(loader) = &mut loader {
            loader.push(&bytes).map_err(|e| words::load(&e))?;
        }
    }
    let loader = loader.ok_or_else(|| words::unusable(&"there is nothing in weights/"))?;
    let loaded = loader.finish().map_err(|e| words::load(&e))?;

    let tokenizer = read(folder, "tokenizer.json")?;
    let model = ModelManifest {
        format: stored,
        // GGUF carries its own.
        config: config
            .filter(|_| stored == WeightsFormat::Safetensors)
            .map(|c| entry("config.json", &c)),
        tokenizer: entry("tokenizer.json", &tokenizer),
        card: entry("vectors.json", &read(folder, "vectors.json")?),
        vectors: entry("vectors.safetensors", &read(folder, "vectors.safetensors")?),
        chat_template: chat_template(folder)?,
        weights,
        self_test: {
            let tokenizer = Tokenizer::from_json(&tokenizer).map_err(|e| words::load(&e))?;
            let mut tokens = tokenizer.encode(SENTENCE).map_err(|e| words::load(&e))?;
            tokens.truncate(TOKENS);
            let logits = self_test::logits(&loaded.model, &tokens).await;
            stored_test(tokens, &logits.map_err(|e| words::run(&e))?)
        },
    };
    let json = serde_json::to_string_pretty(&model).map_err(|e| words::unusable(&e))?;
    std::fs::write(folder.join(MANIFEST), json + "\n").map_err(|e| unreadable(MANIFEST, &e))?;
    Ok(model)
}

/// The likeliest entries and others spread over the vocabulary.
fn stored_test(tokens: Vec<u32>, logits: &[f32]) -> SelfTest {
    let mut order: Vec<usize> = (0..logits.len()).collect();
    order.sort_by(|&a, &b| logits[b].total_cmp(&logits[a]));
    let mut ids: BTreeSet<usize> = order.into_iter().take(LIKELIEST).collect();
    let others = IDS - LIKELIEST;
    ids.extend(
        (0..others)
            .map(|i| i * logits.len() / others)
            .filter(|&i| i < logits.len()),
    );
    SelfTest {
        tokens,
        ids: ids.iter().map(|&i| words::count(i)).collect(),
        logits: ids.iter().map(|&i| logits[i]).collect(),
    }
}

fn chat_template(folder: &Path) -> Result<Option<String>, Problem> {
    let name = "tokenizer_config.json";
    if !folder.join(name).exists() {
        return Ok(None);
    }
    let json: serde_json::Value = serde_json::from_slice(&read(folder, name)?)
        .map_err(|e| words::unusable(&format!("{name}: {e}")))?;
    Ok(json["chat_template"].as_str().map(str::to_owned))
}

fn entry(name: &str, bytes: &[u8]) -> FileEntry {
    FileEntry {
        file: name.to_owned(),
        bytes: bytes.len() as u64,
        sha256: sha256(bytes),
    }
}

fn read(folder: &Path, name: &str) -> Result<Vec<u8>, Problem> {
    std::fs::read(folder.join(name)).map_err(|e| unreadable(name, &e))
}

fn unreadable(name: &str, error: &std::io::Error) -> Problem {
    Problem::Fetch {
        file: name.to_owned(),
        reason: error.to_string(),
    }
}

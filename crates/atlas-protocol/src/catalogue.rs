//! `models/index.json` and each model's `model.json`.

use serde::{Deserialize, Serialize};

/// `models/index.json`: the models a visitor can choose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Catalogue {
    /// Folder of the model the page starts with.
    pub default: String,
    /// All of them.
    pub models: Vec<CatalogueEntry>,
}

/// One model in the list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CatalogueEntry {
    /// Folder under `models/`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Bytes to fetch before it runs.
    pub bytes: u64,
    /// One sentence: what it is good for.
    pub about: String,
    /// Whether it knows chat turns.
    pub chat: bool,
}

/// `model.json`: the files of one model. Paths are relative to its folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelManifest {
    /// How the weights are stored.
    pub format: WeightsFormat,
    /// `config.json` in the Hugging Face layout; GGUF carries its own.
    pub config: Option<FileEntry>,
    /// `tokenizer.json`.
    pub tokenizer: FileEntry,
    /// `vectors.json`.
    pub card: FileEntry,
    /// `vectors.safetensors`.
    pub vectors: FileEntry,
    /// A chat template, where the weights carry none of their own.
    pub chat_template: Option<String>,
    /// The weights, cut into pieces; joined they are the original file.
    pub weights: Vec<FileEntry>,
    /// Logits to compare with at start-up.
    pub self_test: SelfTest,
}

impl ModelManifest {
    /// Bytes to fetch in all.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let small = [&self.tokenizer, &self.card, &self.vectors]
            .into_iter()
            .chain(&self.config);
        small.chain(&self.weights).map(|f| f.bytes).sum()
    }
}

/// A file, its length and its hash.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Path relative to the model's folder.
    pub file: String,
    /// Length in bytes.
    pub bytes: u64,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

/// How weights are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WeightsFormat {
    /// llama.cpp's GGUF.
    Gguf,
    /// Hugging Face safetensors.
    Safetensors,
}

/// Stored logits of the last of a few tokens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SelfTest {
    /// The tokens to run.
    pub tokens: Vec<u32>,
    /// Vocabulary entries whose logits are stored.
    pub ids: Vec<u32>,
    /// Their logits after the last token.
    pub logits: Vec<f32>,
}

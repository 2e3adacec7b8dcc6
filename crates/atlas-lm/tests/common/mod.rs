//! Opens the checkpoints and what PyTorch computed on them (see `tests/reference/README.md`).
#![allow(dead_code, reason = "every test file uses its part")]

use atlas_lm::{Device, Edits, Llama, LlamaConfig, Loader, WeightFormat, device};
use atlas_units::Layer;
use safetensors::SafeTensors;
use std::path::{Path, PathBuf};

pub fn root() -> PathBuf {
    Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("../..")
}

fn files(folder: &Path, suffix: &str) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .map(|f| f.unwrap().path())
        .filter(|f| f.to_string_lossy().ends_with(suffix))
        .collect();
    files.sort();
    files
}

/// Loads a checkpoint by name, from odd-sized pieces.
pub fn load(name: &str, on: Device) -> Llama {
    let tiny = root().join("tests/reference/tiny").join(name);
    let shipped = root().join("models").join(name);
    let folder = if tiny.exists() { tiny } else { shipped };
    let config = std::fs::read_to_string(folder.join("config.json")).ok();
    let format = if config.is_some() {
        WeightFormat::Safetensors
    } else {
        WeightFormat::Gguf
    };
    let config = config.map(|c| LlamaConfig::from_hugging_face(&c).unwrap());
    let pieces = folder.join("weights");
    let shipped = pieces.exists();
    let files = match (shipped, format) {
        (true, _) => files(&pieces, ".bin"),
        (false, WeightFormat::Gguf) => files(&folder, ".gguf"),
        (false, WeightFormat::Safetensors) => files(&folder, ".safetensors"),
    };
    let mut loader = Loader::new(format, config, on);
    for (i, file) in files.iter().enumerate() {
        if i > 0 && !shipped {
            loader.next_file().unwrap();
        }
        for piece in std::fs::read(file).unwrap().chunks(1_000_003) {
            loader.push(piece).unwrap();
        }
    }
    loader.finish().unwrap().model
}

/// What PyTorch computed.
pub struct Reference {
    bytes: Vec<u8>,
    pub edit_layer: Layer,
}

impl Reference {
    pub fn open(name: &str) -> Self {
        let base = root().join("tests/reference/fixtures").join(name);
        let json = std::fs::read_to_string(base.with_extension("json")).unwrap();
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let edit_layer = json["edit_layer"].as_u64().unwrap();
        Self {
            bytes: std::fs::read(base.with_extension("safetensors")).unwrap(),
            edit_layer: Layer::new(u16::try_from(edit_layer).unwrap()),
        }
    }

    pub fn floats(&self, name: &str) -> Vec<f32> {
        let file = SafeTensors::deserialize(&self.bytes).unwrap();
        let data = file.tensor(name).unwrap().data();
        data.chunks_exact(4)
            .map(|b| f32::from_le_bytes(b.try_into().unwrap()))
            .collect()
    }

    pub fn ids(&self, name: &str) -> Vec<u32> {
        let file = SafeTensors::deserialize(&self.bytes).unwrap();
        let data = file.tensor(name).unwrap().data();
        data.chunks_exact(8)
            .map(|b| u32::try_from(i64::from_le_bytes(b.try_into().unwrap())).unwrap())
            .collect()
    }

    pub fn has(&self, name: &str) -> bool {
        SafeTensors::deserialize(&self.bytes)
            .unwrap()
            .tensor(name)
            .is_ok()
    }

    /// The edit that PyTorch added.
    pub fn edits(&self, on: &Device) -> Edits {
        let mut edits = Edits::none();
        edits
            .add(self.edit_layer, &[self.floats("edit")], on)
            .unwrap();
        edits
    }
}

/// Residual of every layer `[layers][tokens * width]` and logits `[tokens * vocabulary]`.
pub fn run(model: &Llama, tokens: &[u32], edits: &Edits) -> (Vec<Vec<f32>>, Vec<f32>) {
    let mut cache = model.cache();
    let mut pass = model.begin(&[tokens], &mut cache, edits).unwrap();
    let mut residuals = vec![];
    loop {
        residuals.push(pollster::block_on(device::read(pass.residual())).unwrap());
        if !pass.step() {
            break;
        }
    }
    let logits = pollster::block_on(device::read(pass.logits(0..tokens.len()))).unwrap();
    (residuals, logits)
}

/// Largest difference of an element, relative to its size plus the root mean square of its row (position).
///
/// Per row, since the first token of the real models is 50 times larger than the others and would hide them; and with
/// the element's own size, since a few of its numbers are 50 times larger again.
pub fn distance(found: &[f32], expected: &[f32], width: usize) -> f32 {
    assert_eq!(found.len(), expected.len());
    let mut worst = 0f32;
    for (found, expected) in found.chunks(width).zip(expected.chunks(width)) {
        let rms = (expected.iter().map(|x| x * x).sum::<f32>() / expected.len() as f32).sqrt();
        for (a, b) in found.iter().zip(expected) {
            worst = worst.max((a - b).abs() / (rms + b.abs()));
        }
    }
    worst
}

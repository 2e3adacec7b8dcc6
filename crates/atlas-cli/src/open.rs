//! Opening a model: a folder of this project, a Hugging Face folder, or a GGUF file.

use anyhow::{Context, Result, bail};
use atlas_lm::{Device, Llama, LlamaConfig, Loader, Tokenizer, WeightFormat};
use std::io::Read;
use std::path::{Path, PathBuf};

/// A model that is ready to run.
pub struct Opened {
    /// Its folder's (or file's) name.
    pub id: String,
    /// The model.
    pub model: Llama,
    /// Its tokenizer.
    pub tokenizer: Tokenizer,
    /// The files its weights came from, in order.
    pub weights: Vec<PathBuf>,
}

/// Where the weights of `path` are.
pub fn weights(path: &Path) -> Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    for (folder, ending) in [
        (path.join("weights"), "bin"),
        (path.to_owned(), "safetensors"),
        (path.to_owned(), "gguf"),
    ] {
        let mut found: Vec<PathBuf> = std::fs::read_dir(&folder)
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|f| f.extension().is_some_and(|e| e == ending))
            .filter(|f| f.file_name().is_some_and(|n| n != "vectors.safetensors"))
            .collect();
        if !found.is_empty() {
            found.sort();
            return Ok(found);
        }
    }
    bail!(
        "no weights in {}: give a folder with weights/*.bin, *.safetensors or *.gguf, or a .gguf file",
        path.display()
    )
}

/// Opens a model on a device.
pub fn open(path: &Path, on: Device) -> Result<Opened> {
    let files = weights(path)?;
    let pieces = files[0].extension().is_some_and(|e| e == "bin");
    let config = std::fs::read_to_string(path.join("config.json")).ok();
    let config = config
        .map(|json| LlamaConfig::from_hugging_face(&json))
        .transpose()?;
    let format = match config {
        Some(_) => WeightFormat::Safetensors,
        None => WeightFormat::Gguf,
    };
    let mut loader = Loader::new(format, config, on);
    let mut buffer = vec![0; 4 << 20];
    for (i, path) in files.iter().enumerate() {
        if i > 0 && !pieces {
            loader.next_file()?;
        }
        let mut file = std::fs::File::open(path)?;
        loop {
            let n = file.read(&mut buffer)?;
            if n == 0 {
                break;
            }
            loader
                .push(&buffer[..n])
                .with_context(|| path.display().to_string())?;
        }
    }
    let loaded = loader
        .finish()
        .with_context(|| path.display().to_string())?;
    let tokenizer = match (std::fs::read(path.join("tokenizer.json")), &loaded.gguf) {
        (Ok(json), _) => Tokenizer::from_json(&json)?,
        (Err(_), Some(meta)) => Tokenizer::from_gguf(meta)?,
        (Err(e), None) => bail!("{}: {e}", path.join("tokenizer.json").display()),
    };
    let id = path
        .file_name()
        .map_or_else(|| "model".into(), |n| n.to_string_lossy().into_owned());
    Ok(Opened {
        id,
        model: loaded.model,
        tokenizer,
        weights: files,
    })
}

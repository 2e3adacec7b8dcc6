//! The push parser: header first, then tensor after tensor.

use super::{dequantise::TensorType, gguf, safetensors};
use crate::error::LoadError;

/// How weights are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeightFormat {
    /// llama.cpp's GGUF.
    Gguf,
    /// Hugging Face safetensors.
    Safetensors,
}

/// A tensor as stored.
#[derive(Debug)]
pub struct RawTensor {
    /// Its name in the file.
    pub name: String,
    /// Its shape, outermost dimension first.
    pub shape: Vec<usize>,
    /// How its numbers are stored.
    pub dtype: TensorType,
    /// The numbers.
    pub bytes: Vec<u8>,
}

/// Where a tensor lies in the file.
#[derive(Debug)]
pub(super) struct Slot {
    pub name: String,
    pub shape: Vec<usize>,
    pub dtype: TensorType,
    /// Offset from the start of the file.
    pub start: u64,
    pub len: usize,
}

/// A parsed header: where the tensors are, and GGUF's metadata.
#[derive(Debug)]
pub(super) struct Header {
    pub slots: Vec<Slot>,
    pub gguf: Option<gguf::GgufMetadata>,
}

enum State {
    Header(Vec<u8>),
    Tensors {
        /// Still to come, last first.
        slots: Vec<Slot>,
        /// Bytes of the current tensor.
        held: Vec<u8>,
        /// Position in the file.
        at: u64,
    },
}

/// Cuts one file into tensors.
pub(super) struct Stream {
    format: WeightFormat,
    state: State,
}

/// What a stream found.
pub(super) enum Item {
    Header {
        gguf: Option<gguf::GgufMetadata>,
        names: Vec<String>,
    },
    Tensor(RawTensor),
}

impl Stream {
    pub fn new(format: WeightFormat) -> Self {
        let state = State::Header(Vec::new());
        Self { format, state }
    }

    /// Takes the next bytes of the file and hands on what became complete.
    pub fn push(
        &mut self,
        bytes: &[u8],
        sink: &mut dyn FnMut(Item) -> Result<(), LoadError>,
    ) -> Result<(), LoadError> {
        if let State::Header(held) = &mut self.state {
            held.extend_from_slice(bytes);
            let parsed = match self.format {
                WeightFormat::Gguf => gguf::parse(held)?,
                WeightFormat::Safetensors => safetensors::parse(held)?,
            };
            let Some(Header { mut slots, gguf }) = parsed else {
                return Ok(()); // not whole yet
            };
            let held = std::mem::take(held);
            slots.sort_by_key(|s| std::cmp::Reverse(s.start));
            let names = slots.iter().map(|s| s.name.clone()).collect();
            sink(Item::Header { gguf, names })?;
            // The bytes behind the header are tensors already; the header itself is skipped by `at`.
            let state = State::Tensors {
                slots,
                held: Vec::new(),
                at: 0,
            };
            self.state = state;
            return self.tensors(&held, sink);
        }
        self.tensors(bytes, sink)
    }

    fn tensors(
        &mut self,
        mut bytes: &[u8],
        sink: &mut dyn FnMut(Item) -> Result<(), LoadError>,
    ) -> Result<(), LoadError> {
        let State::Tensors { slots, held, at } = &mut self.state else {
            return Ok(());
        };
        while let Some(slot) = slots.last() {
            if held.is_empty() && *at < slot.start {
                // Padding between tensors.
                let skip = usize::try_from(slot.start - *at)
                    .unwrap_or(usize::MAX)
                    .min(bytes.len());
                bytes = &bytes[skip..];
                *at += skip as u64;
            }
            if *at < slot.start {
                return Ok(());
            }
            let take = (slot.len - held.len()).min(bytes.len());
            held.extend_from_slice(&bytes[..take]);
            bytes = &bytes[take..];
            *at += take as u64;
            if held.len() < slot.len {
                return Ok(());
            }
            let bytes_of = std::mem::take(held);
            if let Some(slot) = slots.pop() {
                sink(Item::Tensor(RawTensor {
                    name: slot.name,
                    shape: slot.shape,
                    dtype: slot.dtype,
                    bytes: bytes_of,
                }))?;
            }
        }
        Ok(())
    }

    /// The file is over: was it whole?
    pub fn finish(self) -> Result<(), LoadError> {
        match self.state {
            State::Header(held) => Err(LoadError::Header(format!(
                "the file ends after {} bytes, inside its header",
                held.len()
            ))),
            State::Tensors { slots, held, at } => match slots.last() {
                None => Ok(()),
                Some(slot) => Err(LoadError::Truncated {
                    tensor: slot.name.clone(),
                    missing: (slot.start + slot.len as u64)
                        .saturating_sub(at.max(held.len() as u64)),
                }),
            },
        }
    }
}

//! The safetensors header.

use super::dequantise::TensorType;
use super::stream::{Header, Slot};
use crate::error::LoadError;
use safetensors::Dtype;
use safetensors::tensor::Metadata;

/// Longest header that is believed; the format's own limit is 100 MB.
const MAX_HEADER: u64 = 100_000_000;

/// Parses the header if it is whole.
pub(super) fn parse(bytes: &[u8]) -> Result<Option<Header>, LoadError> {
    let Some(length) = bytes.first_chunk::<8>() else {
        return Ok(None);
    };
    let length = u64::from_le_bytes(*length);
    if length > MAX_HEADER {
        return Err(LoadError::NotThatFormat {
            expected: "safetensors",
            found: format!("its header claims {length} bytes"),
        });
    }
    let data = 8 + length;
    let Some(json) = usize::try_from(data).ok().and_then(|end| bytes.get(8..end)) else {
        return Ok(None);
    };
    // Not `SafeTensors::read_metadata`: that wants the whole file.
    let metadata: Metadata =
        serde_json::from_slice(json).map_err(|e| LoadError::Header(e.to_string()))?;
    let mut slots = Vec::new();
    for (name, info) in metadata.tensors() {
        let dtype = match info.dtype {
            Dtype::F32 => TensorType::F32,
            Dtype::F16 => TensorType::F16,
            Dtype::BF16 => TensorType::Bf16,
            // Integer buffers (e.g. position ids) are no weights.
            Dtype::I64 | Dtype::I32 | Dtype::U8 | Dtype::BOOL => continue,
            other => {
                return Err(LoadError::TensorType {
                    tensor: name,
                    dtype: format!("{other:?}"),
                });
            }
        };
        let (start, end) = info.data_offsets;
        let count = info.shape.iter().try_fold(1usize, |n, &d| n.checked_mul(d));
        if count.and_then(|n| dtype.bytes(n)) != end.checked_sub(start) {
            return Err(LoadError::Header(format!(
                "`{name}` has another length than its shape"
            )));
        }
        slots.push(Slot {
            name,
            shape: info.shape.clone(),
            dtype,
            start: data + start as u64,
            len: end - start,
        });
    }
    Ok(Some(Header { slots, gguf: None }))
}

//! Widening stored tensors to f32. Block formats as in GGUF: 32 weights share a scale.

use crate::error::LoadError;
use atlas_kernels::Format;
use half::{bf16, f16};

/// How the numbers of a tensor are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TensorType {
    /// 32-bit floats.
    F32,
    /// 16-bit floats.
    F16,
    /// 16-bit brain floats.
    Bf16,
    /// Blocks of 32: f16 scale, 32 signed bytes.
    Q8_0,
    /// Blocks of 32: f16 scale, 32 nibbles minus 8.
    Q4_0,
    /// Blocks of 32: f16 scale, f16 minimum, 32 nibbles.
    Q4_1,
}

/// Weights per block of the quantised formats.
const BLOCK: usize = 32;

impl TensorType {
    /// Weights and bytes of one indivisible group.
    const fn group(self) -> (usize, usize) {
        match self {
            Self::F32 => (1, 4),
            Self::F16 | Self::Bf16 => (1, 2),
            Self::Q8_0 => (BLOCK, 2 + BLOCK),
            Self::Q4_0 => (BLOCK, 2 + BLOCK / 2),
            Self::Q4_1 => (BLOCK, 4 + BLOCK / 2),
        }
    }

    /// Bytes that `count` weights take, or `None` if they do not fill whole blocks.
    #[must_use]
    pub fn bytes(self, count: usize) -> Option<usize> {
        let (weights, bytes) = self.group();
        count
            .is_multiple_of(weights)
            .then(|| count / weights * bytes)
    }

    /// The type by its number in GGUF.
    pub(crate) fn from_ggml(id: u32, tensor: &str) -> Result<Self, LoadError> {
        Ok(match id {
            0 => Self::F32,
            1 => Self::F16,
            2 => Self::Q4_0,
            3 => Self::Q4_1,
            8 => Self::Q8_0,
            30 => Self::Bf16,
            other => {
                return Err(LoadError::TensorType {
                    tensor: tensor.into(),
                    dtype: ggml_name(other),
                });
            }
        })
    }

    /// The same, as the kernels call it.
    pub(crate) const fn format(self) -> Format {
        match self {
            Self::F32 => Format::F32,
            Self::F16 => Format::F16,
            Self::Bf16 => Format::Bf16,
            Self::Q8_0 => Format::Q8_0,
            Self::Q4_0 => Format::Q4_0,
            Self::Q4_1 => Format::Q4_1,
        }
    }

    /// Widens to f32. `bytes` holds whole groups.
    #[must_use]
    pub fn widen(self, bytes: &[u8]) -> Vec<f32> {
        let (weights, size) = self.group();
        let mut out = Vec::with_capacity(bytes.len() / size * weights);
        for group in bytes.chunks_exact(size) {
            match self {
                Self::F32 => out.push(f32::from_le_bytes([group[0], group[1], group[2], group[3]])),
                Self::F16 => out.push(half_at(group, 0)),
                Self::Bf16 => out.push(bf16::from_le_bytes([group[0], group[1]]).to_f32()),
                Self::Q8_0 => {
                    let scale = half_at(group, 0);
                    out.extend(
                        group[2..]
                            .iter()
                            .map(|&q| scale * f32::from(q.cast_signed())),
                    );
                }
                // Low nibbles are the first half of the block, high nibbles the second.
                Self::Q4_0 => {
                    let scale = half_at(group, 0);
                    let value = |q: u8| scale * (f32::from(q) - 8.0);
                    out.extend(group[2..].iter().map(|&q| value(q & 15)));
                    out.extend(group[2..].iter().map(|&q| value(q >> 4)));
                }
                Self::Q4_1 => {
                    let (scale, min) = (half_at(group, 0), half_at(group, 2));
                    let value = |q: u8| scale * f32::from(q) + min;
                    out.extend(group[4..].iter().map(|&q| value(q & 15)));
                    out.extend(group[4..].iter().map(|&q| value(q >> 4)));
                }
            }
        }
        out
    }
}

fn half_at(bytes: &[u8], at: usize) -> f32 {
    f16::from_le_bytes([bytes[at], bytes[at + 1]]).to_f32()
}

fn ggml_name(id: u32) -> String {
    match id {
        6 => "Q5_0".into(),
        7 => "Q5_1".into(),
        10..=15 => format!("Q{}_K", [2, 3, 4, 5, 6, 8][id as usize - 10]),
        other => format!("GGUF type {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nibbles_fill_the_block_low_half_first() {
        let mut block = f16::from_f32(0.5).to_le_bytes().to_vec();
        block.extend(f16::from_f32(-1.0).to_le_bytes());
        block.extend((0..16u8).map(|i| i | ((15 - i) << 4)));
        let wide = TensorType::Q4_1.widen(&block);
        assert_eq!(wide[0], -1.0);
        assert_eq!(wide[15], 0.5 * 15.0 - 1.0);
        assert_eq!(wide[16], 0.5 * 15.0 - 1.0);
        assert_eq!(wide[31], -1.0);
    }

    #[test]
    fn q4_0_is_centred_and_q8_0_is_signed() {
        let mut block = f16::from_f32(2.0).to_le_bytes().to_vec();
        block.extend([0x08u8; 16]);
        let wide = TensorType::Q4_0.widen(&block);
        assert_eq!((wide[0], wide[31]), (0.0, -16.0));
        let mut block = f16::from_f32(2.0).to_le_bytes().to_vec();
        block.extend([0xffu8; 32]);
        assert_eq!(TensorType::Q8_0.widen(&block), vec![-2.0; 32]);
    }

    #[test]
    fn part_of_a_block_has_no_length() {
        assert_eq!(TensorType::Q4_1.bytes(33), None);
        assert_eq!(TensorType::Q4_1.bytes(64), Some(40));
    }
}

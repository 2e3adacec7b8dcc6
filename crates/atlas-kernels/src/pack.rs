//! From the bytes of a file to packed panels, and back one row at a time.

use crate::matrix::{BLOCK, Format, Matrix, PANEL};
use half::{bf16, f16};

/// Packs weights stored row by row as in GGUF or safetensors.
///
/// # Panics
/// If `stored` has not the length of the matrix, or its rows are no whole blocks.
#[must_use]
pub fn pack(matrix: Matrix, stored: &[u8]) -> Vec<u32> {
    pack_rows(matrix, &[stored])
}

/// Packs a matrix whose rows come in parts, such as queries, keys and values.
///
/// # Panics
/// As [`pack`]; and if a part other than the last does not fill whole panels of 16 rows.
#[must_use]
pub fn pack_rows(matrix: Matrix, parts: &[&[u8]]) -> Vec<u32> {
    matrix.check();
    let row_bytes = matrix.format.stored_bytes(matrix.cols);
    let total: usize = parts.iter().map(|part| part.len()).sum();
    assert_eq!(total, matrix.rows * row_bytes, "bytes of {matrix:?}");
    let mut words = vec![0; matrix.words()];
    if words.is_empty() {
        return words;
    }
    let mut panels = words.chunks_exact_mut(matrix.panel_words());
    for (i, part) in parts.iter().enumerate() {
        assert!(
            i + 1 == parts.len() || part.len().is_multiple_of(PANEL * row_bytes),
            "part {i} does not fill whole panels"
        );
        for (rows, panel) in part.chunks(PANEL * row_bytes).zip(&mut panels) {
            for (lane, row) in rows.chunks_exact(row_bytes).enumerate() {
                pack_row(matrix.format, row, panel, lane);
            }
        }
    }
    words
}

fn pack_row(format: Format, row: &[u8], panel: &mut [u32], lane: usize) {
    match format {
        Format::F32 => {
            for (i, bytes) in row.as_chunks().0.iter().enumerate() {
                panel[i * PANEL + lane] = u32::from_le_bytes(*bytes);
            }
        }
        Format::F16 | Format::Bf16 => {
            for (i, bytes) in row.as_chunks().0.iter().enumerate() {
                let half = u32::from(u16::from_le_bytes(*bytes));
                panel[i / 2 * PANEL + lane] |= half << (16 * (i % 2));
            }
        }
        Format::Q8_0 | Format::Q4_0 | Format::Q4_1 => {
            let blocks = row.chunks_exact(format.stored_bytes(BLOCK));
            for (block, words) in blocks.zip(panel.chunks_exact_mut(format.block_words())) {
                pack_block(format, block, words, lane);
            }
        }
    }
}

fn pack_block(format: Format, block: &[u8], words: &mut [u32], lane: usize) {
    for e in 0..BLOCK {
        let (group, shift) = place(format, e);
        let value = if format == Format::Q8_0 {
            block[2 + e]
        } else {
            // Low nibbles are the first half of the block, high nibbles the second.
            let quants = &block[block.len() - BLOCK / 2..];
            quants[e % 16] >> (e / 16 * 4) & 15
        };
        words[group * PANEL + lane] |= u32::from(value) << shift;
    }
    let half_at = |at: usize| u32::from(u16::from_le_bytes([block[at], block[at + 1]]));
    if format == Format::Q4_1 {
        words[4 * PANEL + lane] = half_at(0) | half_at(2) << 16;
    } else {
        let scales = words.len() - PANEL / 2;
        words[scales + lane % 8] |= half_at(0) << (lane / 8 * 16);
    }
}

/// Group of 16 words, and bit in the word, of element `e` of a quantised block.
///
/// Elements `2j` and `2j + 1` lie 16 bits apart, so that a shift and a mask give both as a pair of i16.
const fn place(format: Format, e: usize) -> (usize, usize) {
    if matches!(format, Format::Q8_0) {
        (e / 4, 8 * (e / 2 % 2) + 16 * (e % 2))
    } else {
        (e / 8, 4 * (e / 2 % 4) + 16 * (e % 2))
    }
}

/// Widens row `row` of packed weights to floats, exactly as a reader of the file would.
///
/// # Panics
/// If there is no such row, or `words` or `out` have not the length that the matrix asks for.
pub fn row(matrix: Matrix, words: &[u32], row: usize, out: &mut [f32]) {
    matrix.check();
    assert!(row < matrix.rows, "no row {row} in {matrix:?}");
    assert_eq!(words.len(), matrix.words(), "words of {matrix:?}");
    assert_eq!(out.len(), matrix.cols, "columns of {matrix:?}");
    let panel = &words[row / PANEL * matrix.panel_words()..][..matrix.panel_words()];
    let lane = row % PANEL;
    match matrix.format {
        Format::F32 => {
            for (i, out) in out.iter_mut().enumerate() {
                *out = f32::from_bits(panel[i * PANEL + lane]);
            }
        }
        Format::F16 | Format::Bf16 => {
            for (i, out) in out.iter_mut().enumerate() {
                let bits = half_of(panel[i / 2 * PANEL + lane], i % 2);
                *out = if matrix.format == Format::F16 {
                    f16::from_bits(bits).to_f32()
                } else {
                    bf16::from_bits(bits).to_f32()
                };
            }
        }
        format => {
            let blocks = panel.chunks_exact(format.block_words());
            for (block, out) in blocks.zip(out.chunks_exact_mut(BLOCK)) {
                widen_block(format, block, lane, out);
            }
        }
    }
}

fn widen_block(format: Format, words: &[u32], lane: usize, out: &mut [f32]) {
    let scales = if format == Format::Q4_1 {
        let word = words[4 * PANEL + lane];
        [half_of(word, 0), half_of(word, 1)]
    } else {
        [half_of(words[words.len() - 8 + lane % 8], lane / 8), 0]
    };
    let [scale, min] = scales.map(|bits| f16::from_bits(bits).to_f32());
    for (e, out) in out.iter_mut().enumerate() {
        let (group, shift) = place(format, e);
        let byte = (words[group * PANEL + lane] >> shift & 0xff) as u8;
        *out = match format {
            Format::Q8_0 => scale * f32::from(byte.cast_signed()),
            Format::Q4_0 => scale * (f32::from(byte & 15) - 8.0),
            _ => scale * f32::from(byte & 15) + min,
        };
    }
}

/// The low (0) or high (1) half of a word.
const fn half_of(word: u32, which: usize) -> u16 {
    (word >> (16 * which) & 0xffff) as u16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{FORMATS, Rng, stored, widen};

    #[test]
    fn a_packed_row_widens_to_what_the_file_says() {
        let mut rng = Rng::new(1);
        for format in FORMATS {
            for rows in [1, 15, 17, 48] {
                let cols = if format.is_quantised() { 96 } else { 37 };
                let matrix = Matrix { format, rows, cols };
                let bytes = stored(&mut rng, matrix);
                let words = pack(matrix, &bytes);
                assert_eq!(words.len(), matrix.words());
                let wide = widen(matrix, &bytes);
                let mut out = vec![0.0; cols];
                for r in 0..rows {
                    row(matrix, &words, r, &mut out);
                    assert_eq!(out, wide[r * cols..][..cols], "{matrix:?} row {r}");
                }
            }
        }
    }

    #[test]
    fn parts_pack_as_one_matrix() {
        let mut rng = Rng::new(2);
        let matrix = Matrix {
            format: Format::Q4_0,
            rows: 40,
            cols: 64,
        };
        let bytes = stored(&mut rng, matrix);
        let (a, b) = bytes.split_at(bytes.len() / 40 * 32);
        assert_eq!(pack_rows(matrix, &[a, b]), pack(matrix, &bytes));
    }

    #[test]
    #[should_panic(expected = "part 0 does not fill whole panels")]
    fn only_the_last_part_may_leave_a_panel_open() {
        let matrix = Matrix {
            format: Format::F32,
            rows: 18,
            cols: 1,
        };
        let _ = pack_rows(matrix, &[&[0; 4], &[0; 68]]);
    }

    #[test]
    fn elements_lie_where_the_layout_says() {
        // Element 8w + 2s + t is nibble s + 4t of word w; the block holds nibble e % 16 at element e.
        let matrix = Matrix {
            format: Format::Q4_1,
            rows: 1,
            cols: 32,
        };
        let mut block = vec![1, 2, 3, 4];
        block.extend((0..16u8).map(|i| i * 0x11));
        let words = pack(matrix, &block);
        assert_eq!(words[0], 0x7531_6420);
        assert_eq!(words[16], 0xfdb9_eca8);
        assert_eq!(words[64], 0x0403_0201);
        let matrix = Matrix {
            format: Format::Q8_0,
            rows: 1,
            cols: 32,
        };
        let mut block = vec![1, 2];
        block.extend(0..32u8);
        let words = pack(matrix, &block);
        assert_eq!(
            (words[0], words[112], words[128]),
            (0x0301_0200, 0x1f1d_1e1c, 0x0201)
        );
    }
}

//! Packed weights as a kernel reads them: eight columns of one row at a time, whatever the format.

use atlas_kernels::{Format, Matrix};
use burn_cubecl::cubecl::{self, prelude::*};

/// Four numbers.
pub(super) type Quad = Vector<f32, Const<4>>;

/// Rows of a panel.
pub(super) const PANEL: usize = 16;
/// Columns read at a time.
pub(super) const UNIT: usize = 8;
/// Columns that share a scale.
const BLOCK: usize = 32;

/// Words of one panel.
fn panel_words(matrix: Matrix) -> usize {
    let blocks = matrix.cols / BLOCK;
    match matrix.format {
        Format::F32 => PANEL * matrix.cols,
        Format::F16 | Format::Bf16 => PANEL * matrix.cols.div_ceil(2),
        Format::Q8_0 => blocks * (8 * PANEL + PANEL / 2),
        Format::Q4_0 => blocks * (4 * PANEL + PANEL / 2),
        Format::Q4_1 => blocks * (4 * PANEL + PANEL),
    }
}

/// Where a row lies.
#[derive(CubeType)]
pub(super) struct Row {
    /// First word of its panel.
    panel: usize,
    /// Its place in each group of words.
    lane: usize,
}

/// Finds a row.
#[cube]
pub(super) fn row_at(row: usize, #[comptime] matrix: Matrix) -> Row {
    let words = comptime!(panel_words(matrix));
    Row {
        panel: row / PANEL * words,
        lane: row % PANEL,
    }
}

/// Columns `8 unit .. 8 unit + 8` of a row.
#[derive(CubeType)]
pub(super) struct Eight {
    pub low: Quad,
    pub high: Quad,
}

/// Reads them. What stands beyond the last column is some finite number.
#[cube]
pub(super) fn eight(words: &[u32], row: &Row, unit: usize, #[comptime] matrix: Matrix) -> Eight {
    match comptime!(matrix.format) {
        Format::F32 => eight_floats(words, row, unit, matrix),
        Format::F16 | Format::Bf16 => eight_halves(words, row, unit, matrix),
        Format::Q8_0 => eight_bytes(words, row, unit),
        Format::Q4_0 | Format::Q4_1 => eight_nibbles(words, row, unit, matrix),
    }
}

/// Word `i` of a row, or its last one where the columns end within a unit.
#[cube]
fn word_of(
    words: &[u32],
    row: &Row,
    i: usize,
    #[comptime] per_unit: usize,
    #[comptime] count: usize,
) -> u32 {
    let start = row.panel + row.lane;
    if comptime!(count.is_multiple_of(per_unit)) {
        words[start + i * PANEL]
    } else {
        words[start + min(i, count - 1) * PANEL]
    }
}

#[cube]
fn eight_floats(words: &[u32], row: &Row, unit: usize, #[comptime] matrix: Matrix) -> Eight {
    let count = comptime!(matrix.cols);
    let mut low = Quad::empty();
    let mut high = Quad::empty();
    #[unroll]
    for i in 0..4usize {
        let at = unit * UNIT + i;
        low.insert(i, f32::reinterpret(word_of(words, row, at, UNIT, count)));
        high.insert(
            i,
            f32::reinterpret(word_of(words, row, at + 4, UNIT, count)),
        );
    }
    Eight { low, high }
}

#[cube]
fn eight_halves(words: &[u32], row: &Row, unit: usize, #[comptime] matrix: Matrix) -> Eight {
    let pairs = comptime!(UNIT / 2);
    let count = comptime!(matrix.cols.div_ceil(2));
    let mut low = Quad::empty();
    let mut high = Quad::empty();
    #[unroll]
    for i in 0..2usize {
        let at = unit * pairs + i;
        let first = word_of(words, row, at, pairs, count);
        let second = word_of(words, row, at + 2, pairs, count);
        low.insert(comptime!(2 * i), short(first & 0xffff, matrix));
        low.insert(comptime!(2 * i + 1), short(first >> 16, matrix));
        high.insert(comptime!(2 * i), short(second & 0xffff, matrix));
        high.insert(comptime!(2 * i + 1), short(second >> 16, matrix));
    }
    Eight { low, high }
}

/// The number that the low 16 bits mean.
#[cube]
fn short(bits: u32, #[comptime] matrix: Matrix) -> f32 {
    if comptime!(matrix.format == Format::Bf16) {
        f32::reinterpret(bits << 16)
    } else {
        half(bits)
    }
}

/// An f16. A tiny one is made from its integer, since a GPU may take the float that shifted bits
/// mean for zero.
#[cube]
fn half(bits: u32) -> f32 {
    let rest = bits & 0x7fff;
    let normal = f32::reinterpret((rest << 13) + 0x3800_0000u32);
    let tiny = f32::cast_from(rest) * 5.960_464_5e-8f32;
    let size = select(rest < 0x400u32, tiny, normal);
    select(bits >= 0x8000u32, -size, size)
}

/// The scale of a row where a word holds those of rows `i` and `i + 8`.
#[cube]
fn shared_scale(words: &[u32], scales: usize, row: &Row) -> f32 {
    let word = words[scales + row.lane % 8];
    half(select(row.lane < 8, word & 0xffff, word >> 16))
}

/// The signed byte on top of a word.
#[cube]
fn top_byte(word: u32) -> f32 {
    f32::cast_from(i32::reinterpret(word) >> 24)
}

#[cube]
fn four_bytes(word: u32) -> Quad {
    let mut quad = Quad::empty();
    quad.insert(0usize, top_byte(word << 24));
    quad.insert(1usize, top_byte(word << 8));
    quad.insert(2usize, top_byte(word << 16));
    quad.insert(3usize, top_byte(word));
    quad
}

#[cube]
fn eight_bytes(words: &[u32], row: &Row, unit: usize) -> Eight {
    let block = row.panel + unit / 4 * comptime!(8 * PANEL + PANEL / 2);
    let group = block + unit % 4 * comptime!(2 * PANEL) + row.lane;
    let scale = Quad::new(shared_scale(words, block + comptime!(8 * PANEL), row));
    Eight {
        low: four_bytes(words[group]) * scale,
        high: four_bytes(words[group + PANEL]) * scale,
    }
}

/// Nibbles from bit `shift`: elements 0 to 3 or 4 to 7 of a word.
#[cube]
fn four_nibbles(word: u32, #[comptime] shift: u32) -> Quad {
    let mut quad = Quad::empty();
    #[unroll]
    for i in 0..2usize {
        let at = comptime!(shift + 4 * i as u32);
        let even = (word >> at) & 15;
        let odd = (word >> comptime!(at + 16)) & 15;
        quad.insert(comptime!(2 * i), f32::cast_from(even));
        quad.insert(comptime!(2 * i + 1), f32::cast_from(odd));
    }
    quad
}

#[cube]
fn eight_nibbles(words: &[u32], row: &Row, unit: usize, #[comptime] matrix: Matrix) -> Eight {
    let with_minimum = comptime!(matrix.format == Format::Q4_1);
    let scale_words = comptime!(if with_minimum { PANEL } else { PANEL / 2 });
    let block = row.panel + unit / 4 * comptime!(4 * PANEL + scale_words);
    let scales = block + comptime!(4 * PANEL);
    let word = words[block + unit % 4 * PANEL + row.lane];
    let low = four_nibbles(word, 0u32);
    let high = four_nibbles(word, 8u32);
    if comptime!(with_minimum) {
        let both = words[scales + row.lane];
        let scale = Quad::new(half(both & 0xffff));
        let minimum = Quad::new(half(both >> 16));
        Eight {
            low: low * scale + minimum,
            high: high * scale + minimum,
        }
    } else {
        let scale = Quad::new(shared_scale(words, scales, row));
        let middle = Quad::new(8.0f32);
        Eight {
            low: (low - middle) * scale,
            high: (high - middle) * scale,
        }
    }
}

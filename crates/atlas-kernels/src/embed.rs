//! Looking up rows.

use crate::matrix::Matrix;
use crate::pack::row;

/// The rows `ids` of packed weights, widened: `[ids, cols]`.
///
/// # Panics
/// If there is no such row.
#[must_use]
pub fn embed(matrix: Matrix, words: &[u32], ids: &[i32]) -> Vec<f32> {
    let mut out = vec![0.0; ids.len() * matrix.cols];
    for (id, out) in ids.iter().zip(out.chunks_exact_mut(matrix.cols.max(1))) {
        let index = usize::try_from(*id).unwrap_or(usize::MAX);
        row(matrix, words, index, out);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Format;
    use crate::pack::pack;

    #[test]
    fn it_takes_the_rows_in_order() {
        let matrix = Matrix {
            format: Format::F32,
            rows: 20,
            cols: 1,
        };
        let stored: Vec<u8> = (0..20u8).flat_map(|i| f32::from(i).to_le_bytes()).collect();
        assert_eq!(
            embed(matrix, &pack(matrix, &stored), &[19, 0, 3]),
            [19.0, 0.0, 3.0]
        );
    }

    #[test]
    #[should_panic(expected = "no row")]
    fn a_negative_id_is_no_row() {
        let matrix = Matrix {
            format: Format::F32,
            rows: 1,
            cols: 1,
        };
        let _ = embed(matrix, &pack(matrix, &[0; 4]), &[-1]);
    }
}

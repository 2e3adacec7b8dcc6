//! Rows of a table.

use super::launch::{cubes, integers, room, size};
use super::weights::{UNIT, eight, row_at};
use atlas_kernels::Matrix;
use burn::tensor::DType;
use burn_cubecl::cubecl::{self, prelude::*};
use burn_cubecl::tensor::CubeTensor;

/// Threads of a workgroup.
const THREADS: usize = 64;

/// Each thread widens eight columns of one row.
#[cube(launch)]
fn embed_kernel(table: &[u32], ids: &[i32], out: &mut [f32], #[comptime] matrix: Matrix) {
    let cols = comptime!(matrix.cols);
    let last = comptime!(matrix.rows - 1);
    let n = CUBE_POS_Y as usize;
    let unit = CUBE_POS_X as usize * THREADS + UNIT_POS as usize;
    let row = row_at(min(ids[n] as usize, last), matrix);
    let numbers = eight(table, &row, unit, matrix);
    #[unroll]
    for i in 0..UNIT {
        let column = unit * UNIT + i;
        if column < cols {
            let value = if comptime!(i < 4) {
                numbers.low.extract(i)
            } else {
                numbers.high.extract(comptime!(i - 4))
            };
            out[n * cols + column] = value;
        }
    }
}

/// Rows `ids` of a table.
pub(super) fn embed(table: CubeTensor, matrix: Matrix, ids: CubeTensor) -> CubeTensor {
    let ids = integers(ids);
    let n = ids.meta.num_elements();
    let out = room(&table, [n, matrix.cols], DType::F32);
    embed_kernel::launch(
        &out.client,
        cubes(matrix.cols.div_ceil(UNIT * THREADS), n, 1),
        CubeDim::new_1d(size(THREADS)),
        table.into_buffer_arg(),
        ids.into_buffer_arg(),
        out.clone().into_buffer_arg(),
        matrix,
    );
    out
}

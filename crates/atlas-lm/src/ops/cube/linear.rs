//! Products with packed weights, with a norm before and a sum or a gate after, in one dispatch.
//!
//! A workgroup makes a few outputs for a *tile* of inputs. Its threads are 16 lanes, one per row
//! of a panel, times 16 parts of the columns: neighbours read neighbouring words. The inputs of the
//! tile stand in workgroup memory, a chunk of columns at a time; what the parts found is added up
//! there as well. The norm's factor comes last, as it is common to all columns.

use super::launch::{cubes, floats, room, size};
use super::weights::{Eight, PANEL, Quad, UNIT, eight, row_at};
use atlas_kernels::Matrix;
use burn::tensor::DType;
use burn_cubecl::cubecl::{self, prelude::*};
use burn_cubecl::tensor::CubeTensor;

/// Parts that the columns are dealt to.
const PARTS: usize = 16;
/// Threads of a workgroup.
const THREADS: usize = PANEL * PARTS;
/// Numbers of the tile that workgroup memory holds at a time.
const STAGED: usize = 2048;
/// Inputs whose partial sums workgroup memory holds at a time.
const SUMMED: usize = 4;
/// From so many workgroups on, one makes several outputs.
const PLENTY: usize = 1024;

/// Place of the inputs among the kernel's arguments.
const X: usize = 0;
/// Place of what comes beside them.
const BESIDE: usize = 1;

/// What is made of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Ending {
    /// Nothing.
    Plain,
    /// It is added to `residual`.
    Add,
    /// The upper half of the rows gates the lower: `silu(g) * u`.
    Gate,
}

/// One kernel of the family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Plan {
    matrix: Matrix,
    ending: Ending,
    norm: bool,
    /// Inputs of a tile.
    tile: usize,
    /// Rows of weights per thread.
    rows: usize,
}

impl Plan {
    fn new(matrix: Matrix, ending: Ending, norm: bool, n: usize) -> Self {
        let tile = n.next_power_of_two().min(8);
        let workgroups = matrix.rows.div_ceil(PANEL) * n.div_ceil(tile);
        let rows = match ending {
            Ending::Gate => 2,
            _ if workgroups < PLENTY => 1,
            _ if tile == 8 => 2,
            _ => 4,
        };
        Self {
            matrix,
            ending,
            norm,
            tile,
            rows,
        }
    }

    /// Numbers it makes of each input.
    fn width(self) -> usize {
        match self.ending {
            Ending::Gate => self.matrix.rows / 2,
            _ => self.matrix.rows,
        }
    }

    /// From one row of a thread to its next.
    fn stride(self) -> usize {
        match self.ending {
            Ending::Gate => self.matrix.rows / 2,
            _ => PANEL,
        }
    }

    /// Numbers of an input that a workgroup makes.
    fn made(self) -> usize {
        match self.ending {
            Ending::Gate => PANEL,
            _ => PANEL * self.rows,
        }
    }

    /// Units of eight columns.
    fn units(self) -> usize {
        self.matrix.cols.div_ceil(UNIT)
    }

    /// Units staged at a time.
    fn chunk(self) -> usize {
        (STAGED / UNIT / self.tile).min(self.units())
    }

    fn chunks(self) -> usize {
        self.units().div_ceil(self.chunk())
    }

    /// Sums held at a time.
    fn summed(self) -> usize {
        self.tile.min(SUMMED)
    }
}

/// `y = x Wᵗ` and what goes with it. `beside` is the norm's gain or the residual; no plan has both.
#[cube(launch)]
fn linear_kernel(
    x: &[f32],
    beside: &[f32],
    words: &[u32],
    out: &mut [f32],
    n: u32,
    epsilon: f32,
    #[comptime] plan: Plan,
) {
    let last = n as usize - 1;
    let first = CUBE_POS_Y as usize * plan.tile;
    let row = CUBE_POS_X as usize * comptime!(plan.made()) + UNIT_POS as usize % PANEL;

    let mut staged = Shared::<[Quad]>::new_slice(comptime!(2 * plan.chunk() * plan.tile));
    let mut sums = Array::<f32>::new(comptime!(plan.rows * plan.tile));
    #[unroll]
    for i in 0..comptime!(plan.rows * plan.tile) {
        sums[i] = 0.0;
    }
    let mut squares = 0.0f32;

    for chunk in 0..comptime!(plan.chunks()) {
        squares += stage(x, beside, &mut staged, first, last, chunk, plan);
        sync_cube();
        multiply(words, &staged, &mut sums, row, chunk, plan);
        sync_cube();
    }
    finish(beside, out, &sums, squares, first, last, row, epsilon, plan);
}

/// Brings a chunk of the tile's columns, times the norm's gain, into workgroup memory. Gives the
/// sum of the squares that this thread saw; all of them are of one input.
#[cube]
fn stage(
    x: &[f32],
    gain: &[f32],
    staged: &mut Shared<[Quad]>,
    first: usize,
    last: usize,
    chunk: usize,
    #[comptime] plan: Plan,
) -> f32 {
    let cols = comptime!(plan.matrix.cols);
    let quads = comptime!(2 * plan.chunk());
    let threads = comptime!(THREADS / plan.tile);
    let tile = UNIT_POS as usize / threads;
    let input = min(first + tile, last) * cols;
    let mut squares = 0.0f32;
    for step in 0..comptime!(quads.div_ceil(threads)) {
        let at = step * threads + UNIT_POS as usize % threads;
        if at < quads {
            let mut quad = Quad::new(0.0f32);
            #[unroll]
            for i in 0..4usize {
                let column = (chunk * quads + at) * 4 + i;
                if column < cols {
                    let value = x[input + column];
                    if comptime!(plan.norm) {
                        squares += value * value;
                        quad.insert(i, value * gain[column]);
                    } else {
                        quad.insert(i, value);
                    }
                }
            }
            staged[tile * quads + at] = quad;
        }
    }
    squares
}

/// Adds this thread's part of a chunk to its sums.
#[cube]
fn multiply(
    words: &[u32],
    staged: &Shared<[Quad]>,
    sums: &mut Array<f32>,
    row: usize,
    chunk: usize,
    #[comptime] plan: Plan,
) {
    let units = comptime!(plan.chunk());
    let last = comptime!(plan.matrix.rows - 1);
    for step in 0..comptime!(units.div_ceil(PARTS)) {
        let at = step * PARTS + UNIT_POS as usize / PANEL;
        let unit = chunk * units + at;
        if at < units && unit < comptime!(plan.units()) {
            let mut weights = Sequence::<Eight>::new();
            #[unroll]
            for r in 0..plan.rows {
                let row = min(row + comptime!(r * plan.stride()), last);
                weights.push(eight(words, &row_at(row, plan.matrix), unit, plan.matrix));
            }
            #[unroll]
            for t in 0..plan.tile {
                let low = staged[comptime!(2 * t * units) + 2 * at];
                let high = staged[comptime!(2 * t * units) + 2 * at + 1];
                #[unroll]
                for r in 0..plan.rows {
                    let weights = &weights[r];
                    sums[comptime!(r * plan.tile + t)] +=
                        weights.low.dot(low) + weights.high.dot(high);
                }
            }
        }
    }
}

/// Adds up the parts, and makes of each sum what the plan wants.
#[cube]
fn finish(
    beside: &[f32],
    out: &mut [f32],
    sums: &Array<f32>,
    squares: f32,
    first: usize,
    last: usize,
    row: usize,
    epsilon: f32,
    #[comptime] plan: Plan,
) {
    let me = UNIT_POS as usize;
    let width = comptime!(plan.width());
    let summed = comptime!(plan.summed());
    let mut partial = Shared::<[f32]>::new_slice(comptime!(THREADS * summed));
    let mut squared = Shared::<[f32]>::new_slice(PARTS);
    if comptime!(plan.norm) {
        partial[me] = squares;
        sync_cube();
        if me < PARTS {
            squared[me] = sixteen(&partial, me * PANEL, 1usize);
        }
        sync_cube();
    }
    #[unroll]
    for pass in 0..comptime!(plan.tile / summed) {
        let tile = pass * summed + me / PANEL;
        let input = first + tile;
        let mut gate = 0.0f32;
        #[unroll]
        for r in 0..plan.rows {
            #[unroll]
            for t in 0..summed {
                partial[comptime!(t * THREADS) + me] =
                    sums[comptime!(r * plan.tile + pass * summed + t)];
            }
            sync_cube();
            if me < comptime!(PANEL * summed) {
                let mut sum = sixteen(&partial, me / PANEL * THREADS + me % PANEL, PANEL);
                if comptime!(plan.norm) {
                    sum *= norm_factor(&squared, tile, epsilon, plan);
                }
                if comptime!(plan.ending == Ending::Gate && r == 0) {
                    gate = sum / (1.0 + (-max(sum, -80.0f32)).exp());
                } else {
                    let row = row
                        + comptime!(if plan.ending == Ending::Gate {
                            0
                        } else {
                            r * PANEL
                        });
                    let at = input * width + row;
                    if input <= last && row < width {
                        if comptime!(plan.ending == Ending::Gate) {
                            sum *= gate;
                        } else if comptime!(plan.ending == Ending::Add) {
                            sum += beside[at];
                        }
                        out[at] = sum;
                    }
                }
            }
            sync_cube();
        }
    }
}

/// The sum of sixteen numbers that stand `stride` apart.
#[cube]
fn sixteen(numbers: &Shared<[f32]>, start: usize, #[comptime] stride: usize) -> f32 {
    let mut sum = 0.0f32;
    #[unroll]
    for i in 0..16usize {
        sum += numbers[start + comptime!(i * stride)];
    }
    sum
}

/// `1 / sqrt(mean(x²) + epsilon)` of one input of the tile.
#[cube]
fn norm_factor(squared: &Shared<[f32]>, tile: usize, epsilon: f32, #[comptime] plan: Plan) -> f32 {
    let each = comptime!(PARTS / plan.tile);
    let mut sum = 0.0f32;
    #[unroll]
    for i in 0..each {
        sum += squared[tile * each + i];
    }
    1.0 / (sum / comptime!(plan.matrix.cols as f32) + epsilon).sqrt()
}

/// The norm before a product.
pub(super) struct Norm<'a> {
    pub gain: &'a CubeTensor,
    pub epsilon: f32,
}

/// `x Wᵗ`, or `norm(x) Wᵗ`.
pub(super) fn linear(
    x: CubeTensor,
    norm: Option<Norm<'_>>,
    words: CubeTensor,
    matrix: Matrix,
) -> CubeTensor {
    run(x, norm, None, words, matrix, Ending::Plain)
}

/// `residual + x Wᵗ`, in the residual's place where nobody else holds it.
pub(super) fn linear_add(
    residual: CubeTensor,
    x: CubeTensor,
    words: CubeTensor,
    matrix: Matrix,
) -> CubeTensor {
    run(x, None, Some(floats(residual)), words, matrix, Ending::Add)
}

/// `silu(g) * u` with `(g, u) = norm(x) Wᵗ`.
pub(super) fn gated(
    x: CubeTensor,
    norm: Norm<'_>,
    words: CubeTensor,
    matrix: Matrix,
) -> CubeTensor {
    run(x, Some(norm), None, words, matrix, Ending::Gate)
}

fn run(
    x: CubeTensor,
    norm: Option<Norm<'_>>,
    residual: Option<CubeTensor>,
    words: CubeTensor,
    matrix: Matrix,
    ending: Ending,
) -> CubeTensor {
    let x = floats(x);
    let n = x.meta.num_elements() / matrix.cols.max(1);
    let plan = Plan::new(matrix, ending, norm.is_some(), n);
    let epsilon = norm.as_ref().map_or(0.0, |norm| norm.epsilon);
    let in_place = residual.as_ref().is_some_and(CubeTensor::can_mut);
    let (out, target) = match &residual {
        Some(residual) if in_place => {
            let count = residual.meta.num_elements();
            (residual.clone(), BufferArg::alias(BESIDE, count))
        }
        _ => {
            let out = room(&x, [n, plan.width()], DType::F32);
            (out.clone(), out.into_buffer_arg())
        }
    };
    let beside = match (norm, residual) {
        (Some(norm), _) => floats(norm.gain.clone()).into_buffer_arg(),
        (None, Some(residual)) => residual.into_buffer_arg(),
        (None, None) => BufferArg::alias(X, x.meta.num_elements()),
    };
    linear_kernel::launch(
        &out.client,
        cubes(plan.width().div_ceil(plan.made()), n.div_ceil(plan.tile), 1),
        CubeDim::new_1d(size(THREADS)),
        x.into_buffer_arg(),
        beside,
        words.into_buffer_arg(),
        target,
        size(n),
        epsilon,
        plan,
    );
    out
}

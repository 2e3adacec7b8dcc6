//! The largest numbers of each row.
//!
//! The k-th largest is found bit by bit: is a number with this bit set still among the k largest? Numbers are compared
//! as whole numbers of the same order. A long row is cut into spans, whose largest go through the same kernel again.

use super::launch::{cubes, floats, room, size};
use burn::tensor::DType;
use burn_cubecl::cubecl::{self, prelude::*};
use burn_cubecl::tensor::CubeTensor;

/// Threads of a workgroup.
const THREADS: usize = 256;
/// Numbers of a span, at least; a span is no shorter than four times `k`.
const SPAN: usize = 2048;

/// The kernel of a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Pass {
    /// Its numbers are those of the rows, not what a pass before has left.
    first: bool,
    /// It is the last: it leaves numbers, not their order.
    last: bool,
}

/// Bits of a float as a whole number in the order of the floats: negative ones backwards below, the others above.
#[cube]
fn ordered(bits: u32) -> u32 {
    select(bits >= 0x8000_0000u32, !bits, bits | 0x8000_0000u32)
}

/// Bits of the float that has this place in the order.
#[cube]
fn unordered(key: u32) -> u32 {
    select(key >= 0x8000_0000u32, key & 0x7fff_ffffu32, !key)
}

/// Order of number `i`.
#[cube]
fn key_at(numbers: &[u32], i: usize, #[comptime] pass: Pass) -> u32 {
    if comptime!(pass.first) {
        ordered(numbers[i])
    } else {
        numbers[i]
    }
}

/// Place of number `i` in its row.
#[cube]
fn place_at(places: &[u32], i: usize, in_row: usize, #[comptime] pass: Pass) -> u32 {
    if comptime!(pass.first) {
        in_row as u32
    } else {
        places[i]
    }
}

/// One result.
#[cube]
fn keep(
    kept: &mut [u32],
    kept_places: &mut [u32],
    at: usize,
    key: u32,
    place: u32,
    #[comptime] pass: Pass,
) {
    kept[at] = if comptime!(pass.last) {
        unordered(key)
    } else {
        key
    };
    kept_places[at] = place;
}

/// The `k` largest of a span of `width` numbers or fewer. All buffers are read as bits.
#[cube(launch)]
fn largest_kernel(
    numbers: &[u32],
    places: &[u32],
    kept: &mut [u32],
    kept_places: &mut [u32],
    width: u32,
    span: u32,
    k: u32,
    #[comptime] pass: Pass,
) {
    let me = UNIT_POS as usize;
    let row = CUBE_POS_Y as usize;
    let start = CUBE_POS_X * span;
    let length = min(span, width - start) as usize;
    let from = row * width as usize + start as usize;
    let to = (row * CUBE_COUNT_X as usize + CUBE_POS_X as usize) * k as usize;

    // One counter for each bit, one for the results above the k-th, one for those equal to it.
    let counters = Shared::<[Atomic<u32>]>::new_slice(34usize);
    if me < 34 {
        counters[me].store(0u32);
    }
    sync_cube();

    let mut kth = 0u32;
    for bit in 0..32u32 {
        let raised = kth | (0x8000_0000u32 >> bit);
        let mut count = 0u32;
        let mut i = me;
        while i < length {
            if key_at(numbers, from + i, pass) >= raised {
                count += 1;
            }
            i += THREADS;
        }
        if count > 0 {
            counters[bit as usize].fetch_add(count);
        }
        sync_cube();
        kth = select(counters[bit as usize].load() >= k, raised, kth);
    }

    let mut i = me;
    while i < length {
        let key = key_at(numbers, from + i, pass);
        if key > kth {
            let slot = counters[32].fetch_add(1u32) as usize;
            let place = place_at(places, from + i, start as usize + i, pass);
            keep(kept, kept_places, to + slot, key, place, pass);
        }
        i += THREADS;
    }
    sync_cube();

    let above = counters[32].load();
    let mut i = me;
    while i < length {
        let key = key_at(numbers, from + i, pass);
        if key == kth {
            let slot = above + counters[33].fetch_add(1u32);
            if slot < k {
                let place = place_at(places, from + i, start as usize + i, pass);
                keep(kept, kept_places, to + slot as usize, key, place, pass);
            }
        }
        i += THREADS;
    }

    // A span shorter than `k` leaves the rest to what is below all numbers.
    let mut slot = length + me;
    while slot < k as usize {
        keep(kept, kept_places, to + slot, 0u32, 0u32, pass);
        slot += THREADS;
    }
}

/// The `k` largest of each row, in no order, and their places.
pub(super) fn largest(x: CubeTensor, k: usize) -> (CubeTensor, CubeTensor) {
    let x = floats(x);
    let (n, width) = (x.meta.shape()[0], x.meta.shape()[1]);
    let k = k.min(width);
    let span = SPAN.max(4 * k);
    let spans = width.div_ceil(span);
    if spans <= 1 {
        let pass = Pass {
            first: true,
            last: true,
        };
        return run(x, None, [n, width], width, k, pass);
    }
    let pass = Pass {
        first: true,
        last: false,
    };
    let (keys, places) = run(x, None, [n, width], span, k, pass);
    let pass = Pass {
        first: false,
        last: true,
    };
    run(keys, Some(places), [n, spans * k], spans * k, k, pass)
}

fn run(
    numbers: CubeTensor,
    places: Option<CubeTensor>,
    [n, width]: [usize; 2],
    span: usize,
    k: usize,
    pass: Pass,
) -> (CubeTensor, CubeTensor) {
    let spans = width.div_ceil(span);
    let dtype = if pass.last { DType::F32 } else { DType::U32 };
    let kept = room(&numbers, [n, spans * k], dtype);
    let kept_places = room(&numbers, [n, spans * k], DType::I32);
    let places = match places {
        Some(places) => places.into_buffer_arg(),
        None => BufferArg::alias(0, n * width),
    };
    largest_kernel::launch(
        &kept.client,
        cubes(spans, n, 1),
        CubeDim::new_1d(size(THREADS)),
        numbers.into_buffer_arg(),
        places,
        kept.clone().into_buffer_arg(),
        kept_places.clone().into_buffer_arg(),
        size(width),
        size(span),
        size(k),
        pass,
    );
    (kept, kept_places)
}

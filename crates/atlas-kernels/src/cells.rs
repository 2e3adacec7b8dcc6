//! Where threads leave their results.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Floats that any thread may store. The end of [`Pool::run`](crate::Pool::run) orders the stores before the reading.
#[derive(Clone, Debug)]
pub(crate) struct Cells(Arc<Vec<AtomicU32>>);

impl Cells {
    pub(crate) fn new(count: usize) -> Self {
        Self(Arc::new(
            vec![0u32; count].into_iter().map(AtomicU32::new).collect(),
        ))
    }

    #[inline(always)]
    pub(crate) fn store(&self, at: usize, values: &[f32]) {
        for (cell, value) in self.0[at..at + values.len()].iter().zip(values) {
            cell.store(value.to_bits(), Ordering::Relaxed);
        }
    }

    /// The floats, once no thread stores any more.
    pub(crate) fn into_floats(self) -> Vec<f32> {
        match Arc::try_unwrap(self.0) {
            Ok(cells) => cells
                .into_iter()
                .map(|cell| f32::from_bits(cell.into_inner()))
                .collect(),
            Err(shared) => shared
                .iter()
                .map(|cell| f32::from_bits(cell.load(Ordering::Relaxed)))
                .collect(),
        }
    }
}

//! Work on all cores.

use anyhow::{Context, Result};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Does the work for every item on all cores; results in the order of the items.
pub fn in_parallel<I: Sync, T: Send>(
    items: &[I],
    work: impl Fn(&I) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let next = AtomicUsize::new(0);
    let one_core = || {
        let mut done = vec![];
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else {
                break done;
            };
            done.push((at, work(item)));
        }
    };
    let cores = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(items.len());
    let mut done = std::thread::scope(|scope| -> Result<Vec<_>> {
        let cores: Vec<_> = (0..cores).map(|_| scope.spawn(one_core)).collect();
        let mut done = vec![];
        for core in cores {
            done.extend(
                core.join()
                    .ok()
                    .context("a part of the work ended in a panic")?,
            );
        }
        Ok(done)
    })?;
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<u16> = (0..40).rev().collect();
        let squares = in_parallel(&items, |&i| Ok(u32::from(i).pow(2))).expect("no error");
        assert!(
            squares
                .iter()
                .zip(&items)
                .all(|(s, i)| *s == u32::from(*i).pow(2))
        );
        assert!(
            in_parallel(&items, |&i| if i == 7 {
                anyhow::bail!("seven")
            } else {
                Ok(i)
            })
            .is_err()
        );
        assert!(
            in_parallel(&[0; 0], |&i: &u8| Ok(i))
                .expect("no error")
                .is_empty()
        );
    }
}

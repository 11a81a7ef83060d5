//! Work on all cores, with nothing but the standard library: this room is there without the program and its crates.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, available_parallelism};

/// Items that a thread takes at a time: few, since one may take a thousand times as long as another.
const TAKEN: usize = 16;

/// What comes of each number from 0 on, in their order.
pub(super) fn on_all_cores<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let cores = available_parallelism().map_or(1, NonZero::get).min(count.div_ceil(TAKEN)).max(1);
    let next = AtomicUsize::new(0);
    let take = || {
        let mut done = Vec::new();
        loop {
            let start = next.fetch_add(TAKEN, Ordering::Relaxed);
            if start >= count {
                return done;
            }
            done.push((start, (start..count.min(start + TAKEN)).map(&work).collect::<Vec<T>>()));
        }
    };
    let mut done: Vec<(usize, Vec<T>)> = thread::scope(|scope| {
        let threads: Vec<_> = (1..cores).map(|_| scope.spawn(take)).collect();
        let own = take();
        let others =
            threads.into_iter().flat_map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
        own.into_iter().chain(others).collect()
    });
    done.sort_unstable_by_key(|(start, _)| *start);
    done.into_iter().flat_map(|(_, items)| items).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_order() {
        for count in [0, 1, TAKEN, 5 * TAKEN + 3] {
            assert_eq!(
                on_all_cores(count, |number| number * 2),
                (0..count).map(|n| n * 2).collect::<Vec<_>>()
            );
        }
    }
}

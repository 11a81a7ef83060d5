//! Work on all cores.

use candle_core::utils::barrier_pool;
use parking_lot::Mutex;

/// Does work on every item, on the threads that the matrix products run on.
///
/// `operations` is about how many multiplications the work takes; a little is done at once, since waking the
/// threads takes longer.
pub(super) fn spread<T: Send>(items: Vec<T>, operations: usize, work: impl Fn(T) + Sync) {
    const WORTH_WAKING: usize = 1 << 16;
    if operations < WORTH_WAKING {
        return items.into_iter().for_each(work);
    }
    let items: Vec<Mutex<Option<T>>> = items.into_iter().map(|item| Mutex::new(Some(item))).collect();
    barrier_pool().execute_chunked(items.len(), |range| {
        for item in &items[range] {
            // Taken out first: the lock must not be held while the work is done.
            let item = item.lock().take();
            if let Some(item) = item {
                work(item);
            }
        }
    });
}

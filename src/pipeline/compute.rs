//! Work for the processor, off the async threads.

use std::sync::Arc;
use std::thread::available_parallelism;

use tokio::sync::Semaphore;
use tokio::task::{JoinError, spawn_blocking};

/// Extra threads for work that waits on a disk. More do not help: with one per article, 500 articles took as long as with
/// eight, and twice the memory.
const WAITING: usize = 8;

/// Runs work on blocking threads, on no more of them at once than there are cores: tokio starts up to 512, which would
/// only take turns.
#[derive(Debug, Clone)]
pub(super) struct Cores {
    free: Arc<Semaphore>,
    /// A place for each core and for what waits.
    threads: Arc<Semaphore>,
    count: usize,
}

impl Cores {
    /// All cores of the machine.
    pub(super) fn all() -> Self {
        let count = available_parallelism().map_or(1, usize::from);
        let semaphore = |places| Arc::new(Semaphore::new(places));
        Self { free: semaphore(count), threads: semaphore(count + WAITING), count }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Waits for a core and gives back what the work comes to.
    pub(super) async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        self.run_then(work, |done| done).await
    }

    /// Waits for a core and, on the same thread but without the core, does something more that may wait for a disk: a
    /// thread less to wake for each article.
    pub(super) async fn run_then<S, T: Send + 'static>(
        &self,
        work: impl FnOnce() -> S + Send + 'static,
        then: impl FnOnce(S) -> T + Send + 'static,
    ) -> T {
        let thread = Arc::clone(&self.threads).acquire_owned().await;
        let core = Arc::clone(&self.free).acquire_owned().await;
        let done = spawn_blocking(move || {
            let done = work();
            drop(core);
            let done = then(done);
            drop(thread);
            done
        });
        done.await.unwrap_or_else(|error| resume(error))
    }
}

/// Goes on with the panic of a task: it is a bug, and must not look like a result.
pub(super) fn resume(error: JoinError) -> ! {
    std::panic::resume_unwind(error.into_panic())
}

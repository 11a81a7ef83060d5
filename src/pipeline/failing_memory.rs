//! A memory whose n-th write fails, for tests.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures::FutureExt;
use futures::future::{pending, ready};
use tokio::sync::Notify;

use super::memory_double::MemoryDouble;
use crate::memory::{Memory, MemoryError, MemoryFuture};

/// What goes wrong with a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WriteFault {
    /// Nothing is written.
    NotDone,
    /// It is written all the same.
    Done,
    /// Nothing is written by this process any more.
    Full,
    /// The process is killed before it is written.
    KilledBefore,
    /// The process is killed when it is written.
    KilledAfter,
}

/// Which write fails, counted over all processes, and how.
#[derive(Debug)]
pub(super) struct FaultyWrites {
    pub(super) at: usize,
    pub(super) fault: WriteFault,
    pub(super) count: AtomicUsize,
    /// Told when a process is to be killed.
    pub(super) kill: Arc<Notify>,
}

/// The memory as one process has it.
#[derive(Debug)]
pub(super) struct FailingMemory {
    memory: Arc<dyn Memory>,
    writes: Arc<FaultyWrites>,
    is_full: AtomicBool,
}

impl FailingMemory {
    pub(super) fn new(memory: Arc<dyn Memory>, writes: Arc<FaultyWrites>) -> Self {
        Self { memory, writes, is_full: AtomicBool::new(false) }
    }
}

impl MemoryDouble for FailingMemory {
    fn memory(&self) -> &dyn Memory {
        self.memory.as_ref()
    }

    fn written<T: Send + 'static>(
        &self,
        write: impl FnOnce(&dyn Memory) -> MemoryFuture<T>,
    ) -> MemoryFuture<T> {
        let is_it = self.writes.count.fetch_add(1, Ordering::SeqCst) + 1 == self.writes.at;
        let full = || {
            let source = Arc::new(io::Error::from(io::ErrorKind::StorageFull));
            Err(MemoryError::File { path: "memory.db".into(), source })
        };
        if self.is_full.load(Ordering::SeqCst) {
            return ready(full()).boxed();
        }
        if !is_it {
            return write(self.memory.as_ref());
        }
        match self.writes.fault {
            WriteFault::NotDone => ready(full()).boxed(),
            WriteFault::Full => {
                self.is_full.store(true, Ordering::SeqCst);
                ready(full()).boxed()
            }
            WriteFault::Done => write(self.memory.as_ref()).map(move |done| done.and(full())).boxed(),
            WriteFault::KilledBefore => {
                self.writes.kill.notify_one();
                pending().boxed()
            }
            WriteFault::KilledAfter => {
                let kill = Arc::clone(&self.writes.kill);
                let written = write(self.memory.as_ref());
                written.inspect(move |_| kill.notify_one()).then(|_| pending()).boxed()
            }
        }
    }
}

//! A memory whose n-th write fails, for tests.

use std::collections::HashSet;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures::FutureExt;
use futures::future::{pending, ready};
use tokio::sync::Notify;

use crate::memory::{
    Adoption, Attempt, BatchJob, BatchRequest, Forgotten, Key, Log, Maker, Memory, MemoryEntry, MemoryError,
    MemoryFuture, MemoryRevision, MemoryStats, NearEntry, OutputRecord, ReadText, Refused, SearchQuery,
    Selection, StoredAnswer, Succession, TextOfEngine,
};
use crate::model::{
    ArticleId, Example, HumanPair, PairId, PairOrigin, Request, SegmentInContext, StoredPair, TermHint,
    Timestamp, Translation,
};

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

/// What a memory is asked, passed on, and what it is told, which may fail.
macro_rules! passed_on {
    (
        reads { $(fn $read:ident($($asked:ident: $kind:ty),*) -> $found:ty;)* }
        writes { $(fn $write:ident($($told:ident: $sort:ty),*) -> $done:ty;)* }
    ) => {
        impl Memory for FailingMemory {
            $(fn $read(&self, $($asked: $kind),*) -> MemoryFuture<$found> {
                self.memory.$read($($asked),*)
            })*
            $(fn $write(&self, $($told: $sort),*) -> MemoryFuture<$done> {
                self.written(|memory| memory.$write($($told),*))
            })*
        }
    };
}

passed_on! {
    reads {
        fn lookup(keys: Vec<Key>) -> Vec<Option<Translation>>;
        fn terms_told(texts: Vec<TextOfEngine>) -> Vec<Vec<Vec<TermHint>>>;
        fn attempts(keys: Vec<Key>) -> Vec<Option<Attempt>>;
        fn makers() -> Vec<Maker>;
        fn chosen(selection: Selection) -> Forgotten;
        fn nearest(requests: Vec<Request>) -> Vec<Vec<Example>>;
        fn corrections(segments: Vec<SegmentInContext>) -> Vec<Option<StoredPair>>;
        fn last_learned(files: Vec<PairOrigin>) -> Vec<StoredPair>;
        fn pairs_named(digits: String, limit: usize) -> Vec<StoredPair>;
        fn pairs_after(id: Option<PairId>, limit: usize) -> Vec<StoredPair>;
        fn near(segment: SegmentInContext, limit: usize) -> Vec<NearEntry>;
        fn search(query: SearchQuery) -> Vec<MemoryEntry>;
        fn revision() -> MemoryRevision;
        fn read_marks(articles: Vec<ArticleId>) -> Vec<HashSet<ReadText>>;
        fn outputs() -> Vec<OutputRecord>;
        fn batch_jobs() -> Vec<BatchJob>;
        fn underway(keys: Vec<Key>) -> Vec<bool>;
        fn job_requests(nonce: String, numbers: Vec<u32>) -> Vec<BatchRequest>;
        fn stats() -> MemoryStats;
        fn adoption(succession: Succession) -> Adoption;
        fn close() -> Log;
    }
    writes {
        fn store(records: Vec<StoredAnswer>) -> ();
        fn replace(records: Vec<StoredAnswer>) -> ();
        fn refuse(refused: Vec<Refused>) -> ();
        fn forget(selection: Selection) -> Forgotten;
        fn open_pool() -> ();
        fn close_pool() -> ();
        fn correct(pairs: Vec<HumanPair>) -> Vec<PairId>;
        fn add_pairs(pairs: Vec<HumanPair>) -> Vec<PairId>;
        fn withdraw(pairs: Vec<PairId>, at: Timestamp) -> u64;
        fn mark_read(article: ArticleId, texts: Vec<ReadText>, is_read: bool) -> ();
        fn announce_output(output: OutputRecord) -> ();
        fn settle_output(output: OutputRecord) -> ();
        fn add_job(job: BatchJob, requests: Vec<BatchRequest>) -> ();
        fn name_job(nonce: String, service_id: String) -> ();
        fn cancel_job(nonce: String) -> ();
        fn settle_requests(nonce: String, numbers: Vec<u32>) -> ();
        fn settle_job(nonce: String) -> ();
        fn decide(succession: Succession, taken: bool) -> ();
    }
}

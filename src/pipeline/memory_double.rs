//! Memories for tests that are another memory but for something.

use std::collections::HashSet;

use crate::memory::{
    Adoption, AnswerEntry, Attempt, BatchJob, BatchRequest, Forgotten, Key, Log, Maker, Memory, MemoryEntry,
    MemoryFuture, MemoryRevision, MemoryStats, NearEntry, OutputRecord, ReadText, Refused, SearchQuery,
    Selection, StoredAnswer, Succession, TextOfEngine,
};
use crate::model::{
    ArticleId, Example, HumanPair, PairId, PairOrigin, Request, SegmentInContext, StoredPair, TermHint,
    Timestamp, Translation,
};

/// A memory that passes on what it is asked and told, but for what it does otherwise.
pub(super) trait MemoryDouble: std::fmt::Debug + Send + Sync {
    /// The one behind it.
    fn memory(&self) -> &dyn Memory;

    /// Does what it is told.
    fn written<T: Send + 'static>(
        &self,
        write: impl FnOnce(&dyn Memory) -> MemoryFuture<T>,
    ) -> MemoryFuture<T> {
        write(self.memory())
    }

    fn shares_claims(&self) -> bool {
        self.memory().is_shared()
    }

    fn claimed(&self, keys: Vec<Key>) -> MemoryFuture<Vec<bool>> {
        self.memory().claim(keys)
    }

    /// What is stored ends the claims on its keys.
    fn ending_claims(&self, _keys: Vec<Key>, stored: MemoryFuture<()>) -> MemoryFuture<()> {
        stored
    }

    fn let_go(&self, keys: Vec<Key>) -> MemoryFuture<()> {
        self.memory().release(keys)
    }

    fn free(&self, keys: Vec<Key>) -> MemoryFuture<()> {
        self.memory().released(keys)
    }
}

/// What a memory is asked, passed on, and what it is told, which may fail.
macro_rules! passed_on {
    (
        reads { $(fn $read:ident($($asked:ident: $kind:ty),*) -> $found:ty;)* }
        writes { $(fn $write:ident($($told:ident: $sort:ty),*) -> $done:ty;)* }
    ) => {
        impl<T: MemoryDouble> Memory for T {
            fn store(&self, records: Vec<StoredAnswer>) -> MemoryFuture<()> {
                let keys = records.iter().map(|record| record.key).collect();
                self.ending_claims(keys, self.written(|memory| memory.store(records)))
            }

            fn replace(&self, records: Vec<StoredAnswer>) -> MemoryFuture<()> {
                let keys = records.iter().map(|record| record.key).collect();
                self.ending_claims(keys, self.written(|memory| memory.replace(records)))
            }

            fn is_shared(&self) -> bool {
                self.shares_claims()
            }

            fn claim(&self, keys: Vec<Key>) -> MemoryFuture<Vec<bool>> {
                self.claimed(keys)
            }

            fn release(&self, keys: Vec<Key>) -> MemoryFuture<()> {
                self.let_go(keys)
            }

            fn released(&self, keys: Vec<Key>) -> MemoryFuture<()> {
                self.free(keys)
            }


            $(fn $read(&self, $($asked: $kind),*) -> MemoryFuture<$found> {
                self.memory().$read($($asked),*)
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
        fn answers_named(digits: String, limit: usize) -> Vec<AnswerEntry>;
        fn answers_after(id: Option<String>, limit: usize) -> Vec<AnswerEntry>;
        fn near(segment: SegmentInContext, limit: usize) -> Vec<NearEntry>;
        fn search(query: SearchQuery) -> Vec<MemoryEntry>;
        fn revision() -> MemoryRevision;
        fn read_marks(articles: Vec<ArticleId>) -> Vec<HashSet<ReadText>>;
        fn outputs() -> Vec<OutputRecord>;
        fn batch_jobs() -> Vec<BatchJob>;
        fn underway(keys: Vec<Key>) -> Vec<bool>;
        fn job_requests(nonce: String, numbers: Vec<u32>) -> Vec<BatchRequest>;
        fn stats() -> MemoryStats;
        fn shrink() -> ();
        fn adoption(succession: Succession) -> Adoption;
        fn close() -> Log;
    }
    writes {
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

//! What every translation memory does.

use std::collections::HashSet;
use std::fmt::Debug;

use futures::FutureExt as _;
use futures::future::{BoxFuture, ready};

use super::adoption::{Adoption, Succession};
use super::entry::{AnswerEntry, MemoryEntry, NearEntry, SearchQuery};
use super::error::MemoryError;
use super::forget::{Forgotten, Selection};
use super::jobs::{BatchJob, BatchRequest};
use super::key::Key;
use super::read_marks::ReadText;
use super::records::{
    Log, Maker, MemoryRevision, MemoryState, MemoryStats, OutputRecord, StoredAnswer, TextOfEngine,
};
use super::refused::{Attempt, Refused};
use crate::model::{
    ArticleId, Example, HumanPair, PairId, PairOrigin, Request, SegmentInContext, StoredPair, TermHint,
    Timestamp, Translation,
};

/// What a memory is asked for. It is asked at once: dropping the future does not take the question back.
pub type MemoryFuture<T> = BoxFuture<'static, Result<T, MemoryError>>;

/// A translation memory: the answers of engines, so that none is paid for twice, and what people corrected, which
/// outranks them.
///
/// Every store passes the tests in `src/memory/conformance.rs`. All of them fail with a [`MemoryError`] if what is stored
/// cannot be read, is not what was stored, or cannot be written; then nothing of what was handed over is kept.
pub trait Memory: Debug + Send + Sync {
    /// The translations of the keys, in their order; `None` where there is none.
    fn lookup(&self, keys: Vec<Key>) -> MemoryFuture<Vec<Option<Translation>>>;

    /// The terms that engines were told with texts that they gave translations of, for each text the last ones first and not
    /// more than a few lists; those without terms are left out.
    fn terms_told(&self, texts: Vec<TextOfEngine>) -> MemoryFuture<Vec<Vec<Vec<TermHint>>>>;

    /// What answers came instead of translations, in the order of the keys; `None` where there was no such answer.
    fn attempts(&self, keys: Vec<Key>) -> MemoryFuture<Vec<Option<Attempt>>>;

    /// The engines whose answers are in the memory, in the order in which they came.
    fn makers(&self) -> MemoryFuture<Vec<Maker>>;

    /// Keeps records; resolves when they are on the disk. A key that is there already keeps its translation.
    fn store(&self, records: Vec<StoredAnswer>) -> MemoryFuture<()>;

    /// Keeps records like [`Self::store`], in the place of the translations that their keys have.
    fn replace(&self, records: Vec<StoredAnswer>) -> MemoryFuture<()>;

    /// Remembers answers that are not translations; resolves when they are on the disk. A translation that a key has
    /// stays.
    fn refuse(&self, refused: Vec<Refused>) -> MemoryFuture<()>;

    /// Whether others may send texts for this memory at the same time. Then a text is sent only by whom its key is granted to
    /// ([`Self::claim`]), and only if there is still no answer: what was looked up before may have come meanwhile.
    ///
    /// What stands here about claims by itself is for a memory that one process has to itself: everything is granted.
    fn is_shared(&self) -> bool {
        false
    }

    /// Claims keys, so that nobody else sends their texts; whether each is granted, in their order. What is granted already
    /// is granted again. A claim ends when an answer is stored, when it is let go ([`Self::release`]), with the memory, and
    /// some time after its process was heard of last.
    fn claim(&self, keys: Vec<Key>) -> MemoryFuture<Vec<bool>> {
        ready(Ok(vec![true; keys.len()])).boxed()
    }

    /// Lets claims go; those that are not held are left out.
    fn release(&self, _keys: Vec<Key>) -> MemoryFuture<()> {
        ready(Ok(())).boxed()
    }

    /// Resolves when one of the keys may be granted that others hold, and at once if nobody does. It may resolve too early,
    /// but not without end.
    fn released(&self, _keys: Vec<Key>) -> MemoryFuture<()> {
        ready(Ok(())).boxed()
    }

    /// How much is chosen to be forgotten.
    fn chosen(&self, selection: Selection) -> MemoryFuture<Forgotten>;

    /// Forgets the answers that are chosen: all of them, or nothing.
    fn forget(&self, selection: Selection) -> MemoryFuture<Forgotten>;

    /// Prepares examples for a run; see [`Self::nearest`].
    fn open_pool(&self) -> MemoryFuture<()>;

    /// For each request the earlier translations of texts that are like it, at most two, the nearest first.
    ///
    /// Earlier is what was in the memory when [`Self::open_pool`] was called or, after a run that did not call
    /// [`Self::close_pool`], what that run began with. Translations that go against the terms of the request are
    /// left out. It is an error if the pool was not opened.
    fn nearest(&self, requests: Vec<Request>) -> MemoryFuture<Vec<Vec<Example>>>;

    /// Records that a run with examples has ended.
    fn close_pool(&self) -> MemoryFuture<()>;

    /// The correction of each segment, in their order: of those with the same source and not taken back the one that was
    /// made nearest to the segment ([`Nearness`](super::Nearness)), among these the newest, among these the one with the
    /// highest id.
    fn corrections(&self, segments: Vec<SegmentInContext>) -> MemoryFuture<Vec<Option<StoredPair>>>;

    /// Keeps what people say at this moment; resolves with the ids, in their order, when it is on the disk.
    ///
    /// Clocks tell whole seconds, stand still and go back. So all of it gets one time that is later than that of every pair
    /// that it has to outrank, whatever the pairs themselves say: those of the same kind with the same source and, for
    /// what was learned from files, all that was learned before and is in use ([`Self::last_learned`]). What was taken back
    /// a moment ago is another pair when it is said again.
    fn correct(&self, pairs: Vec<HumanPair>) -> MemoryFuture<Vec<PairId>>;

    /// Keeps pairs as they are, with the times that they were made at elsewhere; resolves with their ids, in their order,
    /// when they are on the disk. A pair that is there already stays as it is, also if it was taken back.
    fn add_pairs(&self, pairs: Vec<HumanPair>) -> MemoryFuture<Vec<PairId>>;

    /// Takes pairs back, as of a moment; those that were taken back later stay so. Returns how many were in use before.
    fn withdraw(&self, pairs: Vec<PairId>, at: Timestamp) -> MemoryFuture<u64>;

    /// Of the corrections in use that were learned from these files, those that one person taught at once last, in no
    /// order.
    fn last_learned(&self, files: Vec<PairOrigin>) -> MemoryFuture<Vec<StoredPair>>;

    /// The pairs whose ids begin with these hexadecimal digits, by id, at most so many.
    fn pairs_named(&self, digits: String, limit: usize) -> MemoryFuture<Vec<StoredPair>>;

    /// The pairs with an id above this one, by id, at most so many: all pairs, bit by bit.
    fn pairs_after(&self, id: Option<PairId>, limit: usize) -> MemoryFuture<Vec<StoredPair>>;

    /// The answers whose keys begin with these hexadecimal digits, by key, at most so many.
    fn answers_named(&self, digits: String, limit: usize) -> MemoryFuture<Vec<AnswerEntry>>;

    /// The answers behind the one with this id, by id, at most so many: all answers, bit by bit.
    fn answers_after(&self, id: Option<String>, limit: usize) -> MemoryFuture<Vec<AnswerEntry>>;

    /// The answers and pairs whose German is most like that of a segment, the likest first, at most so many. Pairs that
    /// were taken back are not among them.
    fn near(&self, segment: SegmentInContext, limit: usize) -> MemoryFuture<Vec<NearEntry>>;

    /// The answers and pairs that a query finds: those that have its words side by side first, then corrections before
    /// suggestions before answers, then the newest.
    fn search(&self, query: SearchQuery) -> MemoryFuture<Vec<MemoryEntry>>;

    /// Another one whenever pairs came or were taken back, in whatever process. Costs as little as looking up one key.
    fn revision(&self) -> MemoryFuture<MemoryRevision>;

    /// What stands for all answers and pairs there are now; `None` where nobody keeps that.
    fn state(&self) -> MemoryFuture<Option<MemoryState>> {
        ready(Ok(None)).boxed()
    }

    /// What people have read of each article, in their order.
    fn read_marks(&self, articles: Vec<ArticleId>) -> MemoryFuture<Vec<HashSet<ReadText>>>;

    /// Remembers that people have read texts of an article, or that they have not.
    fn mark_read(&self, article: ArticleId, texts: Vec<ReadText>, is_read: bool) -> MemoryFuture<()>;

    /// The files that were written on their own, by path; a path has several while its file is being replaced.
    fn outputs(&self) -> MemoryFuture<Vec<OutputRecord>>;

    /// Remembers a file that is about to take its place, beside what is known of its path already.
    fn announce_output(&self, output: OutputRecord) -> MemoryFuture<()>;

    /// Remembers a file that is in its place, and forgets what else is known of its path.
    fn settle_output(&self, output: OutputRecord) -> MemoryFuture<()>;

    /// The batch jobs that are not settled, in the order in which they were made.
    fn batch_jobs(&self) -> MemoryFuture<Vec<BatchJob>>;

    /// Remembers a job that is about to be handed in; resolves when it is on the disk. It is an error if one of its texts is
    /// in another job.
    fn add_job(&self, job: BatchJob, requests: Vec<BatchRequest>) -> MemoryFuture<()>;

    /// Which of the keys are those of texts in a job, in their order.
    fn underway(&self, keys: Vec<Key>) -> MemoryFuture<Vec<bool>>;

    /// Remembers what the service calls a job.
    fn name_job(&self, nonce: String, service_id: String) -> MemoryFuture<()>;

    /// Remembers that a person called a job off.
    fn cancel_job(&self, nonce: String) -> MemoryFuture<()>;

    /// Requests of a job that are not settled; a number that is none of theirs is left out.
    fn job_requests(&self, nonce: String, numbers: Vec<u32>) -> MemoryFuture<Vec<BatchRequest>>;

    /// Lets requests of a job go: their answers are stored, or none will come.
    fn settle_requests(&self, nonce: String, numbers: Vec<u32>) -> MemoryFuture<()>;

    /// Lets a job go, with those of its requests for which no answer came.
    fn settle_job(&self, nonce: String) -> MemoryFuture<()>;

    /// How large the memory is.
    fn stats(&self) -> MemoryFuture<MemoryStats>;

    /// What was decided about the answers of an earlier version.
    fn adoption(&self, succession: Succession) -> MemoryFuture<Adoption>;

    /// Decides whether the answers of an earlier version stand for an engine's own.
    fn decide(&self, succession: Succession, taken: bool) -> MemoryFuture<()>;

    /// Gives the disk back what is no longer used, if nobody else reads the memory meanwhile.
    fn shrink(&self) -> MemoryFuture<()>;

    /// Stores what was handed over and closes the memory, whoever else holds it; what they ask for afterwards is answered
    /// with [`MemoryError::Gone`].
    fn close(&self) -> MemoryFuture<Log>;
}

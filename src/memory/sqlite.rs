//! The memory in a SQLite file.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;

use futures::FutureExt as _;
use futures::channel::oneshot;
use parking_lot::Mutex;

use super::adoption::{Adoption, Succession};
use super::database::{Database, StoreMode};
use super::entry::{AnswerEntry, MemoryEntry, NearEntry, SearchQuery};
use super::error::MemoryError;
use super::forget::{Forgotten, Selection};
use super::interface::{Memory, MemoryFuture};
use super::jobs::{BatchJob, BatchRequest};
use super::key::Key;
use super::maintenance::{self, MemoryProblem, RepairedMemory};
use super::read_marks::ReadText;
use super::records::{
    Log, Maker, MemoryRevision, MemoryState, MemoryStats, OutputRecord, StoredAnswer, TextOfEngine,
};
use super::refused::{Attempt, Refused};
use super::worker::{self, DatabaseCommand, DatabaseTask};
use crate::model::{
    ArticleId, Example, HumanPair, PairId, PairOrigin, Request, SegmentInContext, StoredPair, TermHint,
    Timestamp, Translation,
};

/// A translation memory in a file, written by one thread of its own; whatever stores wait at a moment share one commit.
///
/// A command that opened one ends with [`Memory::close`]. Dropping the last handle closes it, too, but tasks of a run may
/// hold handles for longer than the process lives.
#[derive(Debug)]
pub struct SqliteMemory {
    thread: DatabaseThread,
    /// The file; `None` if there is none.
    path: Option<PathBuf>,
    /// Searches, so that answers need not wait while the index is brought up to date. Started by the first search.
    searcher: Mutex<Option<DatabaseThread>>,
}

impl SqliteMemory {
    /// Opens the memory at `path`; file and folders are made if they are not there.
    ///
    /// # Errors
    /// The file cannot be opened or made, is not a translation memory, or was made by a newer version.
    pub fn open(path: &Path) -> Result<Self, MemoryError> {
        Self::start(Database::open(path)?, Some(path))
    }

    /// Opens the memory at `path` for reading only, and makes no file. `None` if there is no memory yet.
    ///
    /// # Errors
    /// The file cannot be opened, is not a translation memory, or was made by a newer version.
    pub fn open_existing(path: &Path) -> Result<Option<Self>, MemoryError> {
        Database::open_existing(path)?.map(|database| Self::start(database, Some(path))).transpose()
    }

    /// A memory that is forgotten when it is dropped.
    ///
    /// # Errors
    /// There is no memory left for it.
    pub fn open_in_memory() -> Result<Self, MemoryError> {
        Self::start(Database::open_in_memory()?, None)
    }

    /// Puts two memories together in a new file: all answers and all pairs of both. Of two answers to the same question the
    /// newer one is taken, and a pair that was taken back in one of them is taken back. Which one is named first does not
    /// matter.
    ///
    /// # Errors
    /// One of them cannot be read, or `out` exists already or cannot be written.
    pub fn merge(left: &Path, right: &Path, out: &Path) -> Result<MemoryStats, MemoryError> {
        maintenance::merge(left, right, out)
    }

    /// Makes a new memory of what can be read of a damaged one, which gets another name and stays beside it. To be called
    /// with the [`RunLock`](super::RunLock) of the memory.
    ///
    /// # Errors
    /// The file is no memory at all, or the new one cannot be written; then nothing is changed.
    pub fn repair(path: &Path) -> Result<RepairedMemory, MemoryError> {
        maintenance::repair(path)
    }

    /// What is wrong with the memory; the first problems of each kind.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn problems(&self) -> MemoryFuture<Vec<MemoryProblem>> {
        self.task(Database::problems)
    }

    /// The bytes of the search index; 0 if nobody has searched yet, so that the next search has to make it.
    ///
    /// # Errors
    /// Something else stands in its place.
    pub fn index_bytes(&self) -> MemoryFuture<u64> {
        self.task(Database::index_bytes)
    }

    pub(super) fn task<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Database) -> Result<T, MemoryError> + Send + 'static,
    ) -> MemoryFuture<T> {
        self.ask(|answer| {
            // Nobody may be waiting for it any more; that is not an error.
            let answered = |database: &Database| drop(answer.send(act(database)));
            DatabaseCommand::Task(DatabaseTask(Box::new(answered)))
        })
    }

    fn start(database: Database, path: Option<&Path>) -> Result<Self, MemoryError> {
        let thread = DatabaseThread::start(database)?;
        Ok(Self { thread, path: path.map(Path::to_owned), searcher: Mutex::default() })
    }

    /// Hands a command to the thread; the future resolves to its answer.
    fn ask<T: Send + 'static>(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<T, MemoryError>>) -> DatabaseCommand,
    ) -> MemoryFuture<T> {
        self.thread.ask(command)
    }

    /// Hands a command to the thread that searches. It sees what has been committed, not what still waits in the other thread.
    fn ask_searcher<T: Send + 'static>(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<T, MemoryError>>) -> DatabaseCommand,
    ) -> MemoryFuture<T> {
        // A memory without a file can be opened once only.
        let Some(path) = &self.path else { return self.ask(command) };
        let mut searcher = self.searcher.lock();
        if searcher.is_none() {
            let opened = Database::open_existing(path).and_then(|database| database.ok_or(MemoryError::Gone));
            match opened.and_then(DatabaseThread::start) {
                Ok(thread) => *searcher = Some(thread),
                Err(error) => return async move { Err(error) }.boxed(),
            }
        }
        match searcher.as_ref() {
            Some(thread) => thread.ask(command),
            None => self.ask(command),
        }
    }
}

/// A thread that owns a connection to the database. It ends when it is dropped.
#[derive(Debug)]
struct DatabaseThread {
    commands: Option<Sender<DatabaseCommand>>,
    thread: Option<JoinHandle<()>>,
    stop: Arc<AtomicBool>,
}

impl DatabaseThread {
    fn start(database: Database) -> Result<Self, MemoryError> {
        let (commands, queue) = std::sync::mpsc::channel();
        let stop = Arc::clone(&database.stop);
        let thread = std::thread::Builder::new()
            .name("memory".to_owned())
            .spawn(move || worker::run(database, &queue))
            .map_err(|error| MemoryError::Thread(Arc::new(error)))?;
        Ok(Self { commands: Some(commands), thread: Some(thread), stop })
    }

    fn ask<T: Send + 'static>(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<T, MemoryError>>) -> DatabaseCommand,
    ) -> MemoryFuture<T> {
        let (sender, receiver) = oneshot::channel();
        if let Some(commands) = &self.commands {
            // A thread that is gone drops the command and with it the sender; the receiver reports it.
            let _ = commands.send(command(sender));
        }
        async move { receiver.await.unwrap_or(Err(MemoryError::Gone)) }.boxed()
    }
}

impl Drop for DatabaseThread {
    fn drop(&mut self) {
        self.commands = None;
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was reported by `MemoryError::Gone`.
            let _ = thread.join();
        }
    }
}

impl Memory for SqliteMemory {
    fn lookup(&self, keys: Vec<Key>) -> MemoryFuture<Vec<Option<Translation>>> {
        self.ask(|answer| DatabaseCommand::Lookup(keys, answer))
    }

    fn terms_told(&self, texts: Vec<TextOfEngine>) -> MemoryFuture<Vec<Vec<Vec<TermHint>>>> {
        self.ask(|answer| DatabaseCommand::TermsTold(texts, answer))
    }

    fn attempts(&self, keys: Vec<Key>) -> MemoryFuture<Vec<Option<Attempt>>> {
        self.ask(|answer| DatabaseCommand::Attempts(keys, answer))
    }

    fn makers(&self) -> MemoryFuture<Vec<Maker>> {
        self.ask(DatabaseCommand::Makers)
    }

    fn store(&self, records: Vec<StoredAnswer>) -> MemoryFuture<()> {
        self.ask(|answer| DatabaseCommand::Store(StoreMode::Keep, records, answer))
    }

    fn replace(&self, records: Vec<StoredAnswer>) -> MemoryFuture<()> {
        self.ask(|answer| DatabaseCommand::Store(StoreMode::Replace, records, answer))
    }

    fn refuse(&self, refused: Vec<Refused>) -> MemoryFuture<()> {
        self.ask(|answer| DatabaseCommand::Refuse(refused, answer))
    }

    fn chosen(&self, selection: Selection) -> MemoryFuture<Forgotten> {
        self.ask(|answer| DatabaseCommand::Chosen(selection, answer))
    }

    fn forget(&self, selection: Selection) -> MemoryFuture<Forgotten> {
        self.ask(|answer| DatabaseCommand::Forget(selection, answer))
    }

    /// With a million translations that takes a minute or two for the first time, and half a second later on.
    fn open_pool(&self) -> MemoryFuture<()> {
        self.ask(DatabaseCommand::OpenPool)
    }

    fn nearest(&self, requests: Vec<Request>) -> MemoryFuture<Vec<Vec<Example>>> {
        self.ask(|answer| DatabaseCommand::Nearest(requests, answer))
    }

    fn close_pool(&self) -> MemoryFuture<()> {
        self.ask(DatabaseCommand::ClosePool)
    }

    fn corrections(&self, segments: Vec<SegmentInContext>) -> MemoryFuture<Vec<Option<StoredPair>>> {
        self.ask(|answer| DatabaseCommand::Corrections(segments, answer))
    }

    fn correct(&self, pairs: Vec<HumanPair>) -> MemoryFuture<Vec<PairId>> {
        self.ask(|answer| DatabaseCommand::Correct(pairs, answer))
    }

    fn add_pairs(&self, pairs: Vec<HumanPair>) -> MemoryFuture<Vec<PairId>> {
        self.ask(|answer| DatabaseCommand::AddPairs(pairs, answer))
    }

    fn withdraw(&self, pairs: Vec<PairId>, at: Timestamp) -> MemoryFuture<u64> {
        self.ask(|answer| DatabaseCommand::Withdraw(pairs, at, answer))
    }

    fn last_learned(&self, files: Vec<PairOrigin>) -> MemoryFuture<Vec<StoredPair>> {
        self.ask(|answer| DatabaseCommand::LastLearned(files, answer))
    }

    fn pairs_named(&self, digits: String, limit: usize) -> MemoryFuture<Vec<StoredPair>> {
        self.ask(|answer| DatabaseCommand::PairsNamed(digits, limit, answer))
    }

    fn pairs_after(&self, id: Option<PairId>, limit: usize) -> MemoryFuture<Vec<StoredPair>> {
        self.ask(|answer| DatabaseCommand::PairsAfter(id, limit, answer))
    }

    fn answers_named(&self, digits: String, limit: usize) -> MemoryFuture<Vec<AnswerEntry>> {
        self.task(move |database| database.answers_named(&digits, limit))
    }

    fn answers_after(&self, id: Option<String>, limit: usize) -> MemoryFuture<Vec<AnswerEntry>> {
        self.task(move |database| database.answers_after(id.as_deref(), limit))
    }

    fn near(&self, segment: SegmentInContext, limit: usize) -> MemoryFuture<Vec<NearEntry>> {
        self.ask_searcher(|answer| DatabaseCommand::Near(segment, limit, answer))
    }

    fn search(&self, query: SearchQuery) -> MemoryFuture<Vec<MemoryEntry>> {
        self.ask_searcher(|answer| DatabaseCommand::Search(query, answer))
    }

    fn revision(&self) -> MemoryFuture<MemoryRevision> {
        self.ask(DatabaseCommand::Revision)
    }

    fn state(&self) -> MemoryFuture<Option<MemoryState>> {
        self.task(|database| database.state().map(Some))
    }

    fn read_marks(&self, articles: Vec<ArticleId>) -> MemoryFuture<Vec<HashSet<ReadText>>> {
        self.ask(|answer| DatabaseCommand::ReadMarks(articles, answer))
    }

    fn mark_read(&self, article: ArticleId, texts: Vec<ReadText>, is_read: bool) -> MemoryFuture<()> {
        self.ask(move |answer| DatabaseCommand::MarkRead(article, texts, is_read, answer))
    }

    fn outputs(&self) -> MemoryFuture<Vec<OutputRecord>> {
        self.ask(DatabaseCommand::Outputs)
    }

    fn announce_output(&self, output: OutputRecord) -> MemoryFuture<()> {
        self.ask(|answer| DatabaseCommand::AnnounceOutput(output, answer))
    }

    fn settle_output(&self, output: OutputRecord) -> MemoryFuture<()> {
        self.ask(|answer| DatabaseCommand::SettleOutput(output, answer))
    }

    fn batch_jobs(&self) -> MemoryFuture<Vec<BatchJob>> {
        self.task(Database::batch_jobs)
    }

    fn add_job(&self, job: BatchJob, requests: Vec<BatchRequest>) -> MemoryFuture<()> {
        self.task(move |database| database.add_job(&job, &requests))
    }

    fn underway(&self, keys: Vec<Key>) -> MemoryFuture<Vec<bool>> {
        self.task(move |database| database.underway(&keys))
    }

    fn name_job(&self, nonce: String, service_id: String) -> MemoryFuture<()> {
        self.task(move |database| database.name_job(&nonce, &service_id))
    }

    fn cancel_job(&self, nonce: String) -> MemoryFuture<()> {
        self.task(move |database| database.cancel_job(&nonce))
    }

    fn job_requests(&self, nonce: String, numbers: Vec<u32>) -> MemoryFuture<Vec<BatchRequest>> {
        self.task(move |database| database.job_requests(&nonce, &numbers))
    }

    fn settle_requests(&self, nonce: String, numbers: Vec<u32>) -> MemoryFuture<()> {
        self.task(move |database| database.settle_requests(&nonce, &numbers))
    }

    fn settle_job(&self, nonce: String) -> MemoryFuture<()> {
        self.task(move |database| database.settle_job(&nonce))
    }

    fn stats(&self) -> MemoryFuture<MemoryStats> {
        self.ask(DatabaseCommand::MemoryStats)
    }

    fn adoption(&self, succession: Succession) -> MemoryFuture<Adoption> {
        self.ask(|answer| DatabaseCommand::Adoption(succession, answer))
    }

    fn decide(&self, succession: Succession, taken: bool) -> MemoryFuture<()> {
        self.ask(move |answer| DatabaseCommand::Decide(succession, taken, answer))
    }

    fn shrink(&self) -> MemoryFuture<()> {
        self.task(Database::shrink)
    }

    /// Merges SQLite's log into the file.
    fn close(&self) -> MemoryFuture<Log> {
        *self.searcher.lock() = None;
        self.ask(DatabaseCommand::Close)
    }
}

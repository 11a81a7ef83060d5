//! The handle of a shared memory, and the thread behind it.

use std::collections::HashSet;
use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use futures::FutureExt as _;
use futures::channel::oneshot;
use futures::future::ready;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::address::MemoryAddress;
use super::budget::{PAUSE, RESERVE, SetAsideAnswer, SpentAmount};
use super::claims::HeldClaims;
use super::session::{Access, QueryResult, Session};
use super::thread::{Keeper, ServerCommand, ServerQuestion};
use crate::memory::adoption::{Adoption, Succession};
use crate::memory::database::StoreMode;
use crate::memory::entry::{AnswerEntry, MemoryEntry, NearEntry, SearchQuery};
use crate::memory::error::MemoryError;
use crate::memory::forget::{Forgotten, Selection};
use crate::memory::interface::{Memory, MemoryFuture};
use crate::memory::jobs::{BatchJob, BatchRequest};
use crate::memory::key::Key;
use crate::memory::read_marks::ReadText;
use crate::memory::records::{
    Log, Maker, MemoryRevision, MemoryStats, OutputRecord, StoredAnswer, TextOfEngine,
};
use crate::memory::refused::{Attempt, Refused};
use crate::memory::worker::ReplyTo;
use crate::model::{
    ArticleId, Example, HumanPair, PairId, PairOrigin, Request, SegmentInContext, StoredPair, TermHint,
    Timestamp, Translation,
};

/// A translation memory in a PostgreSQL database.
///
/// What several processes have to know of each other is in the database: who sends which text, what is spent of a budget,
/// when a service may be asked next. It does not search, and engines that take examples get none of it.
#[derive(Debug)]
pub struct PostgresMemory {
    commands: Option<UnboundedSender<ServerCommand>>,
    thread: Option<JoinHandle<()>>,
}

impl PostgresMemory {
    /// Opens the memory at an address; its tables are made if they are not there.
    ///
    /// # Errors
    /// There is no connection, the tables cannot be made, or they were made by a newer version.
    pub fn open(address: MemoryAddress) -> Result<Self, MemoryError> {
        Self::start(address, Access::Write)?.ok_or(MemoryError::Gone)
    }

    /// Opens the memory at an address for reading only, and makes no tables. `None` if there is no memory yet.
    ///
    /// # Errors
    /// There is no connection, or the tables were made by a newer version.
    pub fn open_existing(address: MemoryAddress) -> Result<Option<Self>, MemoryError> {
        Self::start(address, Access::Read)
    }

    fn start(address: MemoryAddress, access: Access) -> Result<Option<Self>, MemoryError> {
        let failed = |error: io::Error| MemoryError::Thread(Arc::new(error));
        let runtime = Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let (commands, queue) = unbounded_channel();
        let (opened, is_open) = std::sync::mpsc::channel();
        let run = move |runtime: Runtime| {
            runtime.block_on(async move {
                let mut session = match Session::connect(&address).await {
                    Ok(session) => session,
                    Err(error) => return drop(opened.send(Err(error))),
                };
                let is_there = session.prepare(&address, access).await;
                let is_there = is_there.map_err(|error| error.memory_error(&address));
                let serves = matches!(is_there, Ok(true));
                let _ = opened.send(is_there);
                if serves {
                    Keeper::new(address, access, session).serve(queue).await;
                }
            });
        };
        let thread = std::thread::Builder::new().name("memory".to_owned()).spawn(move || run(runtime));
        let thread = thread.map_err(failed)?;
        let memory = Self { commands: Some(commands), thread: Some(thread) };
        let is_there = is_open.recv().unwrap_or(Err(MemoryError::Gone))?;
        Ok(is_there.then_some(memory))
    }

    /// Hands a command to the thread; the future resolves to its answer.
    fn send<T: Send + 'static>(&self, command: impl FnOnce(ReplyTo<T>) -> ServerCommand) -> MemoryFuture<T> {
        let (sender, receiver) = oneshot::channel();
        if let Some(commands) = &self.commands {
            // A thread that is gone drops the command and with it the sender; the receiver reports it.
            let _ = commands.send(command(sender));
        }
        async move { receiver.await.unwrap_or(Err(MemoryError::Gone)) }.boxed()
    }

    /// Asks the database.
    pub(super) fn ask<I, T>(
        &self,
        input: I,
        act: impl AsyncFn(&mut Session, &I) -> QueryResult<T> + Send + 'static,
    ) -> MemoryFuture<T>
    where
        I: Send + 'static,
        T: Send + 'static,
    {
        self.ask_holding(input, async move |session: &mut Session, _: &mut HeldClaims, input: &I| {
            act(session, input).await
        })
    }

    /// Asks the database, with what this process holds there.
    fn ask_holding<I, T>(
        &self,
        input: I,
        act: impl AsyncFn(&mut Session, &mut HeldClaims, &I) -> QueryResult<T> + Send + 'static,
    ) -> MemoryFuture<T>
    where
        I: Send + 'static,
        T: Send + 'static,
    {
        self.send(|answer| ServerCommand::Task(Box::new(ServerQuestion { input, act, answer })))
    }
}

impl PostgresMemory {
    /// Sets something aside of the budget of a name, which may hold no more than `limit` in all.
    ///
    /// # Errors
    /// The memory cannot be written; then it may be set aside.
    #[must_use]
    pub fn set_aside(
        &self,
        budget: String,
        most: SpentAmount,
        limit: SpentAmount,
    ) -> MemoryFuture<SetAsideAnswer> {
        self.ask_holding((budget, most, limit), async |session, claims, (budget, most, limit)| {
            claims.set_aside(session, budget, *most, *limit).await
        })
    }

    /// Settles what was set aside: so much of it is spent.
    ///
    /// # Errors
    /// The memory cannot be written; then all of it stays spent.
    #[must_use]
    pub fn settle(&self, budget: String, set_aside: SpentAmount, spent: SpentAmount) -> MemoryFuture<()> {
        self.ask_holding((budget, set_aside, spent), async |session, claims, (budget, set_aside, spent)| {
            claims.settle(session, budget, *set_aside, *spent).await
        })
    }

    /// Reserves a time for requests, whoever sends others of the same line; how long it is until it begins.
    ///
    /// # Errors
    /// The memory cannot be written.
    #[must_use]
    pub fn reserve_time(&self, line: String, length: Duration) -> MemoryFuture<Duration> {
        self.ask((line, length), async |session, (line, length)| {
            let row = session.query_one(RESERVE, &[&line.as_bytes(), &length.as_secs_f64()]).await?;
            Ok(Duration::try_from_secs_f64(row.try_get(0)?).unwrap_or_default())
        })
    }

    /// Lets nobody of a line begin a request for some time.
    ///
    /// # Errors
    /// The memory cannot be written.
    #[must_use]
    pub fn pause_line(&self, line: String, length: Duration) -> MemoryFuture<()> {
        self.ask((line, length), async |session, (line, length)| {
            session.execute(PAUSE, &[&line.as_bytes(), &length.as_secs_f64()]).await.map(drop)
        })
    }
}

impl Drop for PostgresMemory {
    fn drop(&mut self) {
        self.commands = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was reported by `MemoryError::Gone`.
            let _ = thread.join();
        }
    }
}

impl Memory for PostgresMemory {
    fn lookup(&self, keys: Vec<Key>) -> MemoryFuture<Vec<Option<Translation>>> {
        self.ask(keys, async |session, keys| session.lookup(keys).await)
    }

    fn terms_told(&self, texts: Vec<TextOfEngine>) -> MemoryFuture<Vec<Vec<Vec<TermHint>>>> {
        self.ask(texts, async |session, texts| session.terms_told(texts).await)
    }

    fn attempts(&self, keys: Vec<Key>) -> MemoryFuture<Vec<Option<Attempt>>> {
        self.ask(keys, async |session, keys| session.attempts(keys).await)
    }

    fn makers(&self) -> MemoryFuture<Vec<Maker>> {
        self.ask((), async |session, ()| session.makers().await)
    }

    fn store(&self, records: Vec<StoredAnswer>) -> MemoryFuture<()> {
        self.send(|answer| ServerCommand::Store(StoreMode::Keep, records, answer))
    }

    fn replace(&self, records: Vec<StoredAnswer>) -> MemoryFuture<()> {
        self.send(|answer| ServerCommand::Store(StoreMode::Replace, records, answer))
    }

    fn refuse(&self, refused: Vec<Refused>) -> MemoryFuture<()> {
        self.ask(refused, async |session, refused| session.refuse(refused).await)
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn claim(&self, keys: Vec<Key>) -> MemoryFuture<Vec<bool>> {
        self.send(|answer| ServerCommand::Claim(keys, answer))
    }

    fn release(&self, keys: Vec<Key>) -> MemoryFuture<()> {
        self.send(|answer| ServerCommand::Release(keys, answer))
    }

    fn released(&self, keys: Vec<Key>) -> MemoryFuture<()> {
        self.send(|answer| ServerCommand::Released(keys, answer))
    }

    fn chosen(&self, selection: Selection) -> MemoryFuture<Forgotten> {
        self.ask(selection, async |session, selection| session.chosen(selection).await)
    }

    fn forget(&self, selection: Selection) -> MemoryFuture<Forgotten> {
        self.ask(selection, async |session, selection| session.forget(selection).await)
    }

    fn open_pool(&self) -> MemoryFuture<()> {
        ready(Ok(())).boxed()
    }

    /// None.
    fn nearest(&self, requests: Vec<Request>) -> MemoryFuture<Vec<Vec<Example>>> {
        ready(Ok(vec![Vec::new(); requests.len()])).boxed()
    }

    fn close_pool(&self) -> MemoryFuture<()> {
        ready(Ok(())).boxed()
    }

    fn corrections(&self, segments: Vec<SegmentInContext>) -> MemoryFuture<Vec<Option<StoredPair>>> {
        self.ask(segments, async |session, segments| session.corrections(segments).await)
    }

    fn correct(&self, pairs: Vec<HumanPair>) -> MemoryFuture<Vec<PairId>> {
        self.ask(pairs, async |session, pairs| session.correct(pairs).await)
    }

    fn add_pairs(&self, pairs: Vec<HumanPair>) -> MemoryFuture<Vec<PairId>> {
        self.ask(pairs, async |session, pairs| session.add_pairs(pairs).await)
    }

    fn withdraw(&self, pairs: Vec<PairId>, at: Timestamp) -> MemoryFuture<u64> {
        self.ask((pairs, at), async |session, (pairs, at)| session.withdraw(pairs, *at).await)
    }

    fn last_learned(&self, files: Vec<PairOrigin>) -> MemoryFuture<Vec<StoredPair>> {
        self.ask(files, async |session, files| session.last_learned(files).await)
    }

    fn pairs_named(&self, digits: String, limit: usize) -> MemoryFuture<Vec<StoredPair>> {
        self.ask((digits, limit), async |session, (digits, limit)| session.pairs_named(digits, *limit).await)
    }

    fn pairs_after(&self, id: Option<PairId>, limit: usize) -> MemoryFuture<Vec<StoredPair>> {
        self.ask((id, limit), async |session, (id, limit)| session.pairs_after(*id, *limit).await)
    }

    fn answers_named(&self, digits: String, limit: usize) -> MemoryFuture<Vec<AnswerEntry>> {
        self.ask((digits, limit), async |session, (digits, limit)| {
            session.answers_named(digits, *limit).await
        })
    }

    fn answers_after(&self, id: Option<String>, limit: usize) -> MemoryFuture<Vec<AnswerEntry>> {
        self.ask((id, limit), async |session, (id, limit)| session.answers_after(id.as_deref(), *limit).await)
    }

    fn near(&self, _: SegmentInContext, _: usize) -> MemoryFuture<Vec<NearEntry>> {
        ready(Err(MemoryError::NeedsFile { what: "searching" })).boxed()
    }

    fn search(&self, _: SearchQuery) -> MemoryFuture<Vec<MemoryEntry>> {
        ready(Err(MemoryError::NeedsFile { what: "searching" })).boxed()
    }

    fn revision(&self) -> MemoryFuture<MemoryRevision> {
        self.ask((), async |session, ()| session.revision().await)
    }

    fn read_marks(&self, articles: Vec<ArticleId>) -> MemoryFuture<Vec<HashSet<ReadText>>> {
        self.ask(articles, async |session, articles| session.read_marks(articles).await)
    }

    fn mark_read(&self, article: ArticleId, texts: Vec<ReadText>, is_read: bool) -> MemoryFuture<()> {
        self.ask((article, texts, is_read), async |session, (article, texts, is_read)| {
            session.mark_read(article, texts, *is_read).await
        })
    }

    fn outputs(&self) -> MemoryFuture<Vec<OutputRecord>> {
        self.ask((), async |session, ()| session.outputs().await)
    }

    fn announce_output(&self, output: OutputRecord) -> MemoryFuture<()> {
        self.ask(output, async |session, output| session.announce_output(output).await)
    }

    fn settle_output(&self, output: OutputRecord) -> MemoryFuture<()> {
        self.ask(output, async |session, output| session.settle_output(output).await)
    }

    fn batch_jobs(&self) -> MemoryFuture<Vec<BatchJob>> {
        self.ask((), async |session, ()| session.batch_jobs().await)
    }

    fn add_job(&self, job: BatchJob, requests: Vec<BatchRequest>) -> MemoryFuture<()> {
        self.ask((job, requests), async |session, (job, requests)| session.add_job(job, requests).await)
    }

    fn underway(&self, keys: Vec<Key>) -> MemoryFuture<Vec<bool>> {
        self.ask(keys, async |session, keys| session.underway(keys).await)
    }

    fn name_job(&self, nonce: String, service_id: String) -> MemoryFuture<()> {
        self.ask((nonce, service_id), async |session, (nonce, id)| session.name_job(nonce, id).await)
    }

    fn cancel_job(&self, nonce: String) -> MemoryFuture<()> {
        self.ask(nonce, async |session, nonce| session.cancel_job(nonce).await)
    }

    fn job_requests(&self, nonce: String, numbers: Vec<u32>) -> MemoryFuture<Vec<BatchRequest>> {
        self.ask((nonce, numbers), async |session, (nonce, numbers)| {
            session.job_requests(nonce, numbers).await
        })
    }

    fn settle_requests(&self, nonce: String, numbers: Vec<u32>) -> MemoryFuture<()> {
        self.ask((nonce, numbers), async |session, (nonce, numbers)| {
            session.settle_requests(nonce, numbers).await
        })
    }

    fn settle_job(&self, nonce: String) -> MemoryFuture<()> {
        self.ask(nonce, async |session, nonce| session.settle_job(nonce).await)
    }

    fn stats(&self) -> MemoryFuture<MemoryStats> {
        self.ask((), async |session, ()| session.stats().await)
    }

    fn adoption(&self, succession: Succession) -> MemoryFuture<Adoption> {
        self.ask(succession, async |session, succession| session.adoption(succession).await)
    }

    fn decide(&self, succession: Succession, taken: bool) -> MemoryFuture<()> {
        self.ask((succession, taken), async |session, (succession, taken)| {
            session.decide(succession, *taken).await
        })
    }

    fn shrink(&self) -> MemoryFuture<()> {
        // PostgreSQL does it by itself.
        ready(Ok(())).boxed()
    }

    /// Ends the claims of this process, too.
    fn close(&self) -> MemoryFuture<Log> {
        self.send(ServerCommand::Close)
    }
}

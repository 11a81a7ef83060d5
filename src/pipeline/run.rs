//! The one async core: many articles at once, within bounds.

use std::ops::AddAssign;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinError, JoinSet, spawn_blocking};
use tokio_util::sync::CancellationToken;

use crate::check::{Inconsistency, Renderings};
use crate::memory::Memory;
use crate::model::{ArticleId, CorpusShape, Encoding, ParallelDocument, SegmentedArticle};
use crate::read::Corpus;
use crate::write::{CorpusWriter, WriteError};

use super::article::{self, Outcome, Translated};
use super::desk::{DRAIN, Desk, Failure};
use super::event::{Event, OnEvent};
use super::plan::Plan;
use super::prepare::{self, Inputs, Skip, planned};
use super::stats::Stats;
use super::{Options, Tools};

/// How long articles may take to end once nothing is awaited any more. They have no more to do than to add up;
/// what takes longer hangs, as a file system may, and is left behind.
const GRACE: Duration = Duration::from_secs(1);

/// Segments under way at once are at least this many, however small the batches are.
const MIN_WINDOW: usize = 256;

/// Takes a finished document and says which files it became.
pub type DeliverArticle = Arc<dyn Fn(ParallelDocument) -> Result<Vec<PathBuf>, WriteError> + Send + Sync>;

/// Begins the files of a corpus.
pub type DeliverCorpus = Arc<dyn Fn(&Corpus, &CorpusShape) -> Result<CorpusWriter, WriteError> + Send + Sync>;

/// Where finished documents go.
#[derive(Clone)]
pub struct Deliver {
    /// Those of single articles, in the order in which they are finished.
    pub article: DeliverArticle,
    /// Those of the records of a corpus, in source order.
    pub corpus: DeliverCorpus,
}

impl Deliver {
    /// For runs without corpora, whose files are refused.
    #[must_use]
    pub fn articles(article: DeliverArticle) -> Self {
        let corpus: DeliverCorpus = Arc::new(|corpus, _| {
            let source = std::io::Error::other("files of many articles are not taken here");
            Err(WriteError::File { path: corpus.path.clone(), source })
        });
        Self { article, corpus }
    }
}

/// How a run is asked to end before its time.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    /// Nothing more is sent; what is in flight is awaited for a while.
    pub soon: CancellationToken,
    /// Nothing is awaited any more.
    pub now: CancellationToken,
}

/// How a run ended.
#[derive(Debug, Default)]
pub struct Run {
    /// Its figures.
    pub stats: Stats,
    /// Why it ended early, if it did.
    pub failure: Option<Failure>,
    /// Names and terms that are rendered in more than one way, by name.
    pub inconsistencies: Vec<Inconsistency>,
    /// Whether `stats` counts the segments of all inputs: none was left unread.
    pub is_complete: bool,
}

/// Translates all inputs and delivers a document for each.
///
/// An input that cannot be read is skipped with an event. When the run is stopped, or the engine or the memory fails,
/// nothing more is sent; what is in flight is awaited for half a minute and stored, articles that are complete by
/// then are delivered, and the run ends.
pub async fn run(
    inputs: Inputs,
    tools: Tools,
    memory: Arc<Memory>,
    options: Options,
    callbacks: (Deliver, OnEvent, Stop),
) -> Run {
    let (deliver, on_event, stop) = callbacks;
    let inputs = Arc::new(inputs);
    let articles = inputs.corpora.is_empty().then_some(inputs.articles.len());
    on_event(Event::Started { articles });
    let engine = Arc::clone(&tools.engine);
    let desk = Arc::new(Desk::new(engine, &options, memory, Arc::clone(&on_event)));
    let feed = Feed {
        desk: Arc::clone(&desk),
        tools: Arc::new(tools),
        options: Arc::new(options),
        deliver,
        on_event,
    };
    let mut tasks = Tasks::new(&desk);
    let mut workers = JoinSet::new();
    tokio::select! {
        () = to_the_end(&feed, &inputs, &mut tasks, &mut workers) => {}
        () = before_the_end(&desk, &stop) => {}
    }
    // After a run in good order there are no workers.
    let abandoned = desk.in_flight();
    workers.shutdown().await;
    desk.abandon();
    let unread = inputs.articles.len() + inputs.corpora.len() - tasks.begun;
    let is_complete = tasks.is_complete;
    let Sum { mut stats, renderings } = tasks.finish().await;
    stats.unfinished += unread as u64;
    desk.end().await;
    let counts = desk.counts();
    stats.requests = counts.requests;
    stats.billed_characters = counts.billed;
    stats.abandoned = abandoned;
    Run { stats, failure: desk.take_failure(), inconsistencies: renderings.inconsistencies(), is_complete }
}

/// Works through all inputs.
async fn to_the_end(feed: &Feed, inputs: &Arc<Inputs>, tasks: &mut Tasks, workers: &mut JoinSet<()>) {
    let desk = &feed.desk;
    // With a large memory this takes a while.
    if desk.unless_closed(desk.open()).await.is_some() {
        start_workers(desk, workers);
    }
    if feed.options.count {
        count(feed, Arc::clone(inputs));
    }
    feed.all(inputs, tasks).await;
    tasks.ended().await;
    desk.queue().close();
    while workers.join_next().await.is_some() {}
}

/// Closes the desk when the run is asked to end. Resolves when nothing is awaited any more: some time after the desk was
/// closed, for this reason or another, or at once if that is asked for.
async fn before_the_end(desk: &Desk, stop: &Stop) {
    if desk.unless_closed(stop.soon.cancelled()).await.is_some() {
        desk.close(Failure::Interrupted);
    }
    tokio::select! {
        () = stop.now.cancelled() => {}
        () = tokio::time::sleep(DRAIN) => {}
    }
}

/// As many workers as requests may be in flight.
fn start_workers(desk: &Arc<Desk>, workers: &mut JoinSet<()>) {
    for _ in 0..desk.engine().info().concurrency.max(1) {
        let desk = Arc::clone(desk);
        workers.spawn(async move { desk.work().await });
    }
}

/// Counts the segments of all inputs on the side.
fn count(feed: &Feed, inputs: Arc<Inputs>) {
    let (tools, options, closed) = (feed.tools.clone(), feed.options.clone(), feed.desk.closed());
    let on_event = Arc::clone(&feed.on_event);
    spawn_blocking(move || {
        let total = prepare::count(&inputs, &tools, &options, || closed.is_cancelled());
        on_event(Event::Counted { total });
    });
}

/// Feeds articles to the desk.
pub(super) struct Feed {
    pub(super) desk: Arc<Desk>,
    pub(super) tools: Arc<Tools>,
    pub(super) options: Arc<Options>,
    pub(super) deliver: Deliver,
    pub(super) on_event: OnEvent,
}

/// What tasks come to.
#[derive(Default)]
pub(super) struct Sum {
    pub(super) stats: Stats,
    /// How the names and terms of what was written are rendered.
    pub(super) renderings: Renderings,
}

impl From<Stats> for Sum {
    fn from(stats: Stats) -> Self {
        Self { stats, renderings: Renderings::default() }
    }
}

impl AddAssign for Sum {
    fn add_assign(&mut self, other: Self) {
        self.stats += other.stats;
        self.renderings.merge(other.renderings);
    }
}

/// The tasks under way and what those before came to.
pub(super) struct Tasks {
    under_way: JoinSet<Sum>,
    pub(super) sum: Sum,
    room: Arc<Semaphore>,
    /// So many segments may be under way at once.
    window: usize,
    /// Inputs that have a task or were skipped.
    pub(super) begun: usize,
    /// Whether all inputs were read to their end.
    is_complete: bool,
}

/// The right of an article to be under way.
pub(super) type Permit = Option<OwnedSemaphorePermit>;

impl Tasks {
    fn new(desk: &Desk) -> Self {
        let info = desk.engine().info();
        let window = info.concurrency.saturating_mul(info.limits.segments).saturating_mul(2);
        let window = window.clamp(MIN_WINDOW, Semaphore::MAX_PERMITS.min(u32::MAX as usize));
        let room = Arc::new(Semaphore::new(window));
        Self { under_way: JoinSet::new(), sum: Sum::default(), room, window, begun: 0, is_complete: false }
    }

    /// Waits until the window has room for so many segments; workers meanwhile send what there is.
    pub(super) async fn enter(&self, desk: &Desk, segments: usize) -> Permit {
        let segments = u32::try_from(segments.clamp(1, self.window)).unwrap_or(u32::MAX);
        if let Ok(permit) = Arc::clone(&self.room).try_acquire_many_owned(segments) {
            return Some(permit);
        }
        desk.queue().set_full(true);
        let permit = Arc::clone(&self.room).acquire_many_owned(segments).await;
        desk.queue().set_full(false);
        // The semaphore is never closed.
        permit.ok()
    }

    /// Starts a task, and adds up those that have ended.
    pub(super) fn spawn(&mut self, task: impl Future<Output = Sum> + Send + 'static) {
        self.under_way.spawn(task);
        while let Some(ended) = self.under_way.try_join_next() {
            self.sum += ended.unwrap_or_else(|error| resume(error));
        }
    }

    /// Waits for all tasks, and adds them up.
    async fn ended(&mut self) {
        while let Some(ended) = self.under_way.join_next().await {
            self.sum += ended.unwrap_or_else(|error| resume(error));
        }
    }

    /// What all tasks came to; those that do not end soon are left behind.
    async fn finish(mut self) -> Sum {
        // With nothing left to do the time is never looked at.
        let _ = tokio::time::timeout(GRACE, self.ended()).await;
        self.sum.stats.unfinished += self.under_way.len() as u64;
        self.sum
    }
}

impl Feed {
    /// Starts a task for each article, as room becomes free.
    async fn all(&self, inputs: &Arc<Inputs>, tasks: &mut Tasks) {
        tasks.is_complete = self.articles(inputs, tasks).await.is_some();
        self.desk.queue().set_full(true);
    }

    /// Reads all inputs; `None` if the desk was closed before the end of the last one.
    async fn articles(&self, inputs: &Arc<Inputs>, tasks: &mut Tasks) -> Option<()> {
        for index in 0..inputs.articles.len() {
            self.article(inputs, index, tasks).await?;
        }
        for corpus in &inputs.corpora {
            self.corpus(corpus, tasks).await?;
        }
        Some(())
    }

    /// Reads and plans an article off the async threads, and starts its task; `None` if the desk was closed before.
    async fn article(&self, inputs: &Arc<Inputs>, index: usize, tasks: &mut Tasks) -> Option<()> {
        // A thread that hangs on a file holds nothing of the desk, whose memory is closed at the end.
        let (inputs, makers) = (Arc::clone(inputs), Arc::clone(self.desk.makers()));
        let (tools, options) = (Arc::clone(&self.tools), Arc::clone(&self.options));
        let id = inputs.articles[index].id().clone();
        let planned = spawn_blocking(move || planned(&inputs.articles[index], &tools, &options, &makers));
        match self.desk.unless_closed(planned).await?.unwrap_or_else(|error| resume(error)) {
            Ok((article, plan)) => {
                self.note(&id, &article.article().encoding, tasks);
                (self.on_event)(Event::Read { article: id });
                let permit = tasks.enter(&self.desk, article.segments().len()).await;
                tasks.spawn(self.task(article, plan, permit));
            }
            Err(skip) => self.skip(id, &skip, tasks),
        }
        tasks.begun += 1;
        Some(())
    }

    /// Tells of a doubtful encoding.
    pub(super) fn note(&self, article: &ArticleId, encoding: &Encoding, tasks: &mut Tasks) {
        if let Some(note) = encoding.doubt() {
            tasks.sum.stats.warnings += 1;
            (self.on_event)(Event::Noted { article: article.clone(), note });
        }
    }

    /// Leaves an article out.
    pub(super) fn skip(&self, article: ArticleId, skip: &Skip, tasks: &mut Tasks) {
        tasks.sum.stats.skip(skip);
        (self.on_event)(Event::Skipped { article, reason: skip.to_string() });
    }

    /// The translation of an article.
    pub(super) fn translation(
        &self,
        article: SegmentedArticle,
        plan: Plan,
    ) -> impl Future<Output = Translated> + Send + 'static {
        let (desk, tools, options) =
            (Arc::clone(&self.desk), Arc::clone(&self.tools), Arc::clone(&self.options));
        let on_event = Arc::clone(&self.on_event);
        async move {
            on_event(Event::Segments { done: plan.kept(&article), sent: false });
            article::translate(&desk, &tools.checks, &options, article, plan).await
        }
    }

    /// The task of one article.
    fn task(
        &self,
        article: SegmentedArticle,
        plan: Plan,
        permit: Permit,
    ) -> impl Future<Output = Sum> + Send + 'static {
        let (deliver, on_event) = (Arc::clone(&self.deliver.article), Arc::clone(&self.on_event));
        let id = article.article().id.clone();
        let translation = self.translation(article, plan);
        async move {
            let translated = translation.await;
            drop(permit);
            match translated {
                Ok((document, outcome)) => write(id, document, outcome, (deliver, on_event)).await,
                Err(so_far) => (*so_far).into(),
            }
        }
    }
}

/// Delivers a document.
async fn write(
    article: ArticleId,
    document: ParallelDocument,
    outcome: Outcome,
    callbacks: (DeliverArticle, OnEvent),
) -> Sum {
    let (deliver, on_event) = callbacks;
    on_event(Event::Writing { article: article.clone() });
    let seen = article::renderings(&document);
    let delivered = spawn_blocking(move || deliver(document)).await;
    match delivered.unwrap_or_else(|error| resume(error)) {
        Ok(files) => {
            let stats = outcome.stats.clone();
            on_event(Event::Written { article, outcome: Box::new(outcome), files });
            Sum { stats, renderings: seen }
        }
        Err(error) => {
            on_event(Event::Skipped { article, reason: error.to_string() });
            outcome.stats.unwritten().into()
        }
    }
}

/// Goes on with the panic of a task: it is a bug, and must not look like a result.
pub(super) fn resume(error: JoinError) -> ! {
    std::panic::resume_unwind(error.into_panic())
}

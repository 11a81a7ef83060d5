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
use crate::model::{ArticleId, Encoding, ParallelDocument, SegmentedArticle, Shape};
use crate::read::Corpus;
use crate::write::{CorpusWriter, WriteError};

use super::article::{self, Outcome};
use super::desk::{Desk, Failure};
use super::event::{Event, OnEvent};
use super::plan::Plan;
use super::prepare::{self, Inputs, Skip, planned};
use super::stats::Stats;
use super::{Options, Tools};

/// How long an interrupted run waits for requests that are on their way.
const DRAIN: Duration = Duration::from_secs(30);

/// Segments under way at once are at least this many, however small the batches are.
const MIN_WINDOW: usize = 256;

/// Takes a finished document and says which files it became.
pub type DeliverArticle = Arc<dyn Fn(ParallelDocument) -> Result<Vec<PathBuf>, WriteError> + Send + Sync>;

/// Begins the files of a corpus.
pub type DeliverCorpus = Arc<dyn Fn(&Corpus, &Shape) -> Result<CorpusWriter, WriteError> + Send + Sync>;

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

/// How a run ended.
#[derive(Debug, Default)]
pub struct Run {
    /// Its figures.
    pub stats: Stats,
    /// Why it ended early, if it did.
    pub failure: Option<Failure>,
    /// Names and terms that are rendered in more than one way, by name.
    pub inconsistencies: Vec<Inconsistency>,
}

/// Translates all inputs and delivers a document for each.
///
/// An input that cannot be read is skipped with an event. When `cancel` is cancelled, what is on its way is
/// awaited and stored, articles that are complete by then are delivered, and the run ends.
pub async fn run(
    inputs: Inputs,
    tools: Tools,
    memory: Arc<Memory>,
    options: Options,
    callbacks: (Deliver, OnEvent, CancellationToken),
) -> Run {
    let (deliver, on_event, cancel) = callbacks;
    let inputs = Arc::new(inputs);
    let articles = inputs.corpora.is_empty().then_some(inputs.articles.len());
    on_event(Event::Started { articles });
    let engine = Arc::clone(&tools.engine);
    let desk = Arc::new(Desk::new(engine, &options, memory, Arc::clone(&on_event)));
    desk.open().await;
    let workers = start_workers(&desk);
    let watcher = tokio::spawn(watch(Arc::clone(&desk), cancel));
    if options.count {
        count(Arc::clone(&inputs), &tools, &options, &on_event);
    }
    let feed = Feed {
        desk: Arc::clone(&desk),
        tools: Arc::new(tools),
        options: Arc::new(options),
        deliver,
        on_event,
    };
    let Sum { mut stats, renderings } = feed.all(&inputs).await;
    desk.queue().close();
    drain(workers).await;
    watcher.abort();
    desk.end().await;
    let counts = desk.counts();
    stats.requests = counts.requests;
    stats.billed_characters = counts.billed;
    Run { stats, failure: desk.take_failure(), inconsistencies: renderings.inconsistencies() }
}

/// As many workers as requests may be in flight.
fn start_workers(desk: &Arc<Desk>) -> JoinSet<()> {
    let mut workers = JoinSet::new();
    for _ in 0..desk.engine().info().concurrency.max(1) {
        let desk = Arc::clone(desk);
        workers.spawn(async move { desk.work().await });
    }
    workers
}

/// Closes the desk when the run is cancelled.
async fn watch(desk: Arc<Desk>, cancel: CancellationToken) {
    cancel.cancelled().await;
    desk.close(Failure::Interrupted);
}

/// Waits for requests on their way, but not for ever: a service may have told us to wait for minutes.
async fn drain(mut workers: JoinSet<()>) {
    let all = async { while workers.join_next().await.is_some() {} };
    // What is not back by then is dropped with the workers.
    let _ = tokio::time::timeout(DRAIN, all).await;
}

/// Counts the segments of all inputs on the side.
fn count(inputs: Arc<Inputs>, tools: &Tools, options: &Options, on_event: &OnEvent) {
    let (tools, options, on_event) = (tools.clone(), options.clone(), Arc::clone(on_event));
    spawn_blocking(move || {
        let segments = prepare::count(&inputs, &tools, &options);
        on_event(Event::Counted { segments });
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
}

/// The right of an article to be under way.
pub(super) type Permit = Option<OwnedSemaphorePermit>;

impl Tasks {
    fn new(desk: &Desk) -> Self {
        let info = desk.engine().info();
        let window = info.concurrency.saturating_mul(info.limits.segments).saturating_mul(2);
        let window = window.clamp(MIN_WINDOW, Semaphore::MAX_PERMITS.min(u32::MAX as usize));
        let room = Arc::new(Semaphore::new(window));
        Self { under_way: JoinSet::new(), sum: Sum::default(), room, window }
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

    /// Waits for all tasks.
    async fn finish(mut self) -> Sum {
        while let Some(ended) = self.under_way.join_next().await {
            self.sum += ended.unwrap_or_else(|error| resume(error));
        }
        self.sum
    }
}

impl Feed {
    /// Starts a task for each article, as room becomes free, and adds up what they end with.
    async fn all(&self, inputs: &Arc<Inputs>) -> Sum {
        let mut tasks = Tasks::new(&self.desk);
        let total = inputs.articles.len() + inputs.corpora.len();
        for index in 0..total {
            if self.desk.is_closed() {
                tasks.sum.stats.unfinished += (total - index) as u64;
                break;
            }
            match index.checked_sub(inputs.articles.len()) {
                None => self.article(inputs, index, &mut tasks).await,
                Some(index) => self.corpus(&inputs.corpora[index], &mut tasks).await,
            }
        }
        self.desk.queue().set_full(true);
        tasks.finish().await
    }

    /// Reads and plans an article off the async threads, and starts its task.
    async fn article(&self, inputs: &Arc<Inputs>, index: usize, tasks: &mut Tasks) {
        let (inputs, desk) = (Arc::clone(inputs), Arc::clone(&self.desk));
        let (tools, options) = (Arc::clone(&self.tools), Arc::clone(&self.options));
        let id = inputs.articles[index].id().clone();
        let planned =
            spawn_blocking(move || planned(&inputs.articles[index], &tools, &options, desk.makers()));
        match planned.await.unwrap_or_else(|error| resume(error)) {
            Ok((article, plan)) => {
                self.note(&id, &article.article().encoding, tasks);
                (self.on_event)(Event::Read { article: id });
                let permit = tasks.enter(&self.desk, article.segments().len()).await;
                tasks.spawn(self.task(article, plan, permit));
            }
            Err(skip) => self.skip(id, &skip, tasks),
        }
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
    ) -> impl Future<Output = Option<(ParallelDocument, Outcome)>> + Send + 'static {
        let (desk, tools, options) =
            (Arc::clone(&self.desk), Arc::clone(&self.tools), Arc::clone(&self.options));
        let on_event = Arc::clone(&self.on_event);
        async move {
            on_event(Event::Segments { done: plan.kept() });
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
            let Some((document, outcome)) = translated else {
                return Stats { unfinished: 1, ..Stats::default() }.into();
            };
            write(id, document, outcome, (deliver, on_event)).await
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
            Stats { skipped: 1, ..Stats::default() }.into()
        }
    }
}

/// Goes on with the panic of a task: it is a bug, and must not look like a result.
pub(super) fn resume(error: JoinError) -> ! {
    std::panic::resume_unwind(error.into_panic())
}

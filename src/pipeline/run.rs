//! The one async core: many articles at once, within bounds.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinError, JoinSet, spawn_blocking};
use tokio_util::sync::CancellationToken;

use crate::check::{Inconsistency, Renderings};
use crate::memory::Memory;
use crate::model::{ArticleId, ParallelDocument, SegmentedArticle};
use crate::write::WriteError;

use super::article::{self, Outcome};
use super::desk::{Desk, Failure};
use super::event::{Event, OnEvent};
use super::plan::Plan;
use super::prepare::{Input, planned, segmented};
use super::stats::Stats;
use super::{Options, Tools};

/// How long an interrupted run waits for requests that are on their way.
const DRAIN: Duration = Duration::from_secs(30);

/// Segments under way at once are at least this many, however small the batches are.
const MIN_WINDOW: usize = 256;

/// Takes a finished document and says which files it became.
pub type Deliver = Arc<dyn Fn(ParallelDocument) -> Result<Vec<PathBuf>, WriteError> + Send + Sync>;

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

/// What an article's task ends with.
enum Ended {
    Written(Box<Outcome>, Renderings),
    Unwritten,
    Stopped,
}

/// Translates all inputs and delivers a document for each.
///
/// An input that cannot be read is skipped with an event. When `cancel` is cancelled, what is on its way is
/// awaited and stored, articles that are complete by then are delivered, and the run ends.
pub async fn run(
    inputs: Vec<Input>,
    tools: Tools,
    memory: Arc<Memory>,
    options: Options,
    callbacks: (Deliver, OnEvent, CancellationToken),
) -> Run {
    let (deliver, on_event, cancel) = callbacks;
    let inputs = Arc::new(inputs);
    on_event(Event::Started { articles: inputs.len() });
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
    let (mut stats, renderings) = feed.all(&inputs).await;
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
fn count(inputs: Arc<Vec<Input>>, tools: &Tools, options: &Options, on_event: &OnEvent) {
    let (segmenter, options, on_event) =
        (Arc::clone(&tools.segmenter), options.clone(), Arc::clone(on_event));
    spawn_blocking(move || {
        let cut = inputs.iter().filter_map(|input| segmented(input, segmenter.as_ref(), &options.read).ok());
        let segments = cut.map(|article| article.segments().len()).sum();
        on_event(Event::Counted { segments });
    });
}

/// Feeds articles to the desk.
struct Feed {
    desk: Arc<Desk>,
    tools: Arc<Tools>,
    options: Arc<Options>,
    deliver: Deliver,
    on_event: OnEvent,
}

impl Feed {
    /// Starts a task for each input, as room becomes free, and adds up what they end with.
    async fn all(&self, inputs: &Arc<Vec<Input>>) -> (Stats, Renderings) {
        let (mut stats, mut renderings) = (Stats::default(), Renderings::default());
        let mut tasks = JoinSet::new();
        let info = self.desk.engine().info();
        let window = info.concurrency.saturating_mul(info.limits.segments).saturating_mul(2);
        let window = window.clamp(MIN_WINDOW, Semaphore::MAX_PERMITS.min(u32::MAX as usize));
        let room = Arc::new(Semaphore::new(window));
        for index in 0..inputs.len() {
            if self.desk.is_closed() {
                stats.unfinished += (inputs.len() - index) as u64;
                break;
            }
            let Some((article, plan)) = self.prepare(inputs, index, &mut stats).await else { continue };
            let permit = self.enter(&room, article.segments().len().clamp(1, window)).await;
            tasks.spawn(self.task(article, plan, permit));
            while let Some(ended) = tasks.try_join_next() {
                add((&mut stats, &mut renderings), ended);
            }
        }
        self.desk.queue().set_full(true);
        while let Some(ended) = tasks.join_next().await {
            add((&mut stats, &mut renderings), ended);
        }
        (stats, renderings)
    }

    /// Reads and plans an input off the async threads.
    async fn prepare(
        &self,
        inputs: &Arc<Vec<Input>>,
        index: usize,
        stats: &mut Stats,
    ) -> Option<(SegmentedArticle, Plan)> {
        let (inputs, desk) = (Arc::clone(inputs), Arc::clone(&self.desk));
        let (tools, options) = (Arc::clone(&self.tools), Arc::clone(&self.options));
        let id = inputs[index].id().clone();
        match spawn_blocking(move || planned(&inputs[index], &tools, &options, desk.makers())).await {
            Ok(Ok(planned)) => {
                (self.on_event)(Event::Read { article: id });
                Some(planned)
            }
            Ok(Err(reason)) => {
                stats.skipped += 1;
                (self.on_event)(Event::Skipped { article: id, reason });
                None
            }
            Err(error) => resume(error),
        }
    }

    /// Waits until the window has room; workers meanwhile send what there is.
    async fn enter(&self, room: &Arc<Semaphore>, segments: usize) -> Option<OwnedSemaphorePermit> {
        let segments = u32::try_from(segments).unwrap_or(u32::MAX);
        if let Ok(permit) = Arc::clone(room).try_acquire_many_owned(segments) {
            return Some(permit);
        }
        self.desk.queue().set_full(true);
        let permit = Arc::clone(room).acquire_many_owned(segments).await;
        self.desk.queue().set_full(false);
        // The semaphore is never closed.
        permit.ok()
    }

    /// The task of one article.
    fn task(
        &self,
        article: SegmentedArticle,
        plan: Plan,
        permit: Option<OwnedSemaphorePermit>,
    ) -> impl Future<Output = Ended> + Send + 'static {
        let (desk, tools, options) =
            (Arc::clone(&self.desk), Arc::clone(&self.tools), Arc::clone(&self.options));
        let (deliver, on_event) = (Arc::clone(&self.deliver), Arc::clone(&self.on_event));
        async move {
            let id = article.article().id.clone();
            on_event(Event::Segments { done: plan.kept() });
            let translated = article::translate(&desk, &tools.checks, &options, article, plan).await;
            drop(permit);
            let Some((document, outcome)) = translated else { return Ended::Stopped };
            write(id, document, outcome, (deliver, on_event)).await
        }
    }
}

/// Delivers a document.
async fn write(
    article: ArticleId,
    document: ParallelDocument,
    outcome: Outcome,
    callbacks: (Deliver, OnEvent),
) -> Ended {
    let (deliver, on_event) = callbacks;
    let seen = article::renderings(&document);
    match spawn_blocking(move || deliver(document)).await {
        Ok(Ok(files)) => {
            let outcome = Box::new(outcome);
            on_event(Event::Written { article, outcome: outcome.clone(), files });
            Ended::Written(outcome, seen)
        }
        Ok(Err(error)) => {
            on_event(Event::Skipped { article, reason: error.to_string() });
            Ended::Unwritten
        }
        Err(error) => resume(error),
    }
}

/// Adds what a task ended with to the figures and the renderings.
fn add((stats, renderings): (&mut Stats, &mut Renderings), ended: Result<Ended, JoinError>) {
    match ended {
        Ok(Ended::Written(outcome, seen)) => {
            *stats += outcome.stats;
            renderings.merge(seen);
        }
        Ok(Ended::Unwritten) => stats.skipped += 1,
        Ok(Ended::Stopped) => stats.unfinished += 1,
        Err(error) => resume(error),
    }
}

/// Goes on with the panic of a task: it is a bug, and must not look like a result.
fn resume(error: JoinError) -> ! {
    std::panic::resume_unwind(error.into_panic())
}

//! The one async core: many articles at once, within bounds.

use std::ops::AddAssign;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use futures::{Stream, StreamExt as _, stream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::article::{self, ClaimedArticle, Finished, Translated};
use super::compute::{Cores, resume};
use super::desk::{Claim, DRAIN, Desk, EngineShare, Reply, RunError, Sending};
use super::estimate::{CorpusSurvey, Estimate};
use super::event::{Event, Events, Extent, Forecast};
use super::gatherer::Gatherer;
use super::left_out;
use super::memos::{ArticleMemo, Memos};
use super::plan::Plan;
use super::prepare::{self, Input, Inputs, Skip, planned};
use super::queue::Supply;
use super::stats::Stats;
use super::terms_in_use::TermsInUse;
use super::{Options, Tools};
use crate::check::{Inconsistency, Renderings};
use crate::engine::{Spent, Upkeep};
use crate::memory::Memory;
use crate::model::{ArticleId, CorpusShape, ParallelDocument, SegmentedArticle, Unit};
use crate::read::Corpus;
use crate::write::{CorpusSink, WriteError};

/// How long articles may take to end once nothing is awaited any more. They have no more to do than to add up;
/// what takes longer hangs, as a file system may, and is left behind.
const GRACE: Duration = Duration::from_secs(1);

/// Segments under way at once are at least this many, however small the batches are.
pub(super) const MIN_WINDOW: usize = 256;

/// Takes a finished document and says which files it became; `None` if it took none because the document is out of date:
/// somebody corrected something since it was made. It is given a newer one then. Who writes files asks whether it is
/// current when nobody else can write them.
pub type DeliverArticle = Arc<
    dyn Fn(&ParallelDocument, &dyn Fn() -> bool) -> Result<Option<Vec<PathBuf>>, WriteError> + Send + Sync,
>;

/// Begins the files of a corpus.
pub type DeliverCorpus =
    Arc<dyn Fn(&Corpus, &CorpusShape) -> Result<Box<dyn CorpusSink>, WriteError> + Send + Sync>;

/// Where finished documents go.
#[derive(Clone)]
pub struct Deliver {
    /// Those of single articles, in the order in which they are finished.
    pub article: DeliverArticle,
    /// Those of the records of a corpus, in source order.
    pub corpus: DeliverCorpus,
}

impl Deliver {
    /// For runs without corpora, whose files are refused. A document is taken as it is.
    #[must_use]
    pub fn articles(
        article: Arc<dyn Fn(ParallelDocument) -> Result<Vec<PathBuf>, WriteError> + Send + Sync>,
    ) -> Self {
        let article: DeliverArticle =
            Arc::new(
                move |document, is_current| {
                    if is_current() { article(document.clone()).map(Some) } else { Ok(None) }
                },
            );
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

/// A run that has not begun: what is translated, what with, and where it goes.
///
/// ```no_run
/// # use std::sync::Arc;
/// # use wortlaut::pipeline::{Deliver, Inputs, Run, Tools};
/// # async fn translate(inputs: Inputs, tools: Tools, memory: Arc<dyn wortlaut::memory::Memory>) {
/// let deliver = Deliver::articles(Arc::new(|document| {
///     println!("{} segments", document.units().len());
///     Ok(Vec::new())
/// }));
/// let outcome = Run { deliver, ..Run::new(inputs, tools, memory) }.start().await;
/// println!("{} requests", outcome.stats.requests);
/// # }
/// ```
pub struct Run {
    pub inputs: Inputs,
    pub tools: Tools,
    pub memory: Arc<dyn Memory>,
    pub options: Options,
    pub deliver: Deliver,
    pub events: Events,
    pub stop: Stop,
    /// What is known of articles from the run before, if that is kept.
    pub memos: Option<Arc<Memos>>,
}

/// How a run ended.
#[derive(Debug, Default)]
pub struct RunOutcome {
    /// Its figures.
    pub stats: Stats,
    /// What its requests used.
    pub spent: Spent,
    /// What went to each of its engines.
    pub shares: Vec<EngineShare>,
    /// Why it ended early, if it did.
    pub failure: Option<RunError>,
    /// Names and terms that are rendered in more than one way, by name.
    pub inconsistencies: Vec<Inconsistency>,
    /// Whether `stats` counts the segments of all inputs: none was left unread.
    pub is_complete: bool,
}

impl Run {
    /// A run with the default options that delivers nowhere and reports nothing.
    #[must_use]
    pub fn new(inputs: Inputs, tools: Tools, memory: Arc<dyn Memory>) -> Self {
        Self {
            inputs,
            tools,
            memory,
            options: Options::default(),
            deliver: Deliver::articles(Arc::new(|_| Ok(Vec::new()))),
            events: Events::default(),
            stop: Stop::default(),
            memos: None,
        }
    }

    /// Translates all inputs and delivers a document for each.
    ///
    /// An input that cannot be read is skipped with an event. When the run is stopped, or the engine or the memory fails,
    /// nothing more is sent; what is in flight is awaited for half a minute and stored, articles that are complete by
    /// then are delivered, and the run ends.
    pub async fn start(self) -> RunOutcome {
        let events = self.events.clone();
        let sending = match (self.options.offline, self.options.only_again) {
            (true, _) => Sending::Nothing,
            (false, true) => Sending::Chosen,
            (false, false) => Sending::Everything,
        };
        let (outcome, _) = self.work(sending, None).await;
        events.send(Event::Finished);
        outcome
    }

    /// Says what the run would send. It is the run with a desk that sends nothing: nothing is delivered either.
    ///
    /// # Errors
    /// If the memory fails.
    pub async fn estimate(self) -> Result<Estimate, RunError> {
        self.survey().await.map(|survey| survey.estimate)
    }

    /// The same with the terms in use, for an engine that keeps glossaries.
    ///
    /// # Errors
    /// If the memory fails.
    pub async fn survey(self) -> Result<CorpusSurvey, RunError> {
        let (outcome, CorpusSurvey { mut estimate, terms }) = self.work(Sending::DryRun, None).await;
        estimate.skipped = outcome.stats.skipped;
        estimate.not_german = outcome.stats.not_german;
        outcome.failure.map_or(Ok(CorpusSurvey { estimate, terms }), Err)
    }

    /// Gathers what the run would send. Nothing is delivered.
    pub(super) async fn gather(self, gatherer: Arc<Gatherer>) -> Result<(), RunError> {
        let (outcome, _) = self.work(Sending::Gathering, Some(gatherer)).await;
        outcome.failure.map_or(Ok(()), Err)
    }

    /// Works through all inputs, in a dry run without sending or delivering anything.
    async fn work(self, sending: Sending, gatherer: Option<Arc<Gatherer>>) -> (RunOutcome, CorpusSurvey) {
        let Self { inputs, tools, memory, options, deliver, events, stop, memos } = self;
        let inputs = Arc::new(inputs);
        let articles = inputs.corpora.is_empty().then_some(inputs.articles.len());
        events.send(Event::Started { articles });
        let engine = Arc::clone(&tools.engine);
        let matcher = Arc::clone(&tools.matcher);
        let desk = Desk::new(engine, &options, &memory, &events, sending).with_gatherer(gatherer);
        let desk = Arc::new(desk);
        let feed = Feed {
            desk: Arc::clone(&desk),
            cores: Cores::all(),
            tools: Arc::new(tools),
            options: Arc::new(options),
            deliver,
            events,
            memos: memos.filter(|_| matches!(sending, Sending::Everything | Sending::Nothing)),
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
        let Sum { mut stats, renderings, estimate, terms } = tasks.finish().await;
        stats.unfinished += unread as u64;
        desk.end().await;
        let counts = desk.counts();
        stats.requests = counts.requests;
        if desk.bills_characters() {
            stats.billed_characters = counts.spent.usage.characters;
        }
        stats.abandoned = abandoned;
        let inconsistencies = renderings.inconsistencies();
        let (spent, failure) = (counts.spent, desk.take_failure());
        let shares = desk.shares();
        let survey = CorpusSurvey { estimate, terms: terms.into_sets(&matcher) };
        (RunOutcome { stats, spent, shares, failure, inconsistencies, is_complete }, survey)
    }
}

/// Works through all inputs.
async fn to_the_end(feed: &Feed, inputs: &Arc<Inputs>, tasks: &mut Tasks, workers: &mut JoinSet<()>) {
    let desk = &feed.desk;
    // With a large memory this takes a while.
    if desk.unless_closed(desk.open()).await.is_some() {
        start_workers(desk, workers);
    }
    if feed.options.forecast {
        let inputs = Arc::clone(inputs);
        let bytes = feed.cores.run(move || prepare::size(&inputs)).await;
        tasks.forecast = Some(Forecast::new(bytes));
    }
    feed.all(inputs, tasks).await;
    tasks.ended().await;
    desk.dismiss();
    while workers.join_next().await.is_some() {}
}

/// Closes the desk when the run is asked to end. Resolves when nothing is awaited any more: some time after the desk was
/// closed, for this reason or another, or at once if that is asked for.
async fn before_the_end(desk: &Desk, stop: &Stop) {
    if desk.unless_closed(stop.soon.cancelled()).await.is_some() {
        desk.close(RunError::Interrupted);
    }
    desk.shut();
    tokio::select! {
        () = stop.now.cancelled() => {}
        () = tokio::time::sleep(DRAIN) => {}
    }
}

/// As many workers as requests may be in flight.
fn start_workers(desk: &Arc<Desk>, workers: &mut JoinSet<()>) {
    for desk in Desk::chain_of(desk) {
        for _ in 0..desk.engine().info().concurrency.max(1) {
            let desk = Arc::clone(&desk);
            workers.spawn(async move { desk.work().await });
        }
    }
}

/// Feeds articles to the desk.
#[derive(Clone)]
pub(super) struct Feed {
    pub(super) desk: Arc<Desk>,
    pub(super) cores: Cores,
    pub(super) tools: Arc<Tools>,
    pub(super) options: Arc<Options>,
    pub(super) deliver: Deliver,
    pub(super) events: Events,
    memos: Option<Arc<Memos>>,
}

/// What tasks come to.
#[derive(Default)]
pub(super) struct Sum {
    pub(super) stats: Stats,
    /// How the names and terms of what was written are rendered.
    pub(super) renderings: Renderings,
    /// Of a dry run: what would be sent.
    pub(super) estimate: Estimate,
    /// Of a dry run with an engine that keeps glossaries: the terms in use.
    pub(super) terms: TermsInUse,
}

impl From<Stats> for Sum {
    fn from(stats: Stats) -> Self {
        Self { stats, ..Self::default() }
    }
}

impl AddAssign for Sum {
    fn add_assign(&mut self, other: Self) {
        self.stats += other.stats;
        self.renderings.merge(other.renderings);
        self.estimate += other.estimate;
        self.terms.merge(other.terms);
    }
}

/// The tasks under way and what those before came to.
pub(super) struct Tasks {
    under_way: JoinSet<Sum>,
    pub(super) sum: Sum,
    room: Arc<Semaphore>,
    /// Most segments that are under way at once.
    window: usize,
    /// Inputs that have a task or were skipped.
    pub(super) begun: usize,
    /// Articles of a dry run that have a number.
    numbered: u64,
    /// Whether all inputs were read to their end.
    is_complete: bool,
    /// How much there will be, if anyone wants to know.
    forecast: Option<Forecast>,
}

/// The right of an article to be under way.
pub(super) type Permit = Option<OwnedSemaphorePermit>;

impl Tasks {
    fn new(desk: &Desk) -> Self {
        let info = desk.engine().info();
        let window = info.concurrency.saturating_mul(info.limits.segments).saturating_mul(2);
        let window = window.clamp(MIN_WINDOW, Semaphore::MAX_PERMITS.min(u32::MAX as usize));
        let room = Arc::new(Semaphore::new(window));
        Self {
            under_way: JoinSet::new(),
            sum: Sum::default(),
            room,
            window,
            begun: 0,
            numbered: 0,
            is_complete: false,
            forecast: None,
        }
    }

    /// The place of the first of some articles in the order of the inputs, those left out apart.
    pub(super) fn number(&mut self, articles: usize) -> u64 {
        let first = self.numbered;
        self.numbered += articles as u64;
        first
    }

    /// Waits until the window has room for the segments of an article; workers meanwhile send what there is.
    pub(super) async fn enter(&self, desk: &Desk, segments: usize) -> Permit {
        let segments = u32::try_from(segments.clamp(1, self.window)).unwrap_or(u32::MAX);
        if let Ok(permit) = Arc::clone(&self.room).try_acquire_many_owned(segments) {
            return Some(permit);
        }
        desk.set_supply(Supply::Held);
        let permit = Arc::clone(&self.room).acquire_many_owned(segments).await;
        desk.set_supply(Supply::Flowing);
        // The semaphore is never closed.
        permit.ok()
    }

    /// Reports how much there will be, once more of it was read; an article that is left out has no text.
    pub(super) fn expect(&mut self, feed: &Feed, bytes: u64, text: impl FnOnce() -> Extent) {
        let Some(forecast) = &mut self.forecast else { return };
        let total = forecast.read(bytes, text());
        feed.events.send(Event::Expected { total });
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
        self.desk.set_supply(Supply::Ended);
    }

    /// Reads all inputs; `None` if the desk was closed before the end of the last one.
    async fn articles(&self, inputs: &Arc<Inputs>, tasks: &mut Tasks) -> Option<()> {
        let mut rest = Vec::new();
        for (index, memo) in self.desk.unless_closed(self.remembered(inputs)).await?.into_iter().enumerate() {
            match memo {
                Some(memo) => self.take_memo(&inputs.articles[index], memo, tasks),
                None => rest.push(index),
            }
        }
        let mut articles = std::pin::pin!(self.planned(inputs, rest));
        while let Some((index, planned)) = self.desk.unless_closed(articles.next()).await? {
            let input = &inputs.articles[index];
            let id = input.id().clone();
            let bytes = if tasks.forecast.is_some() { input.size() } else { 0 };
            let read = planned.as_ref().ok().map(|(article, _)| article);
            tasks.expect(self, bytes, || read.map(extent).unwrap_or_default());
            match planned {
                Ok((article, plan)) => {
                    self.note(&id, self.notes(&article), tasks);
                    self.events.send(Event::Read { article: id });
                    let permit = tasks.enter(&self.desk, article.segments().len()).await;
                    if self.desk.is_dry_run() {
                        let number = tasks.number(1);
                        tasks.spawn(self.estimations(vec![(article, plan)], permit, number));
                    } else {
                        tasks.spawn(self.task(article, plan, permit));
                    }
                }
                Err(skip) => self.skip(id, &skip, tasks),
            }
            tasks.begun += 1;
        }
        for corpus in &inputs.corpora {
            self.corpus(corpus, tasks).await?;
        }
        Some(())
    }

    /// The memos of the articles, in their order; none of one that is to be read.
    async fn remembered(&self, inputs: &Arc<Inputs>) -> Vec<Option<ArticleMemo>> {
        let count = inputs.articles.len();
        let Some(memos) = &self.memos else { return (0..count).map(|_| None).collect() };
        let share = count.div_ceil(self.cores.count()).max(1);
        let looks = (0..count).step_by(share).map(|start| {
            let (memos, inputs) = (Arc::clone(memos), Arc::clone(inputs));
            self.cores.run(move || {
                let articles = inputs.articles.iter().skip(start).take(share);
                articles.map(|input| memos.unchanged(input)).collect::<Vec<_>>()
            })
        });
        join_all(looks).await.into_iter().flatten().collect()
    }

    /// Reports an unchanged article as the run that wrote it did: its notes, figures and findings.
    fn take_memo(&self, input: &Input, memo: ArticleMemo, tasks: &mut Tasks) {
        let ArticleMemo { extent, stats, renderings, notes, findings, .. } = memo;
        let article = input.id().clone();
        let bytes = if tasks.forecast.is_some() { input.size() } else { 0 };
        tasks.expect(self, bytes, || extent);
        self.note(&article, notes, tasks);
        self.events.send(Event::Segments { done: extent, sent: false });
        let stats_told = Box::new(stats.clone());
        self.events.send(Event::Written { article, stats: stats_told, findings, files: Vec::new() });
        tasks.sum += Sum { stats, renderings, ..Sum::default() };
        tasks.begun += 1;
    }

    /// What about an article may be wrong.
    fn notes(&self, article: &SegmentedArticle) -> Vec<String> {
        let left_out = (!self.options.furniture).then(|| left_out::doubt(article)).flatten();
        article.article().encoding.doubt().into_iter().chain(left_out).collect()
    }

    /// Reads and plans some articles in their order, as many at once as there are cores.
    fn planned(
        &self,
        inputs: &Arc<Inputs>,
        articles: Vec<usize>,
    ) -> impl Stream<Item = (usize, Result<(SegmentedArticle, Plan), Skip>)> + use<> {
        let (cores, inputs) = (self.cores.clone(), Arc::clone(inputs));
        let (tools, options) = (Arc::clone(&self.tools), Arc::clone(&self.options));
        // A thread that hangs on a file holds nothing of the desk, whose memory is closed at the end.
        let makers = Arc::clone(self.desk.makers());
        let desk = Arc::clone(&self.desk);
        let ahead = cores.count();
        stream::iter(articles)
            .map(move |index| {
                let (cores, inputs, makers) = (cores.clone(), Arc::clone(&inputs), Arc::clone(&makers));
                let (tools, options) = (Arc::clone(&tools), Arc::clone(&options));
                let desk = Arc::clone(&desk);
                async move {
                    let plan = {
                        let tools = Arc::clone(&tools);
                        move || planned(&inputs.articles[index], &tools, &options, &makers)
                    };
                    let planned = match cores.run(plan).await {
                        Ok((article, plan)) => Ok(corrected(&desk, &tools, article, plan).await),
                        Err(skip) => Err(skip),
                    };
                    (index, planned)
                }
            })
            .buffered(ahead)
    }

    /// Tells what about an article, or a corpus, may be wrong.
    pub(super) fn note(
        &self,
        article: &ArticleId,
        notes: impl IntoIterator<Item = String>,
        tasks: &mut Tasks,
    ) {
        for note in notes {
            tasks.sum.stats.warnings += 1;
            self.events.send(Event::Noted { article: article.clone(), note });
        }
    }

    /// Leaves an article out.
    pub(super) fn skip(&self, article: ArticleId, skip: &Skip, tasks: &mut Tasks) {
        tasks.sum.stats.skip(skip);
        self.events.send(Event::Skipped { article, reason: skip.to_string() });
    }

    /// The translation of an article, and what `finish` makes of it; see [`article::translate`].
    pub(super) fn translation<T: Send + 'static, F: FnOnce(Finished) -> T + Send + 'static>(
        &self,
        article: SegmentedArticle,
        plan: Plan,
        finish: F,
    ) -> impl Future<Output = Translated<T>> + Send + use<T, F> {
        let (desk, cores, events) = (Arc::clone(&self.desk), self.cores.clone(), self.events.clone());
        let claim = article::claim(&desk, &article, &plan, true);
        async move {
            events.send(Event::Segments { done: plan.given(&article), sent: false });
            article::translate(&desk, &cores, ClaimedArticle { article, plan, claim }, finish).await
        }
    }

    /// An article with the corrections that the memory has by now, and what `finish` makes of it. Its answers are in the
    /// memory, so nothing is sent unless a correction was taken back.
    pub(super) async fn renewed<T: Send + 'static>(
        &self,
        old: Finished,
        finish: impl FnOnce(Finished) -> T + Send + 'static,
    ) -> Translated<T> {
        let newest = self.desk.newest_corrections(old.document.source()).await;
        if newest.known().are_same(&old.corrected) {
            let same = Finished { corrected: newest.known(), ..old };
            return Ok(self.cores.run_then(|| same, finish).await);
        }
        let sent = |unit: &Unit| unit.rendition().is_some_and(|rendition| rendition.is_sent);
        let sent: Vec<bool> = old.document.units().iter().map(sent).collect();
        let (article, _) = old.document.into_parts();
        let (tools, options, makers) =
            (Arc::clone(&self.tools), Arc::clone(&self.options), Arc::clone(self.desk.makers()));
        let plan = move || {
            let plan = Plan::new(&article, &tools.matcher, tools.engine.as_ref(), &makers, &options);
            let plan = plan.correct(&article, &tools.matcher, newest);
            (article, plan)
        };
        let (article, plan) = self.cores.run(plan).await;
        let claim = article::claim(&self.desk, &article, &plan, false);
        let finish = move |finished: Finished| finish(finished.with_sent(&sent));
        article::translate(&self.desk, &self.cores, ClaimedArticle { article, plan, claim }, finish).await
    }

    /// The task of one article.
    fn task(
        &self,
        article: SegmentedArticle,
        plan: Plan,
        permit: Permit,
    ) -> impl Future<Output = Sum> + Send + use<> {
        let feed = self.clone();
        let first = feed.clone();
        let translation = self.translation(article, plan, move |finished| {
            drop(permit);
            first.write(finished)
        });
        async move {
            let mut written = translation.await;
            loop {
                match written {
                    Ok(Written::Done(sum)) => return *sum,
                    Ok(Written::Outdated(old)) => {
                        let again = feed.clone();
                        written = feed.renewed(*old, move |finished| again.write(finished)).await;
                    }
                    Err(so_far) => return (*so_far).into(),
                }
            }
        }
    }

    /// Delivers a document, unless somebody corrected something since it was made.
    fn write(&self, finished: Finished) -> Written {
        let Finished { document, corrected, .. } = &finished;
        let article = document.source().article().id.clone();
        self.events.send(Event::Writing { article: article.clone() });
        let delivered = (self.deliver.article)(document, &|| self.desk.is_newest_now(corrected));
        let files = match delivered {
            Ok(None) => return Written::Outdated(Box::new(finished)),
            Ok(Some(files)) => Ok(files),
            Err(error) => Err(error),
        };
        Written::Done(Box::new(match files {
            Ok(files) => {
                let findings = document.findings();
                if let Some(memos) = &self.memos {
                    memos.keep(&finished, &findings, self.notes(document.source()));
                }
                let Finished { stats, renderings, .. } = finished;
                self.events.send(Event::Written { article, stats: Box::new(stats.clone()), findings, files });
                Sum { stats, renderings, ..Sum::default() }
            }
            Err(error) => {
                self.events.send(Event::Skipped { article, reason: error.to_string() });
                finished.stats.unwritten().into()
            }
        }))
    }

    /// The translations of several articles, in their order; see [`article::translate_together`].
    pub(super) fn translations(
        &self,
        articles: Vec<(SegmentedArticle, Plan)>,
    ) -> impl Future<Output = Vec<Translated<Finished>>> + Send + use<> {
        let (desk, cores, events) = (Arc::clone(&self.desk), self.cores.clone(), self.events.clone());
        let claimed = articles.into_iter().map(|(article, plan)| {
            let claim = article::claim(&desk, &article, &plan, true);
            ClaimedArticle { article, plan, claim }
        });
        let claimed: Vec<ClaimedArticle> = claimed.collect();
        async move {
            for ClaimedArticle { article, plan, .. } in &claimed {
                events.send(Event::Segments { done: plan.given(article), sent: false });
            }
            article::translate_together(&desk, &cores, claimed).await
        }
    }

    /// The task of some articles in a dry run, of which the first one has this number.
    pub(super) fn estimations(
        &self,
        articles: Vec<(SegmentedArticle, Plan)>,
        permit: Permit,
        first: u64,
    ) -> impl Future<Output = Sum> + Send + use<> {
        let feed = self.clone();
        let mut all = Claim::default();
        for (article, plan) in &articles {
            all.extend(article::claim(&self.desk, article, plan, true));
        }
        async move {
            let mut replies = feed.desk.replies(all).await.into_iter();
            let cores = feed.cores.clone();
            let estimate = move || {
                let mut sum = Sum::default();
                for (number, (article, plan)) in (first..).zip(articles) {
                    sum += feed.estimation(&article, &plan, &mut replies, number);
                }
                drop(permit);
                sum
            };
            cores.run(estimate).await
        }
    }

    /// What would be sent for an article, which has this number.
    fn estimation(
        &self,
        article: &SegmentedArticle,
        plan: &Plan,
        replies: &mut impl Iterator<Item = Reply>,
        number: u64,
    ) -> Sum {
        let id = article.article().id.clone();
        let keeps_glossaries = self.tools.engine.upkeep().is_some_and(Upkeep::wants_terms);
        let terms = if keeps_glossaries {
            TermsInUse::of(&id, plan, &self.tools.matcher)
        } else {
            TermsInUse::default()
        };
        let estimate = article::estimate(&self.desk, article, plan, replies);
        self.events.send(Event::Estimated { number, article: id, estimate: Box::new(estimate.clone()) });
        Sum { estimate, terms, ..Sum::default() }
    }
}

/// How much text an article has.
pub(super) fn extent(article: &SegmentedArticle) -> Extent {
    article.segments().iter().map(|segment| Extent::of(article.source(segment))).sum()
}

/// What became of a document that was to be delivered.
enum Written {
    Done(Box<Sum>),
    /// Somebody corrected something meanwhile.
    Outdated(Box<Finished>),
}

/// A planned article with what people corrected.
pub(super) async fn corrected(
    desk: &Desk,
    tools: &Tools,
    article: SegmentedArticle,
    plan: Plan,
) -> (SegmentedArticle, Plan) {
    let corrections = desk.corrections(&article).await;
    let plan = plan.correct(&article, &tools.matcher, corrections);
    (article, plan)
}

//! Texts that wait to be sent, and their packing into batches.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::engine::Limits;
use crate::memory::Key;
use crate::model::{ArticleId, Batch, Example, Form, MakerRank, Request, TermMatch, Translation};

/// A text that waits.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each stands for itself")]
pub(super) struct Job {
    pub(super) request: Request,
    pub(super) key: Key,
    /// Bytes it adds to a request's body.
    pub(super) bytes: usize,
    /// The place it comes from: texts of a batch with context must be neighbours.
    pub(super) surroundings: Surroundings,
    /// Earlier translations of like texts, for engines that take examples.
    pub(super) examples: Vec<Example>,
    /// Whether other translations are of use that come with its answer.
    pub(super) alternatives: bool,
    /// The terms that are to hold in its answer, for an engine that makes them hold as it writes.
    pub(super) wanted: Arc<[TermMatch]>,
    /// Whether it failed once for a reason that may have passed.
    pub(super) swept: bool,
    /// The form in which it is to be sent; with [`Form::Batch`], others may be sent with it.
    pub(super) form: Form,
    pub(super) regrouped: Regrouped,
    /// Whether it is asked for again, in another form, if the answer is no translation.
    pub(super) insists: bool,
    /// Whether its answer takes the place of one that the memory has.
    pub(super) replaces: bool,
    /// Whether it is sent although the memory has an answer, or a refusal.
    pub(super) afresh: bool,
    /// What the memory has, if a new answer is asked for all the same: it is used if none comes.
    pub(super) kept: Option<Kept>,
}

/// A translation that stays if there is no new one.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) maker: MakerRank,
    pub(super) translation: Translation,
}

/// What became of the batch that a text was in, so that the same batch is not made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Regrouped {
    No,
    /// It was divided.
    Divided,
    /// It was turned around.
    Turned,
}

impl Job {
    /// The text in the form that comes after the one in which it was sent; `None` if there is none.
    pub(super) fn after(mut self, sent: Form) -> Option<Self> {
        self.form = match sent {
            Form::Batch => Form::Alone,
            Form::Alone => Form::Bare,
            Form::Bare => Form::Paired,
            Form::Paired => return None,
        };
        if self.form > Form::Alone {
            self.surroundings.context = None;
            self.surroundings.title = None;
            self.examples.clear();
        }
        Some(self)
    }

    /// Whether no other text of a run may be sent with it.
    fn is_alone(&self) -> bool {
        self.form != Form::Batch
    }
}

/// Where a text stands, and what stands before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Surroundings {
    pub(super) article: ArticleId,
    /// The German text before it, for engines that take context.
    pub(super) context: Option<String>,
    /// The headline of its article, for the same, unless it is the headline itself.
    pub(super) title: Option<String>,
}

/// Whether more texts are to come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Supply {
    /// Articles are being read: workers wait for full batches.
    #[default]
    Flowing,
    /// The window is full: nothing comes before something is answered.
    Held,
    /// All articles are read: what comes now is asked for by their ladders.
    Ended,
}

#[derive(Debug, Default)]
struct WaitingTexts {
    waiting: VecDeque<Job>,
    /// Texts that go without others. Batches go before them: what spoilt the answer of theirs may have passed by then.
    alone: VecDeque<Job>,
    /// Texts to be tried once more when nothing else waits.
    sweep: VecDeque<Job>,
    supply: Supply,
    closed: bool,
}

/// The queue between articles and workers.
#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<WaitingTexts>,
    changed: Notify,
    /// Those of the engine, which may become narrower in the course of a run.
    limits: Mutex<Limits>,
    /// Whether batches hold texts of one article only.
    by_article: bool,
}

impl Queue {
    pub(super) fn new(limits: Limits, by_article: bool) -> Self {
        Self { state: Mutex::default(), changed: Notify::new(), limits: Mutex::new(limits), by_article }
    }

    /// Makes further batches within these limits.
    pub(super) fn keep_to(&self, limits: Limits) {
        *self.limits.lock() = limits;
    }

    /// Adds texts; gives them back if the queue is closed.
    pub(super) fn push(&self, jobs: Vec<Job>) -> Vec<Job> {
        let mut state = self.state.lock();
        if state.closed {
            return jobs;
        }
        for job in jobs {
            let line = match &job {
                Job { swept: true, .. } => &mut state.sweep,
                job if job.is_alone() => &mut state.alone,
                _ => &mut state.waiting,
            };
            line.push_back(job);
        }
        drop(state);
        self.changed.notify_waiters();
        Vec::new()
    }

    /// Says whether more is to come. While it is, workers wait for full batches; else they take what there is.
    pub(super) fn set_supply(&self, supply: Supply) {
        self.state.lock().supply = supply;
        self.changed.notify_waiters();
    }

    /// Lets nothing more in and gives back what waited.
    pub(super) fn close(&self) -> Vec<Job> {
        let mut state = self.state.lock();
        state.closed = true;
        let waiting = std::mem::take(&mut state.waiting);
        let alone = std::mem::take(&mut state.alone);
        let sweep = std::mem::take(&mut state.sweep);
        drop(state);
        self.changed.notify_waiters();
        waiting.into_iter().chain(alone).chain(sweep).collect()
    }

    /// The next batch's worth of texts; `None` when the queue is closed.
    pub(super) async fn next(&self) -> Option<Vec<Job>> {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // Registered before the look at the state, so that no change in between is missed.
            changed.as_mut().enable();
            {
                let mut state = self.state.lock();
                if state.closed {
                    return None;
                }
                if let Some(jobs) = self.take(&mut state) {
                    return Some(jobs);
                }
            }
            changed.await;
        }
    }

    /// Takes a batch, if one may go.
    fn take(&self, state: &mut WaitingTexts) -> Option<Vec<Job>> {
        let (count, full) = self.fit(&state.waiting);
        let is_flowing = state.supply == Supply::Flowing;
        if count > 0 && (full || !is_flowing) {
            return Some(state.waiting.drain(..count).collect());
        }
        if let Some(job) = state.alone.pop_front() {
            return Some(vec![job]);
        }
        if state.waiting.is_empty() && !is_flowing {
            let (count, _) = self.fit(&state.sweep);
            return (count > 0).then(|| state.sweep.drain(..count).collect());
        }
        None
    }

    /// All texts in the batches that they make if nothing else waits.
    pub(super) fn packed(&self, jobs: Vec<Job>) -> Vec<Vec<Job>> {
        let mut waiting = VecDeque::from(jobs);
        let mut batches = Vec::new();
        while !waiting.is_empty() {
            let (count, _) = self.fit(&waiting);
            batches.push(waiting.drain(..count).collect());
        }
        batches
    }

    /// How many of the first texts make a batch, and whether no more could be added to it.
    fn fit(&self, jobs: &VecDeque<Job>) -> (usize, bool) {
        let limits = *self.limits.lock();
        let (mut bytes, mut characters) = (0, 0);
        for (count, job) in jobs.iter().enumerate() {
            bytes += job.bytes;
            characters += job.request.text.chars().count();
            let over = bytes > limits.bytes || characters > limits.characters;
            let other = self.by_article && job.surroundings.article != jobs[0].surroundings.article;
            let alone = jobs[0].is_alone() || job.is_alone();
            // A text that is over the limits all by itself goes alone; the service decides.
            if count > 0 && (over || other || alone) {
                return (count, true);
            }
            if job.is_alone() || count + 1 >= limits.segments {
                return (count + 1, true);
            }
        }
        (jobs.len(), false)
    }
}

/// The text that a text of [`Form::Paired`] is sent behind: short, as it is paid for.
const COMPANION: &str = "Guten Tag.";

/// Texts as they go to an engine.
#[derive(Debug, Clone)]
pub(super) struct Parcel {
    pub(super) batch: Batch,
    pub(super) form: Form,
    /// Answers at the beginning that are to no text of the run.
    pub(super) companions: usize,
}

/// The batch of some texts. Its context is what stands before the first.
pub(super) fn parcel(jobs: &[Job]) -> Parcel {
    let mut batch = Batch {
        requests: jobs.iter().map(|job| job.request.clone()).collect(),
        context: jobs.first().and_then(|job| job.surroundings.context.clone()),
        title: jobs.first().and_then(|job| job.surroundings.title.clone()),
        examples: jobs.iter().map(|job| job.examples.clone()).collect(),
        alternatives: jobs.iter().any(|job| job.alternatives),
        wanted: jobs.iter().map(|job| Arc::clone(&job.wanted)).collect(),
    };
    if jobs.iter().all(|job| job.form != Form::Paired) {
        return Parcel { form: batch.form(), batch, companions: 0 };
    }
    let companion = Request { text: COMPANION.to_owned(), terms: Vec::new(), inlines: Vec::new() };
    batch.requests.insert(0, companion);
    batch.examples.insert(0, Vec::new());
    batch.wanted.insert(0, Arc::default());
    Parcel { batch, form: Form::Paired, companions: 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(article: &str, text: &str) -> Job {
        let request = Request { text: text.to_owned(), terms: Vec::new(), inlines: Vec::new() };
        Job {
            key: Key::new("test", &request),
            bytes: text.len() + 3,
            request,
            surroundings: Surroundings { article: ArticleId::new(article), context: None, title: None },
            examples: Vec::new(),
            alternatives: false,
            wanted: Arc::default(),
            swept: false,
            form: Form::Batch,
            regrouped: Regrouped::No,
            insists: true,
            replaces: false,
            afresh: false,
            kept: None,
        }
    }

    fn limits(segments: usize, bytes: usize) -> Limits {
        Limits { segments, characters: usize::MAX, bytes }
    }

    async fn sizes(queue: &Queue) -> Vec<usize> {
        let mut sizes = Vec::new();
        queue.set_supply(Supply::Ended);
        while !queue.state.lock().waiting.is_empty() {
            sizes.push(queue.next().await.expect("open").len());
        }
        sizes
    }

    #[tokio::test]
    async fn batches_keep_to_the_number_of_texts_and_bytes() {
        let queue = Queue::new(limits(3, 20), false);
        queue.push(vec![
            job("a", "1"),
            job("b", "2"),
            job("c", "3"),
            job("d", "0123456789"),
            job("e", "012345678901234567890"),
        ]);
        queue.push(vec![job("f", "4"), job("g", "01234567890123")]);
        assert_eq!(sizes(&queue).await, [3, 1, 1, 1, 1]);
    }

    #[tokio::test]
    async fn batches_with_context_hold_one_article() {
        let queue = Queue::new(limits(50, 1000), true);
        queue.push(vec![job("a", "1"), job("a", "2"), job("b", "3")]);
        assert_eq!(sizes(&queue).await, [2, 1]);
    }

    #[tokio::test]
    async fn a_second_chance_comes_when_nothing_else_waits() {
        let queue = Queue::new(limits(50, 1000), false);
        queue.push(vec![Job { swept: true, ..job("a", "late") }]);
        queue.push(vec![job("b", "early")]);
        queue.set_supply(Supply::Ended);
        assert_eq!(queue.next().await.expect("open")[0].request.text, "early");
        assert_eq!(queue.next().await.expect("open")[0].request.text, "late");
    }

    #[tokio::test]
    async fn a_text_that_goes_alone_waits_for_full_batches_only_and_leaves_the_others_together() {
        let queue = Queue::new(limits(3, 1000), false);
        queue.push(vec![job("a", "1"), job("a", "2")]);
        queue.push(vec![job("a", "3").after(Form::Batch).expect("a form")]);
        assert_eq!(queue.next().await.expect("open")[0].request.text, "3");
        queue.push(vec![job("a", "4")]);
        assert_eq!(queue.next().await.expect("open").len(), 3);
    }

    #[test]
    fn forms_come_to_an_end() {
        let mut text = job("a", "1");
        text.surroundings.context = Some("0".to_owned());
        let alone = text.after(Form::Batch).expect("alone");
        let sent = |job: &Job| parcel(std::slice::from_ref(job));
        assert_eq!(sent(&alone).form, Form::Alone);
        let bare = alone.after(Form::Alone).expect("bare");
        assert_eq!(sent(&bare).form, Form::Bare);
        let paired = bare.after(Form::Bare).expect("paired");
        assert_eq!((sent(&paired).form, sent(&paired).batch.requests.len()), (Form::Paired, 2));
        assert!(paired.after(Form::Paired).is_none());
    }

    #[tokio::test]
    async fn a_closed_queue_gives_back_what_waited() {
        let queue = Queue::new(limits(50, 1000), false);
        queue.push(vec![job("a", "1")]);
        assert_eq!(queue.close().len(), 1);
        assert_eq!(queue.push(vec![job("a", "2")]).len(), 1);
        assert!(queue.next().await.is_none());
    }
}

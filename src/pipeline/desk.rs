//! The desk where articles ask for translations.
//!
//! Equal requests are merged: the first to ask for a key claims it, later ones wait for the same answer.
//! A key is claimed *before* the memory is asked and let go *after* the answer is stored, so at no moment
//! can a second request for it go out. An answer is stored before anyone sees it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::join_all;
use tokio::sync::oneshot;

use crate::engine::{Billing, Engine, EngineError, ErrorClass};
use crate::memory::{Key, Memory, MemoryError, Record};
use crate::model::{Request, Translation};

use super::event::{Event, OnEvent};
use super::queue::{Job, Place, Queue, batch};

/// So many texts refused one after another, and none accepted, and the service is given up: it refuses us,
/// not the texts.
const REFUSALS: usize = 24;

/// A request for a translation.
#[derive(Debug)]
pub(super) struct Ask {
    pub(super) request: Request,
    pub(super) key: Key,
    pub(super) place: Place,
}

/// What came of an [`Ask`].
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) result: Result<Translation, Unanswered>,
    /// Whether a request went out for it.
    pub(super) sent: bool,
}

/// Why there is no translation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unanswered {
    /// This text cannot be had.
    Failed(String),
    /// The run ended before.
    Stopped,
}

/// Why the desk closed before everything was asked.
#[derive(Debug)]
pub enum Failure {
    /// The engine is out of use.
    Engine(EngineError),
    /// The memory is out of use.
    Memory(MemoryError),
    /// The user interrupted the run.
    Interrupted,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Engine(error) => error.fmt(f),
            Self::Memory(error) => error.fmt(f),
            Self::Interrupted => f.write_str("interrupted"),
        }
    }
}

/// Those who wait for a key; the first one claimed it.
type Waiters = Vec<(oneshot::Sender<Answer>, bool)>;

/// Merges, remembers, packs and sends.
pub(super) struct Desk {
    engine: Arc<dyn Engine>,
    memory: Arc<Memory>,
    queue: Queue,
    claims: Mutex<HashMap<Key, Waiters>>,
    failure: Mutex<Option<Failure>>,
    refusals: AtomicUsize,
    counts: Mutex<Counts>,
    /// Nothing is sent.
    offline: bool,
    on_event: OnEvent,
}

/// What went over the wire.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) requests: u64,
    pub(super) billed: u64,
}

/// Locks a mutex; one that a panic poisoned is used on, since its data are whole between statements.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether the same request may well be answered later: nothing is said against its texts.
fn may_pass(error: &EngineError) -> bool {
    matches!(error, EngineError::GivenUp { .. }) || matches!(error.class(), ErrorClass::Retry(_))
}

impl Desk {
    pub(super) fn new(
        engine: Arc<dyn Engine>,
        memory: Arc<Memory>,
        offline: bool,
        on_event: OnEvent,
    ) -> Self {
        let info = engine.info();
        let queue = Queue::new(info.limits, info.abilities.context);
        Self {
            engine,
            memory,
            queue,
            claims: Mutex::default(),
            failure: Mutex::default(),
            refusals: AtomicUsize::new(0),
            counts: Mutex::default(),
            offline,
            on_event,
        }
    }

    /// The queue, to tell it when nothing more can come.
    pub(super) fn queue(&self) -> &Queue {
        &self.queue
    }

    pub(super) fn engine(&self) -> &dyn Engine {
        self.engine.as_ref()
    }

    pub(super) fn counts(&self) -> Counts {
        *lock(&self.counts)
    }

    /// Whether the desk is closed for good.
    pub(super) fn is_closed(&self) -> bool {
        lock(&self.failure).is_some()
    }

    /// Why the desk closed, if it did.
    pub(super) fn take_failure(&self) -> Option<Failure> {
        lock(&self.failure).take()
    }

    /// Answers all, in order. `first` says whether these are first answers, which progress counts.
    pub(super) async fn ask(&self, asks: Vec<Ask>, first: bool) -> Vec<Answer> {
        let mut answers = Vec::with_capacity(asks.len());
        let mut claimed = Vec::new();
        {
            let mut claims = lock(&self.claims);
            for ask in asks {
                let (sender, receiver) = oneshot::channel();
                answers.push(receiver);
                match claims.entry(ask.key) {
                    Entry::Occupied(mut entry) => entry.get_mut().push((sender, first)),
                    Entry::Vacant(entry) => {
                        entry.insert(vec![(sender, first)]);
                        claimed.push(ask);
                    }
                }
            }
        }
        self.look_up(claimed).await;
        let stopped = Answer { result: Err(Unanswered::Stopped), sent: false };
        join_all(answers).await.into_iter().map(|answer| answer.unwrap_or_else(|_| stopped.clone())).collect()
    }

    /// Answers what the memory knows and queues the rest.
    async fn look_up(&self, claimed: Vec<Ask>) {
        if claimed.is_empty() {
            return;
        }
        let known = match self.memory.lookup(claimed.iter().map(|ask| ask.key).collect()).await {
            Ok(known) => known,
            Err(error) => {
                self.close(Failure::Memory(error));
                vec![None; claimed.len()]
            }
        };
        let mut jobs = Vec::new();
        for (ask, known) in claimed.into_iter().zip(known) {
            match known {
                Some(translation) => self.resolve(ask.key, &Ok(translation), false),
                None if self.offline => {
                    let absent = Unanswered::Failed("the memory does not have it".to_owned());
                    self.resolve(ask.key, &Err(absent), false);
                }
                None => jobs.push(Job {
                    bytes: self.engine.encoded_len(&ask.request),
                    request: ask.request,
                    key: ask.key,
                    place: ask.place,
                    swept: false,
                }),
            }
        }
        self.give_up(self.queue.push(jobs));
    }

    /// Sends what waits until the queue is closed. Several workers do this side by side.
    pub(super) async fn work(&self) {
        while let Some(jobs) = self.queue.next().await {
            self.deliver(jobs).await;
        }
    }

    /// Sends a batch; one that is refused is halved until the culprit is found.
    async fn deliver(&self, jobs: Vec<Job>) {
        let mut stack = vec![jobs];
        while let Some(mut jobs) = stack.pop() {
            if self.is_closed() {
                self.give_up(jobs);
                continue;
            }
            match self.send(&jobs).await {
                Ok(translations) => self.settle(jobs, translations).await,
                Err(error) if error.class() == ErrorClass::Fatal => {
                    self.close(Failure::Engine(error));
                    self.give_up(jobs);
                }
                Err(error) if may_pass(&error) && jobs.iter().any(|job| !job.swept) => self.postpone(jobs),
                Err(_) if jobs.len() > 1 => {
                    let rest = jobs.split_off(jobs.len() / 2);
                    stack.extend([rest, jobs]);
                }
                Err(error) => self.refuse(jobs, &error),
            }
        }
    }

    /// One request.
    async fn send(&self, jobs: &[Job]) -> Result<Vec<Translation>, EngineError> {
        let result = self.engine.translate(&batch(jobs)).await;
        lock(&self.counts).requests += 1;
        let translations = result?;
        if translations.len() == jobs.len() {
            Ok(translations)
        } else {
            Err(EngineError::WrongCount { sent: jobs.len(), got: translations.len() })
        }
    }

    /// Stores answers, then gives them out.
    async fn settle(&self, jobs: Vec<Job>, translations: Vec<Translation>) {
        self.refusals.store(0, Ordering::Relaxed);
        let info = self.engine.info();
        let charge = |job: &Job, translation: &Translation| match info.billing {
            Billing::Characters => translation.billed.unwrap_or(job.request.text.chars().count() as u64),
            Billing::None => 0,
        };
        let characters = jobs.iter().zip(&translations).map(|(job, answer)| charge(job, answer)).sum();
        lock(&self.counts).billed += characters;
        (self.on_event)(Event::Billed { characters });
        let records = jobs.iter().zip(&translations).map(|(job, translation)| Record {
            key: job.key,
            engine: info.profile.clone(),
            fingerprint: info.fingerprint.clone(),
            request: job.request.clone(),
            translation: translation.clone(),
        });
        if let Err(error) = self.memory.store(records.collect()).await {
            self.close(Failure::Memory(error));
            return self.give_up(jobs);
        }
        for (job, translation) in jobs.into_iter().zip(translations) {
            self.resolve(job.key, &Ok(translation), true);
        }
    }

    /// Fails the only text of a batch that the service refuses.
    fn refuse(&self, jobs: Vec<Job>, error: &EngineError) {
        let refusals = self.refusals.fetch_add(1, Ordering::Relaxed) + 1;
        for job in jobs {
            self.resolve(job.key, &Err(Unanswered::Failed(error.to_string())), true);
        }
        if refusals >= REFUSALS {
            let message = format!("{refusals} texts were refused one after another; the last time: {error}");
            self.close(Failure::Engine(EngineError::Unusable(message)));
        }
    }

    /// Gives texts whose retries are used up a second chance when everything else is sent.
    fn postpone(&self, jobs: Vec<Job>) {
        self.give_up(self.queue.push(jobs.into_iter().map(|job| Job { swept: true, ..job }).collect()));
    }

    /// Closes the desk: nothing more is sent, and who waits is told.
    pub(super) fn close(&self, failure: Failure) {
        {
            let mut known = lock(&self.failure);
            if known.is_some() {
                return;
            }
            let reason = failure.to_string();
            *known = Some(failure);
            (self.on_event)(Event::Stopped { reason });
        }
        self.give_up(self.queue.close());
    }

    /// Tells those who wait for these texts that the run is over.
    fn give_up(&self, jobs: Vec<Job>) {
        for job in jobs {
            self.resolve(job.key, &Err(Unanswered::Stopped), false);
        }
    }

    /// Answers all who wait for a key and lets it go.
    fn resolve(&self, key: Key, result: &Result<Translation, Unanswered>, sent: bool) {
        let waiters = lock(&self.claims).remove(&key).unwrap_or_default();
        let done = waiters.iter().filter(|(_, first)| *first).count();
        if done > 0 {
            (self.on_event)(Event::Segments { done });
        }
        for (index, (waiter, _)) in waiters.into_iter().enumerate() {
            // Who no longer waits was stopped; the answer is in the memory all the same.
            let _ = waiter.send(Answer { result: result.clone(), sent: sent && index == 0 });
        }
    }
}

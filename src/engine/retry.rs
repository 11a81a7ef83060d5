//! Trying again: what fails for a moment, and what asks to slow down.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use fastrand::Rng;
use futures::FutureExt;
use parking_lot::Mutex;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info};

use super::error::{EngineError, ErrorClass};
use super::gate::Gate;
use super::interface::{Engine, EngineInfo, TranslateFuture};
use super::lanes::Lanes;
use super::purse::Spent;
use super::upkeep::Upkeep;
use crate::model::{Batch, Request, Translation};

/// Attempts at a batch that gets no answer in time: each of them has cost the whole timeout, and may be
/// paid for.
const TIMEOUT_ATTEMPTS: u32 = 3;
/// Requests in a row that got no answer in time, from a service that has never answered, after which it counts as
/// down: two batches' worth, since one alone may be the batch's fault.
const SILENT_FROM_THE_START: u32 = 2 * TIMEOUT_ATTEMPTS;
/// The same for a service that has answered before.
const SILENT_SINCE: u32 = 4 * TIMEOUT_ATTEMPTS;
/// Batches given up in a row, with no answer to any other, after which the service counts as down. One
/// bad text in fifty is found in six halvings, so it alone never comes to this number.
const DOWN_AFTER: u32 = 8;
/// Time without any answer before the service counts as down.
const DOWN_TIME: Duration = Duration::from_mins(2);

/// Why an engine waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitReason {
    /// The service asks to slow down: all requests wait.
    SlowDown,
    /// A request failed and is tried again: only it waits.
    Failure,
}

/// An engine has to wait.
#[derive(Debug)]
pub struct Wait {
    /// Why.
    pub reason: WaitReason,
    /// For how long.
    pub duration: Duration,
    /// What went wrong.
    pub error: EngineError,
}

/// Called with every [`Wait`], once for a shared pause.
pub type OnWait = Arc<dyn Fn(&Wait) + Send + Sync>;

/// How an engine is tried again.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Attempts at a batch, the first one included. Requests to slow down do not count.
    pub attempts: u32,
    /// The longest wait before the second attempt; doubles with every further one.
    pub first_wait: Duration,
    /// The longest wait that the engine chooses on its own.
    pub longest_wait: Duration,
    /// The longest wait that a service can ask for.
    pub longest_asked: Duration,
    /// How long a service may answer with nothing but requests to slow down.
    pub slow_down_budget: Duration,
    /// Requests that may begin in a second.
    pub requests_per_second: Option<f64>,
    /// Makes the random part of the waits repeatable.
    pub seed: Option<u64>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            attempts: 6,
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_mins(1),
            longest_asked: Duration::from_mins(5),
            slow_down_budget: Duration::from_mins(10),
            requests_per_second: None,
            seed: None,
        }
    }
}

/// An engine that tries again, by the [`ErrorClass`] of the errors of the one inside.
///
/// A failure is tried again after an exponential wait with full jitter, or after what the service asks
/// for. A request to slow down holds back every request of the engine; after one that was not answered in
/// time, fewer are sent at once. What comes out is never of the class [`ErrorClass::Retry`]: when the
/// retries are used up, it is [`EngineError::GivenUp`].
pub struct Retrying {
    inner: Arc<dyn Engine>,
    policy: Policy,
    gate: Gate,
    lanes: Lanes,
    health: Mutex<Health>,
    on_wait: OnWait,
    stopped: CancellationToken,
    in_flight: AtomicUsize,
}

/// A request in flight.
struct InFlight<'a>(&'a AtomicUsize);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// How the service does, seen over all requests.
struct Health {
    /// The last answer that was neither a failure nor a request to slow down, or the beginning.
    last_answer: Instant,
    /// Whether there has been such an answer.
    has_answered: bool,
    /// Requests that got no answer in time since then.
    timeouts: u32,
    /// Batches given up since then.
    given_up: u32,
    /// Pauses since then.
    pauses: u32,
    /// The first request to slow down since then.
    slowed_since: Option<Instant>,
    rng: Rng,
}

/// What has happened to one batch.
#[derive(Default)]
struct Tries {
    sent: u32,
    failures: u32,
    timeouts: u32,
    slowed_since: Option<Instant>,
}

impl Retrying {
    /// Puts retries around an engine.
    #[must_use]
    pub fn new(inner: Arc<dyn Engine>, policy: Policy, on_wait: OnWait) -> Self {
        let gate = Gate::new(policy.requests_per_second);
        let lanes = Lanes::new(inner.info().concurrency);
        let health = Health {
            last_answer: Instant::now(),
            has_answered: false,
            timeouts: 0,
            given_up: 0,
            pauses: 0,
            slowed_since: None,
            rng: policy.seed.map_or_else(Rng::new, Rng::with_seed),
        };
        Self {
            inner,
            policy,
            gate,
            lanes,
            health: Mutex::new(health),
            on_wait,
            stopped: CancellationToken::new(),
            in_flight: AtomicUsize::new(0),
        }
    }

    async fn persist(&self, batch: &Batch) -> Result<Vec<Translation>, EngineError> {
        let mut tries = Tries::default();
        loop {
            let error = match self.attempt(batch, tries.sent + 1).await {
                Ok(translations) => return Ok(translations),
                Err(error) => error,
            };
            tries.sent += 1;
            let ErrorClass::Retry(asked) = error.class() else {
                self.answered();
                return Err(error);
            };
            if self.stopped.is_cancelled() {
                return Err(EngineError::Stopped);
            }
            let asked = asked.map(|asked| asked.min(self.policy.longest_asked));
            if matches!(error, EngineError::RateLimited { .. }) {
                self.slow_down(&mut tries, asked, error)?;
            } else {
                self.wait(sleep(self.back_off(&mut tries, asked, error)?)).await?;
            }
        }
    }

    /// Waits for something before a request, but no longer than until the engine is stopped.
    async fn wait<T>(&self, until: impl Future<Output = T>) -> Result<T, EngineError> {
        tokio::select! {
            biased;
            () = self.stopped.cancelled() => Err(EngineError::Stopped),
            reached = until => Ok(reached),
        }
    }

    /// Counts a request as in flight, unless the engine is stopped. It counts before it looks: whoever stops the
    /// engine at this moment either sees the request or keeps it from being sent.
    fn take_off(&self) -> Result<InFlight<'_>, EngineError> {
        self.in_flight.fetch_add(1, Ordering::SeqCst);
        let in_flight = InFlight(&self.in_flight);
        if self.stopped.is_cancelled() { Err(EngineError::Stopped) } else { Ok(in_flight) }
    }

    /// Sends a batch once, when its turn has come.
    async fn attempt(&self, batch: &Batch, attempt: u32) -> Result<Vec<Translation>, EngineError> {
        let _lane = self.wait(self.lanes.enter()).await?;
        self.wait(self.gate.pass()).await?;
        let in_flight = self.take_off()?;
        let sent = Instant::now();
        let engine = &self.inner.info().profile;
        let characters: usize = batch.requests.iter().map(|request| request.text.chars().count()).sum();
        debug!(engine, texts = batch.requests.len(), characters, attempt, "send a request");
        let result = self.inner.translate(batch).await;
        let ms = u64::try_from(sent.elapsed().as_millis()).unwrap_or(u64::MAX);
        match &result {
            Ok(_) => debug!(engine, ms, "got the translations"),
            // What a service says of an error may repeat the text that it was sent.
            Err(error) => debug!(engine, ms, %error, "got no translations"),
        }
        drop(in_flight);
        match &result {
            Ok(_) => {
                self.answered();
                self.lanes.widen();
            }
            Err(EngineError::Timeout { .. }) => self.lanes.narrow(sent),
            Err(_) => {}
        }
        result
    }

    /// Holds back all requests, or gives up if that has gone on for too long.
    fn slow_down(
        &self,
        tries: &mut Tries,
        asked: Option<Duration>,
        error: EngineError,
    ) -> Result<(), EngineError> {
        let now = Instant::now();
        let mut health = self.health.lock();
        let over = |since: &mut Option<Instant>| {
            now.duration_since(*since.get_or_insert(now)) >= self.policy.slow_down_budget
        };
        let (service, batch) = (over(&mut health.slowed_since), over(&mut tries.slowed_since));
        if batch || service {
            return Err(given_up(tries, service, error));
        }
        let longest = self.longest(health.pauses);
        // Half of it is certain: a pause of nothing would be no pause.
        let chosen = longest / 2 + health.rng_up_to(longest / 2);
        let duration = asked.map_or(chosen, |asked| asked.max(self.policy.first_wait / 10));
        let begins = self.gate.pause(duration);
        if begins {
            health.pauses += 1;
        }
        drop(health);
        if begins {
            self.report(&Wait { reason: WaitReason::SlowDown, duration, error });
        }
        Ok(())
    }

    /// How long one batch has to wait, or gives it up if it has failed too often.
    fn back_off(
        &self,
        tries: &mut Tries,
        asked: Option<Duration>,
        error: EngineError,
    ) -> Result<Duration, EngineError> {
        let longest = self.longest(tries.failures);
        tries.failures += 1;
        let mut health = self.health.lock();
        if matches!(error, EngineError::Timeout { .. }) {
            tries.timeouts += 1;
            health.timeouts += 1;
        }
        let silent = health.is_silent();
        if silent || tries.failures >= self.policy.attempts || tries.timeouts >= TIMEOUT_ATTEMPTS {
            health.given_up += 1;
            let down = silent || health.is_failing() || matches!(error, EngineError::Connection { .. });
            return Err(given_up(tries, down, error));
        }
        let duration = health.rng_up_to(longest) + asked.unwrap_or_default();
        drop(health);
        self.report(&Wait { reason: WaitReason::Failure, duration, error });
        Ok(duration)
    }

    /// Logs and reports a wait, with no lock held.
    fn report(&self, wait: &Wait) {
        let (engine, reason) = (&self.inner.info().profile, wait.reason);
        let ms = u64::try_from(wait.duration.as_millis()).unwrap_or(u64::MAX);
        info!(engine, ?reason, ms, "wait before the next request");
        debug!(engine, error = %wait.error, "the reason of the wait");
        (self.on_wait)(wait);
    }

    /// The longest wait of the engine's own choice after a number of earlier ones.
    fn longest(&self, earlier: u32) -> Duration {
        self.policy.first_wait.saturating_mul(1 << earlier.min(20)).min(self.policy.longest_wait)
    }

    fn answered(&self) {
        let mut health = self.health.lock();
        health.last_answer = Instant::now();
        health.has_answered = true;
        health.timeouts = 0;
        health.given_up = 0;
        health.pauses = 0;
        health.slowed_since = None;
    }
}

impl Health {
    /// Whether the service leaves one request after the other without an answer.
    fn is_silent(&self) -> bool {
        let most = if self.has_answered { SILENT_SINCE } else { SILENT_FROM_THE_START };
        self.timeouts >= most && self.last_answer.elapsed() >= DOWN_TIME
    }

    /// Whether one batch after the other was given up.
    fn is_failing(&self) -> bool {
        self.given_up >= DOWN_AFTER && self.last_answer.elapsed() >= DOWN_TIME
    }

    /// A random time from nothing to the longest one.
    fn rng_up_to(&mut self, longest: Duration) -> Duration {
        longest.mul_f64(self.rng.f64())
    }
}

fn given_up(tries: &Tries, down: bool, last: EngineError) -> EngineError {
    EngineError::GivenUp { attempts: tries.sent, down, last: Box::new(last) }
}

impl Engine for Retrying {
    fn info(&self) -> &EngineInfo {
        self.inner.info()
    }

    fn translate<'a>(&'a self, batch: &'a Batch) -> TranslateFuture<'a> {
        self.persist(batch).boxed()
    }

    fn encoded_len(&self, request: &Request) -> usize {
        self.inner.encoded_len(request)
    }

    fn stop(&self) -> usize {
        self.stopped.cancel();
        self.in_flight.load(Ordering::SeqCst)
    }

    fn requests(&self) -> u64 {
        self.inner.requests()
    }

    fn upkeep(&self) -> Option<&dyn Upkeep> {
        self.inner.upkeep()
    }

    fn spent(&self) -> Spent {
        self.inner.spent()
    }
}

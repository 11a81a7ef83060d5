//! Trying again: what fails for a moment, and what asks to slow down.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use fastrand::Rng;
use futures::FutureExt;
use parking_lot::Mutex;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info};

use super::error::{EngineError, ErrorClass};
use super::gate::{AfterFailure, FailedRequest, Gate, Health, Passage, Refusals, interval_of};
use super::interface::{Engine, EngineInfo, Foreseen, Limits, TranslateFuture};
use super::lanes::Strain;
use super::night::NightLane;
use super::purse::Spent;
use super::shared::SharedLine;
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
/// Batches that failed, with no answer to any other, after which the service counts as down. One
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
    /// One request after the other failed: all requests wait until one has found out that the service is back.
    OutOfOrder,
}

/// An engine has to wait. Shown, it is the reason.
#[derive(Debug)]
pub struct Wait {
    /// Why.
    pub reason: WaitReason,
    /// For how long.
    pub duration: Duration,
    /// How long the service asks to wait, if it does; it may be longer than what is waited.
    pub asked: Option<Duration>,
    /// What went wrong.
    pub error: EngineError,
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.error)?;
        match self.asked {
            Some(asked) if asked > self.duration => {
                write!(f, "; it asks for {} s, which is too long to wait", asked.as_secs())
            }
            _ => Ok(()),
        }
    }
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
/// for. All requests to a host, of whatever engines, wait in one line: a request to slow down holds back all of
/// them, and when one after the other fails, a single one finds out when the service is back. What comes out is never of
/// the class [`ErrorClass::Retry`]: when the retries are used up, it is [`EngineError::GivenUp`].
pub struct Retrying {
    inner: Arc<dyn Engine>,
    policy: Policy,
    /// As many as the engine may send at once; the gate may let fewer pass.
    places: Semaphore,
    gate: Arc<Gate>,
    /// The line that other processes stand in, too.
    line: Option<SharedLine>,
    rng: Mutex<Rng>,
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

/// What has happened to one batch. Requests to slow down and failures have budgets of their own: the first of time, the
/// second of attempts.
#[derive(Default)]
struct Tries {
    sent: u32,
    failures: u32,
    timeouts: u32,
    slowed_since: Option<Instant>,
    /// The number of answers to others when the batch was counted as failing.
    counted: Option<u64>,
}

impl Retrying {
    /// Puts retries around an engine.
    #[must_use]
    pub fn new(inner: Arc<dyn Engine>, policy: Policy, on_wait: OnWait) -> Self {
        Self::at(Arc::new(Gate::new(false)), inner, policy, on_wait)
    }

    /// The same with the gate of its host.
    pub(super) fn at(gate: Arc<Gate>, inner: Arc<dyn Engine>, policy: Policy, on_wait: OnWait) -> Self {
        let concurrency = inner.info().concurrency.clamp(1, Semaphore::MAX_PERMITS);
        gate.allow(concurrency);
        Self {
            inner,
            places: Semaphore::new(concurrency),
            gate,
            line: None,
            rng: Mutex::new(policy.seed.map_or_else(Rng::new, Rng::with_seed)),
            policy,
            on_wait,
            stopped: CancellationToken::new(),
            in_flight: AtomicUsize::new(0),
        }
    }

    /// The same in a line with other processes.
    pub(super) fn in_line(self, line: Option<SharedLine>) -> Self {
        Self { line, ..self }
    }

    async fn persist(&self, batch: &Batch) -> Result<Vec<Translation>, EngineError> {
        let mut tries = Tries::default();
        loop {
            match self.attempt(batch, &mut tries).await? {
                Attempted::Answer(translations) => return Ok(translations),
                Attempted::Wait(duration) => self.wait(sleep(duration)).await?,
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

    /// Sends a batch once, when its turn has come, and says what is to be done if there is no answer.
    async fn attempt(&self, batch: &Batch, tries: &mut Tries) -> Result<Attempted, EngineError> {
        let _place = self.wait(self.places.acquire()).await?;
        let interval = interval_of(self.policy.requests_per_second);
        if let Some(line) = &self.line {
            self.wait(line.turn(interval)).await??;
        }
        let passage = self.wait(self.gate.pass(interval)).await?;
        let in_flight = self.take_off()?;
        tries.sent += 1;
        let engine = &self.inner.info().profile;
        let characters: usize = batch.requests.iter().map(|request| request.text.chars().count()).sum();
        debug!(engine, texts = batch.requests.len(), characters, attempt = tries.sent, "send a request");
        let result = self.inner.translate(batch).await;
        let ms = u64::try_from(passage.sent.elapsed().as_millis()).unwrap_or(u64::MAX);
        match &result {
            Ok(_) => debug!(engine, ms, "got the translations"),
            // What a service says of an error may repeat the text that it was sent.
            Err(error) => debug!(engine, ms, %error, "got no translations"),
        }
        drop(in_flight);
        let error = match result {
            Ok(translations) => {
                passage.answered();
                return Ok(Attempted::Answer(translations));
            }
            Err(error) => error,
        };
        let ErrorClass::Retry(asked) = error.class() else {
            passage.answered();
            return Err(error);
        };
        if self.stopped.is_cancelled() {
            return Err(EngineError::Stopped);
        }
        let wait = if matches!(error, EngineError::RateLimited { .. }) {
            self.slow_down(passage, tries, asked, error)?;
            Duration::ZERO
        } else {
            self.back_off(passage, tries, asked, error)?
        };
        Ok(Attempted::Wait(wait))
    }

    /// Holds back all requests, or gives up if that has gone on for too long.
    fn slow_down(
        &self,
        passage: Passage<'_>,
        tries: &mut Tries,
        asked: Option<Duration>,
        error: EngineError,
    ) -> Result<(), EngineError> {
        let granted = asked.map(|asked| asked.min(self.policy.longest_asked));
        let is_over = |since: Instant| since.elapsed() >= self.policy.slow_down_budget;
        let refused = passage.refused(|&Refusals { since, pauses, dry }| {
            // Where the service let nothing through for a minute the last time, asking every second is of no use.
            let longest = self.longest(self.policy.first_wait.max(dry / 2), pauses);
            // Half of it is certain: a pause of nothing would be no pause.
            let chosen = longest / 2 + self.random_up_to(longest / 2);
            let pause = granted.map_or(chosen, |granted| granted.max(self.policy.first_wait / 10));
            (!is_over(since)).then_some(pause)
        });
        let service = is_over(refused.since);
        if service || is_over(*tries.slowed_since.get_or_insert_with(Instant::now)) {
            return Err(given_up(tries, service, error));
        }
        if let Some(duration) = refused.pause {
            if let Some(line) = &self.line {
                line.pause(duration);
            }
            self.report(&Wait { reason: WaitReason::SlowDown, duration, asked, error });
        }
        Ok(())
    }

    /// How long one batch has to wait, or gives it up if it has failed too often.
    fn back_off(
        &self,
        passage: Passage<'_>,
        tries: &mut Tries,
        asked: Option<Duration>,
        error: EngineError,
    ) -> Result<Duration, EngineError> {
        let granted = asked.map(|asked| asked.min(self.policy.longest_asked));
        let strain = strain_of(&error);
        let longest = self.longest(self.policy.first_wait, tries.failures);
        tries.failures += 1;
        tries.timeouts += u32::from(strain == Some(Strain::Lateness));
        let AfterFailure { rest, scouts, health } = passage.failed(FailedRequest {
            strain,
            asked: granted,
            first_wait: self.policy.first_wait,
            counted: &mut tries.counted,
        });
        let is_used_up = tries.failures >= self.policy.attempts || tries.timeouts >= TIMEOUT_ATTEMPTS;
        let is_unreachable =
            matches!(error, EngineError::Connection { .. }) && (is_used_up || scouts >= self.policy.attempts);
        let is_down = health.is_silent() || health.is_failing() || is_unreachable;
        if is_down || is_used_up {
            return Err(given_up(tries, is_down, error));
        }
        let duration = self.random_up_to(longest) + granted.unwrap_or_default();
        let reason = if rest.is_some() { WaitReason::OutOfOrder } else { WaitReason::Failure };
        let wait = Wait { reason, duration: rest.unwrap_or_default().max(duration), asked, error };
        self.report(&wait);
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
    fn longest(&self, first: Duration, earlier: u32) -> Duration {
        first.saturating_mul(1 << earlier.min(20)).min(self.policy.longest_wait)
    }

    /// A random time from nothing to the longest one.
    fn random_up_to(&self, longest: Duration) -> Duration {
        longest.mul_f64(self.rng.lock().f64())
    }
}

/// What came of an attempt.
enum Attempted {
    Answer(Vec<Translation>),
    /// Nothing: the batch is sent again after a wait.
    Wait(Duration),
}

impl Health {
    /// Whether the service leaves one request after the other without an answer.
    fn is_silent(&self) -> bool {
        let most = if self.has_answered { SILENT_SINCE } else { SILENT_FROM_THE_START };
        self.timeouts >= most && self.last_answer.elapsed() >= DOWN_TIME
    }

    /// Whether one batch after the other fails.
    fn is_failing(&self) -> bool {
        self.failing >= DOWN_AFTER && self.last_answer.elapsed() >= DOWN_TIME
    }
}

/// Why fewer requests are to be sent at once after a failure, if that helps.
fn strain_of(error: &EngineError) -> Option<Strain> {
    match error {
        EngineError::Timeout { .. } => Some(Strain::Lateness),
        // Other 5xx are faults of the service, whatever it has to do.
        EngineError::Unavailable { status: 503 | 529, .. } => Some(Strain::Refusal),
        _ => None,
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

    fn limits(&self) -> Limits {
        self.inner.limits()
    }

    fn refusal(&self, request: &Request) -> Option<EngineError> {
        self.inner.refusal(request)
    }

    fn stop(&self) -> usize {
        self.stopped.cancel();
        self.in_flight.load(Ordering::SeqCst)
    }

    fn requests(&self) -> u64 {
        self.inner.requests()
    }

    fn foresee(&self, batch: &Batch) -> Foreseen {
        self.inner.foresee(batch)
    }

    fn upkeep(&self) -> Option<&dyn Upkeep> {
        self.inner.upkeep()
    }

    fn night_lane(&self) -> Option<&dyn NightLane> {
        self.inner.night_lane()
    }

    fn spent(&self) -> Spent {
        self.inner.spent()
    }
}

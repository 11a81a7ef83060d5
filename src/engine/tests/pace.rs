//! Learning the rate limit of simulated services, in paused time.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use parking_lot::Mutex;
use tokio::time::{Instant, sleep};

use super::*;
use crate::engine::{Engine, EngineInfo, Gates, Policy, Retrying, TranslateFuture};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
/// How long an answer takes, with what is added by chance at most.
const LATENCY: Duration = Duration::from_millis(180);
const JITTER: Duration = Duration::from_millis(20);

/// How a service limits requests.
#[derive(Debug, Clone, Copy)]
enum LimitKind {
    /// So many tokens at most, which come back one by one.
    Bucket { tokens: f64 },
    /// No more within any stretch of time.
    Sliding(Duration),
    /// No more within the stretches of a clock.
    Fixed(Duration),
    /// A share of requests, whatever their rate.
    Chance(f64),
}

/// The limit of a service.
struct Limiter {
    kind: LimitKind,
    rate: f64,
    start: Instant,
    tokens: f64,
    filled: Instant,
    passed: VecDeque<Instant>,
}

impl Limiter {
    fn new(kind: LimitKind, rate: f64) -> Self {
        let now = Instant::now();
        let tokens = if let LimitKind::Bucket { tokens } = kind { tokens } else { 0.0 };
        Self { kind, rate, start: now, tokens, filled: now, passed: VecDeque::new() }
    }

    /// Lets a request pass, or says how long to wait.
    fn take(&mut self, rng: &mut fastrand::Rng) -> Result<(), Duration> {
        let now = Instant::now();
        match self.kind {
            LimitKind::Bucket { tokens: most } => {
                let new = now.duration_since(self.filled).as_secs_f64() * self.rate;
                (self.tokens, self.filled) = ((self.tokens + new).min(most), now);
                if self.tokens < 1.0 {
                    return Err(Duration::from_secs_f64((1.0 - self.tokens) / self.rate));
                }
                self.tokens -= 1.0;
            }
            LimitKind::Sliding(window) => self.count_since(now.checked_sub(window), now, window)?,
            LimitKind::Fixed(window) => {
                // It does not begin when the first request comes.
                let into = now.duration_since(self.start) + window.mul_f64(0.37);
                let windows = (into.as_secs_f64() / window.as_secs_f64()).floor();
                let begin = into.checked_sub(window.mul_f64(windows)).unwrap();
                self.count_since(now.checked_sub(begin), now, window)?;
            }
            LimitKind::Chance(share) if rng.f64() < share => return Err(SECOND),
            LimitKind::Chance(_) => {}
        }
        Ok(())
    }

    /// Counts a request among those since a time, if there is room.
    fn count_since(
        &mut self,
        since: Option<Instant>,
        now: Instant,
        window: Duration,
    ) -> Result<(), Duration> {
        while self.passed.front().is_some_and(|at| since.is_some_and(|since| *at <= since)) {
            self.passed.pop_front();
        }
        if f64::from(u32::try_from(self.passed.len()).unwrap()) >= (self.rate * window.as_secs_f64()).round()
        {
            return Err((self.passed[0] + window).saturating_duration_since(now));
        }
        self.passed.push_back(now);
        Ok(())
    }
}

/// A service with a limit, as an engine.
struct Limited {
    info: EngineInfo,
    limiter: Mutex<Limiter>,
    /// Whether it says how long to wait.
    tells: bool,
    rng: Mutex<fastrand::Rng>,
    /// When requests passed, and when they were refused.
    passed: Mutex<Vec<Duration>>,
    refused: Mutex<Vec<Duration>>,
    start: Instant,
}

impl Limited {
    fn new(limiter: Limiter, tells: bool) -> Arc<Self> {
        let profile =
            Profile { concurrency: NonZeroUsize::new(16), ..Profile::new("probe", EngineKind::Pseudo) };
        Arc::new(Self {
            info: build(&profile).unwrap().info().clone(),
            start: limiter.start,
            limiter: Mutex::new(limiter),
            tells,
            rng: Mutex::new(fastrand::Rng::with_seed(11)),
            passed: Mutex::default(),
            refused: Mutex::default(),
        })
    }

    /// Keeps as many workers busy as may be for a time.
    async fn work(self: &Arc<Self>, time: Duration) {
        let inner: Arc<dyn Engine> = Arc::<Self>::clone(self);
        let policy = Policy { seed: Some(7), ..Policy::default() };
        let retrying = Retrying::at(Gates::default().of(String::new()), inner, policy, Arc::new(|_| {}));
        let batch = batch(&["Ja."]);
        let worker = || async {
            loop {
                retrying.translate(&batch).await.unwrap();
            }
        };
        let workers = futures::future::join_all((0..16).map(|_| worker()));
        assert!(tokio::time::timeout(time, workers).await.is_err());
    }

    /// The share of the limit that passed between two times.
    fn share(&self, from: Duration, to: Duration) -> f64 {
        let passed = self.passed.lock().iter().filter(|at| (from..to).contains(*at)).count();
        f64::from(u32::try_from(passed).unwrap())
            / (to.as_secs_f64() - from.as_secs_f64())
            / self.limiter.lock().rate
    }

    /// Refusals between two times.
    fn refusals(&self, from: Duration, to: Duration) -> usize {
        self.refused.lock().iter().filter(|at| (from..to).contains(*at)).count()
    }
}

impl Engine for Limited {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn translate<'a>(&'a self, batch: &'a Batch) -> TranslateFuture<'a> {
        async move {
            let jitter = JITTER.mul_f64(self.rng.lock().f64());
            sleep(jitter).await;
            let limit = self.limiter.lock().take(&mut self.rng.lock());
            let at = self.start.elapsed();
            if let Err(after) = limit {
                self.refused.lock().push(at);
                sleep(SECOND / 50).await;
                // In whole seconds, as the header has it.
                let after = self.tells.then(|| Duration::from_secs_f64(after.as_secs_f64().ceil().max(1.0)));
                return Err(EngineError::RateLimited { after });
            }
            self.passed.lock().push(at);
            sleep(LATENCY).await;
            Ok(batch.requests.iter().map(|_| Translation::plain("Yes.")).collect())
        }
        .boxed()
    }

    fn encoded_len(&self, request: &Request) -> usize {
        request.text.len()
    }

    fn requests(&self) -> u64 {
        0
    }
}

/// The kinds of limits that are met, for a rate.
fn kinds(rate: f64) -> [LimitKind; 6] {
    [
        LimitKind::Bucket { tokens: rate },
        LimitKind::Bucket { tokens: (0.3 * rate).max(2.0) },
        LimitKind::Bucket { tokens: 10.0 * rate },
        LimitKind::Sliding(SECOND),
        LimitKind::Fixed(SECOND),
        LimitKind::Fixed(10 * SECOND),
    ]
}

/// Whether the limit of every kind of service is learnt within two minutes, and then used to nineteen twentieths of it
/// with a refusal a minute at most.
async fn is_learnt(rate: f64, minutes: u32) {
    for kind in kinds(rate) {
        for tells in [true, false] {
            let service = Limited::new(Limiter::new(kind, rate), tells);
            let (learnt, end) = (2 * MINUTE, (2 + minutes) * MINUTE);
            service.work(end).await;
            let (share, refusals) = (service.share(learnt, end), service.refusals(learnt, end));
            let what = format!("{kind:?}, {rate} a second, tells: {tells}: {share:.3}, {refusals} refusals");
            assert!(share >= 0.95 && refusals <= minutes as usize, "{what}");
            let first = service.refusals(Duration::ZERO, learnt);
            assert!(first <= 30, "{what}, {first} until it was learnt");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_low_rate_is_learnt_and_used() {
    is_learnt(2.0, 15).await;
}

#[tokio::test(start_paused = true)]
async fn a_middling_rate_is_learnt_and_used() {
    is_learnt(7.0, 6).await;
}

#[tokio::test(start_paused = true)]
async fn a_high_rate_is_learnt_and_used() {
    is_learnt(50.0, 4).await;
}

#[tokio::test(start_paused = true)]
async fn no_rate_is_learnt_from_refusals_that_have_nothing_to_do_with_it() {
    // Each pause takes a second, so this is about what passes without a limit of the rate.
    for (share, least) in [(0.02, 12.0), (0.1, 4.0), (0.3, 1.5)] {
        let service = Limited::new(Limiter::new(LimitKind::Chance(share), 1.0), true);
        service.work(20 * MINUTE).await;
        let passed = service.share(Duration::ZERO, 20 * MINUTE);
        assert!(passed >= least, "{passed} a second, with {share} refused");
    }
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_falls_or_rises_is_followed() {
    for (kind, rate) in [(LimitKind::Bucket { tokens: 10.0 }, 10.0), (LimitKind::Sliding(SECOND), 10.0)] {
        let service = Limited::new(Limiter::new(kind, rate), true);
        let change = async {
            for rate in [5.0, 20.0] {
                sleep(10 * MINUTE).await;
                service.limiter.lock().rate = rate;
            }
        };
        tokio::join!(service.work(60 * MINUTE), change);
        service.limiter.lock().rate = 5.0;
        let low = service.share(12 * MINUTE, 20 * MINUTE);
        service.limiter.lock().rate = 20.0;
        let high = service.share(45 * MINUTE, 60 * MINUTE);
        let refusals = service.refusals(12 * MINUTE, 60 * MINUTE);
        assert!(low >= 0.9 && high >= 0.9, "{kind:?}: {low}, {high}");
        assert!(refusals <= 48, "{kind:?}: {refusals}");
    }
}

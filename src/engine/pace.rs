//! The rate that a service allows, learnt from when it asks to slow down.
//!
//! Between two refusals a service lets through what its limit allows, whether it counts in windows or fills a bucket:
//! what passed, divided by the time, pauses included, is a rate that it surely bears, and the rate at which it refused
//! is one that it does not. The limit lies between the two. Requests are spaced evenly at a rate in the lower part, which
//! moves halfway up each time it has held for a while, until it is so near to the refused one that nothing is to be
//! gained. From then on a higher rate is tried rarely, and ever more rarely as long as it is refused.
//!
//! A service may also refuse for reasons that have nothing to do with the rate, as one does that is overloaded. Then
//! slower requests are refused as well, and what was learnt is dropped for a while: pauses and fewer lanes have to do.
//!
//! All times are handed in, so that hours of a service's life are a moment in a test.

use std::time::Duration;

use tokio::time::Instant;

/// How near to the refused rate is near enough: with requests in a few lanes, windows of a second see one more or less
/// than the rate says, which is some per cent of what they allow.
const NEAR: f64 = 1.02;
/// What is left between the refused rate and the next one: answers do not take equally long.
const BELOW: f64 = 0.99;
/// What passed was counted, so only the ends of the stretch of time are unsure.
const SURE: f64 = 0.99;
/// By how much the rate grows at most in a step, as long as the refused one is far away: the first one is that of
/// a burst, which may be many times the limit.
const STRIDE: f64 = 1.25;
/// By how much a rate that is tried exceeds the refused one: enough to be refused soon if the limit is still there.
const TRIED: f64 = 1.01;
/// How far a rate that held for long falls at most when it is refused after a short time: by chance, rather than
/// because the limit fell.
const SLIP: f64 = 0.85;

/// How long a rate has to hold before the next step, at first: five windows of a second, the shortest that services use.
const FIRST_HOLD: Duration = Duration::from_secs(5);
/// The same when the limit is nearly found: a refusal a minute is what a service may be burdened with.
const LONG_HOLD: Duration = Duration::from_mins(1);
/// The longest hold for services that count in longer windows; those of a minute are the longest that are common.
const LONGEST_HOLD: Duration = Duration::from_secs(75);
/// When a higher rate is tried the first time; twice as long after each time that it was refused.
const FIRST_TRIAL: Duration = Duration::from_mins(5);
/// The longest time between two trials.
const LAST_TRIAL: Duration = Duration::from_mins(40);

/// Refusals that speak against a limit of the rate, after which it is given up. Of simulated services with such a limit
/// none causes more than two, unless it counts in minutes.
const DOUBTS: u32 = 3;
/// Requests that pass between two refusals at a rate near the limit, at least.
const FEW: u32 = 10;
/// A stretch of time and a number of requests over which a rate counts as borne.
const PROOF: Duration = Duration::from_secs(10);
const PROOF_REQUESTS: u32 = 20;
/// The share of a rate that was borne below which a refusal speaks against a limit.
const CONTRADICTION: f64 = 0.8;
/// How long nothing is learnt after a limit was given up; doubles each time.
const DEAF: Duration = Duration::from_mins(1);
/// How much of the last longest time without a request that passes is expected the next time.
const DRY_FADES: f64 = 0.8;
/// The slowest rate that is learnt, requests a second: one a minute.
const SLOWEST: f64 = 1.0 / 60.0;

/// The rate at which requests begin.
#[derive(Debug)]
pub(super) struct Pace {
    limit: Option<LearntLimit>,
    /// The requests since the last pause.
    stretch: Option<SendingStretch>,
    /// When the service refused, until it is known what passed before.
    refused: Option<Instant>,
    /// How long the service lets nothing through when it refuses, about.
    dry: Duration,
    dry_since: Option<Instant>,
    /// Refusals that speak against a limit of the rate, less those that speak for it.
    doubts: u32,
    /// How often a limit was given up, and until when none is learnt.
    given_up: u32,
    deaf_until: Option<Instant>,
}

/// What is known of the limit of a service.
#[derive(Debug)]
struct LearntLimit {
    /// Requests a second that are sent.
    rate: f64,
    /// The rate that was refused; infinite if it was borne since.
    refused: f64,
    /// The rate at the beginning of the stretch.
    first: f64,
    /// The highest rate that was borne for long.
    borne: f64,
    hold: Duration,
    /// Since when requests are sent at the rate.
    since: Instant,
    /// The rate to go back to if the one that is tried is refused.
    trial: Option<f64>,
    trial_after: Duration,
    /// The share by which the rate grows with the next step if no refused one is known.
    growth: f64,
}

/// Requests from one pause to the end of the next.
#[derive(Debug)]
struct SendingStretch {
    begin: Instant,
    passed: u32,
}

/// What a stretch tells that is over.
struct StretchFigures {
    /// What passed.
    passed: u32,
    /// Requests a second that passed, the pause included.
    borne: f64,
    /// When the service refused.
    refused: Instant,
    /// How long it had not.
    quiet: Duration,
    /// When requests pass again.
    now: Instant,
}

impl Pace {
    pub(super) fn new() -> Self {
        Self {
            limit: None,
            stretch: None,
            refused: None,
            dry: Duration::ZERO,
            dry_since: None,
            doubts: 0,
            given_up: 0,
            deaf_until: None,
        }
    }

    /// The rate that requests are held to, if one was learnt.
    pub(super) fn rate(&self) -> Option<f64> {
        self.limit.as_ref().map(|limit| limit.rate)
    }

    /// How long the service lets nothing through when it refuses, about.
    pub(super) fn dry(&self) -> Duration {
        self.dry
    }

    /// Counts a request that is sent, and says how long after it the next one may follow.
    pub(super) fn send(&mut self, now: Instant) -> Duration {
        if let Some(refused) = self.refused.take() {
            self.learn(refused, now);
        }
        if let Some(limit) = &mut self.limit {
            limit.step(now);
        }
        self.stretch.get_or_insert(SendingStretch { begin: now, passed: 0 }).passed += 1;
        let interval = self.rate().and_then(|rate| Duration::try_from_secs_f64(rate.recip()).ok());
        interval.unwrap_or_default()
    }

    /// Takes back a request that was counted: it was refused, or nobody knows.
    pub(super) fn not_passed(&mut self) {
        if let Some(stretch) = &mut self.stretch {
            stretch.passed = stretch.passed.saturating_sub(1);
        }
    }

    /// The service refuses, and a pause begins.
    pub(super) fn pause(&mut self, now: Instant) {
        self.refused.get_or_insert(now);
        self.dry_since.get_or_insert(now);
    }

    /// A request passed that was sent after the last pause, which ended at a time.
    pub(super) fn passed(&mut self, reopened: Option<Instant>) {
        if let (Some(since), Some(reopened)) = (self.dry_since.take(), reopened) {
            // A window that is nearly over when its limit is reached is dry for a moment only.
            let dry = reopened.saturating_duration_since(since);
            self.dry = dry.max(self.dry.mul_f64(DRY_FADES));
        }
    }

    /// Draws the lesson of a stretch that is over: the pause after a refusal has ended.
    fn learn(&mut self, refused: Instant, now: Instant) {
        let Some(stretch) = self.stretch.as_ref().filter(|stretch| stretch.passed > 0) else {
            // The service still refuses everything, so the stretch goes on.
            return;
        };
        let seconds = now.duration_since(stretch.begin).as_secs_f64().max(0.001);
        let evidence = StretchFigures {
            passed: stretch.passed,
            borne: f64::from(stretch.passed) / seconds,
            refused,
            quiet: refused.duration_since(stretch.begin),
            now,
        };
        self.stretch = Some(SendingStretch { begin: now, passed: 0 });
        if self.deaf_until.is_some_and(|until| now < until) {
            return;
        }
        // A service that counts in windows shows only after one of them what it thinks of a rate.
        let least = self.dry.mul_f64(1.2).clamp(FIRST_HOLD, LONGEST_HOLD);
        match &mut self.limit {
            None => self.limit = Some(LearntLimit::first(&evidence, least)),
            Some(limit) if limit.trial.is_some() => limit.give_up_trial(),
            Some(limit) => {
                let speaks_against = limit.contradicts(&evidence, self.dry);
                limit.narrow(&evidence, least);
                self.doubts = if speaks_against { self.doubts + 1 } else { self.doubts.saturating_sub(1) };
            }
        }
        if let Some(limit) = &mut self.limit {
            (limit.since, limit.first) = (now, limit.rate);
        }
        if self.doubts >= DOUBTS {
            self.limit = None;
            self.doubts = 0;
            self.deaf_until = Some(now + DEAF.saturating_mul(1 << self.given_up.min(5)));
            self.given_up += 1;
        }
    }
}

impl LearntLimit {
    /// What the first refusal tells.
    fn first(evidence: &StretchFigures, hold: Duration) -> Self {
        let burst = f64::from(evidence.passed) / evidence.quiet.as_secs_f64().max(0.05);
        let rate = (evidence.borne * SURE).max(SLOWEST);
        Self {
            rate,
            refused: burst.max(rate * TRIED),
            first: rate,
            borne: 0.0,
            hold,
            since: evidence.now,
            trial: None,
            trial_after: FIRST_TRIAL,
            growth: NEAR - 1.0,
        }
    }

    /// Raises the rate if it has held long enough.
    fn step(&mut self, now: Instant) {
        let held = now.saturating_duration_since(self.since);
        if held < self.hold {
            return;
        }
        if self.trial.take().is_some() {
            // The limit that was known is gone.
            (self.refused, self.growth) = (f64::INFINITY, NEAR - 1.0);
        }
        if self.refused.is_infinite() {
            self.rate *= 1.0 + self.growth;
            self.growth = (self.growth * 2.0).min(STRIDE - 1.0);
        } else if self.refused > self.rate * NEAR {
            self.rate = (self.rate * self.refused).sqrt().min(self.rate * STRIDE);
        } else if held >= self.trial_after {
            self.trial = Some(self.rate);
            self.rate = self.refused * TRIED;
        } else {
            return;
        }
        self.since = now;
    }

    /// A rate that was tried is refused: the one before holds, and is known to hold.
    fn give_up_trial(&mut self) {
        if let Some(before) = self.trial.take() {
            self.rate = before;
            self.trial_after = (self.trial_after * 2).min(LAST_TRIAL);
            self.hold = LONG_HOLD;
        }
    }

    /// Whether a refusal speaks against a limit of the rate: too soon, too early in number, or at a rate far below one
    /// that was borne for long. Where the service lets nothing through for seconds, it counts in windows, and what passes
    /// between two refusals says little.
    fn contradicts(&mut self, evidence: &StretchFigures, dry: Duration) -> bool {
        if evidence.quiet >= PROOF.max(dry * 2) && evidence.passed >= PROOF_REQUESTS {
            self.borne = self.borne.max(self.first);
        }
        let in_short_windows = dry < FIRST_HOLD;
        let early = evidence.quiet < FIRST_HOLD || evidence.passed < FEW;
        in_short_windows && early || self.rate < CONTRADICTION * self.borne
    }

    /// The limit lies between what passed and the rate that is refused now.
    fn narrow(&mut self, evidence: &StretchFigures, least_hold: Duration) {
        let since = evidence.refused.saturating_duration_since(self.since);
        self.refused = self.rate;
        let near = self.rate * BELOW;
        if since < self.hold && evidence.quiet < self.hold {
            // The rate is far too high; or, if it is known better, a little.
            let slip = if self.hold > 3 * FIRST_HOLD { self.rate * SLIP } else { 0.0 };
            self.rate = (evidence.borne * SURE).max(slip).min(near);
            self.hold = (self.hold / 3).max(least_hold);
        } else {
            self.rate = f64::midpoint(evidence.borne, self.rate).min(near);
            self.hold = (self.hold * 3).min(LONG_HOLD).max(least_hold);
        }
        self.rate = self.rate.max(SLOWEST);
    }
}

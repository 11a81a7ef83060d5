//! The gate of a host: the one line in which all requests to it wait, whatever engine and worker they are from.
//!
//! The first in the line alone looks whether the gate is open: whether a lane is free, no pause goes on, the rate allows
//! one more, and the service is not known to be out of order. Those behind it wait for their turn, first come, first
//! served. After trouble one request goes as a scout, and the others wait for what comes of it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Mutex as FairMutex, Notify};
use tokio::time::{Instant, sleep_until};

use super::breaker::Breaker;
use super::lanes::{Lanes, Strain};
use super::pace::Pace;

/// Time between two requests right after a pause, so that they do not all come at once.
const STAGGER: Duration = Duration::from_millis(20);
/// How long after a pause requests are staggered.
const RECOVERY: Duration = Duration::from_secs(1);
/// The longest time between two requests that a rate can ask for.
const LONGEST_INTERVAL: Duration = Duration::from_hours(1);
/// How late a request may be for the next one to keep its time nevertheless: timers are late by a millisecond or a few,
/// which at fifty requests a second would be a tenth of the rate.
const CATCH_UP: Duration = Duration::from_millis(5);

/// The gates of all hosts that engines talk to; engines with a host in common share one.
#[derive(Debug, Default)]
pub struct Gates(Mutex<HashMap<String, Arc<Gate>>>);

impl Gates {
    /// The gate of a host.
    pub(super) fn of(&self, host: String) -> Arc<Gate> {
        Arc::clone(self.0.lock().entry(host).or_insert_with(|| Arc::new(Gate::new(true))))
    }
}

/// The gate of a host.
#[derive(Debug)]
pub(super) struct Gate {
    /// Held by the first in the line; it is fair.
    first: FairMutex<()>,
    state: Mutex<GateState>,
    /// Wakes the first in the line when it may pass earlier than it had worked out.
    changed: Notify,
}

#[derive(Debug)]
struct GateState {
    lanes: Lanes,
    pace: Pace,
    breaker: Breaker,
    health: Health,
    /// The end of the last pause.
    reopens: Option<Instant>,
    /// When the next request may pass.
    next: Option<Instant>,
    /// Whether a scout is on its way.
    is_scouted: bool,
}

/// How a service does, seen over all requests.
#[derive(Debug, Clone, Copy)]
pub(super) struct Health {
    /// The last answer that was neither a failure nor a request to slow down, or the beginning.
    pub(super) last_answer: Instant,
    /// Whether there has been such an answer.
    pub(super) has_answered: bool,
    /// Requests that got no answer in time since then.
    pub(super) timeouts: u32,
    /// Batches that have failed since then.
    pub(super) failing: u32,
    /// The first request to slow down since then.
    pub(super) slowed_since: Option<Instant>,
    /// Pauses since a request passed that was sent after one.
    pauses: u32,
    /// Answers so far.
    answers: u64,
}

/// The right to send a request; its lane is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Passage<'a> {
    gate: &'a Gate,
    pub(super) sent: Instant,
    is_scout: bool,
}

/// The requests to slow down so far.
#[derive(Debug)]
pub(super) struct Refusals {
    /// Since when the service has done nothing else.
    pub(super) since: Instant,
    /// Pauses in a row after which nothing passed.
    pub(super) pauses: u32,
    /// How long they took together the last time.
    pub(super) dry: Duration,
}

/// What a request to slow down leads to.
#[derive(Debug)]
pub(super) struct AfterRefusal {
    /// The pause, if this one begins it.
    pub(super) pause: Option<Duration>,
    /// Since when the service has done nothing else.
    pub(super) since: Instant,
}

/// A request that failed, as far as the gate has to know.
#[derive(Debug)]
pub(super) struct FailedRequest<'a> {
    /// Why fewer are to be sent at once, if that helps.
    pub(super) strain: Option<Strain>,
    /// How long the service asks to wait.
    pub(super) asked: Option<Duration>,
    /// How long it is left alone if this is one failure too many, at first.
    pub(super) first_wait: Duration,
    /// The number of answers when its batch was counted as failing; updated.
    pub(super) counted: &'a mut Option<u64>,
}

/// What a failure leads to.
#[derive(Debug)]
pub(super) struct AfterFailure {
    /// How long nobody passes, if this failure is why.
    pub(super) rest: Option<Duration>,
    /// Scouts that have failed since the service counts as out of order.
    pub(super) scouts: u32,
    pub(super) health: Health,
}

/// Whether the first in the line may pass.
enum Turn {
    Now {
        is_scout: bool,
    },
    At(Instant),
    /// When something changes.
    Later,
}

/// Time between two requests at a rate; zero if there is none, or none that makes sense.
pub(super) fn interval_of(requests_per_second: Option<f64>) -> Duration {
    let interval = requests_per_second.and_then(|rate| Duration::try_from_secs_f64(rate.recip()).ok());
    interval.unwrap_or_default().min(LONGEST_INTERVAL)
}

impl Gate {
    /// A gate of a host, or the one of an engine on this machine, of which slowness says nothing.
    pub(super) fn new(has_host: bool) -> Self {
        let health = Health {
            last_answer: Instant::now(),
            has_answered: false,
            timeouts: 0,
            failing: 0,
            slowed_since: None,
            pauses: 0,
            answers: 0,
        };
        let state = GateState {
            lanes: Lanes::new(1, has_host),
            pace: Pace::new(),
            breaker: Breaker::default(),
            health,
            reopens: None,
            next: None,
            is_scouted: false,
        };
        Self { first: FairMutex::default(), state: Mutex::new(state), changed: Notify::new() }
    }

    /// Raises the number of requests that may be in flight at once; a lower number changes nothing.
    pub(super) fn allow(&self, concurrency: usize) {
        self.state.lock().lanes.allow(concurrency);
    }

    /// Waits in the line until a request may be sent; the next one follows after an interval at the earliest.
    pub(super) async fn pass(&self, interval: Duration) -> Passage<'_> {
        let _first = self.first.lock().await;
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // Registered before the look at the state, so that no change in between is missed.
            changed.as_mut().enable();
            let now = Instant::now();
            let turn = self.state.lock().turn(now, interval);
            match turn {
                Turn::Now { is_scout } => return Passage { gate: self, sent: now, is_scout },
                Turn::At(when) => tokio::select! {
                    () = sleep_until(when) => {}
                    () = changed => {}
                },
                Turn::Later => changed.await,
            }
        }
    }

    /// Changes the state, and lets the first in the line look at it.
    fn change<T>(&self, change: impl FnOnce(&mut GateState) -> T) -> T {
        let changed = change(&mut self.state.lock());
        self.changed.notify_waiters();
        changed
    }
}

impl Passage<'_> {
    /// The service did what it was asked for, or said why it does not.
    pub(super) fn answered(self) {
        let took = self.sent.elapsed();
        self.gate.change(|state| {
            state.lanes.answered(took);
            state.breaker.answered();
            state.passed(self.sent);
            state.health = Health {
                last_answer: Instant::now(),
                has_answered: true,
                timeouts: 0,
                failing: 0,
                slowed_since: None,
                pauses: state.health.pauses,
                answers: state.health.answers + 1,
            };
        });
    }

    /// The service asks to slow down. Nobody passes for as long as `pause` says; a pause that lasts longer goes on.
    pub(super) fn refused(self, pause: impl FnOnce(&Refusals) -> Option<Duration>) -> AfterRefusal {
        let now = Instant::now();
        self.gate.change(|state| {
            state.lanes.narrow(self.sent, Strain::Refusal);
            // It is alive.
            state.breaker.answered();
            state.pace.not_passed();
            let since = *state.health.slowed_since.get_or_insert(now);
            let Some(length) = pause(&Refusals { since, pauses: state.health.pauses, dry: state.pace.dry() })
            else {
                return AfterRefusal { pause: None, since };
            };
            // Requests of before the last pause say nothing about what came after it.
            let begins = state.reopens.is_none_or(|end| end <= now && self.sent >= end);
            if begins {
                state.health.pauses += 1;
                state.pace.pause(now);
            }
            if begins || state.reopens.is_some_and(|end| end > now) {
                state.reopens = state.reopens.max(Some(now + length));
            }
            AfterRefusal { pause: begins.then_some(length), since }
        })
    }

    /// The request failed.
    pub(super) fn failed(self, failure: FailedRequest<'_>) -> AfterFailure {
        let FailedRequest { strain, asked, first_wait, counted } = failure;
        self.gate.change(|state| {
            if let Some(strain) = strain {
                state.lanes.narrow(self.sent, strain);
            }
            let health = &mut state.health;
            health.timeouts += u32::from(strain == Some(Strain::Lateness));
            if *counted != Some(health.answers) {
                *counted = Some(health.answers);
                health.failing += 1;
            }
            let rest = state.breaker.failed(self.sent, first_wait, asked);
            AfterFailure { rest, scouts: state.breaker.failed_scouts(), health: *health }
        })
    }
}

impl Drop for Passage<'_> {
    fn drop(&mut self) {
        self.gate.change(|state| {
            state.lanes.leave();
            if self.is_scout {
                state.is_scouted = false;
            }
        });
    }
}

impl GateState {
    /// A request passed that was sent at some time.
    fn passed(&mut self, sent: Instant) {
        if self.reopens.is_none_or(|end| sent >= end) {
            self.health.pauses = 0;
            self.pace.passed(self.reopens);
        }
    }

    /// Lets a request pass, or says when to look again.
    fn turn(&mut self, now: Instant, interval: Duration) -> Turn {
        if self.is_scouted || !self.lanes.is_free() {
            return Turn::Later;
        }
        let scout_at = self.breaker.scout_at();
        let opens = [self.next, self.reopens, scout_at].into_iter().flatten().max();
        if let Some(opens) = opens.filter(|opens| *opens > now) {
            return Turn::At(opens);
        }
        let is_scout = scout_at.is_some() || self.health.pauses > 1;
        self.is_scouted = is_scout;
        self.lanes.take();
        let recovers = self.reopens.is_some_and(|end| now < end + RECOVERY);
        let stagger = if recovers { STAGGER } else { Duration::ZERO };
        let interval = interval.max(self.pace.send(now)).max(stagger);
        let due = self.next.map_or(now, |next| next.max(now.checked_sub(CATCH_UP).unwrap_or(now)));
        self.next = Some(due + interval);
        Turn::Now { is_scout }
    }
}

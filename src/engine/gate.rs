//! The gate that every request of an engine passes: one shared pause, and a rate.

use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::{Instant, sleep_until};

/// Time between two requests right after a pause, so that they do not all come at once.
const STAGGER: Duration = Duration::from_millis(20);
/// The longest time between two requests that a rate can ask for.
const LONGEST_INTERVAL: Duration = Duration::from_hours(1);
/// How long after a pause requests are staggered.
const RECOVERY: Duration = Duration::from_secs(1);

pub(super) struct Gate {
    /// Time between two requests; zero if there is no limit.
    interval: Duration,
    state: Mutex<GateState>,
}

#[derive(Default)]
struct GateState {
    /// The end of the last pause.
    reopens: Option<Instant>,
    /// When the next request may pass.
    next: Option<Instant>,
}

impl Gate {
    /// A gate for a rate; `None` lets any number of requests pass.
    pub(super) fn new(requests_per_second: Option<f64>) -> Self {
        let interval = requests_per_second.and_then(|rate| Duration::try_from_secs_f64(rate.recip()).ok());
        Self { interval: interval.unwrap_or_default().min(LONGEST_INTERVAL), state: Mutex::default() }
    }

    /// Waits until a request may be sent.
    pub(super) async fn pass(&self) {
        loop {
            sleep_until(self.take_turn()).await;
            if !self.is_paused() {
                return;
            }
        }
    }

    /// Nobody passes for that long; a pause that lasts longer goes on. `true` if this begins a pause.
    pub(super) fn pause(&self, length: Duration) -> bool {
        let now = Instant::now();
        let mut state = self.state.lock();
        let begins = state.reopens.is_none_or(|end| end <= now);
        let end = now + length;
        state.reopens = Some(state.reopens.map_or(end, |before| before.max(end)));
        begins
    }

    /// Whether nobody may pass at this moment.
    fn is_paused(&self) -> bool {
        self.state.lock().reopens.is_some_and(|end| end > Instant::now())
    }

    /// The moment at which the caller may pass, which is nobody else's.
    fn take_turn(&self) -> Instant {
        let mut state = self.state.lock();
        let turn = [state.next, state.reopens].into_iter().flatten().fold(Instant::now(), Instant::max);
        let recovering = state.reopens.is_some_and(|end| turn < end + RECOVERY);
        let interval = if recovering { self.interval.max(STAGGER) } else { self.interval };
        state.next = Some(turn + interval);
        turn
    }
}

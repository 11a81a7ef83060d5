//! The breaker: a service that fails one request after another is left alone for a while, then asked by one request.

use std::time::Duration;

use tokio::time::Instant;

/// Failures in a row, whatever requests they are of, that open the breaker: more than the attempts at one batch, since
/// the fault may lie in the batch.
const TRIP: u32 = 8;
/// The longest time between two scouts. One small request every few seconds burdens nobody, and a service that is back
/// is noticed soon.
const LONGEST: Duration = Duration::from_secs(8);

/// Whether a service counts as out of order.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    failures: u32,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    /// Until when nobody passes.
    until: Instant,
    /// Scouts that failed.
    scouts: u32,
}

impl Breaker {
    /// When the next scout may go; `None` if the service counts as in order.
    pub(super) fn scout_at(&self) -> Option<Instant> {
        self.open.as_ref().map(|open| open.until)
    }

    /// Scouts that have failed since it opened.
    pub(super) fn failed_scouts(&self) -> u32 {
        self.open.as_ref().map_or(0, |open| open.scouts)
    }

    /// Something came back from the service.
    pub(super) fn answered(&mut self) {
        *self = Self::default();
    }

    /// A request that was sent at some time failed; the service asks to wait so long, if it does. Gives back how
    /// long nobody passes, if that begins now.
    pub(super) fn failed(
        &mut self,
        sent: Instant,
        first_wait: Duration,
        asked: Option<Duration>,
    ) -> Option<Duration> {
        let now = Instant::now();
        self.failures += 1;
        let scouts = match &self.open {
            // It was on its way before.
            Some(open) if sent < open.until => return None,
            Some(open) => open.scouts + 1,
            None if self.failures < TRIP => return None,
            None => 0,
        };
        let wait = first_wait.saturating_mul(1 << scouts.min(20)).min(LONGEST).max(asked.unwrap_or_default());
        self.open = Some(Open { until: now + wait, scouts });
        Some(wait)
    }
}

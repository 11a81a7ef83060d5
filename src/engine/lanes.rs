//! How many requests are on their way to a host at once: fewer when it asks for that, when answers come too late, or
//! when they take longer than they did.

use std::time::Duration;

use tokio::time::Instant;

/// How many times longer than usual the answers of a round take if the service has too much to do. Answers of one service
/// differ by half, with the length of the texts; what takes twice as long waits for something.
const SLOWER: f64 = 2.0;
/// How much a round counts in what is usual: after ten rounds, what was slow is.
const ROUND_WEIGHT: f64 = 0.1;

/// Why fewer requests are sent at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strain {
    /// The service asks to slow down, or says that it is overloaded.
    Refusal,
    /// An answer came too late.
    Lateness,
}

impl Strain {
    /// The share of lanes that stay open. A refusal costs nothing, so little is lost if one more follows; what was late may
    /// have been paid for.
    fn share(self) -> f64 {
        match self {
            Self::Refusal => 0.7,
            Self::Lateness => 0.5,
        }
    }
}

/// The lanes that requests take.
#[derive(Debug)]
pub(super) struct Lanes {
    /// How many there are at most.
    most: usize,
    open: usize,
    taken: usize,
    /// When some were closed the last time.
    narrowed: Option<Instant>,
    round: Round,
    /// Whether slow answers mean that the other side has too much to do. A local engine has what its user gives it.
    heeds_slowness: bool,
    /// Seconds that answers usually take.
    usual: Option<f64>,
}

/// Answers since the number of lanes changed, or since all that are open had theirs.
#[derive(Debug, Default)]
struct Round {
    answers: usize,
    seconds: f64,
}

impl Lanes {
    pub(super) fn new(most: usize, heeds_slowness: bool) -> Self {
        let most = most.max(1);
        Self {
            most,
            open: most,
            taken: 0,
            narrowed: None,
            round: Round::default(),
            heeds_slowness,
            usual: None,
        }
    }

    /// Raises the number of lanes; a lower number changes nothing.
    pub(super) fn allow(&mut self, most: usize) {
        if most > self.most {
            self.open += most - self.most;
            self.most = most;
        }
    }

    /// Whether a lane is free.
    pub(super) fn is_free(&self) -> bool {
        self.taken < self.open
    }

    /// Takes a lane, which is [left](Self::leave) later.
    pub(super) fn take(&mut self) {
        self.taken += 1;
    }

    pub(super) fn leave(&mut self) {
        self.taken = self.taken.saturating_sub(1);
    }

    /// Closes lanes because of what became of a request that was sent at some time.
    ///
    /// Requests that were sent before lanes were closed the last time say nothing about what is left.
    pub(super) fn narrow(&mut self, sent: Instant, strain: Strain) {
        if self.narrowed.is_none_or(|narrowed| sent >= narrowed) {
            self.narrow_to(strain.share(), 1);
        }
    }

    /// Closes all but a share of the lanes and a least number.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn narrow_to(&mut self, share: f64, least: usize) {
        let open = (self.open as f64 * share) as usize;
        self.open = open.max(least).min(self.open);
        (self.narrowed, self.round) = (Some(Instant::now()), Round::default());
    }

    /// Counts an answer and the time it took; when all lanes that are open have had theirs, opens one more, or closes
    /// some if the answers took far longer than usual.
    #[expect(clippy::cast_precision_loss)]
    pub(super) fn answered(&mut self, took: Duration) {
        self.round.answers += 1;
        self.round.seconds += took.as_secs_f64();
        if self.round.answers < self.open {
            return;
        }
        let Round { answers, seconds } = std::mem::take(&mut self.round);
        let mean = seconds / answers as f64;
        let usual = *self.usual.get_or_insert(mean);
        self.usual = Some(usual + (mean - usual) * ROUND_WEIGHT);
        // Below the root of what its user allows, a service that is slow for reasons of its own is not left to starve.
        let least = self.most.isqrt();
        if self.heeds_slowness && mean > usual * SLOWER && self.open > least {
            self.narrow_to(Strain::Refusal.share(), least);
        } else if self.open < self.most {
            self.open += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICK: Duration = Duration::from_millis(200);

    /// Counts answers that took so long.
    fn answers(lanes: &mut Lanes, count: usize, took: Duration) {
        for _ in 0..count {
            lanes.answered(took);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn lanes_close_by_shares_and_open_one_by_one() {
        let mut lanes = Lanes::new(16, true);
        lanes.narrow(Instant::now(), Strain::Lateness);
        assert_eq!(lanes.open, 8);
        lanes.narrow(Instant::now(), Strain::Refusal);
        assert_eq!(lanes.open, 5);
        answers(&mut lanes, 5, TICK);
        assert_eq!(lanes.open, 6);
        answers(&mut lanes, 1_000, TICK);
        assert_eq!(lanes.open, 16, "never more than at the beginning");
        for _ in 0..9 {
            lanes.narrow(Instant::now(), Strain::Refusal);
        }
        assert_eq!(lanes.open, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn requests_of_one_moment_close_lanes_once() {
        let mut lanes = Lanes::new(16, true);
        let sent = Instant::now();
        tokio::time::advance(TICK).await;
        for _ in 0..16 {
            lanes.narrow(sent, Strain::Lateness);
        }
        assert_eq!(lanes.open, 8);
    }

    #[tokio::test(start_paused = true)]
    async fn lanes_that_are_taken_while_they_close_are_free_when_enough_are_left() {
        let mut lanes = Lanes::new(4, true);
        for _ in 0..4 {
            assert!(lanes.is_free());
            lanes.take();
        }
        lanes.narrow(Instant::now(), Strain::Lateness);
        lanes.leave();
        lanes.leave();
        assert!(!lanes.is_free(), "two are open, and both are taken");
        lanes.leave();
        assert!(lanes.is_free());
    }

    #[tokio::test(start_paused = true)]
    async fn answers_that_take_longer_close_lanes_until_they_are_usual() {
        let mut lanes = Lanes::new(16, true);
        answers(&mut lanes, 160, TICK);
        assert_eq!(lanes.open, 16);
        answers(&mut lanes, 32, 5 * TICK);
        assert!(lanes.open < 12, "{}", lanes.open);
        answers(&mut lanes, 2_000, 5 * TICK);
        assert_eq!(lanes.open, 16, "the service is slow for reasons of its own");
        let mut least = 16;
        for round in 0..40 {
            answers(&mut lanes, 4, TICK * (6 << (round / 4)));
            least = least.min(lanes.open);
        }
        assert_eq!(least, 4, "slowness alone leaves a few");
    }

    #[tokio::test(start_paused = true)]
    async fn a_local_engine_keeps_its_lanes_however_long_it_computes() {
        let mut lanes = Lanes::new(16, false);
        answers(&mut lanes, 160, TICK);
        answers(&mut lanes, 160, 100 * TICK);
        assert_eq!(lanes.open, 16);
    }

    #[test]
    fn another_profile_may_allow_more() {
        let mut lanes = Lanes::new(4, true);
        lanes.allow(16);
        lanes.allow(2);
        assert_eq!((lanes.most, lanes.open), (16, 16));
    }
}

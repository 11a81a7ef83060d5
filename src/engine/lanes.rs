//! How many requests of an engine are on their way at once: fewer when answers come too late.

use parking_lot::Mutex;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

/// The lanes that requests take.
pub(super) struct Lanes {
    free: Semaphore,
    /// How many there are at most.
    most: usize,
    state: Mutex<LaneState>,
}

struct LaneState {
    /// How many there are.
    open: usize,
    /// Lanes that close as soon as those who take them leave.
    closing: usize,
    /// When some were closed the last time.
    narrowed: Option<Instant>,
    /// Answers since the number of lanes changed.
    answers: usize,
}

/// A lane that is taken; free again when this is dropped.
pub(super) struct Lane<'a> {
    lanes: &'a Lanes,
    permit: Option<SemaphorePermit<'a>>,
}

impl Lanes {
    pub(super) fn new(most: usize) -> Self {
        let most = most.clamp(1, Semaphore::MAX_PERMITS);
        let state = LaneState { open: most, closing: 0, narrowed: None, answers: 0 };
        Self { free: Semaphore::new(most), most, state: Mutex::new(state) }
    }

    /// Waits for a free lane.
    pub(super) async fn enter(&self) -> Lane<'_> {
        // The semaphore is never closed.
        Lane { lanes: self, permit: self.free.acquire().await.ok() }
    }

    /// Closes half of the lanes because a request that was sent at some time was not answered.
    ///
    /// Requests that were sent before lanes were closed the last time say nothing about what is left.
    pub(super) fn narrow(&self, sent: Instant) {
        let mut state = self.state.lock();
        if state.narrowed.is_some_and(|narrowed| sent < narrowed) {
            return;
        }
        let open = (state.open / 2).max(1);
        let surplus = state.open - open;
        let closed = self.free.forget_permits(surplus);
        let closing = state.closing + surplus - closed;
        *state = LaneState { open, closing, narrowed: Some(Instant::now()), answers: 0 };
    }

    /// Counts an answer; opens one more lane when all that are open have had theirs.
    pub(super) fn widen(&self) {
        let mut state = self.state.lock();
        state.answers += 1;
        if state.open == self.most || state.answers < state.open {
            return;
        }
        state.open += 1;
        state.answers = 0;
        if state.closing > 0 {
            state.closing -= 1;
        } else {
            self.free.add_permits(1);
        }
    }
}

impl Drop for Lane<'_> {
    fn drop(&mut self) {
        let mut state = self.lanes.state.lock();
        if state.closing > 0
            && let Some(permit) = self.permit.take()
        {
            state.closing -= 1;
            permit.forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures::FutureExt;

    use super::*;

    /// Takes all lanes that are free.
    fn fill(lanes: &Lanes) -> Vec<Lane<'_>> {
        std::iter::from_fn(|| lanes.enter().now_or_never()).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn lanes_close_by_halves_and_open_one_by_one() {
        let lanes = Lanes::new(16);
        let mut taken = fill(&lanes);
        assert_eq!(taken.len(), 16);
        lanes.narrow(Instant::now());
        taken.truncate(8);
        assert!(fill(&lanes).is_empty(), "eight are still taken");
        taken.pop();
        assert_eq!(fill(&lanes).len(), 1);
        drop(taken);
        for _ in 0..8 {
            lanes.widen();
        }
        assert_eq!(fill(&lanes).len(), 9);
        for _ in 0..1_000 {
            lanes.widen();
        }
        assert_eq!(fill(&lanes).len(), 16, "never more than at the beginning");
    }

    #[tokio::test(start_paused = true)]
    async fn requests_of_one_moment_close_lanes_once() {
        let lanes = Lanes::new(16);
        let sent = Instant::now();
        tokio::time::advance(Duration::from_secs(1)).await;
        for _ in 0..16 {
            lanes.narrow(sent);
        }
        assert_eq!(fill(&lanes).len(), 8);
        for left in [4, 2, 1, 1] {
            lanes.narrow(Instant::now());
            assert_eq!(fill(&lanes).len(), left);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_lane_that_opens_again_while_it_is_taken_is_not_closed() {
        let lanes = Lanes::new(2);
        let taken = fill(&lanes);
        lanes.narrow(Instant::now());
        lanes.widen();
        drop(taken);
        assert_eq!(fill(&lanes).len(), 2);
    }
}

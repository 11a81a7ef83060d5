//! How long to wait for a service, learnt from answers that come too late.
//!
//! A request that is dropped is paid for all the same, so dropping it is the last resort. The first one
//! that takes too long is dropped, since it may be lost on its way; it shows how slow the service is at this
//! moment, and all others, on their way or still to be sent, are given the longer time at once.

use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::{Instant, timeout};

/// By how much the limit grows with a request that was dropped. If it doubled, a single request to a service
/// three times slower than its limit would be paid three times; so it is paid twice.
const GROWTH: u32 = 4;
/// How many times the first limit the longest one is: room for a service that is much slower than its user
/// thought, and short enough for one that hangs to be found out.
const LONGEST: u32 = 8;

/// The time that the answers of an engine are given; what was learnt lasts as long as the engine.
pub(super) struct Patience {
    /// How long a body may fall silent that has begun to come: whoever computes long does so before the first byte.
    idle: Duration,
    limit: Mutex<Duration>,
    longest: Duration,
}

impl Patience {
    /// Begins with a limit.
    pub(super) fn new(first: Duration) -> Self {
        Self { idle: first, limit: Mutex::new(first), longest: first.saturating_mul(LONGEST) }
    }

    /// Waits for an answer within the limit of the moment, which may grow meanwhile.
    ///
    /// # Errors
    /// How long was waited in vain.
    pub(super) async fn wait_for<T>(&self, answer: impl Future<Output = T>) -> Result<T, Duration> {
        let mut answer = std::pin::pin!(answer);
        let start = Instant::now();
        let mut limit = *self.limit.lock();
        loop {
            if let Ok(answer) = timeout(limit.saturating_sub(start.elapsed()), answer.as_mut()).await {
                return Ok(answer);
            }
            limit = self.longer(limit).ok_or(limit)?;
        }
    }

    /// Waits for the next piece of an answer that has begun to come. However much patience was learnt, a connection
    /// on which nothing moves is given up after the first limit.
    ///
    /// # Errors
    /// How long was waited in vain.
    pub(super) async fn wait_for_piece<T>(&self, piece: impl Future<Output = T>) -> Result<T, Duration> {
        timeout(self.idle, piece).await.map_err(|_| self.idle)
    }

    /// The limit of the moment, if it has grown since a request was given less; else it grows for all others.
    fn longer(&self, given: Duration) -> Option<Duration> {
        let mut limit = self.limit.lock();
        if *limit > given {
            return Some(*limit);
        }
        *limit = limit.saturating_mul(GROWTH).min(self.longest);
        None
    }
}

#[cfg(test)]
mod tests {
    use futures::future::{join_all, pending};
    use tokio::time::sleep;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn one_is_dropped_and_the_others_are_waited_for() {
        let patience = Patience::new(SECOND);
        let answers = join_all((0..16).map(|_| patience.wait_for(sleep(3 * SECOND)))).await;
        assert_eq!(answers.iter().filter(|answer| answer.is_err()).count(), 1);
        assert_eq!(patience.wait_for(sleep(3 * SECOND)).await, Ok(()), "what was learnt stays");
    }

    #[tokio::test(start_paused = true)]
    async fn the_limit_ends_somewhere() {
        let patience = Patience::new(SECOND);
        for seconds in [1, 4, 8, 8] {
            assert_eq!(patience.wait_for(pending::<()>()).await, Err(seconds * SECOND));
        }
        let start = Instant::now();
        let answers = join_all((0..4).map(|_| patience.wait_for(pending::<()>()))).await;
        assert!(answers.iter().all(Result::is_err));
        assert_eq!(start.elapsed().as_secs(), 8);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_falls_silent_is_given_up_and_one_that_drips_ends_with_the_limit() {
        let patience = Patience::new(SECOND);
        // It has learnt that answers take up to eight seconds.
        for _ in 0..3 {
            assert!(patience.wait_for(pending::<()>()).await.is_err());
        }
        let start = Instant::now();
        let silent = patience.wait_for(patience.wait_for_piece(pending::<()>())).await;
        assert_eq!((silent, start.elapsed()), (Ok(Err(SECOND)), SECOND));
        let start = Instant::now();
        let dripping =
            patience.wait_for(async { while patience.wait_for_piece(sleep(SECOND / 2)).await.is_ok() {} });
        assert_eq!((dripping.await, start.elapsed()), (Err(8 * SECOND), 8 * SECOND));
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_without_end_does_no_harm() {
        assert_eq!(Patience::new(Duration::MAX).wait_for(sleep(SECOND)).await, Ok(()));
    }
}

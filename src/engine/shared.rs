//! What engines of several processes have in common: a budget, and the pace at which a service may be asked.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

use super::error::EngineError;
use super::money::Money;

/// Characters of German, and what they cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Amount {
    pub characters: u64,
    pub cost: Money,
}

/// A budget that several processes spend together.
pub trait SharedBudget: Debug + Send + Sync {
    /// Sets aside the most that a request can cost. What is not settled stays spent.
    fn set_aside(&self, most: Amount) -> BoxFuture<'static, Result<BudgetAnswer, EngineError>>;

    /// Takes what a request did cost of what was set aside for it. Nobody waits for that.
    fn settle(&self, set_aside: Amount, spent: Amount);
}

/// What came of setting something aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BudgetAnswer {
    Granted,
    /// It may be granted when others know what their requests did cost.
    Later,
    /// There is not enough left; what is spent, as people read it.
    Exhausted(String),
}

/// The pace at which a service may be asked, whoever asks it.
pub trait SharedPace: Debug + Send + Sync {
    /// Reserves a time for the requests of a line; how long it is until it begins.
    fn reserve(&self, line: &str, length: Duration) -> BoxFuture<'static, Result<Duration, EngineError>>;

    /// Lets nobody of a line begin a request for some time. Nobody waits for that.
    fn pause(&self, line: &str, length: Duration);
}

/// For how long turns are reserved at once, so that a high rate does not cost a question for each request; and how long one
/// goes without a look whether there is a pause.
const AT_ONCE: Duration = Duration::from_millis(250);

/// The place of an engine in a line with those of other processes.
pub(super) struct SharedLine {
    pace: Arc<dyn SharedPace>,
    name: String,
    turns: Mutex<Turns>,
}

/// Turns that are reserved.
struct Turns {
    next: Instant,
    left: u32,
    /// When somebody looked for a pause last, where there is no rate.
    looked: Option<Instant>,
}

impl SharedLine {
    pub(super) fn new(pace: Arc<dyn SharedPace>, name: String) -> Self {
        let turns = Turns { next: Instant::now(), left: 0, looked: None };
        Self { pace, name, turns: Mutex::new(turns) }
    }

    /// Waits until a request may begin; the next one follows after an interval at the earliest.
    pub(super) async fn turn(&self, interval: Duration) -> Result<(), EngineError> {
        let at = {
            let mut turns = self.turns.lock().await;
            if interval.is_zero() {
                if turns.looked.is_none_or(|looked| looked.elapsed() >= AT_ONCE) {
                    let pause = self.pace.reserve(&self.name, Duration::ZERO).await?;
                    let now = Instant::now();
                    (turns.next, turns.looked) = (now + pause, Some(now));
                }
                turns.next
            } else {
                // What was not used in its time is gone: others have the time after it.
                let now = Instant::now();
                while turns.left > 0 && turns.next + interval <= now {
                    turns.next += interval;
                    turns.left -= 1;
                }
                if turns.left == 0 {
                    let count = at_once(interval);
                    let wait = self.pace.reserve(&self.name, interval * count).await?;
                    (turns.next, turns.left) = (Instant::now() + wait, count);
                }
                let at = turns.next;
                turns.next += interval;
                turns.left -= 1;
                at
            }
        };
        sleep_until(at).await;
        Ok(())
    }

    /// Holds back all requests of the line.
    pub(super) fn pause(&self, length: Duration) {
        self.pace.pause(&self.name, length);
    }
}

/// How many turns are reserved at once: as many as begin within a moment, and one at least.
fn at_once(interval: Duration) -> u32 {
    let turns = AT_ONCE.as_millis() / interval.as_millis().max(1);
    u32::try_from(turns).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;
    use futures::future::{join_all, ready};
    use parking_lot::Mutex as Lock;

    use super::*;

    /// A row that all processes see.
    #[derive(Debug)]
    struct OneRow {
        next: Lock<Instant>,
        asked: Lock<u32>,
    }

    impl SharedPace for OneRow {
        fn reserve(&self, _: &str, length: Duration) -> BoxFuture<'static, Result<Duration, EngineError>> {
            *self.asked.lock() += 1;
            let mut next = self.next.lock();
            let begin = (*next).max(Instant::now());
            *next = begin + length;
            ready(Ok(begin - Instant::now())).boxed()
        }

        fn pause(&self, _: &str, length: Duration) {
            let mut next = self.next.lock();
            *next = (*next).max(Instant::now() + length);
        }
    }

    fn row() -> Arc<OneRow> {
        Arc::new(OneRow { next: Lock::new(Instant::now()), asked: Lock::default() })
    }

    /// The moments at which requests of several processes begin, in milliseconds.
    async fn begins(row: &Arc<OneRow>, processes: usize, requests: usize, interval: Duration) -> Vec<u128> {
        let start = Instant::now();
        let line = || SharedLine::new(Arc::<OneRow>::clone(row), "host/profile".to_owned());
        let lines: Vec<SharedLine> = (0..processes).map(|_| line()).collect();
        let turns = lines.iter().flat_map(|line| {
            (0..requests).map(move |_| async move {
                line.turn(interval).await.unwrap();
                start.elapsed().as_millis()
            })
        });
        let mut begins = join_all(turns).await;
        begins.sort_unstable();
        begins
    }

    #[tokio::test(start_paused = true)]
    async fn processes_keep_one_pace_together_and_ask_for_it_in_batches() {
        let row = row();
        let begins = begins(&row, 4, 100, Duration::from_millis(10)).await;
        assert!(begins.windows(2).all(|two| two[1] - two[0] >= 9), "{begins:?}");
        assert!(begins[399] <= 4_000, "{}", begins[399]);
        assert!(*row.asked.lock() <= 20, "{}", row.asked.lock());
    }

    #[tokio::test(start_paused = true)]
    async fn a_time_that_was_not_used_is_gone() {
        let row = row();
        let line = SharedLine::new(Arc::<OneRow>::clone(&row), "host/profile".to_owned());
        let interval = Duration::from_millis(100);
        line.turn(interval).await.unwrap();
        tokio::time::advance(Duration::from_secs(10)).await;
        let other = begins(&row, 1, 2, interval).await;
        let start = Instant::now();
        line.turn(interval).await.unwrap();
        assert!(other[1] >= 99 && start.elapsed() >= Duration::from_millis(99), "{other:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_of_one_process_holds_the_others_back_with_a_rate_and_without() {
        for interval in [Duration::ZERO, Duration::from_millis(100)] {
            let row = row();
            let first = SharedLine::new(Arc::<OneRow>::clone(&row), "host/profile".to_owned());
            first.pause(Duration::from_secs(3));
            assert!(begins(&row, 2, 2, interval).await[0] >= 3_000);
        }
    }
}

//! What a run may spend, and what it has spent: nothing is sent that could cost more.
//!
//! Before a request goes out, the most that it can cost is set aside; when its answer is there, what it did cost is taken
//! from that, and the rest is free again. A request without an answer may have been charged, so what was set aside for it
//! counts as spent. Thus the purse is never emptied by more than it held, however many requests are on their way.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::sleep;

use super::error::EngineError;
use super::money::{Money, Prices};
use super::shared::{Amount, BudgetAnswer, SharedBudget};
use crate::model::Usage;

/// How often a budget of several processes is looked at while one waits for others: at first, and in the end.
const FIRST_LOOK: Duration = Duration::from_millis(50);
const LAST_LOOK: Duration = Duration::from_millis(500);

/// What a run may spend; `None` is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Allowance {
    /// Characters of German that are sent to services.
    pub characters: Option<u64>,
    pub cost: Option<Money>,
}

/// What was spent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    pub usage: Usage,
    /// By the prices of the profiles; nothing for those that state none.
    pub cost: Money,
    /// What comes on top if services charged for requests that they did not answer.
    pub unsure: Usage,
    pub unsure_cost: Money,
}

impl Spent {
    /// What came since an earlier moment.
    #[must_use]
    pub fn since(self, earlier: &Self) -> Self {
        Self {
            usage: self.usage.since(&earlier.usage),
            cost: self.cost.minus(earlier.cost),
            unsure: self.unsure.since(&earlier.unsure),
            unsure_cost: self.unsure_cost.minus(earlier.unsure_cost),
        }
    }
}

/// The purse of a run, which all its engines share.
#[derive(Debug, Default)]
pub struct Purse {
    allowance: Allowance,
    /// What the allowance is of, if other processes spend it, too.
    shared: Option<Arc<dyn SharedBudget>>,
    state: Mutex<PurseState>,
    /// Told whenever something that was set aside is free again, or spent.
    settled: Notify,
}

#[derive(Debug, Default)]
struct PurseState {
    spent: Spent,
    /// Requests on their way.
    underway: usize,
    set_aside: u64,
    set_aside_cost: Money,
}

/// What was set aside for a request. If it is dropped, nobody knows what the request cost.
#[derive(Debug)]
pub struct SetAside {
    purse: Arc<Purse>,
    prices: Option<Arc<Prices>>,
    most: Usage,
    is_settled: bool,
}

impl Purse {
    /// A purse with so much in it.
    #[must_use]
    pub fn new(allowance: Allowance) -> Arc<Self> {
        Arc::new(Self { allowance, ..Self::default() })
    }

    /// A purse that is filled from a budget of several processes.
    #[must_use]
    pub fn shared(budget: Arc<dyn SharedBudget>) -> Arc<Self> {
        Arc::new(Self { shared: Some(budget), ..Self::default() })
    }

    /// What was spent so far.
    #[must_use]
    pub fn spent(&self) -> Spent {
        self.state.lock().spent
    }

    /// Sets aside the most that a request can cost. Waits if that is free only when others have their answers.
    ///
    /// # Errors
    /// [`EngineError::Allowance`] if there is not enough left.
    pub async fn set_aside(
        self: &Arc<Self>,
        prices: Option<&Arc<Prices>>,
        most: Usage,
    ) -> Result<SetAside, EngineError> {
        let cost = cost(prices, &most);
        if let Some(shared) = &self.shared {
            self.set_aside_shared(shared.as_ref(), Amount { characters: most.characters, cost }).await?;
        }
        loop {
            // Listening begins before the look, so that nothing is missed in between.
            let settled = self.settled.notified();
            {
                let mut state = self.state.lock();
                if self.allows(&state, most.characters, cost, true) {
                    state.underway += 1;
                    state.set_aside = state.set_aside.saturating_add(most.characters);
                    state.set_aside_cost += cost;
                    let (purse, prices) = (Arc::clone(self), prices.cloned());
                    return Ok(SetAside { purse, prices, most, is_settled: false });
                }
                if state.underway == 0 || !self.allows(&state, most.characters, cost, false) {
                    return Err(EngineError::Allowance(self.describe(&state.spent)));
                }
            }
            settled.await;
        }
    }

    /// Sets aside the same of what several processes spend. Waits if that is free only when others have their answers, in
    /// this process or another one.
    async fn set_aside_shared(&self, shared: &dyn SharedBudget, most: Amount) -> Result<(), EngineError> {
        let mut pause = FIRST_LOOK;
        loop {
            let settled = self.settled.notified();
            match shared.set_aside(most).await? {
                BudgetAnswer::Granted => return Ok(()),
                BudgetAnswer::Exhausted(spent) => return Err(EngineError::Allowance(spent)),
                BudgetAnswer::Later => {
                    tokio::select! {
                        () = settled => {}
                        () = sleep(pause) => {}
                    }
                    pause = pause.mul_f64(1.5).min(LAST_LOOK);
                }
            }
        }
    }

    /// Whether so much more may be spent now, as far as this process knows.
    #[must_use]
    pub fn affords(&self, prices: Option<&Arc<Prices>>, most: &Usage) -> bool {
        self.allows(&self.state.lock(), most.characters, cost(prices, most), true)
    }

    /// Takes what was ordered by an earlier run, so that nothing was set aside for it in this one. It may be more than there is.
    pub fn charge(&self, prices: Option<&Arc<Prices>>, usage: Usage) {
        let cost = cost(prices, &usage);
        if let Some(shared) = &self.shared {
            shared.settle(Amount::default(), Amount { characters: usage.characters, cost });
        }
        let mut state = self.state.lock();
        state.spent.usage += usage;
        state.spent.cost += cost;
    }

    /// Whether so much more may be spent; with what is set aside for others, or after they took nothing of it.
    fn allows(&self, state: &PurseState, characters: u64, cost: Money, with_others: bool) -> bool {
        let spent = &state.spent;
        let (others, others_cost) =
            if with_others { (state.set_aside, state.set_aside_cost) } else { (0, Money::ZERO) };
        let all = [spent.unsure.characters, others, characters];
        let all = all.into_iter().fold(spent.usage.characters, u64::saturating_add);
        let all_cost = spent.cost + spent.unsure_cost + others_cost + cost;
        self.allowance.characters.is_none_or(|most| all <= most)
            && self.allowance.cost.is_none_or(|most| all_cost <= most)
    }

    fn describe(&self, spent: &Spent) -> String {
        let Allowance { characters, cost } = self.allowance;
        let unsure = |is_any: bool, amount: String| {
            if is_any {
                format!(", and up to {amount} for requests without an answer")
            } else {
                String::new()
            }
        };
        let characters = characters.map(|most| {
            let unsure = unsure(spent.unsure.characters > 0, spent.unsure.characters.to_string());
            format!("{} of {most} characters{unsure}", spent.usage.characters)
        });
        let cost = cost.map(|most| {
            let unsure = unsure(spent.unsure_cost > Money::ZERO, spent.unsure_cost.to_string());
            format!("{} of {most}{unsure}", spent.cost)
        });
        [cost, characters].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

impl SetAside {
    /// Takes what a request did cost.
    pub fn spend(mut self, usage: Usage) {
        let cost = cost(self.prices.as_ref(), &usage);
        self.settle(Amount { characters: usage.characters, cost }, |spent| {
            spent.usage += usage;
            spent.cost += cost;
        });
    }

    /// Gives all of it back: the request was not charged.
    pub fn give_back(mut self) {
        self.settle(Amount::default(), |_| {});
    }

    fn settle(&mut self, of: Amount, take: impl FnOnce(&mut Spent)) {
        if std::mem::replace(&mut self.is_settled, true) {
            return;
        }
        let most = Amount { characters: self.most.characters, cost: cost(self.prices.as_ref(), &self.most) };
        if let Some(shared) = &self.purse.shared {
            shared.settle(most, of);
        }
        let mut state = self.purse.state.lock();
        state.underway -= 1;
        state.set_aside = state.set_aside.saturating_sub(self.most.characters);
        state.set_aside_cost = state.set_aside_cost.minus(most.cost);
        take(&mut state.spent);
        drop(state);
        self.purse.settled.notify_waiters();
    }
}

impl Drop for SetAside {
    fn drop(&mut self) {
        let (most, cost) = (self.most, cost(self.prices.as_ref(), &self.most));
        self.settle(Amount { characters: most.characters, cost }, |spent| {
            spent.unsure += most;
            spent.unsure_cost += cost;
        });
    }
}

fn cost(prices: Option<&Arc<Prices>>, usage: &Usage) -> Money {
    prices.map_or(Money::ZERO, |prices| prices.cost(usage))
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use futures::future::join_all;
    use proptest::prelude::*;
    use tokio::task::yield_now;

    use super::*;

    fn limited(characters: u64) -> Arc<Purse> {
        Purse::new(Allowance { characters: Some(characters), cost: None })
    }

    async fn of(purse: &Arc<Purse>, characters: u64) -> Result<SetAside, EngineError> {
        purse.set_aside(None, Usage::of_characters(characters)).await
    }

    #[tokio::test]
    async fn a_request_waits_for_what_others_may_leave() {
        let purse = limited(10);
        let first = of(&purse, 7).await.unwrap();
        let mut second = Box::pin(of(&purse, 5));
        assert!((&mut second).now_or_never().is_none(), "five are free if the first one costs five");
        first.spend(Usage::of_characters(5));
        second.await.unwrap().give_back();
        assert_eq!(purse.spent().usage.characters, 5);
        let error = of(&purse, 6).await.unwrap_err();
        assert!(matches!(&error, EngineError::Allowance(text) if text == "5 of 10 characters"), "{error:?}");
        drop(of(&purse, 5).await.unwrap());
        assert_eq!(purse.spent().unsure.characters, 5, "nobody knows");
        assert!(of(&purse, 1).await.is_err());
        assert!(of(&purse, 0).await.is_ok());
    }

    #[tokio::test]
    async fn money_is_counted_by_the_prices_of_each() {
        let price = |characters: &str| {
            let characters = Some(characters.parse().unwrap());
            let currency = "EUR".parse().unwrap();
            Arc::new(Prices { currency, characters, input: None, cached: None, output: None, thinking: None })
        };
        let purse = Purse::new(Allowance { characters: None, cost: Some("1".parse().unwrap()) });
        let (dear, cheap) = (price("20"), price("10"));
        let usage = Usage::of_characters(40_000);
        purse.set_aside(Some(&dear), usage).await.unwrap().spend(usage);
        assert_eq!(purse.spent().cost, "0.8".parse().unwrap());
        assert!(purse.set_aside(Some(&dear), usage).await.is_err());
        assert!(purse.set_aside(Some(&cheap), Usage::of_characters(20_000)).await.is_ok());
    }

    proptest! {
        /// However requests come, end and are charged, no more is spent than there was.
        #[test]
        fn no_more_is_spent_than_there_was(
            most in 0..2_000_u64,
            requests in proptest::collection::vec((1..200_u64, 0..=100_u64, 0..4_u8, 0..5_usize), 0..60),
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let purse = limited(most);
            let request = |(characters, share, end, turns): (u64, u64, u8, usize)| {
                let purse = Arc::clone(&purse);
                async move {
                    let Ok(set_aside) = of(&purse, characters).await else { return 0 };
                    for _ in 0..turns {
                        yield_now().await;
                    }
                    let charged = characters * share / 100;
                    match end {
                        0 => set_aside.give_back(),
                        // Charged, and the answer is lost.
                        1 => { drop(set_aside); return charged; }
                        _ => { set_aside.spend(Usage::of_characters(charged)); return charged; }
                    }
                    0
                }
            };
            let charged: u64 = runtime.block_on(join_all(requests.into_iter().map(request))).into_iter().sum();
            prop_assert!(charged <= most);
            let Spent { usage, unsure, .. } = purse.spent();
            prop_assert!(usage.characters <= charged && charged <= usage.characters + unsure.characters);
            prop_assert!(usage.characters + unsure.characters <= most);
        }
    }
}

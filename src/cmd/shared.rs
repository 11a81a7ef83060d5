//! What runs share through the memory that they have in common: a budget, and the pace at which services are asked.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;

use super::failure::{Exit, Failure};
use crate::config::Settings;
use crate::engine::{Allowance, Amount, BudgetAnswer, EngineError, Money, Purse, SharedBudget, SharedPace};
use crate::memory::{PostgresMemory, SetAsideAnswer, SpentAmount};

/// The pace of the memory's users.
#[derive(Debug)]
pub(super) struct MemoryPace(pub(super) Arc<PostgresMemory>);

impl SharedPace for MemoryPace {
    fn reserve(&self, line: &str, length: Duration) -> BoxFuture<'static, Result<Duration, EngineError>> {
        let reserved = self.0.reserve_time(line.to_owned(), length);
        reserved.map(|reserved| reserved.map_err(|error| failed("the pace of requests", error))).boxed()
    }

    fn pause(&self, line: &str, length: Duration) {
        drop(self.0.pause_line(line.to_owned(), length));
    }
}

/// A budget in the memory.
#[derive(Debug)]
struct MemoryBudget {
    memory: Arc<PostgresMemory>,
    name: String,
    allowance: Allowance,
}

impl SharedBudget for MemoryBudget {
    fn set_aside(&self, most: Amount) -> BoxFuture<'static, Result<BudgetAnswer, EngineError>> {
        let Allowance { characters, cost } = self.allowance;
        // As much as the database counts.
        let limit = SpentAmount {
            characters: characters.unwrap_or(i64::MAX.unsigned_abs()),
            cost: cost.map_or(u128::MAX, Money::parts),
        };
        let name = self.name.clone();
        let answer = self.memory.set_aside(name.clone(), parts(most), limit);
        async move {
            Ok(match answer.await.map_err(|error| failed("the budget", error))? {
                SetAsideAnswer::Granted => BudgetAnswer::Granted,
                SetAsideAnswer::Later => BudgetAnswer::Later,
                SetAsideAnswer::Exhausted { spent } => {
                    let spent_cost = Money::of_parts(spent.cost);
                    let amounts = [
                        cost.map(|most| format!("{spent_cost} of {most}")),
                        characters.map(|most| format!("{} of {most} characters", spent.characters)),
                    ];
                    let amounts: Vec<String> = amounts.into_iter().flatten().collect();
                    BudgetAnswer::Exhausted(format!("{} of the budget {name}", amounts.join(", ")))
                }
            })
        }
        .boxed()
    }

    fn settle(&self, set_aside: Amount, spent: Amount) {
        // Whoever asks for something next hears of it if the memory fails; then all of it counts as spent.
        drop(self.memory.settle(self.name.clone(), parts(set_aside), parts(spent)));
    }
}

/// The purse of a run, which may be filled from a budget that runs share.
pub(super) fn purse(
    settings: &Settings,
    allowance: Allowance,
    memory: Option<&Arc<PostgresMemory>>,
) -> Result<Arc<Purse>, Failure> {
    let Some(name) = settings.translate.budget.as_ref().filter(|name| !name.is_empty()) else {
        return Ok(Purse::new(allowance));
    };
    if allowance == Allowance::default() {
        let message = format!("nothing says how much the budget {name} holds");
        return Err(
            Failure::new(Exit::Usage, message).hint("say it with --max-characters or --max-cost in each run")
        );
    }
    if settings.memory.url.is_none() {
        let message =
            format!("the budget {name} is shared with other runs, and the translation memory is not");
        return Err(Failure::new(Exit::Config, message)
            .hint("runs that spend a budget together share a memory: memory.url"));
    }
    let Some(memory) = memory else { return Ok(Purse::new(allowance)) };
    let (memory, name) = (Arc::clone(memory), name.clone());
    Ok(Purse::shared(Arc::new(MemoryBudget { memory, name, allowance })))
}

fn parts(amount: Amount) -> SpentAmount {
    SpentAmount { characters: amount.characters, cost: amount.cost.parts() }
}

fn failed(what: &str, error: crate::memory::MemoryError) -> EngineError {
    EngineError::broken(format!("{what} in the translation memory"), error)
}

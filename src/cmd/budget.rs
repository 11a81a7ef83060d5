//! What a run may spend.

use clap::Args;

use super::failure::{Exit, Failure};
use crate::engine::{Allowance, Money, Profile};

/// Flags that bound what is spent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Args)]
pub(super) struct BudgetArgs {
    /// Characters of German that the run may send to a service at most; it stops before the request that could exceed them
    #[arg(long, value_name = "N")]
    pub(super) max_characters: Option<u64>,
    /// What the run may cost at most, by the prices of the engine profile and in their currency; it stops before the
    /// request that could exceed it
    #[arg(long, value_name = "AMOUNT")]
    pub(super) max_cost: Option<Money>,
}

impl BudgetArgs {
    /// What may be spent in all.
    pub(super) fn total(self) -> Allowance {
        Allowance { characters: self.max_characters, cost: self.max_cost }
    }

    /// The same, unless nobody could say what an engine spends of it.
    pub(super) fn allowance(self, profile: &Profile) -> Result<Allowance, Failure> {
        let is_service = profile.options.service().is_some();
        if self.max_cost.is_some() && is_service && profile.prices.is_none() {
            let message = format!("{} has no prices, so nothing is known of what a run costs", profile.name);
            return Err(Failure::new(Exit::Config, message).hint(format!(
                "state in [engines.{}] what you pay, such as currency = \"EUR\" and price_characters = 20, or use \
                 --max-characters",
                profile.name
            )));
        }
        // What has no price would count as free.
        let unpriced = profile.prices.as_ref().filter(|_| self.max_cost.is_some()).and_then(|prices| {
            let by_tokens = profile.is_paid_by_tokens() && prices.characters.is_none();
            let missing = [("price_input", prices.input), ("price_output", prices.output)];
            missing.into_iter().find(|(_, price)| by_tokens && price.is_none())
        });
        if let Some((field, _)) = unpriced {
            let message = format!("{} has no {field}, so what a run costs is not known", profile.name);
            return Err(Failure::new(Exit::Config, message).hint(format!(
                "state {field} in [engines.{}], 0 if it costs nothing, or use --max-characters",
                profile.name
            )));
        }
        Ok(self.total())
    }
}

/// Refuses engines whose prices are in several currencies: what a run may cost is one amount.
pub(super) fn one_currency(profiles: &[&Profile]) -> Result<(), Failure> {
    let priced = || profiles.iter().filter_map(|profile| Some((&profile.name, profile.prices.as_ref()?)));
    let Some((first, one)) = priced().next() else { return Ok(()) };
    let other = priced().find(|(_, prices)| prices.currency != one.currency);
    other.map_or(Ok(()), |(name, prices)| {
        let (one, other) = (&one.currency, &prices.currency);
        let message = format!("the prices of {first} are in {one} and those of {name} in {other}");
        Err(Failure::new(Exit::Config, message)
            .hint("state the prices of all engines of a run in one currency"))
    })
}

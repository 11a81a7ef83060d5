//! What requests cost: exact amounts, and the prices that a profile states.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};
use std::str::FromStr;

use thiserror::Error;

use crate::model::Usage;

/// Decimals of an amount: a price for a million with six decimals is a whole number of them for one.
const DECIMALS: usize = 12;
/// Decimals of a price for a million.
const PRICE_DECIMALS: usize = 6;
/// The smallest parts of a currency unit.
const UNIT: u128 = 10_u128.pow(12);
/// Smallest parts in a ten thousandth, to which amounts are rounded when they are shown.
const SHOWN: u128 = 10_u128.pow(8);

/// An amount of money in one currency, exact.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Money(u128);

/// What is charged for a million characters or tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Price {
    /// For one of them.
    each: Money,
}

/// What something costs as a part of its usual price, such as 0.5.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriceFactor {
    millionths: u128,
}

/// Three letters of ISO 4217, such as `EUR`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Currency(String);

/// A text is no amount, price or currency.
#[derive(Debug, Clone, Copy, Error, PartialEq, Eq)]
pub enum MoneyError {
    #[error("is not an amount such as 5 or 2.50")]
    Amount,
    #[error("has more than six decimals")]
    Decimals,
    #[error("is not a currency of three letters, such as EUR")]
    Currency,
}

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Of so many millionths of a millionth of the currency.
    #[must_use]
    pub fn of_parts(parts: u128) -> Self {
        Self(parts)
    }

    /// In millionths of a millionth of the currency.
    #[must_use]
    pub fn parts(self) -> u128 {
        self.0
    }

    /// So many times the amount.
    #[must_use]
    pub fn times(self, count: u64) -> Self {
        Self(self.0.saturating_mul(count.into()))
    }

    /// The price per million when `count` units cost this amount; `None` if `count` is 0.
    #[must_use]
    pub fn per_million(self, count: u64) -> Option<Self> {
        self.0.saturating_mul(1_000_000).checked_div(count.into()).map(Self)
    }

    /// What is left without another amount; nothing if that is larger.
    pub(super) fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// Reads digits with a decimal point; `None` if there is anything else, or too many decimals.
    fn read(text: &str, decimals: usize) -> Result<Self, MoneyError> {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !is_number(whole) || !is_number(part) || text.ends_with('.') {
            return Err(MoneyError::Amount);
        }
        let part = part.trim_end_matches('0');
        if part.len() > decimals {
            return Err(MoneyError::Decimals);
        }
        format!("{whole}{part:0<DECIMALS$}").parse().map(Self).map_err(|_| MoneyError::Amount)
    }
}

impl FromStr for Money {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        Self::read(text, PRICE_DECIMALS)
    }
}

impl Add for Money {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

/// With two decimals, or four where two would hide something; what is smaller is rounded up, so that nothing costs less than
/// it says.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.div_ceil(SHOWN);
        let (whole, part) = (shown / (UNIT / SHOWN), shown % (UNIT / SHOWN));
        if part % 100 == 0 { write!(f, "{whole}.{:02}", part / 100) } else { write!(f, "{whole}.{part:04}") }
    }
}

impl FromStr for Price {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let Money(million) = Money::read(text, PRICE_DECIMALS)?;
        Ok(Self { each: Money(million / 1_000_000) })
    }
}

impl FromStr for PriceFactor {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let Money(whole) = Money::read(text, PRICE_DECIMALS)?;
        Ok(Self { millionths: whole / 10_u128.pow(6) })
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let is_code = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
        if is_code { Ok(Self(text.to_ascii_uppercase())) } else { Err(MoneyError::Currency) }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a service charges, as its user states it. What has no price costs nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prices {
    pub currency: Currency,
    pub characters: Option<Price>,
    pub input: Option<Price>,
    /// `None` takes that of `input`.
    pub cached: Option<Price>,
    pub output: Option<Price>,
    /// `None` takes that of `output`.
    pub thinking: Option<Price>,
}

impl Prices {
    /// The same prices by a factor, rounded up.
    #[must_use]
    pub fn by(&self, PriceFactor { millionths }: PriceFactor) -> Self {
        let of = |price: Option<Price>| {
            price.map(|Price { each: Money(each) }| Price {
                each: Money(each.saturating_mul(millionths).div_ceil(1_000_000)),
            })
        };
        Self {
            currency: self.currency.clone(),
            characters: of(self.characters),
            input: of(self.input),
            cached: of(self.cached),
            output: of(self.output),
            thinking: of(self.thinking),
        }
    }

    /// What something costs.
    #[must_use]
    pub fn cost(&self, usage: &Usage) -> Money {
        let of = |price: Option<Price>, count| price.map_or(Money::ZERO, |price| price.each.times(count));
        [
            of(self.characters, usage.characters),
            of(self.input, usage.input_tokens),
            of(self.cached.or(self.input), usage.cached_tokens),
            of(self.output, usage.output_tokens),
            of(self.thinking.or(self.output), usage.thinking_tokens),
        ]
        .into_iter()
        .sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn money(text: &str) -> Money {
        text.parse().unwrap()
    }

    #[test]
    fn amounts_are_read_and_shown() {
        for (text, shown) in [
            ("5", "5.00"),
            ("5.5", "5.50"),
            ("0.000001", "0.0001"),
            ("12.3456", "12.3456"),
            ("0", "0.00"),
            ("007.10", "7.10"),
        ] {
            assert_eq!(money(text).to_string(), shown, "{text}");
        }
        for text in ["", ".", "5.", ".5", "-1", "1e3", "5,00", " 5", "5 EUR", "+5"] {
            assert_eq!(text.parse::<Money>(), Err(MoneyError::Amount), "{text}");
        }
        assert_eq!("0.0000001".parse::<Money>(), Err(MoneyError::Decimals));
        assert_eq!("0.0000010".parse(), Ok(money("0.000001")), "zeros at the end say nothing");
    }

    #[test]
    fn what_is_used_has_its_price() {
        let price = |text: &str| Some(text.parse::<Price>().unwrap());
        let prices = Prices {
            currency: "eur".parse().unwrap(),
            characters: None,
            input: price("2"),
            cached: price("0.2"),
            output: price("10"),
            thinking: None,
        };
        let usage = Usage {
            characters: 1_000,
            input_tokens: 1_000_000,
            cached_tokens: 500_000,
            output_tokens: 100_000,
            thinking_tokens: 1,
        };
        assert_eq!(prices.cost(&usage), money("3.10001"));
        assert_eq!(prices.currency.to_string(), "EUR");
        let plain = Prices { cached: None, ..prices };
        assert_eq!(plain.cost(&Usage { cached_tokens: 1_000_000, ..Usage::default() }), money("2"));
        assert!("EURO".parse::<Currency>().is_err() && "€".parse::<Currency>().is_err());
    }

    proptest! {
        #[test]
        fn a_sum_of_costs_is_the_cost_of_the_sum(counts in proptest::collection::vec(0..1_000_000_u64, 0..20)) {
            let prices = Prices {
                currency: "USD".parse().unwrap(),
                characters: Some("25.000001".parse().unwrap()),
                input: None, cached: None, output: None, thinking: None,
            };
            let each: Money = counts.iter().map(|count| prices.cost(&Usage::of_characters(*count))).sum();
            prop_assert_eq!(each, prices.cost(&Usage::of_characters(counts.iter().sum())));
        }
    }
}

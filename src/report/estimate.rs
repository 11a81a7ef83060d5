//! What a dry run says of each article and of all: tables, or JSON objects.

use std::collections::BTreeMap;

use serde::Serialize;

use super::summary::{CostLine, EngineLine, NightLine, align, grouped, new_table, tokens};
use crate::engine::{Billing, EngineInfo, Money};
use crate::model::{ArticleId, Usage};
use crate::pipeline::Estimate;

/// The fewest columns for the names of articles, however narrow the terminal is.
const NAME: usize = 12;

/// What would be sent of an article, or of all, and what that uses and costs.
#[derive(Debug, Clone, Serialize)]
pub struct EstimateLine {
    /// `None` stands for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
    pub estimate: Estimate,
    /// What first questions use, of an engine that is paid by tokens; an estimate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// What that costs, where the profile has prices.
    pub cost: Option<CostLine>,
    /// The bound of the same, where it is another one: what a run with a limit sets aside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_most: Option<BoundLine>,
    /// What may come on top so that terms hold, at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub for_terms: Option<BoundLine>,
    #[serde(skip)]
    billing: Billing,
}

/// A bound of what requests use and cost.
#[derive(Debug, Clone, Serialize)]
pub struct BoundLine {
    pub usage: Usage,
    pub cost: Option<CostLine>,
}

/// What a dry run comes to, as an object.
#[derive(Debug, Clone, Serialize)]
pub struct DryRunSummary {
    dry_run: bool,
    pub engine: String,
    pub engines: Vec<EngineLine>,
    #[serde(flatten)]
    pub line: EstimateLine,
    /// Sentences that would change without being sent.
    pub changed: u64,
    /// What would go by batch jobs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<NightLine>,
}

impl EstimateLine {
    /// The line of an estimate for the engine of the run.
    #[must_use]
    pub fn new(article: Option<&ArticleId>, estimate: Estimate, engine: &EngineInfo) -> Self {
        let prices = engine.prices.as_ref();
        let cost =
            |usage: &Usage| prices.map(|prices| CostLine::new(prices.cost(usage), Money::ZERO, prices));
        let bound = |usage: Usage| BoundLine { usage, cost: cost(&usage) };
        let most = estimate.most.first().copied().unwrap_or_default();
        let (likely, highest) = (most.first.likely, most.first.most);
        Self {
            article: article.map(ToString::to_string),
            usage: (engine.billing == Billing::Tokens).then_some(likely),
            cost: cost(&likely),
            at_most: (likely != highest).then(|| bound(highest)),
            for_terms: (!most.again.is_nothing()).then(|| bound(most.again)),
            billing: engine.billing,
            estimate,
        }
    }

    /// What it uses, in the unit that is paid for.
    fn units(&self) -> u64 {
        self.usage.map_or(self.estimate.characters, |usage| usage.tokens())
    }

    /// The table that ends a dry run.
    #[must_use]
    pub fn table(&self, engine: &str) -> String {
        let estimate = &self.estimate;
        let mut table = new_table();
        let rows = [
            ("articles", estimate.articles),
            ("skipped", estimate.skipped),
            ("  not German", estimate.not_german),
            ("segments", estimate.segments),
            ("  to be sent", estimate.to_send),
            ("  reused", estimate.reused),
            ("  corrected", estimate.corrected),
            ("  kept", estimate.kept),
            ("  failed before", estimate.failed),
            ("  for the next engine", estimate.passed_on),
            ("characters to be sent", estimate.characters),
        ];
        // A line of its own only where there is something to say.
        let is_rare = |name: &str| {
            matches!(name, "  not German" | "  corrected" | "  failed before" | "  for the next engine")
        };
        for (name, value) in rows.into_iter().filter(|(name, value)| *value > 0 || !is_rare(name)) {
            table.add_row(vec![name.to_owned(), grouped(value)]);
        }
        let mut row = |name: &str, value: String| {
            table.add_row(vec![name.to_owned(), value]);
        };
        let bounds = [("  at most", &self.at_most), ("  for terms, at most", &self.for_terms)];
        let bounds = bounds.map(|(name, bound)| Some((name, bound.as_ref()?))).into_iter().flatten();
        if let Some(usage) = &self.usage {
            row("tokens, about", tokens(usage));
        } else {
            row("characters to be billed", grouped(estimate.billed_characters));
        }
        for (name, bound) in bounds.clone() {
            let is_of_tokens = self.usage.is_some();
            row(name, if is_of_tokens { tokens(&bound.usage) } else { grouped(bound.usage.characters) });
        }
        row("terms found", grouped(estimate.terms));
        if let Some(cost) = &self.cost {
            row(if self.usage.is_some() { "cost, about" } else { "cost" }, cost.to_string());
        }
        for (name, bound) in bounds {
            bound.cost.iter().for_each(|cost| row(name, cost.to_string()));
        }
        row("engine", engine.to_owned());
        align(&mut table, 1);
        format!("{table}")
    }
}

impl DryRunSummary {
    /// What a dry run comes to.
    #[must_use]
    pub fn new(engine: String, engines: Vec<EngineLine>, line: EstimateLine, changed: u64) -> Self {
        Self { dry_run: true, engine, engines, line, changed, batch: None }
    }
}

/// A row for each article. Names too long for the width of the terminal, in `columns`, lose their beginning.
#[must_use]
pub fn article_table(lines: &[EstimateLine], columns: Option<usize>) -> String {
    let unit = if lines.iter().any(|line| line.billing == Billing::Tokens) { "tokens" } else { "characters" };
    let has_cost = lines.iter().any(|line| line.cost.is_some());
    let mut rows =
        vec![vec!["article".to_owned(), "segments".to_owned(), "reused".to_owned(), unit.to_owned()]];
    rows[0].extend(has_cost.then(|| "cost".to_owned()));
    rows.extend(lines.iter().map(|line| {
        let figures = [line.estimate.segments, line.estimate.reused, line.units()];
        let name = line.article.clone().unwrap_or_default();
        let cost = line.cost.as_ref().map(ToString::to_string);
        [name].into_iter().chain(figures.map(grouped)).chain(cost).collect()
    }));
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    // A blank on both sides of each cell.
    let others: usize = (1..rows[0].len()).map(|column| width(column) + 2).sum();
    let room = columns.map(|columns| columns.saturating_sub(others + 2).max(NAME));
    let mut table = new_table();
    for mut row in rows {
        if let (Some(room), Some(name)) = (room, row.first_mut()) {
            *name = shortened(name, room);
        }
        table.add_row(row);
    }
    (1..5).for_each(|column| align(&mut table, column));
    format!("{table}")
}

/// The end of a name, which tells articles apart.
pub(super) fn shortened(name: &str, columns: usize) -> String {
    let over = name.chars().count().saturating_sub(columns);
    if over == 0 {
        return name.to_owned();
    }
    std::iter::once('…').chain(name.chars().skip(over + 1)).collect()
}

/// Puts what comes of single articles in the order of the inputs. It keeps no more than what comes early, which is no more
/// than what is under way at once.
#[derive(Debug)]
pub struct InputOrder<T> {
    next: u64,
    early: BTreeMap<u64, T>,
}

impl<T> Default for InputOrder<T> {
    fn default() -> Self {
        Self { next: 0, early: BTreeMap::new() }
    }
}

impl<T> InputOrder<T> {
    /// Takes what came of the article with a number, counted from 0.
    pub fn add(&mut self, number: u64, item: T) {
        self.early.insert(number, item);
    }

    /// What came of the next article, if it is there.
    pub fn take(&mut self) -> Option<T> {
        let item = self.early.remove(&self.next)?;
        self.next += 1;
        Some(item)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_long_name_keeps_its_end() {
        assert_eq!(shortened("a.txt", 5), "a.txt");
        assert_eq!(shortened("news/über.txt", 8), "…ber.txt");
    }

    proptest! {
        #[test]
        fn whatever_order_they_come_in_articles_leave_in_that_of_the_inputs(
            numbers in (0..40_u64).prop_flat_map(|count| Just((0..count).collect::<Vec<_>>()).prop_shuffle()),
        ) {
            let mut order = InputOrder::default();
            let mut out = Vec::new();
            for number in &numbers {
                order.add(*number, *number);
                out.extend(std::iter::from_fn(|| order.take()));
            }
            prop_assert!(order.early.is_empty());
            prop_assert_eq!(out, (0..numbers.len() as u64).collect::<Vec<_>>());
        }
    }
}

//! What an evaluation came to: tables for people, an object for programs.

use std::iter;

use comfy_table::Table;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use strum::VariantArray as _;

use super::estimate::shortened;
use super::summary::{align, counted, grouped, new_table};
use crate::score::{Confidence, Metric, SystemConfidence, SystemFigures, TermFigures};

/// Decimals of scores for programs: beyond these, mathematical libraries differ.
pub(super) const DECIMALS: usize = 10;

/// Decimals of shares.
pub(super) const DECIMALS_OF_SHARES: usize = 4;

/// Columns where there is no terminal to say how wide it is.
pub(super) const COLUMNS: usize = 60;

/// Columns of a name, however narrow the terminal.
const NAME: usize = 10;

/// A difference that is this likely to be chance is not taken for one.
pub(super) const SIGNIFICANT: f64 = 0.05;

/// What an evaluation came to.
#[derive(Debug)]
pub struct EvaluationReport {
    pub systems: Vec<SystemReport>,
    /// How each score was made.
    pub signatures: Vec<(Metric, String)>,
    /// What the corpus is divided by, if it is.
    pub by: Option<&'static str>,
    pub references: usize,
}

/// What one of the systems came to.
#[derive(Debug)]
pub struct SystemReport {
    /// Its file.
    pub name: String,
    pub figures: SystemFigures,
    pub confidence: Option<SystemConfidence>,
    /// Parts of the corpus by their names.
    pub groups: Vec<(String, SystemFigures)>,
}

impl Serialize for EvaluationReport {
    /// The figures of a system stand in the object itself; those of several ones in a list.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        match &self.systems[..] {
            [system] => system.put(&mut object)?,
            systems => {
                let named = systems.iter().map(NamedSystem).collect::<Vec<_>>();
                object.serialize_entry("systems", &named)?;
            }
        }
        object.serialize_entry("signature", &ByMetric(&self.signatures, String::clone))?;
        object.end()
    }
}

/// A system among several ones.
struct NamedSystem<'a>(&'a SystemReport);

impl Serialize for NamedSystem<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("system", &self.0.name)?;
        self.0.put(&mut object)?;
        object.end()
    }
}

impl SystemReport {
    pub(super) fn put<M: SerializeMap>(&self, object: &mut M) -> Result<(), M::Error> {
        put_figures(&self.figures, object)?;
        if let Some(SystemConfidence { intervals, p_values }) = &self.confidence {
            object.serialize_entry("confidence", &ByMetric(intervals, Interval::of))?;
            if !p_values.is_empty() {
                object.serialize_entry("p", &ByMetric(p_values, |p| rounded(*p, DECIMALS)))?;
            }
        }
        if !self.groups.is_empty() {
            let groups = self.groups.iter().map(|(name, figures)| NamedGroup { name, figures });
            object.serialize_entry("groups", &groups.collect::<Vec<_>>())?;
        }
        Ok(())
    }
}

/// A part of a corpus.
struct NamedGroup<'a> {
    name: &'a str,
    figures: &'a SystemFigures,
}

impl Serialize for NamedGroup<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("group", self.name)?;
        object.serialize_entry("segments", &self.figures.segments)?;
        put_figures(self.figures, &mut object)?;
        object.end()
    }
}

/// Puts every metric into an object, those that were not asked for as `null`, and the terms.
fn put_figures<M: SerializeMap>(figures: &SystemFigures, object: &mut M) -> Result<(), M::Error> {
    for metric in Metric::VARIANTS {
        let score = score(figures, *metric).map(|score| rounded(score, DECIMALS));
        object.serialize_entry(metric.as_str(), &score)?;
    }
    object.serialize_entry("terms", &figures.terms.as_ref().map(rounded_shares))
}

pub(super) fn score(figures: &SystemFigures, metric: Metric) -> Option<f64> {
    figures.scores.iter().find(|(own, _)| *own == metric).map(|(_, score)| *score)
}

/// Values by their metrics, as something else.
pub(super) struct ByMetric<'a, T, U>(pub(super) &'a [(Metric, T)], pub(super) fn(&T) -> U);

impl<T, U: Serialize> Serialize for ByMetric<'_, T, U> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(metric, value)| (metric.as_str(), (self.1)(value))))
    }
}

/// A confidence interval: `mean` ± `interval`.
#[derive(Serialize)]
struct Interval {
    mean: f64,
    interval: f64,
}

impl Interval {
    fn of(confidence: &Confidence) -> Self {
        let Confidence { mean, interval } = *confidence;
        Self { mean: rounded(mean, DECIMALS), interval: rounded(interval, DECIMALS) }
    }
}

fn rounded_shares(terms: &TermFigures) -> TermFigures {
    let share = |share: f64| rounded(share, DECIMALS_OF_SHARES);
    TermFigures {
        success: share(terms.success),
        exclusive: share(terms.exclusive),
        case_exact: share(terms.case_exact),
        rows_all_terms: share(terms.rows_all_terms),
        consistency: terms.consistency.map(share),
        predefined: terms.predefined.map(share),
        ..terms.clone()
    }
}

/// A number with no more decimals than some.
pub(super) fn rounded(number: f64, decimals: usize) -> f64 {
    format!("{number:.decimals$}").parse().unwrap_or(number)
}

impl EvaluationReport {
    /// The tables as text, fitted to a terminal of `columns` columns, or as wide as they are without one.
    #[must_use]
    pub fn tables(&self, columns: Option<usize>) -> String {
        let confidence = self.systems.iter().filter_map(|system| Some((system, system.confidence.as_ref()?)));
        let confidence: Vec<_> = confidence.collect();
        let mut parts = if confidence.is_empty() {
            vec![self.scores(columns)]
        } else {
            let metrics = self.signatures.iter().map(|(metric, _)| *metric);
            metrics.map(|metric| intervals(metric, &confidence, columns)).collect()
        };
        parts.extend(terms_table(self.systems.iter(), columns));
        for system in self.systems.iter().filter(|system| !system.groups.is_empty()) {
            let title = (self.systems.len() > 1).then_some(system.name.as_str());
            parts.push(self.groups(title, &system.groups, columns));
        }
        parts.push(self.remarks(columns));
        parts.join("\n\n")
    }

    /// A row for each system, a column for each metric.
    fn scores(&self, columns: Option<usize>) -> String {
        let metrics: Vec<Metric> = self.signatures.iter().map(|(metric, _)| *metric).collect();
        let head = iter::once("system".to_owned()).chain(metrics.iter().map(|metric| heading(*metric)));
        let row = |system: &SystemReport| {
            iter::once(system.name.clone()).chain(scores(&metrics, &system.figures)).collect()
        };
        table(iter::once(head.collect()).chain(self.systems.iter().map(row)), columns)
    }

    /// A row for each part of the corpus.
    fn groups(
        &self,
        title: Option<&str>,
        groups: &[(String, SystemFigures)],
        columns: Option<usize>,
    ) -> String {
        let metrics: Vec<Metric> = self.signatures.iter().map(|(metric, _)| *metric).collect();
        let head = [self.by.unwrap_or_default().to_owned(), "segments".to_owned()];
        let head = head.into_iter().chain(metrics.iter().map(|metric| heading(*metric))).collect();
        let rows = groups.iter().map(|(name, figures)| {
            let segments = grouped(figures.segments);
            [name.clone(), segments].into_iter().chain(scores(&metrics, figures)).collect()
        });
        let table = table(iter::once(head).chain(rows), columns);
        title.map_or(table.clone(), |title| format!(" {title}\n{table}"))
    }

    /// What the figures are of, how to read them, and how they were made.
    fn remarks(&self, columns: Option<usize>) -> String {
        let mut lines = Vec::new();
        if let Some(SystemReport { figures, .. }) = self.systems.first() {
            let terms =
                figures.terms.as_ref().map(|terms| format!(", {}", counted(terms.occurrences, "term")));
            let references = counted(self.references as u64, "reference");
            let segments = counted(figures.segments, "segment");
            lines.push(format!(" {segments}, {references}{}", terms.unwrap_or_default()));
        }
        lines.push(" ↑ higher is better, ↓ lower is better".to_owned());
        if self.systems.iter().any(|system| system.confidence.is_some()) {
            lines.push(" ±: where 95 of 100 random samples lie".to_owned());
        }
        if self.has_p_values() {
            lines.push(" p: how likely it is to differ as much from the".to_owned());
            lines.push(format!(" first system by chance; * below {SIGNIFICANT}"));
        }
        for (metric, signature) in &self.signatures {
            lines.extend(signature_lines(*metric, signature, columns));
        }
        lines.join("\n")
    }

    fn has_p_values(&self) -> bool {
        let confidence = self.systems.iter().filter_map(|system| system.confidence.as_ref());
        confidence.into_iter().any(|confidence| !confidence.p_values.is_empty())
    }
}

/// A metric with its direction.
pub(super) fn heading(metric: Metric) -> String {
    format!("{} {}", metric.title(), if metric.rises() { '↑' } else { '↓' })
}

pub(super) fn scores(metrics: &[Metric], figures: &SystemFigures) -> impl Iterator<Item = String> {
    metrics
        .iter()
        .map(|metric| score(figures, *metric).map_or_else(String::new, |score| format!("{score:.2}")))
}

/// A row for each system, a column for each figure of terms; `None` without terms.
pub(super) fn terms_table<'a>(
    systems: impl Iterator<Item = &'a SystemReport>,
    columns: Option<usize>,
) -> Option<String> {
    let share = |share: f64| format!("{share:.DECIMALS_OF_SHARES$}");
    let row = |system: &SystemReport| {
        let terms = system.figures.terms.as_ref()?;
        let consistency = terms.consistency.map_or_else(|| "–".to_owned(), share);
        let shares = [terms.success, terms.exclusive, terms.case_exact].map(share);
        Some(iter::once(system.name.clone()).chain(shares).chain([consistency]).collect())
    };
    let rows: Vec<Vec<String>> = systems.filter_map(row).collect();
    let head = ["terms ↑", "success", "exclusive", "case", "consistent"].map(str::to_owned).to_vec();
    (!rows.is_empty()).then(|| table(iter::once(head).chain(rows), columns))
}

/// A row for each system with its score by a metric, and how sure that is.
pub(super) fn intervals(
    metric: Metric,
    systems: &[(&SystemReport, &SystemConfidence)],
    columns: Option<usize>,
) -> String {
    let of =
        |values: &[(Metric, f64)]| values.iter().find(|(own, _)| *own == metric).map(|(_, value)| *value);
    let has_p_values = systems.iter().any(|(_, confidence)| !confidence.p_values.is_empty());
    let mut rows = vec![vec![heading(metric), "score".to_owned(), "mean ± 95%".to_owned()]];
    rows[0].extend(has_p_values.then(|| "p".to_owned()));
    for (system, SystemConfidence { intervals, p_values }) in systems {
        let interval = intervals.iter().find(|(own, _)| *own == metric).map(|(_, interval)| interval);
        let interval = interval.map(|Confidence { mean, interval }| format!("{mean:.2} ± {interval:.2}"));
        let mut row = vec![system.name.clone()];
        row.push(score(&system.figures, metric).map_or_else(String::new, |score| format!("{score:.2}")));
        row.push(interval.unwrap_or_default());
        let p = of(p_values).map(|p| format!("{p:.4}{}", if p < SIGNIFICANT { '*' } else { ' ' }));
        row.extend(has_p_values.then(|| p.unwrap_or_else(|| "–".to_owned())));
        rows.push(row);
    }
    table(rows, columns)
}

/// A table whose first column are names; those that are too long lose their beginning.
pub(super) fn table(rows: impl IntoIterator<Item = Vec<String>>, columns: Option<usize>) -> String {
    let mut rows: Vec<Vec<String>> = rows.into_iter().collect();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let count = rows.first().map_or(0, Vec::len);
    // A blank on both sides of each cell.
    let others: usize = (1..count).map(|column| width(column) + 2).sum();
    let room = columns.unwrap_or(COLUMNS).saturating_sub(others + 2).max(NAME);
    let mut table: Table = new_table();
    for mut row in rows.drain(..) {
        if let Some(name) = row.first_mut() {
            *name = shortened(name, room);
        }
        table.add_row(row);
    }
    (1..count).for_each(|column| align(&mut table, column));
    table.to_string()
}

/// The signature behind its metric, on as many lines as a terminal needs.
pub(super) fn signature_lines(metric: Metric, signature: &str, columns: Option<usize>) -> Vec<String> {
    let indent = " ".repeat(8);
    let mut lines = vec![format!(" {:<7}", metric.title())];
    for (at, part) in signature.split('|').enumerate() {
        let part = if at == 0 { part.to_owned() } else { format!("|{part}") };
        let last = lines.last().map_or(0, |line| line.chars().count());
        if last > indent.len() && last + part.len() > columns.unwrap_or(COLUMNS) {
            lines.push(indent.clone());
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(&part);
        }
    }
    lines
}

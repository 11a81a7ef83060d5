//! Which engine is right for a corpus: tables for people, an object for programs.

use std::collections::BTreeMap;
use std::iter;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::evaluation::{
    ByMetric, COLUMNS, DECIMALS, SIGNIFICANT, SystemReport, heading, intervals, rounded, scores,
    signature_lines, table, terms_table,
};
use super::summary::{CostLine, counted, grouped};
use crate::model::{Finding, FindingKind, ParallelDocument, Severity, Unit, Usage};
use crate::score::Metric;

/// Kinds of findings that are named for each engine.
const KINDS: usize = 5;

/// How some engines translate a sample of a corpus.
#[derive(Debug)]
pub struct EngineComparison {
    /// Segments of the sample, and how many it was taken from.
    pub segments: u64,
    pub of: u64,
    /// Characters of their German.
    pub characters: u64,
    pub references: usize,
    /// How each score was made; none without references.
    pub signatures: Vec<(Metric, String)>,
    /// With references, the best come first.
    pub engines: Vec<ComparedEngine>,
    /// Where they differ most.
    pub differing: Vec<DifferingSegment>,
}

/// What an engine came to.
#[derive(Debug)]
pub struct ComparedEngine {
    pub name: String,
    /// Where it is; `None` stands for this machine.
    pub host: Option<String>,
    pub caveat: Option<String>,
    pub effort: EngineEffort,
    /// Or why it was not evaluated.
    pub quality: Result<EngineQuality, String>,
}

/// How good the English of an engine is.
#[derive(Debug)]
pub struct EngineQuality {
    pub system: SystemReport,
    /// The mean chrF of its English against that of each of the others; `None` if it is the only one.
    pub agreement: Option<f64>,
    pub findings: FindingTally,
}

/// What checks found in the English of an engine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct FindingTally {
    pub errors: u64,
    pub warnings: u64,
    pub remarks: u64,
    /// Segments without a translation.
    pub failed: u64,
    /// Segments in which a number is not as in the German.
    pub segments_with_numbers: u64,
    /// Segments in which a name is not as in the German.
    pub segments_with_names: u64,
    pub kinds: BTreeMap<FindingKind, u64>,
}

/// What it took.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct EngineEffort {
    /// Segments that were sent, and those whose answers were in the memory.
    pub sent: u64,
    pub reused: u64,
    pub requests: u64,
    pub seconds: f64,
    /// What the service charges for; `None` if it charges for nothing.
    pub usage: Option<Usage>,
    /// What that costs, if its profile has prices.
    pub cost: Option<CostLine>,
    /// What a million characters of German cost at that rate.
    pub cost_per_million: Option<CostLine>,
}

/// A segment and what each engine made of it.
#[derive(Debug)]
pub struct DifferingSegment {
    pub german: String,
    pub references: Vec<String>,
    /// One of each engine that was evaluated, in their order.
    pub english: Vec<EngineVersion>,
}

/// The English of an engine for a segment.
#[derive(Debug, Clone, Default)]
pub struct EngineVersion {
    /// Empty if there is none.
    pub text: String,
    pub findings: Vec<Finding>,
}

impl FindingTally {
    /// Counts what was found in a segment.
    pub fn add(&mut self, document: &ParallelDocument) {
        let findings: Vec<Finding> =
            document.units().iter().flat_map(|unit| unit.findings().into_owned()).collect();
        let has = |kind| u64::from(findings.iter().any(|finding| finding.kind == kind));
        self.failed += u64::from(document.units().iter().any(|unit| matches!(unit, Unit::Failed { .. })));
        self.segments_with_numbers += has(FindingKind::Numbers);
        self.segments_with_names += has(FindingKind::Names);
        for finding in findings.iter().filter(|finding| finding.kind != FindingKind::Failed) {
            match finding.severity {
                Severity::Error => self.errors += 1,
                Severity::Warning => self.warnings += 1,
                Severity::Info => self.remarks += 1,
            }
            *self.kinds.entry(finding.kind).or_default() += 1;
        }
    }

    /// The most frequent kinds with their counts.
    pub(super) fn most_frequent(&self) -> Vec<(FindingKind, u64)> {
        let mut kinds: Vec<_> = self.kinds.iter().map(|(kind, count)| (*kind, *count)).collect();
        kinds.sort_by_key(|(kind, count)| (std::cmp::Reverse(*count), *kind));
        kinds.truncate(KINDS);
        kinds
    }
}

impl EngineEffort {
    /// Segments a second; `None` if nothing was sent.
    #[expect(clippy::cast_precision_loss, reason = "a rate is shown with one decimal")]
    pub(super) fn speed(&self) -> Option<f64> {
        (self.sent > 0 && self.seconds > 0.0).then(|| self.sent as f64 / self.seconds)
    }

    /// What was charged for, in its unit.
    pub(super) fn billed(&self) -> Option<String> {
        let usage = self.usage.as_ref()?;
        Some(match usage.tokens() {
            0 => counted(usage.characters, "character"),
            tokens => counted(tokens, "token"),
        })
    }
}

impl Serialize for EngineComparison {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("segments", &self.segments)?;
        object.serialize_entry("of", &self.of)?;
        object.serialize_entry("characters", &self.characters)?;
        object.serialize_entry("references", &self.references)?;
        object.serialize_entry("engines", &self.engines)?;
        object.serialize_entry("signature", &ByMetric(&self.signatures, String::clone))?;
        object.end()
    }
}

impl Serialize for ComparedEngine {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("engine", &self.name)?;
        object.serialize_entry("host", &self.host)?;
        object.serialize_entry("error", &self.quality.as_ref().err())?;
        if let Ok(EngineQuality { system, agreement, findings }) = &self.quality {
            system.put(&mut object)?;
            let agreement = agreement.map(|agreement| rounded(agreement, DECIMALS));
            object.serialize_entry("agreement", &agreement)?;
            object.serialize_entry("findings", findings)?;
        }
        object.serialize_entry("effort", &self.effort)?;
        object.end()
    }
}

impl EngineComparison {
    /// The engines that were evaluated.
    pub(super) fn evaluated(&self) -> impl Iterator<Item = (&ComparedEngine, &EngineQuality)> {
        self.engines.iter().filter_map(|engine| Some((engine, engine.quality.as_ref().ok()?)))
    }

    /// The metrics, in the order in which they count.
    pub(super) fn metrics(&self) -> Vec<Metric> {
        self.signatures.iter().map(|(metric, _)| *metric).collect()
    }

    /// The tables as text, fitted to a terminal of `columns` columns, or as wide as they are without one.
    #[must_use]
    pub fn tables(&self, columns: Option<usize>) -> String {
        let systems = || self.evaluated().map(|(_, quality)| &quality.system);
        let mut parts = Vec::new();
        if systems().next().is_some() {
            parts.extend(self.quality(columns));
            parts.extend(terms_table(systems(), columns));
            parts.push(self.findings(columns));
            parts.push(self.effort(columns));
            parts.extend(self.money(columns));
        }
        parts.push(self.remarks(columns));
        parts.join("\n\n")
    }

    /// The scores and how sure the first of them is, or how much engines agree.
    fn quality(&self, columns: Option<usize>) -> Vec<String> {
        let metrics = self.metrics();
        let Some(first) = metrics.first() else {
            let row = |(engine, quality): (&ComparedEngine, &EngineQuality)| {
                Some(vec![engine.name.clone(), format!("{:.2}", quality.agreement?)])
            };
            let rows: Vec<Vec<String>> = self.evaluated().filter_map(row).collect();
            let head = vec!["engine".to_owned(), "agreement ↑".to_owned()];
            let shown = (!rows.is_empty()).then(|| table(iter::once(head).chain(rows), columns));
            return shown.into_iter().collect();
        };
        let head = iter::once("engine".to_owned()).chain(metrics.iter().map(|metric| heading(*metric)));
        let row = |(engine, quality): (&ComparedEngine, &EngineQuality)| {
            iter::once(engine.name.clone()).chain(scores(&metrics, &quality.system.figures)).collect()
        };
        let all = table(iter::once(head.collect()).chain(self.evaluated().map(row)), columns);
        let sure = self.evaluated().filter_map(|(_, quality)| {
            let system = &quality.system;
            Some((system, system.confidence.as_ref()?))
        });
        vec![all, intervals(*first, &sure.collect::<Vec<_>>(), columns)]
    }

    fn findings(&self, columns: Option<usize>) -> String {
        let head = ["findings ↓", "errors", "warnings", "failed", "numbers", "names"].map(str::to_owned);
        let row = |(engine, quality): (&ComparedEngine, &EngineQuality)| {
            let FindingTally {
                errors,
                warnings,
                failed,
                segments_with_numbers: numbers,
                segments_with_names: names,
                ..
            } = &quality.findings;
            let counts = [errors, warnings, failed, numbers, names].map(|count| grouped(*count));
            iter::once(engine.name.clone()).chain(counts).collect()
        };
        let table = table(iter::once(head.to_vec()).chain(self.evaluated().map(row)), columns);
        let kinds = self.evaluated().filter_map(|(engine, quality)| {
            let kind = |(kind, count): (FindingKind, u64)| format!("{} {}", kind.as_str(), grouped(count));
            let kinds: Vec<String> = quality.findings.most_frequent().into_iter().map(kind).collect();
            (!kinds.is_empty()).then(|| folded(&format!("{}: {}", engine.name, kinds.join(", ")), columns))
        });
        iter::once(table).chain(kinds).collect::<Vec<_>>().join("\n")
    }

    fn effort(&self, columns: Option<usize>) -> String {
        let head = ["effort", "sent", "reused", "requests", "seconds", "per s"].map(str::to_owned);
        let row = |(engine, _): (&ComparedEngine, &EngineQuality)| {
            let EngineEffort { sent, reused, requests, seconds, .. } = engine.effort;
            let speed = engine.effort.speed().map_or_else(|| "–".to_owned(), |speed| format!("{speed:.1}"));
            let counts = [sent, reused, requests].map(grouped);
            iter::once(engine.name.clone()).chain(counts).chain([format!("{seconds:.1}"), speed]).collect()
        };
        table(iter::once(head.to_vec()).chain(self.evaluated().map(row)), columns)
    }

    /// What was charged; `None` if no engine charges anything.
    fn money(&self, columns: Option<usize>) -> Option<String> {
        let head = ["money ↓", "billed", "cost", "per million"].map(str::to_owned);
        let row = |(engine, _): (&ComparedEngine, &EngineQuality)| {
            let EngineEffort { cost, cost_per_million, .. } = &engine.effort;
            let money =
                |cost: &Option<CostLine>| cost.as_ref().map_or_else(|| "–".to_owned(), CostLine::to_string);
            let billed = engine.effort.billed().unwrap_or_else(|| "nothing".to_owned());
            vec![engine.name.clone(), billed, money(cost), money(cost_per_million)]
        };
        let is_billed = self.evaluated().any(|(engine, _)| engine.effort.usage.is_some());
        is_billed.then(|| table(iter::once(head.to_vec()).chain(self.evaluated().map(row)), columns))
    }

    /// What failed, what the figures are of, how to read them, and how they were made.
    fn remarks(&self, columns: Option<usize>) -> String {
        let mut lines = Vec::new();
        for engine in &self.engines {
            if let Err(reason) = &engine.quality {
                lines.push(folded(&format!("{} was not evaluated: {reason}", engine.name), columns));
            }
            if let Some(caveat) = &engine.caveat {
                lines.push(folded(&format!("{}: {caveat}", engine.name), columns));
            }
        }
        lines.push(folded(&self.sample(), columns));
        let mut say = |text: &str| lines.push(folded(text, columns));
        if self.evaluated().next().is_some() {
            say("numbers, names: segments in which one is not as in the German");
        }
        if self.signatures.is_empty() {
            if self.evaluated().count() > 1 {
                say("agreement: the mean chrF against each of the others");
            }
        } else {
            say("↑ higher is better, ↓ lower is better");
            say("±: where 95 of 100 random samples lie");
            if self.evaluated().count() > 1 {
                say(&format!(
                    "p: how likely it is to differ as much from the best by chance; * below {SIGNIFICANT}"
                ));
            }
        }
        if self.engines.iter().any(|engine| engine.effort.cost_per_million.is_some()) {
            say("per million: what a million characters of German cost");
        }
        for (metric, signature) in &self.signatures {
            lines.extend(signature_lines(*metric, signature, columns));
        }
        lines.join("\n")
    }

    /// What the figures are of.
    pub(super) fn sample(&self) -> String {
        let references = match self.references {
            0 => "no reference".to_owned(),
            references => counted(references as u64, "reference"),
        };
        let terms = self.evaluated().find_map(|(_, quality)| quality.system.figures.terms.as_ref());
        let terms =
            terms.map_or_else(String::new, |terms| format!(", {}", counted(terms.occurrences, "term")));
        let (segments, of) = (grouped(self.segments), counted(self.of, "segment"));
        format!("{segments} of {of}, {}, {references}{terms}", counted(self.characters, "character"))
    }
}

/// A text on lines of a terminal, those behind the first one indented.
fn folded(text: &str, columns: Option<usize>) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.last().map_or(0, |line| line.chars().count());
        let is_first = lines.last().is_some_and(String::is_empty);
        if !is_first && last + 1 + word.chars().count() > columns.unwrap_or(COLUMNS) {
            lines.push("  ".to_owned());
        }
        if let Some(line) = lines.last_mut() {
            line.push(' ');
            line.push_str(word);
        }
    }
    lines.join("\n")
}

//! The figures of a run.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::iter::Sum;
use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use crate::model::{BlockKind, FindingKind, Hold, ParallelDocument, RepairRule, Rung, Severity, Unit};

use super::prepare::Skip;

/// Terms of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TermCounts {
    /// Terms that were looked for in the English.
    pub found: u64,
    /// Of those, how many hold.
    pub held: u64,
    /// Held in the engine's first answer.
    pub native: u64,
    /// Held as a person wrote it.
    #[serde(skip_serializing_if = "is_zero")]
    pub correction: u64,
    /// Held in another translation that came with the first answer.
    #[serde(skip_serializing_if = "is_zero")]
    pub alternative: u64,
    /// Held after replacing words.
    pub repair: u64,
    /// Held after the term was sent in the sentence.
    pub inline: u64,
    /// Held after a token was sent in the term's place.
    pub placeholder: u64,
    /// How many of those that hold were put there by each rule, on whatever rung.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub rules: BTreeMap<RepairRule, u64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl TermCounts {
    /// Counts a term that holds.
    fn hold(&mut self, hold: &Hold) {
        self.held += 1;
        if let Some(rule) = hold.rule {
            *self.rules.entry(rule).or_default() += 1;
        }
        match hold.rung {
            Rung::Correction => self.correction += 1,
            Rung::Native => self.native += 1,
            Rung::Alternative => self.alternative += 1,
            Rung::Repair => self.repair += 1,
            Rung::Inline => self.inline += 1,
            Rung::Placeholder => self.placeholder += 1,
        }
    }
}

impl AddAssign for TermCounts {
    fn add_assign(&mut self, other: Self) {
        self.found += other.found;
        self.held += other.held;
        self.native += other.native;
        self.correction += other.correction;
        self.alternative += other.alternative;
        self.repair += other.repair;
        self.inline += other.inline;
        self.placeholder += other.placeholder;
        for (rule, terms) in other.rules {
            *self.rules.entry(rule).or_default() += terms;
        }
    }
}

/// The figures of an article or of a whole run; they add up.
///
/// `translated + reused + corrected + kept + failed + remaining` is `segments`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stats {
    /// Articles written.
    pub articles: u64,
    /// Articles that could not be read, or are not German.
    pub skipped: u64,
    /// Of those, articles that are not German.
    pub not_german: u64,
    /// Articles that a run left without files because it ended before its time.
    pub unfinished: u64,
    /// Segments of the articles that were translated, those without files included.
    pub segments: u64,
    /// Segments for which something was sent in this run.
    pub translated: u64,
    /// Segments whose answers were in the memory or shared with an equal segment.
    pub reused: u64,
    /// Segments whose English a person wrote.
    pub corrected: u64,
    /// Segments that were made by a weaker engine than that of the run, by the profile of the weaker one; with
    /// no weaker engine among its peers the run would translate them again.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub upgradable: BTreeMap<String, u64>,
    /// Segments that need no translation.
    pub kept: u64,
    /// Characters of the German that are left out of the English, by the kind of their blocks: furniture, metadata and attributes.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub left_out: BTreeMap<Cow<'static, str>, u64>,
    /// Segments that have no translation.
    pub failed: u64,
    /// Segments of unfinished articles that are still to be translated.
    pub remaining: u64,
    /// Segments that were chosen to be sent although the memory has an answer.
    pub again: u64,
    /// Characters the service charged.
    pub billed_characters: u64,
    /// Requests sent to the engine, retries included.
    pub requests: u64,
    /// Requests that were given up unanswered when the run ended before its time; the service may charge for them.
    pub abandoned: u64,
    /// Terms.
    pub terms: TermCounts,
    /// Findings of severity error, failed segments not counted.
    pub errors: u64,
    /// Findings of severity warning.
    pub warnings: u64,
    /// Findings of severity info.
    pub remarks: u64,
}

impl Stats {
    /// The figures of an article.
    pub(super) fn of(document: &ParallelDocument) -> Self {
        let mut stats = Self { articles: 1, ..Self::default() };
        let source = document.source();
        for (segment, unit) in source.segments().iter().zip(document.units()) {
            stats.segments += 1;
            let kind = source.kind(segment);
            match unit {
                Unit::Kept { .. } => {
                    stats.kept += 1;
                    if matches!(kind, BlockKind::Furniture | BlockKind::Metadata | BlockKind::Attribute) {
                        let characters = source.source(segment).chars().count() as u64;
                        *stats.left_out.entry(kind.as_str().into()).or_default() += characters;
                    }
                }
                Unit::Failed { .. } => stats.failed += 1,
                Unit::Translated(rendition) if rendition.translator.approval().is_some() => {
                    stats.corrected += 1;
                }
                Unit::Translated(rendition) if rendition.is_sent => stats.translated += 1,
                Unit::Translated(_) => stats.reused += 1,
            }
            if let Some(weaker) = unit.rendition().and_then(|rendition| rendition.weaker.as_ref()) {
                *stats.upgradable.entry(weaker.clone()).or_default() += 1;
            }
            for (_, hold) in unit.terms().filter(|(term, _)| term.is_required()) {
                stats.terms.found += 1;
                if let Some(hold) = hold {
                    stats.terms.hold(hold);
                }
            }
            for finding in unit.findings().iter() {
                match finding.severity {
                    Severity::Error if finding.kind != FindingKind::Failed => stats.errors += 1,
                    Severity::Error => {}
                    Severity::Warning => stats.warnings += 1,
                    Severity::Info => stats.remarks += 1,
                }
            }
        }
        stats
    }

    /// Counts an article that is left out.
    pub(super) fn skip(&mut self, reason: &Skip) {
        self.skipped += 1;
        self.not_german += u64::from(matches!(reason, Skip::Foreign(_)));
    }

    /// Segments that need not be sent again: their answers are in the memory, or they need none.
    #[must_use]
    pub fn saved(&self) -> u64 {
        self.translated + self.reused + self.corrected + self.kept
    }

    /// The figures of an article as the next run has them, which sends nothing for it.
    pub(super) fn sent_before(self) -> Self {
        Self { reused: self.reused + self.translated, translated: 0, again: 0, ..self }
    }

    /// The figures of articles whose files the run ended too early to write: only what is saved stays.
    pub(super) fn unfinished(self) -> Self {
        Self { unfinished: self.articles + self.unfinished, articles: 0, ..self.without_files() }
    }

    /// The figures of articles whose files could not be written.
    pub(super) fn unwritten(self) -> Self {
        Self { skipped: self.articles + self.skipped, articles: 0, ..self.without_files() }
    }

    /// What is said of written files only is left out: their terms and findings stand nowhere.
    fn without_files(self) -> Self {
        Self {
            upgradable: BTreeMap::new(),
            left_out: BTreeMap::new(),
            terms: TermCounts::default(),
            errors: 0,
            warnings: 0,
            remarks: 0,
            ..self
        }
    }
}

impl AddAssign for Stats {
    fn add_assign(&mut self, other: Self) {
        self.articles += other.articles;
        self.skipped += other.skipped;
        self.not_german += other.not_german;
        self.unfinished += other.unfinished;
        self.segments += other.segments;
        self.translated += other.translated;
        self.reused += other.reused;
        self.corrected += other.corrected;
        for (profile, segments) in other.upgradable {
            *self.upgradable.entry(profile).or_default() += segments;
        }
        self.kept += other.kept;
        for (kind, characters) in other.left_out {
            *self.left_out.entry(kind).or_default() += characters;
        }
        self.failed += other.failed;
        self.remaining += other.remaining;
        self.again += other.again;
        self.billed_characters = self.billed_characters.saturating_add(other.billed_characters);
        self.requests += other.requests;
        self.abandoned += other.abandoned;
        self.terms += other.terms;
        self.errors += other.errors;
        self.warnings += other.warnings;
        self.remarks += other.remarks;
    }
}

impl Sum for Stats {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::default(), |mut sum, part| {
            sum += part;
            sum
        })
    }
}

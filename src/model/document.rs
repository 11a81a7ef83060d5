//! The result: an article with its translation, segment by segment.

use std::borrow::Cow;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use super::{Alignment, Approval, Finding, FindingKind, RepairRule, SegmentedArticle, Severity, TermMatch};

/// What became of a segment.
///
/// The status says what the target *is*, not when it was made: a translation that an earlier run paid
/// for is `translated` in every file of every run, so files do not change from run to run. How many
/// were reused from the memory stands in the summary of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Status {
    /// An engine translated it, in this run or in an earlier one.
    Translated,
    /// It needs no translation: no words, metadata, furniture.
    Kept,
    /// No usable translation came back.
    Failed,
}

impl Status {
    /// The name used in files and output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The rung of the enforcement ladder whose answer holds a term, cheapest first; above them all what a person wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Rung {
    /// A person wrote or approved the English.
    Correction,
    /// The engine's first answer.
    Native,
    /// Another translation that came with the first answer.
    Alternative,
    /// Words of the answer were replaced.
    Repair,
    /// The segment was sent again with the English term in the German sentence.
    Inline,
    /// The segment was sent again with a token in the term's place.
    Placeholder,
}

impl Rung {
    /// The rungs that an engine's answers come from.
    pub const LADDER: [Self; 5] =
        [Self::Native, Self::Alternative, Self::Repair, Self::Inline, Self::Placeholder];

    /// The name used in files and output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// A term of a segment and where an English text renders it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermOutcome {
    /// The occurrence in the source.
    pub term: TermMatch,
    /// Bytes of the English; `None` if the term does not hold.
    pub held: Option<Range<usize>>,
}

impl TermOutcome {
    /// Whether the term must hold and does not.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.held.is_none() && self.term.is_required()
    }
}

/// How a term holds in the target of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Bytes of the target that render it.
    pub span: Range<usize>,
    /// The first rung whose answer held it.
    pub rung: Rung,
    /// The rule that put the rendering there; `None` if the engine wrote it.
    pub rule: Option<RepairRule>,
}

/// A term of a translated segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldTerm {
    /// The occurrence in the source.
    pub term: TermMatch,
    /// `None` if it does not hold.
    pub hold: Option<Hold>,
}

/// Who wrote the English of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Translator {
    /// The engine with this profile.
    Engine(String),
    Person(Approval),
}

impl Translator {
    /// The profile of the engine, if one wrote it.
    #[must_use]
    pub fn engine(&self) -> Option<&str> {
        match self {
            Self::Engine(profile) => Some(profile),
            Self::Person(_) => None,
        }
    }

    /// The approval of the person, if one wrote it.
    #[must_use]
    pub fn approval(&self) -> Option<&Approval> {
        match self {
            Self::Person(approval) => Some(approval),
            Self::Engine(_) => None,
        }
    }
}

impl HeldTerm {
    /// Whether the term must hold and does not.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.hold.is_none() && self.term.is_required()
    }
}

/// A translation and everything known about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendition {
    /// The English.
    pub target: String,
    pub translator: Translator,
    /// The rung whose answer was taken.
    pub rung: Rung,
    /// Which pieces of the target stand for which of the source, as far as the engine said.
    pub alignment: Option<Alignment>,
    /// What to know of all that its engine writes, if that is not fit for use as it is.
    pub caveat: Option<String>,
    /// The terms found in the source.
    pub terms: Vec<HeldTerm>,
    /// What the checks found.
    pub findings: Vec<Finding>,
    /// Whether something was sent for it in this run; files do not show it.
    pub is_sent: bool,
    /// The profile of a weaker engine than that of the run, if such a one wrote any of it; files do not show it.
    pub weaker: Option<String>,
}

impl Rendition {
    /// What the profile of an engine gave, of which nothing else is known.
    #[must_use]
    pub fn new(target: String, engine: &str) -> Self {
        Self {
            target,
            translator: Translator::Engine(engine.to_owned()),
            rung: Rung::Native,
            alignment: None,
            caveat: None,
            terms: Vec::new(),
            findings: Vec::new(),
            is_sent: false,
            weaker: None,
        }
    }
}

/// A translation unit: what became of one segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unit {
    /// An engine translated it.
    Translated(Rendition),
    /// It needs no translation.
    Kept {
        /// What stands for it on the English side.
        target: String,
    },
    /// No usable translation came back.
    Failed {
        /// Why, as a sentence for people.
        reason: String,
        /// The terms found in the source; none of them holds.
        terms: Vec<TermMatch>,
    },
}

impl Unit {
    /// What became of the segment.
    #[must_use]
    pub fn status(&self) -> Status {
        match self {
            Self::Translated(_) => Status::Translated,
            Self::Kept { .. } => Status::Kept,
            Self::Failed { .. } => Status::Failed,
        }
    }

    /// The translation, if an engine made one.
    #[must_use]
    pub fn rendition(&self) -> Option<&Rendition> {
        match self {
            Self::Translated(rendition) => Some(rendition),
            Self::Kept { .. } | Self::Failed { .. } => None,
        }
    }

    /// The English, or what is kept in its place; `None` if the segment failed.
    #[must_use]
    pub fn target(&self) -> Option<&str> {
        match self {
            Self::Translated(rendition) => Some(&rendition.target),
            Self::Kept { target } => Some(target),
            Self::Failed { .. } => None,
        }
    }

    /// The terms found in the source, and how they hold.
    pub fn terms(&self) -> impl Iterator<Item = (&TermMatch, Option<&Hold>)> {
        let (held, failed): (&[HeldTerm], &[TermMatch]) = match self {
            Self::Translated(rendition) => (&rendition.terms, &[]),
            Self::Kept { .. } => (&[], &[]),
            Self::Failed { terms, .. } => (&[], terms),
        };
        let held = held.iter().map(|term| (&term.term, term.hold.as_ref()));
        held.chain(failed.iter().map(|term| (term, None)))
    }

    /// What there is to report; that a segment failed is an error.
    #[must_use]
    pub fn findings(&self) -> Cow<'_, [Finding]> {
        match self {
            Self::Translated(rendition) => Cow::Borrowed(&rendition.findings),
            Self::Kept { .. } => Cow::Borrowed(&[]),
            Self::Failed { reason, .. } => {
                Cow::Owned(vec![Finding::new(FindingKind::Failed, Severity::Error, reason.clone())])
            }
        }
    }
}

/// A segmented article and its units, one for each segment in source order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParallelDocument {
    source: SegmentedArticle,
    units: Vec<Unit>,
}

impl ParallelDocument {
    /// Puts units to their segments.
    ///
    /// Returns `None` if there are not exactly as many units as segments.
    #[must_use]
    pub fn new(source: SegmentedArticle, units: Vec<Unit>) -> Option<Self> {
        (source.segments().len() == units.len()).then_some(Self { source, units })
    }

    /// The article and its units.
    #[must_use]
    pub fn into_parts(self) -> (SegmentedArticle, Vec<Unit>) {
        (self.source, self.units)
    }

    /// The German side.
    #[must_use]
    pub fn source(&self) -> &SegmentedArticle {
        &self.source
    }

    /// The units in source order.
    #[must_use]
    pub fn units(&self) -> &[Unit] {
        &self.units
    }

    /// The units, to be changed one by one.
    pub fn units_mut(&mut self) -> &mut [Unit] {
        &mut self.units
    }

    /// All findings with their sentences, in source order.
    #[must_use]
    pub fn findings(&self) -> Vec<SegmentFinding> {
        let segments = self.source.segments().iter().zip(&self.units).zip(1..);
        let findings = segments.flat_map(|((segment, unit), number)| {
            let (source, target) = (self.source.source(segment), unit.target());
            let findings = unit.findings().into_owned().into_iter();
            findings.map(move |finding| SegmentFinding {
                segment: number,
                finding,
                source: source.to_owned(),
                target: target.map(str::to_owned),
            })
        });
        findings.collect()
    }
}

/// A finding with the segment that it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentFinding {
    /// The number of the segment, counted from 1.
    pub segment: usize,
    pub finding: Finding,
    /// The German of the segment.
    pub source: String,
    /// Its English, if it has any.
    pub target: Option<String>,
}

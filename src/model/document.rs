//! The result: an article with its translation, segment by segment.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{Alignment, Finding, SegmentedArticle, TermMatch};

/// What became of a segment.
///
/// The status says what the target *is*, not when it was made: a translation that an earlier run paid
/// for is `translated` in every file of every run, so files do not change from run to run. How many
/// came out of the memory is told by the summary of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// An engine translated it, in this run or in an earlier one.
    Translated,
    /// It needs no translation: no words, metadata, furniture.
    Kept,
    /// No translation could be had.
    Failed,
}

impl Status {
    /// The name used in files and output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Translated => "translated",
            Self::Kept => "kept",
            Self::Failed => "failed",
        }
    }
}

/// The rung of the enforcement ladder on which a term came to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rung {
    /// The engine's first answer.
    Native,
    /// Words of the answer were replaced.
    Repair,
    /// The segment was sent again with the English term in the German sentence.
    Inline,
    /// The segment was sent again with a token in the term's place.
    Placeholder,
}

impl Rung {
    /// All rungs, cheapest first.
    pub const ALL: [Self; 4] = [Self::Native, Self::Repair, Self::Inline, Self::Placeholder];

    /// The name used in files and output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Repair => "repair",
            Self::Inline => "inline",
            Self::Placeholder => "placeholder",
        }
    }
}

/// A term of a segment and whether it holds in the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermOutcome {
    /// The occurrence in the source.
    pub term: TermMatch,
    /// The bytes of the target that render it; `None` if the term does not hold.
    pub held: Option<Range<usize>>,
}

/// A translation unit: one segment with everything known about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// What became of it.
    pub status: Status,
    /// The English; `None` exactly if the status is [`Status::Failed`].
    pub target: Option<String>,
    /// The profile of the engine that made the target; `None` if none did.
    pub engine: Option<String>,
    /// The rung whose answer was taken; `None` if no engine was asked.
    pub rung: Option<Rung>,
    /// Which words of the target stand for which words of the source, as far as the engine told.
    pub alignment: Option<Alignment>,
    /// The terms found in the source.
    pub terms: Vec<TermOutcome>,
    /// What the checks have to say.
    pub findings: Vec<Finding>,
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
}

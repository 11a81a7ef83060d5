//! What a check has to say about a translation.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// How bad a finding is.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Probably wrong.
    Warning,
    /// Wrong: exit code 1.
    Error,
}

impl Severity {
    /// The name used in files and output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// What a finding is about; the names stand in files and must not change.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum FindingKind {
    /// A glossary term does not stand in the target.
    TermNotHeld,
    /// A number of the source is missing in the target or was added.
    Numbers,
    /// A name of the source is missing in the target or was added.
    Names,
    /// A negation was lost or added.
    Negation,
    /// *von … auf …* was turned around.
    Direction,
    /// The target is much longer or shorter than the source makes likely.
    Length,
    /// The target is the German text.
    Untranslated,
    /// A word of the source was left in the target.
    LeftGerman,
    /// The target is empty.
    Empty,
    /// A sentence was lost or added.
    Sentences,
    /// Words are repeated over and over, or a word stands twice.
    Repetition,
    /// Quotation marks were dropped, or do not belong together.
    Quotes,
    /// A sentence lost its end mark, or a heading got one.
    EndMark,
    /// Brackets were dropped, or do not belong together.
    Brackets,
    /// An address of the web or of mail, a name or a tag of a network is not as it was.
    Links,
    /// A word is spelt as in the other variety of English.
    Spelling,
    /// The same source is rendered in two ways, or two sources in one.
    Consistency,
    /// The engine cut something off its answer: a loop, a runaway, words around the translation.
    Cut,
    /// Characters that are not English were taken out of the answer.
    Tidied,
    /// Markup of the source has no words in the target.
    Markup,
    /// The segment could not be translated.
    Failed,
}

impl FindingKind {
    /// The name used in files and output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// One remark of a check about one segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What it is about.
    pub kind: FindingKind,
    /// How bad it is.
    pub severity: Severity,
    /// A sentence for people.
    pub message: String,
    /// The place in the source text of the segment, in bytes, where there is one.
    pub source: Option<Range<usize>>,
    /// The place in the English, in bytes, where that is known.
    pub target: Option<Range<usize>>,
    /// What should stand at that place, or somewhere in the English if there is no place, where that is known.
    pub should: Option<String>,
}

impl Finding {
    /// A remark about the segment as a whole.
    pub fn new(kind: FindingKind, severity: Severity, message: impl Into<String>) -> Self {
        Self { kind, severity, message: message.into(), source: None, target: None, should: None }
    }

    /// What stands at its place in the English, where that is known.
    #[must_use]
    pub fn stands<'a>(&self, english: &'a str) -> Option<&'a str> {
        english.get(self.target.clone()?)
    }
}

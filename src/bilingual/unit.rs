//! What bilingual files hold: a source, its target, and what is known of them.

use strum::{EnumString, IntoStaticStr, VariantArray};

use super::text::BilingualText;
use crate::model::{ArticleId, BlockKind, FindingKind, Neighbours, Severity, Timestamp};

/// How far a unit has come. The states of all formats and tools are one of these.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase")]
pub enum UnitState {
    /// There is no target, or none that counts.
    #[default]
    Initial,
    /// There is a target that nobody has approved.
    Translated,
    /// A person approved the target.
    Approved,
    /// It needs no translation.
    Kept,
}

impl UnitState {
    /// The name used in files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// Where a unit stands in its article, in files of wortlaut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitBlock {
    /// Counted from 1.
    pub number: usize,
    pub kind: BlockKind,
}

/// A remark about a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitNote {
    pub text: String,
    /// What it is about, if it is a finding.
    pub finding: Option<FindingMark>,
}

/// What a finding is about, and how bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FindingMark {
    pub kind: FindingKind,
    pub severity: Severity,
}

/// A glossary term in a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitTerm {
    pub source: String,
    pub target: String,
    pub is_held: bool,
}

/// What stands between the two sides of a term.
const ARROW: &str = " → ";

impl UnitTerm {
    /// Both sides in one text, for formats without a place for each: `Rakete → rocket`.
    pub(super) fn phrase(&self) -> String {
        format!("{}{ARROW}{}", self.source, self.target)
    }

    pub(super) fn of_phrase(phrase: &str, is_held: bool) -> Option<Self> {
        let (source, target) = phrase.split_once(ARROW)?;
        Some(Self { source: source.to_owned(), target: target.to_owned(), is_held })
    }
}

/// One unit of a bilingual file: German, English, and what is known of them. What a file does not say is empty or `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BilingualUnit {
    /// Its name in its file.
    pub id: String,
    pub article: Option<ArticleId>,
    /// The number of its segment in the article, counted from 1.
    pub segment: Option<usize>,
    pub block: Option<UnitBlock>,
    /// What stands in the article between the segment before and this one, and behind the last one.
    pub before: String,
    pub after: String,
    pub source: BilingualText,
    /// `None` if the file has none, or an empty one.
    pub target: Option<BilingualText>,
    pub state: UnitState,
    /// Who made or last changed the target.
    pub by: Option<String>,
    /// When.
    pub at: Option<Timestamp>,
    pub context: Neighbours,
    pub notes: Vec<UnitNote>,
    pub terms: Vec<UnitTerm>,
    /// All else that has a name and a value, in order: the properties of TMX, the fields of a corpus record.
    pub fields: Vec<(String, String)>,
    /// The line of the file that it begins on, counted from 1; 0 if it comes from no file.
    pub line: usize,
}

impl BilingualUnit {
    /// A unit of which nothing but its texts and its state is known.
    #[must_use]
    pub fn new(source: BilingualText, target: Option<BilingualText>, state: UnitState) -> Self {
        Self { source, target, state, ..Self::default() }
    }

    /// A field by its name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

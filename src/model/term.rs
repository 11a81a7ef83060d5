//! Glossary entries and where they occur.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};

/// What a glossary entry is about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", ascii_case_insensitive)]
pub enum EntryKind {
    /// A name of a person, place or organisation.
    Name,
    /// A term of the field.
    #[default]
    Term,
    /// Stands in English as it does in German.
    Keep,
}

impl EntryKind {
    /// The name used in files and output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// Whether capitals count when an entry is looked for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", ascii_case_insensitive)]
pub enum CaseRule {
    /// Capitals count if the entry has any (the default).
    #[default]
    Auto,
    Exact,
    /// Capitals do not count.
    Ignore,
}

impl CaseRule {
    /// The name used in files and output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The line of a glossary file that an entry comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Origin {
    pub path: PathBuf,
    /// The line, counted from 1.
    pub line: usize,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.path.display(), self.line)
    }
}

/// One entry of the glossary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The German term in its dictionary form.
    pub source: String,
    /// The accepted English renderings; the first is the house form. Never empty.
    pub targets: Vec<String>,
    pub case: CaseRule,
    /// Further German forms that count as this term, exactly as given.
    pub forms: Vec<String>,
    /// English renderings (or German forms) that must not stand for this term.
    pub avoid: Vec<String>,
    pub kind: EntryKind,
    pub note: String,
    pub origin: Origin,
}

impl Entry {
    /// An entry of a term and its renderings, separated by `|`, and nothing else.
    #[must_use]
    pub fn new(source: &str, targets: &str, origin: Origin) -> Self {
        Self {
            source: source.to_owned(),
            targets: targets.split('|').map(str::to_owned).collect(),
            case: CaseRule::default(),
            forms: Vec::new(),
            avoid: Vec::new(),
            kind: EntryKind::default(),
            note: String::new(),
            origin,
        }
    }

    /// The rendering that is written when the program chooses: the house form.
    #[must_use]
    pub fn target(&self) -> &str {
        self.targets.first().map_or("", String::as_str)
    }
}

/// How an entry sits in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MatchKind {
    /// As words of its own, inflected or not.
    Word,
    /// As a member of a hyphen compound: `Hwasong-18` in `Hwasong-18-Rakete`.
    Compound,
    /// Inside a closed compound: reported, not enforced.
    Part,
}

/// An occurrence of a glossary entry in a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermMatch {
    pub entry: Arc<Entry>,
    /// Bytes of the segment's source text.
    pub span: Range<usize>,
    pub kind: MatchKind,
}

impl TermMatch {
    /// Whether the term must hold in the English: one inside a closed compound is only reported.
    #[must_use]
    pub fn is_required(&self) -> bool {
        self.kind != MatchKind::Part
    }

    /// The words of the segment that matched.
    #[must_use]
    pub fn surface<'a>(&self, source: &'a str) -> &'a str {
        source.get(self.span.clone()).unwrap_or_default()
    }
}

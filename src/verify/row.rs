//! A line of `jsonl`, as far as something is proved by it.

use std::borrow::Cow;

use serde::Deserialize;

use crate::model::{BlockKind, EntryKind, FindingKind, Status};
use crate::write::SegmentTexts;

/// A text that is not copied if nothing in it is escaped.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct RowText<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// A line as it stands there.
#[derive(Debug, Deserialize)]
pub(super) struct Row<'a> {
    #[serde(borrow)]
    pub(super) article: RowText<'a>,
    /// Absent in the only line of an article without segments.
    pub(super) segment: Option<usize>,
    #[serde(default)]
    pub(super) block: usize,
    #[serde(borrow)]
    kind: Option<RowText<'a>>,
    status: Option<Status>,
    #[serde(borrow)]
    pub(super) de: Option<RowText<'a>>,
    #[serde(borrow)]
    pub(super) en: Option<RowText<'a>>,
    #[serde(borrow, default)]
    pub(super) terms: Vec<RowTerm<'a>>,
    #[serde(borrow, default)]
    findings: Vec<RowFinding<'a>>,
    #[serde(borrow)]
    pub(super) before: Option<RowText<'a>>,
    #[serde(borrow)]
    pub(super) after: Option<RowText<'a>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct RowTerm<'a> {
    #[serde(borrow)]
    pub(super) source: RowText<'a>,
    #[serde(borrow)]
    pub(super) target: RowText<'a>,
    #[serde(borrow)]
    pub(super) surface: RowText<'a>,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) held: bool,
    pub(super) en_start: Option<usize>,
    pub(super) en_end: Option<usize>,
    #[serde(borrow)]
    pub(super) kind: RowText<'a>,
    /// Empty where the house form is the only one.
    #[serde(borrow, default)]
    accepted: Vec<RowText<'a>>,
    #[serde(default)]
    pub(super) entry: EntryKind,
}

#[derive(Debug, Deserialize)]
struct RowFinding<'a> {
    #[serde(borrow)]
    kind: RowText<'a>,
    #[serde(borrow)]
    message: RowText<'a>,
}

/// What other formats have for a row.
pub(super) struct ShownRow {
    pub(super) segment: usize,
    pub(super) german_line: String,
    pub(super) english_line: String,
    /// As they stand, for tables.
    pub(super) german: String,
    pub(super) english: String,
}

impl RowText<'_> {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for RowText<'_> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl<'a> RowTerm<'a> {
    /// All accepted targets; the house form is the first.
    pub(super) fn accepted(&self) -> &[RowText<'a>] {
        if self.accepted.is_empty() { std::slice::from_ref(&self.target) } else { &self.accepted }
    }

    /// Whether the English must have it.
    pub(super) fn is_required(&self) -> bool {
        self.kind.as_str() != "part"
    }
}

impl Row<'_> {
    /// Its texts, if it is the row of a segment; what is wrong with it otherwise.
    pub(super) fn texts(&self) -> Result<SegmentTexts<'_>, &'static str> {
        let status = self.status.ok_or("it has no status")?;
        let german = self.de.as_ref().ok_or("it has no German")?.as_str();
        let english = self.en.as_ref().map(RowText::as_str);
        if self.before.is_none() {
            return Err("it does not say what stands before it");
        }
        if english.is_none() != (status == Status::Failed) {
            return Err("its status and its English do not fit");
        }
        let failed =
            self.findings.iter().find(|finding| finding.kind.as_str() == FindingKind::Failed.as_str());
        let kind = self.kind.as_ref().and_then(|kind| kind.as_str().parse().ok());
        let reason = failed.map(|finding| finding.message.as_str());
        // A kind that a later version knows is none of those that other formats leave out.
        let kind = kind.unwrap_or(BlockKind::Paragraph);
        Ok(SegmentTexts { kind, status, german, english, reason })
    }

    pub(super) fn is_failed(&self) -> bool {
        self.status == Some(Status::Failed)
    }
}

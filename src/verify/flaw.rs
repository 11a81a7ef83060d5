//! What stands in the way of a proof.

use strum::IntoStaticStr;

use crate::model::Severity;

/// What is wrong; the names stand in the output of programs and must not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum FlawKind {
    /// The manifest is not as it was written, or is not there.
    Manifest,
    /// A file is gone, or something else stands in its place.
    Missing,
    /// A file has other bytes than those that were written.
    Changed,
    /// A line of `jsonl` is no row, or rows are missing before it.
    Row,
    /// The text that was translated is not all there.
    Text,
    /// A term does not stand where it is said to.
    Term,
    /// The glossary entries are others than those that were used.
    Entries,
    /// Two formats do not say the same.
    Disagrees,
    /// The article has changed, or is gone.
    Source,
    /// A file is of another run than the `jsonl` beside it.
    Stale,
    /// Something cannot be proved.
    Unproved,
    /// A segment is not translated, as its file says.
    Failed,
    /// A term does not hold, as its file says.
    NotHeld,
    /// Wortlaut did not write a file that stands in the folder.
    Foreign,
}

impl FlawKind {
    /// The name used in output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// How bad it is: an error is no proof, a warning a proof with a gap, and a remark says what the files say themselves.
    #[must_use]
    pub fn severity(self) -> Severity {
        match self {
            Self::Manifest
            | Self::Missing
            | Self::Changed
            | Self::Row
            | Self::Text
            | Self::Term
            | Self::Entries
            | Self::Disagrees => Severity::Error,
            Self::Source | Self::Stale | Self::Unproved => Severity::Warning,
            Self::Failed | Self::NotHeld | Self::Foreign => Severity::Info,
        }
    }

    /// What to do about it, if nothing else is said.
    fn advice(self) -> &'static str {
        match self {
            Self::Manifest => "run `wortlaut translate` again, which writes it anew",
            Self::Missing => "`wortlaut translate` writes it again",
            Self::Changed => {
                "`wortlaut learn` takes corrections over, and `wortlaut translate --overwrite` undoes changes"
            }
            Self::Row | Self::Text | Self::Term | Self::Entries | Self::Disagrees => {
                "`wortlaut translate --overwrite` writes it anew"
            }
            Self::Source => "`wortlaut translate` brings the outputs up to date",
            Self::Stale => "`wortlaut translate` in its format brings it up to date",
            Self::Unproved => "`wortlaut translate` writes what proves it",
            Self::Failed => "`wortlaut translate` tries again",
            Self::NotHeld => "`wortlaut review` is where to correct it",
            Self::Foreign => "nothing is proved of it",
        }
    }
}

/// Something that stands in the way of a proof, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Flaw {
    /// The file below the folder.
    pub path: String,
    /// The line of the file, counted from 1.
    pub line: Option<u64>,
    /// The article, if the file has several.
    pub article: Option<String>,
    /// The segment of the article, counted from 1.
    pub segment: Option<usize>,
    pub kind: FlawKind,
    pub message: String,
    /// What to do about it.
    pub advice: &'static str,
}

impl Flaw {
    pub(super) fn new(kind: FlawKind, path: &str, message: impl Into<String>) -> Self {
        let (line, article, segment) = (None, None, None);
        let (path, message, advice) = (path.to_owned(), message.into(), kind.advice());
        Self { path, line, article, segment, kind, message, advice }
    }

    /// The same with something else to be done.
    pub(super) fn advised(self, advice: &'static str) -> Self {
        Self { advice, ..self }
    }

    /// The same in a line of its file.
    pub(super) fn in_line(self, line: u64) -> Self {
        Self { line: Some(line), ..self }
    }

    /// The same in a segment.
    pub(super) fn in_segment(self, segment: Option<usize>) -> Self {
        Self { segment, ..self }
    }

    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.kind.severity()
    }
}

//! What reading a file back comes to.

use thiserror::Error;

use crate::bilingual::BilingualError;
use crate::model::SpanPairs;
use crate::read::ReadError;
use crate::write::{OutputFormat, WriteError};

/// A segment that a person wrote otherwise, or approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentEdit {
    /// Counted from 0.
    pub segment: usize,
    /// What wortlaut wrote.
    pub old: String,
    /// The same as `old` if it was only approved.
    pub new: String,
    /// Whether the file says that a person approved it, which wortlaut did not write there.
    pub is_approved: bool,
    /// Where the markup of the segment stands in it, if the file shows that.
    pub inlines: Option<SpanPairs>,
}

/// What a person changed in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadBack {
    pub edits: Vec<SegmentEdit>,
    /// Segments of which nothing is left, counted from 0. That is not learned: a sentence has an English.
    pub gone: Vec<usize>,
    /// Lines with something that belongs to no segment.
    pub strays: usize,
    /// Lines of segments that there were.
    pub lines: usize,
    /// Whether the German side was changed.
    pub is_german: bool,
    /// Whether it has more by now than wortlaut writes: a remark, a column.
    pub has_more: bool,
}

impl ReadBack {
    /// Whether nothing differs but what was learned.
    #[must_use]
    pub fn is_explained(&self) -> bool {
        self.gone.is_empty() && self.strays == 0 && !(self.is_german || self.has_more)
    }

    /// Lines that were changed or cannot be aligned.
    #[must_use]
    pub fn changed_lines(&self) -> usize {
        let edits = self.edits.iter().filter(|edit| edit.old != edit.new).count();
        edits + self.gone.len() + self.strays
    }
}

/// Why a file cannot be read back.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LearnError {
    #[error("the format {} is for reading and is not read back; make the correction in another format or in `wortlaut review`", .0.as_str())]
    Format(OutputFormat),
    #[error("line {0}: {1}")]
    Row(usize, String),
    #[error("there is more text in it than an article has")]
    TooLarge,
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Bilingual(#[from] BilingualError),
    #[error(transparent)]
    Write(#[from] WriteError),
}

//! What can be wrong with glossary files.

use std::io;
use std::ops::Range;
use std::path::PathBuf;

use thiserror::Error;

use crate::model::Origin;

/// Why a glossary could not be read or changed.
#[derive(Debug, Error)]
pub enum GlossaryError {
    /// A file or folder could not be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file could not be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line is broken.
    #[error(transparent)]
    Line(#[from] Box<LineError>),
    /// Somebody else changed the file while it was being edited; nothing was written.
    #[error("{} was changed by somebody else in the meantime", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// An entry that was to be added is there already.
    #[error("{source_term:?} is already in the glossary at {origin}")]
    Exists {
        /// The German term.
        source_term: String,
        /// Where it is.
        origin: Origin,
    },
    /// A file of another program cannot be read or made.
    #[error("{}: {why}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// Nothing is written in this format.
    #[error("{0} is only read, not written")]
    ReadOnly(&'static str),
    /// A value cannot stand in a cell.
    #[error("{value:?} cannot stand in a cell: {why}")]
    Value {
        /// The value.
        value: String,
        /// Why not.
        why: String,
    },
    /// A column that was asked for is not in the file.
    #[error("{} has no column {column:?}", path.display())]
    NoColumn {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
    },
}

/// A broken line of a glossary file.
#[derive(Debug, Error)]
#[error("{origin}: {fault}")]
pub struct LineError {
    /// The file and the line.
    pub origin: Origin,
    /// The line as it stands (bytes that are not UTF-8 replaced).
    pub text: String,
    /// The bytes of `text` that are at fault.
    pub span: Range<usize>,
    /// What is wrong with them.
    pub fault: LineFault,
}

impl LineError {
    /// An error about a whole line, given as its bytes without the line end.
    pub(super) fn of_line(origin: Origin, line: &[u8], fault: LineFault) -> Box<Self> {
        let text = String::from_utf8_lossy(line).into_owned();
        let span = 0..text.len();
        Box::new(Self { origin, text, span, fault })
    }
}

/// What is wrong with a line.
#[derive(Debug, Error)]
pub enum LineFault {
    /// The bytes are not UTF-8.
    #[error("not valid UTF-8")]
    NotUtf8,
    /// The header lacks a column.
    #[error("the header has no column {0:?}")]
    MissingColumn(&'static str),
    /// The header has a column twice.
    #[error("the header has the column {0:?} twice")]
    DoubleColumn(String),
    /// The line has more or fewer cells than the header.
    #[error("{found} cells where the header has {expected}")]
    FieldCount {
        /// Columns of the header.
        expected: usize,
        /// Cells of the line.
        found: usize,
    },
    /// A cell that must not be empty is.
    #[error("the {0} is empty")]
    Empty(&'static str),
    /// A cell of a column with a fixed set of values has another.
    #[error("{value:?} is not one of {known}")]
    UnknownValue {
        /// The value.
        value: String,
        /// The values there are.
        known: &'static str,
    },
    /// The line is not a JSON object of the kind that is wanted.
    #[error("not a line of JSON with terms: {0}")]
    Json(#[source] serde_json::Error),
    /// The languages of an entry are others.
    #[error("the languages are {from:?} and {to:?}, not de and en")]
    Languages {
        /// The source language.
        from: String,
        /// The target language.
        to: String,
    },
    /// The source would begin a comment.
    #[error("a source that begins with # would be a comment")]
    Comment,
    /// The same source has another target elsewhere.
    #[error("{source_term:?} has another target at {first}: {target:?}")]
    Conflict {
        /// The German term.
        source_term: String,
        /// Where it stands first.
        first: Origin,
        /// The target it has there.
        target: String,
    },
}

//! What can be wrong with glossary files.

use std::io;
use std::ops::Range;
use std::path::PathBuf;

use thiserror::Error;

use crate::model::Origin;
use crate::text::counted;
use crate::text::json_fault;

/// Why a glossary could not be read or changed.
#[derive(Debug, Error)]
pub enum GlossaryError {
    #[error("cannot read {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("cannot write {}", path.display())]
    Write { path: PathBuf, source: io::Error },
    /// A line is broken.
    #[error(transparent)]
    Line(#[from] Box<LineError>),
    /// Somebody else changed the file while it was being edited; nothing was written.
    #[error("{} was changed by somebody else in the meantime", path.display())]
    Changed { path: PathBuf },
    /// An entry that was to be added is there already.
    #[error("{source_term:?} is already in the glossary at {origin}")]
    Exists { source_term: String, origin: Origin },
    /// A file of another program is not what its format allows.
    #[error("cannot read {}", path.display())]
    Foreign { path: PathBuf, source: BoxedError },
    /// A glossary in the file of another program.
    #[error("{} is another program's file, which is read but not changed", path.display())]
    Foreigner { path: PathBuf },
    #[error("there is nothing to undo")]
    NothingToUndo,
    #[error("{value:?} cannot stand in a cell: {why}")]
    Value { value: String, why: String },
    /// A column that was asked for is not in the file.
    #[error("{} has no column {column:?}", path.display())]
    NoColumn { path: PathBuf, column: String },
}

/// What a parser or unpacker says, or what is wrong in words.
pub type BoxedError = Box<dyn std::error::Error + Send + Sync>;

/// What is wrong at a place in a file of another program: a line, or a part of a workbook.
#[cfg(feature = "documents")]
#[derive(Debug, Error)]
#[error("{place}: {source}")]
pub(super) struct FaultAt {
    pub(super) place: String,
    pub(super) source: BoxedError,
}

/// A broken line of a glossary file.
#[derive(Debug, Error)]
#[error("{origin}: {fault}")]
pub struct LineError {
    pub origin: Origin,
    /// The line as it stands (bytes that are not UTF-8 replaced).
    pub text: String,
    /// The bytes of `text` that are at fault.
    pub span: Range<usize>,
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
    #[error("not valid UTF-8")]
    NotUtf8,
    #[error("the header has no column {0:?}")]
    MissingColumn(&'static str),
    #[error("the header has the column {0:?} twice")]
    DoubleColumn(String),
    /// The line has more or fewer cells than the header.
    #[error("{} where the header has {expected}", counted(*found, "cell"))]
    FieldCount { expected: usize, found: usize },
    #[error("the {0} is empty")]
    Empty(&'static str),
    /// A cell of a column with a fixed set of values has another.
    #[error("{value:?} is not one of {known}")]
    UnknownValue { value: String, known: &'static str },
    /// The line is not a JSON object of the kind that is wanted.
    #[error("not a line of JSON with terms: {}", json_fault(.0))]
    Json(#[source] serde_json::Error),
    #[error("the languages are {from:?} and {to:?}, not de and en")]
    Languages { from: String, to: String },
    #[error("the header names the German or the English, but not both")]
    HalfHeader,
    #[error("a quotation mark is not closed")]
    OpenQuote,
    #[error("a source that begins with # would be a comment")]
    Comment,
    #[error("{source_term:?} has another target at {first}: {target:?}")]
    Conflict { source_term: String, first: Origin, target: String },
}

//! What can be wrong with one record.

use thiserror::Error;

use crate::text::counted;
use crate::text::json_fault;

/// Why a record has no article. The records around it are read all the same.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RecordProblem {
    #[error("the line is not JSON: {}", json_fault(.0))]
    Json(#[source] serde_json::Error),
    #[error("the line is not a JSON object")]
    NoObject,
    #[error("there is no field {field:?}")]
    NoField { field: String },
    #[error("the field {field:?} is null")]
    Null { field: String },
    #[error("the field {field:?} is not text")]
    NoText { field: String },
    /// The text field holds control characters that no text has.
    #[error("the field {field:?} has NUL or many control characters")]
    Controls { field: String },
    /// The record has the field that the English would go to.
    #[error("there is a field {field:?} already; name another one for the English")]
    TargetThere { field: String },
    /// The record has a field that its answer would add.
    #[error("there is a field {field:?} already, which the answer would add; rename it")]
    AddedThere { field: String },
    /// A row has more or fewer cells than the header.
    #[error("the row has {}, the header has {expected}", counted(*found, "cell"))]
    Cells { found: usize, expected: usize },
    /// A cell goes over the end of its line, and its quotation mark is closed in the middle of another cell.
    #[error(
        "the quotation mark that opens a cell on line {line} is not closed before the next row; both are left as they are"
    )]
    Quote { line: u64 },
    #[error("the record is larger than the limit of {limit} bytes")]
    TooLarge { limit: usize },
    /// The record is not in the encoding of the file.
    #[error("the record is not valid UTF-8: wrong byte at offset {offset} of the record")]
    Encoding {
        /// Where in the record the first wrong byte stands, counted from 0.
        offset: usize,
    },
}

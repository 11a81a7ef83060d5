//! What can be wrong with one record.

use thiserror::Error;

/// Why a record has no article. The records around it are read all the same.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RecordProblem {
    /// The line is not JSON.
    #[error("the line is not JSON: {0}")]
    Json(#[source] serde_json::Error),
    /// The line is JSON, but no object.
    #[error("the line is not a JSON object")]
    NoObject,
    /// The text field is missing.
    #[error("there is no field {field:?}")]
    NoField {
        /// The field.
        field: String,
    },
    /// The text field holds something else than text.
    #[error("the field {field:?} is not text")]
    NoText {
        /// The field.
        field: String,
    },
    /// The text field holds control characters that no text has.
    #[error("the field {field:?} has NUL or many control characters")]
    Controls {
        /// The field.
        field: String,
    },
    /// The record has the field that the English would go to.
    #[error("there is a field {field:?} already; name another one for the English")]
    TargetThere {
        /// The field.
        field: String,
    },
    /// A row has more or fewer cells than the header.
    #[error("the row has {found} cells, the header has {expected}")]
    Cells {
        /// Cells of the row.
        found: usize,
        /// Cells of the header.
        expected: usize,
    },
    /// The record is larger than an article may be.
    #[error("the record is larger than the limit of {limit} bytes; it is left out of the output")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The record is not in the encoding of the file.
    #[error("the record is not valid UTF-8: wrong byte at offset {offset} of the record")]
    Encoding {
        /// Where in the record the first wrong byte stands, counted from 0.
        offset: usize,
    },
}

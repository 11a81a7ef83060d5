//! Records of corpus files: many articles in one file.

use serde::{Deserialize, Serialize};

/// The extensions of corpus files, without the dot and in lower case.
pub const CORPUS_EXTENSIONS: [&str; 4] = ["jsonl", "ndjson", "csv", "tsv"];

/// What the records of a corpus file look like, as far as it matters for writing them back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum CorpusShape {
    /// One JSON object a line.
    JsonLines,
    /// Rows of cells below a header.
    Table(TableLayout),
}

/// How the rows of a table stand in their file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableLayout {
    /// What stands between two cells: an ASCII character.
    pub delimiter: u8,
    /// Whether cells may stand in quotation marks; if not, a quotation mark is a character like others.
    pub quoting: bool,
    /// The header exactly as it stands in the file, without its line end.
    pub header: Vec<u8>,
    pub crlf: bool,
    pub bom: bool,
}

/// A field of a record that goes with its article into the outputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordField {
    pub name: String,
    /// As text: what is no text in the record stands as JSON writes it.
    pub value: String,
}

/// A record exactly as it stands in its file, in UTF-8 where it is text, without its line end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorpusRow {
    pub bytes: Vec<u8>,
    /// Where in them a further field goes; `None` if the record is broken and can take none.
    pub insert: Option<usize>,
}

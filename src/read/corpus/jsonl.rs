//! JSON lines: one object a line.

use std::io::{self, BufRead};

use serde_json::Value;

use super::file::{Corpus, Fields, RawRecord, RecordFields, Utf8Reader};
use super::problem::RecordProblem;
use crate::model::{CorpusRow, RecordField};
use crate::read::error::ReadError;

/// The lines of a file that are not blank.
pub(super) struct JsonLineReader {
    corpus: Corpus,
    reader: Utf8Reader,
    limit: usize,
    line: u64,
    /// Whether a record was read.
    begun: bool,
    ended: bool,
}

/// How the reading of a line ended.
enum LineRead {
    Whole(Vec<u8>),
    TooLarge,
    End,
}

impl JsonLineReader {
    pub(super) fn new(corpus: &Corpus, reader: Utf8Reader, limit: usize) -> Self {
        Self { corpus: corpus.clone(), reader, limit, line: 0, begun: false, ended: false }
    }

    /// The next line without its line end. Of one that is too large nothing is held.
    fn read(&mut self) -> io::Result<LineRead> {
        let mut line = Vec::new();
        let mut length = 0;
        loop {
            let chunk = self.reader.fill_buf()?;
            if chunk.is_empty() && length == 0 {
                return Ok(LineRead::End);
            }
            let end = memchr::memchr(b'\n', chunk);
            let piece = &chunk[..end.unwrap_or(chunk.len())];
            length += piece.len();
            if length <= self.limit {
                line.extend_from_slice(piece);
            } else {
                line = Vec::new();
            }
            let (last, used) = (end.is_some() || chunk.is_empty(), piece.len() + usize::from(end.is_some()));
            self.reader.consume(used);
            if last {
                self.line += 1;
                return Ok(if length <= self.limit { LineRead::Whole(line) } else { LineRead::TooLarge });
            }
        }
    }
}

impl Iterator for JsonLineReader {
    type Item = Result<RawRecord, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            match self.read() {
                Ok(LineRead::Whole(bytes)) if bytes.trim_ascii().is_empty() => {}
                Ok(LineRead::Whole(bytes)) => {
                    // Later records may lack a field; that the first one does is a mistake in its name.
                    if !std::mem::replace(&mut self.begun, true)
                        && let Some((field, known)) = missing_field(&bytes, &self.corpus.fields)
                    {
                        self.ended = true;
                        return Some(Err(ReadError::NoColumn {
                            path: self.corpus.path.clone(),
                            field,
                            known,
                        }));
                    }
                    return Some(Ok(record(self.line, bytes, &self.corpus.fields)));
                }
                Ok(LineRead::TooLarge) => {
                    let found = Err(RecordProblem::TooLarge { limit: self.limit });
                    return Some(Ok(RawRecord { line: self.line, row: None, found }));
                }
                Ok(LineRead::End) => self.ended = true,
                Err(error) => {
                    self.ended = true;
                    return Some(Err(self.corpus.failed(error)));
                }
            }
        }
        None
    }
}

/// The record of a line. A further field goes before the brace that ends the object.
fn record(line: u64, bytes: Vec<u8>, fields: &Fields) -> RawRecord {
    let found = find(&bytes, fields);
    let takes_one = !matches!(
        found,
        Err(RecordProblem::Json(_)
            | RecordProblem::NoObject
            | RecordProblem::TargetThere { .. }
            | RecordProblem::AddedThere { .. }
            | RecordProblem::Encoding { .. })
    );
    let brace = bytes.iter().rposition(|byte| *byte == b'}');
    // A field goes behind a comma, so there must be one before it.
    let insert = brace.filter(|at| takes_one && !bytes[..*at].trim_ascii_end().ends_with(b"{"));
    RawRecord { line, row: Some(CorpusRow { bytes, insert }), found }
}

/// A value as text.
fn value_of(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// The first of the kept fields that an object has not, and what it has; `None` if it has all, or is no object.
fn missing_field(bytes: &[u8], fields: &Fields) -> Option<(String, String)> {
    let object: serde_json::Map<String, Value> = serde_json::from_slice(bytes).ok()?;
    let missing = fields.kept.iter().find(|name| !object.contains_key(*name))?;
    Some((missing.clone(), object.keys().cloned().collect::<Vec<_>>().join(", ")))
}

fn find(bytes: &[u8], fields: &Fields) -> Result<RecordFields, RecordProblem> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| RecordProblem::Encoding { offset: error.valid_up_to() })?;
    let value: Value = serde_json::from_str(text).map_err(RecordProblem::Json)?;
    let Value::Object(mut object) = value else { return Err(RecordProblem::NoObject) };
    if let Some(field) = fields.added.iter().find(|field| object.contains_key(**field)) {
        return Err(RecordProblem::AddedThere { field: (*field).to_owned() });
    }
    if object.contains_key(&fields.target) {
        return Err(RecordProblem::TargetThere { field: fields.target.clone() });
    }
    let id = fields.id.as_ref().and_then(|field| object.get(field)).and_then(|id| match id {
        Value::String(id) => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    });
    let kept =
        fields.kept.iter().map(|name| RecordField { name: name.clone(), value: value_of(object.get(name)) });
    let kept = kept.collect();
    match object.remove(&fields.text) {
        Some(Value::String(text)) => Ok(RecordFields { id, text, kept }),
        Some(Value::Null) => Err(RecordProblem::Null { field: fields.text.clone() }),
        Some(_) => Err(RecordProblem::NoText { field: fields.text.clone() }),
        None => Err(RecordProblem::NoField { field: fields.text.clone() }),
    }
}

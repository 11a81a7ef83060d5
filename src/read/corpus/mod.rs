//! Corpus files: one record is one article.
//!
//! A corpus is read record by record: what is held of it at any time is one record, whatever its size.
//! A record that is broken is an error of that record and keeps its bytes, so that the file can be written
//! back with all it had.

mod bytes;
mod jsonl;
mod problem;
mod table;
#[cfg(test)]
mod tests;

use std::io::BufRead;
use std::path::{Path, PathBuf};

use super::{ReadError, ReadOptions};
use crate::model::{Article, ArticleId, CORPUS_EXTENSIONS, CorpusRow, CorpusShape, Encoding};
use crate::text;

pub use problem::RecordProblem;

/// Which fields of a record are what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    /// The German text.
    pub text: String,
    /// The id of the article; without one it is named by its file and line.
    pub id: Option<String>,
    /// Where the English goes; a record must not have it already.
    pub target: String,
}

/// A kind of corpus file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CorpusKind {
    /// JSON lines.
    JsonLines,
    /// A table whose delimiter is found out from its header.
    Csv,
    /// A table with tabs.
    Tsv,
}

impl CorpusKind {
    fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "csv" => Some(Self::Csv),
            "tsv" => Some(Self::Tsv),
            other => CORPUS_EXTENSIONS.contains(&other).then_some(Self::JsonLines),
        }
    }
}

/// Whether a file is a corpus by its extension.
#[must_use]
pub fn is_corpus(path: &Path) -> bool {
    CorpusKind::of(path).is_some()
}

/// A corpus file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Corpus {
    /// Its name in the run.
    pub id: ArticleId,
    /// The file.
    pub path: PathBuf,
    /// Which fields are what.
    pub fields: Fields,
}

/// One record of a corpus.
#[derive(Debug)]
pub struct CorpusRecord {
    /// The line of the file that it begins on, counted from 1.
    pub line: u64,
    /// The record as it stands there; `None` if it was too large to be held.
    pub row: Option<CorpusRow>,
    /// Its article, or what is wrong with it.
    pub article: Result<Article, RecordProblem>,
}

/// The records of a corpus in source order. After an error there are no more.
pub struct CorpusRecords {
    shape: CorpusShape,
    encoding: Encoding,
    rows: Box<dyn Iterator<Item = Result<RawRecord, ReadError>> + Send>,
    corpus: Corpus,
    options: ReadOptions,
}

/// A record as the reader of its kind finds it.
struct RawRecord {
    line: u64,
    row: Option<CorpusRow>,
    found: Result<RecordFields, RecordProblem>,
}

/// The fields that were looked for.
struct RecordFields {
    id: Option<String>,
    text: String,
}

impl Corpus {
    /// Opens the corpus, with a look at its encoding and header.
    ///
    /// # Errors
    /// The file cannot be read, is not text, or has a header without the text field or with the target field.
    pub fn open(&self, options: &ReadOptions) -> Result<CorpusRecords, ReadError> {
        let (reader, encoding) = bytes::open(&self.path)?;
        let limit = usize::try_from(options.max_bytes).unwrap_or(usize::MAX);
        let (shape, rows): (_, Rows) =
            if let Some(kind @ (CorpusKind::Csv | CorpusKind::Tsv)) = CorpusKind::of(&self.path) {
                let rows = table::open(self, reader, kind == CorpusKind::Tsv, limit)?;
                (CorpusShape::Table(rows.shape(encoding.bom)), Box::new(rows))
            } else {
                (CorpusShape::JsonLines, Box::new(jsonl::JsonLineReader::new(self, reader, limit)))
            };
        Ok(CorpusRecords { shape, encoding, rows, corpus: self.clone(), options: options.clone() })
    }

    /// The name of the record that begins on a line.
    #[must_use]
    pub fn record_id(&self, line: u64) -> ArticleId {
        ArticleId::of_record(&format!("{}#{line}", self.id))
    }

    fn failed(&self, source: std::io::Error) -> ReadError {
        ReadError::File { path: self.path.clone(), source }
    }
}

/// The text of a corpus in UTF-8.
type Utf8Reader = Box<dyn BufRead + Send>;

/// The records of one kind of corpus.
type Rows = Box<dyn Iterator<Item = Result<RawRecord, ReadError>> + Send>;

impl CorpusRecords {
    /// What the records look like.
    #[must_use]
    pub fn shape(&self) -> &CorpusShape {
        &self.shape
    }

    /// How the bytes of the file are decoded.
    #[must_use]
    pub fn encoding(&self) -> &Encoding {
        &self.encoding
    }

    fn record(&self, raw: RawRecord) -> CorpusRecord {
        let article = raw.found.and_then(|found| self.article(raw.line, found));
        CorpusRecord { line: raw.line, row: raw.row, article }
    }

    fn article(&self, line: u64, found: RecordFields) -> Result<Article, RecordProblem> {
        if super::decode::has_many_controls(&found.text) {
            return Err(RecordProblem::Controls { field: self.corpus.fields.text.clone() });
        }
        let id = match found.id {
            Some(id) if !id.trim().is_empty() => ArticleId::of_record(&id),
            _ => self.corpus.record_id(line),
        };
        let blocks = text::blocks(&found.text, self.options.wrap);
        Ok(Article { id, encoding: Encoding::utf8(), text: found.text, blocks, layout: None })
    }
}

impl Iterator for CorpusRecords {
    type Item = Result<CorpusRecord, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let raw = self.rows.next()?;
        Some(raw.map(|raw| self.record(raw)))
    }
}

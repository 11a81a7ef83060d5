//! Corpus files: one record is one article.
//!
//! A corpus is read record by record: what is held of it at any time is one record, whatever its size.
//! A record that is broken is an error of that record and keeps its bytes, so that the file can be written
//! back with all it had.

pub(super) mod bytes;
mod file;
mod jsonl;
mod problem;
mod table;
#[cfg(test)]
mod tests;

use super::error::ReadError;
use super::html;
use super::reader::ReadOptions;
use crate::model::{Article, ArticleId, CorpusRow, CorpusShape, Encoding};
use crate::text;
use bytes::{OpenBytes, SeenBytes};
use file::{CorpusKind, RawRecord, RecordFields};

pub use file::{Corpus, Fields, TextType, is_corpus};
pub use problem::RecordProblem;

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
    seen: SeenBytes,
    rows: Box<dyn Iterator<Item = Result<RawRecord, ReadError>> + Send>,
    corpus: Corpus,
    options: ReadOptions,
}

impl Corpus {
    /// Opens the corpus, with a look at its encoding and header.
    ///
    /// # Errors
    /// The file cannot be read, is not text, or has a header without the text field or with the target field.
    pub fn open(&self, options: &ReadOptions) -> Result<CorpusRecords, ReadError> {
        let opened = if self.is_stream() { bytes::standard_input() } else { bytes::open(&self.path) };
        let OpenBytes { reader, encoding, seen } = opened?;
        let limit = usize::try_from(options.max_bytes).unwrap_or(usize::MAX);
        let (shape, rows): (_, Rows) =
            if let Some(kind @ (CorpusKind::Csv | CorpusKind::Tsv)) = CorpusKind::of(&self.path) {
                let rows = table::open(self, reader, kind == CorpusKind::Tsv, limit)?;
                (CorpusShape::Table(rows.shape(encoding.bom)), Box::new(rows))
            } else {
                (CorpusShape::JsonLines, Box::new(jsonl::JsonLineReader::new(self, reader, limit)))
            };
        Ok(CorpusRecords { shape, encoding, seen, rows, corpus: self.clone(), options: options.clone() })
    }
}

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

    /// The BLAKE3 hash of the bytes that were read of the file: of all of them when there are no more records.
    #[must_use]
    pub fn file_hash(&self) -> [u8; 32] {
        self.seen.hash()
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
        let is_html = match self.corpus.fields.text_type {
            TextType::Auto => html::is_html(&found.text),
            TextType::Plain => false,
            TextType::Html => true,
        };
        let article = if is_html {
            html::fragment(id, found.text)
        } else {
            let blocks = text::blocks(&found.text, self.options.wrap);
            let (encoding, fields) = (Encoding::utf8(), Vec::new());
            Article { id, encoding, text: found.text, blocks, layout: None, fields, file_hash: None }
        };
        Ok(Article { fields: found.kept, ..article })
    }
}

impl Iterator for CorpusRecords {
    type Item = Result<CorpusRecord, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let raw = self.rows.next()?;
        Some(raw.map(|raw| self.record(raw)))
    }
}

//! The files of a corpus: one a format, record by record.
//!
//! The formats `document` and `text` of a corpus are the corpus itself, with the English in a further field: every record
//! stands there with the bytes it had, in source order, whatever became of it. The other formats hold the
//! segments of all articles one after another.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::bilingual::{bilingual_units, kept_names};
use super::error::WriteError;
use super::format::OutputFormat;
use super::ledger::WrittenFile;
use super::outputs::{Contents, Draft, Outputs, Target};
use super::proof::ProofHasher;
use crate::bilingual::{SheetLook, SheetWriter};
use crate::disk::PartFile;
use crate::glossary::exchange::guarded;
use crate::model::{ArticleId, CORPUS_EXTENSIONS, CorpusRow, CorpusShape, ParallelDocument, TableLayout};

/// Takes the records of a corpus in source order.
pub trait CorpusSink: Send {
    /// Takes the next record: with its document, or with the reason why it has none.
    ///
    /// # Errors
    /// A [`WriteError`] names the file that cannot be written.
    fn write(
        &mut self,
        row: Option<&CorpusRow>,
        document: Result<&ParallelDocument, &str>,
    ) -> Result<(), WriteError>;

    /// Says that these were all, and that the bytes of the corpus have this BLAKE3 hash, and returns the paths of what was
    /// made of them. Dropped before, it leaves nothing.
    ///
    /// # Errors
    /// A [`WriteError`] names the file that cannot be written; then none is in its place.
    fn finish(self: Box<Self>, file_hash: [u8; 32]) -> Result<Vec<PathBuf>, WriteError>;

    /// Whether a record is where it belongs as soon as it is taken, even if the corpus is never finished.
    fn keeps_each(&self) -> bool {
        false
    }
}

/// Writes the records of a corpus to files, none of which is in its place before the end.
pub struct CorpusWriter {
    outputs: Arc<Outputs>,
    corpus: ArticleId,
    files: Vec<FormatFiles>,
    shape: CorpusShape,
    target: String,
    /// Whether no segment has been written yet.
    empty: bool,
    proof: ProofHasher,
}

/// The files of one format, in the order of its endings; `None` for one that is not wanted.
struct FormatFiles {
    format: OutputFormat,
    files: Vec<Option<CorpusFile>>,
    /// The workbook that the only file will be, once there is a record: it cannot be written before all its rows are known.
    workbook: Option<SheetWriter>,
}

/// A file that grows.
struct CorpusFile {
    place: Target,
    file: BufWriter<PartFile>,
}

impl CorpusWriter {
    /// Begins the files of a corpus. `target` is the field that the English goes to.
    ///
    /// # Errors
    /// A [`WriteError`] names the file or folder that cannot be written.
    pub fn begin(
        outputs: Arc<Outputs>,
        corpus: &ArticleId,
        formats: &[OutputFormat],
        shape: CorpusShape,
        target: &str,
    ) -> Result<Self, WriteError> {
        let mut files: Vec<FormatFiles> = Vec::new();
        for format in formats {
            let is_known = |known: &FormatFiles| {
                known.format == *format || is_itself(known.format) && is_itself(*format)
            };
            if !files.iter().any(is_known) {
                files.push(FormatFiles::begin(&outputs, corpus, *format)?);
            }
        }
        let corpus = corpus.clone();
        let (target, proof) = (target.to_owned(), ProofHasher::default());
        Self { outputs, corpus, files, shape, target, empty: true, proof }.with_header()
    }

    /// Writes the header of a table.
    fn with_header(mut self) -> Result<Self, WriteError> {
        if let CorpusShape::Table(table) = &self.shape
            && !table.header.is_empty()
        {
            let mut header: Vec<u8> = if table.bom { b"\xef\xbb\xbf".to_vec() } else { Vec::new() };
            let row = CorpusRow { bytes: table.header.clone(), insert: Some(table.header.len()) };
            header.extend(with_cell(table, &row, &self.target));
            self.put_row(&header)?;
        }
        Ok(self)
    }

    /// The record with its English.
    fn line(&self, row: &CorpusRow, document: Option<&ParallelDocument>) -> Result<Vec<u8>, WriteError> {
        let english = document.map(english).transpose()?;
        Ok(match &self.shape {
            CorpusShape::JsonLines => with_field(row, &self.target, english.as_deref()),
            // What comes from a service must not run in a spreadsheet; the other cells are the user's own.
            CorpusShape::Table(table) => {
                with_cell(table, row, &guarded(english.as_deref().unwrap_or_default()))
            }
        })
    }

    fn put_row(&mut self, row: &[u8]) -> Result<(), WriteError> {
        let crlf = matches!(&self.shape, CorpusShape::Table(table) if table.crlf);
        let end: &[u8] = if crlf { b"\r\n" } else { b"\n" };
        for files in self.files.iter_mut().filter(|files| is_itself(files.format)) {
            for file in &mut files.files {
                put(file, row)?;
                put(file, end)?;
            }
        }
        Ok(())
    }
}

impl CorpusSink for CorpusWriter {
    fn write(
        &mut self,
        row: Option<&CorpusRow>,
        document: Result<&ParallelDocument, &str>,
    ) -> Result<(), WriteError> {
        if let Some(row) = row {
            let line = self.line(row, document.ok())?;
            self.put_row(&line)?;
        }
        let Ok(document) = document else { return Ok(()) };
        self.proof.add(document);
        for FormatFiles { format, files, workbook } in &mut self.files {
            if let (OutputFormat::Xlsx, Some(Some(file))) = (*format, files.first()) {
                let workbook = match workbook {
                    Some(workbook) => workbook,
                    None => workbook.insert(begun(document).map_err(|source| file.failed(source))?),
                };
                for unit in bilingual_units(document) {
                    workbook.push(&unit).map_err(|source| file.failed(source))?;
                }
            } else if !is_itself(*format) {
                let pieces = format.writer().record(document, self.empty)?;
                for (file, piece) in files.iter_mut().zip(pieces) {
                    put(file, &piece)?;
                }
            }
        }
        self.empty = false;
        Ok(())
    }

    /// Brings all files to their places. A file that would not change is left alone, and so is one that a person made or
    /// changed.
    fn finish(self: Box<Self>, file_hash: [u8; 32]) -> Result<Vec<PathBuf>, WriteError> {
        let mut drafts = Vec::new();
        let proof = self.outputs.proof(&self.proof, Some(file_hash));
        for FormatFiles { format, mut files, workbook } in self.files {
            if let (OutputFormat::Xlsx, Some(Some(file))) = (format, files.first_mut()) {
                let empty = || SheetWriter::new(&SheetLook::default());
                let workbook = workbook.map_or_else(empty, Ok).map_err(|source| file.failed(source))?;
                workbook.save(&mut file.file).map_err(|source| file.failed(source))?;
            } else if let (Some(frame), Some(file)) = (format.writer().frame(), files.first_mut()) {
                if self.empty {
                    put(file, (frame.head + &frame.none).as_bytes())?;
                }
                put(file, frame.tail.as_bytes())?;
            }
            for CorpusFile { place, file } in files.into_iter().flatten() {
                let part = file.into_inner().map_err(|error| WriteError::File {
                    path: place.path.clone(),
                    source: error.into_error(),
                })?;
                let (path, article) = (place.key.clone(), self.corpus.clone());
                // A corpus may have more segments than can be remembered.
                let (hash, input) = (part.hash(), self.outputs.input(&article));
                let proof = proof.clone();
                let entry = WrittenFile { path, hash, article, format, input, segments: None, proof };
                drafts.push(Draft { target: place, entry, contents: Contents::Part(part) });
            }
        }
        // What was written piece by piece cannot be made anew.
        Ok(self.outputs.place(drafts, &|| true)?.unwrap_or_default())
    }
}

impl CorpusFile {
    fn failed(&self, source: io::Error) -> WriteError {
        WriteError::File { path: self.place.path.clone(), source }
    }
}

impl FormatFiles {
    fn begin(outputs: &Outputs, corpus: &ArticleId, format: OutputFormat) -> Result<Self, WriteError> {
        let endings = endings(format, corpus);
        let wanted = outputs.wanted_of(endings.len());
        let begin = |(number, ending): (usize, &String)| {
            if !wanted.contains(&number) {
                return Ok(None);
            }
            let place = outputs.target(corpus, ending)?;
            let file = BufWriter::new(outputs.begin(&place)?);
            Ok(Some(CorpusFile { place, file }))
        };
        let files: Vec<Option<CorpusFile>> =
            endings.iter().enumerate().map(begin).collect::<Result<_, WriteError>>()?;
        Ok(Self { format, files, workbook: None })
    }
}

/// The workbook of a corpus, before its first record.
fn begun(document: &ParallelDocument) -> io::Result<SheetWriter> {
    SheetWriter::new(&SheetLook { shows_article: true, fields: kept_names(document) })
}

/// The endings of the files of an article or corpus: a corpus itself keeps its own extension.
pub(super) fn endings(format: OutputFormat, id: &ArticleId) -> Vec<String> {
    let extension = Path::new(id.as_str()).extension().and_then(|extension| extension.to_str());
    let extension = extension.map(str::to_ascii_lowercase).unwrap_or_default();
    if is_itself(format) && CORPUS_EXTENSIONS.contains(&extension.as_str()) {
        return vec![format!(".english.{extension}")];
    }
    format.writer().endings(id)
}

/// Whether the file of a format is the corpus itself.
fn is_itself(format: OutputFormat) -> bool {
    matches!(format, OutputFormat::Text | OutputFormat::Document)
}

fn put(file: &mut Option<CorpusFile>, bytes: &[u8]) -> Result<(), WriteError> {
    let Some(CorpusFile { place, file }) = file else { return Ok(()) };
    file.write_all(bytes).map_err(|source| WriteError::File { path: place.path.clone(), source })
}

/// The English of an article as flowing text, or of one of markup in its markup; a segment that failed is marked in it.
pub(super) fn english(document: &ParallelDocument) -> Result<String, WriteError> {
    let is_markup = document.source().article().layout.is_some();
    let format = if is_markup { OutputFormat::Document } else { OutputFormat::Text };
    let file = format.writer().files(document)?.pop();
    Ok(file.map(|file| String::from_utf8_lossy(&file.contents).into_owned()).unwrap_or_default())
}

/// A JSON object with a further field, which is `null` without English.
fn with_field(row: &CorpusRow, name: &str, english: Option<&str>) -> Vec<u8> {
    let Some(at) = row.insert.filter(|at| *at <= row.bytes.len()) else { return row.bytes.clone() };
    let name = serde_json::Value::from(name);
    let value = english.map_or(serde_json::Value::Null, serde_json::Value::from);
    with_members(&row.bytes, at, format!("{name}:{value}").as_bytes())
}

/// A JSON object with further members before the brace that ends it, which stands at `at`.
pub(super) fn with_members(object: &[u8], at: usize, members: &[u8]) -> Vec<u8> {
    let (before, after) = object.split_at(at);
    // What stands before the closing brace stays where it is: `{"a": 1 }` has a blank there.
    let end = before.trim_ascii_end().len();
    [&before[..end], b",", members, &before[end..], after].concat()
}

/// A row with a further cell.
fn with_cell(table: &TableLayout, row: &CorpusRow, text: &str) -> Vec<u8> {
    let Some(at) = row.insert.filter(|at| *at <= row.bytes.len()) else { return row.bytes.clone() };
    let (before, after) = row.bytes.split_at(at);
    [before, &[table.delimiter], &cell(table, text), after].concat()
}

/// A cell, in quotation marks where it must be.
fn cell(table: &TableLayout, text: &str) -> Vec<u8> {
    let breaks = |c: char| matches!(c, '\n' | '\r') || c == char::from(table.delimiter);
    if !table.quoting {
        return text.replace(breaks, " ").into_bytes();
    }
    if text.contains(breaks) || text.contains('"') || text.trim().len() < text.len() {
        return format!("\"{}\"", text.replace('"', "\"\"")).into_bytes();
    }
    text.as_bytes().to_vec()
}

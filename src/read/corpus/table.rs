//! Tables: rows of cells below a header, separated by commas, semicolons or tabs.

use std::io::{self, ErrorKind, Read};
use std::sync::Arc;

use csv::{ByteRecord, ReaderBuilder};
use parking_lot::Mutex;

use super::file::{Corpus, RawRecord, RecordFields, Utf8Reader};
use super::problem::RecordProblem;
use crate::model::{self, CorpusRow, RecordField};
use crate::read::error::ReadError;
use crate::text::SeparatorLine;

/// How many bytes of the file are looked at to find out how its rows are made.
const HEAD: usize = 64 << 10;

/// What may separate the cells of a `.csv` file.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// The rows of a table.
pub(super) struct TableReader {
    corpus: Corpus,
    reader: csv::Reader<Window>,
    seen: Arc<Mutex<RowBytes>>,
    header: Header,
    /// The line that the next row is read from.
    line: u64,
    ended: bool,
}

/// The first row and what it says.
struct Header {
    delimiter: u8,
    quoting: bool,
    crlf: bool,
    /// The row, and the line above it that names the delimiter, if there is one.
    bytes: Vec<u8>,
    cells: usize,
    text: usize,
    id: Option<usize>,
    /// Those of the kept fields.
    kept: Vec<usize>,
}

/// Reads the header.
pub(super) fn open(
    corpus: &Corpus,
    reader: Utf8Reader,
    tabs: bool,
    limit: usize,
) -> Result<TableReader, ReadError> {
    let mut reader = reader;
    let mut head = Vec::new();
    reader.by_ref().take(HEAD as u64).read_to_end(&mut head).map_err(|error| corpus.failed(error))?;
    let named = named_delimiter(&head);
    let body = named.map_or(0, |(_, length)| length);
    let delimiter = match named {
        Some((delimiter, _)) => delimiter,
        None if tabs => b'\t',
        None => delimiter(&head, &corpus.fields.text),
    };
    let quoting = !tabs || quotes_enclose(&head[body..]);
    let crlf = memchr::memchr(b'\n', &head).is_some_and(|at| at > 0 && head[at - 1] == b'\r');
    let seen = Arc::new(Mutex::new(RowBytes { bytes: Vec::new(), start: 0, limit }));
    let above: Vec<u8> = head.drain(..body).collect();
    let window = Window { inner: Box::new(io::Cursor::new(head).chain(reader)), seen: Arc::clone(&seen) };
    let reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .quoting(quoting)
        .has_headers(false)
        .flexible(true)
        .from_reader(window);
    let line = 1 + lines(&above);
    let header =
        Header { delimiter, quoting, crlf, bytes: above, cells: 0, text: 0, id: None, kept: Vec::new() };
    let mut table = TableReader { corpus: corpus.clone(), reader, seen, header, line, ended: false };
    table.read_header()?;
    Ok(table)
}

impl TableReader {
    /// How the rows stand in the file.
    pub(super) fn shape(&self, bom: bool) -> model::TableLayout {
        let Header { delimiter, quoting, crlf, .. } = self.header;
        model::TableLayout { delimiter, quoting, header: self.header.bytes.clone(), crlf, bom }
    }

    fn read_header(&mut self) -> Result<(), ReadError> {
        let mut cells = ByteRecord::new();
        self.reader.read_byte_record(&mut cells).map_err(|error| self.failed(error))?;
        let (line, row) = self.raw();
        self.refuse_open_quote(line, &row)?;
        self.header.bytes.extend(row);
        let (path, fields) = (&self.corpus.path, &self.corpus.fields);
        let place = |name: &str| cells.iter().position(|cell| cell == name.as_bytes());
        let known = || cells.iter().map(String::from_utf8_lossy).collect::<Vec<_>>().join(", ");
        let missing =
            |field: &str| ReadError::NoColumn { path: path.clone(), field: field.to_owned(), known: known() };
        if cells.is_empty() {
            // A file without a header has no rows either.
            return Ok(());
        }
        self.header.cells = cells.len();
        self.header.text = place(&fields.text).ok_or_else(|| missing(&fields.text))?;
        self.header.id = match &fields.id {
            Some(id) => Some(place(id).ok_or_else(|| missing(id))?),
            None => None,
        };
        self.header.kept = fields
            .kept
            .iter()
            .map(|field| place(field).ok_or_else(|| missing(field)))
            .collect::<Result<_, _>>()?;
        if place(&fields.target).is_some() {
            return Err(ReadError::TargetThere { path: path.clone(), field: fields.target.clone() });
        }
        Ok(())
    }

    /// The line that the row begins on which was read last, and its bytes without line ends around it.
    fn raw(&mut self) -> (u64, Vec<u8>) {
        let mut row = self.seen.lock().take(self.reader.position().byte());
        let all = lines(&row);
        let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
        row.truncate(row.iter().rposition(|byte| !is_end(byte)).map_or(0, |at| at + 1));
        let start = row.iter().position(|byte| !is_end(byte)).unwrap_or(row.len());
        let line = self.line + lines(&row[..start]);
        self.line += all;
        row.drain(..start);
        (line, row)
    }

    fn record(&mut self, cells: &ByteRecord) -> Result<RawRecord, ReadError> {
        let (line, bytes) = self.raw();
        self.refuse_open_quote(line, &bytes)?;
        let found = match self.runaway_quote(line, &bytes) {
            Some(line) => Err(RecordProblem::Quote { line }),
            None => self.fields(&bytes, cells),
        };
        let takes_one = !matches!(
            found,
            Err(RecordProblem::Cells { .. } | RecordProblem::Encoding { .. } | RecordProblem::Quote { .. })
        );
        let insert = takes_one.then_some(bytes.len());
        Ok(RawRecord { line, row: Some(CorpusRow { bytes, insert }), found })
    }

    /// Refuses a row whose last cell is never closed: it is all the rest of the file, and what is put behind it would
    /// stand inside the cell.
    fn refuse_open_quote(&self, line: u64, row: &[u8]) -> Result<(), ReadError> {
        match open_quote(row, self.header.delimiter).filter(|_| self.header.quoting) {
            Some(at) => {
                let line = line + lines(&row[..at]);
                Err(ReadError::OpenQuote { path: self.corpus.path.clone(), line })
            }
            None => Ok(()),
        }
    }

    /// The line on which a cell is opened that the quotation mark of a later row closes: what is read as one row is two.
    fn runaway_quote(&self, line: u64, row: &[u8]) -> Option<u64> {
        let at = runaway_quote(row, self.header.delimiter).filter(|_| self.header.quoting)?;
        Some(line + lines(&row[..at]))
    }

    fn fields(&self, bytes: &[u8], cells: &ByteRecord) -> Result<RecordFields, RecordProblem> {
        if cells.len() != self.header.cells {
            return Err(RecordProblem::Cells { found: cells.len(), expected: self.header.cells });
        }
        if let Err(error) = std::str::from_utf8(bytes) {
            return Err(RecordProblem::Encoding { offset: error.valid_up_to() });
        }
        let cell = |at: usize| String::from_utf8_lossy(cells.get(at).unwrap_or_default()).into_owned();
        let names = self.corpus.fields.kept.iter();
        let kept = names
            .zip(&self.header.kept)
            .map(|(name, at)| RecordField { name: name.clone(), value: cell(*at) });
        Ok(RecordFields { id: self.header.id.map(cell), text: cell(self.header.text), kept: kept.collect() })
    }

    fn failed(&self, error: csv::Error) -> ReadError {
        let text = error.to_string();
        match error.into_kind() {
            csv::ErrorKind::Io(error) => self.corpus.failed(error),
            _ => self.corpus.failed(io::Error::new(ErrorKind::InvalidData, text)),
        }
    }
}

impl Iterator for TableReader {
    type Item = Result<RawRecord, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let mut cells = ByteRecord::new();
        let read = self.reader.read_byte_record(&mut cells);
        self.ended = !matches!(read, Ok(true));
        match read {
            Ok(true) => {
                let record = self.record(&cells);
                self.ended |= record.is_err();
                Some(record)
            }
            Ok(false) => None,
            Err(error) => Some(Err(self.failed(error))),
        }
    }
}

fn lines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

/// The delimiter that the first line of a file names, and the bytes of that line.
fn named_delimiter(head: &[u8]) -> Option<(u8, usize)> {
    // Behind the end of the line the head may end within a character.
    let line = &head[..=memchr::memchr(b'\n', head)?];
    let SeparatorLine { delimiter, length } = SeparatorLine::of(std::str::from_utf8(line).ok()?)?;
    // The reader of rows takes a byte.
    Some((u8::try_from(delimiter).ok().filter(u8::is_ascii)?, length))
}

/// Where the quotation mark stands in a row that opens a cell and is never closed.
fn open_quote(row: &[u8], delimiter: u8) -> Option<usize> {
    let mut at = 0;
    while at < row.len() {
        if row[at] == b'"' {
            let Some(end) = closing(&row[at + 1..]) else { return Some(at) };
            at += end + 2;
        }
        at += memchr::memchr(delimiter, &row[at..])? + 1;
    }
    None
}

/// Where the quotation mark stands that opens a cell of several lines and is closed with more behind it than the end of the
/// cell. On one line that may be a quoted word; what goes on for lines ends where another cell was meant to begin.
fn runaway_quote(row: &[u8], delimiter: u8) -> Option<usize> {
    let mut at = 0;
    while at < row.len() {
        if row[at] == b'"' {
            let end = at + 1 + closing(&row[at + 1..])?;
            let is_end = row.get(end + 1).is_none_or(|next| *next == delimiter);
            if !is_end && row[at..end].contains(&b'\n') {
                return Some(at);
            }
            at = end + 1;
        }
        at += memchr::memchr(delimiter, row.get(at..)?)? + 1;
    }
    None
}

/// The delimiter that makes the text field a cell of the header; a comma if none does.
fn delimiter(head: &[u8], text: &str) -> u8 {
    let header = |delimiter: u8| {
        let mut cells = ByteRecord::new();
        let mut reader = ReaderBuilder::new().delimiter(delimiter).has_headers(false).from_reader(head);
        // A header that cannot be read is reported when it is read for good.
        let _ = reader.read_byte_record(&mut cells);
        cells
    };
    let has_text = |delimiter: &u8| header(*delimiter).iter().any(|cell| cell == text.as_bytes());
    DELIMITERS.into_iter().find(has_text).unwrap_or(b',')
}

/// Whether quotation marks at the start of cells enclose them, as spreadsheets write it. Other programs
/// write tabs between cells and nothing else, and a cell may begin with a quoted word.
fn quotes_enclose(head: &[u8]) -> bool {
    let mut rest = head;
    let mut starts = true;
    while let Some((&byte, after)) = rest.split_first() {
        if !(starts && byte == b'"') {
            starts = matches!(byte, b'\t' | b'\n' | b'\r');
            rest = after;
            continue;
        }
        let Some(end) = closing(after) else { return head.len() == HEAD };
        rest = &after[end + 1..];
        if !matches!(rest.first(), None | Some(b'\t' | b'\n' | b'\r')) {
            return false;
        }
    }
    true
}

/// Where the quotation mark stands that is not doubled.
fn closing(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr::memchr(b'"', &text[at..])?;
        if text.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

/// The bytes of the file from the row on that is being read.
struct RowBytes {
    bytes: Vec<u8>,
    /// Where in the file they begin.
    start: u64,
    limit: usize,
}

impl RowBytes {
    /// Takes the bytes up to a place in the file.
    fn take(&mut self, end: u64) -> Vec<u8> {
        let count = usize::try_from(end - self.start).unwrap_or(usize::MAX).min(self.bytes.len());
        let rest = self.bytes.split_off(count);
        self.start = end;
        std::mem::replace(&mut self.bytes, rest)
    }
}

/// A reader that keeps what passes through until its row is complete. A quotation mark that is never
/// closed makes a row of all the rest; one that is too large ends the reading.
struct Window {
    inner: Box<dyn Read + Send>,
    seen: Arc<Mutex<RowBytes>>,
}

impl Read for Window {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut seen = self.seen.lock();
        if seen.bytes.len() > seen.limit {
            let message = format!(
                "a row is larger than the limit of {} bytes; is a quotation mark not closed?",
                seen.limit
            );
            return Err(io::Error::new(ErrorKind::InvalidData, message));
        }
        let count = self.inner.read(buffer)?;
        seen.bytes.extend_from_slice(&buffer[..count]);
        Ok(count)
    }
}

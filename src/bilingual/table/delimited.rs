//! Text with a delimiter between its cells: TSV, and CSV as spreadsheets write it.

use std::io::{self, Cursor, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use csv::{QuoteStyle, ReaderBuilder, StringRecord, WriterBuilder};

use super::columns::{TableColumns, UnitColumn, cell_of};
use crate::bilingual::decode::DecodedStream;
use crate::bilingual::error::BilingualError;
use crate::bilingual::unit::BilingualUnit;
use crate::bilingual::writer::UnitWriter;
use crate::glossary::exchange::{guarded, unguarded};
use crate::text::SeparatorLine;

/// What a file begins with so that Excel takes it for UTF-8.
pub const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// How far the header is looked for.
const HEAD: u64 = 64 << 10;

/// A row has no more bytes than this: a quotation mark that nobody closes would make the rest of the file one cell.
const ROW: u64 = 16 << 20;

/// What may stand between cells where the file does not say it.
const DELIMITERS: [u8; 3] = [b'\t', b';', b','];

/// What a spreadsheet does not take for text at the start of a cell, in half and full width, and the apostrophe, which is put
/// before it.
const NOT_TEXT: [char; 10] = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '"', '\''];

/// A text as a cell of a table with tabs: tab, line feed, carriage return and backslash stand as `\t`, `\n`, `\r` and `\\`,
/// and what a spreadsheet would run, or take for the beginning of a quoted cell, has an apostrophe before it.
#[must_use]
pub fn table_cell(text: &str) -> String {
    let mut cell = String::with_capacity(text.len() + 1);
    if text.starts_with(NOT_TEXT) {
        cell.push('\'');
    }
    for c in text.chars() {
        match c {
            '\t' => cell.push_str("\\t"),
            '\n' => cell.push_str("\\n"),
            '\r' => cell.push_str("\\r"),
            '\\' => cell.push_str("\\\\"),
            c => cell.push(c),
        }
    }
    cell
}

/// The text of a cell as [`table_cell`] writes it. What a person typed stays as it is: an apostrophe before a letter, a
/// backslash before anything else.
fn text_of_cell(cell: &str) -> String {
    let cell = cell.strip_prefix('\'').filter(|rest| rest.starts_with(NOT_TEXT)).unwrap_or(cell);
    let mut text = String::with_capacity(cell.len());
    let mut characters = cell.chars().peekable();
    while let Some(c) = characters.next() {
        let escaped = match characters.peek() {
            Some('t') => '\t',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('\\') => '\\',
            _ => '\0',
        };
        if c == '\\' && escaped != '\0' {
            text.push(escaped);
            characters.next();
        } else {
            text.push(c);
        }
    }
    text
}

/// The units of a table.
pub(in crate::bilingual) struct DelimitedUnits {
    path: PathBuf,
    reader: csv::Reader<RowLimit>,
    read: Arc<AtomicU64>,
    columns: TableColumns,
    form: CellForm,
    /// A first row that is no header.
    first: Option<StringRecord>,
    ended: bool,
}

/// Stops where a row has no end.
struct RowLimit {
    input: Box<dyn Read + Send>,
    /// Bytes read since the last row.
    read: Arc<AtomicU64>,
}

impl Read for RowLimit {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(out)?;
        if self.read.fetch_add(count as u64, Ordering::Relaxed) > ROW {
            let message = "a row does not end; is a quotation mark missing?";
            return Err(io::Error::new(ErrorKind::InvalidData, message));
        }
        Ok(count)
    }
}

impl DelimitedUnits {
    pub(in crate::bilingual) fn new(
        path: &Path,
        input: impl Read + Send + 'static,
    ) -> Result<Self, BilingualError> {
        let failed = |source| BilingualError::File { path: path.to_owned(), source };
        let mut input = DecodedStream::new(input).map_err(failed)?;
        let mut head = Vec::new();
        input.by_ref().take(HEAD).read_to_end(&mut head).map_err(failed)?;
        let named =
            SeparatorLine::of(&String::from_utf8_lossy(&head)).filter(|line| line.delimiter.is_ascii());
        let above = named.map_or(0, |line| line.length);
        let delimiter = match named {
            Some(line) => u8::try_from(line.delimiter).unwrap_or(b'\t'),
            None => delimiter(&head),
        };
        head.drain(..above);
        let read = Arc::new(AtomicU64::new(0));
        let input = RowLimit { input: Box::new(Cursor::new(head).chain(input)), read: Arc::clone(&read) };
        let reader =
            ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(input);
        let columns = TableColumns::german_then_english();
        let form = CellForm::of(delimiter);
        let mut units =
            Self { path: path.to_owned(), reader, read, columns, form, first: None, ended: false };
        if let Some(first) = units.row()? {
            let cells: Vec<String> = first.iter().map(str::to_owned).collect();
            match TableColumns::of_header(&cells) {
                Some(columns) => units.columns = columns,
                None => units.first = Some(first),
            }
        }
        Ok(units)
    }

    fn row(&mut self) -> Result<Option<StringRecord>, BilingualError> {
        let mut row = StringRecord::new();
        self.read.store(0, Ordering::Relaxed);
        match self.reader.read_record(&mut row) {
            Ok(true) => Ok(Some(row)),
            Ok(false) => Ok(None),
            Err(error) => {
                let line = usize::try_from(self.reader.position().line()).unwrap_or(usize::MAX);
                Err(BilingualError::Damaged { path: self.path.clone(), line, source: error.into() })
            }
        }
    }

    fn unit(&self, row: &StringRecord) -> Option<BilingualUnit> {
        let line =
            row.position().map_or(1, |position| usize::try_from(position.line()).unwrap_or(usize::MAX));
        let is_own = self.columns.are_own();
        let text = |cell: &str| if is_own { self.form.read(cell) } else { cell.to_owned() };
        self.columns.unit(row.iter().map(text).collect(), line)
    }
}

impl Iterator for DelimitedUnits {
    type Item = Result<BilingualUnit, BilingualError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            let row = match self.first.take() {
                Some(first) => Ok(Some(first)),
                None => self.row(),
            };
            match row {
                Ok(Some(row)) => {
                    if let Some(unit) = self.unit(&row) {
                        return Some(Ok(unit));
                    }
                }
                Ok(None) => self.ended = true,
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error));
                }
            }
        }
        None
    }
}

/// What stands between the cells of the first line.
fn delimiter(head: &[u8]) -> u8 {
    let line = head.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    let count = |delimiter: &u8| memchr::memchr_iter(*delimiter, line).count();
    // Of several as frequent the first one.
    DELIMITERS.into_iter().rev().max_by_key(count).unwrap_or(b'\t')
}

/// Writes a table.
pub(in crate::bilingual) struct DelimitedWriter<W: Write> {
    out: csv::Writer<W>,
    dialect: CellForm,
}

/// How texts stand in the cells of a table of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CellForm {
    /// In one line, with backslashes: see [`table_cell`].
    Escaped,
    /// As they are, in quotation marks where that is needed, with an apostrophe before what would be run.
    Guarded,
}

impl CellForm {
    fn of(delimiter: u8) -> Self {
        if delimiter == b'\t' { Self::Escaped } else { Self::Guarded }
    }

    fn written(self, text: &str) -> String {
        match self {
            Self::Escaped => table_cell(text),
            Self::Guarded => guarded(text).into_owned(),
        }
    }

    fn read(self, cell: &str) -> String {
        match self {
            Self::Escaped => text_of_cell(cell),
            Self::Guarded => unguarded(cell).to_owned(),
        }
    }
}

/// The columns that are written.
const WRITTEN: [UnitColumn; 12] = [
    UnitColumn::Article,
    UnitColumn::Segment,
    UnitColumn::Block,
    UnitColumn::Kind,
    UnitColumn::Status,
    UnitColumn::German,
    UnitColumn::English,
    UnitColumn::Engine,
    UnitColumn::By,
    UnitColumn::At,
    UnitColumn::Terms,
    UnitColumn::Findings,
];

impl<W: Write> DelimitedWriter<W> {
    /// Writes the header.
    pub(in crate::bilingual) fn begin(out: W, delimiter: u8) -> io::Result<Self> {
        let mut out =
            WriterBuilder::new().delimiter(delimiter).quote_style(quoting(delimiter)).from_writer(out);
        out.write_record(WRITTEN.map(UnitColumn::as_str))?;
        Ok(Self { out, dialect: CellForm::of(delimiter) })
    }
}

/// Cells with backslashes need no quotation marks.
fn quoting(delimiter: u8) -> QuoteStyle {
    match CellForm::of(delimiter) {
        CellForm::Escaped => QuoteStyle::Never,
        CellForm::Guarded => QuoteStyle::Necessary,
    }
}

impl<W: Write> UnitWriter for DelimitedWriter<W> {
    fn write(&mut self, unit: &BilingualUnit) -> io::Result<()> {
        let cells = WRITTEN.map(|column| self.dialect.written(&cell_of(unit, column)));
        Ok(self.out.write_record(cells)?)
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.out.flush()
    }
}

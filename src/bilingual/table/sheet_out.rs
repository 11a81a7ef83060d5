//! Excel workbooks, out.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

use super::columns::{CUT, UnitColumn, cell_of};
use crate::bilingual::unit::BilingualUnit;
use crate::bilingual::writer::UnitWriter;
use crate::text::characters::visible;
use crate::text::one_line;

/// A cell holds no more than this in Excel, counted in UTF-16 code units.
const LONGEST_CELL: usize = 32_767;

/// A sheet holds no more rows than this in Excel, its header among them.
const ROWS: u32 = 1 << 20;

/// How much of a text that is too long for a cell stands in it: the note about the rest must find room.
const SHOWN_OF_LONG: usize = 32_000;

/// The columns of a sheet with their headers and widths in characters; those without a width are hidden. They are found again by
/// their headers, wherever a person moves them.
const COLUMNS: [(UnitColumn, &str, Option<f64>); 14] = [
    (UnitColumn::Article, "article", Some(24.0)),
    (UnitColumn::Segment, "segment", Some(9.0)),
    (UnitColumn::German, "German", Some(60.0)),
    (UnitColumn::English, "English", Some(60.0)),
    (UnitColumn::Status, "status", Some(11.0)),
    (UnitColumn::Findings, "findings", Some(40.0)),
    (UnitColumn::Terms, "terms", Some(36.0)),
    (UnitColumn::Kind, "kind", Some(11.0)),
    (UnitColumn::Engine, "engine", Some(14.0)),
    (UnitColumn::By, "by", Some(14.0)),
    (UnitColumn::At, "at", Some(20.0)),
    (UnitColumn::Caveat, "caveat", Some(30.0)),
    (UnitColumn::Block, "block", None),
    (UnitColumn::Written, "written", None),
];

/// Makes a workbook row by row. The rows stand in a temporary file, so that it may be larger than the memory.
pub struct SheetWriter {
    workbook: Workbook,
    sheets: usize,
    /// The row that is written next in the last sheet.
    row: u32,
    look: SheetLook,
    looks: Looks,
}

/// Which columns a workbook has beside those that all have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SheetLook {
    /// Whether its units are of several articles, so that the column with their names is not hidden.
    pub shows_article: bool,
    /// The fields of its units that have columns, behind the others.
    pub fields: Vec<String>,
}

struct Looks {
    header: Format,
    text: Format,
    number: Format,
    failed: Format,
}

impl SheetWriter {
    /// Begins a workbook.
    ///
    /// # Errors
    /// A temporary file cannot be made.
    pub fn new(look: &SheetLook) -> io::Result<Self> {
        let top = || Format::new().set_align(FormatAlign::Top);
        let looks = Looks {
            header: top().set_bold().set_background_color(0x00E8_EAED).set_border_bottom(FormatBorder::Thin),
            text: top().set_text_wrap(),
            number: top(),
            failed: top().set_text_wrap().set_background_color(0x00FF_D9D6),
        };
        let mut workbook = Workbook::new();
        // The same workbook has the same bytes whenever it is written.
        let created = ExcelDateTime::from_ymd(2000, 1, 1).map_err(failed)?;
        workbook.set_properties(&DocProperties::new().set_author("wortlaut").set_creation_datetime(&created));
        let mut writer = Self { workbook, sheets: 0, row: 0, look: look.clone(), looks };
        unpanicked(|| writer.begin_sheet())?;
        Ok(writer)
    }

    fn begin_sheet(&mut self) -> Result<(), XlsxError> {
        self.end_sheet()?;
        self.sheets += 1;
        self.row = 1;
        let names =
            COLUMNS.iter().map(|(_, name, _)| *name).chain(self.look.fields.iter().map(String::as_str));
        let names: Vec<String> = names.map(str::to_owned).collect();
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(if self.sheets == 1 {
            "segments".to_owned()
        } else {
            format!("segments {}", self.sheets)
        })?;
        for (column, name) in (0..).zip(&names) {
            sheet.write_string_with_format(0, column, fitting(name), &self.looks.header)?;
            match COLUMNS.get(usize::from(column)).map(|(_, _, width)| *width) {
                Some(Some(_)) if column == 0 && !self.look.shows_article => {
                    sheet.set_column_hidden(column)?
                }
                Some(Some(width)) => sheet.set_column_width(column, width)?,
                Some(None) => sheet.set_column_hidden(column)?,
                None => sheet.set_column_width(column, 20.0)?,
            };
        }
        sheet.set_freeze_panes(1, 0)?;
        sheet.set_landscape().set_print_fit_to_pages(1, 0);
        sheet.set_repeat_rows(0, 0)?;
        Ok(())
    }

    /// Puts the filters over the rows of the last sheet.
    fn end_sheet(&mut self) -> Result<(), XlsxError> {
        if let Some(last) = self.sheets.checked_sub(1) {
            let columns = u16::try_from(COLUMNS.len() + self.look.fields.len()).unwrap_or(u16::MAX);
            let row = self.row.saturating_sub(1);
            self.workbook.worksheet_from_index(last)?.autofilter(0, 0, row, columns - 1)?;
        }
        Ok(())
    }

    /// Writes a unit as the next row, its texts in one line each.
    ///
    /// # Errors
    /// A temporary file cannot be written.
    pub fn push(&mut self, unit: &BilingualUnit) -> io::Result<()> {
        unpanicked(|| self.put_row(unit))
    }

    fn put_row(&mut self, unit: &BilingualUnit) -> Result<(), XlsxError> {
        if self.row == ROWS {
            self.begin_sheet()?;
        }
        let row = self.row;
        let looks = &self.looks;
        let last = self.sheets.saturating_sub(1);
        let sheet = self.workbook.worksheet_from_index(last)?;
        let mut is_cut = false;
        for (at, (column, ..)) in (0..).zip(COLUMNS) {
            let mut text = cell_of(unit, column);
            match column {
                UnitColumn::German | UnitColumn::English => {
                    text = one_line(&visible(&text));
                    is_cut |= units_of(&text) > LONGEST_CELL;
                }
                UnitColumn::Written if is_cut => CUT.clone_into(&mut text),
                _ => {}
            }
            let look = match column {
                UnitColumn::English | UnitColumn::Status if unit.target.is_none() => &looks.failed,
                _ => &looks.text,
            };
            let number = text.parse::<u32>().ok();
            match number.filter(|_| matches!(column, UnitColumn::Segment | UnitColumn::Block)) {
                Some(number) => put_number(sheet, row, at, number, &looks.number),
                None => put(sheet, row, at, &text, look),
            }?;
        }
        let columns = u16::try_from(COLUMNS.len()).unwrap_or(u16::MAX);
        for (at, name) in (columns..).zip(&self.look.fields) {
            put(sheet, row, at, unit.field(name).unwrap_or_default(), &looks.text)?;
        }
        self.row += 1;
        Ok(())
    }

    /// Writes the whole workbook.
    ///
    /// # Errors
    /// It cannot be written, or a temporary file cannot.
    pub fn save(mut self, out: &mut impl Write) -> io::Result<()> {
        // An archive is written with leaps, which a stream does not take.
        let mut archive = SheetArchive { file: tempfile::tempfile()?, failure: None };
        let done = unpanicked(|| {
            self.end_sheet()?;
            self.workbook.save_to_writer(&mut archive)
        });
        let mut whole = archive.whole()?;
        done?;
        whole.seek(SeekFrom::Start(0))?;
        io::copy(&mut whole, out)?;
        out.flush()
    }
}

fn put_number(sheet: &mut Worksheet, row: u32, at: u16, number: u32, look: &Format) -> Result<(), XlsxError> {
    sheet.write_number_with_format(row, at, number, look).map(drop)
}

/// Writes a text as a text: a cell that begins with `=` is no formula.
fn put(sheet: &mut Worksheet, row: u32, at: u16, text: &str, look: &Format) -> Result<(), XlsxError> {
    sheet.write_string_with_format(row, at, fitting(text), look).map(drop)
}

/// What Excel counts as characters.
fn units_of(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// A text that fits into a cell. Of one that is too long the beginning, and how much is missing.
fn fitting(text: &str) -> String {
    let all = units_of(text);
    if all <= LONGEST_CELL {
        return text.to_owned();
    }
    let mut shown = 0;
    let end = text
        .char_indices()
        .find(|(_, c)| {
            shown += c.len_utf16();
            shown > SHOWN_OF_LONG
        })
        .map_or(text.len(), |(at, _)| at);
    let missing = text[end..].chars().count();
    format!("{} ⟦{missing} more characters do not fit into a cell; the format jsonl has them⟧", &text[..end])
}

fn failed(error: XlsxError) -> io::Error {
    match error {
        XlsxError::IoError(error) => error,
        error => io::Error::other(error),
    }
}

thread_local! {
    /// Whether a panic of this thread is answered by [`unpanicked`], and not to be reported.
    static ANSWERED: Cell<bool> = const { Cell::new(false) };
}

/// Works with a workbook. `rust_xlsxwriter` panics where its temporary file cannot be written, and a full disk is an error
/// like others.
fn unpanicked<T>(work: impl FnOnce() -> Result<T, XlsxError>) -> io::Result<T> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !ANSWERED.get() {
                report(panic);
            }
        }));
    });
    ANSWERED.set(true);
    // What was begun is not used again: whoever gets the error gives the whole workbook up.
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    ANSWERED.set(false);
    match done {
        Ok(done) => done.map_err(failed),
        Err(_) => Err(io::Error::other(format!(
            "its rows cannot be written into a temporary file; is the disk with {} full?",
            std::env::temp_dir().display()
        ))),
    }
}

/// The file of an archive. After a failure it takes everything and keeps nothing, since the archive writer would go on and
/// report on standard error what fails once more.
struct SheetArchive {
    file: File,
    failure: Option<io::Error>,
}

impl SheetArchive {
    fn whole(self) -> io::Result<File> {
        self.failure.map_or(Ok(self.file), Err)
    }

    fn kept<T>(&mut self, done: io::Result<T>, instead: T) -> T {
        done.unwrap_or_else(|error| {
            self.failure.get_or_insert(error);
            instead
        })
    }
}

impl Write for SheetArchive {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.failure.is_some() {
            return Ok(bytes.len());
        }
        let done = self.file.write(bytes);
        if matches!(&done, Err(error) if error.kind() == io::ErrorKind::Interrupted) {
            return done;
        }
        Ok(self.kept(done, bytes.len()))
    }

    fn flush(&mut self) -> io::Result<()> {
        let done = self.file.flush();
        self.kept(done, ());
        Ok(())
    }
}

impl Seek for SheetArchive {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// A workbook as a stream: it takes its place when it is whole.
pub(in crate::bilingual) struct SheetStream<W> {
    sheet: SheetWriter,
    out: W,
}

impl<W: Write> SheetStream<W> {
    pub(in crate::bilingual) fn begin(out: W) -> io::Result<Self> {
        Ok(Self { sheet: SheetWriter::new(&SheetLook { shows_article: true, fields: Vec::new() })?, out })
    }
}

impl<W: Write> UnitWriter for SheetStream<W> {
    fn write(&mut self, unit: &BilingualUnit) -> io::Result<()> {
        self.sheet.push(unit)
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.sheet.save(&mut self.out)
    }
}

//! Excel workbooks, in: the rows of the first sheet.
//!
//! What a workbook says of its size is not believed: before it is read, its parts are unpacked once and counted.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::num::IntErrorKind;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use calamine::{Data, DataRef, Reader, Xlsx};
use quick_xml::Reader as XmlReader;
use quick_xml::events::Event;
use zip::ZipArchive;

use super::columns::TableColumns;
use crate::bilingual::error::BilingualError;
use crate::bilingual::unit::BilingualUnit;

/// All parts that stand in memory as a whole, which are those that are no sheets, unpack to no more than this. A corpus of a
/// million segments has some 300 MiB of texts that its cells share.
const SHARED: u64 = 1 << 30;

/// A sheet unpacks to no more than this: about ten times what a full one of usual sentences has.
const SHEET: u64 = 8 << 30;

/// Shared strings that a workbook may declare beyond those it holds. Memory is reserved by the declared count, and for this
/// many that is harmless.
const ANNOUNCED: u64 = 1 << 20;

/// No text and no tag of a part is longer than this. Excel allows 32,767 characters in a cell.
const LONGEST_RUN: u64 = 1 << 20;

/// A table has no more columns than this.
const COLUMNS: u32 = 256;

/// Rows that are read ahead.
const AHEAD: usize = 64;

/// What is wrong with a workbook.
type SheetFault = Box<dyn std::error::Error + Send + Sync>;

/// The cells of a row, and its number.
type SheetRow = (usize, Vec<String>);

/// The units of the first sheet.
pub(in crate::bilingual) struct SheetUnits {
    path: PathBuf,
    rows: Receiver<Result<SheetRow, SheetFault>>,
    reader: Option<JoinHandle<()>>,
    columns: TableColumns,
    first: Option<SheetRow>,
    line: usize,
    ended: bool,
}

impl SheetUnits {
    pub(in crate::bilingual) fn new(
        path: &Path,
        mut input: impl Read + Send + 'static,
    ) -> Result<Self, BilingualError> {
        let failed = |source| BilingualError::File { path: path.to_owned(), source };
        // An archive is read with leaps, which a stream does not take.
        let mut file = tempfile::tempfile().map_err(failed)?;
        io::copy(&mut input, &mut file).map_err(failed)?;
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        let (sender, rows) = sync_channel(AHEAD);
        // A row borrows from its workbook, and units from nobody, so the workbook lives on a thread of its own.
        let reader = thread::spawn(move || {
            if let Err(error) = read(file, &sender) {
                let _ = sender.send(Err(error));
            }
        });
        let columns = TableColumns::german_then_english();
        let mut units = Self {
            path: path.to_owned(),
            rows,
            reader: Some(reader),
            columns,
            first: None,
            line: 1,
            ended: false,
        };
        if let Some(row) = units.row()? {
            match TableColumns::of_header(&row.1) {
                Some(columns) => units.columns = columns,
                None => units.first = Some(row),
            }
        }
        Ok(units)
    }

    fn row(&mut self) -> Result<Option<SheetRow>, BilingualError> {
        match self.rows.recv() {
            Ok(Ok(row)) => {
                self.line = row.0;
                Ok(Some(row))
            }
            Ok(Err(source)) => {
                Err(BilingualError::Damaged { path: self.path.clone(), line: self.line, source })
            }
            // The rows end where the reader does, unless it broke down over what it read.
            Err(_) => match self.reader.take().map(JoinHandle::join) {
                Some(Err(_)) => {
                    let source = "the workbook is damaged".into();
                    Err(BilingualError::Damaged { path: self.path.clone(), line: self.line, source })
                }
                _ => Ok(None),
            },
        }
    }
}

impl Iterator for SheetUnits {
    type Item = Result<BilingualUnit, BilingualError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            let row = match self.first.take() {
                Some(first) => Ok(Some(first)),
                None => self.row(),
            };
            match row {
                Ok(Some((line, cells))) => {
                    if let Some(unit) = self.columns.unit(cells, line) {
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

/// Sends the rows of the first sheet; who no longer takes them is not waited for.
fn read(mut file: File, rows: &SyncSender<Result<SheetRow, SheetFault>>) -> Result<(), SheetFault> {
    refuse_bombs(&file)?;
    file.seek(SeekFrom::Start(0))?;
    let mut book: Xlsx<_> = Xlsx::new(BufReader::new(file))?;
    let Some(name) = book.sheet_names().first().cloned() else { return Ok(()) };
    let mut cells = book.worksheet_cells_reader(&name)?;
    let mut row: SheetRow = (1, Vec::new());
    while let Some(cell) = cells.next_cell()? {
        let (at, column) = cell.get_position();
        let number = usize::try_from(at)?.saturating_add(1);
        if number != row.0 && !send(rows, std::mem::replace(&mut row, (number, Vec::new()))) {
            return Ok(());
        }
        if column < COLUMNS {
            let column = usize::try_from(column)?;
            row.1.resize(row.1.len().max(column + 1), String::new());
            row.1[column] = text_of(cell.get_value());
        }
    }
    send(rows, row);
    Ok(())
}

fn send(rows: &SyncSender<Result<SheetRow, SheetFault>>, row: SheetRow) -> bool {
    row.1.is_empty() || rows.send(Ok(row)).is_ok()
}

/// What a cell shows.
fn text_of(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Error(_) => String::new(),
        value => Data::from(value.clone()).to_string(),
    }
}

/// Unpacks every part once, and refuses what would fill the memory.
fn refuse_bombs(file: &File) -> Result<(), SheetFault> {
    let mut archive = ZipArchive::new(BufReader::new(file))?;
    let mut shared = SHARED;
    for at in 0..archive.len() {
        let mut part = archive.by_index(at)?;
        let name = part.name()?.into_owned();
        let is_sheet = name.starts_with("xl/worksheets/");
        // All parts but pictures and the like, and those are not read.
        let is_markup = !name.starts_with("xl/media/");
        let limit = if is_sheet { SHEET } else { shared };
        let mut size = 0_u64;
        let mut run = 0_u64;
        let mut tags = 0_u64;
        let mut chunk = vec![0; 1 << 16];
        loop {
            let read = part.read(&mut chunk)?;
            if read == 0 {
                break;
            }
            size += read as u64;
            for piece in chunk[..read].split_inclusive(|byte| *byte == b'<') {
                run += piece.len() as u64;
                if is_markup && run > LONGEST_RUN {
                    return Err(format!("{name} has a longer text than a cell may have").into());
                }
                if piece.ends_with(b"<") {
                    run = 0;
                    tags += 1;
                }
            }
            if size > limit {
                return Err(format!("{name} unpacks to more than a workbook has").into());
            }
        }
        if !is_sheet {
            shared -= size;
        }
        drop(part);
        if name.to_lowercase().ends_with("sharedstrings.xml") {
            let announced = announced_texts(BufReader::new(archive.by_index(at)?))?;
            if announced > tags.max(ANNOUNCED) {
                return Err(format!("{name} announces {announced} texts and does not have them").into());
            }
        }
    }
    Ok(())
}

/// How many texts a part says that cells share: room for all of them is made before the first is read.
fn announced_texts(part: impl BufRead) -> Result<u64, SheetFault> {
    let mut xml = XmlReader::from_reader(part);
    let mut buffer = Vec::new();
    loop {
        match xml.read_event_into(&mut buffer)? {
            Event::Start(tag) | Event::Empty(tag) if tag.local_name().as_ref() == "sst" => {
                let count = tag.try_get_attribute("uniqueCount")?;
                // What is too large for a number is too large in any case.
                return Ok(count.map_or(0, |count| match count.value.trim().parse() {
                    Ok(count) => count,
                    Err(error) if *error.kind() == IntErrorKind::PosOverflow => u64::MAX,
                    Err(_) => 0,
                }));
            }
            Event::Eof => return Ok(0),
            _ => buffer.clear(),
        }
    }
}

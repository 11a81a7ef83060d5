//! Tables of other programs as entries: by the names of a header, else by place.

use std::path::Path;

use super::super::cells::{case, kind, values};
use super::super::error::{GlossaryError, LineError, LineFault};
use super::super::line_ends::lines;
use super::decode::DecodedText;
use super::delimited::{CellDialect, GridRow, Quoting, delimiter, is_comment, rows};
use super::format::ExchangeFormat;
use super::formula::{unguarded, unwrapped};
use super::headers::{ColumnRole, Columns, is_code};
use super::imported::{Imported, cell_text, is_language, joined, line_numbers};
use crate::model::{Entry, EntryKind, Origin};
use crate::text::counted;

/// How many rows above the header may be a title.
const TITLE: usize = 5;

/// Reads lines of delimited cells.
pub(super) fn read_text(
    path: &Path,
    decoded: &DecodedText,
    format: ExchangeFormat,
) -> Result<Imported, GlossaryError> {
    let text = &decoded.text;
    let dialect = dialect(decoded, format);
    // The tables of services have no guards.
    let is_guarded = matches!(format, ExchangeFormat::Csv | ExchangeFormat::ExcelCsv)
        || (format == ExchangeFormat::Tsv && dialect.quoting != Quoting::Literal);
    let comments = format != ExchangeFormat::DeeplTsv && format != ExchangeFormat::DeeplCsv;
    let is_comment = |row: &GridRow| match row.cells.first() {
        Some(cell) if dialect.delimiter == '\t' => cell.starts_with('#') && cell.len() > 1,
        _ => is_comment(row),
    };
    let mut all = Vec::new();
    for mut row in rows(text, dialect).filter(|row| !comments || !is_comment(row)) {
        if is_guarded {
            row.cells.iter_mut().for_each(|cell| *cell = unguarded(&unwrapped(cell)).to_owned());
        }
        all.push(row);
    }
    let mut imported = interpret(path, &all, format)?;
    if let Some(encoding) = decoded.guessed {
        imported.remarks.insert(0, format!("{}: read as {encoding}", path.display()));
    }
    Ok(imported)
}

/// How the rows of a file are written.
fn dialect(decoded: &DecodedText, format: ExchangeFormat) -> CellDialect {
    let text = &decoded.text;
    let is_own = || {
        let first = text.lines().find(|line| !line.starts_with('#') && !line.trim().is_empty());
        let mut cells = first.unwrap_or_default().split('\t');
        cells.next() == Some("source") && cells.next() == Some("target")
    };
    let is_quoted = |line: &str| {
        let mut cells = line.split('\t').filter(|cell| !cell.is_empty());
        cells.all(|cell| cell.len() > 1 && cell.starts_with('"') && cell.ends_with('"'))
    };
    let begins_quoted = || lines(text).next().is_some_and(is_quoted);
    let has_tabs = |line: &str| line.contains('\t') || line.starts_with('#') || line.trim().is_empty();
    let literal = CellDialect { delimiter: '\t', quoting: Quoting::Literal };
    match format {
        ExchangeFormat::DeeplTsv => literal,
        // A spreadsheet that saves it does so in an encoding of its own.
        ExchangeFormat::Tsv if !decoded.is_wide && decoded.guessed.is_none() && is_own() => literal,
        // Its own files have tabs in every line and no quotation marks around cells, so one in a cell is a part of it.
        ExchangeFormat::Omegat if !decoded.is_wide && !begins_quoted() && lines(text).all(has_tabs) => {
            literal
        }
        _ => {
            let usual = if format == ExchangeFormat::DeeplCsv { ',' } else { '\t' };
            let delimiter = delimiter(text, Quoting::Always, usual);
            let quoting = match (delimiter, format) {
                ('\t', _) if decoded.is_wide || begins_quoted() => Quoting::Always,
                ('\t', ExchangeFormat::Omegat) => Quoting::Literal,
                ('\t', _) => Quoting::WhereNeeded,
                _ => Quoting::Always,
            };
            CellDialect { delimiter, quoting }
        }
    }
}

/// Reads the first sheet of a workbook.
pub(super) fn read_xlsx(path: &Path, bytes: &[u8]) -> Result<Imported, GlossaryError> {
    let row = |(line, cells)| GridRow { line, cells, is_open: false };
    let rows = super::xlsx::rows(path, bytes)?.into_iter().map(row);
    interpret(path, &rows.filter(|row| !is_comment(row)).collect::<Vec<_>>(), ExchangeFormat::Xlsx)
}

/// Makes entries of rows.
fn interpret(path: &Path, all: &[GridRow], format: ExchangeFormat) -> Result<Imported, GlossaryError> {
    let mut imported = Imported::default();
    let origin = |line| Origin { path: path.to_owned(), line };
    let filled = |row: &GridRow| row.cells.iter().filter(|cell| !cell.trim().is_empty()).count();
    let title = all.iter().take(TITLE).take_while(|row| filled(row) == 1).count();
    let found = all.get(title).and_then(|row| Columns::of_header(&row.cells));
    let (columns, first) = match found {
        Some(columns) => {
            for row in &all[..title] {
                let text = cell_text(&row.cells.concat());
                imported.remarks.push(format!("{}: a title, not read: {text}", origin(row.line)));
            }
            let names = |role| columns.named(role).join("”, “");
            imported.remarks.push(format!(
                "{}: first line taken as a header: German “{}”, English “{}”",
                origin(all[title].line),
                names(ColumnRole::Source),
                names(ColumnRole::Target)
            ));
            imported.has_header = true;
            (Some(columns), title + 1)
        }
        None => (None, 0),
    };
    if let (None, Some(row)) = (&columns, all.first())
        && Columns::is_half_header(&row.cells)
    {
        let fault = LineFault::HalfHeader;
        return Err(LineError::of_line(origin(row.line), row.cells.join("\t").as_bytes(), fault).into());
    }
    let placed = columns.is_none();
    let columns = columns.unwrap_or_else(|| by_place(all, format));
    let mut leftovers = Leftovers::default();
    for row in &all[first..] {
        let at = origin(row.line);
        match entry(&columns, row, placed, at.clone()) {
            Ok(RowContent::Entry(entry)) => {
                if placed && imported.entries.is_empty() && imported.faults.is_empty() {
                    imported.remarks.push(format!(
                        "{at}: first line taken as an entry: {} → {}",
                        entry.source,
                        entry.targets.join("|")
                    ));
                }
                imported.entries.push(*entry);
            }
            Ok(RowContent::Unfilled) => imported.unfilled.push(at.clone()),
            Err(fault) => {
                let line = row.cells.join("\t");
                imported.faults.push(LineError::of_line(at.clone(), line.as_bytes(), fault).into());
            }
        }
        leftovers.look(&columns, row);
    }
    imported.remarks.extend(leftovers.remarks(path, &columns));
    imported.remarks.extend(listed(path, &imported.entries));
    if format == ExchangeFormat::Omegat {
        imported.entries = joined(std::mem::take(&mut imported.entries));
    }
    Ok(imported)
}

/// What a row holds.
enum RowContent {
    Entry(Box<Entry>),
    /// A term without its counterpart.
    Unfilled,
}

/// The columns of a table that does not name them: source, target, then a remark or two language codes. A first column of
/// numbers only counts the rows.
fn by_place(rows: &[GridRow], format: ExchangeFormat) -> Columns {
    let is_number = |row: &GridRow| {
        let cell = row.cells.first().map_or("", |cell| cell.trim().trim_end_matches('.'));
        !cell.is_empty() && cell.bytes().all(|byte| byte.is_ascii_digit())
    };
    let used =
        |row: &GridRow| row.cells.iter().rposition(|cell| !cell.trim().is_empty()).map_or(0, |at| at + 1);
    let counts = rows.iter().all(|row| is_number(row) && used(row) > 2);
    let mut roles = if counts && !rows.is_empty() { vec![ColumnRole::Aside] } else { Vec::new() };
    roles.extend([ColumnRole::Source, ColumnRole::Target]);
    let after = |row: &GridRow| row.cells.get(roles.len()..).unwrap_or_default().to_vec();
    let has_codes =
        rows.iter().any(|row| matches!(&after(row)[..], [from, to, ..] if is_code(from) && is_code(to)));
    if has_codes && format != ExchangeFormat::Omegat {
        roles.extend([ColumnRole::From, ColumnRole::To]);
    } else if !matches!(format, ExchangeFormat::DeeplTsv | ExchangeFormat::DeeplCsv) {
        roles.push(ColumnRole::Note);
    }
    Columns::placed(roles)
}

/// An entry out of a row.
fn entry(columns: &Columns, row: &GridRow, placed: bool, origin: Origin) -> Result<RowContent, LineFault> {
    if row.is_open {
        return Err(LineFault::OpenQuote);
    }
    let used = row.cells.iter().rposition(|cell| !cell.trim().is_empty()).map_or(0, |at| at + 1);
    let expected = columns.roles.len();
    if used > expected {
        return Err(LineFault::FieldCount { expected, found: used });
    }
    let cells = |role: ColumnRole| {
        let cells = columns.roles.iter().zip(&row.cells).filter(move |(other, _)| **other == role);
        cells.map(|(_, cell)| cell_text(cell)).filter(|cell| !cell.is_empty())
    };
    let one = |role| cells(role).next().unwrap_or_default();
    let many = |role| {
        let mut out: Vec<String> = Vec::new();
        for value in cells(role).flat_map(|cell| values(&cell)) {
            if !out.contains(&value) {
                out.push(value);
            }
        }
        out
    };
    let kind = kind(&one(ColumnRole::Kind).to_lowercase())?;
    let (source, mut targets) = (one(ColumnRole::Source), many(ColumnRole::Target));
    if kind == EntryKind::Keep && targets.is_empty() {
        targets.push(source.clone());
    }
    if source.is_empty() || targets.is_empty() {
        // A line of one cell in a table of two is broken; a term without a counterpart is not done yet.
        let is_broken = placed && row.cells.len() < 2;
        return if is_broken {
            Err(LineFault::FieldCount { expected: 2, found: used })
        } else {
            Ok(RowContent::Unfilled)
        };
    }
    let (from, to) = (one(ColumnRole::From), one(ColumnRole::To));
    let is_pair = (from.is_empty() || is_language(&from, "de")) && (to.is_empty() || is_language(&to, "en"));
    if !is_pair {
        return Err(LineFault::Languages { from, to });
    }
    Ok(RowContent::Entry(Box::new(Entry {
        source,
        targets,
        case: case(&one(ColumnRole::Case).to_lowercase())?,
        forms: many(ColumnRole::Forms),
        avoid: many(ColumnRole::Avoid),
        kind,
        note: cells(ColumnRole::Note).collect::<Vec<_>>().join("; "),
        origin,
    })))
}

/// What stands in columns that are not known.
#[derive(Default)]
struct Leftovers {
    filled: Vec<usize>,
}

impl Leftovers {
    fn look(&mut self, columns: &Columns, row: &GridRow) {
        self.filled.resize(columns.roles.len(), 0);
        for ((role, cell), filled) in columns.roles.iter().zip(&row.cells).zip(&mut self.filled) {
            *filled += usize::from(*role == ColumnRole::Unknown && !cell.trim().is_empty());
        }
    }

    fn remarks(&self, path: &Path, columns: &Columns) -> Vec<String> {
        let unread = columns.names.iter().zip(&self.filled).filter(|(_, filled)| **filled > 0);
        let remark = |(name, filled): (&String, &usize)| {
            format!("{}: not read: the column “{name}”, {}", path.display(), counted(*filled, "cell"))
        };
        unread.map(remark).collect()
    }
}

/// Says of targets with a comma or semicolon that they are one rendering.
fn listed(path: &Path, entries: &[Entry]) -> Option<String> {
    let is_list = |entry: &&Entry| entry.targets.iter().any(|target| target.contains([',', ';']));
    let found: Vec<&Entry> = entries.iter().filter(is_list).collect();
    (!found.is_empty()).then(|| {
        format!(
            "{}: a target with a comma or semicolon is one rendering, several are separated by |: {} {}",
            path.display(),
            if found.len() == 1 { "line" } else { "lines" },
            line_numbers(found.iter().map(|entry| &entry.origin))
        )
    })
}

//! Rows of cells: TSV, CSV, `OmegaT`, spreadsheets.

use std::collections::HashSet;
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::super::cells::{COLUMNS, cells};
use super::super::error::{GlossaryError, LineError, LineFault};
use super::super::line_ends::lines;
use super::super::load::{case, kind, read_table, values};
use super::super::table::GlossaryTable;
use super::format::ExchangeFormat;
use super::formula::{guarded, unguarded};
use super::imported::{Imported, cell_text, is_language};
use crate::model::{Entry, Origin};

/// A row and its line.
type GridRow = (usize, Vec<String>);

/// Reads tab-separated lines.
pub(super) fn read_tabs(path: &Path, text: &str, format: ExchangeFormat) -> Result<Imported, GlossaryError> {
    let has_comments = format != ExchangeFormat::DeeplTsv;
    let row = |(at, line): (usize, &str)| (at + 1, line.split('\t').map(str::to_owned).collect());
    let is_row =
        |(_, line): &(usize, &str)| !(line.trim().is_empty() || has_comments && line.starts_with('#'));
    let rows: Vec<GridRow> = lines(text).enumerate().filter(is_row).map(row).collect();
    if format == ExchangeFormat::Tsv && rows.first().is_some_and(|(_, cells)| header(cells).is_some()) {
        let (entries, faults) = read_table(&GlossaryTable::parse(path, text.as_bytes())?);
        let entries = entries.into_iter().map(Arc::unwrap_or_clone).collect();
        return Ok(Imported { entries, faults, remarks: Vec::new() });
    }
    Ok(interpret(path, rows, format))
}

/// Reads comma-separated lines; a spreadsheet of a German may have semicolons.
pub(super) fn read_csv(path: &Path, text: &str, format: ExchangeFormat) -> Imported {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let delimiter = if first.contains(';') && !first.contains(',') { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    // The files of services have no guards.
    let own = |cell: &str| if format == ExchangeFormat::Csv { unguarded(cell) } else { cell }.to_owned();
    let mut rows = Vec::new();
    // The text is UTF-8 and in memory, so no record can fail.
    for record in reader.records().flatten() {
        let line = record.position().map_or(0, csv::Position::line);
        let cells: Vec<String> = record.iter().map(own).collect();
        if cells.iter().any(|cell| !cell.trim().is_empty()) {
            rows.push((usize::try_from(line).unwrap_or(usize::MAX), cells));
        }
    }
    interpret(path, rows, format)
}

/// Reads the first sheet of a workbook.
pub(super) fn read_xlsx(path: &Path, bytes: &[u8]) -> Result<Imported, GlossaryError> {
    Ok(interpret(path, super::xlsx::rows(path, bytes)?, ExchangeFormat::Xlsx))
}

/// Makes entries of rows: by the names of a header, else by place.
fn interpret(path: &Path, mut rows: Vec<GridRow>, format: ExchangeFormat) -> Imported {
    let mut imported = Imported::default();
    let columns = rows.first().and_then(|(_, cells)| header(cells));
    if columns.is_some() {
        rows.remove(0);
    }
    for (line, cells) in rows {
        let origin = Origin { path: path.to_owned(), line };
        let read = match &columns {
            Some(columns) => named(columns, &cells, origin.clone()),
            None => placed(&cells, format, origin.clone()),
        };
        match read {
            Ok(entry) => imported.entries.push(entry),
            Err(fault) => {
                imported.faults.push(LineError::of_line(origin, cells.join("\t").as_bytes(), fault).into());
            }
        }
    }
    if format == ExchangeFormat::Omegat {
        imported.entries = joined(std::mem::take(&mut imported.entries));
    }
    imported
}

/// The names of the columns, if the row is a header.
fn header(cells: &[String]) -> Option<Vec<String>> {
    let names: Vec<String> = cells.iter().map(|cell| cell.trim().to_lowercase()).collect();
    ["source", "target"].iter().all(|name| names.iter().any(|n| n == name)).then_some(names)
}

/// An entry out of named columns.
fn named(columns: &[String], cells: &[String], origin: Origin) -> Result<Entry, LineFault> {
    let cell = |name: &str| {
        let place = columns.iter().position(|column| column == name);
        place.and_then(|place| cells.get(place)).map(|cell| cell_text(cell)).unwrap_or_default()
    };
    let source = cell("source");
    let targets = values(&cell("target"));
    filled(&source, &targets)?;
    Ok(Entry {
        source,
        targets,
        case: case(&cell("case"))?,
        forms: values(&cell("forms")),
        avoid: values(&cell("avoid")),
        kind: kind(&cell("kind"))?,
        note: cell("note"),
        origin,
    })
}

/// An entry out of cells in the order source, target, then a comment or two language codes.
fn placed(cells: &[String], format: ExchangeFormat, origin: Origin) -> Result<Entry, LineFault> {
    let cells: Vec<String> = cells.iter().map(|cell| cell_text(cell)).collect();
    let used = cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1);
    let [source, target, rest @ ..] = &cells[..used] else {
        return Err(LineFault::FieldCount { expected: 2, found: used });
    };
    let targets = values(target);
    filled(source, &targets)?;
    let mut entry = Entry { targets, ..Entry::new(source, target, origin) };
    match rest {
        [] => {}
        [note] if !matches!(format, ExchangeFormat::DeeplTsv | ExchangeFormat::DeeplCsv) => {
            entry.note.clone_from(note);
        }
        [from, to] if format != ExchangeFormat::Omegat => languages(from, to)?,
        [note, ..] if format == ExchangeFormat::Omegat => entry.note.clone_from(note),
        _ => return Err(LineFault::FieldCount { expected: 2, found: used }),
    }
    Ok(entry)
}

fn filled(source: &str, targets: &[String]) -> Result<(), LineFault> {
    match (source.is_empty(), targets.is_empty()) {
        (true, _) => Err(LineFault::Empty("source")),
        (_, true) => Err(LineFault::Empty("target")),
        _ => Ok(()),
    }
}

/// Refuses an entry of other languages.
fn languages(from: &str, to: &str) -> Result<(), LineFault> {
    if is_language(from, "de") && is_language(to, "en") {
        return Ok(());
    }
    Err(LineFault::Languages { from: from.to_owned(), to: to.to_owned() })
}

/// Joins rows of the same source: `OmegaT` has a row a rendering.
fn joined(rows: Vec<Entry>) -> Vec<Entry> {
    let mut places = std::collections::HashMap::new();
    let mut out: Vec<Entry> = Vec::with_capacity(rows.len());
    for row in rows {
        let place = *places.entry(row.source.clone()).or_insert(out.len());
        let Some(entry) = out.get_mut(place) else {
            out.push(row);
            continue;
        };
        for target in row.targets {
            if !entry.targets.contains(&target) {
                entry.targets.push(target);
            }
        }
        if entry.note.is_empty() {
            entry.note = row.note;
        }
    }
    out
}

/// The cells of an entry in the order of [`COLUMNS`].
fn all_cells(entry: &Entry) -> Vec<String> {
    let further = cells(entry).map(|(_, value)| value);
    [entry.source.clone(), entry.targets.join("|")].into_iter().chain(further).collect()
}

/// Entries as tab-separated lines.
pub(super) fn write_tabs(entries: &[Arc<Entry>], format: ExchangeFormat) -> String {
    let mut rows: Vec<Vec<String>> = Vec::with_capacity(entries.len() + 1);
    match format {
        ExchangeFormat::Omegat => {
            for entry in entries {
                let row = |target: &String| vec![entry.source.clone(), target.clone(), entry.note.clone()];
                rows.extend(entry.targets.iter().map(row));
            }
        }
        ExchangeFormat::DeeplTsv => rows = pairs(entries),
        _ => {
            rows.push(COLUMNS.map(str::to_owned).into());
            rows.extend(entries.iter().map(|entry| all_cells(entry)));
        }
    }
    let mut out = String::new();
    for row in rows {
        out.push_str(&row.join("\t"));
        out.push('\n');
    }
    out
}

/// Entries as comma-separated lines; wortlaut's own with a byte order mark, by which spreadsheets know UTF-8.
pub(super) fn write_csv(entries: &[Arc<Entry>], format: ExchangeFormat) -> Result<String, GlossaryError> {
    let own = format == ExchangeFormat::Csv;
    let rows = if own {
        let header = COLUMNS.map(str::to_owned).into();
        let guarded =
            |entry: &Arc<Entry>| all_cells(entry).iter().map(|cell| guarded(cell).into_owned()).collect();
        std::iter::once(header).chain(entries.iter().map(guarded)).collect()
    } else {
        pairs(entries)
    };
    let failed = |source: io::Error| GlossaryError::Write { path: "csv".into(), source };
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(&row).map_err(|error| failed(io::Error::other(error)))?;
    }
    let bytes = writer.into_inner().map_err(|error| failed(error.into_error()))?;
    let text = String::from_utf8(bytes).map_err(|error| failed(io::Error::other(error)))?;
    Ok(if own { format!("\u{feff}{text}") } else { text })
}

/// Source and house form of the first entry of each source.
fn pairs(entries: &[Arc<Entry>]) -> Vec<Vec<String>> {
    let mut seen = HashSet::new();
    let first = entries.iter().filter(|entry| seen.insert(entry.source.as_str()));
    first.map(|entry| vec![entry.source.clone(), entry.target().to_owned()]).collect()
}

//! Entries as rows of cells: TSV, CSV, `OmegaT`, spreadsheets.

use std::collections::HashSet;
use std::io;
use std::sync::Arc;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};

use super::super::cells::{COLUMNS, cells};
use super::super::error::GlossaryError;
use super::format::ExchangeFormat;
use super::formula::guarded;
use crate::model::Entry;

/// Characters of a column of a sheet: most terms fit.
const COLUMN_WIDTH: f64 = 28.0;

/// The cells of an entry in the order of [`COLUMNS`].
fn all_cells(entry: &Entry) -> Vec<String> {
    let further = cells(entry).map(|(_, value)| value);
    [entry.source.clone(), entry.targets.join("|")].into_iter().chain(further).collect()
}

/// Entries as tab-separated lines.
pub(super) fn tabs(entries: &[Arc<Entry>], format: ExchangeFormat) -> String {
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
pub(super) fn csv(entries: &[Arc<Entry>], format: ExchangeFormat) -> Result<String, GlossaryError> {
    let own = format != ExchangeFormat::DeeplCsv;
    let rows = if own {
        let header = COLUMNS.map(str::to_owned).into();
        let guarded =
            |entry: &Arc<Entry>| all_cells(entry).iter().map(|cell| guarded(cell).into_owned()).collect();
        std::iter::once(header).chain(entries.iter().map(guarded)).collect()
    } else {
        pairs(entries)
    };
    let failed = |source: io::Error| GlossaryError::Write { path: "csv".into(), source };
    let delimiter = if format == ExchangeFormat::ExcelCsv { b';' } else { b',' };
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
    for row in rows {
        writer.write_record(&row).map_err(|error| failed(io::Error::other(error)))?;
    }
    let bytes = writer.into_inner().map_err(|error| failed(error.into_error()))?;
    let text = String::from_utf8(bytes).map_err(|error| failed(io::Error::other(error)))?;
    Ok(if own { format!("\u{feff}{text}") } else { text })
}

/// Entries as a sheet: every cell a text, the header in sight when one scrolls.
pub(super) fn xlsx(entries: &[Arc<Entry>]) -> Result<Vec<u8>, GlossaryError> {
    let failed =
        |error: XlsxError| GlossaryError::Write { path: "xlsx".into(), source: io::Error::other(error) };
    let mut book = Workbook::new();
    // The time of day would make each file another one.
    book.set_properties(
        &DocProperties::new().set_creation_datetime(&ExcelDateTime::from_timestamp(0).map_err(failed)?),
    );
    let sheet = book.add_worksheet();
    sheet.set_freeze_panes(1, 0).map_err(failed)?;
    let bold = Format::new().set_bold();
    for (column, name) in (0..).zip(COLUMNS) {
        sheet.write_string_with_format(0, column, name, &bold).map_err(failed)?;
        sheet.set_column_width(column, COLUMN_WIDTH).map_err(failed)?;
    }
    for (row, entry) in (1..).zip(entries) {
        for (column, cell) in (0..).zip(all_cells(entry)).filter(|(_, cell)| !cell.is_empty()) {
            sheet.write_string(row, column, cell).map_err(failed)?;
        }
    }
    book.save_to_buffer().map_err(failed)
}

/// Source and house form of the first entry of each source.
fn pairs(entries: &[Arc<Entry>]) -> Vec<Vec<String>> {
    let mut seen = HashSet::new();
    let first = entries.iter().filter(|entry| seen.insert(entry.source.as_str()));
    first.map(|entry| vec![entry.source.clone(), entry.target().to_owned()]).collect()
}

//! Glossaries of other programs, in and out.
//!
//! [`read()`] makes entries of a file, [`write()`] a file of entries. Both say what got lost on the way: a format
//! that has no place for a cell loses it, and only then.

mod decode;
mod delimited;
mod format;
mod formula;
mod grid;
mod headers;
mod imported;
mod table_out;
mod tbx;
#[cfg(test)]
mod tests;
mod tmx;
mod xlsx;
mod xml;

use std::path::Path;
use std::sync::Arc;

use super::error::{GlossaryError, LineError, LineFault};
use crate::model::Entry;
use decode::decoded;
use tbx::TbxDialect;

pub use format::{ExchangeFormat, Field, Loss};
pub use formula::{guarded, unguarded};
pub use headers::german_and_english;
pub use imported::Imported;

/// The largest file accepted, in bytes. Other programs need more room for an entry than we do, TBX and TMX about five
/// times as much.
pub const MAX_BYTES: u64 = 256 << 20;

/// What is written into a foreign file.
#[derive(Debug)]
pub struct Exported {
    pub bytes: Vec<u8>,
    /// What the format has no place for.
    pub lost: Vec<Loss>,
}

/// Reads a foreign glossary. The path is only for telling where something stands.
///
/// # Errors
///
/// If the file as a whole cannot be read: it is not text, not XML, declares entities, or is not a spreadsheet. Broken
/// lines are among [`Imported::faults`].
pub fn read(path: &Path, bytes: &[u8], format: ExchangeFormat) -> Result<Imported, GlossaryError> {
    let text = || decoded(path, bytes);
    let mut imported = match format {
        ExchangeFormat::Tsv
        | ExchangeFormat::DeeplTsv
        | ExchangeFormat::Omegat
        | ExchangeFormat::Csv
        | ExchangeFormat::ExcelCsv
        | ExchangeFormat::DeeplCsv => grid::read_text(path, &text()?, format)?,
        ExchangeFormat::Xlsx => grid::read_xlsx(path, bytes)?,
        ExchangeFormat::TbxDct | ExchangeFormat::TbxDca | ExchangeFormat::Tbx2008 => {
            tbx::read(path, &text()?.text)?
        }
        ExchangeFormat::Tmx => tmx::read(path, &text()?.text)?,
    };
    let comment = |entry: &Entry| entry.source.starts_with('#');
    let refused: Vec<_> = imported.entries.extract_if(.., |entry| comment(entry)).collect();
    let fault =
        |entry: Entry| LineError::of_line(entry.origin, entry.source.as_bytes(), LineFault::Comment).into();
    imported.faults.extend(refused.into_iter().map(fault));
    Ok(imported.united())
}

/// Writes entries as another program wants them.
///
/// # Errors
///
/// If there are more entries than a sheet has rows.
pub fn write(entries: &[Arc<Entry>], format: ExchangeFormat) -> Result<Exported, GlossaryError> {
    let bytes = match format {
        ExchangeFormat::Tsv | ExchangeFormat::DeeplTsv | ExchangeFormat::Omegat => {
            table_out::tabs(entries, format).into_bytes()
        }
        ExchangeFormat::Csv | ExchangeFormat::ExcelCsv | ExchangeFormat::DeeplCsv => {
            table_out::csv(entries, format)?.into_bytes()
        }
        ExchangeFormat::TbxDct => tbx::write(entries, TbxDialect::Tags).into_bytes(),
        ExchangeFormat::TbxDca => tbx::write(entries, TbxDialect::Attributes).into_bytes(),
        ExchangeFormat::Tbx2008 => tbx::write(entries, TbxDialect::Martif).into_bytes(),
        ExchangeFormat::Tmx => tmx::write(entries).into_bytes(),
        ExchangeFormat::Xlsx => table_out::xlsx(entries)?,
    };
    Ok(Exported { bytes, lost: format::losses(entries, format) })
}

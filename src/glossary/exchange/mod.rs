//! Glossaries of other programs, in and out.
//!
//! [`read()`] makes entries of a file, [`write()`] a file of entries. Both say what got lost on the way: a format
//! that has no place for a cell loses it, and only then.

mod format;
mod formula;
mod grid;
mod imported;
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
use imported::decoded;

pub use format::{ExchangeFormat, Field, Loss};
pub use formula::{guarded, unguarded};
pub use imported::Imported;

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
    let mut imported = match format {
        ExchangeFormat::Tsv | ExchangeFormat::DeeplTsv | ExchangeFormat::Omegat => {
            grid::read_tabs(path, &decoded(path, bytes)?, format)?
        }
        ExchangeFormat::Csv | ExchangeFormat::DeeplCsv => {
            grid::read_csv(path, &decoded(path, bytes)?, format)
        }
        ExchangeFormat::Xlsx => grid::read_xlsx(path, bytes)?,
        ExchangeFormat::TbxDct | ExchangeFormat::TbxDca => tbx::read(path, &decoded(path, bytes)?)?,
        ExchangeFormat::Tmx => tmx::read(path, &decoded(path, bytes)?)?,
    };
    let comment = |entry: &Entry| entry.source.starts_with('#');
    let refused: Vec<_> = imported.entries.extract_if(.., |entry| comment(entry)).collect();
    let fault =
        |entry: Entry| LineError::of_line(entry.origin, entry.source.as_bytes(), LineFault::Comment).into();
    imported.faults.extend(refused.into_iter().map(fault));
    Ok(imported)
}

/// Writes entries as another program wants them.
///
/// # Errors
///
/// If nothing is written in this format ([`ExchangeFormat::Xlsx`]).
pub fn write(entries: &[Arc<Entry>], format: ExchangeFormat) -> Result<Exported, GlossaryError> {
    let text = match format {
        ExchangeFormat::Tsv | ExchangeFormat::DeeplTsv | ExchangeFormat::Omegat => {
            grid::write_tabs(entries, format)
        }
        ExchangeFormat::Csv | ExchangeFormat::DeeplCsv => grid::write_csv(entries, format)?,
        ExchangeFormat::TbxDct | ExchangeFormat::TbxDca => tbx::write(entries, format),
        ExchangeFormat::Tmx => tmx::write(entries),
        ExchangeFormat::Xlsx => return Err(GlossaryError::ReadOnly(format.as_str())),
    };
    Ok(Exported { bytes: text.into_bytes(), lost: format::losses(entries, format) })
}

//! Glossaries of other programs, in and out.
//!
//! [`read()`] makes entries of a file, [`write()`] a file of entries. Both say what got lost on the way: a format
//! that has no place for a cell loses it, and only then.

mod format;
mod formula;
mod grid;
mod tbx;
#[cfg(test)]
mod tests;
mod tmx;
mod xlsx;
mod xml;

use std::path::Path;
use std::sync::Arc;

use super::error::{GlossaryError, LineError, LineFault};
use super::line_ends::lines;
use crate::model::{Entry, Origin};

pub use format::{ExchangeFormat, Field, Loss};
pub use formula::{guarded, unguarded};

/// What was read out of a foreign file.
#[derive(Debug, Default)]
pub struct Imported {
    /// The entries in the order of the file.
    pub entries: Vec<Entry>,
    /// Lines that cannot be read as an entry.
    pub faults: Vec<GlossaryError>,
    /// What else there is to say, such as concepts without an English term.
    pub remarks: Vec<String>,
}

/// What is written into a foreign file.
#[derive(Debug)]
pub struct Exported {
    /// The content of the file.
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

/// The text of a file: UTF-8, or UTF-16 with a byte order mark.
fn decoded(path: &Path, bytes: &[u8]) -> Result<String, GlossaryError> {
    let (text, _, broken) = encoding_rs::UTF_8.decode(bytes);
    if broken {
        let broken = |(_, line): &(usize, &str)| line.contains(char::REPLACEMENT_CHARACTER);
        let (line, shown) = (1..).zip(lines(&text)).find(broken).unwrap_or_default();
        let origin = Origin { path: path.to_owned(), line };
        return Err(LineError::of_line(origin, shown.as_bytes(), LineFault::NotUtf8).into());
    }
    Ok(text.into_owned())
}

/// Text as a cell can hold it: in one line, without tabs, the white space around it gone. Unlike
/// [`one_line`](crate::text::one_line) it keeps the white space between words, a no-break space among it: a cell says how
/// a term is written.
fn cell_text(text: &str) -> String {
    text.split(['\t', '\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'])
        .map(str::trim)
        .filter(|piece| !piece.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Whether a language code (`de`, `DE-AT`, `de_CH`) is of a language.
fn is_language(code: &str, language: &str) -> bool {
    code.trim().split(['-', '_']).next().is_some_and(|primary| primary.eq_ignore_ascii_case(language))
}

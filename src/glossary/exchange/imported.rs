//! What is read out of foreign files, and what their readers have in common.

use std::path::Path;

use super::super::error::{GlossaryError, LineError, LineFault};
use super::super::line_ends::lines;
use crate::model::{Entry, Origin};

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

/// The text of a file: UTF-8, or UTF-16 with a byte order mark.
pub(super) fn decoded(path: &Path, bytes: &[u8]) -> Result<String, GlossaryError> {
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
pub(super) fn cell_text(text: &str) -> String {
    text.split(['\t', '\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'])
        .map(str::trim)
        .filter(|piece| !piece.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Whether a language code (`de`, `DE-AT`, `de_CH`) is of a language.
pub(super) fn is_language(code: &str, language: &str) -> bool {
    code.trim().split(['-', '_']).next().is_some_and(|primary| primary.eq_ignore_ascii_case(language))
}

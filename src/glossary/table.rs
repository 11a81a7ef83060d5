//! A glossary file as lines and cells, nothing of it lost.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::bounds;
use super::error::{GlossaryError, LineError, LineFault};
use super::line_ends::{line_end, without_mark};
use crate::model::Origin;

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GlossaryLine {
    /// Without its end.
    pub(super) text: String,
    /// `\n`, `\r\n`, `\r`, or nothing at the end of the file.
    pub(super) end: &'static str,
}

/// A glossary file.
#[derive(Debug)]
pub(super) struct GlossaryTable {
    pub(super) path: PathBuf,
    #[cfg_attr(
        not(feature = "documents"),
        expect(dead_code, reason = "only what writes the file again asks")
    )]
    pub(super) bom: bool,
    pub(super) lines: Vec<GlossaryLine>,
    /// The index of the header in `lines`; `None` in a file without content.
    pub(super) header: Option<usize>,
    /// The names of the columns, lower case.
    pub(super) columns: Vec<String>,
}

/// The files of a glossary: the file itself, or the `*.tsv` files of the folder in order.
pub(super) fn files(path: &Path) -> Result<Vec<PathBuf>, GlossaryError> {
    let failed = |source| GlossaryError::Read { path: path.to_owned(), source };
    if !fs::metadata(path).map_err(failed)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut out = Vec::new();
    for item in fs::read_dir(path).map_err(failed)? {
        let file = item.map_err(failed)?.path();
        let hidden = file.file_name().is_none_or(|n| n.to_string_lossy().starts_with('.'));
        if !hidden && file.extension().is_some_and(|e| e.eq_ignore_ascii_case("tsv")) && file.is_file() {
            out.push(file);
        }
    }
    out.sort();
    Ok(out)
}

impl GlossaryTable {
    /// Reads a file and its header.
    #[cfg(feature = "documents")]
    pub(super) fn read(path: &Path) -> Result<Self, GlossaryError> {
        Self::read_within(path, &mut { bounds::BYTES })
    }

    /// Reads a file that has at most the given bytes, and takes its own off.
    pub(super) fn read_within(path: &Path, left: &mut u64) -> Result<Self, GlossaryError> {
        let bytes = bounds::read(path, *left)
            .map_err(|source| GlossaryError::Read { path: path.to_owned(), source })?;
        *left = left.saturating_sub(bytes.len() as u64);
        Self::parse(path, &bytes)
    }

    /// Takes the content of a file apart.
    pub(super) fn parse(path: &Path, bytes: &[u8]) -> Result<Self, GlossaryError> {
        let text = std::str::from_utf8(bytes).map_err(|e| not_utf8(path, bytes, e.valid_up_to()))?;
        let bare = text.strip_prefix('\u{feff}');
        let end = char::from(line_end(bytes));
        let mut table = Self {
            path: path.to_owned(),
            bom: bare.is_some(),
            lines: bare.unwrap_or(text).split_inclusive(end).map(GlossaryLine::of).collect(),
            header: None,
            columns: Vec::new(),
        };
        table.read_header()?;
        Ok(table)
    }

    fn read_header(&mut self) -> Result<(), GlossaryError> {
        let Some(header) = self.lines.iter().position(GlossaryLine::has_cells) else { return Ok(()) };
        let text = self.lines[header].text.clone();
        self.columns = text.split('\t').map(|c| c.trim().to_lowercase()).collect();
        self.header = Some(header);
        for name in ["source", "target"] {
            if !self.columns.iter().any(|c| c == name) {
                return Err(self.fault(header, 0..text.len(), LineFault::MissingColumn(name)));
            }
        }
        for (at, name) in self.columns.iter().enumerate() {
            if !name.is_empty() && self.columns[..at].contains(name) {
                let span = cell_span(&text, at);
                return Err(self.fault(header, span, LineFault::DoubleColumn(name.clone())));
            }
        }
        Ok(())
    }

    /// The place of a column.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| c == name)
    }

    /// The indexes of the lines that hold entries.
    pub(super) fn rows(&self) -> impl Iterator<Item = usize> {
        let first = self.header.map_or(self.lines.len(), |h| h + 1);
        (first..self.lines.len()).filter(|i| self.lines[*i].has_cells())
    }

    /// The trimmed cell of a row; empty if there is none.
    pub(super) fn cell(&self, row: usize, column: &str) -> &str {
        let cells = self.column(column).and_then(|c| self.lines[row].text.split('\t').nth(c));
        cells.map_or("", str::trim)
    }

    /// Where a line stands.
    pub(super) fn origin(&self, line: usize) -> Origin {
        Origin { path: self.path.clone(), line: line + 1 }
    }

    /// An error about a piece of a line.
    pub(super) fn fault(&self, line: usize, span: Range<usize>, fault: LineFault) -> GlossaryError {
        let text = self.lines[line].text.clone();
        Box::new(LineError { origin: self.origin(line), text, span, fault }).into()
    }

    /// The content of the file.
    #[cfg(feature = "documents")]
    pub(super) fn render(&self) -> String {
        let mut out = String::from(if self.bom { "\u{feff}" } else { "" });
        for line in &self.lines {
            out.push_str(&line.text);
            out.push_str(line.end);
        }
        out
    }
}

impl GlossaryLine {
    fn of(raw: &str) -> Self {
        let ends = ["\r\n", "\n", "\r"];
        let found = ends.into_iter().find_map(|end| Some((raw.strip_suffix(end)?, end)));
        let (text, end) = found.unwrap_or((raw, ""));
        Self { text: text.to_owned(), end }
    }

    fn has_cells(&self) -> bool {
        !self.text.starts_with('#') && !self.text.trim().is_empty()
    }
}

/// The bytes of a cell in its line.
pub(super) fn cell_span(line: &str, column: usize) -> Range<usize> {
    let mut start = 0;
    for (at, cell) in line.split('\t').enumerate() {
        if at == column {
            return start..start + cell.len();
        }
        start += cell.len() + 1;
    }
    line.len()..line.len()
}

/// The error of a file with bytes that are not UTF-8, the first of them at `at`.
fn not_utf8(path: &Path, bytes: &[u8], at: usize) -> GlossaryError {
    let rest = without_mark(bytes);
    let at = at - (bytes.len() - rest.len());
    let end = line_end(rest);
    let start = rest[..at].iter().rposition(|b| *b == end).map_or(0, |n| n + 1);
    let behind = rest[at..].iter().position(|b| *b == end).map_or(rest.len(), |n| at + n);
    let line = memchr::memchr_iter(end, &rest[..at]).count() + 1;
    let text = String::from_utf8_lossy(&rest[start..behind]).trim_end_matches('\r').to_owned();
    // What precedes the fault is valid and keeps its length; the replacement character has three bytes.
    let span = at - start..(at - start + 3).min(text.len());
    let origin = Origin { path: path.to_owned(), line };
    Box::new(LineError { origin, text, span, fault: LineFault::NotUtf8 }).into()
}

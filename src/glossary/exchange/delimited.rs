//! Rows of cells as text: which delimiter, which quotation marks, and on which line each row begins.

use std::collections::HashMap;

use super::headers::Columns;
use crate::text::SeparatorLine;

/// The delimiters that are tried; of those that fit equally well, the first one is taken. A comma stands in text more often
/// than a semicolon, and a tab never does.
const DELIMITERS: [char; 4] = ['\t', ';', ',', '|'];

/// How many rows decide about the delimiter.
const SAMPLE: usize = 2000;

/// The longest quoted cell in bytes, twice what a cell of Excel holds. Behind it a quotation mark is not closed.
const LONGEST: usize = 1 << 16;

/// A row and the line it begins on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GridRow {
    pub(super) line: usize,
    pub(super) cells: Vec<String>,
    /// Whether a cell begins with a quotation mark that is never closed.
    pub(super) is_open: bool,
}

/// What quotation marks around a cell mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quoting {
    /// They are a part of it.
    Literal,
    /// They belong to it, unless there is something in the cell that needs them.
    WhereNeeded,
    /// They are around it.
    Always,
}

/// How the rows of a text are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CellDialect {
    pub(super) delimiter: char,
    pub(super) quoting: Quoting,
}

/// The rows of a text, without those that are empty.
pub(super) fn rows(text: &str, dialect: CellDialect) -> impl Iterator<Item = GridRow> {
    let (text, line) = match SeparatorLine::of(text) {
        Some(separator) => (&text[separator.length..], 2),
        None => (text, 1),
    };
    let scanner = Scanner { rest: text, line, dialect, ends_in_return: ends_in_return(text) };
    scanner.filter(|row| row.cells.iter().any(|cell| !cell.trim().is_empty()))
}

/// The delimiter that gives the rows the same cells, and the words of a header where there is one; of equals `usual`.
/// `sep=;`, which Excel writes for itself, has the last word.
pub(super) fn delimiter(text: &str, quoting: Quoting, usual: char) -> char {
    if let Some(separator) = SeparatorLine::of(text) {
        return separator.delimiter;
    }
    let mut best: Option<(Fit, char)> = None;
    for delimiter in std::iter::once(usual).chain(DELIMITERS) {
        if let Some(fit) = Fit::of(text, CellDialect { delimiter, quoting })
            && best.is_none_or(|(least, _)| fit > least)
        {
            best = Some((fit, delimiter));
        }
    }
    best.map_or(usual, |(_, delimiter)| delimiter)
}

/// How well a delimiter fits; the fields in the order in which they count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    has_header: bool,
    /// Of a thousand rows, how many have the number of cells that most have.
    even: usize,
    /// Whether it stands as delimiters do, and not as a mark in a text does, with a space behind.
    is_tight: bool,
}

impl Fit {
    /// `None` if most rows have one cell only.
    fn of(text: &str, dialect: CellDialect) -> Option<Self> {
        let mut widths: HashMap<usize, usize> = HashMap::new();
        let (mut all, mut cells, mut spaced, mut has_header) = (0, 0, 0, false);
        for row in rows(text, dialect).filter(|row| !is_comment(row)).take(SAMPLE) {
            if all == 0 {
                has_header = Columns::of_header(&row.cells).is_some();
            }
            all += 1;
            *widths.entry(row.cells.len()).or_default() += 1;
            cells += row.cells.len() - 1;
            spaced += row.cells.iter().skip(1).filter(|cell| cell.starts_with(' ')).count();
        }
        let (width, most) = widths.into_iter().max_by_key(|(width, count)| (*count, *width))?;
        let is_tight = spaced * 2 < cells.max(1);
        (width > 1).then_some(Self { has_header, even: most * 1000 / all, is_tight })
    }
}

/// Whether a row is a remark of whoever keeps the file.
pub(super) fn is_comment(row: &GridRow) -> bool {
    let mut cells = row.cells.iter().filter(|cell| !cell.trim().is_empty());
    cells.next().is_some_and(|cell| cell.starts_with('#')) && cells.next().is_none()
}

/// Whether rows end in a carriage return alone: then no line feed stands outside of quotation marks.
fn ends_in_return(text: &str) -> bool {
    let mut quoted = false;
    let mut any = false;
    for byte in text.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => return false,
            b'\r' if !quoted => any = true,
            _ => {}
        }
    }
    any
}

/// Goes through a text row by row.
struct Scanner<'a> {
    rest: &'a str,
    line: usize,
    dialect: CellDialect,
    ends_in_return: bool,
}

impl Iterator for Scanner<'_> {
    type Item = GridRow;

    fn next(&mut self) -> Option<GridRow> {
        if self.rest.is_empty() {
            return None;
        }
        let mut row = GridRow { line: self.line, cells: Vec::new(), is_open: false };
        loop {
            let cell = self.cell(&mut row.is_open);
            row.cells.push(cell);
            if let Some(rest) = self.rest.strip_prefix(self.dialect.delimiter) {
                self.rest = rest;
                continue;
            }
            let end = match self.rest.as_bytes() {
                [b'\r', b'\n', ..] => 2,
                [_, ..] => 1,
                [] => return Some(row),
            };
            self.take(end);
            return Some(row);
        }
    }
}

impl Scanner<'_> {
    /// The next cell; behind it stands a delimiter, the end of the row or that of the text.
    fn cell(&mut self, is_open: &mut bool) -> String {
        if self.dialect.quoting != Quoting::Literal
            && let Some((cell, length)) = self.quoted()
        {
            self.take(length);
            return cell;
        }
        let end = self.rest.find(|c| self.ends_cell(c)).unwrap_or(self.rest.len());
        // A line feed behind it takes its carriage return along.
        let end = if self.rest[end..].starts_with('\n') && self.rest[..end].ends_with('\r') {
            end - 1
        } else {
            end
        };
        let cell = self.rest[..end].to_owned();
        *is_open |= self.dialect.quoting == Quoting::Always
            && cell.trim_start().starts_with('"')
            && cell.matches('"').count() % 2 == 1;
        self.take(end);
        cell
    }

    fn ends_cell(&self, c: char) -> bool {
        c == self.dialect.delimiter || c == '\n' || (c == '\r' && self.ends_in_return)
    }

    /// A quoted cell and how long it stands in the text; `="…"`, by which spreadsheets are made to leave digits alone, is
    /// one. `None` if the mark is not closed, or something stands behind the one that closes it.
    fn quoted(&self) -> Option<(String, usize)> {
        let before = self.rest.len() - self.rest.trim_start_matches(' ').len();
        let start = &self.rest[before..];
        let mark = usize::from(start.starts_with("=\""));
        let inside = start[mark..].strip_prefix('"')?;
        let mut at = 0;
        loop {
            at += memchr::memchr(
                b'"',
                inside.as_bytes()[at..].get(..LONGEST).unwrap_or(&inside.as_bytes()[at..]),
            )?;
            if at > LONGEST {
                return None;
            }
            if inside[at + 1..].starts_with('"') {
                at += 2;
                continue;
            }
            break;
        }
        let behind = &inside[at + 1..];
        let spaces = behind.len() - behind.trim_start_matches(' ').len();
        let next = behind[spaces..].chars().next();
        let is_end = next.is_none_or(|c| self.ends_cell(c) || c == '\r');
        let cell = &inside[..at];
        let is_needed = cell.contains(['\n', '\r', self.dialect.delimiter]) || cell.contains("\"\"");
        if !is_end || (self.dialect.quoting == Quoting::WhereNeeded && !is_needed) {
            return None;
        }
        let end = mark + 1 + at + 1;
        let cell = if mark == 1 { start[..end].to_owned() } else { cell.replace("\"\"", "\"") };
        Some((cell, before + end + spaces))
    }

    /// Goes on by some bytes and counts the lines in them.
    fn take(&mut self, length: usize) {
        let (taken, rest) = self.rest.split_at(length);
        let feeds = memchr::memchr_iter(b'\n', taken.as_bytes()).count();
        self.line += feeds;
        if self.ends_in_return {
            // A line feed inside a cell of such a file is a line of the editor as well.
            self.line += taken.matches('\r').count() - taken.matches("\r\n").count();
        }
        self.rest = rest;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cells(text: &str) -> Vec<(usize, Vec<String>)> {
        let quoting = Quoting::Always;
        let dialect = CellDialect { delimiter: delimiter(text, quoting, '\t'), quoting };
        rows(text, dialect).map(|row| (row.line, row.cells)).collect()
    }

    fn all(rows: &[(usize, &[&str])]) -> Vec<(usize, Vec<String>)> {
        rows.iter().map(|(line, cells)| (*line, cells.iter().map(|c| (*c).to_owned()).collect())).collect()
    }

    #[test]
    fn the_delimiter_is_the_one_that_gives_every_row_the_same_cells() {
        for (text, wanted) in [
            ("Haus;house, home\nBaum;tree\n", ';'),
            ("Haus;house, home\n", ';'),
            ("Haus,house; home\n", ','),
            ("Haus\thouse, home; hut\n", '\t'),
            ("Haus|house, home\nBaum|tree\n", '|'),
            ("Haus\thouse|home\nBaum\ttree|wood\n", '\t'),
            ("\"Haus, das\",house\n\"Baum, der\",tree\n", ','),
            ("a;b\nc;d, e\n\"f;g\";h, i\n", ';'),
            ("sep=|\na;b|c;d\n", '|'),
            ("x, y;Englisch\n", ';'),
            ("word\n", '\t'),
        ] {
            assert_eq!(delimiter(text, Quoting::Always, '\t'), wanted, "{text}");
        }
    }

    #[test]
    fn lines_are_those_of_an_editor_whatever_ends_them() {
        let text = "sep=;|a;b||\"c|d\";e|f;g|";
        for (end, inside) in [("\n", "\n"), ("\r\n", "\n"), ("\r\n", "\r\n"), ("\r", "\r"), ("\r", "\n")] {
            let written = text.replacen("c|d", &format!("c{inside}d"), 1).replace('|', end);
            let found = cells(&written);
            let inner = format!("c{inside}d");
            assert_eq!(found, all(&[(2, &["a", "b"]), (4, &[&inner, "e"]), (6, &["f", "g"])]), "{written:?}");
        }
    }

    #[test]
    fn quotation_marks_are_read_as_spreadsheets_write_them() {
        let found =
            cells("\"Haus; das\";\"a \"\"b\"\"\"\n=\"007\";\"=\"\"008\"\"\"\n\"Spiegel\"-Bericht;x\n");
        let wanted: &[(usize, &[&str])] = &[
            (1, &["Haus; das", "a \"b\""]),
            (2, &["=\"007\"", "=\"008\""]),
            (3, &["\"Spiegel\"-Bericht", "x"]),
        ];
        assert_eq!(found, all(wanted));
        let dialect = CellDialect { delimiter: ';', quoting: Quoting::Always };
        let open: Vec<bool> = rows("\"Haus;house\nBaum;tree\n", dialect).map(|row| row.is_open).collect();
        assert_eq!(open, [true, false]);
    }

    proptest! {
        #[test]
        fn what_is_quoted_comes_back(table in prop::collection::vec(
            prop::collection::vec("[a-z][a-zä\";,\t\r\n|]{0,6}[a-z]", 2..5), 1..6), end in "\r|\n|\r\n") {
            for delimiter in DELIMITERS {
                let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
                let row = |cells: &Vec<String>| cells.iter().map(quoted).collect::<Vec<_>>().join(&delimiter.to_string()) + &end;
                let text: String = table.iter().map(row).collect();
                let dialect = CellDialect { delimiter, quoting: Quoting::Always };
                let found: Vec<_> = rows(&text, dialect).map(|row| row.cells).collect();
                prop_assert_eq!(&found, &table);
            }
        }
    }
}

//! Linguistic knowledge in data files: word lists and tables that a linguist reads and changes.
//!
//! One syntax for all of them: UTF-8; a line that begins with `#` is a comment, an empty line is nothing. A **word list**
//! has words separated by white space. A **table** has a row a line, its cells separated by one tab; a cell with several
//! values separates them by `|`, and `.` stands for the empty value. The first cell of a table may name the **kind** of
//! its row.
//!
//! The files are compiled into the program. A row that is not understood is an error with file and line, never a row
//! that is silently missing: each reader is called by a test, and [`must`] ends a program that was built in spite of it.

use std::collections::HashMap;
use std::fmt;

use thiserror::Error;

/// A data file that cannot be understood.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{file}{}: {message}", line.map(|line| format!(":{line}")).unwrap_or_default())]
pub struct TableError {
    /// The file, below the folder of its room.
    pub file: &'static str,
    /// The line, counted from 1; `None` for the file as a whole.
    pub line: Option<usize>,
    pub message: String,
}

/// A row with its cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableRow<const N: usize> {
    file: &'static str,
    line: usize,
    /// The cells, as they stand in the file.
    pub cells: [&'static str; N],
}

impl<const N: usize> TableRow<N> {
    /// The error of a cell that says something unknown.
    pub fn error(&self, message: impl fmt::Display) -> TableError {
        TableError { file: self.file, line: Some(self.line), message: message.to_string() }
    }

    /// A cell as a number or whatever else can be parsed.
    ///
    /// # Errors
    /// The cell is no such value.
    pub fn parsed<T: std::str::FromStr>(&self, cell: usize) -> Result<T, TableError> {
        let text = self.cells[cell];
        text.parse().map_err(|_| self.error(format!("{text:?} is not a {}", std::any::type_name::<T>())))
    }
}

/// The lines that are neither comments nor empty, with their numbers.
pub fn lines(text: &'static str) -> impl Iterator<Item = (usize, &'static str)> {
    let lines = text.lines().zip(1..).map(|(text, line)| (line, text));
    lines.filter(|(_, text)| !text.starts_with('#') && !text.trim().is_empty())
}

/// The words of a word list.
pub fn words(text: &'static str) -> impl Iterator<Item = &'static str> {
    lines(text).flat_map(|(_, line)| line.split_whitespace())
}

/// The values of a cell.
pub fn values(cell: &'static str) -> impl Iterator<Item = &'static str> {
    cell.split('|').map(|value| if value == "." { "" } else { value })
}

/// The rows of a table that has `N` columns.
///
/// # Errors
/// A row with another number of cells.
pub fn rows<const N: usize>(file: &'static str, text: &'static str) -> Result<Vec<TableRow<N>>, TableError> {
    lines(text).map(|(line, text)| row(file, line, text)).collect()
}

fn row<const N: usize>(
    file: &'static str,
    line: usize,
    text: &'static str,
) -> Result<TableRow<N>, TableError> {
    let cells: Vec<&'static str> = text.split('\t').collect();
    let found = cells.len();
    let cells = cells.try_into().map_err(|_| TableError {
        file,
        line: Some(line),
        message: format!("{found} cells instead of {N}"),
    })?;
    Ok(TableRow { file, line, cells })
}

/// A table whose rows begin with their kind, which says how many cells follow it.
#[derive(Debug)]
pub struct Kinds {
    file: &'static str,
    rows: HashMap<&'static str, Vec<(usize, &'static str)>>,
}

impl Kinds {
    /// Reads a table that has rows of all of these kinds and of no others.
    ///
    /// # Errors
    /// A row of another kind, or a kind without a row: one of the two names is misspelt.
    pub fn read(file: &'static str, text: &'static str, kinds: &[&'static str]) -> Result<Self, TableError> {
        let mut rows: HashMap<&'static str, Vec<(usize, &'static str)>> = HashMap::new();
        for (line, text) in lines(text) {
            let (kind, rest) = text.split_once('\t').unwrap_or((text, ""));
            if !kinds.contains(&kind) {
                let message = format!("there is no kind {kind:?}; there are {}", kinds.join(", "));
                return Err(TableError { file, line: Some(line), message });
            }
            rows.entry(kind).or_default().push((line, rest));
        }
        if let Some(kind) = kinds.iter().find(|kind| !rows.contains_key(*kind)) {
            return Err(TableError { file, line: None, message: format!("no row is of the kind {kind:?}") });
        }
        Ok(Self { file, rows })
    }

    /// The rows of a kind, without their first cell.
    ///
    /// # Errors
    /// A row with another number of cells.
    pub fn rows<const N: usize>(&self, kind: &str) -> Result<Vec<TableRow<N>>, TableError> {
        let rows = self.rows.get(kind).into_iter().flatten();
        rows.map(|(line, text)| row(self.file, *line, text)).collect()
    }

    /// The values of all rows of a kind that has one cell.
    ///
    /// # Errors
    /// A row with another number of cells.
    pub fn values<C: FromIterator<&'static str>>(&self, kind: &str) -> Result<C, TableError> {
        Ok(self.rows(kind)?.into_iter().flat_map(|TableRow { cells: [cell], .. }| values(cell)).collect())
    }
}

/// What a data file holds.
///
/// # Panics
/// If the file cannot be understood: the program was built from broken data, and nothing it says can be trusted.
pub fn must<T>(read: Result<T, TableError>) -> T {
    read.unwrap_or_else(|error| panic!("a data file of this build is broken: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_empty_lines_are_left_out_and_lines_are_counted() {
        let text = "# head\n\na b\n \nc\n";
        assert_eq!(lines(text).collect::<Vec<_>>(), [(3, "a b"), (5, "c")]);
        assert_eq!(words(text).collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(values(".|s|es").collect::<Vec<_>>(), ["", "s", "es"]);
    }

    #[test]
    fn a_row_with_too_few_cells_is_an_error_with_its_line() {
        let error = rows::<3>("x.tsv", "a\tb\tc\n# x\na\tb\n").unwrap_err();
        assert_eq!(error.to_string(), "x.tsv:3: 2 cells instead of 3");
        let row = rows::<2>("x.tsv", "a\t1,5\n").unwrap()[0];
        assert_eq!(row.parsed::<f64>(1).unwrap_err().to_string(), "x.tsv:1: \"1,5\" is not a f64");
    }

    #[test]
    fn a_misspelt_kind_is_an_error_whichever_side_it_is_on() {
        let read = |text, kinds: &[&'static str]| Kinds::read("x.tsv", text, kinds).map(drop);
        assert_eq!(read("noun\ta\nverb\tb\n", &["noun", "verb"]), Ok(()));
        let error = read("noun\ta\nvreb\tb\n", &["noun", "verb"]).unwrap_err();
        assert_eq!(
            (error.line, error.message.as_str()),
            (Some(2), "there is no kind \"vreb\"; there are noun, verb")
        );
        let error = read("noun\ta\n", &["noun", "verb"]).unwrap_err();
        assert_eq!((error.line, error.message.as_str()), (None, "no row is of the kind \"verb\""));
    }
}

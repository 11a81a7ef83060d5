//! Two entries of the same term side by side.

use std::fmt;
use std::sync::Arc;

use super::cells::cells;
use crate::model::Entry;

/// An entry that both glossaries have, not alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryPair {
    pub left: Arc<Entry>,
    pub right: Arc<Entry>,
    pub cells: Vec<Cell>,
}

/// A column in which two entries differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    pub column: &'static str,
    pub left: String,
    pub right: String,
}

/// The side that wins a conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GlossarySide {
    Left,
    Right,
}

impl Cell {
    /// Whether both sides have something there. Where only one has, there is nothing to decide.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        !self.left.is_empty() && !self.right.is_empty()
    }
}

impl EntryPair {
    /// Whether the sides exclude each other.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.cells.iter().any(Cell::is_conflict)
    }

    /// The cells of the left entry that a merge changes.
    #[must_use]
    pub fn merged(&self, prefer: GlossarySide) -> Vec<(String, String)> {
        let wins = |cell: &&Cell| {
            if cell.is_conflict() { prefer == GlossarySide::Right } else { cell.left.is_empty() }
        };
        let value = |cell: &Cell| (cell.column.to_owned(), cell.right.clone());
        self.cells.iter().filter(wins).map(value).collect()
    }
}

impl fmt::Display for EntryPair {
    /// Both sides of each column, with their places.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.left.source)?;
        for cell in &self.cells {
            let shown =
                |value: &str| if value.is_empty() { "(nothing)".to_owned() } else { value.to_owned() };
            write!(f, "\n  {}: {} at {}", cell.column, shown(&cell.left), self.left.origin)?;
            write!(f, "\n  {}: {} at {}", cell.column, shown(&cell.right), self.right.origin)?;
        }
        Ok(())
    }
}

/// What differs between two entries; `None` if nothing does.
pub(super) fn pair(left: &Arc<Entry>, right: &Arc<Entry>) -> Option<EntryPair> {
    let all = |entry: &Entry| std::iter::once(("target", entry.targets.join("|"))).chain(cells(entry));
    let differing = all(left).zip(all(right)).filter(|((_, left), (_, right))| left != right);
    let cells: Vec<Cell> =
        differing.map(|((column, left), (_, right))| Cell { column, left, right }).collect();
    (!cells.is_empty()).then(|| EntryPair { left: Arc::clone(left), right: Arc::clone(right), cells })
}

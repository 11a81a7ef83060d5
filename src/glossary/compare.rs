//! Two glossaries side by side, entry by entry.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::cells::cells;
use super::load::Glossary;
use crate::model::Entry;

/// How an entry differs between two glossaries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    Left(Arc<Entry>),
    Right(Arc<Entry>),
    Both(EntryPair),
}

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

/// The entries that two glossaries do not have alike: those of the left one in its order, then those that only
/// the right one has. Of entries with the same source, the first counts.
#[must_use]
pub fn compare(left: &Glossary, right: &Glossary) -> Vec<Difference> {
    let index = |glossary: &Glossary| {
        let mut first: HashMap<String, Arc<Entry>> = HashMap::with_capacity(glossary.entries().len());
        for entry in glossary.entries() {
            first.entry(entry.source.clone()).or_insert_with(|| Arc::clone(entry));
        }
        first
    };
    let (lefts, rights) = (index(left), index(right));
    let is_first = |entry: &&Arc<Entry>, all: &HashMap<String, Arc<Entry>>| {
        all.get(&entry.source).is_some_and(|first| Arc::ptr_eq(first, entry))
    };
    let mut out = Vec::new();
    for entry in left.entries().iter().filter(|entry| is_first(entry, &lefts)) {
        match rights.get(&entry.source) {
            None => out.push(Difference::Left(Arc::clone(entry))),
            Some(other) => out.extend(pair(entry, other).map(Difference::Both)),
        }
    }
    let only =
        right.entries().iter().filter(|entry| is_first(entry, &rights) && !lefts.contains_key(&entry.source));
    out.extend(only.cloned().map(Difference::Right));
    out
}

/// What differs between two entries; `None` if nothing does.
fn pair(left: &Arc<Entry>, right: &Arc<Entry>) -> Option<EntryPair> {
    let all = |entry: &Entry| std::iter::once(("target", entry.targets.join("|"))).chain(cells(entry));
    let differing = all(left).zip(all(right)).filter(|((_, left), (_, right))| left != right);
    let cells: Vec<Cell> =
        differing.map(|((column, left), (_, right))| Cell { column, left, right }).collect();
    (!cells.is_empty()).then(|| EntryPair { left: Arc::clone(left), right: Arc::clone(right), cells })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Origin;

    fn glossary(rows: &[(&str, &str, &str)]) -> Glossary {
        let entry = |(at, (source, target, note)): (usize, &(&str, &str, &str))| {
            let origin = Origin { path: "g".into(), line: at + 2 };
            Entry { note: (*note).to_owned(), ..Entry::new(source, target, origin) }
        };
        Glossary::of(rows.iter().enumerate().map(entry).collect())
    }

    #[test]
    fn differences_come_in_order() {
        let left = glossary(&[
            ("Elbe", "Elbe", ""),
            ("Oder", "Oder", ""),
            ("Rhein", "Rhine", ""),
            ("Inn", "Inn", ""),
        ]);
        let right = glossary(&[
            ("Rhein", "River Rhine", ""),
            ("Inn", "Inn", "river"),
            ("Elbe", "Elbe", ""),
            ("Spree", "Spree", ""),
        ]);
        let shown: Vec<String> = compare(&left, &right)
            .iter()
            .map(|difference| match difference {
                Difference::Left(entry) => format!("-{}", entry.source),
                Difference::Right(entry) => format!("+{}", entry.source),
                Difference::Both(pair) => format!("{}{}", pair.left.source, u8::from(pair.is_conflict())),
            })
            .collect();
        assert_eq!(shown, ["-Oder", "Rhein1", "Inn0", "+Spree"]);
    }

    #[test]
    fn a_merge_fills_empty_cells_and_decides_conflicts() {
        let (left, right) = (glossary(&[("Inn", "Inn", "")]), glossary(&[("Inn", "River Inn", "river")]));
        let [Difference::Both(pair)] = &compare(&left, &right)[..] else { panic!("one difference") };
        let note = ("note".to_owned(), "river".to_owned());
        assert_eq!(pair.merged(GlossarySide::Left), std::slice::from_ref(&note));
        assert_eq!(pair.merged(GlossarySide::Right), [("target".to_owned(), "River Inn".to_owned()), note]);
    }
}

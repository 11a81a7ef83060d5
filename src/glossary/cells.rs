//! Entries as cells.

use std::str::FromStr;

use super::error::LineFault;
use crate::model::{CaseRule, Entry, EntryKind};

/// The columns of a glossary file in the order in which new files have them.
#[cfg(feature = "documents")]
pub(super) const COLUMNS: [&str; 7] = ["source", "target", "case", "forms", "avoid", "kind", "note"];

/// The cells of an entry behind source and target, with their columns; empty where it has the default.
pub(super) fn cells(entry: &Entry) -> [(&'static str, String); 5] {
    let unless = |default: bool, name: &str| if default { String::new() } else { name.to_owned() };
    [
        ("case", unless(entry.case == CaseRule::default(), entry.case.as_str())),
        ("forms", entry.forms.join("|")),
        ("avoid", entry.avoid.join("|")),
        ("kind", unless(entry.kind == EntryKind::default(), entry.kind.as_str())),
        ("note", entry.note.clone()),
    ]
}

/// The values of a cell.
pub(super) fn values(cell: &str) -> Vec<String> {
    cell.split('|').map(str::trim).filter(|v| !v.is_empty()).map(str::to_owned).collect()
}

/// The case rule that a cell names; the default if it is empty.
pub(super) fn case(cell: &str) -> Result<CaseRule, LineFault> {
    named(cell, "auto, exact, ignore")
}

/// The kind that a cell names; the default if it is empty.
pub(super) fn kind(cell: &str) -> Result<EntryKind, LineFault> {
    named(cell, "name, term, keep")
}

fn named<T: Default + FromStr>(cell: &str, known: &'static str) -> Result<T, LineFault> {
    if cell.is_empty() {
        return Ok(T::default());
    }
    cell.parse().map_err(|_| LineFault::UnknownValue { value: cell.to_owned(), known })
}

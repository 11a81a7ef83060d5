//! Entries as cells.

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

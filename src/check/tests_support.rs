//! What the tests of several checks need.

use std::sync::Arc;

use crate::model::{CaseRule, Entry, EntryKind, MatchKind, Origin, TermMatch};

/// A word match of an entry in its dictionary form at a byte of the source.
pub(super) fn term(source: &str, target: &str, at: usize) -> TermMatch {
    surface(source, target, at..at + source.len())
}

/// A word match of an entry over some bytes of the source.
pub(super) fn surface(source: &str, target: &str, span: std::ops::Range<usize>) -> TermMatch {
    let entry = Entry {
        source: source.to_owned(),
        targets: target.split('|').map(str::to_owned).collect(),
        case: CaseRule::Auto,
        forms: Vec::new(),
        avoid: Vec::new(),
        kind: EntryKind::Term,
        note: String::new(),
        origin: Origin { path: "glossary.tsv".into(), line: 2 },
    };
    TermMatch { entry: Arc::new(entry), span, kind: MatchKind::Word }
}

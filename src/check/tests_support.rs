//! What the tests of several checks need.

use std::sync::Arc;

use crate::model::{Entry, MatchKind, Origin, TermMatch};

/// A word match of an entry in its dictionary form at a byte of the source.
pub(super) fn term(source: &str, target: &str, at: usize) -> TermMatch {
    surface(source, target, at..at + source.len())
}

/// A word match of an entry over some bytes of the source.
pub(super) fn surface(source: &str, target: &str, span: std::ops::Range<usize>) -> TermMatch {
    let entry = Entry::new(source, target, Origin { path: "glossary.tsv".into(), line: 2 });
    TermMatch { entry: Arc::new(entry), span, kind: MatchKind::Word }
}

//! What the tests of checks and of enforcement need.

use std::sync::Arc;

use super::pair::Pair;
use super::terms::outcomes;
use crate::english::Sentence;
use crate::model::{Entry, MatchKind, Origin, TermMatch};

/// A word match of an entry in its dictionary form at a byte of the source.
pub(crate) fn term(source: &str, target: &str, at: usize) -> TermMatch {
    surface(source, target, at..at + source.len())
}

/// A word match of an entry over some bytes of the source.
pub(crate) fn surface(source: &str, target: &str, span: std::ops::Range<usize>) -> TermMatch {
    let entry = Entry::new(source, target, Origin { path: "glossary.tsv".into(), line: 2 });
    TermMatch { entry: Arc::new(entry), span, kind: MatchKind::Word }
}

/// What a look at a pair of texts gives.
pub(crate) fn looked<T>(
    source: &str,
    target: &str,
    terms: &[TermMatch],
    look: impl FnOnce(Pair<'_>) -> T,
) -> T {
    let (source, target) = (Sentence::new(source), Sentence::new(target));
    let outcomes = outcomes(&source, terms, &target);
    look(Pair { source: &source, target: &target, outcomes: &outcomes })
}

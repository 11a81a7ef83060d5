//! Entries made ready to be looked for: their spellings as patterns, and the index over these.

use std::collections::HashSet;
use std::sync::Arc;

use super::folding::fold;
use super::index::PatternIndex;
use super::pattern::{Pattern, patterns};
use crate::model::Entry;

/// What is looked for in a text. Never changed once it is made, so that finding needs no lock.
#[derive(Debug, Default)]
pub(super) struct Compiled {
    entries: Vec<Arc<Entry>>,
    pub(super) patterns: Vec<Pattern>,
    owners: Vec<u32>,
    /// The folded forms that each entry rules out.
    avoided: Vec<Vec<Vec<u8>>>,
    /// Whether the entry of each pattern rules out any: one look for the many that do not.
    guarded: Vec<bool>,
    pub(super) index: PatternIndex,
}

impl Compiled {
    pub(super) fn new(entries: Vec<Arc<Entry>>) -> Self {
        #[cfg(test)]
        compilations::count();
        let mut all = Vec::with_capacity(entries.len() * 2);
        let mut owners = Vec::with_capacity(entries.len() * 2);
        // Of entries that are found in the same places the first one is taken, so the others need not be looked for.
        let mut known = HashSet::with_capacity(entries.len());
        for (owner, entry) in (0_u32..).zip(&entries) {
            if !known.insert((&entry.source, entry.case, entry.kind, &entry.forms, &entry.avoid)) {
                continue;
            }
            let own = patterns(entry);
            owners.extend(std::iter::repeat_n(owner, own.len()));
            all.extend(own);
        }
        let index = PatternIndex::new(&all);
        let avoided: Vec<_> = entries.iter().map(|entry| avoided(entry)).collect();
        let guarded = owners.iter().map(|owner: &u32| !avoided[*owner as usize].is_empty()).collect();
        Self { entries, patterns: all, owners, avoided, guarded, index }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(super) fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }

    #[inline]
    pub(super) fn entry(&self, pattern: u32) -> &Arc<Entry> {
        &self.entries[self.owners[pattern as usize] as usize]
    }

    /// Whether the entry of a pattern rules out a surface that it would be found in.
    #[inline]
    pub(super) fn rules_out(&self, pattern: u32, surface: &str) -> bool {
        let owner = self.owners[pattern as usize] as usize;
        self.guarded[pattern as usize] && self.avoided[owner].contains(&fold(surface))
    }
}

/// The folded forms that an entry rules out.
fn avoided(entry: &Entry) -> Vec<Vec<u8>> {
    // The term left as it was is a rendering to avoid and still the term to be found.
    let wanted: Vec<_> = match entry.avoid[..] {
        [] => return Vec::new(),
        [..] => std::iter::once(&entry.source).chain(&entry.forms).map(|form| fold(form)).collect(),
    };
    entry.avoid.iter().map(|form| fold(form)).filter(|form| !wanted.contains(form)).collect()
}

/// Counts how often entries are made ready, so that a test can hold that nothing is made ready in vain.
#[cfg(test)]
pub(super) mod compilations {
    use std::cell::Cell;

    thread_local!(static COUNT: Cell<usize> = const { Cell::new(0) });

    pub(super) fn count() {
        COUNT.with(|count| count.set(count.get() + 1));
    }

    /// How many there are while something is done.
    pub(in crate::glossary) fn of(work: impl FnOnce()) -> usize {
        let before = COUNT.with(Cell::get);
        work();
        COUNT.with(Cell::get) - before
    }
}

//! Which of the candidates that overlap is taken.

use std::ops::Range;

use super::matcher::Matcher;
use crate::model::MatchKind;

/// A place where an entry may be meant, before longer ones have pushed out shorter ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Occurrence {
    pub(super) span: Range<usize>,
    pub(super) pattern: u32,
    pub(super) kind: MatchKind,
}

/// The candidates that have been taken.
pub(super) struct Placed {
    /// The bytes of the text that they cover.
    covered: Vec<bool>,
    taken: Vec<Occurrence>,
}

impl Placed {
    pub(super) fn new(text: &str) -> Self {
        Self { covered: vec![false; text.len()], taken: Vec::new() }
    }

    /// Whether no candidate is taken at a place.
    pub(super) fn is_free(&self, span: &Range<usize>) -> bool {
        !self.covered[span.clone()].contains(&true)
    }

    fn take(&mut self, candidate: &Occurrence) {
        if self.is_free(&candidate.span) {
            self.covered[candidate.span.clone()].fill(true);
            self.taken.push(candidate.clone());
        }
    }

    /// The candidates in the order of the text.
    pub(super) fn in_order(mut self) -> Vec<Occurrence> {
        self.taken.sort_by_key(|c| c.span.start);
        self.taken
    }
}

impl Matcher {
    /// Puts candidates beside those that are taken already, the best first, and drops what overlaps.
    pub(super) fn place(&self, text: &str, mut found: Vec<Occurrence>, placed: &mut Placed) {
        found.sort_by_key(|c| (c.span.start, c.span.end, c.pattern));
        self.best_of_each_place(text, &mut found);
        let rank = |c: &Occurrence| {
            (std::cmp::Reverse(c.span.len()), !self.is_exact(text, c), c.pattern, c.span.start)
        };
        // Candidates contend with those only that they are joined to by overlaps.
        let mut rest = &mut found[..];
        while let Some(first) = rest.first() {
            let mut end = first.span.end;
            let count = rest.iter().take_while(|c| {
                let joined = c.span.start < end;
                end = end.max(c.span.end);
                joined
            });
            let (group, others) = rest.split_at_mut(count.count());
            if group.len() > 1 {
                group.sort_by_cached_key(rank);
            }
            for candidate in group.iter() {
                placed.take(candidate);
            }
            rest = others;
        }
    }

    /// Leaves one of the candidates with the same place.
    fn best_of_each_place(&self, text: &str, found: &mut Vec<Occurrence>) {
        let mut exact = None;
        found.dedup_by(|next, kept| {
            if next.span != kept.span {
                exact = None;
                return false;
            }
            if !*exact.get_or_insert_with(|| self.is_exact(text, kept)) && self.is_exact(text, next) {
                std::mem::swap(next, kept);
                exact = Some(true);
            }
            true
        });
    }

    /// Whether a candidate is written as its entry is.
    fn is_exact(&self, text: &str, candidate: &Occurrence) -> bool {
        let surface = text.get(candidate.span.clone());
        surface.is_some_and(|s| s.starts_with(&*self.entry(candidate.pattern).source))
    }
}

#[cfg(test)]
mod tests {
    use crate::glossary::{Glossary, Matcher};
    use crate::model::{Entry, Origin};

    fn sources(sources: &[&str], text: &str) -> Vec<String> {
        let origin = || Origin { path: "glossary.tsv".into(), line: 2 };
        let entries = sources.iter().map(|source| Entry::new(source, "x", origin())).collect();
        let found = Matcher::new(&Glossary::of(entries)).find(text);
        found.into_iter().map(|term| term.entry.source.clone()).collect()
    }

    #[test]
    fn a_part_of_several_words_yields_to_the_words_inside_it() {
        let entries = ["Hütte am Bach", "am"];
        assert_eq!(sources(&entries, "die Hütte am Bach- und Waldrand"), ["am"]);
        assert_eq!(sources(&entries[..1], "die Hütte am Bach- und Waldrand"), ["Hütte am Bach"]);
    }

    #[test]
    fn in_a_chain_of_overlaps_the_longest_are_taken_first() {
        let chain = ["roter Apfel", "Apfel Birne Quitte", "Quitte Pflaume", "Pflaume"];
        assert_eq!(sources(&chain, "roter Apfel Birne Quitte Pflaume"), ["Apfel Birne Quitte", "Pflaume"]);
    }

    #[test]
    fn of_one_place_the_entry_that_is_spelled_so_is_taken() {
        let spellings = ["Kürbis", "Kuerbis"];
        assert_eq!(sources(&spellings, "Kürbis, Kuerbis, KUERBIS"), ["Kürbis", "Kuerbis", "Kürbis"]);
    }
}

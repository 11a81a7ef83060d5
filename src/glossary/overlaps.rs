//! Which of the matches that overlap are taken.

use std::ops::Range;

use super::compiled::Compiled;
use super::search::PatternMatch;

/// The matches that are taken of a text.
pub(super) struct DisjointMatches<'a> {
    glossary: &'a Compiled,
    text: &'a str,
    /// For each byte of the text, whether one of them covers it.
    covered: Vec<bool>,
    all: Vec<PatternMatch>,
}

impl<'a> DisjointMatches<'a> {
    pub(super) fn new(glossary: &'a Compiled, text: &'a str) -> Self {
        Self { glossary, text, covered: vec![false; text.len()], all: Vec::new() }
    }

    /// Whether nothing is taken at a place.
    #[inline]
    pub(super) fn is_free(&self, span: &Range<usize>) -> bool {
        !self.covered[span.clone()].contains(&true)
    }

    /// Takes matches beside those that are taken already, the best first, and drops what overlaps.
    pub(super) fn add(&mut self, mut found: Vec<PatternMatch>) {
        found.sort_by_key(|c| (c.span.start, c.span.end, c.pattern));
        self.best_of_each_place(&mut found);
        // Matches contend only with those that a chain of overlaps joins them to.
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
                group.sort_by_cached_key(|c| {
                    (std::cmp::Reverse(c.span.len()), !self.is_exact(c), c.pattern, c.span.start)
                });
            }
            for one in group.iter() {
                self.take(one);
            }
            rest = others;
        }
    }

    fn take(&mut self, found: &PatternMatch) {
        if self.is_free(&found.span) {
            self.covered[found.span.clone()].fill(true);
            self.all.push(found.clone());
        }
    }

    /// Leaves one of the matches with the same place.
    fn best_of_each_place(&self, found: &mut Vec<PatternMatch>) {
        let mut exact = None;
        found.dedup_by(|next, kept| {
            if next.span != kept.span {
                exact = None;
                return false;
            }
            if !*exact.get_or_insert_with(|| self.is_exact(kept)) && self.is_exact(next) {
                std::mem::swap(next, kept);
                exact = Some(true);
            }
            true
        });
    }

    /// Whether an found is written as its entry is.
    fn is_exact(&self, found: &PatternMatch) -> bool {
        let surface = self.text.get(found.span.clone());
        surface.is_some_and(|s| s.starts_with(&*self.glossary.entry(found.pattern).source))
    }

    /// All of them in the order of the text.
    pub(super) fn in_order(mut self) -> Vec<PatternMatch> {
        self.all.sort_by_key(|c| c.span.start);
        self.all
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

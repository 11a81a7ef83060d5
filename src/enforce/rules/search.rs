//! The search for the words that stand for one term, which all rules share.

use std::ops::Range;

use super::nearness::{is_blank, is_outside};
use crate::check::overlap;
use crate::english::{
    Sentence, Word, first_word, fold, is_german_adjective, is_german_genitive, last_word, plural,
};
use crate::model::{SpanPairs, TermMatch, TermOutcome};
use crate::text::characters::is_hyphen;

/// Marks that no rendering goes across.
pub(in crate::enforce) const BREAKS: [char; 8] = [',', ';', ':', '(', ')', '"', '“', '”'];

/// Words to be replaced, and what stands in their place then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::enforce) struct Replacement {
    pub(in crate::enforce) span: Range<usize>,
    pub(in crate::enforce) by: String,
    /// Whether the capitals of the old words say nothing: they are German, or wrong.
    pub(in crate::enforce) german: bool,
}

/// The search for the words that stand for one term that does not hold.
pub(in crate::enforce) struct Search<'a> {
    pub(in crate::enforce) source: &'a Sentence,
    pub(in crate::enforce) target: &'a Sentence,
    pub(in crate::enforce) outcomes: &'a [TermOutcome],
    /// The engine's alignment of words, if it gave one for this English.
    pub(in crate::enforce) words: Option<&'a SpanPairs>,
    at: usize,
    pub(in crate::enforce) house: Sentence,
    /// Places of terms that hold.
    pub(in crate::enforce) taken: Vec<Range<usize>>,
    /// How many occurrences of the entry do not hold.
    pub(in crate::enforce) open: usize,
}

impl<'a> Search<'a> {
    /// The search for the term at a place among the outcomes.
    pub(in crate::enforce) fn new(
        source: &'a Sentence,
        target: &'a Sentence,
        outcomes: &'a [TermOutcome],
        at: usize,
        words: Option<&'a SpanPairs>,
    ) -> Self {
        let entry = &outcomes[at].term.entry;
        Self {
            source,
            target,
            outcomes,
            words,
            at,
            house: Sentence::new(entry.target()),
            taken: outcomes.iter().filter_map(|o| o.held.clone()).collect(),
            open: outcomes.iter().filter(|o| o.term.entry == *entry && o.held.is_none()).count(),
        }
    }

    pub(in crate::enforce) fn term(&self) -> &'a TermMatch {
        &self.outcomes[self.at].term
    }

    /// The house form, in the plural if that is wanted.
    pub(super) fn house_in(&self, many: bool) -> String {
        if many { plural(self.house.text()) } else { self.house.text().to_owned() }
    }

    /// Whether a folded text is a rendering, or the German, of another term of the segment.
    pub(super) fn is_another_term(&self, found: &str) -> bool {
        let others = self.outcomes.iter().filter(|o| o.term.entry != self.term().entry);
        others
            .flat_map(|o| o.term.entry.targets.iter().chain([&o.term.entry.source]))
            .any(|t| fold(t) == found)
    }

    /// Rows of words, nothing but blanks and hyphens between them, that hold no term and that a rule accepts.
    pub(super) fn windows(
        &self,
        length: usize,
        rule: impl Fn(&[Word]) -> Option<String>,
    ) -> Vec<Replacement> {
        let mut out: Vec<Replacement> = Vec::new();
        for window in self.target.words().windows(length) {
            let span = window[0].span.start..window[length - 1].span.end;
            let gap = |c: char| c.is_whitespace() || is_hyphen(c);
            let together = window
                .windows(2)
                .all(|w| self.target.text()[w[0].span.end..w[1].span.start].chars().all(gap));
            let free = !self.taken.iter().chain(out.iter().map(|r| &r.span)).any(|t| overlap(t, &span));
            if let Some(by) = rule(window).filter(|_| together && free) {
                out.push(Replacement { span, by, german: false });
            }
        }
        out
    }

    /// Whether words are all there is of a noun with what belongs to it: function words, numbers or marks beside.
    pub(in crate::enforce) fn is_bounded(&self, span: &Range<usize>) -> bool {
        let (before, behind) = (&self.target.text()[..span.start], &self.target.text()[span.end..]);
        let left = last_word(before).filter(|w| is_blank(&before[w.span.end..]));
        let right = first_word(behind).filter(|w| is_blank(&behind[..w.span.start]));
        let joined = before.ends_with(is_hyphen) || behind.starts_with(is_hyphen);
        !joined && left.is_none_or(|w| is_outside(&w)) && right.is_none_or(|w| is_outside(&w))
    }

    pub(in crate::enforce) fn is_common_word(&self, word: &Word) -> bool {
        self.target.surface(word).starts_with(char::is_lowercase) && !is_outside(word)
    }

    /// Whether another German word has a part in common with the term's: `Sturmfront` beside `Sturmschaden`.
    pub(in crate::enforce) fn has_relative(&self) -> bool {
        /// Letters at the beginning or end that make a part.
        const PART: usize = 4;
        let surface = fold(self.term().surface(self.source.text()));
        let ends = |word: &str| {
            let letters: Vec<char> = word.chars().collect();
            letters.len().checked_sub(PART).map(|from| [letters[..PART].to_vec(), letters[from..].to_vec()])
        };
        let Some([start, end]) = ends(&surface) else { return true };
        self.source
            .words()
            .iter()
            .filter(|w| !overlap(&w.span, &self.term().span) && w.folded != surface)
            .any(|w| ends(&w.folded).is_some_and(|[s, e]| s == start || e == end))
    }

    /// Whether an adjective may stand before the German.
    pub(super) fn has_adjective(&self) -> bool {
        let before = &self.source.text()[..self.term().span.start];
        last_word(before).is_some_and(|w| {
            let word = &before[w.span.clone()];
            is_german_adjective(word) && word.starts_with(char::is_lowercase)
        })
    }

    /// Whether the German is one word with neither an adjective before nor a genitive behind it, so that all words of
    /// its English noun phrase are its own.
    pub(super) fn stands_alone(&self) -> bool {
        let surface = self.term().surface(self.source.text());
        let behind = &self.source.text()[self.term().span.end..];
        let next = first_word(behind).filter(|w| is_blank(&behind[..w.span.start]));
        let genitive = next.is_some_and(|w| is_german_genitive(&w.folded));
        !surface.contains([' ', '-']) && !self.has_adjective() && !genitive
    }
}

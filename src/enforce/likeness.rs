//! English words that are like a house form, for telling what stands in its place.
//!
//! The rules of repair find what can be replaced; here it is enough that a reader would take the words for a rendering
//! of the term and that no other word of the German accounts for them.

use std::ops::Range;

use super::rules::nearness::{is_blank, is_common, is_longer, is_outside, is_related, is_telling};
use super::rules::search::Search;
use crate::check::overlap;
use crate::english::{Word, first_word, fold, has_postmodifier, is_plural, is_plural_form, neutral};
use crate::text::characters::is_hyphen;

/// How like a house form some words are, the closest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Likeness {
    /// The same words, perhaps in another number or with other capitals.
    Same,
    /// Each word is the same or one of its family: `corona testing` for `coronavirus test`.
    Family,
    /// All words but one: `weapons deliveries` for `arms delivery`.
    ButOne,
}

impl Search<'_> {
    /// The words that are most like the house form, if it is clear which these are. `is_repeat` says whether the term
    /// does not hold in several places.
    pub(super) fn likeness(&self, is_repeat: bool) -> Option<Range<usize>> {
        let own = self.house.words();
        if own.is_empty() {
            return None;
        }
        let windows = self.target.words().windows(own.len()).filter(|window| self.is_free(window));
        let found: Vec<_> = windows.filter_map(|window| Some((self.compare(own, window)?, window))).collect();
        let closest = found.iter().map(|(likeness, _)| *likeness).min()?;
        let found = found.iter().filter(|(likeness, _)| *likeness == closest);
        let spans: Option<Vec<_>> = found.map(|(_, window)| self.phrase(own, window)).collect();
        let spans = spans?;
        let first = spans.first()?.clone();
        let folded = |span: &Range<usize>| fold(&self.target.text()[span.clone()]);
        let same = spans.iter().all(|span| folded(span) == folded(&first));
        let open = self.open.max(1);
        let clear = match closest {
            Likeness::Same => true,
            // A word of the same family in the German may be what stands there; it is not there as often as the term.
            _ if self.has_family() => is_repeat && same && spans.len() == open,
            Likeness::Family => true,
            Likeness::ButOne => spans.iter().all(|span| self.is_at_the_place(span)),
        };
        (clear && (same || spans.len() <= open)).then_some(first)
    }

    /// Whether words stand together, and none of them renders another term.
    fn is_free(&self, window: &[Word]) -> bool {
        let span = window[0].span.start..window[window.len() - 1].span.end;
        let joined = |w: &[Word]| self.is_joined(&w[0], &w[1]);
        window.windows(2).all(joined) && !self.taken.iter().any(|t| overlap(t, &span))
    }

    fn is_joined(&self, word: &Word, next: &Word) -> bool {
        let gap = &self.target.text()[word.span.end..next.span.start];
        is_blank(gap) || gap.chars().all(is_hyphen)
    }

    /// How like the house form words are; `None` if they are something else.
    fn compare(&self, own: &[Word], window: &[Word]) -> Option<Likeness> {
        let same = |(own, found): &(&Word, &Word)| {
            neutral(&own.folded) == neutral(&found.folded)
                || is_plural(&own.folded, &found.folded)
                || is_plural(&found.folded, &own.folded)
        };
        let like = |pair: &(&Word, &Word)| same(pair) || self.is_family(pair.0, pair.1);
        let pairs = || own.iter().zip(window);
        // `FDP` and `fdp`, but not `IT` and `it`.
        let short = |word: &Word| word.folded.chars().count() == 3 && !is_outside(word);
        let telling = pairs().filter(like).any(|(own, _)| is_telling(own) || short(own));
        let mut others = pairs().filter(|pair| !like(pair));
        match (others.next(), others.next()) {
            _ if !telling => None,
            (None, _) if pairs().all(|pair| same(&pair)) => Some(Likeness::Same),
            (None, _) => Some(Likeness::Family),
            (Some((_, other)), None) => self.may_differ(window, other).then_some(Likeness::ButOne),
            (Some(_), Some(_)) => None,
        }
    }

    /// Whether two words are of one family, or names that begin alike: `Napoli` for `Naples`.
    fn is_family(&self, own: &Word, found: &Word) -> bool {
        /// Letters that two spellings of a name begin with alike.
        const START: usize = 3;
        /// Letters in which they differ at most; and no more than half of them.
        const OTHER: usize = 3;
        let is_name = |text: &str, word: &Word| text[word.span.clone()].starts_with(char::is_uppercase);
        let names = is_name(self.house.text(), own) && is_name(self.target.text(), found);
        if !names {
            return is_related(&found.folded, &own.folded);
        }
        let shared = own.folded.chars().zip(found.folded.chars()).take_while(|(a, b)| a == b).count();
        let other = strsim::osa_distance(&own.folded, &found.folded);
        let letters = found.folded.chars().count();
        let alike = shared >= START && other <= OTHER && other * 2 <= letters;
        (alike || is_related(&found.folded, &own.folded)) && !self.is_of_another(found)
    }

    /// Whether a German word beside the term begins like an English one.
    fn is_of_another(&self, found: &Word) -> bool {
        /// Letters that they have in common.
        const START: usize = 4;
        let start: String = found.folded.chars().take(START).collect();
        let others = self.source.words().iter().filter(|w| !overlap(&w.span, &self.term().span));
        others.into_iter().any(|w| w.folded.starts_with(&start))
    }

    /// Whether a word of a window may be another than that of the house form.
    fn may_differ(&self, window: &[Word], other: &Word) -> bool {
        let end = window[window.len() - 1].span.end;
        let behind = first_word(&self.target.text()[end..]);
        // `University of Leipzig`: more belongs to it than the window has.
        let goes_on = behind.is_some_and(|w| w.folded == "of");
        !is_outside(other) && !goes_on && !has_postmodifier(self.house.text())
    }

    /// The bytes of a window; where its only word is the beginning of the house form, with the noun behind it:
    /// `harvest helpers` for `harvesters`. `None` if that is missing.
    fn phrase(&self, own: &[Word], window: &[Word]) -> Option<Range<usize>> {
        let (first, last) = (window.first()?, window.last()?);
        let span = first.span.start..last.span.end;
        let shorter = own.len() == 1
            && is_common(self.house.text())
            && is_longer(&own[0].folded, &last.folded)
            && !is_plural(&last.folded, &own[0].folded);
        if !shorter || self.is_bounded(&span) {
            return Some(span);
        }
        let next = self.target.words().iter().find(|w| w.span.start >= span.end)?;
        let noun = self.is_joined(last, next) && self.is_common_word(next) && is_plural_form(&next.folded);
        noun.then_some(span.start..next.span.end)
    }

    /// Whether words stand about as far along in the English as the term does in the German.
    fn is_at_the_place(&self, span: &Range<usize>) -> bool {
        /// German verbs change places over longer ways than nouns do.
        const HUNDREDTHS: usize = 35;
        let own = self.term().span.start * 100 / self.source.text().len();
        let found = span.start * 100 / self.target.text().len();
        own.abs_diff(found) <= HUNDREDTHS
    }

    /// Whether another German word begins or ends as the term does, so that its English may, too: `Gaslieferung` beside
    /// `Waffenlieferungen`.
    fn has_family(&self) -> bool {
        /// Letters of an ending that is more than a suffix.
        const END: usize = 6;
        let dictionary: Vec<char> = fold(&self.term().entry.source).chars().collect();
        let end: String = dictionary[dictionary.len().saturating_sub(END)..].iter().collect();
        let others = self.source.words().iter().filter(|w| !overlap(&w.span, &self.term().span));
        // Other occurrences of the term are no relatives of it.
        let surface = fold(self.term().surface(self.source.text()));
        self.has_relative() || others.into_iter().any(|w| w.folded != surface && w.folded.contains(&end))
    }
}

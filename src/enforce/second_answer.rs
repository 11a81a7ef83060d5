//! What an answer to a sentence that was sent again is, beside the first one.

use std::collections::HashMap;
use std::ops::Range;

use crate::check::Pair;
use crate::english::{Sentence, is_inflected};
use crate::model::TermMatch;

/// Whether enough words of one answer stand in another that both may be translations of the same sentence.
///
/// Asked once more with a token or an English word in the sentence, some engines write something else altogether, in
/// which the term does hold.
pub(super) fn resembles(first: &Sentence, other: &Sentence) -> bool {
    /// One word in this many must be there again: the engine may well choose other words.
    const SHARE: usize = 4;
    let mut left: HashMap<&str, usize> = HashMap::new();
    for word in other.words() {
        *left.entry(&word.folded).or_default() += 1;
    }
    let own = first.words();
    let again = own.iter().filter(|w| {
        left.get_mut(w.folded.as_str()).is_some_and(|count| {
            let there = *count > 0;
            *count -= usize::from(there);
            there
        })
    });
    again.count() * SHARE >= own.len()
}

/// Whether an answer is the first one with the renderings of terms merely put in, and the first one had them in other words
/// then: beside a word that is made of a rendering (`the Day of the Norway Norwegians`), or for a further occurrence of an
/// entry that held already (`at SSC Napoli`, where the city was named before).
///
/// To say it twice is worse than a term that does not hold.
pub(super) fn says_twice(first: Pair<'_>, other: Pair<'_>) -> bool {
    let Pair { target: first, outcomes: before, .. } = first;
    let Pair { target: other, outcomes: after, .. } = other;
    let old = first.words();
    let mut rest = old.iter().peekable();
    let mut added = Vec::new();
    for word in other.words() {
        if rest.next_if(|w| w.folded == word.folded).is_none() {
            added.push(word);
        }
    }
    let held = |span: &Range<usize>| {
        after.iter().filter_map(|o| o.held.as_ref()).any(|h| h.start <= span.start && span.end <= h.end)
    };
    if rest.next().is_some() || !added.iter().all(|w| held(&w.span)) {
        return false;
    }
    let gained = || before.iter().zip(after).filter(|(b, a)| b.is_lost() && a.held.is_some());
    let is_repeat = |term: &TermMatch| before.iter().any(|o| o.held.is_some() && o.term.entry == term.entry);
    added.iter().any(|new| old.iter().any(|w| is_inflected(&w.folded, &new.folded)))
        || gained().next().is_some() && gained().all(|(_, a)| is_repeat(&a.term))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::outcomes;
    use crate::check::testing::term;

    fn doubled(first: &str, other: &str) -> bool {
        doubled_of(&[term("Norwegen", "Norway", 0)], first, other)
    }

    fn doubled_of(terms: &[TermMatch], first: &str, other: &str) -> bool {
        let (first, other) = (Sentence::new(first), Sentence::new(other));
        let source = Sentence::default();
        let [before, after] = [&first, &other].map(|english| outcomes(&source, terms, english));
        says_twice(
            Pair { source: &source, target: &first, outcomes: &before },
            Pair { source: &source, target: &other, outcomes: &after },
        )
    }

    #[test]
    fn a_further_occurrence_that_is_merely_put_in_is_told_from_one_that_is_rendered() {
        let first = term("Nizza", "Nice", 0);
        let terms = [first.clone(), TermMatch { span: 20..25, ..first }];
        let answer = "Nice lost the game at OGC Nizza.";
        assert!(doubled_of(&terms, answer, "Nice lost the game Nice at OGC Nizza."));
        assert!(!doubled_of(&terms, answer, "Nice lost the game at OGC Nice."));
        assert!(!doubled_of(&terms, "They lost the game.", "Nice lost the game in Nice."));
    }

    #[test]
    fn a_term_put_in_beside_its_own_adjective_is_told_from_a_new_translation() {
        assert!(doubled("The Norwegian coast is long.", "The Norway Norwegian coast is long."));
        assert!(!doubled("The Norwegian coast is long.", "The coast of Norway is long."));
        assert!(!doubled("The coast is long.", "The Norway coast is long."));
        assert!(!doubled("The Norwegian coast is long.", "The Norway Norwegian coast is very long."));
    }

    #[test]
    fn other_words_are_told_from_another_sentence() {
        let are_alike = |first: &str, other: &str| resembles(&Sentence::new(first), &Sentence::new(other));
        let first = "The firemen came at night and went home.";
        assert!(are_alike(first, "The fire brigade came during the night and then left for home."));
        assert!(!are_alike(first, "Translate the sentence: fire brigade ZQX ZQX ZQX."));
        assert!(are_alike("Yes.", "yes"));
    }
}

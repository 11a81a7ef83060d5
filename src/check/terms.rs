//! Whether the terms of a segment hold in its translation.

use std::ops::Range;

use super::avoid;
use super::english::{Rendering, Word, words};
use crate::model::{MatchKind, TermMatch, TermOutcome};

/// Tells for each term where the target renders it.
///
/// Any accepted rendering holds, between word boundaries, in any case, in the plural, as a possessive, with a
/// hyphen for a space, with its last words shared (`deep- and high-sea fish`). Each occurrence takes a place of its own, longer renderings first. An occurrence that is
/// left over shares the place of another one (English may well say *he* the second time), but not if a wrong
/// rendering of its entry stands in the target. [`MatchKind::Part`] matches get a place if there is a free one;
/// they are never required.
#[must_use]
pub fn outcomes(terms: &[TermMatch], target: &str) -> Vec<TermOutcome> {
    let in_target = words(target);
    let places: Vec<_> = terms.iter().map(|t| places(t, target, &in_target)).collect();
    let mut order: Vec<usize> = (0..terms.len()).collect();
    let length = |i: &usize| places[*i].first().map_or(0, Range::len);
    order.sort_by_key(|i| (terms[*i].kind == MatchKind::Part, std::cmp::Reverse(length(i)), *i));
    let mut held: Vec<Option<Range<usize>>> = vec![None; terms.len()];
    let mut taken: Vec<Range<usize>> = Vec::new();
    for i in &order {
        if let Some(free) = places[*i].iter().find(|p| !taken.iter().any(|t| overlap(t, p))) {
            taken.push(free.clone());
            held[*i] = Some(free.clone());
        }
    }
    for i in order {
        if held[i].is_none() && avoid::places(&terms[i], target, &in_target, &taken).is_empty() {
            held[i] = places[i].first().cloned();
        }
    }
    let outcome = |(term, held): (&TermMatch, _)| TermOutcome { term: term.clone(), held };
    terms.iter().zip(held).map(outcome).collect()
}

/// Where any accepted rendering stands: the house form first, then by place. One that is a piece of a longer
/// unwanted rendering does not count.
fn places(term: &TermMatch, target: &str, in_target: &[Word]) -> Vec<Range<usize>> {
    let wrong = avoid::places(term, target, in_target, &[]);
    let inside = |own: &Range<usize>| {
        wrong.iter().any(|(w, _)| w.span.start <= own.start && own.end <= w.span.end && w.span != *own)
    };
    let renderings: Vec<_> = term.entry.targets.iter().map(|t| Rendering::new(t)).collect();
    let whole = renderings.iter().flat_map(|r| r.find(target, in_target));
    let elided = renderings.iter().flat_map(|r| r.find_elided(target, in_target));
    whole.chain(elided).map(|p| p.span).filter(|span| !inside(span)).collect()
}

pub(super) fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

#[cfg(test)]
mod tests {
    use super::super::tests_support::term;
    use super::*;

    fn held(terms: &[TermMatch], target: &str) -> Vec<bool> {
        outcomes(terms, target).iter().map(|o| o.held.is_some()).collect()
    }

    #[test]
    fn renderings_that_share_their_last_words_hold_each() {
        let terms = [term("Tief-", "deep-sea fish", 0), term("Hochseefische", "high-sea fish", 10)];
        let held = |target| outcomes(&terms, target).iter().filter(|o| o.held.is_some()).count();
        assert_eq!(held("Deep- and high-sea fish"), 2);
        assert_eq!(held("Deep and high-sea fish"), 1);
    }

    #[test]
    fn each_occurrence_takes_a_place_of_its_own() {
        let terms = [term("Elbe", "Elbe", 0), term("Elbe", "Elbe", 10)];
        let spans: Vec<_> = outcomes(&terms, "The Elbe and the Elbe").into_iter().map(|o| o.held).collect();
        assert_eq!(spans, [Some(4..8), Some(17..21)]);
    }

    #[test]
    fn a_repeat_shares_a_place_unless_a_wrong_rendering_stands_in_the_target() {
        let mut terms = [term("Nizza", "Nice", 0), term("Nizza", "Nice", 10)];
        assert_eq!(held(&terms, "Nice is where it lies."), [true, true]);
        for t in &mut terms {
            std::sync::Arc::make_mut(&mut t.entry).avoid.push("Nizza".to_owned());
        }
        assert_eq!(held(&terms, "Nice and Nizza."), [true, false]);
    }
}

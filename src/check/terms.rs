//! Whether the terms of a segment hold in its translation.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

use super::pair::Pair;
use super::unwanted;
use crate::english::{Rendering, Sentence};
use crate::model::{Finding, FindingKind, MatchKind, Severity, TermMatch, TermOutcome};

/// Tells for each term where the target renders it.
///
/// Any accepted rendering holds, between word boundaries, in any case, in the plural, as a possessive, with a hyphen for
/// a space, with its last words shared (`deep- and high-sea fish`). Each occurrence takes a place of its own, longer
/// renderings first. An occurrence that is left over shares the place of another one (English may well say *he* the second time), but not if a wrong
/// rendering of its entry stands in the target. [`MatchKind::Part`] matches get a place if there is a free one;
/// they are never required.
#[must_use]
pub fn outcomes(terms: &[TermMatch], target: &Sentence) -> Vec<TermOutcome> {
    // An entry that occurs many times is looked for once.
    let entry = |i: usize| Arc::as_ptr(&terms[i].entry);
    let mut found: HashMap<_, EntryPlaces> = HashMap::new();
    for (i, term) in terms.iter().enumerate() {
        found.entry(entry(i)).or_insert_with(|| EntryPlaces { places: places(term, target), tried: 0 });
    }
    let mut order: Vec<usize> = (0..terms.len()).collect();
    let length = |i: &usize| found[&entry(*i)].places.first().map_or(0, Range::len);
    order.sort_by_key(|i| (terms[*i].kind == MatchKind::Part, std::cmp::Reverse(length(i)), *i));
    let mut held: Vec<Option<Range<usize>>> = vec![None; terms.len()];
    let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
    for i in &order {
        let free = found.get_mut(&entry(*i)).and_then(|found| found.next_free(&taken));
        if let Some(free) = free {
            taken.insert(free.start, free.end);
            held[*i] = Some(free);
        }
    }
    let taken: Vec<_> = taken.into_iter().map(|(start, end)| start..end).collect();
    let mut wrong = HashMap::new();
    for i in order {
        if held[i].is_some() {
            continue;
        }
        let is_wrong =
            wrong.entry(entry(i)).or_insert_with(|| !unwanted::places(&terms[i], target, &taken).is_empty());
        if !*is_wrong {
            held[i] = found[&entry(i)].places.first().cloned();
        }
    }
    let outcome = |(term, held): (&TermMatch, _)| TermOutcome { term: term.clone(), held };
    terms.iter().zip(held).map(outcome).collect()
}

/// Where the renderings of an entry stand, and how many of these places are known to be taken: none becomes free again.
struct EntryPlaces {
    places: Vec<Range<usize>>,
    tried: usize,
}

impl EntryPlaces {
    /// The first place that overlaps none of the taken ones, which do not overlap each other.
    fn next_free(&mut self, taken: &BTreeMap<usize, usize>) -> Option<Range<usize>> {
        let is_free = |place: &&Range<usize>| {
            taken.range(..place.end).next_back().is_none_or(|(_, end)| *end <= place.start)
        };
        let at = self.tried + self.places[self.tried..].iter().position(|place| is_free(&place))?;
        self.tried = at + 1;
        Some(self.places[at].clone())
    }
}

/// Where any accepted rendering stands: the house form first, then by place. One that is a piece of a longer
/// unwanted rendering does not count.
fn places(term: &TermMatch, target: &Sentence) -> Vec<Range<usize>> {
    let wrong = unwanted::places(term, target, &[]);
    let inside = |own: &Range<usize>| {
        wrong.iter().any(|w| w.span.start <= own.start && own.end <= w.span.end && w.span != *own)
    };
    let renderings: Vec<_> = term.entry.targets.iter().map(|t| Rendering::new(t)).collect();
    let whole = renderings.iter().flat_map(|r| r.find(target));
    let elided = renderings.iter().flat_map(|r| r.find_elided(target));
    whole.chain(elided).map(|p| p.span).filter(|span| !inside(span)).collect()
}

/// Reports terms that do not hold.
pub(super) fn findings(pair: Pair<'_>) -> Vec<Finding> {
    let lost = pair.outcomes.iter().filter(|outcome| outcome.is_lost());
    lost.map(|outcome| not_held(pair, &outcome.term, None)).collect()
}

/// The finding of a term that does not hold; `place` are the bytes of the English that stand for it, where they are known.
pub(crate) fn not_held(pair: Pair<'_>, term: &TermMatch, place: Option<Range<usize>>) -> Finding {
    let reads = place.clone().map(|place| format!(" but reads “{}”", &pair.target.text()[place]));
    Finding {
        kind: FindingKind::TermNotHeld,
        severity: Severity::Error,
        message: format!(
            "“{}” should read “{}”{}",
            term.surface(pair.source.text()),
            term.entry.targets.join("” or “"),
            reads.unwrap_or_default()
        ),
        source: Some(term.span.clone()),
        target: place,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::term;
    use super::*;
    use crate::english::steps;

    fn outcomes(terms: &[TermMatch], target: &str) -> Vec<TermOutcome> {
        super::outcomes(terms, &Sentence::new(target))
    }

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
    fn twice_as_many_occurrences_take_twice_as_many_looks() {
        let looks = |count: usize| {
            let entry = term("Elbe", "Elbe|River Elbe", 0);
            let terms = vec![entry; count];
            let target = "the Elbe and ".repeat(count);
            steps::of(|| assert!(outcomes(&terms, &target).iter().all(|o| o.held.is_some())))
        };
        let [one, two, four] = [100, 200, 400].map(looks);
        assert!(one > 0 && two <= one * 21 / 10 && four <= two * 21 / 10, "{one}, {two}, {four}");
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
            Arc::make_mut(&mut t.entry).avoid.push("Nizza".to_owned());
        }
        assert_eq!(held(&terms, "Nice and Nizza."), [true, false]);
    }
}

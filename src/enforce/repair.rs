//! Putting house forms in the place of wrong renderings, without asking an engine again.

use super::repaired::Repaired;
use super::replace::replace;
use super::rules;
use super::rules::search::Search;
use crate::check::outcomes;
use crate::english::Sentence;
use crate::model::{SpanPairs, TermMatch, TermOutcome};

/// Terms of one segment that are looked for. Each look goes through all words of the segment, so what holds thousands of
/// terms, which no sentence does, must not take thousands of looks.
const LOOKS: usize = 24;

/// Applies the rules to each term that does not hold; `words` is the engine's alignment of words. The words around a
/// replacement are put right: `a` and `an`, doubled words and articles, plural, possessive, capitals at the start of a
/// sentence. A replacement that would make another term not hold is undone. `None` if nothing was changed.
pub(super) fn repair(
    source: &Sentence,
    target: &Sentence,
    terms: &[TermMatch],
    words: Option<&SpanPairs>,
) -> Option<Repaired> {
    let mut repaired = Repaired { english: target.clone(), rules: vec![None; terms.len()] };
    // The places of the alignment are those of the text as it came.
    let mut words = words;
    let mut now = outcomes(source, terms, target);
    let open = |now: &[TermOutcome], at: usize| now[at].is_lost();
    let mut looks = 0;
    for at in 0..terms.len() {
        if !open(&now, at) {
            continue;
        }
        looks += 1;
        if looks > LOOKS {
            break;
        }
        let found = rules::place(&Search::new(source, &repaired.english, &now, at, words));
        let Some((rule, place)) = found else { continue };
        let Some(text) = replace(&repaired.english, &place) else { continue };
        let english = Sentence::new(text);
        let then = outcomes(source, terms, &english);
        if improves(&now, &then) {
            for (term, (before, after)) in now.iter().zip(&then).enumerate() {
                if before.held.is_none() && after.held.is_some() {
                    repaired.rules[term] = Some(rule);
                }
            }
            (repaired.english, now) = (english, then);
            words = None;
        }
    }
    (repaired.english.text() != target.text()).then_some(repaired)
}

/// Whether more terms hold than before and none was lost.
fn improves(before: &[TermOutcome], after: &[TermOutcome]) -> bool {
    let pairs = || before.iter().zip(after);
    pairs().all(|(b, a)| a.held.is_some() || b.held.is_none())
        && pairs().any(|(b, a)| a.held.is_some() && b.held.is_none())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::check::testing::term;

    fn avoiding(mut term: TermMatch, avoid: &str) -> TermMatch {
        Arc::make_mut(&mut term.entry).avoid.push(avoid.to_owned());
        term
    }

    fn repaired(source: &str, target: &str, terms: &[TermMatch]) -> Option<String> {
        with_words(source, target, terms, None)
    }

    fn with_words(
        source: &str,
        target: &str,
        terms: &[TermMatch],
        words: Option<&SpanPairs>,
    ) -> Option<String> {
        let repaired = repair(&Sentence::new(source), &Sentence::new(target), terms, words);
        repaired.map(|repaired| repaired.english.into_text())
    }

    #[test]
    fn aligned_words_are_replaced_where_they_stand_together() {
        let source = "Die Feuerwehr kam.";
        let terms = [term("Feuerwehr", "fire brigade", 4)];
        let alignment = SpanPairs(vec![(0..3, 0..3), (4..13, 4..11), (14..17, 12..16)]);
        let mended = with_words(source, "The firemen came.", &terms, Some(&alignment));
        assert_eq!(mended.as_deref(), Some("The fire brigade came."));
        let scattered = SpanPairs(vec![(4..13, 0..3), (4..13, 4..7), (4..13, 27..31)]);
        assert_eq!(with_words(source, "The men, as always in time, came.", &terms, Some(&scattered)), None);
    }

    #[test]
    fn a_term_that_holds_is_not_broken_for_another() {
        let terms = [avoiding(term("Wehr", "weir", 0), "fire brigade"), term("Feuerwehr", "fire brigade", 9)];
        assert_eq!(repaired("Wehr und Feuerwehr", "The fire brigade", &terms), None);
    }
}

//! What stands in the place of a term that does not hold.
//!
//! Repair takes only words that it can replace without harm. To say what stands there, the words need not be all of a
//! rendering, and the sentence around them need not take another one; but they must be in the place of the term. Where
//! that is not sure, nothing is said of them.

use std::ops::Range;

use super::rules;
use super::rules::aligned::aligned_words;
use super::rules::search::{BREAKS, Search};
use crate::check::{Pair, not_held, overlap, unwanted_places};
use crate::english::{Word, fold, is_edge, is_function_word, is_german_function_word, words};
use crate::model::{Finding, SpanPairs, TermMatch};

/// A finding for each term that does not hold, with what stands in its place as far as that can be known. The alignment
/// is one of words.
#[must_use]
pub fn not_held_findings(pair: Pair<'_>, alignment: Option<&SpanPairs>) -> Vec<Finding> {
    /// Terms of a segment that are looked for. The search takes as long as the segment; a segment of thousands of terms,
    /// which no sentence is, must not take thousands of searches.
    const SOUGHT: usize = 16;
    let first = pair.outcomes;
    let is_repeat = |term: &TermMatch| {
        let lost = first.iter().filter(|o| o.is_lost() && o.term.entry == term.entry);
        lost.take(2).count() == 2
    };
    let mut outcomes = first.to_vec();
    let mut findings = Vec::new();
    for (at, outcome) in first.iter().enumerate().filter(|(_, outcome)| outcome.is_lost()) {
        let place = if findings.len() < SOUGHT {
            let search = Search::new(pair.source, pair.target, &outcomes, at, alignment);
            Standing { search, is_repeat: is_repeat(&outcome.term) }.place()
        } else {
            None
        };
        findings.push(not_held(pair, &outcome.term, place.clone()));
        // What stands for one occurrence does not stand for another.
        outcomes[at].held = place;
    }
    findings
}

/// The search for what stands in the place of one term.
struct Standing<'a> {
    search: Search<'a>,
    /// Whether the term does not hold in several places.
    is_repeat: bool,
}

impl Standing<'_> {
    /// What repair would replace, else what less evidence shows: the surest rule first.
    fn place(&self) -> Option<Range<usize>> {
        rules::place(&self.search)
            .map(|(_, replacement)| replacement.span)
            .or_else(|| self.unwanted())
            .or_else(|| self.german())
            .or_else(|| aligned_words(&self.search))
            .or_else(|| self.rest())
            .or_else(|| self.search.likeness(self.is_repeat))
    }

    /// An unwanted rendering that stands in several places, all with the same words.
    fn unwanted(&self) -> Option<Range<usize>> {
        let Search { target, taken, .. } = &self.search;
        let found = unwanted_places(self.search.term(), target, taken);
        let mut places = found.into_iter().map(|place| place.span);
        let target = target.text();
        let first = places.next()?;
        let text = fold(&target[first.clone()]);
        places.all(|place| fold(&target[place]) == text).then_some(first)
    }

    /// The German as it was, also in a name that repair leaves alone: `FC Bayern München`.
    fn german(&self) -> Option<Range<usize>> {
        /// Shorter words may be English by chance.
        const SHORTEST: usize = 4;
        let Search { source, target, taken, .. } = &self.search;
        let surface = self.search.term().surface(source.text());
        let telling = surface.chars().count() >= SHORTEST && surface.chars().any(char::is_uppercase);
        let length = words(surface).len().max(1);
        let spans = target.words().windows(length).map(|w| w[0].span.start..w[length - 1].span.end);
        let mut free = spans.filter(|span| !taken.iter().any(|t| overlap(t, span)));
        free.find(|span| telling && target.text()[span.clone()] == *surface)
    }

    /// All the English that is left when everything else in the German is accounted for: it stands there as it is, is
    /// a term that holds, or is a word such as an article. So it is with headings and captions.
    fn rest(&self) -> Option<Range<usize>> {
        /// Words that a rendering may have beyond those of the house form.
        const MORE: usize = 2;
        let Search { source, target, outcomes, taken, house, .. } = &self.search;
        let term = self.search.term();
        let is_held = |w: &&Word| outcomes.iter().any(|o| o.held.is_some() && overlap(&o.term.span, &w.span));
        let german = source.words().iter().filter(|w| !overlap(&w.span, &term.span) && !is_held(w));
        let mut left: Vec<&Word> = target
            .words()
            .iter()
            .filter(|w| !(is_function_word(&w.folded) || is_edge(&w.folded)))
            .filter(|w| !taken.iter().any(|t| overlap(t, &w.span)))
            .collect();
        for word in german.filter(|w| !is_german_function_word(&w.folded)) {
            let same =
                |w: &&Word| w.folded == word.folded || word.folded.strip_suffix('s') == Some(&w.folded);
            left.remove(left.iter().position(same)?);
        }
        let span = left.first()?.span.start..left.last()?.span.end;
        let inside: Vec<_> = target.words().iter().filter(|w| overlap(&w.span, &span)).collect();
        let together = inside.iter().all(|w| left.contains(w) || w.folded == "of");
        let few = left.len() <= house.words().len() + MORE;
        (together && few && !target.text()[span.clone()].contains(BREAKS)).then_some(span)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::check::testing::{looked, term};
    use crate::model::MatchKind;

    fn unheld(
        source: &str,
        target: &str,
        terms: &[TermMatch],
        alignment: Option<&SpanPairs>,
    ) -> Vec<Finding> {
        looked(source, target, terms, |pair| not_held_findings(pair, alignment))
    }

    fn messages(source: &str, target: &str, terms: &[TermMatch]) -> Vec<String> {
        unheld(source, target, terms, None).into_iter().map(|finding| finding.message).collect()
    }

    /// What stands in the place of a term that begins at its first mention.
    fn standing(source: &str, target: &str, german: &str, house: &str) -> Option<String> {
        let term = term(german, house, source.find(german).expect("the term stands in the source"));
        let findings = unheld(source, target, &[term], None);
        findings[0].target.clone().map(|place| target[place].to_owned())
    }

    #[test]
    fn terms_that_do_not_hold_are_errors_and_parts_are_not() {
        let mut terms = vec![term("Feuerwehr", "fire brigade", 4)];
        let check = |terms: &[TermMatch]| unheld("Die Feuerwehr kam.", "The firemen came.", terms, None);
        let found = &check(&terms)[0];
        assert_eq!((found.source.clone(), found.target.clone()), (Some(4..13), None));
        assert_eq!(found.message, "“Feuerwehr” should read “fire brigade”");
        terms[0].kind = MatchKind::Part;
        assert!(check(&terms).is_empty());
    }

    #[test]
    fn what_stands_in_the_place_of_a_term_is_told() {
        for (source, target, german, house, expected) in [
            // Repair cannot tell whether the adjective belongs to it.
            (
                "Neue Ernteausfälle drohen.",
                "New crop losses loom.",
                "Ernteausfälle",
                "harvest loss",
                "crop losses",
            ),
            (
                "Die Kranführerprüfung begann.",
                "The crane operator exam began.",
                "Kranführerprüfung",
                "crane operator examination",
                "crane operator exam",
            ),
            (
                "Gestern kam er in Mailand an.",
                "He arrived in Milano yesterday.",
                "Mailand",
                "Milan",
                "Milano",
            ),
            (
                "Fünf Forschungshelfer warten.",
                "Five research helpers waited.",
                "Forschungshelfer",
                "researchers",
                "research helpers",
            ),
            ("Heute tagt die ADAC-Leitung.", "Today the leaders of the adac meet.", "ADAC", "ADAC", "adac"),
            ("Er spielt beim FC Nizza.", "He plays for FC Nizza.", "Nizza", "Nice", "Nizza"),
            ("Der Bauleiter kam.", "The Bauleiter came.", "Bauleiter", "site manager", "Bauleiter"),
            (
                "Hafenmeister in Husum",
                "Port captain in Husum",
                "Hafenmeister",
                "harbour master",
                "Port captain",
            ),
            (
                "Das Gezeitenkraftwerk",
                "The tidal power station",
                "Gezeitenkraftwerk",
                "tidal plant",
                "tidal power station",
            ),
        ] {
            assert_eq!(standing(source, target, german, house).as_deref(), Some(expected), "{source}");
        }
    }

    #[test]
    fn what_is_not_sure_is_not_told() {
        for (source, target, german, house) in [
            ("Die Feuerwehr kam.", "The firemen came.", "Feuerwehr", "fire brigade"),
            // Either of the two may be what is meant.
            (
                "Gute Ernteausfälle und Verluste",
                "Good crop losses and sales losses here",
                "Ernteausfälle",
                "harvest loss",
            ),
            // Its English is missing, and that of another word ends alike.
            (
                "Neue Waffenlieferung nach Gaslieferung",
                "New after a gas delivery",
                "Waffenlieferung",
                "arms delivery",
            ),
            (
                "Hafenmeister in Husum gefunden",
                "Port captain found in Husum",
                "Hafenmeister",
                "harbour master",
            ),
        ] {
            assert_eq!(standing(source, target, german, house), None, "{source}");
        }
    }

    #[test]
    fn an_unwanted_rendering_is_told_wherever_it_stands() {
        let mut ferry = term("Fähre", "ferry boat", 4);
        Arc::make_mut(&mut ferry.entry).avoid.push("steamer".to_owned());
        let found = messages("Die Fähre fuhr.", "The steamer met the steamer.", &[ferry]);
        assert_eq!(found, ["“Fähre” should read “ferry boat” but reads “steamer”"]);
    }

    #[test]
    fn an_alignment_tells_more_words_than_repair_would_replace() {
        let (source, target) = ("Die Feuerwehr kam.", "The men of the local fire service came.");
        let terms = [term("Feuerwehr", "fire brigade", 4)];
        let alignment = SpanPairs(vec![(0..3, 0..3), (4..13, 4..33), (14..17, 34..38)]);
        let found = unheld(source, target, &terms, Some(&alignment));
        assert_eq!(found[0].target, Some(4..33));
    }

    #[test]
    fn of_very_many_terms_only_the_first_are_looked_for() {
        let source = "Fähre ".repeat(50);
        let terms: Vec<_> = (0..50).map(|n| term("Fähre", "ferry boat", n * "Fähre ".len())).collect();
        let found = unheld(&source, &source, &terms, None);
        assert_eq!((found.len(), found.iter().filter(|f| f.target.is_some()).count()), (50, 16));
    }

    #[test]
    fn each_occurrence_has_a_place_of_its_own() {
        let mut terms = [term("Fähre", "ferry boat", 4), term("Fähre", "ferry boat", 19)];
        for ferry in &mut terms {
            Arc::make_mut(&mut ferry.entry).avoid.extend(["steamer".to_owned(), "ship".to_owned()]);
        }
        let found = messages("Die Fähre sah die Fähre.", "The ship saw the steamer.", &terms);
        assert!(found[0].ends_with("reads “ship”") != found[1].ends_with("reads “ship”"), "{found:?}");
    }
}

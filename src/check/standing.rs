//! Terms that do not hold, and what stands in their place.
//!
//! Repair takes only words that it can replace without harm. To say what stands there, the words need not be all of a
//! rendering, and the sentence around them need not take another one; but they must be in the place of the term. Where
//! that is not sure, nothing is said of them.

use std::ops::Range;

use super::avoid;
use super::english::{Word, fold, words};
use super::lexicon::{is_edge, is_function_word, is_german_function_word};
use super::near::Near;
use super::repair::{BREAKS, Repair};
use super::terms::{outcomes, overlap};
use super::{Check, Pair};
use crate::model::{Alignment, Finding, FindingKind, MatchKind, Severity, TermMatch, TermOutcome};

/// Reports terms that do not hold.
#[derive(Debug, Clone, Copy)]
pub struct Terms;

impl Check for Terms {
    fn check(&self, pair: Pair<'_>) -> Vec<Finding> {
        unheld(pair, None)
    }
}

/// A finding for each term that does not hold, with what stands in its place as far as that can be told. The
/// alignment is one of words.
#[must_use]
pub fn unheld(pair: Pair<'_>, alignment: Option<&Alignment>) -> Vec<Finding> {
    /// Terms of a segment that are looked for. The search takes as long as the segment; a segment of thousands of terms,
    /// which no sentence is, must not take thousands of searches.
    const SOUGHT: usize = 16;
    let first = outcomes(pair.terms, pair.target);
    let is_lost = |outcome: &&TermOutcome| outcome.held.is_none() && outcome.term.kind != MatchKind::Part;
    let is_repeat = |term: &TermMatch| {
        let lost = first.iter().filter(is_lost).filter(|outcome| outcome.term.entry == term.entry);
        lost.take(2).count() == 2
    };
    let in_target = words(pair.target);
    let mut outcomes = first.clone();
    let mut findings = Vec::new();
    for (at, outcome) in first.iter().enumerate().filter(|(_, outcome)| is_lost(outcome)) {
        let place = if findings.len() < SOUGHT {
            let repair = Repair { source: pair.source, target: pair.target, outcomes: &outcomes, at };
            let is_repeat = is_repeat(&outcome.term);
            Standing { repair, in_target: &in_target, is_repeat }.place(alignment)
        } else {
            None
        };
        findings.push(finding(pair, &outcome.term, place.clone()));
        // What stands for one occurrence does not stand for another.
        outcomes[at].held = place;
    }
    findings
}

fn finding(pair: Pair<'_>, term: &TermMatch, place: Option<Range<usize>>) -> Finding {
    let reads =
        place.clone().map(|place| format!(" but reads “{}”", &pair.target[place])).unwrap_or_default();
    Finding {
        kind: FindingKind::TermNotHeld,
        severity: Severity::Error,
        message: format!(
            "“{}” should read “{}”{reads}",
            term.surface(pair.source),
            term.entry.targets.join("” or “")
        ),
        source: Some(term.span.clone()),
        target: place,
    }
}

/// The search for what stands in the place of one term.
struct Standing<'a> {
    repair: Repair<'a>,
    in_target: &'a [Word],
    /// Whether the term does not hold in several places.
    is_repeat: bool,
}

impl Standing<'_> {
    /// What repair would replace, else what less evidence tells: the surest rule first.
    fn place(&self, alignment: Option<&Alignment>) -> Option<Range<usize>> {
        let taken = self.repair.taken();
        self.repair
            .place(alignment)
            .map(|replacement| replacement.span)
            .or_else(|| self.avoided(&taken))
            .or_else(|| self.german(&taken))
            .or_else(|| self.repair.aligned_words(alignment?, self.in_target, &taken))
            .or_else(|| self.rest(&taken))
            .or_else(|| self.like(&taken))
    }

    /// An unwanted rendering that stands in several places, all with the same words.
    fn avoided(&self, taken: &[Range<usize>]) -> Option<Range<usize>> {
        let target = self.repair.target;
        let mut places = avoid::places(self.repair.term(), target, self.in_target, taken)
            .into_iter()
            .map(|(place, _)| place.span);
        let first = places.next()?;
        let text = fold(&target[first.clone()]);
        places.all(|place| fold(&target[place]) == text).then_some(first)
    }

    /// The German as it was, also in a name that repair leaves alone: `FC Bayern München`.
    fn german(&self, taken: &[Range<usize>]) -> Option<Range<usize>> {
        /// Shorter words may be English by chance.
        const SHORTEST: usize = 4;
        let surface = self.repair.term().surface(self.repair.source);
        let telling = surface.chars().count() >= SHORTEST && surface.chars().any(char::is_uppercase);
        let length = words(surface).len().max(1);
        let spans = self.in_target.windows(length).map(|w| w[0].span.start..w[length - 1].span.end);
        let mut free = spans.filter(|span| !taken.iter().any(|t| overlap(t, span)));
        free.find(|span| telling && self.repair.target[span.clone()] == *surface)
    }

    /// Words like the house form.
    fn like(&self, taken: &[Range<usize>]) -> Option<Range<usize>> {
        let Repair { source, target, .. } = self.repair;
        let (term, open) = (self.repair.term(), self.repair.open());
        Near { source, target, term, in_target: self.in_target, taken, open }.likeness(self.is_repeat)
    }

    /// All the English that is left when everything else in the German is accounted for: it stands there as it is, is
    /// a term that holds, or is a word such as an article. So it is with headings and captions.
    fn rest(&self, taken: &[Range<usize>]) -> Option<Range<usize>> {
        /// Words that a rendering may have beyond those of the house form.
        const MORE: usize = 2;
        let Repair { source, target, outcomes, .. } = self.repair;
        let term = self.repair.term();
        let is_held = |w: &&Word| outcomes.iter().any(|o| o.held.is_some() && overlap(&o.term.span, &w.span));
        let german = words(source);
        let german = german.iter().filter(|w| !overlap(&w.span, &term.span) && !is_held(w));
        let mut left: Vec<&Word> = self
            .in_target
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
        let inside: Vec<_> = self.in_target.iter().filter(|w| overlap(&w.span, &span)).collect();
        let together = inside.iter().all(|w| left.contains(w) || w.folded == "of");
        let few = left.len() <= words(term.entry.target()).len() + MORE;
        (together && few && !target[span.clone()].contains(BREAKS)).then_some(span)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::tests_support::term;
    use super::*;

    fn messages(source: &str, target: &str, terms: &[TermMatch]) -> Vec<String> {
        unheld(Pair { source, target, terms }, None).into_iter().map(|finding| finding.message).collect()
    }

    /// What stands in the place of a term that begins at its first mention.
    fn standing(source: &str, target: &str, german: &str, house: &str) -> Option<String> {
        let term = term(german, house, source.find(german).expect("the term stands in the source"));
        let findings = unheld(Pair { source, target, terms: &[term] }, None);
        findings[0].target.clone().map(|place| target[place].to_owned())
    }

    #[test]
    fn terms_that_do_not_hold_are_errors_and_parts_are_not() {
        let mut terms = vec![term("Feuerwehr", "fire brigade", 4)];
        let check = |terms: &[TermMatch]| {
            Terms.check(Pair { source: "Die Feuerwehr kam.", target: "The firemen came.", terms })
        };
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
        let alignment = Alignment(vec![(0..3, 0..3), (4..13, 4..33), (14..17, 34..38)]);
        let found = unheld(Pair { source, target, terms: &terms }, Some(&alignment));
        assert_eq!(found[0].target, Some(4..33));
    }

    #[test]
    fn of_very_many_terms_only_the_first_are_looked_for() {
        let source = "Fähre ".repeat(50);
        let terms: Vec<_> = (0..50).map(|n| term("Fähre", "ferry boat", n * "Fähre ".len())).collect();
        let pair = Pair { source: &source, target: &source, terms: &terms };
        let found = unheld(pair, None);
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

//! The enforcement ladder: which answer to a segment is taken.
//!
//! 1. native: the engine's first answer, which may have been given with the terms;
//! 2. repair: words of an answer are replaced; at the end also accepted renderings by the house form;
//! 3. inline: the segment is sent once more with the English term standing in the German sentence;
//! 4. placeholder: it is sent once more with a token in the term's place.
//!
//! On rungs 3 and 4 an answer in which a term came to hold at the price of another is asked for once more, the other
//! put into the segment too.
//!
//! The first answer in which every term holds and no other check got worse is taken; otherwise the one
//! with the fewest terms missing among those that are no worse.

use crate::check::{self, Check, Pair};
use crate::model::{
    Alignment, Cut, Finding, FindingKind, MatchKind, Rung, TermMatch, TermOutcome, Translation,
};

/// Where an answer comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    /// How it was come by.
    pub(super) rung: Rung,
    /// Whose it is: a place among the makers of the run.
    pub(super) maker: usize,
}

/// An answer with what the checks say of it.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) step: Step,
    pub(super) text: String,
    pub(super) alignment: Option<Alignment>,
    pub(super) outcomes: Vec<TermOutcome>,
    pub(super) findings: Vec<Finding>,
    /// What was taken off or out of the answer. They are findings of what is taken in the end, and no fault of it.
    cuts: Vec<Cut>,
}

impl Candidate {
    /// Terms that must hold and do not.
    fn unheld(&self) -> usize {
        self.outcomes.iter().filter(|outcome| is_required(&outcome.term) && outcome.held.is_none()).count()
    }

    /// How much the other checks find, weighted by severity.
    fn faults(&self) -> usize {
        let others = self.findings.iter().filter(|finding| finding.kind != FindingKind::TermNotHeld);
        others.map(|finding| finding.severity as usize).sum()
    }
}

/// Whether a term must hold: one inside a closed compound is only reported.
pub(super) fn is_required(term: &TermMatch) -> bool {
    term.kind != MatchKind::Part
}

/// A segment on its way up the ladder.
#[derive(Debug)]
pub(super) struct Ladder<'a> {
    source: &'a str,
    terms: &'a [TermMatch],
    native: Candidate,
    best: Option<Candidate>,
    by_word: bool,
    /// Terms that held and do not in the last answer of rung 3 or 4, in which others came to hold.
    lost: Vec<TermMatch>,
}

impl<'a> Ladder<'a> {
    /// Starts with the engine's first answer. `by_word` says whether the engine's alignment is one of words, and not of longer stretches.
    pub(super) fn new(
        checks: &[Box<dyn Check>],
        source: &'a str,
        terms: &'a [TermMatch],
        answer: &Translation,
        (maker, by_word): (usize, bool),
    ) -> Self {
        let step = Step { rung: Rung::Native, maker };
        let native = judge(checks, Pair { source, target: answer.text.trim(), terms }, answer, step);
        Self { source, terms, native, best: None, by_word, lost: Vec::new() }
    }

    /// The best answer so far.
    fn best(&self) -> &Candidate {
        self.best.as_ref().unwrap_or(&self.native)
    }

    /// Whether a term still does not hold.
    pub(super) fn is_open(&self) -> bool {
        self.best().unheld() > 0
    }

    /// The terms that do not hold in the best answer.
    pub(super) fn open_terms(&self) -> Vec<TermMatch> {
        let open = self.best().outcomes.iter().filter(|outcome| outcome.held.is_none());
        open.map(|outcome| outcome.term.clone()).filter(is_required).collect()
    }

    /// The terms that hold in the best answer.
    pub(super) fn held_terms(&self) -> impl Iterator<Item = &TermMatch> {
        let held = self.best().outcomes.iter().filter(|outcome| outcome.held.is_some());
        held.map(|outcome| &outcome.term)
    }

    /// Takes an answer if it holds more terms and is no worse otherwise.
    pub(super) fn offer(&mut self, checks: &[Box<dyn Check>], answer: &Translation, step: Step) {
        if !check::resembles(&self.native.text, &answer.text) {
            return;
        }
        let pair = Pair { source: self.source, target: answer.text.trim(), terms: self.terms };
        let candidate = judge(checks, pair, answer, step);
        let again = step.rung > Rung::Repair;
        if candidate.faults() > self.native.faults()
            || again && check::says_twice(&self.native.text, &candidate.text, &candidate.outcomes)
        {
            return;
        }
        if again {
            self.lost = self.price(&candidate);
        }
        if candidate.unheld() < self.best().unheld() {
            self.best = Some(candidate);
        }
    }

    /// The terms that held and do not in a candidate, if others came to hold in it.
    fn price(&self, candidate: &Candidate) -> Vec<TermMatch> {
        let pairs = || self.best().outcomes.iter().zip(&candidate.outcomes);
        let gains = pairs().any(|(now, new)| now.held.is_none() && new.held.is_some());
        let lost = pairs().filter(|(now, new)| gains && now.held.is_some() && new.held.is_none());
        lost.map(|(now, _)| now.term.clone()).filter(is_required).collect()
    }

    /// What to put into a segment that is still open so that an answer like the last one costs no other term: the
    /// terms that were put into it and those it lost by that. `None` if it lost none.
    pub(super) fn with_lost(&mut self, terms: &[TermMatch]) -> Option<Vec<TermMatch>> {
        let lost = std::mem::take(&mut self.lost);
        let wanted = self.terms.iter().filter(|term| terms.contains(term) || lost.contains(term));
        (self.is_open() && !lost.is_empty()).then(|| wanted.cloned().collect())
    }

    /// Rung 2 on any answer; the alignment is the engine's, if it gave one.
    pub(super) fn repair(&mut self, checks: &[Box<dyn Check>], answer: &Translation, step: Step) {
        let words = answer.alignment.as_ref().filter(|_| self.by_word);
        if self.is_open()
            && let Some(text) = check::repair(self.source, &answer.text, self.terms, words)
        {
            let alignment = answer.alignment.as_ref().map(|known| known.carried_over(&answer.text, &text));
            self.offer(checks, &Translation { text, alignment, ..answer.clone() }, step);
        }
    }

    /// Writes the house form where another accepted rendering stands, if no check gets worse by it.
    pub(super) fn house(&mut self, checks: &[Box<dyn Check>]) {
        let best = self.best();
        let Some(text) = check::house(self.terms, &best.text) else { return };
        let step = Step { rung: best.step.rung.max(Rung::Repair), maker: best.step.maker };
        let alignment = best.alignment.as_ref().map(|known| known.carried_over(&best.text, &text));
        let answer = Translation { text, alignment, billed: None, cuts: best.cuts.clone() };
        let pair = Pair { source: self.source, target: answer.text.trim(), terms: self.terms };
        let candidate = judge(checks, pair, &answer, step);
        if candidate.unheld() <= best.unheld() && candidate.faults() <= best.faults() {
            self.best = Some(candidate);
        }
    }

    /// The taken answer, and for each term the rung on which it came to hold.
    pub(super) fn finish(self) -> (Candidate, Vec<Option<Rung>>) {
        let mut best = self.best.unwrap_or_else(|| self.native.clone());
        if let Some(words) = best.alignment.as_ref().filter(|_| self.by_word) {
            let pair = Pair { source: self.source, target: &best.text, terms: self.terms };
            let told = check::unheld(pair, Some(words));
            let is_told = |finding: &Finding| finding.kind == FindingKind::TermNotHeld;
            if let Some(at) = best.findings.iter().position(is_told) {
                best.findings.retain(|finding| !is_told(finding));
                best.findings.splice(at..at, told);
            }
        }
        best.findings.extend(best.cuts.iter().map(|cut| {
            let (kind, severity) = cut.kind();
            Finding { kind, severity, message: cut.describe().to_owned(), source: None, target: None }
        }));
        let rungs = best.outcomes.iter().zip(&self.native.outcomes).map(|(now, first)| {
            now.held.as_ref()?;
            Some(if first.held.is_some() { Rung::Native } else { best.step.rung })
        });
        let rungs = rungs.collect();
        (best, rungs)
    }
}

/// Looks at an answer: the target of the pair, without the white space around it.
fn judge(checks: &[Box<dyn Check>], pair: Pair<'_>, answer: &Translation, step: Step) -> Candidate {
    Candidate {
        step,
        text: pair.target.to_owned(),
        alignment: answer.alignment.as_ref().map(|known| known.carried_over(&answer.text, pair.target)),
        outcomes: check::outcomes(pair.terms, pair.target),
        findings: checks.iter().flat_map(|check| check.check(pair)).collect(),
        cuts: answer.cuts.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::{Entry, Origin};

    const SOURCE: &str = "Die Fähre sah den Hafen.";

    fn term(source: &str, target: &str) -> TermMatch {
        let start = SOURCE.find(source).expect("the term stands in the source");
        let entry = Entry::new(source, target, Origin { path: "glossary.tsv".into(), line: 2 });
        TermMatch { entry: Arc::new(entry), span: start..start + source.len(), kind: MatchKind::Word }
    }

    #[test]
    fn a_term_that_came_at_the_price_of_another_is_asked_for_with_it() {
        let terms = [term("Fähre", "steam ferry"), term("Hafen", "old harbour")];
        let (checks, step) = (check::standard(), Step { rung: Rung::Inline, maker: 0 });
        let first = Translation::plain("The boat saw the old harbour.");
        let mut ladder = Ladder::new(&checks, SOURCE, &terms, &first, (0, false));
        let open = ladder.open_terms();
        assert_eq!(open, terms[..1]);
        assert_eq!(ladder.with_lost(&open), None, "nothing was offered yet");
        ladder.offer(&checks, &Translation::plain("The boat saw the old harbour again."), step);
        assert_eq!(ladder.with_lost(&open), None, "nothing was gained");
        ladder.offer(&checks, &Translation::plain("The steam ferry saw the old port."), step);
        assert_eq!(ladder.with_lost(&open).as_deref(), Some(&terms[..]));
        ladder.offer(&checks, &Translation::plain("The steam ferry saw the old harbour."), step);
        assert!(!ladder.is_open() && ladder.with_lost(&open).is_none());
    }

    #[test]
    fn an_alignment_of_words_tells_what_stands_in_the_place_of_a_term() {
        let terms = [term("Fähre", "steam ferry")];
        let text = "The old boat of the line saw the harbour.";
        let alignment = Some(Alignment(vec![(4..10, 4..24)]));
        let answer = Translation { alignment, ..Translation::plain(text) };
        let told = |by_word| {
            let ladder = Ladder::new(&check::standard(), SOURCE, &terms, &answer, (0, by_word));
            ladder.finish().0.findings[0].message.clone()
        };
        assert_eq!(told(true), "“Fähre” should read “steam ferry” but reads “old boat of the line”");
        assert_eq!(told(false), "“Fähre” should read “steam ferry”");
    }

    #[test]
    fn an_answer_that_says_the_term_twice_is_refused() {
        let terms = [term("Hafen", "Norway")];
        let (checks, step) = (check::standard(), Step { rung: Rung::Placeholder, maker: 0 });
        let first = Translation::plain("The ferry saw the Norwegian coast.");
        let mut ladder = Ladder::new(&checks, SOURCE, &terms, &first, (0, false));
        ladder.offer(&checks, &Translation::plain("The ferry saw the Norway Norwegian coast."), step);
        assert!(ladder.is_open());
        ladder.offer(&checks, &Translation::plain("The ferry saw the coast of Norway."), step);
        assert!(!ladder.is_open());
    }
}

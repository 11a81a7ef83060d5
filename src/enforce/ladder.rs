//! The ladder: which answer to a segment is taken, and what is asked next.

use std::borrow::Cow;
use std::sync::Arc;

use super::dictionary::{dictionary, suits_dictionary};
use super::inline::{inline, inline_in_other_orders, rendering};
use super::placeholder::{LONGEST_TOKEN, Placeholder, placeholders, restore};
use super::repair::repair;
use super::repaired::Repaired;
use super::rewritten::Rewritten;
use super::rules::house_form::house_form;
use super::second_answer::{resembles, says_twice};
use super::standing::not_held_findings;
use crate::check::{self, Checks, Pair, Verdict, german_words, judge};
use crate::english::{Sentence, tidy};
use crate::model::{
    Alignment, Cut, Finding, FindingKind, HeldTerm, Hold, MakerRank, Rendition, RepairRule, Request, Rung,
    Severity, SpanPairs, TermHint, TermMatch, TermOutcome, Translation,
};

/// Which means of making a term hold may be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enforcement {
    /// The rungs that may be climbed, in any order; the first is there in any case.
    pub rungs: Vec<Rung>,
    /// Whether the house form is written where the engine chose another accepted rendering; with [`Rung::Repair`] only.
    pub house_form: bool,
    /// Whether the engine has a dictionary: then the sentence of [`Rung::Inline`] keeps its German nouns, and their English
    /// goes along.
    pub dictionary: bool,
    /// What is looked for in an answer.
    pub checks: Checks,
}

impl Default for Enforcement {
    /// All rungs; an accepted rendering that the engine chose stays.
    fn default() -> Self {
        let rungs = Rung::LADDER[1..].to_vec();
        Self { rungs, house_form: false, dictionary: false, checks: Checks::default() }
    }
}

impl Enforcement {
    /// Whether a rung may be climbed.
    #[must_use]
    pub fn may(&self, rung: Rung) -> bool {
        self.rungs.contains(&rung)
    }
}

/// A segment and the terms that are to hold in its English.
#[derive(Debug, Clone)]
pub struct Case {
    /// The German.
    pub source: Sentence,
    /// The terms found in it.
    pub terms: Vec<TermMatch>,
    /// What may be done for them.
    pub enforcement: Arc<Enforcement>,
}

/// What an engine answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The English with what is known of it.
    pub translation: Translation,
    /// Whose answer it is.
    pub maker: MakerRank,
}

/// Where a segment is on its way.
#[derive(Debug)]
pub enum Step {
    /// Something is to be sent.
    Ask(Box<Ask>),
    /// The way ends here.
    Held(Box<Held>),
}

/// A segment that is to be sent once more.
#[derive(Debug)]
pub struct Ask {
    ladder: Ladder,
    rung: Rung,
    /// The terms that are put into the German.
    wanted: Vec<TermMatch>,
    rewritten: Rewritten,
    tokens: Vec<Placeholder>,
    /// What the engine's dictionary is to say of words that stay in the German.
    dictionary: Vec<TermHint>,
    /// Whether terms that an earlier answer of this rung lost are put in too.
    is_second: bool,
}

/// The answer that was taken, and what became of each term.
#[derive(Debug)]
pub struct Held {
    source: Sentence,
    candidate: Candidate,
    terms: Vec<HeldTerm>,
    enforcement: Arc<Enforcement>,
}

/// An answer with what the checks say of it.
#[derive(Debug, Clone)]
struct Candidate {
    rung: Rung,
    maker: MakerRank,
    english: Sentence,
    alignment: Option<Alignment>,
    outcomes: Vec<TermOutcome>,
    /// For each term, the rule that put its rendering there.
    rules: Vec<Option<RepairRule>>,
    findings: Vec<Finding>,
    /// What was taken off or out of the answer. They are findings of what is taken in the end, and no fault of it.
    cuts: Vec<Cut>,
    /// Terms that the engine was told otherwise.
    told: Vec<TermHint>,
}

/// A segment on its way up.
#[derive(Debug)]
struct Ladder {
    case: Case,
    native: Candidate,
    best: Option<Candidate>,
}

/// Looks at the English that a person wrote: nothing is repaired, and nothing is asked.
#[must_use]
pub fn accept(case: Case, english: Translation) -> Held {
    // Whose answers rank how does not matter here.
    let answer = Answer { translation: english, maker: MakerRank(0) };
    let mut accepted = Candidate::of(&case, answer, Rung::Correction);
    accepted.say_what_stands_there(&case);
    let terms = accepted.outcomes.iter().map(|TermOutcome { term, held }| {
        let hold = held.clone().map(|span| Hold { span, rung: Rung::Correction, rule: None });
        HeldTerm { term: term.clone(), hold }
    });
    let terms = terms.collect();
    Held { source: case.source, terms, candidate: accepted, enforcement: case.enforcement }
}

/// Looks at the first answer and, if terms do not hold in it, at what came with it; else repairs it.
#[must_use]
pub fn start(case: Case, mut answer: Answer) -> Step {
    let alternatives = std::mem::take(&mut answer.translation.alternatives);
    let native = Candidate::of(&case, answer, Rung::Native);
    let mut ladder = Ladder { case, native, best: None };
    if ladder.case.enforcement.may(Rung::Alternative) && ladder.is_open() {
        ladder.look_at(alternatives);
    }
    if ladder.case.enforcement.may(Rung::Repair) && ladder.is_open() {
        let native = ladder.native.clone();
        ladder.repair(&native, Rung::Repair);
    }
    ladder.climb(&[Rung::Inline, Rung::Placeholder])
}

/// Whether an engine had better give another answer to a text than its first one: it holds more terms and is no worse otherwise.
#[must_use]
pub fn is_better(case: &Case, first: &str, other: &str) -> bool {
    compared(case, first, other).is_some_and(|(mut ladder, other)| {
        ladder.offer(&other);
        ladder.best().unheld() < ladder.native.unheld()
    })
}

/// Whether another answer of an engine to a text is no worse than its first one, as far as its terms and the checks say.
#[must_use]
pub fn is_as_good(case: &Case, first: &str, other: &str) -> bool {
    compared(case, first, other)
        .is_some_and(|(ladder, other)| ladder.is_as_sound(&other) && other.unheld() <= ladder.native.unheld())
}

/// Two answers of one engine to a text. `None` if the second one is no answer.
fn compared(case: &Case, first: &str, other: &str) -> Option<(Ladder, Candidate)> {
    let candidate =
        |translation, rung| Candidate::of(case, Answer { translation, maker: MakerRank(0) }, rung);
    let native = candidate(tidy(case.source.text(), Translation::plain(first)), Rung::Native);
    let ladder = Ladder { case: case.clone(), native, best: None };
    let other = ladder.sound(other.to_owned())?;
    Some((ladder, candidate(other, Rung::Alternative)))
}

/// The most that the rungs ask for a segment, whatever comes back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MostAsked {
    /// How often.
    pub times: u64,
    /// Characters that are put into the German beyond those of the terms, each time.
    pub added: usize,
}

impl MostAsked {
    /// For a text with these terms.
    #[must_use]
    pub fn of(source: &str, terms: &[TermMatch], enforcement: &Enforcement) -> Self {
        let required: Vec<TermMatch> = terms.iter().filter(|term| term.is_required()).cloned().collect();
        let rungs = [Rung::Inline, Rung::Placeholder].into_iter().filter(|rung| enforcement.may(*rung));
        // A term that gives way to others is asked for once more.
        let times = match required.len() {
            0 => 0,
            1 => rungs.count(),
            _ => 2 * rungs.count(),
        };
        let added = required.iter().map(|term| {
            let written = rendering(term, source).chars().count().max(LONGEST_TOKEN);
            written.saturating_sub(term.surface(source).chars().count())
        });
        Self { times: times as u64, added: added.sum() }
    }
}

impl Ask {
    /// The rung on which it is asked.
    #[must_use]
    pub fn rung(&self) -> Rung {
        self.rung
    }

    /// What is sent: the German with the terms put into it.
    #[must_use]
    pub fn rewritten(&self) -> &Rewritten {
        &self.rewritten
    }

    /// What was sent if accepted targets stood in another order: an answer to that counts as well. A token stands for any
    /// of them.
    #[must_use]
    pub fn in_other_orders(&self) -> Vec<String> {
        match self.rung {
            Rung::Inline if self.dictionary.is_empty() => inline_in_other_orders(self.source(), &self.wanted),
            _ => Vec::new(),
        }
    }

    /// What goes along for the dictionary of the engine, if it has one.
    #[must_use]
    pub fn dictionary(&self) -> &[TermHint] {
        &self.dictionary
    }

    /// The German as it was.
    #[must_use]
    pub fn source(&self) -> &str {
        self.ladder.case.source.text()
    }

    /// The terms that hold and still stand in the German: an engine that takes terms is given them, as they are to hold
    /// again.
    pub fn held_terms(&self) -> impl Iterator<Item = &TermMatch> {
        let held = self.ladder.best().outcomes.iter().filter(|outcome| outcome.held.is_some());
        held.map(|outcome| &outcome.term).filter(|term| !self.wanted.contains(term))
    }

    /// Goes on with what came back; with `None`, the best answer so far stands.
    #[must_use]
    pub fn answer(self, answer: Option<Answer>) -> Step {
        let Self { mut ladder, rung, wanted, rewritten, tokens, is_second, .. } = self;
        let lost = match answer.and_then(|answer| restored(answer, rung, &rewritten, &tokens)) {
            Some(answer) => ladder.offer_again(answer, rung),
            None => Vec::new(),
        };
        if ladder.is_open() && !lost.is_empty() && !is_second {
            let terms = &ladder.case.terms;
            let wanted: Vec<_> =
                terms.iter().filter(|term| wanted.contains(term) || lost.contains(term)).cloned().collect();
            return Step::Ask(Box::new(Self::new(ladder, rung, wanted, true)));
        }
        match rung {
            Rung::Inline => ladder.climb(&[Rung::Placeholder]),
            _ => ladder.climb(&[]),
        }
    }

    fn new(ladder: Ladder, rung: Rung, wanted: Vec<TermMatch>, is_second: bool) -> Self {
        let source = ladder.case.source.text();
        let has_dictionary = ladder.case.enforcement.dictionary && rung == Rung::Inline;
        let is_looked_up = |term: &&TermMatch| has_dictionary && suits_dictionary(term, source);
        let (looked_up, written): (Vec<&TermMatch>, Vec<&TermMatch>) = wanted.iter().partition(is_looked_up);
        let dictionary = dictionary(source, &looked_up);
        let (rewritten, tokens) = match rung {
            Rung::Inline => {
                let written: Vec<TermMatch> = written.into_iter().cloned().collect();
                (inline(source, &written), Vec::new())
            }
            _ => placeholders(source, &wanted),
        };
        Self { ladder, rung, wanted, rewritten, tokens, dictionary, is_second }
    }
}

/// An answer to a rewritten sentence as one to the sentence itself; `None` if a token is lost.
fn restored(answer: Answer, rung: Rung, rewritten: &Rewritten, tokens: &[Placeholder]) -> Option<Answer> {
    let Answer { translation, maker } = answer;
    let text = match rung {
        Rung::Placeholder => restore(&translation.text, tokens)?,
        _ => translation.text.clone(),
    };
    let alignment = translation.alignment.as_ref().map(|known| {
        match known.carried_over(&translation.text, &text) {
            Alignment::Words(SpanPairs(pairs)) => {
                let back = pairs.into_iter().map(|(from, to)| (rewritten.back(&from), to));
                Alignment::Words(SpanPairs(back.collect()))
            }
            // These are of the segment already.
            inlines @ Alignment::Inlines(_) => inlines,
        }
    });
    Some(Answer { translation: Translation { text, alignment, ..translation }, maker })
}

impl Candidate {
    /// Looks at an answer, without the white space around it.
    fn of(case: &Case, answer: Answer, rung: Rung) -> Self {
        let Answer { translation: Translation { text, alignment, cuts, told, .. }, maker } = answer;
        let english = Sentence::new(text.trim());
        let alignment = alignment.map(|known| known.carried_over(&text, english.text()));
        let rules = vec![None; case.terms.len()];
        let (outcomes, findings) = looked_at(case, &english);
        Self { rung, maker, english, alignment, outcomes, rules, findings, cuts, told }
    }

    /// Whether it is another answer than the first one, repaired or not.
    fn is_second(&self) -> bool {
        !matches!(self.rung, Rung::Native | Rung::Repair)
    }

    /// The same answer with other words.
    fn repaired(&self, case: &Case, repaired: Repaired, rung: Rung) -> Self {
        let Repaired { english, rules } = repaired;
        let alignment = self.alignment.as_ref();
        let alignment = alignment.map(|known| known.carried_over(self.english.text(), english.text()));
        // What an earlier rule put there stands unless this one replaced it.
        let rules = rules.into_iter().zip(&self.rules).map(|(new, old)| new.or(*old)).collect();
        let (outcomes, findings) = looked_at(case, &english);
        Self {
            rung,
            english,
            alignment,
            outcomes,
            rules,
            findings,
            maker: self.maker,
            cuts: self.cuts.clone(),
            told: self.told.clone(),
        }
    }

    /// The answer beside its German, as checks see it.
    fn pair<'a>(&'a self, case: &'a Case) -> Pair<'a> {
        Pair { source: &case.source, target: &self.english, outcomes: &self.outcomes }
    }

    /// Words that were left in German, held terms apart.
    fn german(&self) -> usize {
        let held: Vec<_> = self.outcomes.iter().filter_map(|outcome| outcome.held.clone()).collect();
        german_words(&self.english, &held)
    }

    /// Terms that must hold and do not.
    fn unheld(&self) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.is_lost()).count()
    }

    /// How much the other checks find, weighted by severity.
    fn faults(&self) -> usize {
        let others = self.findings.iter().filter(|finding| finding.kind != FindingKind::TermNotHeld);
        others.map(|finding| finding.severity as usize).sum()
    }
}

/// The terms of a case; what the engine was told to write for one stands for it, and is to be replaced.
fn told_otherwise<'a>(case: &'a Case, told: &[TermHint]) -> Cow<'a, [TermMatch]> {
    let mut terms = Cow::Borrowed(&*case.terms);
    for hint in told {
        let is_of = |term: &TermMatch| {
            let surface = term.surface(case.source.text());
            surface.split_whitespace().eq(hint.source.split_whitespace())
        };
        for term in terms.to_mut().iter_mut().filter(|term| is_of(term)) {
            Arc::make_mut(&mut term.entry).avoid.push(hint.target.clone());
        }
    }
    terms
}

/// The terms in an answer, and what the checks find.
fn looked_at(case: &Case, english: &Sentence) -> (Vec<TermOutcome>, Vec<Finding>) {
    let outcomes = check::outcomes(&case.source, &case.terms, english);
    let pair = Pair { source: &case.source, target: english, outcomes: &outcomes };
    let findings = case.enforcement.checks.findings(pair);
    (outcomes, findings)
}

impl Ladder {
    /// The best answer so far.
    fn best(&self) -> &Candidate {
        self.best.as_ref().unwrap_or(&self.native)
    }

    /// Whether a term still does not hold.
    fn is_open(&self) -> bool {
        self.best().unheld() > 0
    }

    /// Asks on the first of the rungs that may be climbed if a term is open, else ends.
    fn climb(self, rungs: &[Rung]) -> Step {
        let rung = rungs.iter().copied().find(|rung| self.case.enforcement.may(*rung));
        match rung.filter(|_| self.is_open()) {
            Some(rung) => {
                let open = self.best().outcomes.iter().filter(|outcome| outcome.is_lost());
                let wanted = open.map(|outcome| outcome.term.clone()).collect();
                Step::Ask(Box::new(Ask::new(self, rung, wanted, false)))
            }
            None => Step::Held(Box::new(self.finish())),
        }
    }

    /// Takes the first of some other translations in which all terms hold.
    fn look_at(&mut self, alternatives: Vec<String>) {
        for alternative in alternatives {
            let Some(translation) = self.sound(alternative) else { continue };
            let answer = Answer { translation, maker: self.native.maker };
            let candidate = Candidate::of(&self.case, answer, Rung::Alternative);
            // Where only some hold, what replaces or asks for single terms has as much to do as with the first answer.
            if candidate.unheld() == 0 && self.offer(&candidate).is_some() {
                return;
            }
        }
    }

    /// Another translation, unless it is none, or something is to be taken out of it that the first answer did not have.
    fn sound(&self, other: String) -> Option<Translation> {
        let text = self.case.source.text().to_owned();
        let question = Request { text, terms: Vec::new(), inlines: Vec::new() };
        let translation = tidy(&question.text, Translation::plain(other));
        let is_sound = translation.cuts.iter().all(|cut| self.native.cuts.contains(cut))
            && judge(&question, &translation.text) == Verdict::Usable;
        is_sound.then_some(translation)
    }

    /// Looks at an answer of a rung that asks again, as it is and repaired, and gives the terms that it lost while others hold in it
    /// that did not before.
    fn offer_again(&mut self, answer: Answer, rung: Rung) -> Vec<TermMatch> {
        let candidate = Candidate::of(&self.case, answer, rung);
        let lost = self.offer(&candidate);
        self.repair(&candidate, rung).or(lost).unwrap_or_default()
    }

    /// Whether the checks find no more in an answer than in the first one.
    fn is_as_sound(&self, candidate: &Candidate) -> bool {
        candidate.faults() <= self.native.faults()
            && !(candidate.is_second()
                && (says_twice(self.native.pair(&self.case), candidate.pair(&self.case))
                    || candidate.german() > self.native.german()))
    }

    /// Takes an answer if it holds more terms and is no worse otherwise. Gives the terms that held and do not in it, if
    /// others hold in it that did not; `None` if it is not considered.
    fn offer(&mut self, candidate: &Candidate) -> Option<Vec<TermMatch>> {
        if !resembles(&self.native.english, &candidate.english) || !self.is_as_sound(candidate) {
            return None;
        }
        let lost = if candidate.is_second() { self.price(candidate) } else { Vec::new() };
        if candidate.unheld() < self.best().unheld() {
            self.best = Some(candidate.clone());
        }
        Some(lost)
    }

    /// The terms that held and do not in a candidate, if others hold in it that did not.
    fn price(&self, candidate: &Candidate) -> Vec<TermMatch> {
        let pairs = || self.best().outcomes.iter().zip(&candidate.outcomes);
        let gains = pairs().any(|(now, new)| now.held.is_none() && new.held.is_some());
        let lost = pairs().filter(|(now, new)| gains && now.held.is_some() && new.is_lost());
        lost.map(|(now, _)| now.term.clone()).collect()
    }

    /// Offers an answer with its wrong renderings replaced, if there is still need; see [`Self::offer`]. `None` also if
    /// there is nothing to replace.
    fn repair(&mut self, answer: &Candidate, rung: Rung) -> Option<Vec<TermMatch>> {
        if !self.is_open() {
            return None;
        }
        let words = answer.alignment.as_ref().and_then(Alignment::words);
        let terms = told_otherwise(&self.case, &answer.told);
        let repaired = repair(&self.case.source, &answer.english, &terms, words)?;
        self.offer(&answer.repaired(&self.case, repaired, rung))
    }

    /// Writes held terms as the entry and the settings ask, if no check gets worse by it.
    fn write_house_form(&mut self) {
        let best = self.best();
        let Case { source, terms, enforcement } = &self.case;
        let Some(housed) = house_form(source, terms, &best.english, enforcement.house_form) else { return };
        let candidate = best.repaired(&self.case, housed, best.rung.max(Rung::Repair));
        if candidate.unheld() <= best.unheld() && candidate.faults() <= best.faults() {
            self.best = Some(candidate);
        }
    }

    /// The taken answer, and how each term holds in it.
    fn finish(mut self) -> Held {
        if self.case.enforcement.may(Rung::Repair) {
            self.write_house_form();
        }
        let Self { case, native, best } = self;
        let first_held: Vec<bool> = native.outcomes.iter().map(|outcome| outcome.held.is_some()).collect();
        let mut taken = best.unwrap_or(native);
        taken.say_what_stands_there(&case);
        taken.findings.extend(taken.cuts.iter().map(|cut| {
            let (kind, severity) = cut.kind();
            Finding::new(kind, severity, cut.describe())
        }));
        let terms =
            taken.outcomes.iter().zip(&taken.rules).zip(first_held).map(|((outcome, rule), first)| {
                let rung = if first { Rung::Native } else { taken.rung };
                let hold = outcome.held.clone().map(|span| Hold { span, rung, rule: *rule });
                HeldTerm { term: outcome.term.clone(), hold }
            });
        let terms = terms.collect();
        Held { source: case.source, terms, candidate: taken, enforcement: case.enforcement }
    }
}

impl Candidate {
    /// Adds to the findings about terms what stands in their place.
    fn say_what_stands_there(&mut self, case: &Case) {
        let is_about_term = |finding: &Finding| finding.kind == FindingKind::TermNotHeld;
        let Some(at) = self.findings.iter().position(is_about_term) else { return };
        let pair = Pair { source: &case.source, target: &self.english, outcomes: &self.outcomes };
        let words = self.alignment.as_ref().and_then(Alignment::words);
        let found = not_held_findings(pair, words);
        self.findings.retain(|finding| !is_about_term(finding));
        self.findings.splice(at..at, found);
    }
}

impl Held {
    /// By what it was held.
    #[must_use]
    pub fn enforcement(&self) -> Arc<Enforcement> {
        Arc::clone(&self.enforcement)
    }

    /// Whose the taken answer is.
    #[must_use]
    pub fn maker(&self) -> MakerRank {
        self.candidate.maker
    }

    /// Whether a check found an error in it.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.candidate.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// The segment and its English, for those who look at them once more.
    #[must_use]
    pub fn pair(&self) -> Pair<'_> {
        let Candidate { english, outcomes, .. } = &self.candidate;
        Pair { source: &self.source, target: english, outcomes }
    }

    /// How bad what is found in it is: errors first, then warnings; notes do not count.
    #[must_use]
    pub fn weight(&self) -> usize {
        /// Errors outweigh any number of warnings that a sentence can have.
        const ERROR: usize = 1_000;
        let weight = |finding: &Finding| match finding.severity {
            Severity::Error => ERROR,
            Severity::Warning => 1,
            Severity::Info => 0,
        };
        self.candidate.findings.iter().map(weight).sum()
    }

    /// What the profile of its maker gave, as far as the ladder knows of it.
    #[must_use]
    pub fn into_rendition(self, engine: &str) -> Rendition {
        let Candidate { rung, english, alignment, findings, .. } = self.candidate;
        let rendition = Rendition::new(english.into_text(), engine);
        Rendition { rung, alignment, terms: self.terms, findings, ..rendition }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing;

    const SOURCE: &str = "Die Fähre sah den Hafen.";

    fn term(source: &str, target: &str) -> TermMatch {
        testing::term(source, target, SOURCE.find(source).expect("the term stands in the source"))
    }

    fn case(terms: &[TermMatch], rungs: &[Rung]) -> Case {
        let enforcement = Enforcement { rungs: rungs.to_vec(), house_form: true, ..Enforcement::default() };
        Case { source: Sentence::new(SOURCE), terms: terms.to_vec(), enforcement: Arc::new(enforcement) }
    }

    fn plain(text: &str) -> Answer {
        Answer { translation: Translation::plain(text), maker: MakerRank(0) }
    }

    /// What is sent, rung by rung, when these answers come back, and the English in the end.
    fn climbed(case: Case, answers: &[Option<&str>]) -> (Vec<String>, String) {
        let mut answers = answers.iter();
        let mut next = || answers.next().copied().flatten().map(plain);
        let mut step = start(case, next().expect("a first answer"));
        let mut sent = Vec::new();
        loop {
            step = match step {
                Step::Ask(ask) => {
                    sent.push(format!("{}: {}", ask.rung().as_str(), ask.rewritten().text));
                    ask.answer(next())
                }
                Step::Held(held) => return (sent, held.pair().target.text().to_owned()),
            };
        }
    }

    #[test]
    fn an_answer_in_which_all_terms_hold_ends_the_way() {
        let case = case(&[term("Fähre", "steam ferry")], &Rung::LADDER[1..]);
        let (sent, english) = climbed(case, &[Some(" The steam ferry saw the harbour.")]);
        assert_eq!((sent.len(), english.as_str()), (0, "The steam ferry saw the harbour."));
    }

    #[test]
    fn rungs_are_climbed_in_order_and_without_answers_the_first_one_stands() {
        let terms = [term("Fähre", "steam ferry")];
        let first = "The boat saw the old harbour.";
        for (rungs, expected) in [
            (&[][..], &[][..]),
            (
                &[Rung::Placeholder, Rung::Inline],
                &["inline: Die steam ferry sah", "placeholder: Die ZQX10X sah"],
            ),
            (&[Rung::Placeholder], &["placeholder: Die ZQX10X sah"]),
        ] {
            let (sent, english) = climbed(case(&terms, rungs), &[Some(first), None, None]);
            assert!(sent.iter().zip(expected).all(|(sent, start)| sent.starts_with(start)), "{sent:?}");
            assert_eq!((sent.len(), english.as_str()), (expected.len(), first));
        }
    }

    /// The English in the end when these translations came with the first one, and the rung of the ferry.
    fn chosen(rungs: &[Rung], first: &str, alternatives: &[&str]) -> (String, Option<Rung>) {
        let alternatives = alternatives.iter().map(|text| (*text).to_owned()).collect();
        let translation = Translation { alternatives, ..Translation::plain(first) };
        let case = case(&[term("Fähre", "steam ferry"), term("Hafen", "harbour")], rungs);
        let Step::Held(held) = start(case, Answer { translation, maker: MakerRank(0) }) else {
            panic!("nothing is asked")
        };
        let rung = held.terms[0].hold.as_ref().map(|hold| hold.rung);
        (held.pair().target.text().to_owned(), rung)
    }

    #[test]
    fn the_first_alternative_in_which_all_terms_hold_is_taken_before_anything_is_repaired() {
        let first = "The Fähre saw the harbour.";
        let good = "The steam ferry beheld the harbour.";
        let further = "The steam ferry was seeing the harbour.";
        let all = &Rung::LADDER[1..];
        let alternative = (good.to_owned(), Some(Rung::Alternative));
        assert_eq!(chosen(all, first, &["The boat saw the harbour.", good, further]), alternative);
        let repaired = ("The steam ferry saw the harbour.".to_owned(), Some(Rung::Repair));
        for unfit in [
            "The steam ferry saw the port.",
            "The steam ferry saw the harbour in 1987.",
            "The steam ferry saw the harbour \u{fffd}\u{fffd}\u{fffd}.",
            "The steam ferry saw the harbour and the",
            "The steam ferry saw the harbour, zeigte sie uns gestern Abend.",
            "The steam ferry saw the harbour.\u{1b}[31m",
            "The steam ferry saw the harbour. The steam ferry saw the harbour. The steam ferry saw the harbour.",
            "Yes, a steam ferry and a harbour.",
        ] {
            assert_eq!(chosen(all, first, &[unfit]), repaired, "{unfit}");
        }
        assert_eq!(chosen(&[Rung::Repair], first, &[good]), repaired, "the rung is not allowed");
        let held = ("The steam ferry saw the harbour.".to_owned(), Some(Rung::Native));
        assert_eq!(chosen(all, "The steam ferry saw the harbour.", &[good]), held, "nothing is missing");
    }

    #[test]
    fn an_engine_gives_an_answer_that_holds_more_and_is_no_worse() {
        let case = case(&[term("Fähre", "steam ferry"), term("Hafen", "harbour")], &[]);
        for (other, expected) in [
            ("The steam ferry saw the port.", true),
            ("The steam ferry saw the harbour.", true),
            ("The steam ferry saw the harbour in 1987.", false),
            ("Yes, a steam ferry and a harbour.", false),
            ("The ship saw the port.", false),
        ] {
            assert_eq!(is_better(&case, "The boat saw the port.", other), expected, "{other}");
        }
    }

    #[test]
    fn another_answer_is_as_good_unless_a_term_or_a_check_says_otherwise() {
        let with_term = case(&[term("Fähre", "steam ferry")], &[]);
        let without = case(&[], &[]);
        let first = "The boat saw the port.";
        for (case, first, other, expected) in [
            (&without, first, "The boat sighted the port.", true),
            (&without, first, "The boat sighted the port in 1987.", false),
            (&without, first, "Die Fähre sah den Hafen.", false),
            (&without, first, "The boat saw the port. The boat saw the port. The boat saw the port.", false),
            (&with_term, first, "The steam ferry saw the port.", true),
            (&with_term, "The steam ferry saw the port.", first, false),
        ] {
            assert_eq!(is_as_good(case, first, other), expected, "{first} {other}");
        }
    }

    #[test]
    fn another_answer_may_need_the_tidying_that_the_first_needs() {
        let source = Sentence::new("Die Fähre brachte 20.000 Leute.");
        let case = Case { source, ..case(&[term("Fähre", "steam ferry")], &[]) };
        let other = "The steam ferry took 20, 000 people.";
        assert!(is_better(&case, "The boat took 20, 000 people.", other));
        assert!(!is_better(&case, "The boat took 20,000 people.", other));
        let source = Sentence::new("Die Fähre kommt");
        let heading = Case { source, ..case };
        assert!(is_better(&heading, "The boat is coming.", "The steam ferry is coming."));
        assert!(!is_better(&heading, "The boat is coming", "The steam ferry is coming."));
    }

    #[test]
    fn a_term_that_came_at_the_price_of_another_is_asked_for_with_it() {
        let terms = [term("Fähre", "steam ferry"), term("Hafen", "old harbour")];
        let first = "The boat saw the old harbour.";
        let sent = |again: &str| climbed(case(&terms, &[Rung::Inline]), &[Some(first), Some(again)]).0;
        assert_eq!(sent("The boat saw the old harbour again.").len(), 1, "nothing was gained");
        assert_eq!(
            sent("The steam ferry saw it again today.")[1],
            "inline: Die steam ferry sah den old harbour."
        );
        assert_eq!(sent("The steam ferry saw the old harbour.").len(), 1, "all terms hold");
    }

    #[test]
    fn for_a_dictionary_nouns_stay_in_the_german() {
        let terms = [term("Fähre", "steam ferry"), term("sah", "beheld")];
        let mut case = case(&terms, &[Rung::Inline]);
        Arc::make_mut(&mut case.enforcement).dictionary = true;
        let Step::Ask(ask) = start(case, plain("The boat saw the old harbour.")) else {
            panic!("both are lost")
        };
        assert_eq!(ask.rewritten().text, "Die Fähre beheld den Hafen.");
        assert_eq!(
            ask.dictionary(),
            [TermHint { source: "Fähre".to_owned(), target: "steam ferry".to_owned() }]
        );
        assert!(ask.in_other_orders().is_empty());
        let Step::Held(held) = ask.answer(Some(plain("The steam ferry beheld the harbour."))) else {
            panic!("both hold")
        };
        assert_eq!(held.pair().target.text(), "The steam ferry beheld the harbour.");
    }

    #[test]
    fn a_term_that_was_put_into_the_german_is_not_given_along() {
        let terms = [term("Fähre", "steam ferry"), term("Hafen", "old harbour")];
        let held = |ask: &Ask| ask.held_terms().map(|term| term.entry.source.clone()).collect::<Vec<_>>();
        let start = start(case(&terms, &[Rung::Inline]), plain("The boat saw the old harbour."));
        let Step::Ask(first) = start else { panic!("the ferry is lost") };
        assert_eq!(held(&first), ["Hafen"]);
        let Step::Ask(second) = first.answer(Some(plain("The steam ferry saw it again today."))) else {
            panic!("the harbour is lost")
        };
        assert!(held(&second).is_empty());
    }

    #[test]
    fn an_answer_in_which_another_check_finds_more_is_refused() {
        let terms = [term("Fähre", "steam ferry")];
        let first = "The boat saw the harbour.";
        let climb = |again| {
            let answers = [Some(first), Some(again)];
            climbed(case(&terms, &[Rung::Inline]), &answers).1
        };
        assert_eq!(climb("The steam ferry saw the harbour of 1912."), first);
        assert_eq!(climb("The steam ferry saw the harbour."), "The steam ferry saw the harbour.");
    }

    #[test]
    fn an_answer_in_which_more_is_left_in_german_is_refused() {
        let terms = [term("Fähre", "steam ferry")];
        let first = "The boat saw the harbour.";
        let climb = |again| climbed(case(&terms, &[Rung::Inline]), &[Some(first), Some(again)]).1;
        assert_eq!(climb("The steam ferry saw den harbour."), first);
        assert_eq!(climb("The steam ferry saw the old harbour."), "The steam ferry saw the old harbour.");
    }

    #[test]
    fn an_answer_that_says_the_term_twice_is_refused() {
        let terms = [term("Hafen", "Norway")];
        let first = "The ferry saw the Norwegian coast.";
        let climb = |again| {
            let answers = [Some(first), Some(again)];
            climbed(case(&terms, &[Rung::Inline]), &answers).1
        };
        assert_eq!(climb("The ferry saw the Norway Norwegian coast."), first);
        assert_eq!(climb("The ferry saw the coast of Norway."), "The ferry saw the coast of Norway.");
    }

    #[test]
    fn a_rule_is_named_with_the_term_that_it_made_hold() {
        let terms = [term("Fähre", "steam ferry"), term("Hafen", "harbour|port")];
        let Step::Held(held) = start(case(&terms, &[Rung::Repair]), plain("The Fähre saw the port.")) else {
            panic!("nothing is asked")
        };
        let holds = held.terms.iter().map(|term| term.hold.clone().map(|hold| (hold.rung, hold.rule)));
        let expected = [
            Some((Rung::Repair, Some(RepairRule::LeftGerman))),
            Some((Rung::Native, Some(RepairRule::HouseForm))),
        ];
        assert_eq!(holds.collect::<Vec<_>>(), expected);
        assert_eq!(held.pair().target.text(), "The steam ferry saw the harbour.");
    }

    #[test]
    fn an_alignment_of_words_shows_what_stands_in_the_place_of_a_term() {
        let terms = [term("Fähre", "steam ferry")];
        let text = "The old boat of the line saw the harbour.";
        let pairs = SpanPairs(vec![(4..10, 4..24)]);
        let told = |alignment| {
            let translation = Translation { alignment: Some(alignment), ..Translation::plain(text) };
            let answer = Answer { translation, maker: MakerRank(0) };
            match start(case(&terms, &[]), answer) {
                Step::Held(held) => held.candidate.findings[0].message.clone(),
                Step::Ask(_) => panic!("nothing is asked"),
            }
        };
        assert_eq!(
            told(Alignment::Words(pairs.clone())),
            "“Fähre” should read “steam ferry” but reads “old boat of the line”"
        );
        assert_eq!(told(Alignment::Inlines(pairs)), "“Fähre” should read “steam ferry”");
    }
}

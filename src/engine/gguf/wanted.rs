//! The terms that are to hold in an answer, as the model would write them.

use std::sync::Arc;

use super::hypothesis::{Hypothesis, OpeningPlace};
use super::tokens::Tokens;
use crate::check::outcomes;
use crate::enforce::{Case, Enforcement, better};
use crate::engine::error::EngineError;
use crate::english::{Sentence, capitalised, forms, starts_sentence};
use crate::model::{Entry, EntryKind, TermMatch};

/// The terms of a text.
pub(super) struct WantedTerms {
    case: Case,
    /// For each term, what it may be written as.
    forms: Vec<Vec<TermForm>>,
    /// The tokens that forms begin with.
    openings: Vec<u32>,
}

/// A form of a rendering, as one of the places where it may stand has it.
struct TermForm {
    tokens: Vec<u32>,
    /// Whether it brings the blank before it along.
    is_spaced: bool,
    /// Whether it is for the start of a sentence; `None` if it looks the same there.
    is_capitalised: Option<bool>,
}

impl WantedTerms {
    /// The terms of a text; `None` if there are none that the model could write.
    pub(super) fn new(text: &str, terms: &[TermMatch], tokens: &Tokens) -> Option<Self> {
        let forms = |term: &TermMatch| {
            if term.is_required() { TermForm::of_entry(&term.entry, tokens) } else { Vec::new() }
        };
        let forms: Vec<Vec<TermForm>> = terms.iter().map(forms).collect();
        let mut openings: Vec<u32> =
            forms.iter().flatten().filter_map(|form| form.tokens.first()).copied().collect();
        openings.sort_unstable();
        openings.dedup();
        let enforcement = Arc::new(Enforcement::default());
        let case = Case { source: Sentence::new(text), terms: terms.to_vec(), enforcement };
        (!openings.is_empty()).then_some(Self { case, forms, openings })
    }

    /// The tokens that a term may begin with.
    pub(super) fn openings(&self) -> &[u32] {
        &self.openings
    }

    /// The terms that do not hold in an answer.
    pub(super) fn lost(&self, english: &str) -> Vec<usize> {
        let outcomes = outcomes(&self.case.source, &self.case.terms, &Sentence::new(english));
        (0..outcomes.len()).filter(|term| outcomes[*term].is_lost()).collect()
    }

    /// Which of other answers is to be given in the place of one.
    pub(super) fn better(&self, answer: &str, others: &[String]) -> Option<usize> {
        better(&self.case, answer, others)
    }

    /// Whether a term holds in another answer, and no more terms are lost than in the one that lacks it.
    pub(super) fn is_traded(&self, term: usize, answer: &str, other: &str) -> bool {
        let lost = self.lost(other);
        !lost.contains(&term) && lost.len() <= self.lost(answer).len()
    }

    /// The places of a complete text where a term may begin, the likeliest first.
    pub(super) fn places(
        &self,
        term: usize,
        text: &Hypothesis,
        tokens: &Tokens,
    ) -> Result<Vec<OpeningPlace>, EngineError> {
        let mut places = Vec::new();
        for (at, likelihoods) in text.openings().iter().enumerate() {
            let (before, behind) = text.said().split_at(at);
            let before = tokens.text(before)?;
            let next = tokens.text(behind.get(..1).unwrap_or_default())?;
            if before.trim_start().contains('\n') || !is_border(&before, &next) {
                continue;
            }
            let fitting = || self.forms[term].iter().filter(|form| form.fits(&before, &next));
            let likelihood = |opening: u32| {
                let place = self.openings.binary_search(&opening).ok();
                place.map_or(f32::NEG_INFINITY, |place| likelihoods[place])
            };
            let opening = fitting()
                .filter_map(|form| form.tokens.first())
                .copied()
                .max_by(|one, other| likelihood(*one).total_cmp(&likelihood(*other)));
            places.extend(opening.map(|opening| {
                OpeningPlace {
                    tokens: at,
                    opening,
                    likelihood: likelihood(opening),
                    rest: fitting()
                        .filter_map(|form| form.tokens.strip_prefix(&[opening]).map(<[u32]>::to_vec))
                        .collect(),
                }
            }));
        }
        places.sort_by(|one, other| other.likelihood.total_cmp(&one.likelihood));
        Ok(places)
    }
}

impl TermForm {
    /// All that the model may write for an entry.
    fn of_entry(entry: &Entry, tokens: &Tokens) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for target in &entry.targets {
            // Of a name, a plural is another name.
            let numbers = if entry.kind == EntryKind::Term { 2 } else { 1 };
            for form in forms(target).into_iter().take(numbers) {
                let capital = capitalised(&form);
                let spellings = if capital == form {
                    vec![(form, None)]
                } else {
                    vec![(form, Some(false)), (capital, Some(true))]
                };
                for (spelling, is_capitalised) in spellings {
                    // Behind a letter and at the start of a line a model writes as it does anywhere in a text.
                    let spaced = tokens.behind("a", &format!(" {spelling}"));
                    let bare = tokens.behind("\n", &spelling).or_else(|| tokens.behind("", &spelling));
                    for (tokens, is_spaced) in [(spaced, true), (bare, false)] {
                        all.extend(tokens.filter(|tokens| !tokens.is_empty()).map(|tokens| Self {
                            tokens,
                            is_spaced,
                            is_capitalised,
                        }));
                    }
                }
            }
        }
        all
    }

    /// Whether it can stand between two pieces of a text.
    fn fits(&self, before: &str, next: &str) -> bool {
        let is_spaced = match before.chars().next_back() {
            None => next.starts_with(' '),
            Some(last) => !last.is_whitespace() && !is_joined(last),
        };
        let blank = if is_spaced { " " } else { "" };
        let starts_sentence = starts_sentence(&format!("{before}{blank}"));
        self.is_spaced == is_spaced && self.is_capitalised.is_none_or(|is| is == starts_sentence)
    }
}

/// Whether a word may end between two pieces of a text.
fn is_border(before: &str, next: &str) -> bool {
    let inside = before.ends_with(char::is_alphanumeric) && next.starts_with(char::is_alphanumeric);
    // Bytes that are no character yet.
    let is_torn = before.ends_with(char::REPLACEMENT_CHARACTER);
    !inside && !is_torn && (!next.is_empty() || before.ends_with(char::is_alphanumeric))
}

/// Whether what comes behind a character is joined to it.
fn is_joined(last: char) -> bool {
    "([{„“‘«\"'-‑–/".contains(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_begins_where_a_word_does() {
        assert!(is_border("The", " ferry") && is_border("", "The") && is_border("The ferry", ","));
        assert!(!is_border("The fer", "ry") && !is_border("\u{fffd}", "x"));
        assert!(is_border("The ferry", "") && !is_border("The ferry.", ""));
    }

    #[test]
    fn a_blank_and_a_capital_stand_where_the_place_asks_for_them() {
        let form = |is_spaced, is_capitalised| TermForm { tokens: vec![1], is_spaced, is_capitalised };
        for (before, next, is_spaced, is_capitalised) in [
            ("", "The", false, true),
            ("", " The", true, true),
            ("The", " boat", true, false),
            ("The (", "boat", false, false),
            ("It rains. ", "Boats", false, true),
            ("It rains.", " Boats", true, true),
        ] {
            for spaced in [true, false] {
                for capital in [None, Some(true), Some(false)] {
                    let expected = spaced == is_spaced && capital.is_none_or(|is| is == is_capitalised);
                    assert_eq!(form(spaced, capital).fits(before, next), expected, "{before}|{next}");
                }
            }
        }
    }
}

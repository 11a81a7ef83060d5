//! The terms that are to hold in an answer, and the names that are to stand in it, as the model would write them.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use super::hypothesis::{Hypothesis, OpeningPlace};
use super::interface::{AnswerWriting, ModelVocabulary, Past};
use crate::check::{Pair, is_genitive, kept_names, missing_names, outcomes, overlap};
use crate::enforce::{Case, Enforcement, is_as_good, is_better};
use crate::engine::error::EngineError;
use crate::english::{Sentence, capitalised, forms, possessive, starts_sentence};
use crate::model::{Entry, EntryKind, MatchKind, Origin, TermMatch};
use crate::tables::{TableError, TableRow, must, rows, values};

/// The terms of a text, those of the glossary first. A name that English has as it is counts as one, and a word of the table.
pub(in crate::engine) struct WantedTerms {
    case: Case,
    /// How many of them are the glossary's.
    glossary: usize,
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
    /// Whether it is for a place behind `of`; `None` if it looks the same there.
    follows_of: Option<bool>,
}

/// A name as a term that stays as it is.
fn name(text: &str, span: Range<usize>) -> TermMatch {
    let surface = &text[span.clone()];
    let entry = Entry { kind: EntryKind::Name, ..Entry::new(surface, surface, nowhere()) };
    TermMatch { entry: Arc::new(entry), span, kind: MatchKind::Word }
}

/// The words of the table that stand in a text, as terms.
fn words(source: &Sentence) -> impl Iterator<Item = TermMatch> {
    source.words().iter().filter_map(|word| {
        let (_, english) = WORDS.iter().find(|(german, _)| german.contains(&word.folded.as_str()))?;
        let entry = Entry::new(source.surface(word), english, nowhere());
        Some(TermMatch { entry: Arc::new(entry), span: word.span.clone(), kind: MatchKind::Word })
    })
}

fn nowhere() -> Origin {
    Origin { path: PathBuf::new(), line: 0 }
}

type WordTable = Vec<(Vec<&'static str>, &'static str)>;

/// The words of the data file, with their English.
static WORDS: LazyLock<WordTable> = LazyLock::new(|| must(word_table()));

fn word_table() -> Result<WordTable, TableError> {
    let rows = rows::<2>("engine/constraint/data/words.tsv", include_str!("data/words.tsv"))?;
    Ok(rows
        .iter()
        .map(|TableRow { cells: [german, english], .. }| (values(german).collect(), *english))
        .collect())
}

/// Whether another answer to a German text is no worse than one, as far as its terms and the checks say. The terms count also
/// where the model could not write them.
pub(in crate::engine) fn is_no_worse(german: &str, terms: &[TermMatch], answer: &str, other: &str) -> bool {
    let enforcement = Arc::new(Enforcement::default());
    let case = Case { source: Sentence::new(german), terms: terms.to_vec(), enforcement };
    is_as_good(&case, answer, other)
}

impl WantedTerms {
    /// The terms of a text; `None` if there are none that the model could write.
    pub(in crate::engine) fn new(
        text: &str,
        terms: &[TermMatch],
        tokens: &impl ModelVocabulary,
    ) -> Option<Self> {
        let source = Sentence::new(text);
        let mut all = terms.to_vec();
        for further in kept_names(&source).into_iter().map(|span| name(text, span)).chain(words(&source)) {
            let is_new = |term: &TermMatch| {
                !overlap(&term.span, &further.span) && term.surface(text) != further.surface(text)
            };
            if all.iter().all(is_new) {
                all.push(further);
            }
        }
        let forms = |term: &TermMatch| {
            if term.is_required() { TermForm::of(term, &source, tokens) } else { Vec::new() }
        };
        let forms: Vec<Vec<TermForm>> = all.iter().map(forms).collect();
        let mut openings: Vec<u32> =
            forms.iter().flatten().filter_map(|form| form.tokens.first()).copied().collect();
        openings.sort_unstable();
        openings.dedup();
        let case = Case { source, terms: all, enforcement: Arc::new(Enforcement::default()) };
        (!openings.is_empty()).then_some(Self { case, glossary: terms.len(), forms, openings })
    }

    /// The tokens that a term may begin with.
    pub(in crate::engine) fn openings(&self) -> &[u32] {
        &self.openings
    }

    /// All tokens that terms may be written with.
    pub(in crate::engine) fn tokens(&self) -> impl Iterator<Item = u32> {
        self.forms.iter().flatten().flat_map(|form| &form.tokens).copied()
    }

    /// The terms that do not hold in an answer.
    pub(super) fn lost(&self, english: &str) -> Vec<usize> {
        let Case { source, terms, .. } = &self.case;
        let target = Sentence::new(english);
        let outcomes = outcomes(source, terms, &target);
        let mut lost: Vec<usize> = (0..outcomes.len()).filter(|term| outcomes[*term].is_lost()).collect();
        // Such a name may be spelt in another way.
        let is_name = |term: &usize| *term >= self.glossary && terms[*term].entry.kind == EntryKind::Name;
        if lost.iter().any(is_name) {
            let outcomes = &outcomes[..self.glossary];
            let missing = missing_names(Pair { source, target: &target, outcomes });
            lost.retain(|term| !is_name(term) || missing.contains(&terms[*term].span));
        }
        lost
    }

    /// Whether another answer is to be given in the place of one.
    pub(super) fn is_better(&self, answer: &str, other: &str) -> bool {
        is_better(&self.case, answer, other)
    }

    /// Whether a term holds in another answer, and no more terms are lost than in the one that lacks it.
    pub(super) fn is_traded(&self, term: usize, answer: &str, other: &str) -> bool {
        let lost = self.lost(other);
        !lost.contains(&term) && lost.len() <= self.lost(answer).len()
    }

    /// The places of a complete text where a term may begin: first those where the text begins to render its German, as far as
    /// the model tells, then the others; of both, the likeliest first.
    pub(in crate::engine) fn places<P: Past>(
        &self,
        term: usize,
        text: &Hypothesis<P>,
        writing: &impl AnswerWriting<Past = P>,
    ) -> Result<Vec<OpeningPlace>, EngineError> {
        let tokens = writing.tokens();
        let rendering = text.rendering(&self.case.terms[term].span, writing);
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
                    renders: rendering.contains(&at),
                    rest: fitting()
                        .filter_map(|form| form.tokens.strip_prefix(&[opening]).map(<[u32]>::to_vec))
                        .collect(),
                }
            }));
        }
        places.sort_by(|one, other| {
            other.renders.cmp(&one.renders).then(other.likelihood.total_cmp(&one.likelihood))
        });
        Ok(places)
    }
}

impl TermForm {
    /// All that the model may write for a term.
    fn of(term: &TermMatch, source: &Sentence, tokens: &impl ModelVocabulary) -> Vec<Self> {
        let is_genitive = is_genitive(source, term);
        let mut all: Vec<Self> = Vec::new();
        for target in &term.entry.targets {
            // Of a name, a plural is another name.
            let numbers = if term.entry.kind == EntryKind::Term { 2 } else { 1 };
            for form in forms(target).into_iter().take(numbers) {
                if is_genitive {
                    all.extend(Self::spelt(&possessive(&form, '\''), Some(false), tokens));
                    all.extend(Self::spelt(&form, Some(true), tokens));
                } else {
                    all.extend(Self::spelt(&form, None, tokens));
                }
            }
        }
        all
    }

    /// What the model may write for a form.
    fn spelt(form: &str, follows_of: Option<bool>, tokens: &impl ModelVocabulary) -> Vec<Self> {
        let capital = capitalised(form);
        let spellings = if capital == form {
            vec![(form, None)]
        } else {
            vec![(form, Some(false)), (capital.as_str(), Some(true))]
        };
        let mut all = Vec::new();
        for (spelling, is_capitalised) in spellings {
            for is_spaced in [true, false] {
                let tokens = tokens.word(spelling, is_spaced).filter(|tokens| !tokens.is_empty());
                all.extend(tokens.map(|tokens| Self { tokens, is_spaced, is_capitalised, follows_of }));
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
        let follows_of = || before.trim_end().to_ascii_lowercase().ends_with(" of");
        self.is_spaced == is_spaced
            && self.is_capitalised.is_none_or(|is| is == starts_sentence)
            && self.follows_of.is_none_or(|is| is == follows_of())
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

    /// A vocabulary in which every character is a token.
    struct Letters;

    impl ModelVocabulary for Letters {
        fn word(&self, word: &str, is_spaced: bool) -> Option<Vec<u32>> {
            let blank = if is_spaced { " " } else { "" };
            Some(format!("{blank}{word}").chars().map(u32::from).collect())
        }

        fn text(&self, tokens: &[u32]) -> Result<String, EngineError> {
            Ok(tokens.iter().filter_map(|token| char::from_u32(*token)).collect())
        }

        fn ends(&self, token: u32) -> bool {
            token == 0
        }
    }

    #[test]
    fn a_genitive_before_its_noun_is_written_as_a_possessive() {
        for (german, surface, before, expected) in [
            ("Nach Schoigus Plänen geschah es.", "Schoigus", "According to", " Shoigu's"),
            ("Nach Schoigus Plänen geschah es.", "Schoigus", "According to the plans of", " Shoigu"),
            ("Heute kam Schoigu zu spät.", "Schoigu", "Today", " Shoigu"),
        ] {
            let at = german.find(surface).unwrap();
            let span = at..at + surface.len();
            let term = TermMatch { span, ..name("Schoigu", 0..7) };
            let entry = Entry { targets: vec!["Shoigu".to_owned()], ..(*term.entry).clone() };
            let term = TermMatch { entry: Arc::new(entry), ..term };
            let forms = TermForm::of(&term, &Sentence::new(german), &Letters);
            let fitting = forms.iter().filter(|form| form.fits(before, " x"));
            let fitting: Vec<String> = fitting.map(|form| Letters.text(&form.tokens).unwrap()).collect();
            assert_eq!(fitting, [expected], "{german} {before}");
        }
    }

    #[test]
    fn names_beyond_doubt_and_words_of_the_table_are_wanted_beside_the_glossary() {
        let german = "Trainer Petersen zahlte 1,3 Mrd. Euro.";
        let wanted = WantedTerms::new(german, &[], &Letters).unwrap();
        let lost = |english: &str| -> Vec<&str> {
            let terms = wanted.lost(english).into_iter().map(|term| &wanted.case.terms[term]);
            terms.map(|term| term.surface(german)).collect()
        };
        assert_eq!(lost("The coach paid 1.3 million euros."), ["Petersen", "Mrd"]);
        assert_eq!(lost("Coach Petersen paid 1.3 billion euros."), [""; 0]);
        assert_eq!(lost("Coach Peterson paid 1.3 billion euros."), [""; 0], "spelt in another way");
    }

    #[test]
    fn words_of_the_table_are_terms() {
        let source = Sentence::new("Rund 1,3 Mrd. Euro und zwei Billionen Yen.");
        let words = words(&source)
            .map(|term| (term.surface(source.text()).to_owned(), term.entry.target().to_owned()));
        let expected = [("Mrd", "billion"), ("Billionen", "trillion")];
        assert_eq!(
            words.collect::<Vec<_>>(),
            expected.map(|(german, english)| (german.to_owned(), english.to_owned()))
        );
    }

    #[test]
    fn a_term_begins_where_a_word_does() {
        assert!(is_border("The", " ferry") && is_border("", "The") && is_border("The ferry", ","));
        assert!(!is_border("The fer", "ry") && !is_border("\u{fffd}", "x"));
        assert!(is_border("The ferry", "") && !is_border("The ferry.", ""));
    }

    #[test]
    fn a_blank_and_a_capital_stand_where_the_place_asks_for_them() {
        let form = |is_spaced, is_capitalised| TermForm {
            tokens: vec![1],
            is_spaced,
            is_capitalised,
            follows_of: None,
        };
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

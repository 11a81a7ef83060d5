//! Whether the terms of a row stand where it says.

use std::collections::HashMap;
use std::ops::Range;

use super::places::BytePlaces;
use super::row::{Row, RowTerm};
use crate::english::{Rendering, Sentence, Strictness, is_pronoun};
use crate::model::EntryKind;

/// What was found of the terms of a row.
#[derive(Debug, Default)]
pub(super) struct TermsFound {
    /// How many hold and stand where they are said to.
    pub(super) proved: u64,
    /// What is said of the others.
    pub(super) wrong: Vec<String>,
    /// Those that do not hold, as the row says.
    pub(super) not_held: Vec<String>,
    /// How many hold, but it is not said where.
    pub(super) without_place: u64,
}

/// Renderings that were made ready to be looked for.
#[derive(Default)]
pub(super) struct Renderings(HashMap<(String, bool), Rendering>);

impl Renderings {
    fn of(&mut self, accepted: &str, kind: EntryKind) -> &Rendering {
        let is_name = kind != EntryKind::Term;
        self.0.entry((accepted.to_owned(), is_name)).or_insert_with(|| {
            Rendering::spelt(accepted, if is_name { Strictness::Name } else { Strictness::Term })
        })
    }
}

/// How a term stands in the English.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// One of its accepted targets stands there.
    Rendered,
    /// A pronoun stands there.
    Pronoun,
    Not,
}

/// Looks at the terms of a row.
pub(super) fn look(row: &Row<'_>, german: &str, english: &str, renderings: &mut Renderings) -> TermsFound {
    let mut found = TermsFound::default();
    if row.terms.is_empty() {
        return found;
    }
    let (mut de, mut en) = (BytePlaces::new(german), BytePlaces::new(english));
    let mut sentence = None;
    let mut standing: Vec<(&RowTerm<'_>, Range<usize>, Standing)> = Vec::new();
    for term in &row.terms {
        let surface = term.surface.as_str();
        let there = de.range(term.start..term.end).map(|place| &german[place]);
        if there != Some(surface) {
            let (start, end) = (term.start, term.end);
            found.wrong.push(format!(
                "“{surface}” is said to stand at {start}–{end} of the German, where “{}” stands",
                there.unwrap_or_default()
            ));
        } else if !term.held {
            if term.is_required() && !row.is_failed() {
                found.not_held.push(format!("“{surface}” does not stand as “{}”", of(term)));
            }
        } else if let (Some(start), Some(end)) = (term.en_start, term.en_end) {
            let place = en.range(start..end).unwrap_or_default();
            let how = stands(term, english, &place, &mut sentence, renderings);
            standing.push((term, place, how));
        } else {
            found.without_place += 1;
        }
    }
    // The second time, a pronoun may stand for it; what it stands for is said before or behind.
    let is_rendered = |term: &RowTerm<'_>| {
        let same = |other: &RowTerm<'_>| other.source.as_str() == term.source.as_str();
        standing.iter().any(|(other, _, how)| *how == Standing::Rendered && same(other))
    };
    let shared = shared(&standing);
    for (at, (term, place, how)) in standing.iter().enumerate() {
        let there = &english[place.clone()];
        let surface = term.surface.as_str();
        if *how == Standing::Not || *how == Standing::Pronoun && !is_rendered(term) {
            found
                .wrong
                .push(format!("“{surface}” is said to stand as “{}” where “{there}” stands", of(term)));
        } else if shared.contains(&at) {
            found.wrong.push(format!("“{surface}” is said to stand at “{there}”, where another term stands"));
        } else {
            found.proved += 1;
        }
    }
    found
}

/// The accepted targets of a term, for people.
fn of(term: &RowTerm<'_>) -> String {
    term.accepted().iter().map(AsRef::as_ref).collect::<Vec<&str>>().join("” or “")
}

/// How a term stands at a place of the English.
fn stands(
    term: &RowTerm<'_>,
    english: &str,
    place: &Range<usize>,
    sentence: &mut Option<Sentence>,
    renderings: &mut Renderings,
) -> Standing {
    let there = &english[place.clone()];
    if there.is_empty() {
        return Standing::Not;
    }
    // Most terms stand there letter by letter, between blanks.
    if is_bounded(english, place) && term.accepted().iter().any(|accepted| accepted.as_str() == there) {
        return Standing::Rendered;
    }
    let sentence = sentence.get_or_insert_with(|| Sentence::new(english));
    let is_rendered = term.accepted().iter().any(|accepted| {
        let rendering = renderings.of(accepted.as_str(), term.entry);
        let places = rendering.find(sentence).into_iter().chain(rendering.find_elided(sentence));
        places.into_iter().any(|found| found.span == *place && found.deviation.is_none())
    });
    if is_rendered {
        return Standing::Rendered;
    }
    let is_word = |word: &crate::english::Word| word.span == *place && is_pronoun(&word.folded);
    if sentence.words().iter().any(is_word) { Standing::Pronoun } else { Standing::Not }
}

/// Whether what stands at a place begins and ends with a letter or digit, and none stands beside it. What is not plain is left
/// to whoever knows words.
fn is_bounded(text: &str, place: &Range<usize>) -> bool {
    let plain = |c: char| c.is_ascii() && !c.is_ascii_alphanumeric() || matches!(c, '\u{2010}'..='\u{201e}');
    let own = &text[place.clone()];
    text[..place.start].chars().next_back().is_none_or(plain)
        && text[place.end..].chars().next().is_none_or(plain)
        && own.starts_with(char::is_alphanumeric)
        && own.ends_with(char::is_alphanumeric)
}

/// The required terms that stand where another one begins before them and has not ended.
fn shared(standing: &[(&RowTerm<'_>, Range<usize>, Standing)]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..standing.len()).filter(|at| standing[*at].0.is_required()).collect();
    order.sort_by_key(|at| standing[*at].1.start);
    let pairs = order.windows(2).filter(|pair| standing[pair[1]].1.start < standing[pair[0]].1.end);
    pairs.map(|pair| pair[1]).collect()
}

//! Single German words that were left standing in the English.

use std::ops::Range;
use std::sync::LazyLock;

use foldhash::HashSet;

use super::overlap::overlap;
use super::pair::Pair;
use crate::english::{Sentence, Word};
use crate::model::{Finding, FindingKind, Severity};
use crate::tables::{Kinds, TableError, must};

/// The tables of `data/left_german.tsv`.
struct LeftTables {
    adjective: Vec<&'static str>,
    verb: Vec<&'static str>,
    noun: Vec<&'static str>,
    determiner: HashSet<&'static str>,
    english: HashSet<&'static str>,
    lent: HashSet<&'static str>,
    lent_ending: Vec<&'static str>,
    english_determiner: HashSet<&'static str>,
}

static TABLES: LazyLock<LeftTables> = LazyLock::new(|| must(LeftTables::read()));

impl LeftTables {
    fn read() -> Result<Self, TableError> {
        let kinds = [
            "adjective",
            "verb",
            "noun",
            "determiner",
            "english",
            "lent",
            "lent_ending",
            "english_determiner",
        ];
        let table = Kinds::read("check/data/left_german.tsv", include_str!("data/left_german.tsv"), &kinds)?;
        Ok(Self {
            adjective: table.values("adjective")?,
            verb: table.values("verb")?,
            noun: table.values("noun")?,
            determiner: table.values("determiner")?,
            english: table.values("english")?,
            lent: table.values("lent")?,
            lent_ending: table.values("lent_ending")?,
            english_determiner: table.values("english_determiner")?,
        })
    }
}

/// Reports words of the German that stand in the English as they are and are neither names nor English.
///
/// Small words are known by their endings. A noun looks like a name: it is reported where it is of a kind that no name is
/// of, or where both languages have an article before it and it has a German shape. Titles in quotation marks stay.
pub(super) fn findings(pair: Pair<'_>) -> Vec<Finding> {
    let (source, target) = (pair.source, pair.target);
    let own: HashSet<&str> = source.words().iter().map(|word| source.surface(word)).collect();
    let in_term = |span: &Range<usize>| {
        pair.outcomes.iter().any(|o| o.held.as_ref().is_some_and(|held| overlap(held, span)))
    };
    let quoted = quotations(target.text());
    let is_left = |(at, word): &(usize, &Word)| {
        own.contains(target.surface(word))
            && !in_term(&word.span)
            && is_german_word(pair, *at, word)
            && !quoted.iter().any(|place| overlap(place, &word.span) && is_title(source, target, place))
    };
    let left = target.words().iter().enumerate().filter(is_left);
    let finding = |(_, word): (usize, &Word)| {
        let message = format!("“{}” is left in German", target.surface(word));
        let at = source.words().iter().find(|own| source.surface(own) == target.surface(word));
        let finding = Finding::new(FindingKind::LeftGerman, Severity::Warning, message);
        Finding { source: at.map(|word| word.span.clone()), target: Some(word.span.clone()), ..finding }
    };
    left.map(finding).collect()
}

/// What stands between quotation marks.
fn quotations(text: &str) -> Vec<Range<usize>> {
    let marks: Vec<usize> = text
        .char_indices()
        .filter(|(_, c)| matches!(c, '"' | '„' | '“' | '”' | '«' | '»'))
        .map(|(at, _)| at)
        .collect();
    marks.chunks_exact(2).map(|pair| pair[0]..pair[1]).collect()
}

/// Whether a quotation of several words stands in the German as it is: a title that nobody translates.
fn is_title(source: &Sentence, target: &Sentence, place: &Range<usize>) -> bool {
    let inner = target.text()[place.clone()].trim_matches(|c: char| !c.is_alphanumeric());
    inner.contains(' ') && source.text().contains(inner)
}

/// Whether a word that both texts have is a German one.
fn is_german_word(pair: Pair<'_>, at: usize, word: &Word) -> bool {
    /// Shorter words are of both languages too often.
    const SHORTEST: usize = 5;
    let (folded, surface) = (word.folded.as_str(), pair.target.surface(word));
    if folded.chars().count() < SHORTEST
        || TABLES.english.contains(folded)
        || surface.chars().any(|c| c.is_ascii_digit())
        || surface.chars().skip(1).any(char::is_uppercase)
    {
        return false;
    }
    if surface.starts_with(char::is_lowercase) {
        let ends = |endings: &[&str]| endings.iter().any(|ending| folded.ends_with(ending));
        return folded.contains(['ä', 'ö', 'ü', 'ß']) || ends(&TABLES.adjective) || ends(&TABLES.verb);
    }
    is_german_noun(pair, at, folded)
}

/// Whether a word with a capital is a German noun rather than a name.
fn is_german_noun(pair: Pair<'_>, at: usize, folded: &str) -> bool {
    if TABLES.lent.contains(folded) || TABLES.lent_ending.iter().any(|ending| folded.ends_with(ending)) {
        return false;
    }
    let (source, target) = (pair.source, pair.target);
    let Some(place) = source.words().iter().position(|word| word.folded == folded) else { return false };
    // Beside another word with a capital or behind a hyphen it may be a piece of a name.
    let is_capital = |sentence: &Sentence, at: Option<usize>| {
        let word = at.and_then(|at| sentence.words().get(at));
        word.is_some_and(|word| sentence.surface(word).starts_with(char::is_uppercase))
    };
    let has_determiner = |sentence: &Sentence, at: usize, words: &HashSet<&'static str>| {
        let before = at.checked_sub(1).and_then(|at| sentence.words().get(at));
        before.is_some_and(|word| words.contains(word.folded.as_str()))
    };
    let is_beside = is_capital(source, place.checked_sub(1)) && place > 1
        || is_capital(target, at.checked_sub(1)) && at > 1
        || is_capital(target, Some(at + 1));
    let has_shape =
        TABLES.noun.iter().any(|ending| folded.ends_with(ending) && folded.len() > ending.len() + 1);
    let stands_as_noun = has_determiner(source, place, &TABLES.determiner)
        && has_determiner(target, at, &TABLES.english_determiner);
    has_shape
        && !is_beside
        && (stands_as_noun || target.surface(&target.words()[at]).starts_with(char::is_lowercase))
}

#[cfg(test)]
mod tests {
    use super::super::testing::looked;
    use super::*;

    fn left(source: &str, target: &str) -> Vec<String> {
        looked(source, target, &[], findings).into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn the_tables_can_be_read() {
        assert_eq!(LeftTables::read().err(), None);
    }

    #[test]
    fn german_words_in_the_english_are_found() {
        for (source, target, word) in [
            ("Der Bauleiter schwieg.", "The Bauleiter said nothing.", "Bauleiter"),
            ("Die „mutigen“ Matrosen kamen.", "The 'mutigen' sailors came.", "mutigen"),
            ("Im US-amerikanischen Hafen", "In the US-amerikanischen port", "amerikanischen"),
            ("Die Fähre läuft später aus.", "The ferry will leave später.", "später"),
        ] {
            assert_eq!(left(source, target), [format!("“{word}” is left in German")], "{target}");
        }
    }

    #[test]
    fn names_and_words_of_both_languages_stay() {
        for (source, target) in [
            ("Der Bundestag berät.", "The Bundestag is in session."),
            ("Petersen kam aus Bremen.", "Petersen came from Bremen."),
            ("Ein moderner Hafen", "A modern port"),
            ("Er las „Die Fischer von Moorhövd“.", "He read “Die Fischer von Moorhövd”."),
            ("Das ist normal und international.", "That is normal and international."),
            ("Die Hamburger Sparkasse zahlt.", "The Hamburger Sparkasse is paying."),
        ] {
            assert_eq!(left(source, target), Vec::<String>::new(), "{target}");
        }
    }
}

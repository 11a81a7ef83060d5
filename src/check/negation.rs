//! Whether what the German denies is denied in the English.

use std::sync::LazyLock;

use foldhash::HashSet;

use super::pair::Pair;
use crate::english::Word;
use crate::model::{Finding, FindingKind, Severity};
use crate::tables::{Kinds, TableError, must};

/// The tables of `data/negation.tsv`.
struct NegationTables {
    german: HashSet<&'static str>,
    /// Beginnings of German words that deny.
    german_beginnings: Vec<&'static str>,
    /// German words that may be why the English denies something.
    also: HashSet<&'static str>,
    /// Words of which a German negation is a part that denies nothing: `nicht nur`.
    idioms: Vec<Vec<&'static str>>,
    english: HashSet<&'static str>,
    /// Beginnings of English words that deny: `un` of `unable`.
    beginnings: Vec<&'static str>,
    endings: Vec<&'static str>,
    /// English words that deny where the German says it otherwise.
    strong: HashSet<&'static str>,
}

static TABLES: LazyLock<NegationTables> = LazyLock::new(|| must(NegationTables::read()));

impl NegationTables {
    fn read() -> Result<Self, TableError> {
        let kinds = ["de", "de_beginning", "de_also", "idiom", "en", "en_beginning", "en_ending", "strong"];
        let table = Kinds::read("check/data/negation.tsv", include_str!("data/negation.tsv"), &kinds)?;
        let idioms: Vec<&'static str> = table.values("idiom")?;
        Ok(Self {
            german: table.values("de")?,
            german_beginnings: table.values("de_beginning")?,
            also: table.values("de_also")?,
            idioms: idioms.into_iter().map(|idiom| idiom.split(' ').collect()).collect(),
            english: table.values("en")?,
            beginnings: table.values("en_beginning")?,
            endings: table.values("en_ending")?,
            strong: table.values("strong")?,
        })
    }
}

/// Reports a negation that was lost, and one that only the English has.
pub(super) fn findings(pair: Pair<'_>) -> Vec<Finding> {
    let (german, english) = (pair.source.words(), pair.target.words());
    let denies = german
        .iter()
        .enumerate()
        .find(|(at, word)| TABLES.german.contains(word.folded.as_str()) && !is_idiom(german, *at));
    let say = |message: String| Finding::new(FindingKind::Negation, Severity::Warning, message);
    if let Some((_, word)) = denies {
        let is_denied = english.iter().any(|word| is_english(&word.folded));
        let message = format!("“{}” of the German is not in the English", pair.source.surface(word));
        let finding = Finding { source: Some(word.span.clone()), ..say(message) };
        return if is_denied { Vec::new() } else { vec![finding] };
    }
    let added = english.iter().enumerate().find(|(at, word)| is_strong(english, *at, word));
    let is_denied = || german.iter().any(|word| is_german(&word.folded));
    match added {
        Some((_, word)) if !is_denied() => {
            let message = format!("“{}” is not in the German", pair.target.surface(word));
            vec![Finding { target: Some(word.span.clone()), ..say(message) }]
        }
        _ => Vec::new(),
    }
}

/// Whether the word at a place is a part of words that deny nothing.
fn is_idiom(words: &[Word], at: usize) -> bool {
    TABLES.idioms.iter().any(|idiom| {
        (0..idiom.len()).any(|before| {
            let Some(start) = at.checked_sub(before) else { return false };
            let here = words.get(start..start + idiom.len());
            here.is_some_and(|here| here.iter().zip(idiom).all(|(word, part)| word.folded == *part))
        })
    })
}

/// Whether a German word may be why the English denies something.
fn is_german(folded: &str) -> bool {
    TABLES.german.contains(folded)
        || TABLES.german_beginnings.iter().any(|beginning| folded.starts_with(beginning))
        || TABLES.also.contains(folded)
        || ["los", "lose", "losen", "loser", "loses", "frei", "freie", "freien", "freies"]
            .iter()
            .any(|end| folded.ends_with(end))
}

fn is_english(folded: &str) -> bool {
    TABLES.english.contains(folded)
        || TABLES.strong.contains(folded)
        || folded.len() > 4 && TABLES.beginnings.iter().any(|beginning| folded.starts_with(beginning))
        || TABLES.endings.iter().any(|ending| folded.ends_with(ending))
}

/// Whether an English word denies whatever stands around it: `not`, the t of `didn't`.
fn is_strong(words: &[Word], at: usize, word: &Word) -> bool {
    let folded = word.folded.as_str();
    let follows = |next: &str| words.get(at + 1).is_some_and(|word| word.folded == next);
    if folded == "t" {
        return at > 0 && words[at - 1].folded.ends_with('n') && words[at - 1].span.end + 4 > word.span.start;
    }
    // No. 1
    let is_numbered = folded == "no"
        && words.get(at + 1).is_some_and(|word| word.folded.starts_with(|c: char| c.is_ascii_digit()));
    TABLES.strong.contains(folded)
        && !is_numbered
        && !follows("only")
        && !follows("least")
        && !follows("just")
}

#[cfg(test)]
mod tests {
    use super::super::testing::looked;
    use super::*;

    fn says(source: &str, target: &str) -> bool {
        !looked(source, target, &[], findings).is_empty()
    }

    #[test]
    fn the_tables_can_be_read() {
        assert_eq!(NegationTables::read().err(), None);
    }

    #[test]
    fn negations_are_missed_in_both_directions() {
        for (source, target) in [
            ("Der Hafen ist nicht voll.", "The port is full."),
            ("Es gibt keine Schiffe.", "There are ships."),
            ("Der Hafen ist voll.", "The port is not full."),
            ("Der Hafen ist voll.", "The port isn’t full."),
        ] {
            assert!(says(source, target), "{target}");
        }
    }

    #[test]
    fn there_are_many_ways_to_deny() {
        for (source, target) in [
            ("Der Hafen ist nicht leer.", "The port isn't empty."),
            ("Er kann nicht kommen.", "He is unable to come."),
            ("Er kam nicht.", "He failed to come."),
            ("Nicht nur der Hafen ist leer.", "The port is empty, and more."),
            ("Ohne Schiffe ist er leer.", "It is not full."),
            ("Der Hafen ist unbeliebt.", "The port is not popular."),
        ] {
            assert!(!says(source, target), "{target}");
        }
    }
}

//! The word lists of the segmenter, read once from the data files.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::tables::{TableError, lines, must, words};

/// How an abbreviation behaves at the end of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Abbreviation {
    /// Something always follows: `Dr.`, `Nr.`, `z. B.`.
    NeverFinal,
    /// It ends a sentence if a sentence opener follows: `Mio.`, `v. Chr.`.
    MayBeFinal,
    /// It ends a sentence if any capital follows: `usw.`.
    UsuallyFinal,
    /// It is an abbreviation only before a number: `Art. 5`.
    BeforeNumbers,
    /// It looks like an abbreviation but is not: `Lkw`.
    Word,
}

/// Everything the rules look words up in.
pub(in crate::text) struct Lists {
    abbreviations: HashMap<&'static str, Abbreviation>,
    months: HashSet<&'static str>,
    ordinal_nouns: HashSet<&'static str>,
    /// Ordinal nouns whose compounds count too.
    ordinal_heads: Vec<&'static str>,
    determiners: HashSet<&'static str>,
    starters: HashSet<&'static str>,
    labels: HashSet<&'static str>,
    names_with_mark: HashSet<&'static str>,
    small_names: HashSet<&'static str>,
    note_labels: HashSet<&'static str>,
    note_remarks: HashSet<&'static str>,
    pieces: HashSet<&'static str>,
    phrase_openers: HashSet<&'static str>,
}

/// The lists, read on first use.
pub(in crate::text) static LISTS: LazyLock<Lists> = LazyLock::new(|| Lists {
    abbreviations: must(abbreviations(include_str!("../data/abbreviations.txt"))),
    months: words(include_str!("../data/months.txt")).collect(),
    ordinal_nouns: words(include_str!("../data/ordinal-nouns.txt")).collect(),
    ordinal_heads: words(include_str!("../data/ordinal-nouns.txt"))
        .filter_map(|word| word.strip_prefix('-'))
        .collect(),
    determiners: words(include_str!("../data/determiners.txt")).collect(),
    starters: words(include_str!("../data/starters.txt")).collect(),
    labels: words(include_str!("../data/labels.txt")).collect(),
    names_with_mark: words(include_str!("../data/names-with-mark.txt")).collect(),
    small_names: words(include_str!("../data/small-names.txt")).collect(),
    note_labels: words(include_str!("../data/note-labels.txt")).collect(),
    note_remarks: lines(include_str!("../data/note-remarks.txt")).map(|(_, remark)| remark).collect(),
    pieces: words(include_str!("../data/abbreviation-pieces.txt")).collect(),
    phrase_openers: words(include_str!("../data/phrase-openers.txt")).collect(),
});

impl Lists {
    /// The class of an abbreviation, given without its last stop.
    pub(super) fn abbreviation(&self, word: &str) -> Option<Abbreviation> {
        self.abbreviations.get(word).copied()
    }

    /// Whether the word names a month.
    pub(in crate::text) fn is_month(&self, word: &str) -> bool {
        self.months.contains(word)
    }

    /// Whether the word is, or is a compound of, a noun that ordinals count.
    pub(in crate::text) fn is_ordinal_noun(&self, word: &str) -> bool {
        let word = word.to_lowercase();
        self.ordinal_nouns.contains(word.as_str())
            || self.ordinal_heads.iter().any(|head| word.ends_with(head))
    }

    /// Whether an ordinal number commonly stands after the word.
    pub(super) fn is_determiner(&self, word: &str) -> bool {
        self.determiners.contains(word) || self.determiners.contains(word.to_lowercase().as_str())
    }

    /// Whether the capitalised word typically opens a sentence.
    pub(in crate::text) fn is_starter(&self, word: &str) -> bool {
        self.starters.contains(word)
    }

    /// Whether the word names what a single letter counts.
    pub(super) fn is_label(&self, word: &str) -> bool {
        self.labels.contains(word)
    }

    /// Whether the word is a name that is written with a small letter even at the beginning of a sentence.
    pub(super) fn is_small_name(&self, word: &str) -> bool {
        self.small_names.contains(word)
    }

    /// Whether the word stands before the number in a footnote mark: `Anm.`, `note`.
    pub(super) fn is_note_label(&self, word: &str) -> bool {
        self.note_labels.contains(word)
    }

    /// Whether an editor's remark stands in the place of a footnote mark: `Belege fehlen`.
    pub(super) fn is_note_remark(&self, words: &str) -> bool {
        self.note_remarks.contains(words)
    }

    /// Whether composed abbreviations are made of the letters: `Gen`, `Lt`.
    pub(super) fn is_piece(&self, letters: &str) -> bool {
        self.pieces.contains(letters)
    }

    /// Whether a phrase goes on after the word: it is an article, a preposition or a conjunction that ends no line of its own.
    pub(in crate::text) fn opens_phrase(&self, word: &str) -> bool {
        self.phrase_openers.contains(word)
    }

    /// Whether the word is a name that is written with an exclamation mark.
    pub(super) fn has_own_mark(&self, word: &str) -> bool {
        self.names_with_mark.contains(word)
    }
}

/// Words with their class, which a line in square brackets gives to those behind it.
fn abbreviations(data: &'static str) -> Result<HashMap<&'static str, Abbreviation>, TableError> {
    let mut class = None;
    let mut found = HashMap::new();
    for (line, text) in lines(data) {
        let error = |message| TableError { file: "text/data/abbreviations.txt", line: Some(line), message };
        class = Some(match text.trim() {
            "[never-final]" => Abbreviation::NeverFinal,
            "[may-be-final]" => Abbreviation::MayBeFinal,
            "[usually-final]" => Abbreviation::UsuallyFinal,
            "[before-numbers]" => Abbreviation::BeforeNumbers,
            "[words]" => Abbreviation::Word,
            head if head.starts_with('[') => return Err(error(format!("there is no class {head}"))),
            list => {
                let class = class.ok_or_else(|| error("words before the first class".to_owned()))?;
                for word in list.split_whitespace() {
                    if found.insert(word, class).is_some() {
                        return Err(error(format!("{word} is listed twice")));
                    }
                }
                class
            }
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_abbreviation_has_one_class() {
        assert_eq!(abbreviations(include_str!("../data/abbreviations.txt")).err(), None);
        for broken in ["Dr\n[words]\nLkw", "[word]\nLkw", "[words]\nLkw\n[never-final]\nLkw"] {
            assert!(abbreviations(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn compounds_count_as_ordinal_nouns() {
        assert!(LISTS.is_ordinal_noun("Spielminute"));
        assert!(LISTS.is_ordinal_noun("Tor"));
        assert!(!LISTS.is_ordinal_noun("Direktor"));
    }
}

//! The word lists of the segmenter, read once from the data files.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

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
    /// It looks like an abbreviation and is none: `Lkw`.
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
}

/// The lists, read on first use.
pub(in crate::text) static LISTS: LazyLock<Lists> = LazyLock::new(|| Lists {
    abbreviations: abbreviations(include_str!("../data/abbreviations.txt")),
    months: words(include_str!("../data/months.txt")).collect(),
    ordinal_nouns: words(include_str!("../data/ordinal-nouns.txt")).collect(),
    ordinal_heads: words(include_str!("../data/ordinal-nouns.txt"))
        .filter_map(|word| word.strip_prefix('-'))
        .collect(),
    determiners: words(include_str!("../data/determiners.txt")).collect(),
    starters: words(include_str!("../data/starters.txt")).collect(),
    labels: words(include_str!("../data/labels.txt")).collect(),
    names_with_mark: words(include_str!("../data/names-with-mark.txt")).collect(),
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

    /// Whether the word is a name that is written with an exclamation mark.
    pub(super) fn has_own_mark(&self, word: &str) -> bool {
        self.names_with_mark.contains(word)
    }
}

/// The lines of a data file without comments.
fn lines(data: &'static str) -> impl Iterator<Item = &'static str> {
    data.lines().map(|line| line.split('#').next().unwrap_or_default().trim())
}

/// The words of a data file.
fn words(data: &'static str) -> impl Iterator<Item = &'static str> {
    lines(data).flat_map(str::split_whitespace)
}

fn abbreviations(data: &'static str) -> HashMap<&'static str, Abbreviation> {
    let mut class = Abbreviation::MayBeFinal;
    let mut found = HashMap::new();
    for line in lines(data) {
        match line {
            "[never-final]" => class = Abbreviation::NeverFinal,
            "[may-be-final]" => class = Abbreviation::MayBeFinal,
            "[usually-final]" => class = Abbreviation::UsuallyFinal,
            "[before-numbers]" => class = Abbreviation::BeforeNumbers,
            "[words]" => class = Abbreviation::Word,
            _ => found.extend(line.split_whitespace().map(|word| (word, class))),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_abbreviation_has_two_classes() {
        let data = include_str!("../data/abbreviations.txt");
        let all = words(data).filter(|word| !word.starts_with('['));
        let mut seen = HashSet::new();
        let twice: Vec<_> = all.filter(|word| !seen.insert(*word)).collect();
        assert!(twice.is_empty(), "listed twice: {twice:?}");
    }

    #[test]
    fn compounds_count_as_ordinal_nouns() {
        assert!(LISTS.is_ordinal_noun("Spielminute"));
        assert!(LISTS.is_ordinal_noun("Tor"));
        assert!(!LISTS.is_ordinal_noun("Direktor"));
    }
}

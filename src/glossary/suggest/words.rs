//! The words of `data/suggest.tsv`.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// A class of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Nouns of any text.
    Noun,
    /// What stands before the name of a person.
    Title,
    /// What stands before a noun and hardly before a name.
    Before,
    /// What may stand inside a name.
    Inside,
    /// What stands right before the name of a place.
    Place,
    /// Endings of ordinary nouns.
    Suffix,
    /// Endings that German nouns hardly have.
    Foreign,
    /// What no rendering begins or ends with.
    English,
}

static WORDS: LazyLock<HashMap<&'static str, HashSet<&'static str>>> = LazyLock::new(|| {
    let rows = include_str!("../data/suggest.tsv").lines().filter(|row| !row.starts_with('#'));
    rows.filter_map(|row| row.split_once('\t'))
        .map(|(class, words)| (class, words.split('|').collect()))
        .collect()
});

fn words(class: Class) -> Option<&'static HashSet<&'static str>> {
    let words: &'static HashMap<_, _> = &WORDS;
    words.get(match class {
        Class::Noun => "noun",
        Class::Title => "title",
        Class::Before => "before",
        Class::Inside => "inside",
        Class::Place => "place",
        Class::Suffix => "suffix",
        Class::Foreign => "foreign",
        Class::English => "english",
    })
}

/// Whether a word is of a class.
pub(super) fn is(class: Class, word: &str) -> bool {
    words(class).is_some_and(|words| words.contains(word))
}

/// Whether a word ends as a class says, with something before it.
pub(super) fn ends(class: Class, word: &str) -> bool {
    let mut starts = word.char_indices().map(|(at, _)| at).skip(2);
    starts.any(|at| is(class, &word[at..]))
}

/// Whether a word stands before the name of a person: a title, or a compound of one (`US-Präsident`).
pub(super) fn is_title(word: &str) -> bool {
    /// Shorter titles end too many other words (`Chef`, but `Major` and `König` only by themselves).
    const SHORTEST: usize = 6;
    let last = word.rsplit('-').next().unwrap_or(word);
    let is_compound = |title: &str| title.len() >= SHORTEST && last.ends_with(&title.to_lowercase());
    is(Class::Title, last) || words(Class::Title).is_some_and(|titles| titles.iter().any(|t| is_compound(t)))
}

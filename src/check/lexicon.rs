//! The words and endings of `data/english.tsv`.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// The tables of `data/english.tsv`.
pub(super) struct Forms {
    pub(super) plurals: HashMap<&'static str, Vec<&'static str>>,
    pub(super) postmodifiers: Vec<&'static str>,
    /// Beginnings of words, and whether `an` stands before them.
    pub(super) articles: Vec<(&'static str, bool)>,
    pub(super) letters: &'static str,
    pub(super) spoken: Vec<&'static str>,
    pub(super) function: HashSet<&'static str>,
    pub(super) derived: Vec<&'static str>,
    pub(super) mass: Vec<&'static str>,
    pub(super) edge: HashSet<&'static str>,
    pub(super) be: HashSet<&'static str>,
    pub(super) singular: HashSet<&'static str>,
    pub(super) german: HashSet<&'static str>,
    pub(super) genitive: HashSet<&'static str>,
    pub(super) adjective: Vec<&'static str>,
    pub(super) state: Vec<(&'static str, &'static str)>,
    pub(super) spelling: Vec<(&'static str, &'static str)>,
}

pub(super) static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    let rows = || {
        let lines = include_str!("data/english.tsv").lines().filter(|l| !l.starts_with('#'));
        lines.filter_map(|l| l.split_once('\t'))
    };
    let of = |kind: &'static str| rows().filter(move |(k, _)| *k == kind).map(|(_, value)| value);
    let list = |kind| of(kind).flat_map(|v| v.split(' '));
    let plurals = of("plural").filter_map(|v| v.split_once('\t'));
    Forms {
        plurals: plurals.map(|(one, many)| (one, many.split('|').collect())).collect(),
        postmodifiers: of("postmodifier").collect(),
        articles: of("an").map(|v| (v, true)).chain(of("a").map(|v| (v, false))).collect(),
        letters: of("letters").next().unwrap_or_default(),
        spoken: of("spoken").collect(),
        function: list("function").collect(),
        derived: list("derived").collect(),
        mass: list("mass").collect(),
        edge: list("edge").collect(),
        be: list("be").collect(),
        singular: list("singular").collect(),
        german: list("german").collect(),
        genitive: list("genitive").collect(),
        adjective: list("adjective").collect(),
        state: of("state").filter_map(|v| v.split_once('\t')).collect(),
        spelling: of("spelling").filter_map(|v| v.split_once('\t')).collect(),
    }
});

/// Whether a folded word is one of those that stand before and between nouns and are no part of a term at its ends.
pub(super) fn is_function_word(folded: &str) -> bool {
    FORMS.function.contains(folded)
}

/// Whether a folded word may stand directly beside a noun phrase without belonging to it.
pub(super) fn is_edge(folded: &str) -> bool {
    FORMS.edge.contains(folded)
}

/// Whether a folded German word is none of a name's.
pub(super) fn is_german_function_word(folded: &str) -> bool {
    FORMS.german.contains(folded)
}

/// The English preposition for a folded German one that makes a state of a noun.
pub(super) fn preposition_of_state(folded: &str) -> Option<&'static str> {
    FORMS.state.iter().find(|(german, _)| *german == folded).map(|(_, english)| *english)
}

/// A folded word in a spelling that is neither British nor American.
pub(super) fn neutral(folded: &str) -> String {
    FORMS.spelling.iter().fold(folded.to_owned(), |word, (from, to)| word.replace(from, to))
}

/// Whether a folded word is a form of `to be`.
pub(super) fn is_be(folded: &str) -> bool {
    FORMS.be.contains(folded)
}

/// Whether a folded word is a verb that goes with a singular.
pub(super) fn is_singular_verb(folded: &str) -> bool {
    FORMS.singular.contains(folded)
}

/// Whether a folded German word opens a genitive behind a noun.
pub(super) fn is_german_genitive(folded: &str) -> bool {
    FORMS.genitive.contains(folded)
}

/// Whether a German word may be an adjective before a noun, by its ending.
pub(super) fn is_german_adjective(word: &str) -> bool {
    /// Shorter words are articles.
    const SHORTEST: usize = 5;
    word.chars().count() >= SHORTEST && FORMS.adjective.iter().any(|end| word.ends_with(end))
}

//! The words and endings of `data/english.tsv`.

use std::sync::LazyLock;

use foldhash::{HashMap, HashSet};

use crate::tables::{Kinds, TableError, must, values};

/// The tables of `data/english.tsv`.
pub(crate) struct Forms {
    pub(crate) plurals: HashMap<&'static str, Vec<&'static str>>,
    /// Endings of compounds, and those of their plurals.
    pub(crate) compounds: Vec<(&'static str, &'static str)>,
    /// Words that end as such a compound does and are none.
    pub(crate) whole: HashSet<&'static str>,
    pub(crate) uncountable: HashSet<&'static str>,
    pub(crate) postmodifiers: Vec<&'static str>,
    /// Beginnings of words, and whether `an` stands before them.
    pub(crate) articles: Vec<(&'static str, bool)>,
    pub(crate) letters: Vec<&'static str>,
    pub(crate) spoken: Vec<&'static str>,
    pub(crate) function: HashSet<&'static str>,
    pub(crate) derived: Vec<&'static str>,
    pub(crate) mass: Vec<&'static str>,
    pub(crate) edge: HashSet<&'static str>,
    pub(crate) be: HashSet<&'static str>,
    pub(crate) singular: HashSet<&'static str>,
    pub(crate) german: HashSet<&'static str>,
    pub(crate) genitive: HashSet<&'static str>,
    pub(crate) adjective: Vec<&'static str>,
    pub(crate) state: Vec<(&'static str, &'static str)>,
    pub(crate) spelling: Vec<(&'static str, &'static str)>,
    determiner: HashSet<&'static str>,
    single: HashSet<&'static str>,
    many: HashSet<&'static str>,
    title: HashSet<&'static str>,
    pronoun: HashSet<&'static str>,
    german_pronoun: HashSet<&'static str>,
    many_german: HashSet<&'static str>,
}

pub(crate) static FORMS: LazyLock<Forms> = LazyLock::new(|| must(Forms::read()));

/// The kinds of rows in `data/english.tsv`.
const KINDS: [&str; 27] = [
    "plural",
    "compound",
    "whole",
    "uncountable",
    "postmodifier",
    "an",
    "a",
    "letters",
    "spoken",
    "function",
    "derived",
    "mass",
    "edge",
    "be",
    "singular",
    "german",
    "genitive",
    "adjective",
    "state",
    "spelling",
    "determiner",
    "single",
    "many",
    "title",
    "pronoun",
    "german_pronoun",
    "many_german",
];

impl Forms {
    fn read() -> Result<Self, TableError> {
        let table = Kinds::read("english/data/english.tsv", include_str!("data/english.tsv"), &KINDS)?;
        let pairs = |kind| {
            let rows = table.rows::<2>(kind)?.into_iter();
            Ok(rows.map(|row| (row.cells[0], row.cells[1])).collect::<Vec<_>>())
        };
        let starts = |kind, an| {
            let starts = table.values::<Vec<_>>(kind)?.into_iter();
            Ok(starts.map(move |start| (start, an)))
        };
        let plurals = pairs("plural")?.into_iter();
        Ok(Self {
            plurals: plurals.map(|(one, many)| (one, values(many).collect())).collect(),
            compounds: pairs("compound")?,
            whole: table.values("whole")?,
            uncountable: table.values("uncountable")?,
            postmodifiers: table.values("postmodifier")?,
            articles: starts("an", true)?.chain(starts("a", false)?).collect(),
            letters: table.values("letters")?,
            spoken: table.values("spoken")?,
            function: table.values("function")?,
            derived: table.values("derived")?,
            mass: table.values("mass")?,
            edge: table.values("edge")?,
            be: table.values("be")?,
            singular: table.values("singular")?,
            german: table.values("german")?,
            genitive: table.values("genitive")?,
            adjective: table.values("adjective")?,
            state: pairs("state")?,
            spelling: pairs("spelling")?,
            determiner: table.values("determiner")?,
            single: table.values("single")?,
            many: table.values("many")?,
            title: table.values("title")?,
            pronoun: table.values("pronoun")?,
            german_pronoun: table.values("german_pronoun")?,
            many_german: table.values("many_german")?,
        })
    }
}

/// Whether a folded word is one of those that stand before and between nouns and are no part of a term at its ends.
pub(crate) fn is_function_word(folded: &str) -> bool {
    FORMS.function.contains(folded)
}

/// Whether a folded word may stand directly beside a noun phrase without belonging to it.
pub(crate) fn is_edge(folded: &str) -> bool {
    FORMS.edge.contains(folded)
}

/// Whether a folded German word is none of a name's.
pub(crate) fn is_german_function_word(folded: &str) -> bool {
    FORMS.german.contains(folded)
}

/// The English preposition for a folded German one that makes a state of a noun.
pub(crate) fn preposition_of_state(folded: &str) -> Option<&'static str> {
    FORMS.state.iter().find(|(german, _)| *german == folded).map(|(_, english)| *english)
}

/// A folded word in a spelling that is neither British nor American.
pub(crate) fn neutral(folded: &str) -> String {
    FORMS.spelling.iter().fold(folded.to_owned(), |word, (from, to)| word.replace(from, to))
}

/// Whether a folded word is a form of `to be`.
pub(crate) fn is_be(folded: &str) -> bool {
    FORMS.be.contains(folded)
}

/// Whether a folded word is a verb that goes with a singular.
pub(crate) fn is_singular_verb(folded: &str) -> bool {
    FORMS.singular.contains(folded)
}

/// Whether a folded word is an article or the like, which stands before a noun and is followed by no other one.
pub(crate) fn is_determiner(folded: &str) -> bool {
    FORMS.determiner.contains(folded)
}

/// Whether no plural stands directly behind a folded word: `a`, `each`.
pub(crate) fn asks_for_singular(folded: &str) -> bool {
    FORMS.single.contains(folded)
}

/// Whether a folded word is a verb that goes with a plural.
pub(crate) fn is_plural_verb(folded: &str) -> bool {
    FORMS.many.contains(folded)
}

/// Whether a word, as it is spelt, is a title that is written with a full stop.
pub(super) fn is_title(word: &str) -> bool {
    FORMS.title.contains(word)
}

/// Whether a folded word stands for somebody or something that was named before.
pub(crate) fn is_pronoun(folded: &str) -> bool {
    FORMS.pronoun.contains(folded)
}

/// Whether a folded German word is one that an English pronoun may render.
pub(crate) fn is_german_pronoun(folded: &str) -> bool {
    FORMS.german_pronoun.contains(folded)
}

/// Whether a name with an s behind a folded German word is a plural and no genitive.
pub(crate) fn precedes_german_plural(folded: &str) -> bool {
    FORMS.many_german.contains(folded)
}

/// Whether a folded German word opens a genitive behind a noun.
pub(crate) fn is_german_genitive(folded: &str) -> bool {
    FORMS.genitive.contains(folded)
}

/// Whether a German word may be an adjective before a noun, by its ending.
pub(crate) fn is_german_adjective(word: &str) -> bool {
    /// Shorter words are articles.
    const SHORTEST: usize = 5;
    word.chars().count() >= SHORTEST && FORMS.adjective.iter().any(|end| word.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_can_be_read() {
        assert_eq!(Forms::read().err(), None);
    }
}

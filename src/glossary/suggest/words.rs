//! The words of `data/suggest.tsv`.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use strum::VariantArray as _;

use crate::tables::{Kinds, TableError, must};

/// The words of each class.
struct Classes {
    classes: HashMap<SuggestClass, HashSet<&'static str>>,
}

/// A class of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "lowercase")]
pub(super) enum SuggestClass {
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

static WORDS: LazyLock<Classes> = LazyLock::new(|| must(Classes::read()));

impl Classes {
    fn read() -> Result<Self, TableError> {
        let kinds: Vec<&'static str> = SuggestClass::VARIANTS.iter().map(Into::into).collect();
        let table = Kinds::read("glossary/data/suggest.tsv", include_str!("../data/suggest.tsv"), &kinds)?;
        let classes = SuggestClass::VARIANTS.iter().map(|class| Ok((*class, table.values(class.into())?)));
        Ok(Self { classes: classes.collect::<Result<_, _>>()? })
    }
}

fn words(class: SuggestClass) -> Option<&'static HashSet<&'static str>> {
    let words: &'static Classes = &WORDS;
    words.classes.get(&class)
}

/// Whether a word is of a class.
pub(super) fn is(class: SuggestClass, word: &str) -> bool {
    words(class).is_some_and(|words| words.contains(word))
}

/// Whether a word ends as a class says, with something before it.
pub(super) fn ends(class: SuggestClass, word: &str) -> bool {
    let mut starts = word.char_indices().map(|(at, _)| at).skip(2);
    starts.any(|at| is(class, &word[at..]))
}

/// Whether a word stands before the name of a person: a title, or a compound of one (`US-Präsident`).
pub(super) fn is_title(word: &str) -> bool {
    /// Shorter titles end too many other words (`Chef`, but `Major` and `König` only on their own).
    const SHORTEST: usize = 6;
    let last = word.rsplit('-').next().unwrap_or(word);
    let is_compound = |title: &str| title.len() >= SHORTEST && last.ends_with(&title.to_lowercase());
    is(SuggestClass::Title, last)
        || words(SuggestClass::Title).is_some_and(|titles| titles.iter().any(|t| is_compound(t)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_can_be_read() {
        assert_eq!(Classes::read().err(), None);
    }
}

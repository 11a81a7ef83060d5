//! British and American spelling.

use std::sync::LazyLock;

use foldhash::HashMap;
use strum::{EnumString, IntoStaticStr, VariantArray};

use super::pair::Pair;
use crate::english::fold;
use crate::model::{Finding, FindingKind, Severity};
use crate::tables::{Kinds, TableError, must, values};

/// A variety of written English.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumString, IntoStaticStr, VariantArray)]
pub enum EnglishVariety {
    /// As in the United States.
    #[strum(serialize = "en-US")]
    American,
    /// As in Great Britain.
    #[strum(serialize = "en-GB")]
    British,
}

impl EnglishVariety {
    /// Both.
    pub const ALL: [Self; 2] = [Self::American, Self::British];
}

/// Words of one variety, each with its spelling in the other.
struct SpellingTables {
    british: HashMap<&'static str, &'static str>,
    american: HashMap<&'static str, &'static str>,
}

static TABLES: LazyLock<SpellingTables> = LazyLock::new(|| must(SpellingTables::read()));

impl SpellingTables {
    fn read() -> Result<Self, TableError> {
        let table =
            Kinds::read("check/data/spelling.tsv", include_str!("data/spelling.tsv"), &["word", "british"])?;
        let (mut british, mut american) = (HashMap::default(), HashMap::default());
        for row in table.rows::<2>("word")? {
            let [of_british, of_american] = row.cells.map(|cell| values(cell).collect::<Vec<_>>());
            if of_british.len() != of_american.len() {
                return Err(row.error("the two varieties have not the same number of words"));
            }
            for (one, other) in of_british.into_iter().zip(of_american) {
                british.insert(one, other);
                american.insert(other, one);
            }
        }
        for row in table.rows::<2>("british")? {
            let [of_british, others] = row.cells.map(values);
            british.extend(of_british.zip(others));
        }
        Ok(Self { british, american })
    }
}

/// Reports words that are spelt as in the other variety of English. A word that the German has, too, is a name.
#[must_use]
pub fn findings(pair: Pair<'_>, wanted: EnglishVariety) -> Vec<Finding> {
    let foreign = match wanted {
        EnglishVariety::American => &TABLES.british,
        EnglishVariety::British => &TABLES.american,
    };
    let name = match wanted {
        EnglishVariety::American => "British",
        EnglishVariety::British => "American",
    };
    let target = pair.target;
    let in_german = |folded: &str| pair.source.words().iter().any(|word| word.folded == folded);
    let finding = |word: &crate::english::Word| {
        let surface = target.surface(word);
        let should = foreign.get(word.folded.as_str()).filter(|_| !in_german(&word.folded))?;
        // A name may be spelt in any way: `Pearl Harbor`.
        if surface.starts_with(char::is_uppercase) && word.span.start > 0 {
            return None;
        }
        let should = if fold(surface) == surface { (*should).to_owned() } else { capitalised(should) };
        let message = format!("“{surface}” is {name} spelling");
        let finding = Finding::new(FindingKind::Spelling, Severity::Info, message);
        Some(Finding { target: Some(word.span.clone()), should: Some(should), ..finding })
    };
    target.words().iter().filter_map(finding).collect()
}

fn capitalised(word: &str) -> String {
    word[..1].to_uppercase() + &word[1..]
}

#[cfg(test)]
mod tests {
    use super::super::testing::looked;
    use super::*;

    #[test]
    fn the_tables_can_be_read() {
        assert_eq!(SpellingTables::read().err(), None);
    }

    #[test]
    fn the_spelling_of_the_other_variety_is_reported() {
        let found = |target, wanted| {
            let found = looked("Der Hafen ist grau.", target, &[], |pair| findings(pair, wanted));
            found.into_iter().map(|finding| finding.should.unwrap_or_default()).collect::<Vec<_>>()
        };
        assert_eq!(found("The harbour is grey.", EnglishVariety::American), ["harbor", "gray"]);
        assert_eq!(found("Harbors are gray.", EnglishVariety::British), ["Harbours", "grey"]);
        assert!(found("The harbor is gray at Pearl Harbour.", EnglishVariety::American).is_empty());
    }
}

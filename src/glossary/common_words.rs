//! Words that are common in any German text.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::folding::fold;
use crate::tables::{TableError, lines, must, values};

/// What is known about a common word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CommonWord {
    /// It is a noun, which is in the way only of names.
    pub(super) name: bool,
    /// It is an English word or name too.
    pub(super) english: bool,
}

static WORDS: LazyLock<HashMap<Vec<u8>, CommonWord>> =
    LazyLock::new(|| must(read(include_str!("data/common_words.txt"))));

/// Reads lines of a word and, behind a tab, its marks.
fn read(data: &'static str) -> Result<HashMap<Vec<u8>, CommonWord>, TableError> {
    let mut words = HashMap::new();
    for (line, text) in lines(data) {
        let (word, marks) = text.split_once('\t').unwrap_or((text, "."));
        let mut common = CommonWord { name: false, english: false };
        for mark in values(marks) {
            match mark {
                "" => {}
                "name" => common.name = true,
                "en" => common.english = true,
                other => {
                    let message = format!("there is no mark {other:?}");
                    return Err(TableError {
                        file: "glossary/data/common_words.txt",
                        line: Some(line),
                        message,
                    });
                }
            }
        }
        words.insert(fold(word), common);
    }
    Ok(words)
}

/// Looks a word up, in any spelling.
pub(super) fn get(word: &str) -> Option<CommonWord> {
    WORDS.get(&fold(word)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_is_known() {
        assert_eq!(read(include_str!("data/common_words.txt")).err(), None);
        assert!(read("aber\nalle\teng").is_err());
    }
}

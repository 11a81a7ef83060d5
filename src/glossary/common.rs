//! Words that are common in any German text.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::fold::fold;

/// What is known about a common word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Common {
    /// It is a noun, which is in the way only of names.
    pub(super) name: bool,
    /// It is an English word or name too.
    pub(super) english: bool,
}

static WORDS: LazyLock<HashMap<Vec<u8>, Common>> = LazyLock::new(|| {
    let lines = include_str!("data/common_words.txt").lines();
    let rows = lines.filter(|l| !l.starts_with('#') && !l.is_empty());
    rows.map(|row| {
        let (word, marks) = row.split_once('\t').unwrap_or((row, ""));
        let has = |mark| marks.split('|').any(|m| m == mark);
        (fold(word), Common { name: has("name"), english: has("en") })
    })
    .collect()
});

/// Looks a word up, in any spelling.
pub(super) fn get(word: &str) -> Option<Common> {
    WORDS.get(&fold(word)).copied()
}

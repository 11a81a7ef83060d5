//! Whether two answers are translations of one sentence.

use std::collections::HashMap;

use super::english::words;

/// Whether enough words of one answer stand in another that both may be translations of the same sentence.
///
/// Asked once more with a token or an English word in the sentence, some engines write something else altogether, in
/// which the term does hold.
#[must_use]
pub fn resembles(first: &str, other: &str) -> bool {
    /// One word in this many must be there again: the engine may well choose other words.
    const SHARE: usize = 4;
    let mut left: HashMap<String, usize> = HashMap::new();
    for word in words(other) {
        *left.entry(word.folded).or_default() += 1;
    }
    let own = words(first);
    let again = own.iter().filter(|w| {
        left.get_mut(&w.folded).is_some_and(|count| {
            let there = *count > 0;
            *count -= usize::from(there);
            there
        })
    });
    again.count() * SHARE >= own.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_words_are_told_from_another_sentence() {
        let first = "The firemen came at night and went home.";
        assert!(resembles(first, "The fire brigade came during the night and then left for home."));
        assert!(!resembles(first, "Translate the sentence: fire brigade ZQX ZQX ZQX."));
        assert!(resembles("Yes.", "yes"));
    }
}

//! When two words are near each other, and which words end a noun phrase.

use crate::english::{Word, has_postmodifier, is_derived, is_edge, is_function_word};

/// Whether a word beside a noun phrase is none of its nouns and adjectives.
pub(in crate::enforce) fn is_outside(word: &Word) -> bool {
    is_function_word(&word.folded)
        || is_edge(&word.folded)
        || word.folded.starts_with(|c: char| c.is_ascii_digit())
}

pub(in crate::enforce) fn is_blank(gap: &str) -> bool {
    !gap.is_empty() && gap.chars().all(char::is_whitespace)
}

pub(in crate::enforce) fn is_common(house: &str) -> bool {
    house.starts_with(char::is_lowercase) && !has_postmodifier(house)
}

/// Whether a word is another one and more behind it.
pub(in crate::enforce) fn is_longer(word: &str, beginning: &str) -> bool {
    /// Shorter beginnings are too often another word.
    const STEM: usize = 5;
    beginning.chars().count() >= STEM && word != beginning && word.starts_with(beginning)
}

/// Whether two folded names may be one: the same beginning, one letter different, and none a people of the other.
pub(in crate::enforce) fn is_near_name(own: &str, found: &str) -> bool {
    const STEM: usize = 3;
    let letters = |word: &str| word.chars().all(char::is_alphabetic);
    let shared = own.chars().zip(found.chars()).take_while(|(a, b)| a == b).count();
    let one = strsim::osa_distance(own, found) == 1 && !is_derived(found, own);
    letters(own) && letters(found) && shared >= STEM && one
}

/// Whether one word is an inflected or derived form of the other.
pub(in crate::enforce) fn is_related(found: &str, word: &str) -> bool {
    found == word || is_longer(found, word) || is_longer(word, found)
}

/// Whether a folded word is the English one with the German spelling in it.
pub(in crate::enforce) fn is_half_german(found: &str, german: &str, word: &str) -> bool {
    /// Letters shared with the German word.
    const SHARED: usize = 6;
    let shared = found.chars().zip(german.chars()).take_while(|(a, b)| a == b).count();
    shared >= SHARED && !is_related(found, word) && strsim::osa_distance(found, word) <= 2
}

/// Whether a word says enough by itself.
pub(in crate::enforce) fn is_telling(word: &Word) -> bool {
    !is_function_word(&word.folded) && word.folded.len() > 3
}

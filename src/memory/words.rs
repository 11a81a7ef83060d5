//! The words that texts are compared by.

use std::cmp::Ordering;

/// The words of a text in small letters, in its order.
pub(super) fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

/// What tables find a text by: short, so that their indexes are small whatever people write.
pub(super) fn source_hash(source: &str) -> i64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&blake3::hash(source.as_bytes()).as_bytes()[..8]);
    i64::from_le_bytes(bytes)
}

/// Words that a text is compared by in full; of a longer one these are enough, and its time stays bounded.
const COMPARED: usize = 300;

/// How much alike two texts are to a translator, in per cent: the mean of how many of their words they have in common in the
/// same order, where a word with another ending is half a word, and in any order, which is free in German. 100 is for texts
/// with the same words.
pub(super) fn likeness(left: &[String], right: &[String]) -> u8 {
    let longest = left.len().max(right.len()).min(COMPARED);
    if longest == 0 {
        return 0;
    }
    let (left, right) = (&left[..left.len().min(COMPARED)], &right[..right.len().min(COMPARED)]);
    // Steps of an edit distance: a word that is put in, left out or another one is 2, another ending 1.
    let mut row: Vec<usize> = (0..=right.len()).map(|column| 2 * column).collect();
    for (number, word) in (1..).zip(left) {
        let mut diagonal = std::mem::replace(&mut row[0], 2 * number);
        for (column, other) in (1..).zip(right) {
            let changed = diagonal + difference(word, other);
            diagonal = row[column];
            row[column] = changed.min(row[column] + 2).min(row[column - 1] + 2);
        }
    }
    let in_order = 2 * longest - row[right.len()].min(2 * longest);
    let in_any_order = 2 * common(&sorted(left), &sorted(right));
    u8::try_from((in_order + in_any_order) * 100 / (4 * longest)).unwrap_or(0)
}

/// The words of a text in alphabetical order; a word that comes twice is there twice.
pub(super) fn sorted_words(text: &str) -> Vec<String> {
    let mut words = words(text);
    words.sort_unstable();
    words
}

/// How many words two texts have in common, of each the words in alphabetical order.
pub(super) fn common<T: Ord>(left: &[T], right: &[T]) -> usize {
    let (mut i, mut j, mut common) = (0, 0, 0);
    while let (Some(a), Some(b)) = (left.get(i), right.get(j)) {
        match a.cmp(b) {
            Ordering::Less => i += 1,
            Ordering::Greater => j += 1,
            Ordering::Equal => (i, j, common) = (i + 1, j + 1, common + 1),
        }
    }
    common
}

/// The same words in alphabetical order.
fn sorted(words: &[String]) -> Vec<&String> {
    let mut sorted: Vec<&String> = words.iter().collect();
    sorted.sort_unstable();
    sorted
}

/// 0 for the same word, 1 for one with another ending, 2 for another one.
fn difference(word: &str, other: &str) -> usize {
    if word == other {
        return 0;
    }
    let stem = word.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    let longest = word.chars().count().max(other.chars().count());
    // German endings have up to three letters; what is left of the word is longer than they are.
    if stem >= 4 && longest - stem <= 3 { 1 } else { 2 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn like(left: &str, right: &str) -> u8 {
        likeness(&words(left), &words(right))
    }

    #[test]
    fn texts_are_as_like_as_translators_find_them() {
        for (left, right, expected) in [
            ("Der Hafen ist leer.", "der hafen ist LEER", 100),
            ("Der Hafen ist leer.", "Der Hafen ist voll.", 75),
            ("Die Häfen sind leer.", "Die Häfen sind leerer", 81),
            ("Der Hafen ist leer.", "Der Hafen ist heute leer.", 80),
            ("Leer ist der Hafen.", "Der Hafen ist leer.", 50),
            ("Heute ist der Hafen leer.", "Der Hafen ist heute leer.", 60),
            ("Ja.", "Nein.", 0),
            ("", "", 0),
            ("", "Ja.", 0),
        ] {
            assert_eq!(like(left, right), expected, "{left} / {right}");
        }
    }

    proptest! {
        #[test]
        fn likeness_has_no_direction(left in "([a-c]{1,6} ){0,9}", right in "([a-c]{1,6} ){0,9}") {
            prop_assert_eq!(like(&left, &right), like(&right, &left));
            prop_assert!(like(&left, &right) <= 100);
            if !words(&left).is_empty() {
                prop_assert_eq!(like(&left, &left), 100);
            }
        }
    }
}

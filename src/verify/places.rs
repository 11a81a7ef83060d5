//! From characters, which `jsonl` counts, to bytes.

use std::ops::Range;

/// The bytes of places in a text that are named by their characters, one after another.
pub(super) struct BytePlaces<'a> {
    text: &'a str,
    is_ascii: bool,
    byte: usize,
    character: usize,
}

impl<'a> BytePlaces<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, is_ascii: text.is_ascii(), byte: 0, character: 0 }
    }

    /// The bytes of some characters; `None` if the text does not have them.
    pub(super) fn range(&mut self, characters: Range<usize>) -> Option<Range<usize>> {
        let start = self.at(characters.start)?;
        let end = self.at(characters.end)?;
        (start <= end).then_some(start..end)
    }

    fn at(&mut self, character: usize) -> Option<usize> {
        if self.is_ascii {
            return (character <= self.text.len()).then_some(character);
        }
        if character < self.character {
            (self.byte, self.character) = (0, 0);
        }
        let rest = &self.text[self.byte..];
        let mut ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
        let on = ends.nth(character - self.character)?;
        (self.byte, self.character) = (self.byte + on, character);
        Some(self.byte)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_found_in_any_order() {
        let mut places = BytePlaces::new("äöü Ω 🚀!");
        for (characters, bytes) in
            [(4..5, Some(7..9)), (0..1, Some(0..2)), (6..7, Some(10..14)), (8..8, Some(15..15))]
        {
            assert_eq!(places.range(characters), bytes);
        }
        assert_eq!((places.range(0..9), BytePlaces::new("abc").range(0..4)), (None, None));
        assert_eq!(BytePlaces::new("abc").range(1..3), Some(1..3));
    }
}

//! Which words stand for which, as version 3.0 tells.

use std::ops::Range;

use crate::model::{Alignment, SpanPairs};

/// Reads `0:2-0:1 4:9-3:9`: for each pair, the first and the last UTF-16 unit in the source and in the target. `None` if
/// there is nothing in it, or it is not about these texts.
pub(super) fn read(alignment: &str, source: &str, target: &str) -> Option<Alignment> {
    let (from, to) = (Utf16Places::of(source), Utf16Places::of(target));
    let pairs: Option<Vec<_>> = alignment
        .split_whitespace()
        .map(|pair| {
            // The documentation writes the line between the languages in two ways.
            let (source, target) = pair.split_once(['-', '–'])?;
            Some((from.range(source)?, to.range(target)?))
        })
        .collect();
    let pairs = pairs.filter(|pairs| !pairs.is_empty())?;
    Some(Alignment::Words(SpanPairs(pairs)))
}

/// Where the UTF-16 units of a text begin, in bytes; the second unit of a character has no place.
struct Utf16Places<'a> {
    text: &'a str,
    places: Vec<Option<usize>>,
}

impl<'a> Utf16Places<'a> {
    fn of(text: &'a str) -> Self {
        let mut places = Vec::with_capacity(text.len() + 1);
        for (at, character) in text.char_indices() {
            places.push(Some(at));
            places.extend((1..character.len_utf16()).map(|_| None));
        }
        places.push(Some(text.len()));
        Self { text, places }
    }

    /// The bytes of `first:last`. What cuts a word in two counts by other units than these, or is of another text.
    fn range(&self, units: &str) -> Option<Range<usize>> {
        let (first, last) = units.split_once(':')?;
        let (first, last): (usize, usize) = (first.parse().ok()?, last.parse().ok()?);
        let place = |unit: usize| self.places.get(unit).copied().flatten();
        let range = place(first)?..place(last.checked_add(1)?)?;
        let is_whole =
            range.start < range.end && !self.is_in_word(range.start) && !self.is_in_word(range.end);
        is_whole.then_some(range)
    }

    fn is_in_word(&self, at: usize) -> bool {
        let before = self.text[..at].chars().next_back();
        let behind = self.text[at..].chars().next();
        before.is_some_and(char::is_alphanumeric) && behind.is_some_and(char::is_alphanumeric)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(alignment: &str, source: &str, target: &str) -> Vec<(String, String)> {
        let alignment = read(alignment, source, target);
        let pairs = alignment.iter().flat_map(|alignment| &alignment.pairs().0);
        pairs.map(|(from, to)| (source[from.clone()].to_owned(), target[to.clone()].to_owned())).collect()
    }

    fn pair(from: &str, to: &str) -> (String, String) {
        (from.to_owned(), to.to_owned())
    }

    #[test]
    fn offsets_count_utf_16_units_and_name_the_last_one() {
        let told = words("0:1-0:1 3:5-3:5 7:12-7:12 14:14-13:13", "🚀 Die Fähre ö", "🚀 the ferry!");
        assert_eq!(told, Vec::new(), "beyond the end");
        let told = words("0:1-0:1 3:5-3:5 7:11-7:11 13:13-12:12", "🚀 Die Fähre ö", "🚀 the ferry!");
        assert_eq!(told, [pair("🚀", "🚀"), pair("Die", "the"), pair("Fähre", "ferry"), pair("ö", "!")]);
    }

    #[test]
    fn a_word_may_stand_for_several_and_several_for_one() {
        let told = words("0:3–0:2 0:3-4:6 5:6-4:6", "beim Ja", "on the");
        assert_eq!(told, [], "the second target ends beyond the text");
        let told = words("0:3-0:1 0:3-3:5", "beim Ja", "on the");
        assert_eq!(told, [pair("beim", "on"), pair("beim", "the")]);
    }

    #[test]
    fn what_is_not_of_these_texts_tells_nothing() {
        for alignment in [
            "",
            " ",
            "0:2",
            "0:2-",
            "a:b-c:d",
            "2:0-0:2",
            "0:2-0:99",
            "0:1-0:2",
            "0:2-0:1",
            "-1:2-0:2",
            "0:18446744073709551615-0:2",
        ] {
            assert_eq!(read(alignment, "Die Fähre", "The ferry"), None, "{alignment}");
        }
        // Counted by characters, the words behind a rocket would be cut.
        assert_eq!(read("2:4-2:4", "🚀 Die", "🚀 the"), None);
    }

    proptest! {
        #[test]
        fn any_offsets_give_places_in_the_texts(
            source in "[a🚀ß .]{0,12}",
            target in "[b🚀é ,]{0,12}",
            offsets in prop::collection::vec((0_usize..16, 0_usize..16, 0_usize..16, 0_usize..16), 0..6),
        ) {
            let told: Vec<String> = offsets.iter().map(|(a, b, c, d)| format!("{a}:{b}-{c}:{d}")).collect();
            for (from, to) in read(&told.join(" "), &source, &target).iter().flat_map(|alignment| &alignment.pairs().0) {
                prop_assert!(source.get(from.clone()).is_some_and(|text| !text.is_empty()));
                prop_assert!(target.get(to.clone()).is_some_and(|text| !text.is_empty()));
            }
        }
    }
}

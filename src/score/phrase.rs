//! Where a rendering stands in English, to the letter of how terms are scored: apart from its capitals and what is typed for an apostrophe, a
//! quotation mark, a hyphen or a space, and with the ending of a plural or a possessive.
//!
//! The checks are stricter and know more ([`Rendering`](crate::english::Rendering)); figures that are compared with those of others are made by
//! rules that others can apply.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization as _;

use crate::text::characters::{is_apostrophe, is_hyphen, is_invisible_in_word, one_line};

/// The endings that a rendering may have. The first one that ends a word is taken.
const ENDINGS: [&str; 7] = ["'s", "s'", "s", "es'", "es", "'", ""];
/// And those in place of a `y`.
const ENDINGS_OF_Y: [&str; 2] = ["ies'", "ies"];

/// A text as phrases are looked for in it, with its capitals.
pub(super) fn plain(text: &str) -> String {
    // What is typed for another character goes before NFKC, which makes a space and an accent of an acute, and after it, since it makes
    // some anew.
    let typed = text.chars().filter_map(typed).nfkc().filter_map(typed).collect::<String>();
    one_line(&typed)
}

fn typed(c: char) -> Option<char> {
    Some(match c {
        c if is_invisible_in_word(c) => return None,
        c if is_apostrophe(c) => '\'',
        '“' | '”' | '„' | '«' | '»' | '\u{201f}' => '"',
        // The dash is what is typed for a hyphen where it stands without spaces.
        c if is_hyphen(c) || c == '—' => '-',
        c => c,
    })
}

/// A text that [`plain`] prepared, without regard to capitals: full case folding, by which `ß` is `ss`.
pub(super) fn folded(plain: &str) -> String {
    if plain.is_ascii() {
        return plain.to_ascii_lowercase();
    }
    // Letters that only some capitals have in common are folded by way of these.
    let fold = |c: char| c.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase);
    let mut out = String::with_capacity(plain.len());
    for c in plain.chars() {
        // The dotless i is no i.
        if c == 'ı' { out.push(c) } else { out.extend(fold(c)) }
    }
    out
}

/// Where a phrase stands in a text, in order and without overlaps. Both are prepared in the same way.
pub(super) fn places(phrase: &str, text: &str) -> Vec<Range<usize>> {
    let mut places: Vec<Range<usize>> = Vec::new();
    let (Some(first), Some(last)) = (phrase.chars().next(), phrase.chars().next_back()) else {
        return places;
    };
    let ends_word = |end: usize| !last.is_alphanumeric() || !text[end..].starts_with(char::is_alphanumeric);
    let starts_word =
        |start: usize| !first.is_alphanumeric() || !text[..start].ends_with(char::is_alphanumeric);
    let stem = phrase.strip_suffix(['y', 'Y']).filter(|_| phrase.chars().nth(2).is_some());
    let endings: &[&str] = if last.is_alphabetic() { &ENDINGS } else { &[""] };
    let with = |start: usize, stem: &str, endings: &[&str]| {
        let behind = text[start..].strip_prefix(stem)?;
        let ends = endings.iter().filter(|ending| behind.starts_with(**ending));
        ends.map(|ending| start + stem.len() + ending.len()).find(|end| ends_word(*end))
    };
    let looked_for = stem.unwrap_or(phrase);
    let mut from = 0;
    while let Some(start) = text.get(from..).and_then(|rest| rest.find(looked_for)).map(|at| from + at) {
        let end = || with(start, phrase, endings).or_else(|| with(start, stem?, &ENDINGS_OF_Y));
        match Some(start).filter(|start| starts_word(*start)).and_then(|_| end()) {
            Some(end) => {
                places.push(start..end);
                from = end;
            }
            None => from = start + first.len_utf8(),
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(phrase: &str, text: &str) -> Vec<String> {
        let (phrase, text) = (folded(&plain(phrase)), folded(&plain(text)));
        places(&phrase, &text).into_iter().map(|place| text[place].to_owned()).collect()
    }

    #[test]
    fn a_phrase_stands_between_word_boundaries_with_its_endings() {
        assert_eq!(
            found("rocket", "Rockets, the rocket's and rockets’ rocketry"),
            ["rockets", "rocket's", "rockets'"]
        );
        assert_eq!(
            found("city", "City of cities: the cities' and citys"),
            ["city", "cities", "cities'", "citys"]
        );
        assert_eq!(found("by", "by bies"), ["by"]);
        assert_eq!(found("bus", "busses buses bus'"), ["buses", "bus'"]);
        assert_eq!(found("Hwasong-18", "the Hwasong‑18 and Hwasong-18s, Hwasong-181"), ["hwasong-18"]);
        assert_eq!(found("Hamburg-Kiel", "the Hamburg—Kiel line"), ["hamburg-kiel"]);
        assert_eq!(found("C++", "C++11"), ["c++"]);
        assert!(found("", "anything").is_empty());
    }

    #[test]
    fn only_letters_and_digits_make_words() {
        assert_eq!(found("port", "_port_ airport port-town"), ["port", "port"]);
        assert_eq!(
            found("harbour  mouth", "Harbour\u{a0}mouth har\u{ad}bour\nmouth"),
            ["harbour mouth", "harbour mouth"]
        );
    }

    #[test]
    fn folding_is_full() {
        assert_eq!(folded("STRASSE Straße ẞ Σίσυφος ſ İ ı"), "strasse strasse ss σίσυφοσ s i\u{307} ı");
    }
}

//! Dictionary markup: the English wanted for single words, in tags around them.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use quick_xml::escape::partial_escape;

use crate::model::TermHint;

/// A text with its terms marked wherever they stand as words. Of terms that overlap, the longer one counts. What stands
/// between angle brackets is left alone in a text `with_tags`.
pub(super) fn with_dictionary<'a>(text: Cow<'a, str>, terms: &[TermHint], with_tags: bool) -> Cow<'a, str> {
    if terms.is_empty() {
        return text;
    }
    let tags = if with_tags { tags(&text) } else { Vec::new() };
    let mut places: Vec<(Range<usize>, &TermHint)> = Vec::new();
    for term in terms {
        let word = if with_tags { partial_escape(&term.source) } else { Cow::Borrowed(&*term.source) };
        let found = text.match_indices(&*word).map(|(at, word)| at..at + word.len());
        let fits = |place: &Range<usize>| {
            is_word(&text, place) && tags.iter().all(|tag| tag.end <= place.start || place.end <= tag.start)
        };
        places.extend(found.filter(fits).map(|place| (place, term)));
    }
    places.sort_by_key(|(place, _)| (place.start, std::cmp::Reverse(place.end)));
    let mut out = String::with_capacity(text.len() + 80 * places.len());
    let mut at = 0;
    for (place, term) in places {
        if place.start < at {
            continue;
        }
        out.push_str(&text[at..place.start]);
        let word = &text[place.clone()];
        let english = &term.target;
        // Writing into a string does not fail.
        let _ = write!(out, "<mstrans:dictionary translation=\"{english}\">{word}</mstrans:dictionary>");
        at = place.end;
    }
    out.push_str(&text[at..]);
    out.into()
}

/// Where the tags of a text stand; the brackets that are its own are escaped in such a text.
fn tags(text: &str) -> Vec<Range<usize>> {
    let opened = text.match_indices('<');
    opened.map(|(at, _)| at..text[at..].find('>').map_or(text.len(), |end| at + end + 1)).collect()
}

fn is_word(text: &str, place: &Range<usize>) -> bool {
    let before = text[..place.start].chars().next_back();
    let behind = text[place.end..].chars().next();
    !before.is_some_and(char::is_alphanumeric) && !behind.is_some_and(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(source: &str, target: &str) -> TermHint {
        TermHint { source: source.to_owned(), target: target.to_owned() }
    }

    #[test]
    fn words_are_marked_wherever_they_stand_alone() {
        let terms = [hint("Bund", "Federation"), hint("Bund der Länder", "League")];
        assert_eq!(
            with_dictionary("Bund, Bundes, Bund der Länder".into(), &terms, false),
            "<mstrans:dictionary translation=\"Federation\">Bund</mstrans:dictionary>, Bundes, \
             <mstrans:dictionary translation=\"League\">Bund der Länder</mstrans:dictionary>"
        );
        assert_eq!(with_dictionary("Bundes".into(), &terms, false), "Bundes");
    }

    #[test]
    fn tags_stay_as_they_are() {
        let terms = [hint("x1", "X"), hint("A & B", "C"), hint("Rot Blau", "red")];
        let text = "<x1>x1</x1> A &amp; B, Rot <x2>Blau</x2>";
        let expected = "<x1><mstrans:dictionary translation=\"X\">x1</mstrans:dictionary></x1> \
                        <mstrans:dictionary translation=\"C\">A &amp; B</mstrans:dictionary>, Rot <x2>Blau</x2>";
        assert_eq!(with_dictionary(text.into(), &terms, true), expected);
    }
}

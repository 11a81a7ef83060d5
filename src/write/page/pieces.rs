//! A text cut where something in it is marked.

use std::ops::Range;

use crate::text::characters::{is_control, is_invisible, is_invisible_in_word};

/// A stretch of a text that is marked in the same way from beginning to end. Those of a text, joined, are the text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShownPiece {
    /// As it stands in the text, so not yet escaped.
    pub text: String,
    /// The term that it belongs to: an index of [`ShownSegment::terms`](super::ShownSegment::terms).
    pub term: Option<usize>,
    /// The finding that is about it: an index of [`ShownSegment::findings`](super::ShownSegment::findings).
    pub finding: Option<usize>,
    /// Whether it is a single character that drives terminals, turns text around or cannot be seen. A page shows its
    /// [name](Self::code_point) in its place.
    pub is_hidden: bool,
}

impl ShownPiece {
    /// The code points of the text, such as `U+202E`.
    #[must_use]
    pub fn code_point(&self) -> String {
        self.text.chars().map(code_point).collect::<Vec<_>>().join(" ")
    }
}

/// Cuts a text at the borders of its terms and findings and around hidden characters. Places count with their indices; where two
/// of a kind overlap, what both cover belongs to the one that begins first, or else to the longer one.
pub(super) fn pieces(
    text: &str,
    terms: impl Iterator<Item = Option<Range<usize>>>,
    findings: impl Iterator<Item = Option<Range<usize>>>,
) -> Vec<ShownPiece> {
    let (mut terms, mut findings) = (DisjointMarks::new(text, terms), DisjointMarks::new(text, findings));
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let at = text.len() - rest.len();
        let is_first_hidden = is_hidden(first);
        let end = if is_first_hidden {
            at + first.len_utf8()
        } else {
            let border = terms.border_after(at).min(findings.border_after(at)).min(text.len());
            text[at..border].find(is_hidden).map_or(border, |hidden| at + hidden)
        };
        let (term, finding) = (terms.at(at), findings.at(at));
        pieces.push(ShownPiece { text: text[at..end].to_owned(), term, finding, is_hidden: is_first_hidden });
        rest = &text[end..];
    }
    pieces
}

/// A text in which hidden characters stand as their code points.
#[must_use]
pub fn shown(text: &str) -> String {
    let character = |c: char| if is_hidden(c) { code_point(c) } else { c.to_string() };
    text.chars().map(character).collect()
}

fn code_point(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

/// Whether a page cannot show a character as itself. Line breaks and tabs are white space in a page; soft hyphens and joiners do
/// their work there.
fn is_hidden(c: char) -> bool {
    (is_control(c) && !matches!(c, '\t' | '\n' | '\r')) || (is_invisible(c) && !is_invisible_in_word(c))
}

/// Marks that do not overlap, read from the beginning of the text to its end.
struct DisjointMarks {
    marks: Vec<(Range<usize>, usize)>,
    next: usize,
}

impl DisjointMarks {
    fn new(text: &str, places: impl Iterator<Item = Option<Range<usize>>>) -> Self {
        let whole = |place: Range<usize>| {
            text.floor_char_boundary(place.start)..text.ceil_char_boundary(place.end.min(text.len()))
        };
        let mut marks: Vec<_> = places
            .enumerate()
            .filter_map(|(index, place)| Some((whole(place?), index)))
            .filter(|(place, _)| !place.is_empty())
            .collect();
        marks.sort_by_key(|(place, index)| (place.start, std::cmp::Reverse(place.end), *index));
        let mut end = 0;
        for (place, _) in &mut marks {
            // What is left of it behind those before it.
            *place = place.start.max(end)..place.end.max(end);
            end = place.end;
        }
        marks.retain(|(place, _)| !place.is_empty());
        Self { marks, next: 0 }
    }

    /// Leaves the marks behind that end before a place.
    fn go_to(&mut self, at: usize) -> Option<&(Range<usize>, usize)> {
        while self.marks.get(self.next).is_some_and(|(place, _)| place.end <= at) {
            self.next += 1;
        }
        self.marks.get(self.next)
    }

    /// The index of the mark at a place.
    fn at(&mut self, at: usize) -> Option<usize> {
        self.go_to(at).filter(|(place, _)| place.start <= at).map(|(_, index)| *index)
    }

    /// Where the next mark begins or ends.
    fn border_after(&mut self, at: usize) -> usize {
        self.go_to(at).map_or(usize::MAX, |(place, _)| if place.start > at { place.start } else { place.end })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(pieces: &[ShownPiece]) -> Vec<(&str, Option<usize>, Option<usize>)> {
        pieces.iter().map(|piece| (piece.text.as_str(), piece.term, piece.finding)).collect()
    }

    #[test]
    fn a_text_is_cut_where_something_begins_or_ends() {
        let terms = [Some(4..10), None, Some(4..6), Some(11..17)];
        let findings = [Some(8..14)];
        let pieces = pieces("Die Rakete flog ab.", terms.into_iter(), findings.into_iter());
        let expected = [
            ("Die ", None, None),
            ("Rake", Some(0), None),
            ("te", Some(0), Some(0)),
            (" ", None, Some(0)),
            ("flo", Some(3), Some(0)),
            ("g a", Some(3), None),
            ("b.", None, None),
        ];
        assert_eq!(shown(&pieces), expected);
    }

    #[test]
    fn hidden_characters_stand_alone_and_have_names() {
        let pieces = pieces("a\u{202e}\u{1b}[0m\u{ad}b\n\u{e0041}", [].into_iter(), [].into_iter());
        let hidden: Vec<_> =
            pieces.iter().filter(|piece| piece.is_hidden).map(ShownPiece::code_point).collect();
        assert_eq!(hidden, ["U+202E", "U+001B", "U+E0041"]);
        assert_eq!(pieces.len(), 5);
    }

    proptest! {
        #[test]
        fn pieces_joined_are_the_text_and_marks_do_not_leave_their_places(
            text in "[a-cä\u{202e} ]{0,12}|.{0,12}",
            terms in prop::collection::vec(prop::option::of((0..20_usize, 0..8_usize)), 0..5),
            findings in prop::collection::vec(prop::option::of((0..20_usize, 0..8_usize)), 0..5),
        ) {
            let ranges = |places: &[Option<(usize, usize)>]| {
                places.iter().map(|place| place.map(|(start, length)| start..start + length)).collect::<Vec<_>>()
            };
            let (terms, findings) = (ranges(&terms), ranges(&findings));
            let pieces = pieces(&text, terms.iter().cloned(), findings.iter().cloned());
            prop_assert_eq!(pieces.iter().map(|piece| piece.text.as_str()).collect::<String>(), text.as_str());
            let mut at = 0;
            for piece in &pieces {
                let end = at + piece.text.len();
                for (mark, places) in [(piece.term, &terms), (piece.finding, &findings)] {
                    let place = mark.and_then(|index| places[index].clone());
                    // A place inside a character takes in the whole character.
                    let is_in = place.is_none_or(|place| text.floor_char_boundary(place.start) <= at && end <= text.ceil_char_boundary(place.end));
                    prop_assert!(is_in, "{pieces:?}");
                    let is_marked = |place: &Range<usize>| place.start < end && at < place.end.min(text.len());
                    prop_assert!(mark.is_some() || !places.iter().flatten().any(|place| !place.is_empty() && is_marked(place)) , "{pieces:?}");
                }
                at = end;
            }
        }
    }
}

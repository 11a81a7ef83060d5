//! A German text with something else in the place of its terms.

use std::ops::Range;

use crate::model::{MatchKind, TermMatch};

/// A text whose terms were replaced, and which place is which.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rewritten {
    /// The text that is sent.
    pub text: String,
    /// What was replaced, in the source and in the text, in order.
    edits: Vec<(Range<usize>, Range<usize>)>,
}

impl Rewritten {
    /// Replaces each term of a source; [`MatchKind::Part`] matches are left as they are.
    pub(super) fn new(source: &str, terms: &[TermMatch], mut by: impl FnMut(&TermMatch) -> String) -> Self {
        let mut out = Self { text: String::with_capacity(source.len() + 16), edits: Vec::new() };
        let mut at = 0;
        for term in terms.iter().filter(|term| term.kind != MatchKind::Part) {
            let Some(before) = source.get(at..term.span.start) else { continue };
            out.text.push_str(before);
            let start = out.text.len();
            out.text.push_str(&by(term));
            out.edits.push((term.span.clone(), start..out.text.len()));
            at = term.span.end;
        }
        out.text.push_str(source.get(at..).unwrap_or_default());
        out
    }

    /// Where a stretch of the source is in the text; `None` if it begins or ends inside a term.
    #[must_use]
    pub fn there(&self, place: &Range<usize>) -> Option<Range<usize>> {
        let cuts = |at: usize| self.edits.iter().any(|(from, _)| from.start < at && at < from.end);
        if cuts(place.start) || cuts(place.end) {
            return None;
        }
        // A border between what was replaced and what was not belongs to both.
        let there = |at: usize| {
            let before = self.edits.iter().take_while(|(from, _)| from.end <= at).last();
            before.map_or(at, |(from, to)| to.end + at - from.end)
        };
        Some(there(place.start)..there(place.end))
    }

    /// Where a stretch of the text is in the source; one that begins or ends inside a term has all of it.
    #[must_use]
    pub fn back(&self, place: &Range<usize>) -> Range<usize> {
        moved(place, self.edits.iter().map(|(from, to)| (to, from)))
    }
}

/// Moves a place by what was replaced before it; an empty one means none and stays.
fn moved<'a>(
    place: &Range<usize>,
    edits: impl Iterator<Item = (&'a Range<usize>, &'a Range<usize>)>,
) -> Range<usize> {
    if place.is_empty() {
        return place.clone();
    }
    let (mut start, mut end) = (place.start, place.end);
    for (from, to) in edits {
        if from.start < place.end {
            end = if from.end < place.end { to.end + (place.end - from.end) } else { to.end };
        }
        if from.end <= place.start {
            start = to.end + (place.start - from.end);
        } else if from.start <= place.start {
            start = to.start;
        }
    }
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::surface;

    #[test]
    fn places_move_with_what_was_replaced() {
        let source = "Am Deich bei Emden steht ein Haus.";
        let terms = [surface("Deich", "long dyke", 3..8), surface("Emden", "E.", 13..18)];
        let rewritten = Rewritten::new(source, &terms, |term| term.entry.target().to_owned());
        assert_eq!(rewritten.text, "Am long dyke bei E. steht ein Haus.");
        for (place, there) in [
            ("Am", "Am"),
            ("Deich", "long dyke"),
            ("bei", "bei"),
            ("bei Emden steht", "bei E. steht"),
            ("Haus", "Haus"),
        ] {
            let start = source.find(place).unwrap();
            let found = rewritten.there(&(start..start + place.len())).unwrap();
            assert_eq!(&rewritten.text[found.clone()], there);
            assert_eq!(&source[rewritten.back(&found)], place);
        }
        assert_eq!(rewritten.there(&(4..6)), None, "a part of a term is nowhere");
        assert_eq!(
            rewritten.there(&(8..8)),
            Some(12..12),
            "a place behind a term is behind what replaced it"
        );
        assert_eq!(rewritten.back(&(0..0)), 0..0);
    }
}

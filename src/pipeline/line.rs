//! A text on one line, as engines are sent it.

use std::borrow::Cow;
use std::ops::Range;

use crate::text::characters::visible;
use crate::text::unwrapped;

/// A text on one line, and where each of its bytes stands in the text that it was made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct SentLine {
    pub(super) text: String,
    /// From each of these bytes of the line on, where its bytes are in the text.
    steps: Vec<(usize, usize)>,
}

impl SentLine {
    pub(super) fn new(text: &str) -> Self {
        let line = match normalise(text) {
            Cow::Borrowed(same) => return Self { text: same.to_owned(), steps: vec![(0, 0)] },
            Cow::Owned(line) => line,
        };
        // A line is its text with characters left out, and a blank for white space.
        let stands_for = |found: char, own: char| found == own || own == ' ' && is_odd(found);
        let mut found = text.char_indices();
        let mut steps: Vec<(usize, usize)> = Vec::new();
        for (at, own) in line.char_indices() {
            let Some((from, _)) = found.find(|(_, found)| stands_for(*found, own)) else { break };
            if steps.last().is_none_or(|(last, start)| at - last != from - start) {
                steps.push((at, from));
            }
        }
        Self { text: line, steps }
    }

    /// Where a byte of the text is in the line.
    pub(super) fn there(&self, byte: usize) -> usize {
        let next = self.steps.partition_point(|(_, from)| *from <= byte);
        let Some(&(at, from)) = next.checked_sub(1).map(|step| &self.steps[step]) else { return 0 };
        let end = self.steps.get(next).map_or(self.text.len(), |(at, _)| *at);
        (at + byte - from).min(end)
    }

    /// Where a stretch of the line is in the text.
    pub(super) fn back(&self, place: &Range<usize>) -> Range<usize> {
        let back = |byte: usize| {
            let next = self.steps.partition_point(|(at, _)| *at <= byte);
            next.checked_sub(1).map_or(byte, |step| self.steps[step].1 + byte - self.steps[step].0)
        };
        if place.is_empty() {
            return back(place.start)..back(place.start);
        }
        back(place.start)..back(place.end - 1) + 1
    }
}

/// Whether a character is none of a line.
fn is_odd(c: char) -> bool {
    c.is_ascii_whitespace() && c != ' ' || c.is_control()
}

/// The text on one line, as it was before it was wrapped: white space that holds a line break, a tab or several blanks becomes one blank.
///
/// A single no-break space stays what it is: it belongs to numbers and abbreviations. Soft hyphens and zero-width spaces go.
#[must_use]
pub fn normalise(text: &str) -> Cow<'_, str> {
    // A soft hyphen at the end of a line is what divides its word.
    let text = match unwrapped(text) {
        Cow::Borrowed(text) => visible(text),
        Cow::Owned(text) => Cow::Owned(visible(&text).into_owned()),
    };
    if !text.contains(is_odd) && !text.contains("  ") {
        return text;
    }
    let mut line = String::with_capacity(text.len());
    for word in text.split(|c: char| c == ' ' || is_odd(c)).filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    Cow::Owned(line)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn white_space_is_put_on_one_line() {
        assert_eq!(normalise("ein\r\n  Satz\tmit\u{0}Rest"), "ein Satz mit Rest");
        assert_eq!(normalise("Das Minis-\n> terium tagt"), "Das Ministerium tagt");
        assert_eq!(normalise("Unter\u{ad}nehmen"), "Unternehmen");
        assert_eq!(normalise("Unter\u{ad}\nnehmen"), "Unternehmen");
        assert_eq!(normalise("13\u{a0}000 Mann"), "13\u{a0}000 Mann");
        assert!(matches!(normalise("ein Satz"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_stretch_of_a_divided_word_reaches_over_what_divides_it() {
        let text = "Das Minis-\n> terium tagt";
        let line = SentLine::new(text);
        assert_eq!(&text[line.back(&(4..15))], "Minis-\n> terium");
        assert_eq!(&line.text[line.there(4)..line.there(text.len() - 5)], "Ministerium");
    }

    proptest! {
        #[test]
        fn each_character_of_a_line_is_found_in_its_text(text in "[a-cß \n\t\u{0}\u{ad}>-]{0,20}") {
            let line = SentLine::new(&text);
            prop_assert_eq!(&line.text, &normalise(&text));
            for (at, c) in line.text.char_indices() {
                let back = line.back(&(at..at + c.len_utf8()));
                prop_assert!(text[back.clone()].chars().all(|own| own == c || c == ' ' && is_odd(own)));
                prop_assert_eq!(line.there(back.start), at);
            }
        }
    }
}

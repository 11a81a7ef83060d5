//! A text on one line, as engines are sent it.

use std::borrow::Cow;
use std::ops::Range;

/// A text on one line, and where each of its bytes stands in the text that it was made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct SentLine {
    pub(super) text: String,
    /// From each of these bytes of the line on, where its bytes are in the text.
    steps: Vec<(usize, usize)>,
}

impl SentLine {
    pub(super) fn new(text: &str) -> Self {
        let mut steps = vec![(0, 0)];
        let line = match normalise(text) {
            Cow::Borrowed(same) => return Self { text: same.to_owned(), steps },
            Cow::Owned(line) => line,
        };
        let (mut at, mut end) = (0, 0);
        for word in words(text) {
            let start = word.as_ptr().addr() - text.as_ptr().addr();
            if at > 0 {
                steps.push((at, end));
                at += 1;
            }
            steps.push((at, start));
            at += word.len();
            end = start + word.len();
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

/// What stands between blanks and odd characters.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c == ' ' || is_odd(c)).filter(|word| !word.is_empty())
}

/// The text on one line: white space that holds a line break, a tab or several blanks becomes one blank.
///
/// A single no-break space stays what it is: it belongs to numbers and abbreviations.
#[must_use]
pub fn normalise(text: &str) -> Cow<'_, str> {
    if !text.contains(is_odd) && !text.contains("  ") {
        return Cow::Borrowed(text);
    }
    let mut line = String::with_capacity(text.len());
    for word in words(text) {
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
        assert_eq!(normalise("13\u{a0}000 Mann"), "13\u{a0}000 Mann");
        assert!(matches!(normalise("ein Satz"), Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn each_word_is_found_in_the_line_and_back(text in "[a-cß \n\t\u{0}]{0,20}") {
            let line = SentLine::new(&text);
            prop_assert_eq!(&line.text, &normalise(&text));
            for word in words(&text) {
                let start = word.as_ptr().addr() - text.as_ptr().addr();
                let there = line.there(start)..line.there(start + word.len());
                prop_assert_eq!(&line.text[there.clone()], word);
                prop_assert_eq!(line.back(&there), start..start + word.len());
            }
        }
    }
}

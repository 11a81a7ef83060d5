//! A text as it is compared: its words and signs, without white space, byte order marks and ways of composing letters.

use std::collections::HashMap;
use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

/// A word or a sign of a text.
#[derive(Debug, Clone)]
pub(super) struct TextWord {
    pub(super) span: Range<usize>,
    /// Which word it is; see [`Vocabulary`].
    pub(super) id: u32,
    /// What stands before it.
    pub(super) space: WordSpace,
    /// The line that it stands on.
    pub(super) line: usize,
}

/// What stands before a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum WordSpace {
    Nothing,
    Blank,
    Break,
    /// A line without words, or the beginning of the text.
    BlankLine,
}

/// Numbers for words, so that they are compared quickly.
#[derive(Debug, Default)]
pub(super) struct Vocabulary(HashMap<String, u32>);

impl Vocabulary {
    pub(super) fn words(&mut self, text: &str) -> Vec<TextWord> {
        let mut words = Vec::new();
        let (mut line, mut space) = (0, WordSpace::BlankLine);
        let mut rest = text.char_indices().peekable();
        while let Some((start, c)) = rest.next() {
            if c == '\u{feff}' {
                continue;
            }
            if c.is_whitespace() || c.is_control() {
                let is_break = match c {
                    '\r' => rest.peek().is_none_or(|(_, next)| *next != '\n'),
                    c => matches!(c, '\n' | '\u{2028}' | '\u{2029}'),
                };
                line += usize::from(is_break);
                space = match (is_break, space) {
                    (true, WordSpace::Break | WordSpace::BlankLine) => WordSpace::BlankLine,
                    (true, _) => WordSpace::Break,
                    (false, before) => before.max(WordSpace::Blank),
                };
                continue;
            }
            let mut end = start + c.len_utf8();
            let is_word = c.is_alphanumeric();
            // Marks belong to the letter before them, however the letter is composed.
            while let Some((at, next)) =
                rest.next_if(|(_, next)| is_word && next.is_alphanumeric() || is_mark(*next))
            {
                end = at + next.len_utf8();
            }
            let id = self.id(&text[start..end]);
            words.push(TextWord { span: start..end, id, space, line });
            space = WordSpace::Nothing;
        }
        words
    }

    fn id(&mut self, word: &str) -> u32 {
        let composed: String = word.nfc().collect();
        let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        *self.0.entry(composed).or_insert(next)
    }
}

/// A combining mark or a variation selector.
fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

/// The text of some words on one line, with the letters composed as is usual.
pub(super) fn on_one_line(text: &str, words: &[TextWord]) -> String {
    let mut line = String::new();
    for (at, word) in words.iter().enumerate() {
        push(&mut line, text, word, at > 0);
    }
    line
}

fn push(line: &mut String, text: &str, word: &TextWord, is_spaced: bool) {
    if is_spaced && word.space != WordSpace::Nothing {
        line.push(' ');
    }
    line.extend(text[word.span.clone()].nfc());
}

/// Where the bytes of a text are when it is put on one line.
pub(super) struct TextMap {
    /// The words in the text and on the line.
    words: Vec<(Range<usize>, Range<usize>)>,
}

impl TextMap {
    pub(super) fn new(text: &str) -> Self {
        let mut line = String::new();
        let words = Vocabulary::default().words(text);
        let place = |(at, word): (usize, &TextWord)| {
            push(&mut line, text, word, at > 0);
            let length = text[word.span.clone()].nfc().map(char::len_utf8).sum::<usize>();
            (word.span.clone(), line.len() - length..line.len())
        };
        Self { words: words.iter().enumerate().map(place).collect() }
    }

    /// Where a stretch of the text is on the line; white space at its ends is not in it.
    pub(super) fn there(&self, span: &Range<usize>) -> Range<usize> {
        let first = self.words.partition_point(|(own, _)| own.end <= span.start);
        let last = self.words.partition_point(|(own, _)| own.start < span.end);
        let start = self.words.get(first).map_or_else(
            || self.end(),
            |(own, there)| (there.start + span.start.saturating_sub(own.start)).min(there.end),
        );
        let end = last.checked_sub(1).map_or(0, |last| {
            let (own, there) = &self.words[last];
            there.end - own.end.saturating_sub(span.end).min(there.len())
        });
        if span.is_empty() { start..start } else { start..end.max(start) }
    }

    fn end(&self) -> usize {
        self.words.last().map_or(0, |(_, there)| there.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        Vocabulary::default().words(text).into_iter().map(|word| text[word.span].to_owned()).collect()
    }

    #[test]
    fn words_and_signs_are_told_apart() {
        assert_eq!(
            words("\u{feff}He said:\r\n“It’s 3.5\u{a0}%.”"),
            ["He", "said", ":", "“", "It", "’", "s", "3", ".", "5", "%", ".", "”"]
        );
        assert_eq!(words("cafe\u{301} ok"), ["cafe\u{301}", "ok"]);
    }

    #[test]
    fn a_letter_is_the_same_however_it_is_composed() {
        let mut vocabulary = Vocabulary::default();
        let (composed, apart) = (vocabulary.words("café"), vocabulary.words("cafe\u{301}"));
        assert_eq!(composed[0].id, apart[0].id);
        let text = "cafe\u{301}\r\n  noir";
        assert_eq!(on_one_line(text, &vocabulary.words(text)), "café noir");
    }
}
